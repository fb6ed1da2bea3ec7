// What happens by itself, when its time has come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr ExpiryPolicy kOneMonth{.kind = ExpiryKind::kRolling, .months = 1};

TEST(Due, PointsAreUsableThroughTheirLastDay) {
  Story story(ShopWithExpiry(kOneMonth));
  story.Do(EarnCommand("r1", "anna", 10));  // on 1 May
  EXPECT_THAT(story.CatchUpAt(At(2026, 6, 1, 23, 59), "anna"), IsEmpty());
  EXPECT_EQ(story.Do(SpendCommand("r2", "anna", 1)).points, -1);
  const auto entries = story.CatchUpAt(At(2026, 6, 2), "anna");
  ASSERT_THAT(KindsOf(entries), ElementsAre(EntryKind::kExpiry));
  EXPECT_EQ(entries[0].points, -9);
  EXPECT_EQ(entries[0].occurred_time, At(2026, 6, 2));
  EXPECT_THAT(entries[0].lot_uses, ElementsAre(LotUse{1, 9, kNoon, At(2026, 6, 2)}));
  EXPECT_EQ(story.Of("anna").balance, 0);
}

TEST(Due, NobodySpendsWhatHasLapsedAndTheRefusalPostsTheLapse) {
  Story story(ShopWithExpiry(kOneMonth));
  story.Do(EarnCommand("r1", "anna", 10));
  story.now = At(2026, 7, 1);
  EXPECT_THAT(story.Try(SpendCommand("r2", "anna", 1)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_POINTS"));
  EXPECT_EQ(story.Of("anna").balance, 0) << "though the command was refused";
  EXPECT_EQ(story.store.Last("anna").kind, EntryKind::kExpiry);
  EXPECT_EQ(story.store.Last("anna").recorded_time, At(2026, 7, 1));
}

TEST(Due, LotsOfOneDayLapseTogetherAndThoseOfAnotherByThemselves) {
  Story story(ShopWithExpiry(kOneMonth));
  story.Do(EarnCommand("r1", "anna", 1));
  story.Do(EarnedAt(kNoon - absl::Hours(1), "r2", "anna", 2));
  story.Do(EarnedAt(kNoon - absl::Hours(24), "r3", "anna", 4));
  const auto entries = story.CatchUpAt(At(2026, 8, 1), "anna");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].points, -4);
  EXPECT_EQ(entries[1].points, -3);
  EXPECT_EQ(entries[1].occurred_time, At(2026, 6, 2));
}

TEST(Due, OnAFixedDayOfTheYear) {
  Story story(ShopWithExpiry({.kind = ExpiryKind::kFixedDay, .month = 12, .day = 31}));
  story.Do(EarnCommand("r1", "anna", 10));
  EXPECT_THAT(story.CatchUpAt(At(2026, 12, 31, 23, 59), "anna"), IsEmpty());
  EXPECT_EQ(story.CatchUpAt(At(2027, 1, 1), "anna").size(), 1u);
}

TEST(Due, AllPointsOfAnInactiveMemberLapseAndEachActivityPutsItOff) {
  Story story(ShopWithExpiry({.kind = ExpiryKind::kInactivity, .months = 2}));
  story.Do(EarnCommand("r1", "anna", 10));  // would lapse after 1 July
  story.now = At(2026, 6, 20);
  story.Do(SpendCommand("r2", "anna", 3));  // so after 20 August
  EXPECT_THAT(story.CatchUpAt(At(2026, 8, 20, 23), "anna"), IsEmpty());
  const auto entries = story.CatchUpAt(At(2026, 9, 1), "anna");
  ASSERT_THAT(KindsOf(entries), ElementsAre(EntryKind::kExpiry));
  EXPECT_EQ(entries[0].points, -7);
  EXPECT_EQ(entries[0].occurred_time, At(2026, 8, 21));
}

TEST(Due, ALabelIsNoActivity) {
  Story story(ShopWithExpiry({.kind = ExpiryKind::kInactivity, .months = 2}));
  story.Do(EarnCommand("r1", "anna", 10));
  story.now = At(2026, 6, 30);
  story.Do(LabelCommand("r2", "anna", "vip", kNoon));
  EXPECT_EQ(story.CatchUpAt(At(2026, 7, 2), "anna").size(), 1u);
}

TEST(Due, WhatComesBackToAnInactiveMemberLapsesAtOnce) {
  Story story(ShopWithExpiry({.kind = ExpiryKind::kInactivity, .months = 1}));
  story.Do(EarnCommand("r1", "anna", 10));
  story.Do(SpendCommand("r2", "anna", 10));
  story.now = At(2026, 8, 1);
  EXPECT_EQ(story.Do(ReverseCommand("r3", "anna", "r2")).points, 10);
  EXPECT_EQ(story.store.Last("anna").kind, EntryKind::kExpiry);
  EXPECT_EQ(story.Of("anna").balance, 0);
}

TEST(Due, ALateArrivalWhoseLifeIsOverComesInAndGoes) {
  Story story(ShopWithExpiry(kOneMonth));
  story.Do(EarnCommand("r1", "anna", 5));
  const Entry late = story.Do(BoughtAt(At(2026, 3, 1), "r2", "anna", "o1", 1000));
  EXPECT_EQ(late.balance_after, 15);
  EXPECT_EQ(story.Of("anna").balance, 5);
  EXPECT_EQ(story.store.Last("anna").kind, EntryKind::kExpiry);
  EXPECT_EQ(story.store.Last("anna").occurred_time, At(2026, 4, 2));
}

TEST(Due, PointsThatMatureWhenTheyLapseDoBoth) {
  Program program = ShopWithRules({FixedRule("gift", 50, {MaturityKind::kDays, 40})});
  program.policies.expiry = kOneMonth;
  Story story(program);
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 0));
  EXPECT_THAT(story.CatchUpAt(At(2026, 6, 5), "anna"), IsEmpty()) << "what is pending does not lapse";
  const auto entries = story.CatchUpAt(At(2026, 7, 1), "anna");
  EXPECT_THAT(KindsOf(entries), ElementsAre(EntryKind::kMaturity, EntryKind::kExpiry));
  EXPECT_EQ(story.Of("anna").balance, 0);
}

TEST(Due, WhatIsDueIsDoneInTheOrderOfTime) {
  Program program = ShopWithRules({FixedRule("gift", 50, {MaturityKind::kDays, 5})});
  program.policies.expiry = {.kind = ExpiryKind::kRolling, .days = 10};
  Story story(program);
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 1000));
  story.Do(CommandFor("r2", "anna", ReservePoints{4, absl::Hours(24 * 3), ""}));
  const auto entries = story.CatchUpAt(At(2026, 6, 1), "anna");
  EXPECT_THAT(KindsOf(entries), ElementsAre(EntryKind::kRelease, EntryKind::kMaturity, EntryKind::kExpiry));
  EXPECT_EQ(entries[2].points, -60);
}

TEST(Due, CatchingUpAnswersWithItsLastEntryOrWithNone) {
  Story story(ShopWithExpiry(kOneMonth));
  story.Do(EarnCommand("r1", "anna", 10));
  EXPECT_EQ(story.Do(CommandFor("", "anna", CatchUp{})).sequence, 0);
  story.now = At(2026, 7, 1);
  EXPECT_EQ(story.Do(CommandFor("", "anna", CatchUp{})).kind, EntryKind::kExpiry);
  EXPECT_EQ(story.Do(CommandFor("", "anna", CatchUp{})).sequence, 0);
  EXPECT_THAT(story.Try(CommandFor("", "bert", CatchUp{})),
              IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
}

TEST(Due, WhatIsTakenBackOfADeedThatLapsedInTheSameBatchIsTakenOfOtherPoints) {
  Story story(ShopWithExpiry(kOneMonth));
  story.Do(EarnCommand("r1", "anna", 50));
  const auto answers = story.store.Apply(
      {EarnedAt(At(2026, 3, 1), "r2", "anna", 10), ReverseCommand("r3", "anna", "r2")}, kNoon);
  ASSERT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_THAT(answers[1]->entry.lot_uses, ElementsAre(LotUse{1, 10, kNoon, At(2026, 6, 2)}));
  EXPECT_EQ(story.store.Imbalance(), "");
}

// Found by ledger_property_test.cc: nothing but the batch says whose the order is.
TEST(Due, SoIsThatOfAnOrderOfTheSameBatchThatIsCancelledByItsIdAlone) {
  Story story(ShopWithExpiry(kOneMonth));
  story.Do(EarnCommand("r1", "anna", 50));
  const auto answers = story.store.Apply(
      {BoughtAt(At(2026, 3, 1), "r2", "anna", "o1", 1000), CommandFor("r3", "", CancelPurchase{"o1"})},
      kNoon);
  ASSERT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_THAT(answers[1]->entry.lot_uses, ElementsAre(LotUse{1, 10, kNoon, At(2026, 6, 2)}));
  EXPECT_EQ(story.store.Imbalance(), "");
}

}  // namespace
}  // namespace loyalty::points
