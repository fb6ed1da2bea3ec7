#include "services/points/domain/tier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/test_tier.h"

namespace loyalty::points {
namespace {

TEST(Tier, GoesUpAtOnceAndOverTwoAtOnce) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear));
  EXPECT_EQ(anna.Spend(Day(2025, 3, 1), 499), "");
  EXPECT_EQ(anna.standing().since, absl::InfinitePast()) << "there was never a tier";
  EXPECT_EQ(anna.Due(), absl::InfiniteFuture()) << "a year's end costs nothing";
  EXPECT_EQ(anna.Spend(Day(2025, 3, 2), 1), "silver");
  EXPECT_EQ(anna.standing().since, anna.Noon(Day(2025, 3, 2)));
  EXPECT_EQ(anna.Spend(Day(2025, 3, 3), 4'500), "platinum");
  EXPECT_EQ(anna.standing().since, anna.Noon(Day(2025, 3, 3)));
  EXPECT_EQ(anna.Spend(Day(2025, 3, 4), 4'500), "platinum");
  EXPECT_EQ(anna.standing().since, anna.Noon(Day(2025, 3, 3))) << "the same tier";
}

TEST(Tier, IsReachedByPointsMoneyOrPurchases) {
  TierPolicy policy = MoneyPolicy(TierPeriod::kCalendarYear);
  policy.tiers = {TierFrom("silver", 3)};
  for (const auto& [metric, steps] :
       {std::pair{TierMetric::kPointsEarned, 1}, {TierMetric::kMoneySpent, 1}, {TierMetric::kPurchases, 3}}) {
    policy.metric = metric;
    TieredMember anna(policy);
    for (int i = 1; i < steps; ++i) EXPECT_EQ(anna.Spend(Day(2025, 3, i), 30), "");
    EXPECT_EQ(anna.Spend(Day(2025, 3, steps), 30), "silver");
  }
}

// The example of the header.
TEST(TierYear, KeepsWhatWasEarnedThroughTheNextYearAndThenHasAGrace) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear, 31));
  EXPECT_EQ(anna.Spend(Day(2025, 5, 10), 2'000), "gold");
  EXPECT_EQ(anna.LastDay(), Day(2027, 1, 31));
  EXPECT_EQ(anna.Spend(Day(2026, 8, 1), 600), "gold");
  EXPECT_EQ(anna.On(Day(2027, 1, 1)), "gold");
  TieredMember spent = anna, returned = anna, late = anna;

  EXPECT_EQ(anna.At(anna.Midnight(Day(2027, 2, 1)) - absl::Microseconds(1)), "gold");
  EXPECT_EQ(anna.On(Day(2027, 2, 1)), "silver");
  EXPECT_EQ(anna.standing().since, anna.Midnight(Day(2027, 2, 1)));
  EXPECT_EQ(anna.On(Day(2027, 12, 31)), "silver");

  EXPECT_EQ(spent.Spend(Day(2027, 1, 20), 2'000), "gold");
  EXPECT_EQ(spent.On(Day(2027, 12, 31)), "gold");
  EXPECT_EQ(spent.standing().since, spent.Noon(Day(2025, 5, 10))) << "gold all along";

  returned.Spend(Day(2027, 1, 20), 2'000);
  EXPECT_EQ(returned.Return(Day(2027, 1, 25), 2'000, Day(2027, 1, 20)), "gold") << "the grace goes on";
  EXPECT_EQ(returned.On(Day(2027, 2, 1)), "silver");

  late.Spend(Day(2027, 1, 20), 2'000);
  EXPECT_EQ(late.Return(Day(2027, 3, 1), 2'000, Day(2027, 1, 20)), "silver") << "what 2026 had earned";
}

TEST(TierYear, WithoutAGraceDropsAtMidnightToWhatWasEarnedOrByOne) {
  for (const bool one_tier : {false, true}) {
    TieredMember anna(
        MoneyPolicy(TierPeriod::kCalendarYear, 0, one_tier ? Downgrade::kOneTier : Downgrade::kToEarned));
    EXPECT_EQ(anna.Spend(Day(2025, 12, 31), 5'000), "platinum");
    EXPECT_EQ(anna.At(anna.Midnight(Day(2027, 1, 1)) - absl::Microseconds(1)), "platinum");
    EXPECT_EQ(anna.On(Day(2027, 1, 1)), one_tier ? "gold" : "");
    EXPECT_EQ(anna.On(Day(2028, 1, 1)), one_tier ? "silver" : "");
    EXPECT_EQ(anna.On(Day(2029, 1, 1)), "");
    EXPECT_EQ(anna.Due(), absl::InfiniteFuture());
  }
}

TEST(TierYear, ADropEndsAtWhatTheNewYearHasReached) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear, 31));
  anna.Spend(Day(2025, 5, 1), 5'000);
  EXPECT_EQ(anna.Spend(Day(2027, 1, 10), 2'000), "platinum") << "in the grace; 2026 earned nothing";
  EXPECT_EQ(anna.On(Day(2027, 2, 1)), "gold");
}

TEST(TierYear, AGraceEndsWithItsYear) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear, kMaxGraceDays, Downgrade::kOneTier));
  anna.Spend(Day(2025, 5, 1), 2'000);
  EXPECT_EQ(anna.At(anna.Midnight(Day(2028, 1, 1)) - absl::Microseconds(1)), "gold");
  EXPECT_EQ(anna.On(Day(2028, 1, 1)), "silver") << "one day sooner than 366, and the next grace begins";
  EXPECT_EQ(anna.At(anna.Midnight(Day(2029, 1, 1)) - absl::Microseconds(1)), "silver");
  EXPECT_EQ(anna.On(Day(2029, 1, 1)), "");
}

TEST(TierYear, AReturnLowersAtOnceWithinThePeriodOnly) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear));
  anna.Spend(Day(2025, 5, 1), 600);
  EXPECT_EQ(anna.Spend(Day(2025, 6, 1), 1'500), "gold");
  TieredMember late = anna;
  EXPECT_EQ(anna.Return(Day(2025, 6, 2), 1'500, Day(2025, 6, 1)), "silver");
  EXPECT_EQ(anna.Return(Day(2025, 6, 3), 600, Day(2025, 5, 1)), "");
  EXPECT_EQ(late.Return(Day(2026, 1, 1), 1'500, Day(2025, 6, 1)), "gold") << "the year is over";
  EXPECT_EQ(late.standing().progress, Progress{});
}

TEST(TierYear, AReturnTakesNothingOfWhatWasCarriedOver) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear));
  anna.Spend(Day(2025, 5, 1), 600);
  EXPECT_EQ(anna.Spend(Day(2026, 5, 1), 2'000), "gold");
  EXPECT_EQ(anna.Return(Day(2026, 5, 2), 2'000, Day(2026, 5, 1)), "silver")
      << "as if nothing had been bought";
}

TEST(TierYear, LateArrivalsOfAnEndedYearChangeNothing) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear));
  EXPECT_EQ(anna.Spend(Day(2026, 1, 1), 2'000, Day(2025, 12, 31)), "");
  EXPECT_EQ(anna.Return(Day(2026, 1, 2), 2'000, Day(2025, 12, 31)), "");
  EXPECT_EQ(anna.Spend(Day(2026, 5, 1), 2'000, Day(2026, 1, 1)), "gold") << "late, but of this year";
}

TEST(TierYear, BeginsAtLocalMidnight) {
  const absl::Time new_year_in_rome = absl::FromCivil(absl::CivilHour(2025, 12, 31, 23), absl::UTCTimeZone());
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear));
  anna.Spend(Day(2024, 6, 1), 500);
  EXPECT_EQ(anna.At(new_year_in_rome - absl::Microseconds(1)), "silver");
  EXPECT_EQ(anna.At(new_year_in_rome), "");
}

TEST(TierYear, OfAMemberBeginsOnTheAnniversaryOfTheEnrolment) {
  TieredMember anna(MoneyPolicy(TierPeriod::kMembershipYear), Day(2024, 6, 15));
  EXPECT_EQ(anna.Spend(Day(2025, 6, 14), 500), "silver");
  EXPECT_EQ(anna.Spend(Day(2025, 6, 15), 400), "silver");
  EXPECT_EQ(anna.On(Day(2026, 6, 14)), "silver");
  EXPECT_EQ(anna.On(Day(2026, 6, 15)), "");
}

TEST(TierYear, OfA29FebruaryBeginsOn28InCommonYears) {
  TieredMember anna(MoneyPolicy(TierPeriod::kMembershipYear), Day(2024, 2, 29));
  EXPECT_EQ(anna.Spend(Day(2025, 2, 27), 500), "silver");
  EXPECT_EQ(anna.standing().period_start, anna.Midnight(Day(2024, 2, 29)));
  EXPECT_EQ(anna.Due(), anna.Midnight(Day(2025, 2, 28)));
  EXPECT_EQ(anna.Spend(Day(2027, 2, 28), 500), "silver");
  EXPECT_EQ(anna.standing().period_start, anna.Midnight(Day(2027, 2, 28)));
  EXPECT_EQ(anna.Due(), anna.Midnight(Day(2028, 2, 29)));
}

TEST(TierLifetime, LosesNothingButWhatIsReturned) {
  TieredMember anna(MoneyPolicy(TierPeriod::kLifetime, 30));
  EXPECT_EQ(anna.Spend(Day(2024, 5, 1), 1'000, Day(1999, 1, 1)), "silver");
  EXPECT_EQ(anna.Spend(Day(2034, 5, 1), 1'000), "gold");
  EXPECT_EQ(anna.Due(), absl::InfiniteFuture());
  EXPECT_EQ(anna.Outlook(Day(2034, 5, 1)).until, absl::InfiniteFuture());
  EXPECT_EQ(anna.Return(Day(2044, 5, 1), 1'000, Day(2034, 5, 1)), "silver");
}

// The example of the header.
TEST(TierOverride, HoldsUntilItsEndAndAHigherTierIsShownAllTheSame) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear));
  anna.Spend(Day(2025, 2, 1), 500);
  EXPECT_EQ(anna.Override(Day(2025, 3, 1), "gold", Day(2025, 7, 1)), "gold");
  EXPECT_EQ(anna.standing().since, anna.Noon(Day(2025, 3, 1)));
  EXPECT_EQ(anna.Due(), anna.Midnight(Day(2025, 7, 1)));
  TieredMember reached = anna;
  EXPECT_EQ(anna.Return(Day(2025, 5, 1), 500, Day(2025, 2, 1)), "gold") << "whatever the progress";
  EXPECT_EQ(anna.On(Day(2025, 7, 1)), "");

  EXPECT_EQ(reached.Spend(Day(2025, 5, 1), 4'500), "platinum");
  TieredMember returned = reached;
  EXPECT_EQ(reached.On(Day(2025, 7, 1)), "platinum");
  EXPECT_EQ(returned.Return(Day(2025, 6, 1), 4'500, Day(2025, 5, 1)), "gold") << "the override holds";
  EXPECT_EQ(returned.On(Day(2025, 7, 1)), "silver");
}

TEST(TierOverride, LeavesWhatTheMemberHadCarriedOver) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear));
  anna.Spend(Day(2025, 2, 1), 500);
  EXPECT_EQ(anna.Override(Day(2025, 3, 1), "gold", Day(2026, 1, 5)), "gold");
  EXPECT_EQ(anna.On(Day(2026, 1, 5)), "silver") << "2025 earned it for 2026";
  EXPECT_EQ(anna.On(Day(2027, 1, 1)), "");
}

TEST(TierOverride, ToALowerTierHoldsUntilAHigherOneIsReachedAnew) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear));
  anna.Spend(Day(2025, 2, 1), 2'000);
  EXPECT_EQ(anna.Override(Day(2025, 3, 1), "", Day(2025, 7, 1)), "");
  EXPECT_EQ(anna.Spend(Day(2025, 4, 1), 1'000), "") << "gold as before";
  TieredMember patient = anna;
  EXPECT_EQ(anna.Spend(Day(2025, 5, 1), 2'000), "platinum");
  EXPECT_EQ(patient.On(Day(2025, 7, 1)), "gold");
}

TEST(TierOverride, EndsByHandOrByAnotherAndOneThatIsOverIsNone) {
  TieredMember anna(MoneyPolicy(TierPeriod::kCalendarYear));
  anna.Spend(Day(2025, 2, 1), 500);
  anna.Override(Day(2025, 3, 1), "platinum", Day(2025, 7, 1));
  EXPECT_EQ(anna.Override(Day(2025, 3, 2), "gold", Day(2025, 8, 1)), "gold");
  EXPECT_EQ(anna.Override(Day(2025, 3, 3), "platinum", Day(2025, 3, 3)), "gold") << "over already";
  EXPECT_EQ(anna.Override(Day(2025, 3, 3), "diamond", Day(2025, 9, 1)), "gold") << "there is no such tier";
  EXPECT_EQ(anna.EndOverride(Day(2025, 3, 4)), "silver");
  EXPECT_EQ(anna.EndOverride(Day(2025, 3, 5)), "silver") << "there is none to end";
}

TEST(TierOverride, HoldsThroughTheDaysThatStopCounting) {
  TieredMember anna(MoneyPolicy(TierPeriod::kRolling12Months, 30));
  anna.Spend(Day(2024, 5, 1), 2'000);
  anna.Override(Day(2025, 4, 1), "gold", Day(2025, 5, 11));
  EXPECT_EQ(anna.On(Day(2025, 5, 11)), "gold") << "in the own grace since 1 May";
  EXPECT_EQ(anna.On(Day(2025, 5, 31)), "");
}

TEST(TierProgress, StaysBetweenZeroAndTheLargestNumber) {
  for (const TierPeriod period : {TierPeriod::kCalendarYear, TierPeriod::kRolling12Months}) {
    TieredMember anna(MoneyPolicy(period));
    EXPECT_EQ(anna.Spend(Day(2025, 2, 1), kMost), "platinum");
    EXPECT_EQ(anna.Spend(Day(2025, 2, 1), kMost), "platinum");
    EXPECT_EQ(anna.Spend(Day(2025, 2, 2), kMost), "platinum");
    EXPECT_EQ(anna.Outlook(Day(2025, 2, 2)).progress.money_minor, kMost);
    EXPECT_EQ(anna.Return(Day(2025, 2, 3), kMost, Day(2025, 2, 1)),
              period == TierPeriod::kRolling12Months ? "platinum" : "");
    EXPECT_EQ(anna.Return(Day(2025, 2, 3), kMost, Day(2025, 2, 2)), "");
    EXPECT_EQ(anna.Return(Day(2025, 2, 3), kMost, Day(2025, 2, 2)), "");
    EXPECT_EQ(anna.Spend(Day(2025, 2, 4), 500), "silver") << "nothing is owed";
  }
}

}  // namespace
}  // namespace loyalty::points
