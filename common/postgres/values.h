// Values on their way into and out of PostgreSQL.
//
// A set-based statement gets one array for each column, in PostgreSQL's binary format: nothing is printed
// here and parsed there, which for a batch would cost as much as its rows.
//   BigintArray ids;
//   TextArray names;
//   for (const Row& row : rows) { ids.Add(row.id); names.Add(row.name); }
//   tx.Exec(sql::kInsertThings, ids.Finish(), names.Finish());   // … SELECT unnest($1::bigint[]),
//   unnest($2::text[])
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <pqxx/pqxx>
#include <string>

#include "common/status/fingerprint.h"

namespace loyalty::postgres {

// The part that all types share; the sender's and the receiver's element type must be the same.
class Array {
 public:
  void AddNull() {
    PutInt32(-1);
    ++size_;
    ++nulls_;
  }
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  // The parameter; the array takes no more values. One of NULLs only is sent empty: unnest beside longer
  // arrays fills it up with NULLs, so a column that nobody uses costs nothing.
  pqxx::binarystring Finish();

 protected:
  explicit Array(uint32_t element_oid);
  void PutInt32(int32_t value);
  void PutInt64(int64_t value);
  void Put(absl::string_view bytes) {
    PutInt32(static_cast<int32_t>(bytes.size()));
    bytes_.append(bytes.data(), bytes.size());
    ++size_;
  }
  void PutNumber(int64_t value) {
    PutInt32(sizeof(value));
    PutInt64(value);
    ++size_;
  }

 private:
  std::string bytes_;
  size_t size_ = 0;
  size_t nulls_ = 0;
};

class BigintArray : public Array {
 public:
  BigintArray() : Array(20) {}
  void Add(int64_t value) { PutNumber(value); }
};

class TextArray : public Array {
 public:
  TextArray() : Array(25) {}
  void Add(absl::string_view value) { Put(value); }
  // NULL in place of an empty text.
  void AddOrNull(absl::string_view value) { value.empty() ? AddNull() : Put(value); }
};

class ByteaArray : public Array {
 public:
  ByteaArray() : Array(17) {}
  void Add(absl::string_view bytes) { Put(bytes); }
};

class TimestamptzArray : public Array {
 public:
  TimestamptzArray() : Array(1184) {}
  void Add(absl::Time value);
};

class UuidArray : public Array {
 public:
  UuidArray() : Array(2950) {}
  void Add(const Digest& value) { Put({reinterpret_cast<const char*>(value.data()), value.size()}); }
};

// timestamptz, in UTC and microseconds; -infinity and infinity for absl's infinite times.
std::string FormatTimestamp(absl::Time time);
// Reads what a session with TimeZone UTC and DateStyle ISO prints.
absl::Time ParseTimestamp(absl::string_view text);

}  // namespace loyalty::postgres
