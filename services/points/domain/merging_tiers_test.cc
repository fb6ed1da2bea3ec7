// What becomes of the tiers of two members who are one person.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

Command Merge(std::string request) { return CommandFor(std::move(request), "bert", MergeMembers{"anna"}); }
Program ShopWithTiers(TierPeriod period) {
  Program program = DollarProgram();
  program.policies.tiers = {
      .metric = TierMetric::kMoneySpent,
      .period = period,
      .downgrade = Downgrade::kToEarned,
      .tiers = {{.id = "silver", .threshold = 10'000}, {.id = "gold", .threshold = 50'000}}};
  return program;
}

TEST(MergingTiers, ProgressAddsUpInEveryPeriod) {
  for (const TierPeriod period : {TierPeriod::kCalendarYear, TierPeriod::kRolling12Months,
                                  TierPeriod::kMembershipYear, TierPeriod::kLifetime}) {
    Story story(ShopWithTiers(period));
    story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 20'000));
    story.Do(BoughtAt(kNoon, "r2", "bert", "o2", 30'000));
    EXPECT_EQ(story.TierOf("bert"), "silver");
    story.Do(Merge("m"));
    EXPECT_EQ(story.TierOf("bert"), "gold") << static_cast<int>(period);
    EXPECT_EQ(story.store.Last("bert").tier, (TierChange{"silver", "gold"}));
    story.Do(ReturnCommand("b", "", "o1", "b1"));
    EXPECT_EQ(story.TierOf("bert"), "silver") << "a return counts where the order did";
  }
}

TEST(MergingTiers, TheBetterTierStaysAsLongAsItWouldHave) {
  Story story(ShopWithTiers(TierPeriod::kCalendarYear));
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 50'000));
  story.CatchUpAt(At(2027, 3, 1), "anna");  // gold through 2027
  story.Do(BoughtAt(story.now, "r2", "bert", "o2", 10'000));
  story.Do(Merge("m"));
  EXPECT_EQ(story.TierOf("bert"), "gold");
  story.CatchUpAt(At(2028, 1, 1), "bert");
  EXPECT_EQ(story.TierOf("bert"), "silver") << "earned in 2027";
}

TEST(MergingTiers, AnOverrideGoesOnWhereItShowsMore) {
  Story story(ShopWithTiers(TierPeriod::kCalendarYear));
  story.Do(EarnCommand("r1", "anna", 1));
  story.Do(EarnCommand("r2", "bert", 1));
  story.Do(CommandFor("t", "anna", SetTier{Standing::Override{"gold", At(2026, 7, 1)}}));
  story.Do(Merge("m"));
  EXPECT_EQ(story.TierOf("bert"), "gold");
  story.CatchUpAt(At(2026, 7, 1), "bert");
  EXPECT_EQ(story.TierOf("bert"), "") << "it is not carried over";
}

// Both have overrides until 1 July and 1 September, or one of them an own tier.
TEST(MergingTiers, TheBetterOfTwoOverridesGoesOn) {
  const auto after = [](const std::string& annas, const std::string& berts) {
    Story story(ShopWithTiers(TierPeriod::kCalendarYear));
    story.Do(EarnCommand("r1", "anna", 1));
    story.Do(EarnCommand("r2", "bert", 1));
    story.Do(CommandFor("t1", "anna", SetTier{Standing::Override{annas, At(2026, 9, 1)}}));
    story.Do(CommandFor("t2", "bert", SetTier{Standing::Override{berts, At(2026, 7, 1)}}));
    story.Do(Merge("m"));
    const std::string merged = story.TierOf("bert");
    story.CatchUpAt(At(2026, 7, 1), "bert");
    return merged + " " + story.TierOf("bert");
  };
  EXPECT_EQ(after("gold", "silver"), "gold gold");
  EXPECT_EQ(after("silver", "silver"), "silver silver") << "the one that ends later";
  EXPECT_EQ(after("silver", "gold"), "gold ");
  EXPECT_EQ(after("", "gold"), "gold ") << "none is not the better one, however long";
}

TEST(MergingTiers, ABetterTierOfOnesOwnShowsAboveAnOverride) {
  for (const char* shown : {"", "silver"}) {
    for (const bool carried : {false, true}) {
      Story story(ShopWithTiers(TierPeriod::kCalendarYear));
      story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 50'000));
      if (carried) story.CatchUpAt(At(2027, 3, 1), "anna");  // gold through 2027
      story.Do(EarnCommand("r2", "bert", 1));
      const absl::Time until = story.now + absl::Hours(24);
      story.Do(CommandFor("t", "bert", SetTier{Standing::Override{shown, until}}));
      story.Do(Merge("m"));
      EXPECT_EQ(story.TierOf("bert"), "gold") << shown << carried;
      story.CatchUpAt(until, "bert");
      EXPECT_EQ(story.TierOf("bert"), "gold");
    }
  }
}

TEST(MergingTiers, ATierThatAnOverrideHidShowsIfTheOtherMemberShowedIt) {
  Story story(ShopWithTiers(TierPeriod::kCalendarYear));
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 10'000));
  story.Do(BoughtAt(kNoon, "r2", "bert", "o2", 10'000));
  story.Do(CommandFor("t", "bert", SetTier{Standing::Override{"", At(2026, 7, 1)}}));
  EXPECT_EQ(story.TierOf("bert"), "");
  story.Do(Merge("m"));
  EXPECT_EQ(story.TierOf("bert"), "silver");
}

TEST(MergingTiers, WhatWasCountedBeforeTheTiersWereDroppedAddsUpToo) {
  Story story(ShopWithTiers(TierPeriod::kCalendarYear));
  const Program with = story.store.program();
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 20'000));
  story.Do(BoughtAt(kNoon, "r2", "bert", "o2", 30'000));
  Program without = with;
  without.policies.tiers.tiers.clear();
  story.store.Change(without, story.now += absl::Hours(1));
  story.Do(Merge("m"));
  EXPECT_EQ(story.TierOf("bert"), "");
  story.store.Change(with, story.now += absl::Hours(1));
  story.CatchUpAt(story.now, "bert");
  EXPECT_EQ(story.TierOf("bert"), "gold");
}

TEST(MergingTiers, TheAccountThatWasMergedHasNoStandingAnyMore) {
  Story story(ShopWithTiers(TierPeriod::kCalendarYear));
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 50'000));
  story.Do(EarnCommand("r2", "bert", 1));
  story.Do(Merge("m"));
  EXPECT_EQ(*story.store.OwnAccountOf("anna").state, MemberState());
  EXPECT_EQ(story.store.OwnAccountOf("anna").next_due_time, absl::InfiniteFuture());
}

}  // namespace
}  // namespace loyalty::points
