#include "services/points/domain/earning.h"

#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>

#include <limits>

#include "common/money/currency.h"
#include "common/status/status.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

// numerator ÷ denominator, both 0 or more.
absl::uint128 Round(absl::uint128 numerator, absl::uint128 denominator, RoundingMode mode) {
  const absl::uint128 whole = numerator / denominator;
  const absl::uint128 twice_rest = 2 * (numerator % denominator);
  switch (mode) {
    case RoundingMode::kFloor:
      return whole;
    case RoundingMode::kHalfUp:
      return whole + (twice_rest >= denominator ? 1 : 0);
    case RoundingMode::kHalfEven:
      return whole + (twice_rest > denominator || (twice_rest == denominator && whole % 2 == 1) ? 1 : 0);
  }
  return whole;
}

}  // namespace

absl::StatusOr<int64_t> BaseAward(const Program& program, int64_t total_minor) {
  uint64_t minor_in_major = 1;
  for (int i = CurrencyExponent(program.currency_code).value_or(2); i > 0; --i) minor_in_major *= 10;
  // Below 2^63 · 10^9 and 10^9 · 10^3: far from the end of 128 bits.
  const absl::uint128 numerator = absl::uint128(total_minor) * absl::uint128(program.base_earn_rate.points);
  const absl::uint128 denominator = absl::uint128(program.base_earn_rate.per_major_units) * minor_in_major;
  const absl::uint128 points = Round(numerator, denominator, program.rounding_mode);
  if (points > absl::uint128(std::numeric_limits<int64_t>::max())) {
    return Refuse(
        absl::StatusCode::kOutOfRange, reason::kPointsOverflow,
        absl::StrCat("An order of ", total_minor, " minor units earns more points than an int64 holds."),
        {{"total_minor", absl::StrCat(total_minor)}});
  }
  return static_cast<int64_t>(absl::Uint128Low64(points));
}

}  // namespace loyalty::points
