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

absl::Status Overflow(int64_t total_minor) {
  return Refuse(
      absl::StatusCode::kOutOfRange, reason::kPointsOverflow,
      absl::StrCat("An order of ", total_minor, " minor units earns more points than an int64 holds."),
      {{"total_minor", absl::StrCat(total_minor)}});
}

// round(factor × total × rate). Below 10^6 · 2^63 · 10^9, and 10^6 · 10^9 · 10^3: within 128 bits.
absl::StatusOr<int64_t> RoundedAward(const Program& program, int64_t total_minor, int64_t factor_numerator,
                                     int64_t factor_denominator) {
  uint64_t minor_in_major = 1;
  for (int i = CurrencyExponent(program.currency_code).value_or(2); i > 0; --i) minor_in_major *= 10;
  const absl::uint128 numerator = absl::uint128(total_minor) * absl::uint128(program.base_earn_rate.points) *
                                  absl::uint128(factor_numerator);
  const absl::uint128 denominator = absl::uint128(program.base_earn_rate.per_major_units) * minor_in_major *
                                    absl::uint128(factor_denominator);
  const absl::uint128 points = Round(numerator, denominator, program.rounding_mode);
  if (points > absl::uint128(std::numeric_limits<int64_t>::max())) return Overflow(total_minor);
  return static_cast<int64_t>(absl::Uint128Low64(points));
}

}  // namespace

absl::StatusOr<int64_t> BaseAward(const Program& program, int64_t total_minor) {
  return RoundedAward(program, total_minor, 1, 1);
}

absl::StatusOr<Earned> EarnedBy(const Program& program, const Purchase& purchase,
                                const MemberLabels& labels) {
  const absl::StatusOr<int64_t> base = BaseAward(program, purchase.total_minor);
  if (!base.ok()) return base.status();
  Earned earned{*base, {}};
  for (const EarnRule& rule : program.rules) {
    if (!Applies(rule, purchase, labels)) continue;
    const auto& factor = std::get<Multiplier>(rule.effect);
    const absl::StatusOr<int64_t> extra = RoundedAward(
        program, purchase.total_minor, factor.numerator - factor.denominator, factor.denominator);
    if (!extra.ok()) return extra.status();
    if (__builtin_add_overflow(earned.points, *extra, &earned.points)) return Overflow(purchase.total_minor);
    if (earned.awards.empty()) earned.awards.push_back({kBaseRule, *base});
    earned.awards.push_back({rule.id, *extra});
  }
  return earned;
}

}  // namespace loyalty::points
