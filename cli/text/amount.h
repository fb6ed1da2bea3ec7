// Money as people write it, to and from minor units, exactly: no floating point.
//
//   ParseAmount("12.5", 2)  → 1250 (cents)
//   FormatAmount(1250, 2)   → "12.50"
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace loyalty::cli {

// `text` in major units of a currency with `exponent` minor digits: an optional minus, digits, and a point
// with at most `exponent` digits behind it. InvalidArgument says what is wrong, thousands separators
// included.
absl::StatusOr<int64_t> ParseAmount(absl::string_view text, int exponent);

std::string FormatAmount(int64_t minor, int exponent);

}  // namespace loyalty::cli
