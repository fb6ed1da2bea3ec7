#include "cli/import/csv_reader.h"

#include <algorithm>
#include <cstring>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace loyalty::cli {
namespace {

constexpr size_t kRecordBytesMax = 65'536;
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

absl::string_view WithoutCarriageReturn(absl::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace

CsvReader::CsvReader(std::istream& in, size_t buffer_bytes) : in_(in), buffer_(buffer_bytes) {
  Refill();
  if (absl::string_view(buffer_.data(), end_).substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    Consume(kByteOrderMark.size());
  }
}

bool CsvReader::Next() {
  if (skip_line_) SkipRestOfLine();
  while (begin_ < end_ || Refill()) {
    Parse parse = ParseRecord();
    if (parse == Parse::kNeedsMore) {
      if (Refill()) continue;
      malformed_ = "a quote is not closed, or the record is longer than 64 KiB";
      parse = Parse::kMalformed;
    }
    if (parse == Parse::kMalformed) {
      TakeMalformedLine();
      return true;
    }
    line_ = next_line_;
    next_line_ += std::count(buffer_.data() + begin_, buffer_.data() + begin_ + record_size_, '\n');
    Consume(record_size_);
    if (!record_.empty()) return true;
  }
  return false;
}

// Reads more behind the unread bytes. False when there is no more, or no record may be so long.
bool CsvReader::Refill() {
  if (at_end_of_input_ || end_ - begin_ >= kRecordBytesMax) return false;
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  in_.read(buffer_.data() + end_, static_cast<std::streamsize>(buffer_.size() - end_));
  const auto count = static_cast<size_t>(in_.gcount());
  end_ += count;
  at_end_of_input_ = !in_;
  return count > 0;
}

// Splits the record that begins at begin_, without consuming it.
CsvReader::Parse CsvReader::ParseRecord() {
  fields_.clear();
  unescaped_used_ = 0;
  malformed_ = {};
  size_t at = begin_;
  for (;;) {
    if (at < end_ && buffer_[at] == '"') {
      if (const Parse parse = ParseQuoted(at); parse != Parse::kComplete) return parse;
    } else {
      const size_t first = at;
      while (at < end_ && buffer_[at] != ',' && buffer_[at] != '\n') ++at;
      if (at == end_ && !at_end_of_input_) return Parse::kNeedsMore;
      const absl::string_view field(buffer_.data() + first, at - first);
      const bool last = at == end_ || buffer_[at] == '\n';
      fields_.push_back(last ? WithoutCarriageReturn(field) : field);
    }
    if (at < end_ && buffer_[at] == ',') {
      ++at;
      continue;
    }
    record_ = WithoutCarriageReturn({buffer_.data() + begin_, at - begin_});
    record_size_ = std::min(at + 1, end_) - begin_;
    if (record_.size() <= kRecordBytesMax) return Parse::kComplete;
    malformed_ = "the record is longer than 64 KiB";
    return Parse::kMalformed;
  }
}

// A field in quotes; `at` goes from its opening quote to the comma or the line end behind it.
CsvReader::Parse CsvReader::ParseQuoted(size_t& at) {
  const size_t first = ++at;
  bool escapes = false;
  for (;;) {
    const void* quote = std::memchr(buffer_.data() + at, '"', end_ - at);
    if (quote == nullptr) return Parse::kNeedsMore;
    at = static_cast<const char*>(quote) - buffer_.data() + 1;
    if (at == end_ && !at_end_of_input_) return Parse::kNeedsMore;
    if (at == end_ || buffer_[at] != '"') break;
    escapes = true;
    ++at;
  }
  absl::string_view field(buffer_.data() + first, at - 1 - first);
  if (escapes) {
    if (unescaped_used_ == unescaped_.size()) unescaped_.emplace_back();
    field = unescaped_[unescaped_used_++] = absl::StrReplaceAll(field, {{"\"\"", "\""}});
  }
  fields_.push_back(field);
  if (at < end_ && buffer_[at] == '\r') {
    if (at + 1 == end_ && !at_end_of_input_) return Parse::kNeedsMore;
    ++at;
  }
  if (at == end_ || buffer_[at] == ',' || buffer_[at] == '\n') return Parse::kComplete;
  malformed_ = "there is text behind a closing quote";
  return Parse::kMalformed;
}

// Takes the first line of what begins at begin_ as it is.
void CsvReader::TakeMalformedLine() {
  const char* const first = buffer_.data() + begin_;
  const void* const line_end = std::memchr(first, '\n', end_ - begin_);
  const size_t size = line_end == nullptr ? end_ - begin_ : static_cast<const char*>(line_end) - first;
  record_ = WithoutCarriageReturn({first, size});
  fields_.assign(1, record_);
  line_ = next_line_++;
  Consume(std::min(size + 1, end_ - begin_));
  skip_line_ = line_end == nullptr;
}

void CsvReader::SkipRestOfLine() {
  skip_line_ = false;
  while (begin_ < end_ || Refill()) {
    const char* const first = buffer_.data() + begin_;
    const void* const line_end = std::memchr(first, '\n', end_ - begin_);
    Consume(line_end == nullptr ? end_ - begin_ : static_cast<const char*>(line_end) - first + 1);
    if (line_end != nullptr) return;
  }
}

void CsvReader::Consume(size_t size) {
  begin_ += size;
  bytes_ += static_cast<int64_t>(size);
}

std::vector<std::string> SplitRecord(absl::string_view record) {
  std::istringstream in{std::string(record)};
  CsvReader csv(in, record.size() + 1);
  csv.Next();
  return {csv.fields().begin(), csv.fields().end()};
}

std::string CsvField(absl::string_view field) {
  if (field.find_first_of(",\"\r\n") == absl::string_view::npos) return std::string(field);
  return absl::StrCat("\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
}

}  // namespace loyalty::cli
