// Reads CSV (RFC 4180) record by record in constant memory.
//
//   CsvReader csv(file);
//   while (csv.Next()) Use(csv.fields());
//
// Lines end in LF or CRLF; a byte order mark and empty lines are skipped. A quote that is never closed, text
// behind a closing quote and a record of more than 64 KiB make one line malformed; reading goes on with the
// next line.
#pragma once

#include <cstdint>
#include <deque>
#include <istream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace loyalty::cli {

class CsvReader {
 public:
  // The buffer holds at least the longest record that is to be read.
  explicit CsvReader(std::istream& in, size_t buffer_bytes = 262'144);

  // Moves to the next record; false at the end. What the accessors return holds until then.
  bool Next();

  // The fields, without their quotes. Of a malformed record: the line as it is, as one field.
  const std::vector<absl::string_view>& fields() const { return fields_; }
  // The record's text, without the line end.
  absl::string_view record() const { return record_; }
  // What is wrong with the record; empty when it is well-formed.
  absl::string_view malformed() const { return malformed_; }
  // The line on which the record begins; the first is 1.
  int64_t line() const { return line_; }
  // Bytes of the input up to the end of this record.
  int64_t bytes() const { return bytes_; }

 private:
  enum class Parse { kComplete, kNeedsMore, kMalformed };

  bool Refill();
  Parse ParseRecord();
  Parse ParseQuoted(size_t& at);
  void TakeMalformedLine();
  void SkipRestOfLine();
  void Consume(size_t size);

  std::istream& in_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // unread bytes of the buffer
  size_t end_ = 0;
  bool at_end_of_input_ = false;
  bool skip_line_ = false;  // the rest of a line that was too long

  std::vector<absl::string_view> fields_;
  std::deque<std::string> unescaped_;  // fields with "" in them
  size_t unescaped_used_ = 0;
  absl::string_view record_;
  absl::string_view malformed_;
  size_t record_size_ = 0;  // with its line end
  int64_t line_ = 0;
  int64_t next_line_ = 1;
  int64_t bytes_ = 0;
};

// One record of CSV text that was read before. A malformed one comes back as one field.
std::vector<std::string> SplitRecord(absl::string_view record);

// The field as CSV text: quoted when it has to be.
std::string CsvField(absl::string_view field);

}  // namespace loyalty::cli
