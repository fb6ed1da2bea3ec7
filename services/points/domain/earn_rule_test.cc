#include "services/points/domain/earn_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/test_earning.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Faults(const EarnRule& rule) {
  Violations violations;
  ValidateRule(rule, violations);
  return testing::ViolationsOf(violations.ToStatus());
}

// Of a rule that gives 5 points, changed.
template <class Change>
std::vector<std::string> FaultsAfter(Change change) {
  EarnRule rule = RuleOf("rule", FixedPoints{5});
  change(rule);
  return Faults(rule);
}
template <class Change>
std::vector<std::string> FaultsAsking(Change change) {
  return FaultsAfter([&](EarnRule& rule) { change(rule.conditions); });
}
std::vector<std::string> FaultsOf(decltype(EarnRule::effect) effect) {
  return Faults(RuleOf("rule", std::move(effect)));
}

std::string Bytes(size_t count) { return std::string(count, 'x'); }

// Everything at its limits.
EarnRule FullRule() {
  EarnRule rule = RuleOf("full", PointsPerUnit{kMaxRulePoints, kMaxRulePoints});
  const std::vector<std::string> list(kMaxConditionValues, Bytes(100));
  rule.conditions = {.start = kFridayNoon,
                     .end = kFridayNoon + absl::Microseconds(1),
                     .weekdays = {1, 2, 3, 4, 5, 6, 7},
                     .hour_start = 23,
                     .hour_end = 24,
                     .channels = list,
                     .locations = list,
                     .skus = list,
                     .categories = list,
                     .excluded_skus = list,
                     .excluded_categories = list,
                     .minimum_order_minor = INT64_MAX,
                     .member_label = Bytes(100),
                     .segment = Bytes(100),
                     .tier_ids = list,
                     .birthday = BirthdayWindow::kMonth,
                     .first_purchase = true,
                     .every_nth_purchase = kMaxEveryNth,
                     .order_labels = list};
  rule.maturity = {MaturityKind::kDays, kMaxMaturityDays};
  rule.limits = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, true};
  rule.group = Bytes(100);
  rule.priority = kMaxPriority;
  return rule;
}

TEST(EarnRule, MayBeFullToItsLimits) { EXPECT_THAT(Faults(FullRule()), IsEmpty()); }

TEST(EarnRule, OfEachEffectMayBeSmall) {
  for (const decltype(EarnRule::effect)& effect : std::initializer_list<decltype(EarnRule::effect)>{
           Multiplier{2, 1}, PointsPerUnit{1, 1}, FixedPoints{1}, PointsPerItem{1}, Donation{"sea", 1},
           Donation{"sea", 0, 1, 1}}) {
    EXPECT_THAT(FaultsOf(effect), IsEmpty()) << effect.index();
  }
}

TEST(EarnRule, MultipliersAreAboveOne) {
  EXPECT_THAT(FaultsOf(Multiplier{kMaxMultiplierTerm, 1}), IsEmpty());
  EXPECT_THAT(FaultsOf(Multiplier{1, 1}), ElementsAre("rule.effect.multiplier MULTIPLIER_TOO_SMALL"));
  EXPECT_THAT(FaultsOf(Multiplier{2, 0}), ElementsAre("rule.effect.multiplier.denominator NOT_POSITIVE"));
  EXPECT_THAT(FaultsOf(Multiplier{kMaxMultiplierTerm + 1, 1}),
              ElementsAre("rule.effect.multiplier.numerator TOO_LARGE"));
}

TEST(EarnRule, OtherEffectsGiveSomethingWithinTheirLimits) {
  EXPECT_THAT(FaultsOf(PointsPerUnit{0, 0}),
              ElementsAre("rule.effect.points_per_unit.points NOT_POSITIVE",
                          "rule.effect.points_per_unit.per_major_units NOT_POSITIVE"));
  EXPECT_THAT(FaultsOf(FixedPoints{kMaxRulePoints + 1}),
              ElementsAre("rule.effect.fixed_points.points TOO_LARGE"));
  EXPECT_THAT(FaultsOf(PointsPerItem{-1}), ElementsAre("rule.effect.points_per_item.points NOT_POSITIVE"));
}

TEST(EarnRule, ADonationGoesToACharityAndIsPointsOrAShare) {
  EXPECT_THAT(FaultsOf(Donation{}), ElementsAre("rule.effect.donation.charity_id FIELD_REQUIRED",
                                                "rule.effect.donation FIELD_REQUIRED"));
  EXPECT_THAT(FaultsOf(Donation{"sea", -1}), ElementsAre("rule.effect.donation.points NOT_POSITIVE"));
  EXPECT_THAT(FaultsOf(Donation{"sea", 0, 3, 2}),
              ElementsAre("rule.effect.donation.share.numerator TOO_LARGE"));
  EXPECT_THAT(FaultsOf(Donation{"sea", 0, -1, 2}),
              ElementsAre("rule.effect.donation.share.numerator NOT_POSITIVE"));
  EXPECT_THAT(FaultsOf(Donation{"sea", 0, 1, 0}),
              ElementsAre("rule.effect.donation.share.denominator NOT_POSITIVE"));
}

TEST(EarnRule, ADonationHasNothingThatIsForMembers) {
  EarnRule rule = RuleOf("sea", Donation{"sea", 5});
  rule.group = "gifts";
  rule.limits = {.per_order = 1, .budget = 100, .partial = true};
  EXPECT_THAT(Faults(rule), IsEmpty());
  rule.maturity = {MaturityKind::kConfirmation};
  rule.limits = {1, 1, 1, 1, 1, 1};
  EXPECT_THAT(Faults(rule),
              ElementsAre("rule.maturity NOT_APPLICABLE", "rule.limits.points_per_member_day NOT_APPLICABLE",
                          "rule.limits.points_per_member_week NOT_APPLICABLE",
                          "rule.limits.points_per_member_month NOT_APPLICABLE",
                          "rule.limits.points_per_member NOT_APPLICABLE"));
}

TEST(EarnRule, ARuleForActivitiesAsksNothingOfOrders) {
  EXPECT_THAT(FaultsAsking([](EarnConditions& asked) { asked.activity_type = "review"; }), IsEmpty());
  EarnRule rule = RuleOf("review", Multiplier{2, 1});
  rule.conditions = {.skus = {"a"},
                     .categories = {"a"},
                     .excluded_skus = {"a"},
                     .excluded_categories = {"a"},
                     .minimum_order_minor = 1,
                     .first_purchase = true,
                     .every_nth_purchase = 2,
                     .order_labels = {"a"},
                     .activity_type = "review"};
  EXPECT_THAT(Faults(rule), ElementsAre("rule.conditions.lines.skus NOT_APPLICABLE",
                                        "rule.conditions.lines.categories NOT_APPLICABLE",
                                        "rule.conditions.lines.excluded_skus NOT_APPLICABLE",
                                        "rule.conditions.lines.excluded_categories NOT_APPLICABLE",
                                        "rule.conditions.minimum_order_minor NOT_APPLICABLE",
                                        "rule.conditions.first_purchase NOT_APPLICABLE",
                                        "rule.conditions.every_nth_purchase NOT_APPLICABLE",
                                        "rule.conditions.order_labels NOT_APPLICABLE",
                                        "rule.effect.multiplier NOT_APPLICABLE"));
  rule.conditions = {.activity_type = "review"};
  rule.effect = PointsPerUnit{1, 1};
  EXPECT_THAT(Faults(rule), ElementsAre("rule.effect.points_per_unit NOT_APPLICABLE"));
  rule.effect = PointsPerItem{1};
  EXPECT_THAT(Faults(rule), ElementsAre("rule.effect.points_per_item NOT_APPLICABLE"));
  rule.effect = Donation{"sea", 0, 1, 2};
  EXPECT_THAT(Faults(rule), ElementsAre("rule.effect.donation.share NOT_APPLICABLE"));
}

TEST(EarnRule, ItsWindowsOfTimeMakeSense) {
  EXPECT_THAT(FaultsAsking([](EarnConditions& asked) { asked.start = asked.end = kFridayNoon; }),
              ElementsAre("rule.conditions.end_time TIME_ORDER"));
  EXPECT_THAT(FaultsAsking([](EarnConditions& asked) {
                asked.start = absl::InfiniteFuture();
                asked.end = absl::InfinitePast();
              }),
              ElementsAre("rule.conditions.start_time TIME_OUT_OF_RANGE",
                          "rule.conditions.end_time TIME_OUT_OF_RANGE"));
  EXPECT_THAT(FaultsAsking([](EarnConditions& asked) {
                asked.weekdays = {7, 8, 0};
                asked.hour_start = 24;
                asked.hour_end = 0;
              }),
              ElementsAre("rule.conditions.weekdays[1] MALFORMED", "rule.conditions.weekdays[2] MALFORMED",
                          "rule.conditions.hours.start_hour TOO_LARGE",
                          "rule.conditions.hours.end_hour NOT_POSITIVE"));
  EXPECT_THAT(FaultsAsking([](EarnConditions& asked) { asked.weekdays.resize(8, 1); }),
              ElementsAre("rule.conditions.weekdays TOO_MANY"));
}

TEST(EarnRule, ListsAreBoundedAndTheirPlacesAreTold) {
  EXPECT_THAT(FaultsAsking([](EarnConditions& asked) { asked.skus.resize(kMaxConditionValues + 1, "tea"); }),
              ElementsAre("rule.conditions.lines.skus TOO_MANY"));
  EXPECT_THAT(
      FaultsAsking([](EarnConditions& asked) {
        asked.channels = {"web", ""};
        asked.locations = {""};
        asked.categories = {Bytes(101)};
        asked.excluded_skus = {""};
        asked.excluded_categories = {"a", "b\n"};
        asked.tier_ids = {""};
        asked.order_labels = {""};
      }),
      ElementsAre("rule.conditions.channels[1] FIELD_REQUIRED", "rule.conditions.locations[0] FIELD_REQUIRED",
                  "rule.conditions.lines.categories[0] TOO_LONG",
                  "rule.conditions.lines.excluded_skus[0] FIELD_REQUIRED",
                  "rule.conditions.lines.excluded_categories[1] MALFORMED",
                  "rule.conditions.tier_ids[0] FIELD_REQUIRED",
                  "rule.conditions.order_labels[0] FIELD_REQUIRED"));
}

TEST(EarnRule, OtherConditionsAreWithinTheirLimits) {
  EXPECT_THAT(FaultsAsking([](EarnConditions& asked) {
                asked.minimum_order_minor = -1;
                asked.segment = Bytes(101);
                asked.birthday = static_cast<BirthdayWindow>(4);
                asked.every_nth_purchase = -1;
                asked.activity_type = "a\n";
              }),
              ElementsAre("rule.conditions.minimum_order_minor NEGATIVE", "rule.conditions.segment TOO_LONG",
                          "rule.conditions.birthday MALFORMED", "rule.conditions.every_nth_purchase NEGATIVE",
                          "rule.conditions.activity_type MALFORMED",
                          "rule.conditions.minimum_order_minor NOT_APPLICABLE",
                          "rule.conditions.every_nth_purchase NOT_APPLICABLE"));
}

TEST(EarnRule, MaturityIsAtOnceInDaysOrByConfirmation) {
  const auto faults = [](Maturity maturity) {
    return FaultsAfter([&](EarnRule& rule) { rule.maturity = maturity; });
  };
  EXPECT_THAT(faults({MaturityKind::kConfirmation, 0}), IsEmpty());
  EXPECT_THAT(faults({MaturityKind::kDays, 0}), ElementsAre("rule.maturity.days NOT_POSITIVE"));
  EXPECT_THAT(faults({MaturityKind::kDays, kMaxMaturityDays + 1}),
              ElementsAre("rule.maturity.days TOO_LARGE"));
  EXPECT_THAT(faults({MaturityKind::kAtOnce, 3}), ElementsAre("rule.maturity.days NOT_APPLICABLE"));
  EXPECT_THAT(faults({static_cast<MaturityKind>(7), 3}), ElementsAre("rule.maturity.kind MALFORMED"));
}

TEST(EarnRule, LimitsGroupAndPriorityAreBounded) {
  EXPECT_THAT(
      FaultsAfter([](EarnRule& rule) {
        rule.limits = {-1, -1, -1, -1, -1, -1};
        rule.group = "a\n";
        rule.priority = -1;
      }),
      ElementsAre("rule.limits.points_per_order NEGATIVE", "rule.limits.points_per_member_day NEGATIVE",
                  "rule.limits.points_per_member_week NEGATIVE",
                  "rule.limits.points_per_member_month NEGATIVE", "rule.limits.points_per_member NEGATIVE",
                  "rule.limits.budget_points NEGATIVE", "rule.group MALFORMED", "rule.priority NEGATIVE"));
  EXPECT_THAT(FaultsAfter([](EarnRule& rule) { rule.priority = kMaxPriority + 1; }),
              ElementsAre("rule.priority TOO_LARGE"));
}

TEST(EarnRule, IsValidatedAsAWhole) {
  EXPECT_THAT(Faults(RuleOf("base", Multiplier{2, 1})), ElementsAre("rule.rule_id MALFORMED"));
  EarnRule nothing;
  nothing.conditions.member_label = Bytes(101);
  EXPECT_THAT(Faults(nothing),
              ElementsAre("rule.rule_id FIELD_REQUIRED", "rule.display_name FIELD_REQUIRED",
                          "rule.conditions.member_label TOO_LONG", "rule.effect FIELD_REQUIRED"));
}

TEST(EarnRule, IsTheSameWhateverItsVersionAndTimes) {
  EarnRule other = FullRule();
  other.version = 7;
  other.create_time = kFridayNoon;
  other.replace_time = other.archive_time = kFridayNoon;
  EXPECT_TRUE(SameRule(FullRule(), other));
  const auto differs = [](auto change) {
    EarnRule changed = FullRule();
    change(changed);
    return !SameRule(FullRule(), changed);
  };
  EXPECT_TRUE(differs([](EarnRule& rule) { rule.id = "x"; }));
  EXPECT_TRUE(differs([](EarnRule& rule) { rule.display_name = "x"; }));
  EXPECT_TRUE(differs([](EarnRule& rule) { rule.conditions.channels.pop_back(); }));
  EXPECT_TRUE(differs([](EarnRule& rule) { rule.effect = FixedPoints{1}; }));
  EXPECT_TRUE(differs([](EarnRule& rule) { rule.maturity.days = 1; }));
  EXPECT_TRUE(differs([](EarnRule& rule) { rule.limits.partial = false; }));
  EXPECT_TRUE(differs([](EarnRule& rule) { rule.group = "x"; }));
  EXPECT_TRUE(differs([](EarnRule& rule) { rule.priority = 1; }));
}

}  // namespace
}  // namespace loyalty::points
