#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/test_tier.h"
#include "services/points/domain/tier.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TierOutlook, OfAYear) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear, 31));
  TierOutlook outlook = anna.Outlook(Day(2025, 2, 1));
  EXPECT_EQ(outlook.until, absl::InfiniteFuture());
  EXPECT_EQ(outlook.next_tier_id, "silver");
  EXPECT_EQ(outlook.missing_for_next, 500);
  EXPECT_EQ(outlook.missing_to_keep, 0);

  anna.Spend(Day(2025, 5, 1), 2'100);
  outlook = anna.Outlook(Day(2025, 5, 1));
  EXPECT_EQ(outlook.until, anna.Midnight(Day(2027, 2, 1)));
  EXPECT_EQ(outlook.progress, (Progress{210, 2'100, 1}));
  EXPECT_EQ(outlook.next_tier_id, "platinum");
  EXPECT_EQ(outlook.missing_for_next, 2'900);
  EXPECT_EQ(outlook.missing_to_keep, 0) << "earned in this year";

  anna.Spend(Day(2026, 5, 1), 600);
  outlook = anna.Outlook(Day(2026, 5, 1));
  EXPECT_EQ(outlook.until, anna.Midnight(Day(2027, 2, 1)));
  EXPECT_EQ(outlook.missing_to_keep, 1'400);
  outlook = anna.Outlook(Day(2027, 1, 15));
  EXPECT_EQ(outlook.until, anna.Midnight(Day(2027, 2, 1)));
  EXPECT_EQ(outlook.missing_to_keep, 2'000) << "in the new year";

  anna.Spend(Day(2027, 1, 20), 5'000);
  outlook = anna.Outlook(Day(2027, 1, 20));
  EXPECT_EQ(outlook.next_tier_id, "");
  EXPECT_EQ(outlook.missing_for_next, 0);
}

TEST(TierOutlook, OfTheLast12Months) {
  TieredMember anna(MoneyPolicy(TierPeriod::kRolling12Months, 30));
  anna.Spend(Day(2024, 5, 1), 300);
  anna.Spend(Day(2024, 6, 1), 300);
  anna.Spend(Day(2024, 7, 1), 150);
  TierOutlook outlook = anna.Outlook(Day(2024, 7, 1));
  EXPECT_EQ(outlook.until, anna.Midnight(Day(2025, 5, 31)));
  EXPECT_EQ(outlook.missing_to_keep, 50) << "450 are left on 1 May";
  EXPECT_EQ(outlook.missing_for_next, 1'250);
  outlook = anna.Outlook(Day(2025, 5, 1));
  EXPECT_EQ(outlook.progress.money_minor, 450);
  EXPECT_EQ(outlook.until, anna.Midnight(Day(2025, 5, 31)));
  EXPECT_EQ(outlook.missing_to_keep, 50);
}

TEST(TierOutlook, OfAnOverrideEndsWithIt) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear));
  anna.Override(Day(2025, 3, 1), "gold", Day(2025, 7, 1));
  EXPECT_EQ(anna.LastDay(), Day(2025, 6, 30));
  anna.Spend(Day(2025, 4, 1), 2'000);
  EXPECT_EQ(anna.LastDay(), Day(2026, 12, 31)) << "it is one's own now";
}

TEST(TierPolicyChange, ATierThatIsGoneIsNone) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear, 31));
  anna.Spend(Day(2025, 5, 1), 2'100);
  anna.Override(Day(2025, 6, 1), "platinum", Day(2026, 1, 1));
  anna.policy().tiers = {TierFrom("bronze", 100), TierFrom("silver", 500)};
  EXPECT_EQ(FindTier(anna.policy(), anna.standing().tier_id), nullptr);
  EXPECT_EQ(anna.Touch(Day(2025, 6, 2)), "silver") << "what the progress earns";
  EXPECT_FALSE(anna.standing().override_.has_value());
  anna.policy().tiers.clear();
  EXPECT_EQ(anna.Due(), absl::InfiniteFuture());
  EXPECT_EQ(anna.Spend(Day(2025, 6, 3), 1), "");
  EXPECT_EQ(anna.Outlook(Day(2025, 6, 3)).next_tier_id, "");
  anna.policy() = MoneyPolicy(TierPeriod::kCalendarYear);
  EXPECT_EQ(anna.Touch(Day(2025, 6, 4)), "gold") << "the progress stayed";
}

TEST(TierPolicyChange, ATierThatHigherThresholdsWouldNotGiveIsCarriedOver) {
  const Day changed(2025, 6, 1);
  const auto raised = [&](TierPeriod period) {
    TieredMember anna(MoneyPolicy(period, 10));
    anna.Spend(Day(2025, 5, 1), 2'000);
    anna.policy().tiers[1].threshold = 3'000;
    EXPECT_EQ(anna.Touch(changed), "gold");
    return anna;
  };
  EXPECT_EQ(raised(TierPeriod::kCalendarYear).LastDay(), Day(2026, 1, 10));
  EXPECT_EQ(raised(TierPeriod::kRolling12Months).LastDay(), Day(2025, 6, 10));
  EXPECT_EQ(raised(TierPeriod::kLifetime).Due(), absl::InfiniteFuture());
}

TEST(TierPolicyChange, OneTierDropsOneAMidnightHereToo) {
  TieredMember anna(MoneyPolicy(TierPeriod::kRolling12Months, 0, Downgrade::kOneTier));
  anna.Spend(Day(2025, 5, 1), 5'000);
  for (Tier& tier : anna.policy().tiers) tier.threshold += 10'000;
  EXPECT_EQ(anna.Touch(Day(2025, 6, 1)), "gold");
  EXPECT_EQ(anna.On(Day(2025, 6, 2)), "silver");
  EXPECT_EQ(anna.On(Day(2025, 6, 3)), "");
}

TEST(TierPolicyChange, AGraceAlwaysEndsLower) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear, 31, Downgrade::kOneTier));
  anna.Spend(Day(2025, 5, 1), 2'000);
  EXPECT_EQ(anna.On(Day(2027, 1, 1)), "gold") << "silver from 1 February";
  std::swap(anna.policy().tiers[0].id, anna.policy().tiers[1].id);
  EXPECT_EQ(anna.On(Day(2027, 2, 1)), "") << "silver is above gold now";
}

TEST(TierPolicyChange, OnlyDaysOfTheYearBecomeTheYear) {
  TieredMember anna(MoneyPolicy(TierPeriod::kRolling12Months));
  anna.Spend(Day(2024, 12, 1), 400);
  EXPECT_EQ(anna.Spend(Day(2025, 1, 2), 200), "silver");
  anna.policy().period = TierPeriod::kCalendarYear;
  EXPECT_EQ(anna.Touch(Day(2025, 1, 3)), "silver") << "carried over";
  EXPECT_EQ(anna.standing().progress.money_minor, 200);
  EXPECT_EQ(anna.On(Day(2026, 1, 1)), "");
}

TEST(TierPolicyChange, LowerThresholdsAndAnotherMetricAreFollowed) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear));
  anna.Spend(Day(2025, 5, 1), 2'000);
  anna.policy().tiers[2].threshold = 2'000;
  anna.policy().tiers[1].threshold = 1'000;
  EXPECT_EQ(anna.Touch(Day(2025, 5, 2)), "platinum");
  anna.policy().metric = TierMetric::kPointsEarned;
  anna.policy().tiers[0].threshold = 200;
  EXPECT_EQ(anna.Touch(Day(2025, 5, 3)), "platinum") << "carried over";
  EXPECT_EQ(anna.On(Day(2026, 1, 1)), "silver") << "of 200 points";
}

TEST(TierPolicyChange, AYearBecomesADayAndDaysAYear) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear));
  anna.Spend(Day(2025, 5, 1), 2'000);
  anna.policy().period = TierPeriod::kRolling12Months;
  EXPECT_EQ(anna.Due(), anna.Midnight(Day(2026, 1, 1))) << "known before it is touched";
  EXPECT_EQ(anna.Spend(Day(2025, 6, 1), 600), "gold");
  EXPECT_THAT(anna.standing().days, ElementsAre(Standing::Day{Day(2025, 1, 1), {200, 2'000, 1}},
                                                Standing::Day{Day(2025, 6, 1), {60, 600, 1}}));
  EXPECT_EQ(anna.On(Day(2026, 1, 1)), "silver");
  anna.policy().period = TierPeriod::kMembershipYear;
  EXPECT_EQ(anna.Due(), anna.Midnight(Day(2026, 1, 1))) << "of the year of 1 June 2025, the last day known";
  EXPECT_EQ(anna.Touch(Day(2026, 2, 1)), "silver") << "earned in it";
  EXPECT_EQ(anna.On(Day(2027, 1, 1)), "");
}

TEST(TierPolicyChange, LifetimeProgressCountsAsOfNow) {
  for (const TierPeriod period :
       {TierPeriod::kCalendarYear, TierPeriod::kMembershipYear, TierPeriod::kRolling12Months}) {
    TieredMember anna(MoneyPolicy(TierPeriod::kLifetime));
    anna.Spend(Day(2024, 5, 1), 2'000);
    anna.policy().period = period;
    EXPECT_EQ(anna.Due(), absl::InfiniteFuture()) << "nothing dates it";
    EXPECT_EQ(anna.Touch(Day(2030, 6, 1)), "gold");
    EXPECT_EQ(anna.LastDay(), period == TierPeriod::kRolling12Months ? Day(2031, 5, 31) : Day(2031, 12, 31));
    anna.policy().period = TierPeriod::kLifetime;
    EXPECT_EQ(anna.Touch(Day(2030, 7, 1)), "gold");
    EXPECT_EQ(anna.Due(), absl::InfiniteFuture());
  }
}

std::vector<std::pair<std::string, std::string>> WrongWith(const TierPolicy& policy) {
  Violations violations;
  ValidateTiers(policy, "tiers", violations);
  std::vector<std::pair<std::string, std::string>> wrong;
  if (const auto refusal = RefusalOf(violations.ToStatus())) {
    for (const Violation& one : refusal->violations) wrong.emplace_back(one.field, one.reason);
  }
  return wrong;
}

TEST(ValidateTiers, FindsEverythingThatIsWrong) {
  TierPolicy policy = MoneyPolicy(TierPeriod::kCalendarYear, kMaxGraceDays);
  EXPECT_THAT(WrongWith(policy), IsEmpty());
  EXPECT_THAT(WrongWith(TierPolicy{}), IsEmpty());
  policy.grace_days = kMaxGraceDays + 1;
  policy.tiers[0].id = "Silver";
  policy.tiers[0].display_name = "";
  policy.tiers[0].threshold = 0;
  policy.tiers[1].multiplier_denominator = 0;
  policy.tiers[1].labels = {"vip", ""};
  policy.tiers[2].id = "gold";
  policy.tiers[2].threshold = 2'000;
  policy.tiers[2].multiplier_denominator = 2;
  EXPECT_THAT(WrongWith(policy),
              ElementsAre(std::pair("tiers.grace_days", "TOO_LARGE"),
                          std::pair("tiers.tiers[0].tier_id", "MALFORMED"),
                          std::pair("tiers.tiers[0].display_name", "FIELD_REQUIRED"),
                          std::pair("tiers.tiers[0].threshold", "NOT_POSITIVE"),
                          std::pair("tiers.tiers[1].multiplier.denominator", "NOT_POSITIVE"),
                          std::pair("tiers.tiers[1].labels[1]", "FIELD_REQUIRED"),
                          std::pair("tiers.tiers[2].multiplier", "MULTIPLIER_TOO_SMALL"),
                          std::pair("tiers.tiers[2].tier_id", "DUPLICATE"),
                          std::pair("tiers.tiers[2].threshold", "MALFORMED")));
}

TEST(ValidateTiers, CountsTiersAndLabels) {
  TierPolicy policy;
  for (size_t i = 1; i <= kMaxTiers; ++i) policy.tiers.push_back(TierFrom("t" + std::to_string(i), i));
  policy.tiers[0].multiplier_numerator = 1'000'001;
  policy.tiers[1].labels.assign(kMaxTierLabels + 1, "vip");
  EXPECT_THAT(WrongWith(policy), ElementsAre(std::pair("tiers.tiers[0].multiplier.numerator", "TOO_LARGE"),
                                             std::pair("tiers.tiers[1].labels", "TOO_MANY")));
  policy.tiers.push_back(TierFrom("more", 100));
  EXPECT_THAT(WrongWith(policy), ElementsAre(std::pair("tiers.tiers", "TOO_MANY")));
}

}  // namespace
}  // namespace loyalty::points
