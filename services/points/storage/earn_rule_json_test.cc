#include "services/points/storage/earn_rule_json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace loyalty::points {
namespace {

using Effect = decltype(EarnRule::effect);

EarnRule WithEffect(Effect effect) {
  EarnRule rule;
  rule.id = "r";
  rule.effect = std::move(effect);
  return rule;
}

TEST(EarnRuleJson, LeavesOutWhatIsNotGiven) {
  EXPECT_EQ(ConditionsToJson({}), "{}");
  EXPECT_EQ(ConditionsToJson({.hour_end = 9, .first_purchase = true}),
            R"({"first_purchase":true,"hour_end":9})");
  EXPECT_EQ(MaturityToJson({}), "");
  EXPECT_EQ(LimitsToJson({}), "");
  EXPECT_EQ(LimitsToJson({.budget = 5, .partial = true}), R"({"budget":5,"partial":true})");
}

TEST(EarnRuleJson, OfBeforeThereWasMoreIsRead) {
  EXPECT_EQ(ConditionsFromJson(R"({"member_label": "plus"})"), EarnConditions{.member_label = "plus"});
  EXPECT_EQ(EffectFromJson(R"({"multiplier": [3, 2]})"), Effect(Multiplier{3, 2}));
  EXPECT_EQ(EffectToJson(WithEffect(Multiplier{3, 2})), R"({"multiplier":[3,2]})");
}

TEST(EarnRuleJson, OfEveryEffectIsReadAsItWasWritten) {
  for (const Effect& effect :
       {Effect(Multiplier{3, 2}), Effect(PointsPerUnit{3, 2}), Effect(FixedPoints{7}),
        Effect(PointsPerItem{7}), Effect(Donation{"sea", 7}), Effect(Donation{"sea", 0, 1, 10})}) {
    EXPECT_EQ(EffectFromJson(EffectToJson(WithEffect(effect))), effect) << effect.index();
  }
}

absl::Time RandomTime() {
  return absl::FromUnixMicros(*rc::gen::inRange<int64_t>(-2'000'000'000'000'000, 4'000'000'000'000'000));
}

EarnConditions RandomConditions() {
  const auto flip = [] { return *rc::gen::arbitrary<bool>(); };
  EarnConditions out;
  if (flip()) out.start = RandomTime();
  if (flip()) out.end = RandomTime();
  out.weekdays = *rc::gen::container<std::vector<int32_t>>(rc::gen::inRange(1, 8));
  out.hour_start = *rc::gen::inRange(0, 24);
  out.hour_end = *rc::gen::inRange(1, 25);
  for (auto* list : {&out.channels, &out.locations, &out.skus, &out.categories, &out.excluded_skus,
                     &out.excluded_categories, &out.tier_ids, &out.order_labels}) {
    if (flip()) *list = {"a", "\"b\\", "ü"};
  }
  out.minimum_order_minor = *rc::gen::arbitrary<int64_t>();
  if (flip()) out.member_label = "plus";
  if (flip()) out.segment = "staff";
  out.birthday = static_cast<BirthdayWindow>(*rc::gen::inRange(0, 4));
  out.first_purchase = flip();
  out.every_nth_purchase = *rc::gen::arbitrary<int64_t>();
  if (flip()) out.activity_type = "review";
  return out;
}

RC_GTEST_PROP(EarnRuleJson, IsReadAsItWasWritten, ()) {
  const EarnConditions conditions = RandomConditions();
  RC_ASSERT(ConditionsFromJson(ConditionsToJson(conditions)) == conditions);
  const Maturity maturity = {static_cast<MaturityKind>(*rc::gen::inRange(0, 3)), *rc::gen::inRange(0, 367)};
  RC_ASSERT(MaturityFromJson(MaturityToJson(maturity)) == maturity);
  const auto limit = [] { return *rc::gen::arbitrary<int64_t>(); };
  const EarnLimits limits = {limit(), limit(), limit(), limit(), limit(), limit(), limit() % 2 == 0};
  RC_ASSERT(LimitsFromJson(LimitsToJson(limits)) == limits);
}

TEST(EarnRuleJson, RulesOfAProgramHaveAllThatADecisionNeeds) {
  const std::vector<EarnRule> rules = RulesFromJson(R"([
      {"rule_id": "a", "version": 1, "conditions": {}, "effect": {"multiplier": [2, 1]}},
      {"rule_id": "b", "version": 4, "conditions": {"segment": "staff"}, "effect": {"fixed": 5},
       "maturity": {"kind": 1, "days": 14}, "limits": {"budget": 100}, "group": "g", "priority": 7}])");
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_TRUE(SameRule(rules[0], [] {
    EarnRule rule = WithEffect(Multiplier{2, 1});
    rule.id = "a";
    return rule;
  }()));
  EXPECT_EQ(rules[1].version, 4);
  EXPECT_EQ(rules[1].conditions, EarnConditions{.segment = "staff"});
  EXPECT_EQ(rules[1].effect, Effect(FixedPoints{5}));
  EXPECT_EQ(rules[1].maturity, (Maturity{MaturityKind::kDays, 14}));
  EXPECT_EQ(rules[1].limits, EarnLimits{.budget = 100});
  EXPECT_EQ(rules[1].group, "g");
  EXPECT_EQ(rules[1].priority, 7);
}

}  // namespace
}  // namespace loyalty::points
