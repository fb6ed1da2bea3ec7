#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/test_tier.h"
#include "services/points/domain/tier.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The example of the header.
TEST(TierRolling, ALeapDayCountsUntil28February) {
  TieredMember anna(MoneyPolicy(TierPeriod::kRolling12Months, 30));
  EXPECT_EQ(anna.Spend(Day(2024, 2, 29), 1'500), "silver");
  EXPECT_EQ(anna.Spend(Day(2024, 6, 1), 500), "gold");
  EXPECT_EQ(anna.Due(), anna.Midnight(Day(2025, 2, 28)));
  EXPECT_EQ(anna.LastDay(), Day(2025, 3, 29));
  EXPECT_EQ(anna.On(Day(2025, 2, 28)), "gold");
  TieredMember kept = anna;
  EXPECT_EQ(anna.On(Day(2025, 3, 29)), "gold");
  EXPECT_EQ(anna.On(Day(2025, 3, 30)), "silver");
  EXPECT_EQ(anna.On(Day(2025, 6, 30)), "silver") << "from 1 June on, which costs silver, in a grace";
  EXPECT_EQ(anna.On(Day(2025, 7, 1)), "");
  EXPECT_THAT(anna.standing().days, IsEmpty());

  EXPECT_EQ(kept.Spend(Day(2025, 3, 29), 1'500), "gold");
  EXPECT_EQ(kept.On(Day(2025, 3, 30)), "gold");
  EXPECT_EQ(kept.standing().since, kept.Noon(Day(2024, 6, 1)));
}

TEST(TierRolling, MidnightIsTheZones) {
  // Clocks go forward on 9 March 2025 and back on 2 November; Sao Paulo skipped the midnight of 4 November
  // 2018.
  TieredMember anna(MoneyPolicy(TierPeriod::kRolling12Months), Day(2024, 1, 1), "America/New_York");
  anna.Spend(Day(2024, 3, 10), 500);
  EXPECT_EQ(anna.Due(), absl::FromCivil(absl::CivilHour(2025, 3, 10, 4), absl::UTCTimeZone()));
  EXPECT_EQ(anna.On(Day(2025, 3, 10)), "");
  anna.Spend(Day(2025, 11, 2), 500);
  EXPECT_EQ(anna.Due(), absl::FromCivil(absl::CivilHour(2026, 11, 2, 5), absl::UTCTimeZone()));

  TieredMember bea(MoneyPolicy(TierPeriod::kRolling12Months), Day(2017, 1, 1), "America/Sao_Paulo");
  bea.Spend(Day(2017, 11, 4), 500);
  EXPECT_EQ(bea.Due(), absl::FromCivil(absl::CivilHour(2018, 11, 4, 3), absl::UTCTimeZone()));
  EXPECT_EQ(bea.At(bea.Due() - absl::Microseconds(1)), "silver");
  EXPECT_EQ(bea.At(bea.Due()), "");
}

TEST(TierRolling, OneTierDropsOneAGraceOrOneAMidnight) {
  TieredMember anna(MoneyPolicy(TierPeriod::kRolling12Months, 10, Downgrade::kOneTier));
  anna.Spend(Day(2024, 5, 1), 5'000);
  EXPECT_EQ(anna.On(Day(2025, 5, 10)), "platinum");
  EXPECT_EQ(anna.On(Day(2025, 5, 11)), "gold");
  EXPECT_EQ(anna.On(Day(2025, 5, 21)), "silver");
  EXPECT_EQ(anna.On(Day(2025, 5, 31)), "");
  EXPECT_EQ(anna.Due(), absl::InfiniteFuture());

  TieredMember bea(MoneyPolicy(TierPeriod::kRolling12Months, 0, Downgrade::kOneTier));
  bea.Spend(Day(2024, 5, 1), 5'000);
  EXPECT_EQ(bea.On(Day(2025, 5, 1)), "gold");
  EXPECT_EQ(bea.On(Day(2025, 5, 2)), "silver");
  EXPECT_EQ(bea.On(Day(2025, 5, 3)), "");
}

TEST(TierRolling, AGraceThatIsEndedByProgressLeavesNoTrace) {
  TieredMember anna(MoneyPolicy(TierPeriod::kRolling12Months, 30));
  anna.Spend(Day(2024, 5, 1), 500);
  anna.Spend(Day(2024, 5, 20), 400);
  EXPECT_EQ(anna.Spend(Day(2025, 5, 10), 100), "silver") << "in the grace since 1 May: 500 again";
  TieredMember returned = anna;
  EXPECT_EQ(anna.On(Day(2025, 5, 31)), "silver") << "20 May stops counting: a grace of its own";
  EXPECT_EQ(anna.On(Day(2025, 6, 18)), "silver");
  EXPECT_EQ(anna.On(Day(2025, 6, 19)), "");

  EXPECT_EQ(returned.Return(Day(2025, 5, 12), 100, Day(2025, 5, 10)), "silver") << "the first grace goes on";
  EXPECT_EQ(returned.On(Day(2025, 5, 30)), "silver");
  EXPECT_EQ(returned.On(Day(2025, 5, 31)), "");
}

TEST(TierRolling, WithinAGraceOnlyItsEndIsDue) {
  TieredMember anna(MoneyPolicy(TierPeriod::kRolling12Months, 60));
  anna.Spend(Day(2024, 5, 1), 1'500);
  anna.Spend(Day(2024, 5, 20), 500);
  EXPECT_EQ(anna.On(Day(2025, 5, 1)), "gold");
  EXPECT_EQ(anna.Due(), anna.Midnight(Day(2025, 6, 30))) << "20 May costs nothing more";
  EXPECT_EQ(anna.On(Day(2025, 6, 30)), "");
}

TEST(TierRolling, NothingIsLeftOfAGraceThatProgressEnded) {
  TieredMember anna(MoneyPolicy(TierPeriod::kRolling12Months, 10, Downgrade::kOneTier));
  anna.Spend(Day(2024, 5, 1), 2'000);
  EXPECT_EQ(anna.Spend(Day(2025, 5, 5), 2'000), "gold");
  EXPECT_EQ(anna.Return(Day(2025, 5, 20), 2'000, Day(2025, 5, 5)), "")
      << "not silver, which one tier down was";
}

TEST(TierRolling, DaysAreMergedAndPrunedAndLateArrivalsFindTheirs) {
  TieredMember anna(MoneyPolicy(TierPeriod::kRolling12Months));
  anna.Spend(Day(2024, 5, 2), 100);
  anna.Spend(Day(2024, 5, 2), 100);
  anna.Spend(Day(2024, 5, 3), 100, Day(2024, 5, 1));
  EXPECT_THAT(anna.standing().days, ElementsAre(Standing::Day{Day(2024, 5, 1), {10, 100, 1}},
                                                Standing::Day{Day(2024, 5, 2), {20, 200, 2}}));
  EXPECT_EQ(anna.Spend(Day(2025, 5, 1), 300, Day(2024, 5, 1)), "") << "that day no longer counts";
  EXPECT_EQ(anna.Spend(Day(2025, 5, 1), 300, Day(2024, 5, 2)), "silver") << "that one does for a day";
  EXPECT_THAT(anna.standing().days, SizeIs(1));
  EXPECT_EQ(anna.On(Day(2025, 5, 2)), "");
  EXPECT_EQ(anna.Return(Day(2025, 5, 2), 300, Day(2024, 5, 2)), "");
  EXPECT_THAT(anna.standing().days, IsEmpty());
}

TEST(TierRolling, AReturnLowersAtOnceAsLongAsTheDayCounts) {
  TieredMember anna(MoneyPolicy(TierPeriod::kRolling12Months, 30));
  anna.Spend(Day(2024, 5, 1), 600);
  EXPECT_EQ(anna.Spend(Day(2024, 12, 1), 1'500), "gold");
  EXPECT_EQ(anna.Return(Day(2025, 2, 1), 1'500, Day(2024, 12, 1)), "silver");
  EXPECT_THAT(anna.standing().days, SizeIs(1));
  EXPECT_EQ(anna.Return(Day(2025, 5, 2), 600, Day(2024, 5, 1)), "silver")
      << "in the grace, and no longer counted";
  EXPECT_EQ(anna.On(Day(2025, 5, 31)), "");
}

}  // namespace
}  // namespace loyalty::points
