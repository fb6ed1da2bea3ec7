// What a return takes back, and what comes back with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;

Program ShopThat(ReturnPolicy policy) {
  Program program = ShopWithRules({FixedRule("gift", 10, {MaturityKind::kConfirmation, 0})});
  program.policies.returns = policy;
  return program;
}
// An order of 20 points, 10 of them pending, of which 6 were spent; and 3 points of elsewhere.
Story SpentOnTheOrder(ReturnPolicy policy) {
  Story story(ShopThat(policy));
  story.Do(BoughtAt(kNoon - absl::Hours(1), "r1", "anna", "o1", 1000));
  story.Do(SpendCommand("r2", "anna", 6));
  story.Do(EarnCommand("r3", "anna", 3));
  return story;
}

TEST(ReturnPolicies, PendingOnlyTakesTheOrdersOwnPointsAndNoOthers) {
  Story story = SpentOnTheOrder(ReturnPolicy::kPendingOnly);
  const Entry back = story.Do(ReturnCommand("r4", "anna", "o1", "b1"));
  EXPECT_EQ(back.pending, -10);
  EXPECT_EQ(back.points, -4);
  EXPECT_EQ(back.shortfall, 6);
  EXPECT_EQ(story.Of("anna").balance, 3);
}

TEST(ReturnPolicies, WithinBalanceTakesOtherPointsTooButNeverMoreThanThereAre) {
  Story story = SpentOnTheOrder(ReturnPolicy::kWithinBalance);
  const Entry back = story.Do(ReturnCommand("r4", "anna", "o1", "b1"));
  EXPECT_EQ(back.points, -7);
  EXPECT_EQ(back.shortfall, 3);
  EXPECT_EQ(story.Of("anna").balance, 0);
}

TEST(ReturnPolicies, AllowNegativeLeavesADebtThatTheNextEarningsRepay) {
  Story story = SpentOnTheOrder(ReturnPolicy::kAllowNegative);
  const Entry back = story.Do(ReturnCommand("r4", "anna", "o1", "b1"));
  EXPECT_EQ(back.points, -7);
  EXPECT_EQ(back.debt, 3);
  EXPECT_EQ(back.shortfall, 0);
  const Entry first = story.Do(EarnCommand("r5", "anna", 2));
  EXPECT_EQ(first.points, 0);
  EXPECT_EQ(first.debt, -2);
  EXPECT_THAT(first.lot_uses, ElementsAre(LotUse{5, 2, kNoon}));
  const Entry second = story.Do(EarnCommand("r6", "anna", 2));
  EXPECT_EQ(second.points, 1);
  EXPECT_EQ(second.debt, -1);
  EXPECT_EQ(story.Of("anna").debt, 0);
}

TEST(ReturnPolicies, WhatRepaidADebtIsTakenBackAsAnyOther) {
  Story story = SpentOnTheOrder(ReturnPolicy::kAllowNegative);
  story.Do(ReturnCommand("r4", "anna", "o1", "b1"));
  story.Do(EarnCommand("r5", "anna", 2));
  const Entry reversed = story.Do(ReverseCommand("r6", "anna", "r5"));
  EXPECT_EQ(reversed.debt, 2) << "it had brought in 2, though nothing to spend";
  EXPECT_EQ(story.Of("anna").debt, 3);
}

TEST(ReturnPolicies, ByLinesByAmountAndTheRest) {
  Story story;
  // 10 points: 3 on the tea (three boxes), 7 on the cup.
  story.Do(WithLines(PurchaseCommand("r1", "anna", "o1", 0), {{"tea", "", 3, 300}, {"cup", "", 1, 700}}));
  const Entry box = story.Do(ReturnLinesCommand("r2", "o1", "b1", {{0, 1}}));
  EXPECT_EQ(box.points, -1);
  EXPECT_EQ(box.returned_minor, 100);
  EXPECT_THAT(box.returned_lines, ElementsAre(ReturnedLine{0, 1}));
  EXPECT_EQ(story.Do(ReturnCommand("r3", "anna", "o1", "b2", 250)).points, -2) << "floor(10 × 2.50 ÷ 10.00)";
  EXPECT_THAT(story.Try(ReturnLinesCommand("r4", "o1", "b3", {{1, 1}})),
              IsRefused(absl::StatusCode::kFailedPrecondition, "RETURN_EXCEEDS_ORDER"));
  EXPECT_THAT(story.Try(ReturnLinesCommand("r5", "o1", "b4", {{0, 3}})),
              IsRefused(absl::StatusCode::kFailedPrecondition, "RETURN_EXCEEDS_ORDER"));
  const Entry rest = story.Do(ReturnCommand("r6", "anna", "o1", "b5"));
  EXPECT_EQ(rest.points, -7);
  EXPECT_EQ(rest.returned_minor, 650);
}

TEST(ReturnPolicies, PointsSpentOnTheOrderComeBackProRata) {
  Story story;
  story.Do(EarnCommand("r1", "anna", 30));
  story.Do(BoughtAt(kNoon, "r2", "anna", "o1", 1000));
  story.Do(CommandFor("r3", "anna", Spend{9, "o1", 0}));
  story.Do(CommandFor("hold", "anna", ReservePoints{8, absl::Hours(1), "o1"}));
  story.Do(CommandFor("r5", "anna", CapturePoints{"hold", 4}));
  const size_t before = story.store.EntriesOf("anna").size();
  EXPECT_EQ(story.Do(ReturnCommand("r6", "anna", "o1", "b1", 500)).points, -5);
  const auto entries = story.store.EntriesOf("anna");
  ASSERT_EQ(entries.size(), before + 3);
  EXPECT_EQ(entries[before].kind, EntryKind::kRestore);
  EXPECT_EQ(entries[before].points, 4) << "floor(9 ÷ 2)";
  EXPECT_EQ(entries[before + 1].points, 2);
  EXPECT_EQ(entries[before + 2].kind, EntryKind::kReturn);
  story.Do(ReturnCommand("r7", "anna", "o1", "b2"));
  EXPECT_EQ(story.Of("anna").balance, 30) << "as if the order had never been";
}

// Found by ledger_property_test.cc: who pays first and tells the order later, in the batch of its return.
TEST(ReturnPolicies, SoDoThoseThatWereSpentBeforeTheOrderWasTold) {
  Story story;
  story.Do(EarnCommand("r1", "anna", 30));
  story.Do(CommandFor("r2", "anna", Spend{9, "o1", 0}));
  story.store.Apply({BoughtAt(kNoon, "r3", "anna", "o1", 1000), ReturnCommand("r4", "", "o1", "b1")}, kNoon);
  EXPECT_EQ(story.Of("anna").balance, 30);
  EXPECT_EQ(story.store.Imbalance(), "");
}

TEST(ReturnPolicies, WhatComesBackCanBeTakenForWhatTheOrderEarned) {
  for (const ReturnPolicy policy : {ReturnPolicy::kWithinBalance, ReturnPolicy::kAllowNegative}) {
    Program program = DollarProgram();
    program.policies.returns = policy;
    Story story(program);
    story.Do(EarnCommand("e", "anna", 50));
    story.Do(CommandFor("s1", "anna", Spend{50, "o1", 0}));
    story.Do(PurchaseCommand("p", "anna", "o1", 1000));
    story.Do(SpendCommand("s2", "anna", 10));
    const Entry back = story.Do(ReturnCommand("b", "anna", "o1", "b"));
    EXPECT_EQ(back.points, -10);
    EXPECT_EQ(back.shortfall, 0);
    EXPECT_EQ(story.Of("anna").balance, 40);
    EXPECT_EQ(story.Of("anna").debt, 0);
  }
}

TEST(ReturnPolicies, WhatComesBackExpiredCannot) {
  Story story(ShopWithExpiry({.kind = ExpiryKind::kRolling, .days = 10}));
  story.Do(EarnCommand("e", "anna", 50));
  story.Do(CommandFor("s1", "anna", Spend{50, "o1", 0}));
  story.now += absl::Hours(24 * 8);
  story.Do(BoughtAt(story.now, "p", "anna", "o1", 1000));
  story.Do(SpendCommand("s2", "anna", 4));
  story.now += absl::Hours(24 * 8);
  const Entry back = story.Do(ReturnCommand("b", "anna", "o1", "b"));
  EXPECT_EQ(back.points, -6) << "what is left of what the order earned";
  EXPECT_EQ(back.shortfall, 4);
  EXPECT_EQ(story.Of("anna").balance, 0);
}

TEST(ReturnPolicies, WhatWasReversedByHandDoesNotComeBackTwice) {
  Story story;
  story.Do(EarnCommand("r1", "anna", 30));
  story.Do(BoughtAt(kNoon, "r2", "anna", "o1", 1000));
  story.Do(CommandFor("spent", "anna", Spend{10, "o1", 0}));
  story.Do(ReverseCommand("r4", "anna", "spent", 7));
  story.Do(ReturnCommand("r5", "anna", "o1", "b1", 500));
  EXPECT_EQ(story.Of("anna").balance, 32) << "5 of 10 should be back, 7 are";
  story.Do(ReturnCommand("r6", "anna", "o1", "b2"));
  EXPECT_EQ(story.Of("anna").balance, 30);
}

TEST(ReturnPolicies, TierBudgetsLimitsAndPurchasesAreUndoneToo) {
  Program program = ShopWithRules({FixedRule("gift", 10)});
  program.rules[0].limits = {.per_member_month = 10, .budget = 15};
  program.policies.tiers = {.metric = TierMetric::kMoneySpent,
                            .tiers = {{.id = "silver", .threshold = 1000}}};
  Story story(program);
  EXPECT_EQ(story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 1000)).points, 20);
  EXPECT_EQ(story.TierOf("anna"), "silver");
  EXPECT_EQ(story.store.Budget("gift"), 10);
  EXPECT_EQ(story.Do(BoughtAt(kNoon, "r2", "anna", "o2", 0)).points, 0) << "the month's limit is reached";
  story.Do(ReturnCommand("r3", "anna", "o1", "b1", 500));
  EXPECT_EQ(story.TierOf("anna"), "");
  EXPECT_EQ(story.store.Budget("gift"), 5);
  EXPECT_EQ(story.Of("anna").purchases, 2);
  story.Do(ReturnCommand("r4", "anna", "o1", "b2"));
  EXPECT_EQ(story.store.Budget("gift"), 0);
  EXPECT_EQ(story.Of("anna").purchases, 1);
  EXPECT_EQ(story.Do(BoughtAt(kNoon, "r5", "anna", "o3", 0)).points, 10);
}

TEST(ReturnPolicies, AFreeLineThatComesBackAfterTheRestIsNoSecondReturnOfAll) {
  Story story;
  story.Do(WithLines(PurchaseCommand("r1", "anna", "o1", 0), {{"tea", "", 1, 1000}, {"gift", "", 1, 0}}));
  story.Do(PurchaseCommand("r2", "anna", "o2", 100));
  story.Do(ReturnCommand("r3", "anna", "o1", "b1"));
  EXPECT_EQ(story.Of("anna").purchases, 1);
  story.Do(ReturnLinesCommand("r4", "o1", "b2", {{1, 1}}));
  EXPECT_EQ(story.Of("anna").purchases, 1);
}

TEST(ReturnPolicies, AnOrderOfNothingAtAllIsCancelledAndOnlyOnce) {
  Story story(ShopWithRules({FixedRule("gift", 5, {MaturityKind::kConfirmation, 0})}));
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 0));
  EXPECT_EQ(story.Of("anna").pending, 5);
  EXPECT_THAT(story.Try(ReturnCommand("r2", "anna", "o1", "b1")),
              IsRefused(absl::StatusCode::kFailedPrecondition, "RETURN_EXCEEDS_ORDER"));
  const Entry cancelled = story.Do(CommandFor("r3", "anna", CancelPurchase{"o1"}));
  EXPECT_EQ(cancelled.pending, -5);
  EXPECT_EQ(story.Of("anna").pending, 0);
  EXPECT_EQ(story.Of("anna").purchases, 0);
  for (const Command& again :
       {CommandFor("r4", "anna", CancelPurchase{"o1"}), ReturnCommand("r5", "anna", "o1", "b1")}) {
    EXPECT_THAT(story.Try(again), IsRefused(absl::StatusCode::kFailedPrecondition, "RETURN_EXCEEDS_ORDER"));
  }
}

}  // namespace
}  // namespace loyalty::points
