// Points as payment, and their way back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;

constexpr absl::Duration kDay = absl::Hours(24);

Command Pay(std::string request, int64_t points, int64_t order_total_minor) {
  return CommandFor(std::move(request), "anna", Spend{points, "o1", order_total_minor});
}

TEST(Spending, WhatLapsesFirstIsUsedFirstOlderFirstAmongEqualsNeverLapsingLast) {
  Story story;
  story.Do(EarnCommand("r1", "anna", 10));  // under a policy by which points never lapse
  story.store.program().policies.expiry = {
      .kind = ExpiryKind::kRolling, .months = 1, .round_up = RoundUp::kMonthEnd};
  story.Do(EarnCommand("r2", "anna", 10));
  story.Do(EarnedAt(kNoon - absl::Hours(1), "r3", "anna", 10));
  story.Do(EarnedAt(kNoon - 2 * kDay, "r4", "anna", 10));
  EXPECT_THAT(story.Do(SpendCommand("r5", "anna", 35)).lot_uses,
              ElementsAre(LotUse{4, 10, kNoon - 2 * kDay, At(2026, 6, 1)},
                          LotUse{3, 10, kNoon - absl::Hours(1), At(2026, 7, 1)},
                          LotUse{2, 10, kNoon, At(2026, 7, 1)}, LotUse{1, 5, kNoon}));
}

TEST(Spending, PaysAShareOfAnOrderThatIsLargeEnough) {
  Program program = DollarProgram();
  // 100 points are 1.00; orders from 20.00; half of an order at most.
  program.policies.spending = {100, 100, 2000, 50, 0};
  Story story(program);
  story.Do(EarnCommand("r1", "anna", 5000));
  EXPECT_THAT(story.Try(Pay("r2", 100, 1999)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "ORDER_TOO_SMALL"));
  EXPECT_THAT(story.Try(Pay("r3", 1001, 2000)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "SHARE_TOO_LARGE"));
  EXPECT_EQ(story.Do(Pay("r4", 1000, 2000)).paid_minor, 1000);
  EXPECT_EQ(story.Do(Pay("r5", 999, 0)).paid_minor, 0) << "without an order's total nothing is checked";
}

class Payments : public ::testing::Test {
 protected:
  Payments() : story_(HalfOfAnOrder()) { story_.Do(EarnCommand("e", "anna", 5000)); }

  static Program HalfOfAnOrder() {
    Program program = DollarProgram();
    program.policies.spending = {100, 100, 0, 50, 0};
    return program;
  }
  static Command Reserve(std::string request, int64_t points, int64_t order_total_minor) {
    return CommandFor(std::move(request), "anna",
                      ReservePoints{points, absl::Hours(1), "o1", order_total_minor});
  }
  // The most that may still pay for the order of 20.00.
  void ExpectLeft(int64_t points) {
    Command most = Pay(absl::StrCat("most", ++tries_), points, 2000);
    most.validate_only = true;
    EXPECT_TRUE(story_.Try(most).ok());
    EXPECT_THAT(story_.Try(Pay("more", points + 1, 2000)),
                IsRefused(absl::StatusCode::kFailedPrecondition, "SHARE_TOO_LARGE"));
  }

  Story story_;
  int tries_ = 0;
};

TEST_F(Payments, OfOneOrderCountTogether) {
  ExpectLeft(1000);
  story_.Do(Pay("r1", 600, 2000));
  ExpectLeft(400);
  story_.Do(Pay("r2", 100, 0));  // not checked, and counted
  ExpectLeft(300);
  story_.Do(ReverseCommand("r3", "anna", "r1", 50));
  ExpectLeft(350);
  Command other = Pay("r4", 1000, 2000);
  std::get<Spend>(other.action).order_id = "o2";
  story_.Do(other);
  ExpectLeft(350);
  std::get<Spend>(other.action).order_id = "";
  other.request_id = "r5";
  story_.Do(other);
  ExpectLeft(350);
}

TEST_F(Payments, OfOneBatchToo) {
  const auto answers =
      story_.store.Apply({Pay("r1", 600, 2000), Pay("r2", 401, 2000), Pay("r3", 400, 2000)}, story_.now);
  EXPECT_TRUE(answers[0].ok() && answers[2].ok());
  EXPECT_THAT(answers[1], IsRefused(absl::StatusCode::kFailedPrecondition, "SHARE_TOO_LARGE"));
}

TEST_F(Payments, CountWithWhatIsHeldForTheOrder) {
  EXPECT_THAT(story_.Try(Reserve("h0", 1001, 2000)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "SHARE_TOO_LARGE"));
  story_.Do(Reserve("h1", 300, 2000));
  story_.Do(Reserve("h2", 200, 0));
  ExpectLeft(500);
  story_.Do(CommandFor("c1", "anna", CapturePoints{"h1", 100}));
  ExpectLeft(700);
  story_.Do(CommandFor("c2", "anna", ReleasePoints{"h2"}));
  ExpectLeft(900);
  story_.Do(Reserve("h3", 900, 2000));
  ExpectLeft(0);
}

TEST_F(Payments, CountForAllWhoAreOnePerson) {
  story_.Do(Pay("r1", 300, 2000));
  story_.Do(Reserve("h1", 200, 2000));
  story_.Do(EarnCommand("e2", "bert", 1000));
  Command merge = CommandFor("m", "bert", MergeMembers{"anna"});
  merge.reason = merge.actor = "clerk";
  story_.Do(merge);
  ExpectLeft(500);
}

TEST(Spending, PaysWhatItIsWorthRoundedDown) {
  Program program = DollarProgram();
  program.policies.spending = {3, 2, 0, 100, 0};
  Story story(program);
  story.Do(EarnCommand("r1", "anna", 100));
  EXPECT_EQ(story.Do(Pay("r2", 10, 2000)).paid_minor, 6);
}

class Reversals : public ::testing::Test {
 protected:
  explicit Reversals(int32_t grace_days = 0) : story_(ProgramOf(grace_days)) {
    story_.Do(EarnedAt(kNoon - kDay, "r1", "anna", 10));
    story_.Do(EarnCommand("r2", "anna", 10));
    story_.Do(SpendCommand("spent", "anna", 15));
  }
  static Program ProgramOf(int32_t grace_days) {
    Program program = ShopWithExpiry({.kind = ExpiryKind::kRolling, .days = 10});
    program.policies.spending.grace_days = grace_days;
    return program;
  }
  const absl::Time first_ = At(2026, 5, 11), second_ = At(2026, 5, 12);  // when the points lapse
  Story story_;
};
class Graces : public Reversals {
 protected:
  Graces() : Reversals(5) {}
};

TEST_F(Reversals, RestoreTheVeryLotsWithTheirOwnExpiry) {
  const Entry back = story_.Do(ReverseCommand("r4", "anna", "spent"));
  EXPECT_EQ(back.kind, EntryKind::kRestore);
  EXPECT_EQ(back.points, 15);
  EXPECT_EQ(back.corrected_sequence, 3);
  EXPECT_THAT(back.lot_uses,
              ElementsAre(LotUse{1, -10, kNoon - kDay, first_}, LotUse{2, -5, kNoon, second_}));
  const auto entries = story_.CatchUpAt(first_, "anna");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].points, -10);
}

TEST_F(Reversals, InPartsGiveBackWhatWasUsedLastFirst) {
  EXPECT_THAT(story_.Do(ReverseCommand("r4", "anna", "spent", 7)).lot_uses,
              ElementsAre(LotUse{1, -2, kNoon - kDay, first_}, LotUse{2, -5, kNoon, second_}));
  EXPECT_THAT(story_.Try(ReverseCommand("r5", "anna", "spent", 9)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "REVERSAL_EXCEEDS_ENTRY"));
  EXPECT_THAT(story_.Do(ReverseCommand("r6", "anna", "spent", 3)).lot_uses,
              ElementsAre(LotUse{1, -3, kNoon - kDay, first_}));
  EXPECT_EQ(story_.Do(ReverseCommand("r7", "anna", "spent")).points, 5);
  EXPECT_THAT(story_.Try(ReverseCommand("r8", "anna", "spent")),
              IsRefused(absl::StatusCode::kFailedPrecondition, "REVERSAL_EXCEEDS_ENTRY"));
}

TEST_F(Reversals, OfWhatHasLapsedMeanwhileComesBackExpired) {
  story_.now = At(2026, 5, 11, 10);
  EXPECT_EQ(story_.Do(ReverseCommand("r4", "anna", "spent")).points, 15);
  EXPECT_EQ(story_.Of("anna").balance, 10) << "five that were left, and five of the lot that lives";
  EXPECT_EQ(story_.store.Last("anna").kind, EntryKind::kExpiry);
  EXPECT_EQ(story_.store.Last("anna").points, -10);
}

TEST_F(Graces, OfWhatHasLapsedMeanwhileLiveSoManyDaysMore) {
  story_.now = At(2026, 5, 11, 10);
  const Entry back = story_.Do(ReverseCommand("r4", "anna", "spent"));
  const absl::Time grace = At(2026, 5, 17);  // through the 16th
  EXPECT_THAT(back.lot_uses, ElementsAre(LotUse{2, -5, kNoon, second_}, LotUse{1, -10, kNoon - kDay, grace}));
  EXPECT_EQ(story_.Of("anna").balance, 20);
  EXPECT_EQ(story_.CatchUpAt(grace - absl::Seconds(1), "anna").size(), 1u) << "that of the second lot";
  EXPECT_EQ(story_.Of("anna").balance, 10);
  EXPECT_EQ(story_.CatchUpAt(grace, "anna").size(), 1u);
}

// Of a lot of which parts came back on two days, with two new expiries.
TEST_F(Graces, OfPiecesOfALotThatWereUsedTogetherComeBackTogether) {
  story_.now = At(2026, 5, 20);
  story_.Do(ReverseCommand("r4", "anna", "spent", 3));
  story_.now = At(2026, 5, 21);
  story_.Do(ReverseCommand("r5", "anna", "spent", 2));
  EXPECT_THAT(story_.Do(SpendCommand("again", "anna", 5)).lot_uses,
              ElementsAre(LotUse{2, 3, kNoon, At(2026, 5, 26)}, LotUse{2, 2, kNoon, At(2026, 5, 27)}));
  story_.now = At(2026, 6, 10);
  EXPECT_THAT(story_.Do(ReverseCommand("r6", "anna", "again")).lot_uses,
              ElementsAre(LotUse{2, -5, kNoon, At(2026, 6, 16)}));
  EXPECT_EQ(story_.Of("anna").balance, 5);
  EXPECT_EQ(story_.store.Imbalance(), "");
}

TEST_F(Graces, InPartsOnTheSameDayAddUpInOneLot) {
  story_.now = At(2026, 5, 20);
  story_.Do(ReverseCommand("r4", "anna", "spent", 7));
  story_.Do(ReverseCommand("r5", "anna", "spent", 4));
  EXPECT_EQ(story_.Of("anna").balance, 11);
  EXPECT_EQ(story_.store.Imbalance(), "");
  EXPECT_EQ(story_.Do(SpendCommand("r6", "anna", 11)).balance_after, 0);
}

TEST_F(Graces, InPartsOnDifferentDaysAreSpentAndGivenBackAsSuch) {
  story_.now = At(2026, 5, 20);
  story_.Do(ReverseCommand("r4", "anna", "spent", 8));
  story_.now = At(2026, 5, 22);
  story_.Do(ReverseCommand("r5", "anna", "spent", 4));
  const auto answers =
      story_.store.Apply({SpendCommand("again", "anna", 12), ReverseCommand("r7", "anna", "again", 5),
                          ReverseCommand("r8", "anna", "again")},
                         story_.now);
  EXPECT_THAT(answers[1]->entry.lot_uses, ElementsAre(LotUse{2, -1, kNoon, At(2026, 5, 26)},
                                                      LotUse{1, -4, kNoon - kDay, At(2026, 5, 28)}));
  EXPECT_EQ(answers[2]->entry.points, 7);
  EXPECT_EQ(story_.store.Imbalance(), "");
  EXPECT_EQ(story_.Of("anna").balance, 12);
}

TEST(Spending, AReversalOfAnAwardCountsForTiersOnlyWhatItTook) {
  Program program = DollarProgram();
  program.policies.tiers = {.metric = TierMetric::kPointsEarned,
                            .tiers = {{.id = "silver", .threshold = 100}}};
  Story story(program);
  story.Do(EarnCommand("r1", "anna", 100));
  story.Do(EarnCommand("r2", "anna", 50));
  story.Do(SpendCommand("r3", "anna", 150));
  for (const char* request : {"r4", "r5", "r6"}) {
    EXPECT_EQ(story.Do(ReverseCommand(request, "anna", "r2")).shortfall, 50);
  }
  EXPECT_EQ(story.TierOf("anna"), "silver") << "asking again takes nothing";
}

TEST(Spending, ADebtThatNoNumberHoldsIsRefused) {
  Program program = DollarProgram();
  program.policies.returns = ReturnPolicy::kAllowNegative;
  Story story(program);
  for (const char* request : {"r1", "r2"}) {
    story.Do(EarnCommand(request, "anna", INT64_MAX));
    story.Do(SpendCommand(std::string("s") + request, "anna", INT64_MAX));
  }
  EXPECT_EQ(story.Do(ReverseCommand("r5", "anna", "r1")).debt, INT64_MAX);
  EXPECT_THAT(story.Try(ReverseCommand("r6", "anna", "r2")),
              IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW"));
}

}  // namespace
}  // namespace loyalty::points
