#include "services/points/domain/earning.h"

#include <absl/numeric/int128.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <vector>

#include "services/points/domain/test_kit.h"

namespace loyalty::points {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
const std::vector<RoundingMode> kModes = {RoundingMode::kFloor, RoundingMode::kHalfUp,
                                          RoundingMode::kHalfEven};

Program With(const std::string& currency, EarnRate rate, RoundingMode mode) {
  Program program = DollarProgram();
  program.currency_code = currency;
  program.base_earn_rate = rate;
  program.rounding_mode = mode;
  return program;
}

// An amount, and what it earns when it is floored, rounded half up, and rounded half to even.
struct Case {
  const char* currency;
  EarnRate rate;
  int64_t total_minor;
  int64_t award[3];
};

TEST(Earning, RoundsOnceAsTheProgramSays) {
  const Case cases[] = {
      {"USD", {1, 1}, 0, {0, 0, 0}},     {"USD", {1, 1}, 49, {0, 0, 0}},
      {"USD", {1, 1}, 50, {0, 1, 0}},  // 0.5 lies between 0, which is even, and 1
      {"USD", {1, 1}, 51, {0, 1, 1}},    {"USD", {1, 1}, 99, {0, 1, 1}},
      {"USD", {1, 1}, 100, {1, 1, 1}},   {"USD", {1, 1}, 149, {1, 1, 1}},
      {"USD", {1, 1}, 150, {1, 2, 2}},   {"USD", {1, 1}, 199, {1, 2, 2}},
      {"USD", {1, 1}, 250, {2, 3, 2}},   {"USD", {1, 1}, 251, {2, 3, 3}},
      {"USD", {1, 1}, 350, {3, 4, 4}},   {"EUR", {3, 20}, 333, {0, 0, 0}},   // 0.4995
      {"EUR", {3, 20}, 334, {0, 1, 1}},                                      // 0.501
      {"EUR", {3, 20}, 999, {1, 1, 1}},                                      // 1.4985
      {"EUR", {3, 20}, 1000, {1, 2, 2}},                                     // 1.5
      {"EUR", {3, 20}, 1666, {2, 2, 2}},                                     // 2.499
      {"EUR", {3, 20}, 3000, {4, 5, 4}},                                     // 4.5
      {"EUR", {3, 20}, 1999, {2, 3, 3}},                                     // 2.9985
      {"EUR", {3, 20}, 2000, {3, 3, 3}}, {"JPY", {1, 100}, 149, {1, 1, 1}},  // no minor unit
      {"JPY", {1, 100}, 150, {1, 2, 2}}, {"JPY", {1, 100}, 250, {2, 3, 2}},
      {"JPY", {2, 1}, 7, {14, 14, 14}},  {"KWD", {1, 1}, 999, {0, 1, 1}},  // a thousand fils
      {"KWD", {1, 1}, 1500, {1, 2, 2}},  {"KWD", {1, 1}, 2500, {2, 3, 2}},
      {"KWD", {1, 1}, 2499, {2, 2, 2}},  {"USD", {0, 1}, 1'000'000, {0, 0, 0}},  // a rate of nothing
      {"USD", {1, 3}, 150, {0, 1, 0}},                                           // 0.5 by way of a third
      {"USD", {1, 3}, 149, {0, 0, 0}},
  };
  for (const Case& c : cases) {
    for (int mode = 0; mode < 3; ++mode) {
      const auto award = BaseAward(With(c.currency, c.rate, kModes[mode]), c.total_minor);
      ASSERT_TRUE(award.ok()) << award.status();
      EXPECT_EQ(*award, c.award[mode]) << c.currency << " " << c.total_minor << " at " << c.rate.points << "/"
                                       << c.rate.per_major_units << ", mode " << mode;
    }
  }
}

TEST(Earning, TakesTheLargestAmountsAndRatesWithoutError) {
  EXPECT_EQ(*BaseAward(With("JPY", {1, 1}, RoundingMode::kFloor), kMax), kMax);
  EXPECT_EQ(*BaseAward(With("JPY", {kMaxRateTerm, kMaxRateTerm}, RoundingMode::kHalfEven), kMax), kMax);
  EXPECT_EQ(*BaseAward(With("USD", {100, 1}, RoundingMode::kHalfUp), kMax), kMax);
  EXPECT_EQ(*BaseAward(With("KWD", {1, kMaxRateTerm}, RoundingMode::kFloor), kMax), 9'223'372);
}

TEST(Earning, RefusesAnAwardThatNoNumberHolds) {
  for (const RoundingMode mode : kModes) {
    const auto award = BaseAward(With("JPY", {2, 1}, mode), kMax);
    EXPECT_THAT(award, IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW"));
    EXPECT_EQ(MetadataOf(award)["total_minor"], absl::StrCat(kMax));
    EXPECT_THAT(BaseAward(With("JPY", {kMaxRateTerm, 1}, mode), kMax),
                IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW"));
  }
}

TEST(Earning, RefusesTheFirstAwardAboveTheLimitAndNotTheLastBelowIt) {
  // The limit is odd: doubling reaches the number before it, and then the one after it.
  const Program program = With("JPY", {2, 1}, RoundingMode::kFloor);
  EXPECT_EQ(*BaseAward(program, kMax / 2), kMax - 1);
  EXPECT_FALSE(BaseAward(program, kMax / 2 + 1).ok());
}

// The definition itself, with no division: `award` is the rounding of n ÷ d.
bool IsRounding(absl::int128 n, absl::int128 d, absl::int128 award, RoundingMode mode) {
  if (mode == RoundingMode::kFloor) return award * d <= n && n < (award + 1) * d;
  const absl::int128 twice_the_distance = 2 * (award * d - n);
  if (twice_the_distance > -d && twice_the_distance < d) return true;
  if (mode == RoundingMode::kHalfUp) return twice_the_distance == d;
  return (twice_the_distance == d || twice_the_distance == -d) && award % 2 == 0;
}

RC_GTEST_PROP(Earning, IsTheExactRoundingOfTheExactFraction, ()) {
  static const std::vector<std::pair<const char*, int64_t>> kCurrencies = {
      {"USD", 100}, {"JPY", 1}, {"KWD", 1000}, {"TND", 1000}};
  const auto [currency, minor_per_major] = *rc::gen::elementOf(kCurrencies);
  const RoundingMode mode = *rc::gen::elementOf(kModes);
  const bool small = *rc::gen::arbitrary<bool>();  // small terms meet halves, large ones the limits
  const EarnRate rate = {*rc::gen::inRange<int64_t>(0, small ? 12 : kMaxRateTerm + 1),
                         *rc::gen::inRange<int64_t>(1, small ? 12 : kMaxRateTerm + 1)};
  const int64_t total = *rc::gen::inRange<int64_t>(0, *rc::gen::element<int64_t>(1000, 1'000'000, kMax));

  const auto award = BaseAward(With(currency, rate, mode), total);

  const absl::int128 numerator = absl::int128(total) * rate.points;
  const absl::int128 denominator = absl::int128(minor_per_major) * rate.per_major_units;
  if (award.ok()) {
    RC_ASSERT(IsRounding(numerator, denominator, *award, mode));
  } else {
    RC_ASSERT(award.status().code() == absl::StatusCode::kOutOfRange);
    RC_ASSERT(2 * numerator >= (2 * absl::int128(kMax) + 1) * denominator);  // kMax + ½ or more
  }
}

}  // namespace
}  // namespace loyalty::points
