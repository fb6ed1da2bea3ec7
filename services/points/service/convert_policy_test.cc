#include "services/points/service/convert_policy.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "common/testing/refused.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;

v1::Policies Parse(const std::string& text) {
  v1::Policies policies;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &policies)) << text;
  return policies;
}

Policies Converted(const v1::Policies& in) {
  Violations violations;
  const Policies policies = ToPolicies(in, violations);
  EXPECT_TRUE(violations.empty()) << violations.ToStatus();
  return policies;
}

Policies All() {
  Policies policies;
  policies.expiry = {.kind = ExpiryKind::kRolling, .months = 12, .round_up = RoundUp::kMonthEnd};
  policies.returns = ReturnPolicy::kAllowNegative;
  policies.spending = {100, 500, 2000, 50, 30};
  policies.tiers = {TierMetric::kPointsEarned,
                    TierPeriod::kRolling12Months,
                    Downgrade::kOneTier,
                    31,
                    {{"silver", "Silver", 500}, {"gold", "Gold", 2000, 3, 2, {"vip", "lounge"}}}};
  policies.transfers = {true, 1000, 5000, 10};
  policies.closure = ClosurePolicy::kKeep;
  return policies;
}

TEST(ConvertPolicy, WhatIsNotGivenTakesItsDefault) {
  EXPECT_EQ(Converted({}), Policies());
  EXPECT_EQ(Converted(Parse("expiry {} spending {} tiers {} transfers {}")), Policies());
}

TEST(ConvertPolicy, EverythingIsRead) {
  EXPECT_EQ(Converted(Parse(R"(
              expiry { rolling_months: 12 round_up: EXPIRY_ROUND_UP_MONTH_END }
              returns: RETURN_POLICY_ALLOW_NEGATIVE
              spending { points: 100 worth_minor: 500 minimum_order_minor: 2000 largest_share_percent: 50 grace_days: 30 }
              tiers {
                metric: TIER_METRIC_POINTS_EARNED period: TIER_PERIOD_ROLLING_12_MONTHS
                downgrade: TIER_DOWNGRADE_ONE_TIER grace_days: 31
                tiers { tier_id: "silver" display_name: "Silver" threshold: 500 }
                tiers { tier_id: "gold" display_name: "Gold" threshold: 2000 labels: "vip" labels: "lounge"
                        multiplier { numerator: 3 denominator: 2 } }
              }
              transfers { allowed: true most_points: 1000 most_points_day: 5000 fee_percent: 10 }
              closure: CLOSURE_POLICY_KEEP)")),
            All());
}

TEST(ConvertPolicy, EveryKindOfExpiryComesBackAsItWas) {
  const ExpiryPolicy kinds[] = {
      {},
      {.kind = ExpiryKind::kRolling, .months = 1},
      {.kind = ExpiryKind::kRolling, .days = 90, .round_up = RoundUp::kQuarterEnd},
      {.kind = ExpiryKind::kRolling, .months = 12, .round_up = RoundUp::kYearEnd},
      {.kind = ExpiryKind::kFixedDay, .month = 6, .day = 30},
      {.kind = ExpiryKind::kInactivity, .months = 18},
  };
  Policies policies = All();
  EXPECT_EQ(Converted(ToProto(policies)), policies);
  for (const ExpiryPolicy& expiry : kinds) {
    policies.expiry = expiry;
    EXPECT_EQ(Converted(ToProto(policies)), policies) << ToProto(policies).expiry().ShortDebugString();
  }
}

TEST(ConvertPolicy, AnswersHaveTheDefaultsFilledIn) {
  const v1::Policies out = ToProto(Policies());
  EXPECT_TRUE(out.has_expiry());
  EXPECT_EQ(out.expiry().policy_case(), v1::ExpiryPolicy::POLICY_NOT_SET);
  EXPECT_EQ(out.returns(), v1::RETURN_POLICY_WITHIN_BALANCE);
  EXPECT_EQ(out.spending().largest_share_percent(), 100);
  EXPECT_EQ(out.tiers().metric(), v1::TIER_METRIC_MONEY_SPENT);
  EXPECT_EQ(out.tiers().period(), v1::TIER_PERIOD_CALENDAR_YEAR);
  EXPECT_EQ(out.tiers().downgrade(), v1::TIER_DOWNGRADE_TO_EARNED);
  EXPECT_FALSE(out.transfers().allowed());
  EXPECT_EQ(out.closure(), v1::CLOSURE_POLICY_FORFEIT);
}

TEST(ConvertPolicy, AShareOfZeroIsNotTheDefault) {
  EXPECT_EQ(Converted(Parse("spending { largest_share_percent: 0 }")).spending.largest_share_percent, 0);
}

TEST(ConvertPolicy, UnknownValuesAreAllNamed) {
  v1::Policies in;
  in.mutable_expiry()->set_round_up(static_cast<v1::ExpiryRoundUp>(77));
  in.set_returns(static_cast<v1::ReturnPolicy>(77));
  in.mutable_tiers()->set_metric(static_cast<v1::TierMetric>(77));
  in.mutable_tiers()->set_period(static_cast<v1::TierPeriod>(-1));
  in.mutable_tiers()->set_downgrade(static_cast<v1::TierDowngrade>(77));
  in.set_closure(static_cast<v1::ClosurePolicy>(77));
  Violations violations;
  EXPECT_EQ(ToPolicies(in, violations), Policies());
  EXPECT_THAT(
      testing::ViolationsOf(violations.ToStatus()),
      ElementsAre("program.policies.expiry.round_up MALFORMED", "program.policies.returns MALFORMED",
                  "program.policies.tiers.metric MALFORMED", "program.policies.tiers.period MALFORMED",
                  "program.policies.tiers.downgrade MALFORMED", "program.policies.closure MALFORMED"));
}

// A cast turns the one into the other.
TEST(ConvertPolicy, EnumsHaveTheSameNumbersInTheContractAndInTheDomain) {
  EXPECT_EQ(v1::EXPIRY_ROUND_UP_NONE, static_cast<int>(RoundUp::kNone));
  EXPECT_EQ(v1::EXPIRY_ROUND_UP_MONTH_END, static_cast<int>(RoundUp::kMonthEnd));
  EXPECT_EQ(v1::EXPIRY_ROUND_UP_QUARTER_END, static_cast<int>(RoundUp::kQuarterEnd));
  EXPECT_EQ(v1::EXPIRY_ROUND_UP_YEAR_END, static_cast<int>(RoundUp::kYearEnd));
  EXPECT_EQ(v1::RETURN_POLICY_PENDING_ONLY, static_cast<int>(ReturnPolicy::kPendingOnly));
  EXPECT_EQ(v1::RETURN_POLICY_WITHIN_BALANCE, static_cast<int>(ReturnPolicy::kWithinBalance));
  EXPECT_EQ(v1::RETURN_POLICY_ALLOW_NEGATIVE, static_cast<int>(ReturnPolicy::kAllowNegative));
  EXPECT_EQ(v1::CLOSURE_POLICY_FORFEIT, static_cast<int>(ClosurePolicy::kForfeit));
  EXPECT_EQ(v1::CLOSURE_POLICY_KEEP, static_cast<int>(ClosurePolicy::kKeep));
  EXPECT_EQ(v1::TIER_METRIC_POINTS_EARNED, static_cast<int>(TierMetric::kPointsEarned));
  EXPECT_EQ(v1::TIER_METRIC_MONEY_SPENT, static_cast<int>(TierMetric::kMoneySpent));
  EXPECT_EQ(v1::TIER_METRIC_PURCHASES, static_cast<int>(TierMetric::kPurchases));
  EXPECT_EQ(v1::TIER_PERIOD_CALENDAR_YEAR, static_cast<int>(TierPeriod::kCalendarYear));
  EXPECT_EQ(v1::TIER_PERIOD_ROLLING_12_MONTHS, static_cast<int>(TierPeriod::kRolling12Months));
  EXPECT_EQ(v1::TIER_PERIOD_MEMBERSHIP_YEAR, static_cast<int>(TierPeriod::kMembershipYear));
  EXPECT_EQ(v1::TIER_PERIOD_LIFETIME, static_cast<int>(TierPeriod::kLifetime));
  EXPECT_EQ(v1::TIER_DOWNGRADE_ONE_TIER, static_cast<int>(Downgrade::kOneTier));
  EXPECT_EQ(v1::TIER_DOWNGRADE_TO_EARNED, static_cast<int>(Downgrade::kToEarned));
}

}  // namespace
}  // namespace loyalty::points
