// What commands print: numbers with separators, aligned columns, JSON.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace loyalty::cli {

// 2453159 → "2,453,159"
std::string Thousands(int64_t number);

// 14 → "+14"
std::string Signed(int64_t number);

// "1 star", "2,000 stars"
std::string Counted(int64_t number, const std::string& singular, const std::string& plural);

// The message in protobuf's JSON mapping (64-bit numbers are strings), with the contract's field names and
// every field, indented, with a line end.
std::string Json(const google::protobuf::Message& message);
// With the field `replayed` beside the message's own.
std::string Json(const google::protobuf::Message& message, bool replayed);

// Lines up cells in columns, two blanks between them.
class Table {
 public:
  enum class Align { kLeft, kRight };

  explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}

  // As many cells as columns.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  void Print(std::ostream& out) const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace loyalty::cli
