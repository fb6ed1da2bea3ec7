// Values on their way into and out of PostgreSQL, in its text format.
//
// libpqxx sends arrays as text, so a set-based statement gets one Array for each column:
//   Array ids, names;
//   for (const Row& row : rows) { ids.Add(row.id); names.Add(row.name); }
//   tx.Exec(sql::kInsertThings, ids.Finish(), names.Finish());   // … FROM unnest($1::bigint[], $2::text[])
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <absl/strings/string_view.h>

namespace loyalty::postgres {

class Array {
 public:
  void Add(int64_t value) {
    Comma();
    absl::StrAppend(&text_, value);
  }
  void Add(absl::string_view value);
  void Add(absl::Time value);
  void AddNull() {
    Comma();
    text_.append("NULL");
    ++nulls_;
  }
  // NULL in place of an empty text.
  void AddOrNull(absl::string_view value) { value.empty() ? AddNull() : Add(value); }

  bool empty() const { return size_ == 0; }
  // The literal; the array takes no more values. One of NULLs only becomes {}: unnest over several arrays fills up a
  // shorter one with NULLs, so a column that nobody uses costs nothing.
  const std::string& Finish() {
    if (nulls_ == size_) text_ = "{";
    text_.push_back('}');
    return text_;
  }

 private:
  void Comma() {
    if (size_++ > 0) text_.push_back(',');
  }

  std::string text_ = "{";
  size_t size_ = 0;
  size_t nulls_ = 0;
};

// timestamptz, in UTC and microseconds; -infinity and infinity for absl's infinite times.
std::string FormatTimestamp(absl::Time time);
// Reads what a session with TimeZone UTC and DateStyle ISO prints.
absl::Time ParseTimestamp(absl::string_view text);

}  // namespace loyalty::postgres
