// From a CSV record to a row of ImportPurchases.
#pragma once

#include <array>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "loyalty/points/v1/points_service.pb.h"

namespace loyalty::cli {

using ImportRow = points::v1::ImportPurchasesRequest::Row;

// Columns that hold what became of a row in an earlier import: read over, and written anew.
bool IsOutcomeColumn(absl::string_view column);

// Knows which column holds what.
class PurchaseRowParser {
 public:
  // `exponent`: minor digits of the program's currency. InvalidArgument names the columns that are missing,
  // unknown or there twice.
  static absl::StatusOr<PurchaseRowParser> FromHeader(const std::vector<absl::string_view>& header,
                                                      int exponent);

  // Overwrites all of `row`, which may have been used before: it keeps its memory. InvalidArgument says what
  // is wrong; OutOfRange, that a field is too long to be sent at all.
  absl::Status Parse(const std::vector<absl::string_view>& fields, ImportRow& row) const;

 private:
  static constexpr int kColumnCount = 11;

  absl::string_view Field(const std::vector<absl::string_view>& fields, int column) const;

  std::array<int, kColumnCount> position_;  // in the file; -1: not there
  size_t header_size_ = 0;
  int exponent_ = 0;
};

}  // namespace loyalty::cli
