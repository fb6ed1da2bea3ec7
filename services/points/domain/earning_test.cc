#include "services/points/domain/earning.h"

#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <vector>

#include "services/points/domain/test_earning.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsRefused;
using testing::MetadataOf;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
const std::vector<RoundingMode> kModes = {RoundingMode::kFloor, RoundingMode::kHalfUp,
                                          RoundingMode::kHalfEven};

Program With(const std::string& currency, EarnRate rate, RoundingMode mode) {
  Program program = ShopWith({});
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

// "rule points", and what of it each line has: "tea 7 = 3 4".
std::vector<std::string> Told(const absl::StatusOr<Earned>& earned) {
  EXPECT_TRUE(earned.ok()) << earned.status();
  std::vector<std::string> told;
  if (!earned.ok()) return told;
  for (const Award& award : earned->awards) {
    std::string& one = told.emplace_back(absl::StrCat(award.rule_id, " ", award.points));
    if (!award.lines.empty()) absl::StrAppend(&one, " =");
    for (const int64_t share : award.lines) absl::StrAppend(&one, " ", share);
  }
  return told;
}

absl::StatusOr<Earned> Earn(const Program& program, const Purchase& purchase, const Known& known = {}) {
  return EarnedBy(program, purchase, known.Facts());
}

EarnRule Limited(EarnRule rule, EarnLimits limits) {
  rule.limits = limits;
  return rule;
}

EarnRule InGroup(EarnRule rule, std::string group, int32_t priority = 0) {
  rule.group = std::move(group);
  rule.priority = priority;
  return rule;
}

TEST(EarningByRules, MultipliersAddUpOnTheUnroundedBaseEachRoundedOnce) {
  Program program = ShopWith({RuleOf("double", Multiplier{2, 1}), RuleOf("half", Multiplier{3, 2}),
                              RuleOf("triple", Multiplier{3, 1})});
  program.rules[2].conditions.member_label = "gold";
  program.base_earn_rate = {1, 10};
  // 19.90 is 1.99 points: 1 by the base, 1.99 → 1 and 0.995 → 0 by the rules, floored.
  const auto earned = Earn(program, OrderOf(1990));
  EXPECT_THAT(Told(earned), ElementsAre("base 1", "double 1"));
  EXPECT_EQ(earned->points, 2);
  EXPECT_THAT(NotApplied(*earned), UnorderedElementsAre(Pair("half", RuleOutcome::kNothing),
                                                        Pair("triple", RuleOutcome::kMemberLabel)));
  program.rounding_mode = RoundingMode::kHalfUp;
  EXPECT_THAT(Told(Earn(program, OrderOf(1990))), ElementsAre("base 2", "double 2", "half 1"));
  Known gold;
  gold.labels = {{"gold", kFridayNoon}};
  EXPECT_THAT(Told(Earn(program, OrderOf(1990), gold)),
              ElementsAre("base 2", "double 2", "half 1", "triple 4"));
}

TEST(EarningByRules, WhereOnlyTheBaseGaveThereIsNothingToTell) {
  const auto earned = Earn(ShopWith({}), OrderOf(1050, {{"tea", "", 1, 1000}, {"cup", "", 1, 50}}));
  EXPECT_EQ(earned->points, 10);
  EXPECT_THAT(earned->awards, IsEmpty());
  EXPECT_THAT(earned->considered, IsEmpty());
}

TEST(EarningByRules, EffectsAreOfTheLinesThatCount) {
  Program program = ShopWith({RuleOf("fixed", FixedPoints{7}), RuleOf("item", PointsPerItem{5}),
                              RuleOf("twice", Multiplier{2, 1}), RuleOf("unit", PointsPerUnit{3, 2})});
  const Purchase order = OrderOf(2199, {{"tea", "", 3, 999}, {"cup", "", 2, 1200}});
  EXPECT_THAT(Told(Earn(program, order)), ElementsAre("base 21 = 10 11", "fixed 7 = 3 4", "item 25 = 15 10",
                                                      "twice 21 = 10 11", "unit 32 = 15 17"));
  for (EarnRule& rule : program.rules) rule.conditions.skus = {"tea"};
  EXPECT_THAT(Told(Earn(program, order)), ElementsAre("base 21 = 10 11", "fixed 7 = 7 0", "item 15 = 15 0",
                                                      "twice 9 = 9 0", "unit 14 = 14 0"));
  EXPECT_THAT(Told(Earn(ShopWith({RuleOf("item", PointsPerItem{5})}), OrderOf(1000))), IsEmpty())
      << "there are no pieces";
}

TEST(EarningByRules, SharesOfLinesGoByLargestRemainderTheFirstAmongEquals) {
  const Program program = ShopWith({RuleOf("fixed", FixedPoints{5})});
  EXPECT_THAT(Told(Earn(program, OrderOf(300, {{"a", "", 1, 100}, {"b", "", 1, 100}, {"c", "", 1, 100}}))),
              ElementsAre("base 3 = 1 1 1", "fixed 5 = 2 2 1"));
  EXPECT_THAT(Told(Earn(program, OrderOf(100, {{"a", "", 1, 10}, {"b", "", 1, 31}, {"c", "", 1, 59}}))),
              ElementsAre("base 1 = 0 0 1", "fixed 5 = 0 2 3"))
      << "0.5, 1.55 and 2.95";
  EXPECT_THAT(Told(Earn(program, OrderOf(0, {{"a", "", 1, 0}, {"b", "", 4, 0}}))),
              ElementsAre("base 0 = 0 0", "fixed 5 = 1 4"))
      << "by quantities, if the amounts are 0";
  EXPECT_THAT(Told(Earn(program, OrderOf(100, {{"a", "", 1, 100}}))), ElementsAre("base 1", "fixed 5"))
      << "one line has it all";
}

TEST(EarningByRules, TheTierMultipliesTheWholeOrderBesideTheRules) {
  Known anna;
  Tier gold;
  gold.id = "gold";
  gold.multiplier_numerator = 3;
  gold.multiplier_denominator = 2;
  anna.tier = &gold;
  Program program = ShopWith({RuleOf("tea", FixedPoints{1})});
  const auto earned = Earn(program, OrderOf(1000), anna);
  EXPECT_THAT(Told(earned), ElementsAre("base 10", "tier:gold 5", "tea 1"));
  EXPECT_EQ(earned->considered.size(), 1u) << "of the program's rules";
  gold.multiplier_numerator = 2;
  EXPECT_THAT(Told(Earn(program, OrderOf(1000), anna)), ElementsAre("base 10", "tea 1")) << "a tier without";
}

TEST(EarningByRules, AwardsCarryTheirRulesMaturity) {
  Program program = ShopWith({RuleOf("later", FixedPoints{5})});
  program.rules[0].maturity = {MaturityKind::kDays, 14};
  const auto earned = Earn(program, OrderOf(1000));
  EXPECT_EQ(earned->awards[0].maturity, Maturity());
  EXPECT_EQ(earned->awards[1].maturity, (Maturity{MaturityKind::kDays, 14}));
  EXPECT_EQ(earned->points, 15);
}

TEST(EarningByRules, OfAGroupOnlyTheBestCountsAndGroupsAddUp) {
  const Program program = ShopWith(
      {InGroup(RuleOf("a", FixedPoints{5}), "spring"), InGroup(RuleOf("b", FixedPoints{8}), "spring"),
       InGroup(RuleOf("c", FixedPoints{1}), "summer"), RuleOf("d", FixedPoints{2})});
  const auto earned = Earn(program, OrderOf(0));
  EXPECT_THAT(Told(earned), ElementsAre("base 0", "b 8", "c 1", "d 2"));
  EXPECT_THAT(NotApplied(*earned), ElementsAre(Pair("a", RuleOutcome::kBetterInGroup)));
}

TEST(EarningByRules, AmongEqualsOfAGroupPriorityDecidesAndThenTheId) {
  Program program =
      ShopWith({InGroup(RuleOf("a", FixedPoints{5}), "g"), InGroup(RuleOf("b", FixedPoints{5}), "g", 1),
                InGroup(RuleOf("c", FixedPoints{5}), "g", 1)});
  EXPECT_THAT(Told(Earn(program, OrderOf(0))), ElementsAre("base 0", "b 5"));
  program.rules[1].priority = program.rules[2].priority = 0;
  EXPECT_THAT(Told(Earn(program, OrderOf(0))), ElementsAre("base 0", "a 5"));
}

TEST(EarningByRules, TheBestOfAGroupIsWhatItsLimitsLeave) {
  const Program program = ShopWith({InGroup(Limited(RuleOf("big", FixedPoints{100}), {.budget = 1000}), "g"),
                                    InGroup(RuleOf("small", FixedPoints{5}), "g")});
  Known anna;
  anna.budgets = {{"big", 99}};
  const auto earned = Earn(program, OrderOf(0), anna);
  EXPECT_THAT(Told(earned), ElementsAre("base 0", "small 5"));
  EXPECT_THAT(NotApplied(*earned), ElementsAre(Pair("big", RuleOutcome::kBudget)));
}

TEST(EarningByRules, TheLimitOfAnOrderCutsWhateverIsMore) {
  const Program program = ShopWith({Limited(RuleOf("unit", PointsPerUnit{10, 1}), {.per_order = 50})});
  EXPECT_THAT(Told(Earn(program, OrderOf(400))), ElementsAre("base 4", "unit 40"));
  EXPECT_THAT(Told(Earn(program, OrderOf(600))), ElementsAre("base 6", "unit 50"));
}

void Use(const Program& program, const std::vector<Award>& awards, absl::CivilDay day, int sign,
         RuleUses& uses) {
  CountUses(LimitsOf(program, awards), awards, day, sign, uses);
}

TEST(EarningByRules, OfALimitForAMemberTheRestOrNothingIsGiven) {
  Program program =
      ShopWith({Limited(RuleOf("daily", FixedPoints{5}), {.per_member_day = 8, .partial = true})});
  Known anna;
  const absl::CivilDay today(2026, 5, 1);
  const auto buy = [&] {
    const auto earned = Earn(program, OrderOf(0), anna);
    Use(program, earned->awards, today, 1, anna.uses);
    return *earned;
  };
  EXPECT_EQ(buy().points, 5);
  EXPECT_EQ(buy().points, 3) << "a part";
  const Earned third = buy();
  EXPECT_EQ(third.points, 0);
  EXPECT_THAT(NotApplied(third), ElementsAre(Pair("daily", RuleOutcome::kMemberLimit)));
  Use(program, {{"daily", 4}}, today, -1, anna.uses);
  program.rules[0].limits.partial = false;
  EXPECT_EQ(buy().points, 0) << "4 are left of 8, and 5 would be given";
  Use(program, {{"daily", 1}}, today, -1, anna.uses);
  EXPECT_EQ(buy().points, 5);
}

TEST(EarningByRules, TheTightestOfAllWindowsBinds) {
  const Program program = ShopWith({Limited(RuleOf("r", FixedPoints{50}), {.per_member_day = 40,
                                                                           .per_member_week = 30,
                                                                           .per_member_month = 20,
                                                                           .per_member = 100,
                                                                           .partial = true})});
  Known anna;
  EXPECT_EQ(Earn(program, OrderOf(0), anna)->points, 20);
  Use(program, {{"base", 3}, {"r", 85}}, absl::CivilDay(2025, 1, 1), 1, anna.uses);
  EXPECT_EQ(anna.uses.all().size(), 4u) << "one for each window";
  EXPECT_EQ(Earn(program, OrderOf(0), anna)->points, 15) << "of the lifetime";
}

TEST(EarningByRules, DaysOfLimitsAreThoseOfTheProgramsZone) {
  Program program = ShopWith({Limited(RuleOf("r", FixedPoints{5}), {.per_member_day = 5})});
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Tokyo", &program.zone));
  Known anna;
  Use(program, {{"r", 5}}, absl::CivilDay(2026, 5, 1), 1, anna.uses);
  Purchase order = OrderOf(0);
  EXPECT_EQ(Earn(program, order, anna)->points, 0) << "21 o'clock in Tokyo";
  order.purchase_time += absl::Hours(3);
  EXPECT_EQ(Earn(program, order, anna)->points, 5) << "midnight in Tokyo";
}

TEST(EarningByRules, OfABudgetTheRestOrNothingIsGiven) {
  Program program = ShopWith({Limited(RuleOf("r", FixedPoints{5}), {.budget = 1000, .partial = true})});
  Known anna;
  anna.budgets = {{"r", 3}};
  EXPECT_EQ(Earn(program, OrderOf(0), anna)->points, 3);
  program.rules[0].limits.partial = false;
  EXPECT_THAT(NotApplied(*Earn(program, OrderOf(0), anna)), ElementsAre(Pair("r", RuleOutcome::kBudget)));
  program.rules[0].limits.budget = 0;
  EXPECT_EQ(Earn(program, OrderOf(0), anna)->points, 5) << "a rule without a budget is not asked for it";
}

TEST(EarningByRules, ADonationGivesTheMemberNothing) {
  Program program =
      ShopWith({RuleOf("five", Donation{"sea", 5}), RuleOf("tenth", Donation{"wood", 0, 1, 10})});
  program.rounding_mode = RoundingMode::kHalfUp;
  const auto earned = Earn(program, OrderOf(2549));
  EXPECT_EQ(earned->points, 25);
  EXPECT_THAT(earned->awards, IsEmpty());
  EXPECT_THAT(earned->donations, ElementsAre(Donated{"five", "sea", 5}, Donated{"tenth", "wood", 3}))
      << "a tenth of 25.49, not of 25";
  EXPECT_THAT(NotApplied(*earned), IsEmpty());
}

TEST(EarningByRules, ADonationIsBoundByItsOrderAndBudgetAndByNothingOfTheMembers) {
  const Program program = ShopWith({Limited(
      RuleOf("sea", Donation{"sea", 9}), {.per_order = 7, .per_member = 1, .budget = 100, .partial = true})});
  Known anna;
  EXPECT_THAT(Earn(program, OrderOf(0), anna)->donations, ElementsAre(Donated{"sea", "sea", 7}));
  anna.budgets = {{"sea", 4}};
  EXPECT_THAT(Earn(program, OrderOf(0), anna)->donations, ElementsAre(Donated{"sea", "sea", 4}));
}

TEST(EarningByRules, DonationsOfAGroupCompeteWithDonationsOnly) {
  const Program program =
      ShopWith({InGroup(RuleOf("a", Donation{"sea", 9}), "g"), InGroup(RuleOf("b", FixedPoints{5}), "g"),
                InGroup(RuleOf("c", Donation{"sea", 10}), "g")});
  const auto earned = Earn(program, OrderOf(0));
  EXPECT_THAT(Told(earned), ElementsAre("base 0", "b 5"));
  EXPECT_THAT(earned->donations, ElementsAre(Donated{"c", "sea", 10}));
}

TEST(EarningByRules, AnActivityEarnsByRulesOfItsTypeAlone) {
  Program program = ShopWith({RuleOf("all", FixedPoints{5}), RuleOf("review", FixedPoints{7}),
                              RuleOf("twice", Multiplier{2, 1}), RuleOf("sea", Donation{"sea", 1})});
  for (size_t i = 1; i < program.rules.size(); ++i) program.rules[i].conditions.activity_type = "review";
  const Known anna;
  const auto earned = EarnedBy(program, ReviewOf("1"), anna.Facts());
  EXPECT_THAT(Told(earned), ElementsAre("review 7"));
  EXPECT_EQ(earned->points, 7);
  EXPECT_THAT(earned->donations, ElementsAre(Donated{"sea", "sea", 1}));
  EXPECT_THAT(NotApplied(*earned), UnorderedElementsAre(Pair("all", RuleOutcome::kOtherDeed),
                                                        Pair("twice", RuleOutcome::kNothing)));
}

TEST(EarningByRules, EveryRuleIsToldOfWithItsVersion) {
  Program program = ShopWith({RuleOf("a", FixedPoints{5}), RuleOf("b", FixedPoints{5})});
  program.rules[1].version = 3;
  program.rules[1].conditions.channels = {"web"};
  EXPECT_THAT(Earn(program, OrderOf(0))->considered, ElementsAre(Considered{"a", 1, RuleOutcome::kApplied},
                                                                 Considered{"b", 3, RuleOutcome::kChannel}));
}

TEST(EarningByRules, WhatNoNumberHoldsIsRefused) {
  const auto overflows = [](const Program& program, const Purchase& purchase) {
    EXPECT_THAT(Earn(program, purchase), IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW"));
  };
  Program program = ShopWith({RuleOf("double", Multiplier{2, 1})});
  program.base_earn_rate = {100, 1};
  overflows(program, OrderOf(kMax));  // the sum
  program.rules = {RuleOf("million", Multiplier{kMaxMultiplierTerm, 1})};
  overflows(program, OrderOf(kMax));
  program.rules = {RuleOf("unit", PointsPerUnit{kMaxRulePoints, 1})};
  overflows(program, OrderOf(kMax));
  program.rules = {RuleOf("item", PointsPerItem{kMaxRulePoints})};
  overflows(program, OrderOf(0, std::vector<PurchaseLine>(200, {"tea", "", 1'000'000'000, 0})));
  program.rules = {Limited(RuleOf("unit", PointsPerUnit{kMaxRulePoints, 1}), {.per_order = 1})};
  overflows(program, OrderOf(kMax));  // before its limit
}

TEST(EarningByRules, SharesOfTheLargestNumbersAreExact) {
  Program program = ShopWith({RuleOf("tea", FixedPoints{1})});
  program.base_earn_rate = {100, 1};
  const auto earned = Earn(program, OrderOf(kMax - 1, {{"a", "", 1, kMax / 2}, {"b", "", 1, kMax / 2}}));
  ASSERT_TRUE(earned.ok()) << earned.status();
  EXPECT_THAT(earned->awards[0].lines, ElementsAre(kMax / 2, kMax / 2));
}

}  // namespace
}  // namespace loyalty::points
