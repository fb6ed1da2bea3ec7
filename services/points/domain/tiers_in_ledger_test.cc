// Tiers, as the ledger reaches and loses them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;

Program ShopWithTiers() {
  Program program = DollarProgram();
  program.policies.tiers = {
      .metric = TierMetric::kMoneySpent,
      .period = TierPeriod::kCalendarYear,
      .downgrade = Downgrade::kToEarned,
      .tiers = {{.id = "silver", .threshold = 10'000},
                {.id = "gold", .threshold = 50'000, .multiplier_numerator = 2, .multiplier_denominator = 1}}};
  return program;
}

TEST(TiersInLedger, AreReachedAtOnceAndCountForTheNextPurchaseOfTheSameBatch) {
  Story story(ShopWithTiers());
  const auto answers = story.store.Apply(
      {BoughtAt(kNoon, "r1", "anna", "o1", 50'000), BoughtAt(kNoon, "r2", "anna", "o2", 1000)});
  EXPECT_EQ(answers[0]->entry.points, 500) << "not yet at gold's";
  EXPECT_EQ(answers[1]->entry.points, 20);
  EXPECT_THAT(answers[1]->entry.awards,
              ElementsAre(Award{"base", 10, {}, {}}, Award{"tier:gold", 10, {}, {}}));
  const auto entries = story.store.EntriesOf("anna");
  ASSERT_THAT(KindsOf(entries), ElementsAre(EntryKind::kPurchase, EntryKind::kTier, EntryKind::kPurchase));
  EXPECT_EQ(entries[1].tier, (TierChange{"", "gold"}));
  EXPECT_EQ(entries[1].order_id, "o1");
  EXPECT_EQ(entries[1].Net(), 0);
}

TEST(TiersInLedger, DropWhenTheYearAfterEndsThoughNobodyLooks) {
  Story story(ShopWithTiers());
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 50'000));
  story.now = At(2027, 6, 1);
  story.Do(BoughtAt(story.now, "r2", "anna", "o2", 20'000));
  EXPECT_EQ(story.TierOf("anna"), "gold") << "through 2027";
  const auto entries = story.CatchUpAt(At(2028, 3, 1), "anna");
  ASSERT_THAT(KindsOf(entries), ElementsAre(EntryKind::kTier));
  EXPECT_EQ(entries[0].tier, (TierChange{"gold", "silver"}));
  EXPECT_EQ(entries[0].occurred_time, At(2028, 1, 1));
  EXPECT_EQ(entries[0].recorded_time, At(2028, 3, 1));
}

TEST(TiersInLedger, TheDropComesBeforeWhatIsBoughtAfterIt) {
  Story story(ShopWithTiers());
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 50'000));
  story.now = At(2028, 3, 1);
  EXPECT_EQ(story.Do(BoughtAt(story.now, "r2", "anna", "o2", 1000)).points, 10);
}

TEST(TiersInLedger, AReturnLowersTheTierAtOnceAndWhatWasAwardedAtItStands) {
  Story story(ShopWithTiers());
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 50'000));
  story.Do(BoughtAt(kNoon, "r2", "anna", "o2", 1000));
  EXPECT_EQ(story.Do(ReturnCommand("r3", "anna", "o1", "b1")).points, -500);
  EXPECT_EQ(story.TierOf("anna"), "");
  EXPECT_EQ(story.Of("anna").balance, 20);
}

TEST(TiersInLedger, AreOverriddenByHandUntilATime) {
  Story story(ShopWithTiers());
  story.Do(EarnCommand("r1", "anna", 1));
  const Entry set = story.Do(CommandFor("r2", "anna", SetTier{Standing::Override{"gold", At(2026, 7, 1)}}));
  EXPECT_EQ(set.tier, (TierChange{"", "gold", At(2026, 7, 1)}));
  EXPECT_EQ(story.Do(BoughtAt(kNoon, "r3", "anna", "o1", 1000)).points, 20);
  const auto entries = story.CatchUpAt(At(2026, 7, 1), "anna");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].tier, (TierChange{"gold", ""}));
}

TEST(TiersInLedger, AnOverrideEndsByHandToo) {
  Story story(ShopWithTiers());
  story.Do(EarnCommand("r1", "anna", 1));
  story.Do(CommandFor("r2", "anna", SetTier{Standing::Override{"gold", At(2026, 7, 1)}}));
  EXPECT_EQ(story.Do(CommandFor("r3", "anna", SetTier{})).tier, (TierChange{"gold", ""}));
  EXPECT_EQ(story.CatchUpAt(At(2026, 8, 1), "anna").size(), 0u);
}

TEST(TiersInLedger, AnOverrideIsToATierOfTheProgramAndAhead) {
  Story story(ShopWithTiers());
  story.Do(EarnCommand("r1", "anna", 1));
  EXPECT_THAT(story.Try(CommandFor("r2", "anna", SetTier{Standing::Override{"platinum", At(2026, 7, 1)}})),
              IsRefused(absl::StatusCode::kNotFound, "TIER_NOT_FOUND"));
  const auto past = story.Try(CommandFor("r3", "anna", SetTier{Standing::Override{"gold", kNoon}}));
  EXPECT_THAT(testing::ViolationsOf(past), ElementsAre("until_time TIME_ORDER"));
}

// From now on the tiers are these.
void Change(Story& story, std::vector<Tier> tiers) {
  Program program = story.store.program();
  program.policies.tiers.tiers = std::move(tiers);
  story.store.Change(program, story.now);
}

TEST(TiersInLedger, EndWithTheTierThatThePolicyDropsWhoeverLooksFirst) {
  for (const bool all : {true, false}) {
    Story story(ShopWithTiers());
    story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 50'000));
    const absl::Time changed = story.now += absl::Hours(1);
    Change(story, all ? std::vector<Tier>() : std::vector<Tier>{{.id = "bronze", .threshold = 100'000}});
    const auto entries = story.CatchUpAt(At(2026, 5, 3), "anna");
    ASSERT_THAT(KindsOf(entries), ElementsAre(EntryKind::kTier));
    EXPECT_EQ(entries[0].tier, (TierChange{"gold", ""}));
    EXPECT_EQ(entries[0].occurred_time, changed);
    EXPECT_EQ(story.CatchUpAt(At(2026, 5, 4), "anna").size(), 0u) << "once";
    Change(story, ShopWithTiers().policies.tiers.tiers);
    EXPECT_EQ(story.CatchUpAt(At(2026, 5, 5), "anna")[0].tier, (TierChange{"", "gold"}))
        << "what was counted stays";
  }
}

TEST(TiersInLedger, AreGivenAtOnceWhereThresholdsFall) {
  Program program = ShopWithTiers();
  program.policies.tiers.period = TierPeriod::kLifetime;
  Story story(program);
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 20'000));
  Change(story, {{.id = "silver", .threshold = 5'000}, {.id = "gold", .threshold = 15'000}});
  EXPECT_EQ(story.CatchUpAt(story.now, "anna")[0].tier, (TierChange{"silver", "gold"}));
}

TEST(TiersInLedger, FollowTheOldPolicyUntilItChangesThoughNobodyLooked) {
  Program program = ShopWithTiers();
  Story story(program);
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 50'000));
  story.now = At(2028, 3, 1);
  Change(story, {{.id = "silver", .threshold = 20'000}, {.id = "gold", .threshold = 60'000}});
  const auto entries = story.store.EntriesOf("anna");
  ASSERT_EQ(entries.size(), 3u) << "the drop was posted before";
  EXPECT_EQ(entries[2].tier, (TierChange{"gold", ""}));
  EXPECT_EQ(entries[2].occurred_time, At(2028, 1, 1));
}

TEST(TiersInLedger, AReturnTakesBackNoProgressThatWasNotCounted) {
  Program without = ShopWithTiers();
  without.policies.tiers.tiers.clear();
  Story story(without);
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 9'000));
  story.Do(EarnCommand("r2", "anna", 300));
  Change(story, ShopWithTiers().policies.tiers.tiers);
  story.Do(BoughtAt(kNoon, "r3", "anna", "o2", 10'000));
  EXPECT_EQ(story.TierOf("anna"), "silver");
  story.Do(ReturnCommand("r4", "anna", "o1", "b1"));
  EXPECT_EQ(story.TierOf("anna"), "silver");
  story.Do(ReverseCommand("r5", "anna", "r2"));
  EXPECT_EQ(StateOf(story.Of("anna")).standing.progress, (Progress{100, 10'000, 1}));
  story.Do(ReturnCommand("r6", "anna", "o2", "b2"));
  EXPECT_EQ(story.TierOf("anna"), "");
}

TEST(TiersInLedger, AReturnTakesBackFromTheYearInWhichItWasCounted) {
  Story story(ShopWithTiers());
  story.now = At(2026, 12, 31, 23, 58);
  story.Do(BoughtAt(At(2027, 1, 1, 0, 1), "r1", "anna", "o1", 10'000));  // a clock that is ahead
  story.now = At(2027, 2, 1);
  story.Do(BoughtAt(story.now, "r2", "anna", "o2", 10'000));
  story.Do(ReturnCommand("r3", "anna", "o1", "b1"));
  EXPECT_EQ(StateOf(story.Of("anna")).standing.progress, (Progress{100, 10'000, 1}));
}

TEST(TiersInLedger, AMembershipYearBeginsWithTheEnrollmentThatTheBatchMade) {
  Program program = ShopWithTiers();
  program.policies.tiers.period = TierPeriod::kMembershipYear;
  Story story(program);
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 50'000));  // on 1 May 2026
  EXPECT_EQ(story.CatchUpAt(At(2028, 4, 30, 23, 59), "anna").size(), 0u);
  EXPECT_EQ(story.CatchUpAt(At(2028, 5, 1), "anna").size(), 1u);
}

}  // namespace
}  // namespace loyalty::points
