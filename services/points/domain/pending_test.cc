// Points that cannot be spent yet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Maturity kFortnight{MaturityKind::kDays, 14};
constexpr Maturity kConfirmed{MaturityKind::kConfirmation, 0};

TEST(Pending, PointsOfARuleMatureAfterItsDays) {
  Story story(ShopWithRules({FixedRule("gift", 50, kFortnight)}));
  const Entry bought = story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 1000));
  EXPECT_EQ(bought.points, 10);
  EXPECT_EQ(bought.pending, 50);
  EXPECT_EQ(bought.balance_after, 10) << "what is pending cannot be spent";
  EXPECT_THAT(story.Try(SpendCommand("r2", "anna", 11)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_POINTS"));
  const absl::Time due = kNoon + absl::Hours(24 * 14);
  EXPECT_THAT(story.CatchUpAt(due - absl::Seconds(1), "anna"), IsEmpty());
  const auto entries = story.CatchUpAt(due, "anna");
  ASSERT_THAT(KindsOf(entries), ElementsAre(EntryKind::kMaturity));
  EXPECT_EQ(entries[0].points, 50);
  EXPECT_EQ(entries[0].pending, -50);
  EXPECT_EQ(entries[0].corrected_sequence, bought.sequence);
  EXPECT_EQ(entries[0].occurred_time, due);
  const Entry spent = story.Do(SpendCommand("r3", "anna", 60));
  EXPECT_THAT(spent.lot_uses,
              ElementsAre(LotUse{1, 10, kNoon}, LotUse{1, 50, kNoon, absl::InfiniteFuture(), 1}))
      << "the very lots of the purchase";
}

TEST(Pending, WhatMaturedMeanwhileCanBeSpentThoughNoJobRan) {
  Story story(ShopWithRules({FixedRule("gift", 50, kFortnight)}));
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 0));
  story.now = kNoon + absl::Hours(24 * 20);
  EXPECT_EQ(story.Do(SpendCommand("r2", "anna", 50)).balance_after, 0);
}

TEST(Pending, APurchaseThatIsToldAfterItsDaysIsNotPendingAtAll) {
  Story story(ShopWithRules({FixedRule("gift", 50, kFortnight)}));
  const Entry bought = story.Do(BoughtAt(kNoon - absl::Hours(24 * 14), "r1", "anna", "o1", 0));
  EXPECT_EQ(bought.points, 50);
  EXPECT_EQ(bought.pending, 0);
}

TEST(Pending, ConfirmingAnOrderMaturesAllOfItAndNothingElse) {
  Story story(ShopWithRules({FixedRule("days", 5, kFortnight), FixedRule("gift", 50, kConfirmed)}));
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 1000));
  story.Do(BoughtAt(kNoon, "r2", "anna", "o2", 1000));
  const Entry confirmed = story.Do(CommandFor("r3", "", ConfirmPurchase{"o1"}));
  EXPECT_EQ(confirmed.kind, EntryKind::kMaturity);
  EXPECT_EQ(confirmed.points, 55);
  EXPECT_EQ(confirmed.pending, -55);
  EXPECT_EQ(story.Of("anna").pending, 55);
  EXPECT_EQ(story.Do(CommandFor("r4", "anna", ConfirmPurchase{"o1"})).points, 0)
      << "nothing is left to confirm";
  EXPECT_THAT(story.Try(CommandFor("r5", "anna", ConfirmPurchase{"o3"})),
              IsRefused(absl::StatusCode::kNotFound, "ORDER_NOT_FOUND"));
}

TEST(Pending, UnconfirmedPointsStayPendingForEver) {
  Story story(ShopWithRules({FixedRule("gift", 50, kConfirmed)}));
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 1000));
  EXPECT_THAT(story.CatchUpAt(At(2036, 1, 1), "anna"), IsEmpty());
  EXPECT_EQ(story.Of("anna").pending, 50);
}

TEST(Pending, CancellingAnOrderUndoesIt) {
  Story story(ShopWithRules({FixedRule("gift", 50, kConfirmed)}));
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 1000));
  EXPECT_EQ(story.Of("anna").purchases, 1);
  const Entry cancelled = story.Do(CommandFor("r2", "", CancelPurchase{"o1"}));
  EXPECT_EQ(cancelled.kind, EntryKind::kReturn);
  EXPECT_EQ(cancelled.points, -10);
  EXPECT_EQ(cancelled.pending, -50);
  EXPECT_EQ(cancelled.returned_minor, 1000);
  EXPECT_EQ(story.Of("anna").purchases, 0);
  EXPECT_THAT(story.Try(CommandFor("r3", "", CancelPurchase{"o1"})),
              IsRefused(absl::StatusCode::kFailedPrecondition, "RETURN_EXCEEDS_ORDER"));
}

TEST(Pending, AReturnTakesPendingPointsFirst) {
  Story story(ShopWithRules({FixedRule("gift", 10, kConfirmed)}));
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 1000));
  const Entry half = story.Do(ReturnCommand("r2", "anna", "o1", "b1", 600));
  EXPECT_EQ(half.pending, -10);
  EXPECT_EQ(half.points, -2) << "12 of 20 go";
  EXPECT_EQ(story.Do(CommandFor("r3", "anna", ConfirmPurchase{"o1"})).points, 0);
}

TEST(Pending, WhatMaturesRepaysADebtFirst) {
  Program program = ShopWithRules({FixedRule("gift", 50, kFortnight)});
  program.policies.returns = ReturnPolicy::kAllowNegative;
  Story story(program);
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 3000));
  story.Do(EarnCommand("r2", "anna", 20));
  story.Do(SpendCommand("r3", "anna", 50));
  EXPECT_EQ(story.Do(ReverseCommand("r4", "anna", "r2")).debt, 20);
  const auto entries = story.CatchUpAt(kNoon + absl::Hours(24 * 14), "anna");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].points, 30);
  EXPECT_EQ(entries[0].debt, -20);
  EXPECT_EQ(entries[0].pending, -50);
}

}  // namespace
}  // namespace loyalty::points
