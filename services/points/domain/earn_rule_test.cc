#include "services/points/domain/earn_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "services/points/domain/earning.h"
#include "services/points/domain/test_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Purchase Order(int64_t total_minor, absl::Time time = kNoon) {
  Purchase purchase;
  purchase.order_id = "o1";
  purchase.purchase_time = time;
  purchase.total_minor = total_minor;
  return purchase;
}

TEST(EarnRule, MultipliersAddUpOnTheUnroundedBaseEachRoundedOnce) {
  Program program = DollarProgram();
  program.base_earn_rate = {1, 10};
  program.rules = {MultiplierRule("double", "", {2, 1}), MultiplierRule("half", "", {3, 2}),
                   MultiplierRule("triple", "gold", {3, 1})};
  // 19.90 is 1.99 points: 1 by the base, 1.99 → 1 and 0.995 → 0 by the rules, floored.
  const auto earned = EarnedBy(program, Order(1990), {});
  ASSERT_TRUE(earned.ok()) << earned.status();
  EXPECT_EQ(earned->points, 2);
  EXPECT_THAT(earned->awards, ElementsAre(Award{"base", 1}, Award{"double", 1}, Award{"half", 0}));
  program.rounding_mode = RoundingMode::kHalfUp;
  EXPECT_THAT(EarnedBy(program, Order(1990), {})->awards,
              ElementsAre(Award{"base", 2}, Award{"double", 2}, Award{"half", 1}));
  EXPECT_THAT(EarnedBy(program, Order(1990), {{"gold", kNoon}})->awards,
              ElementsAre(Award{"base", 2}, Award{"double", 2}, Award{"half", 1}, Award{"triple", 4}));
}

TEST(EarnRule, ALabelCountsAtThePurchasesTime) {
  Program program = DollarProgram();
  program.rules = {MultiplierRule("plus", "plus", {2, 1})};
  const MemberLabels labels = {{"plus", kNoon, kNoon + absl::Hours(1)}};
  EXPECT_EQ(EarnedBy(program, Order(1000), labels)->points, 20);
  const auto later = EarnedBy(program, Order(1000, kNoon + absl::Hours(1)), labels);
  EXPECT_EQ(later->points, 10);
  EXPECT_THAT(later->awards, IsEmpty()) << "only the base rate applied";
}

TEST(EarnRule, AnAwardThatNoNumberHoldsIsRefused) {
  Program program = DollarProgram();
  program.base_earn_rate = {100, 1};
  program.rules = {MultiplierRule("double", "", {2, 1})};
  const int64_t max = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(EarnedBy(program, Order(max), {}), IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW"));
  program.rules = {MultiplierRule("million", "", {kMaxMultiplierTerm, 1})};
  program.base_earn_rate = {kMaxRateTerm, 1};
  EXPECT_THAT(EarnedBy(program, Order(max), {}), IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW"));
}

std::vector<std::pair<std::string, std::string>> Faults(const EarnRule& rule) {
  Violations violations;
  ValidateRule(rule, violations);
  std::vector<std::pair<std::string, std::string>> faults;
  if (const auto refusal = RefusalOf(violations.ToStatus())) {
    for (const Violation& violation : refusal->violations)
      faults.emplace_back(violation.field, violation.reason);
  }
  return faults;
}

TEST(EarnRule, IsValidatedAsAWhole) {
  EXPECT_THAT(Faults(MultiplierRule("plus-2", "plus", {kMaxMultiplierTerm, 1})), IsEmpty());
  EXPECT_THAT(Faults(MultiplierRule("base", "", {2, 1})), ElementsAre(Pair("rule.rule_id", "MALFORMED")));
  EXPECT_THAT(Faults(MultiplierRule("plus", "", {1, 1})),
              ElementsAre(Pair("rule.effect.multiplier", "MULTIPLIER_TOO_SMALL")));
  EXPECT_THAT(Faults(MultiplierRule("plus", "", {2, 0})),
              ElementsAre(Pair("rule.effect.multiplier.denominator", "NOT_POSITIVE")));
  EXPECT_THAT(Faults(MultiplierRule("plus", "", {kMaxMultiplierTerm + 1, 1})),
              ElementsAre(Pair("rule.effect.multiplier.numerator", "TOO_LARGE")));
  EarnRule nothing;
  nothing.conditions.member_label = std::string(101, 'x');
  EXPECT_THAT(
      Faults(nothing),
      ElementsAre(Pair("rule.rule_id", "FIELD_REQUIRED"), Pair("rule.display_name", "FIELD_REQUIRED"),
                  Pair("rule.conditions.member_label", "TOO_LONG"), Pair("rule.effect", "FIELD_REQUIRED")));
}

TEST(EarnRule, APurchaseTellsWhatEachRuleGaveAndAReturnTakesItAllBack) {
  Program program = DollarProgram();
  program.rules = {MultiplierRule("plus", "plus", {3, 2})};
  MemoryStore store(program);
  const auto answers =
      store.Apply({LabelCommand("r1", "anna", "plus", kNoon - absl::Hours(2)),
                   PurchaseCommand("r2", "anna", "o1", 1500), ReturnCommand("r3", "anna", "o1", "b1")});
  EXPECT_EQ(answers[1]->entry.points, 22);
  EXPECT_EQ(answers[1]->entry.rule_id, "base");
  EXPECT_THAT(answers[1]->entry.awards, ElementsAre(Award{"base", 15}, Award{"plus", 7}));
  EXPECT_EQ(answers[2]->entry.points, -22);
}

}  // namespace
}  // namespace loyalty::points
