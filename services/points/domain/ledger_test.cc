#include "services/points/domain/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "services/points/domain/memory_store.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

// Every rule about ids holds whether the first command came in an earlier batch or stands in the same one.
enum class Arrival { kTogether, kApart };

class Idempotency : public ::testing::TestWithParam<Arrival> {
 protected:
  std::vector<absl::StatusOr<Receipt>> Decide(const std::vector<Command>& commands, absl::Time now = kNoon) {
    if (GetParam() == Arrival::kTogether) return store_.Apply(commands, now);
    std::vector<absl::StatusOr<Receipt>> answers;
    answers.reserve(commands.size());
    for (const Command& command : commands) answers.push_back(store_.Apply(command, now));
    return answers;
  }
  MemoryStore store_;
};

TEST_P(Idempotency, TheSameRequestAgainGetsTheOriginalAnswer) {
  const Command first = EarnCommand("r1", "anna", 100);
  const auto answers = Decide({first, SpendCommand("r2", "anna", 30), first, SpendCommand("r2", "anna", 30)});
  ASSERT_TRUE(answers[0].ok() && answers[1].ok() && answers[2].ok() && answers[3].ok());
  EXPECT_FALSE(answers[0]->replayed);
  EXPECT_TRUE(answers[2]->replayed);
  EXPECT_EQ(Describe(answers[2]->entry), Describe(answers[0]->entry)) << "the balance of then, not of now";
  EXPECT_TRUE(answers[3]->replayed);
  EXPECT_EQ(Describe(answers[3]->entry), Describe(answers[1]->entry)) << "with the lots that paid";
  EXPECT_EQ(store_.EntryCount(), 2u);
  EXPECT_EQ(store_.Balance("anna"), 70);
}

TEST_P(Idempotency, ARequestIdWithAnotherContentIsRefused) {
  const auto answers = Decide({EarnCommand("r1", "anna", 100), EarnCommand("r1", "anna", 101),
                               SpendCommand("r1", "anna", 100), EarnCommand("r1", "bert", 100),
                               PurchaseCommand("r1", "anna", "o1", 100), AdjustCommand("r1", "anna", 100)});
  for (size_t i = 1; i < answers.size(); ++i) {
    EXPECT_THAT(answers[i], IsRefused(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED")) << i;
    EXPECT_THAT(MetadataOf(answers[i]), UnorderedElementsAre(Pair("request_id", "r1"))) << i;
  }
  EXPECT_EQ(store_.EntryCount(), 1u);
  EXPECT_FALSE(store_.HasMember("bert"));
}

TEST_P(Idempotency, AnOrderUnderANewRequestIdGetsTheOriginalAnswer) {
  const auto answers =
      Decide({PurchaseCommand("r1", "anna", "o1", 500), PurchaseCommand("r2", "anna", "o1", 500),
              PurchaseCommand("", "anna", "o1", 500)});
  for (size_t i = 1; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i].ok()) << answers[i].status();
    EXPECT_TRUE(answers[i]->replayed);
    EXPECT_EQ(Describe(answers[i]->entry), Describe(answers[0]->entry));
    EXPECT_EQ(answers[i]->entry.request_id, "r1");
  }
  EXPECT_EQ(store_.Balance("anna"), 5);
}

TEST_P(Idempotency, AnOrderWithAnotherContentOrMemberIsRefused) {
  Command late = PurchaseCommand("r4", "anna", "o1", 500);
  PurchaseOf(late).purchase_time += absl::Seconds(1);
  Command lined = PurchaseCommand("r5", "anna", "o1", 500);
  PurchaseOf(lined).lines = {{"tea", "", 1, 500}};
  const auto answers =
      Decide({PurchaseCommand("r1", "anna", "o1", 500), PurchaseCommand("r2", "anna", "o1", 501),
              PurchaseCommand("r3", "bert", "o1", 500), late, lined, PurchaseCommand("", "bert", "o1", 500)});
  for (size_t i = 1; i < answers.size(); ++i) {
    EXPECT_THAT(answers[i], IsRefused(absl::StatusCode::kAlreadyExists, "ORDER_ID_REUSED")) << i;
    EXPECT_THAT(MetadataOf(answers[i]), ::testing::Contains(Pair("order_id", "o1"))) << i;
  }
  EXPECT_EQ(store_.EntryCount(), 1u);
  EXPECT_FALSE(store_.HasMember("bert"));
}

TEST_P(Idempotency, ARefusedCommandLeavesItsIdsFree) {
  const auto answers = Decide({EarnCommand("r0", "anna", kMax - 1), PurchaseCommand("r1", "anna", "o1", 500),
                               SpendCommand("r2", "bert", 1), PurchaseCommand("r2", "bert", "o1", 300),
                               EarnCommand("r1", "bert", 7)});
  EXPECT_THAT(answers[1], IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW"));
  EXPECT_THAT(answers[2], IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  ASSERT_TRUE(answers[3].ok()) << answers[3].status();
  EXPECT_FALSE(answers[3]->replayed);
  ASSERT_TRUE(answers[4].ok()) << answers[4].status();
  EXPECT_EQ(store_.Balance("bert"), 10);
}

TEST_P(Idempotency, AReplayedOrderDoesNotTakeTheNewRequestId) {
  const auto answers = Decide({PurchaseCommand("r1", "anna", "o1", 500),
                               PurchaseCommand("r2", "anna", "o1", 500), EarnCommand("r2", "anna", 1)});
  ASSERT_TRUE(answers[2].ok()) << answers[2].status();
  EXPECT_FALSE(answers[2]->replayed);
}

TEST_P(Idempotency, WhatAnOrderIsSpentOnIsNoPurchase) {
  Command spend = SpendCommand("r2", "anna", 1);
  spend.action = Spend{1, "o1"};
  Command again = SpendCommand("r3", "anna", 1);
  again.action = Spend{1, "o1"};
  const auto answers =
      Decide({EarnCommand("r1", "anna", 5), spend, again, PurchaseCommand("r4", "anna", "o1", 100)});
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_FALSE(answer->replayed);
  }
  EXPECT_EQ(answers[1]->entry.order_id, "o1");
}

TEST_P(Idempotency, ATrialChangesNothingAndTakesNoIds) {
  const auto answers =
      Decide({ValidateOnly(PurchaseCommand("r1", "anna", "o1", 500)), SpendCommand("r2", "anna", 1),
              EarnCommand("r1", "anna", 7), ValidateOnly(SpendCommand("r3", "anna", 7)),
              SpendCommand("r3", "anna", 6), PurchaseCommand("r4", "anna", "o1", 900)});
  ASSERT_TRUE(answers[0].ok()) << answers[0].status();
  EXPECT_FALSE(answers[0]->replayed);
  EXPECT_EQ(answers[0]->entry.balance_after, 5);
  EXPECT_THAT(answers[1], IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"))
      << "a trial enrolls nobody";
  ASSERT_TRUE(answers[2].ok()) << answers[2].status();
  EXPECT_EQ(answers[2]->entry.sequence, 1);
  ASSERT_TRUE(answers[3].ok()) << answers[3].status();
  EXPECT_EQ(answers[3]->entry.balance_after, 0);
  EXPECT_THAT(answers[3]->entry.lot_uses, ElementsAre(LotUse{1, 7, kNoon}));
  ASSERT_TRUE(answers[4].ok()) << answers[4].status();
  EXPECT_EQ(answers[4]->entry.balance_after, 1);
  EXPECT_EQ(answers[4]->entry.sequence, 2);
  ASSERT_TRUE(answers[5].ok()) << answers[5].status();
  EXPECT_EQ(store_.Balance("anna"), 10);
}

TEST_P(Idempotency, ATrialUnderAUsedIdAnswersAsTheRealThingWould) {
  const auto answers = Decide({EarnCommand("r1", "anna", 5), ValidateOnly(EarnCommand("r1", "anna", 5)),
                               ValidateOnly(EarnCommand("r1", "anna", 6))});
  ASSERT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_TRUE(answers[1]->replayed);
  EXPECT_THAT(answers[2], IsRefused(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

INSTANTIATE_TEST_SUITE_P(, Idempotency, ::testing::Values(Arrival::kTogether, Arrival::kApart),
                         [](const auto& info) {
                           return info.param == Arrival::kTogether ? "InOneBatch" : "InTwoBatches";
                         });

TEST(Ledger, AnEntryTellsWhatTheCommandSaid) {
  MemoryStore store;
  Command earn = EarnedAt(kNoon - absl::Hours(2), "r1", "anna", 10);
  earn.reason = "birthday";
  earn.actor = "job";
  earn.channel = "app";
  earn.location = "Rome";
  const auto answer = store.Apply(earn);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(
      Describe(answer->entry),
      "#1 kind 2 points 10 balance 10 occurred 2026-05-01T10:00:00+00:00 recorded 2026-05-01T12:00:00+00:00 "
      "request \"r1\" reason \"birthday\" actor \"job\" channel \"app\" location \"Rome\" <10 earned "
      "2026-05-01T10:00:00+00:00 until infinite-future>");
}

TEST(Ledger, APurchaseEarnsByTheBaseRuleAtItsOwnTimeAndPlace) {
  MemoryStore store;
  Command command = PurchaseCommand("", "anna", "o1", 1999);
  PurchaseOf(command).channel = "store";
  PurchaseOf(command).location = "Rome";
  const auto answer = store.Apply(command);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(
      Describe(answer->entry),
      "#1 kind 1 points 19 balance 19 occurred 2026-05-01T11:00:00+00:00 recorded 2026-05-01T12:00:00+00:00 "
      "order \"o1\" rule \"base\" channel \"store\" location \"Rome\" <19 earned 2026-05-01T11:00:00+00:00 "
      "until infinite-future>");
}

TEST(Ledger, AnOrderThatEarnsNothingIsRecordedAndMakesNoLot) {
  MemoryStore store;
  const auto answers = store.Apply({PurchaseCommand("r1", "anna", "free", 0),
                                    PurchaseCommand("r2", "anna", "o2", 300), SpendCommand("r3", "anna", 3)});
  ASSERT_TRUE(answers[2].ok()) << answers[2].status();
  EXPECT_EQ(answers[0]->entry.points, 0);
  EXPECT_THAT(answers[2]->entry.lot_uses, ElementsAre(LotUse{2, 3, kNoon - absl::Hours(1)}));
}

TEST(Ledger, MoreThanTheMemberHasIsRefusedAndSaysHowMuchThatIs) {
  MemoryStore store;
  const auto answers = store.Apply({EarnCommand("r1", "anna", 40), SpendCommand("r2", "anna", 100),
                                    AdjustCommand("r3", "anna", -41), SpendCommand("r4", "anna", kMax),
                                    SpendCommand("r5", "anna", 40)});
  for (const size_t i : {1, 2, 3}) {
    EXPECT_THAT(answers[i], IsRefused(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_POINTS")) << i;
    EXPECT_EQ(MetadataOf(answers[i])["balance"], "40");
  }
  EXPECT_THAT(MetadataOf(answers[1]), UnorderedElementsAre(Pair("balance", "40"), Pair("asked", "100")));
  EXPECT_THAT(MetadataOf(answers[2]), UnorderedElementsAre(Pair("balance", "40"), Pair("asked", "41")));
  ASSERT_TRUE(answers[4].ok()) << "what was refused changed nothing: " << answers[4].status();
  EXPECT_EQ(answers[4]->entry.balance_after, 0);
  EXPECT_EQ(answers[4]->entry.sequence, 2);
}

TEST(Ledger, ABalanceThatNoNumberHoldsIsRefused) {
  MemoryStore store;
  const auto answers =
      store.Apply({EarnCommand("r1", "anna", kMax), EarnCommand("r2", "anna", 1),
                   AdjustCommand("r3", "anna", kMax), PurchaseCommand("r4", "anna", "o1", 100),
                   PurchaseCommand("r5", "anna", "o2", 99), SpendCommand("r6", "anna", kMax)});
  for (const size_t i : {1, 2, 3}) {
    EXPECT_THAT(answers[i], IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW")) << i;
  }
  EXPECT_THAT(MetadataOf(answers[1]),
              UnorderedElementsAre(Pair("balance", absl::StrCat(kMax)), Pair("points", "1")));
  EXPECT_TRUE(answers[4].ok()) << "it earns nothing";
  ASSERT_TRUE(answers[5].ok()) << answers[5].status();
  EXPECT_EQ(answers[5]->entry.balance_after, 0);
}

TEST(Ledger, AnAwardThatNoNumberHoldsIsRefused) {
  Program program = DollarProgram();
  program.base_earn_rate = {1'000'000, 1};
  MemoryStore store(program);
  const auto answer = store.Apply(PurchaseCommand("r1", "anna", "o1", kMax));
  EXPECT_THAT(answer, IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW"));
  EXPECT_EQ(MetadataOf(answer)["total_minor"], absl::StrCat(kMax));
  EXPECT_FALSE(store.HasMember("anna"));
}

TEST(Ledger, RecordedTimeNeverGoesBackEvenIfTheClockDoes) {
  MemoryStore store;
  ASSERT_TRUE(store.Apply(EarnCommand("r1", "anna", 10), kNoon).ok());
  const auto back = store.Apply(EarnCommand("r2", "anna", 10), kNoon - absl::Minutes(3));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->entry.recorded_time, kNoon);
  const auto other = store.Apply(EarnCommand("r3", "bert", 10), kNoon - absl::Minutes(3));
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->entry.recorded_time, kNoon - absl::Minutes(3)) << "it is a matter of each member";
  const auto on = store.Apply(EarnCommand("r4", "anna", 10), kNoon + absl::Minutes(1));
  ASSERT_TRUE(on.ok());
  EXPECT_EQ(on->entry.recorded_time, kNoon + absl::Minutes(1));
}

TEST(Ledger, SpendingTakesTheOldestFirstAndALateArrivalComesNext) {
  MemoryStore store;
  const absl::Time old = kNoon - absl::Hours(48), older = kNoon - absl::Hours(72);
  store.Apply({EarnCommand("r1", "anna", 10), EarnedAt(old, "r2", "anna", 10)});
  const auto first = store.Apply(SpendCommand("r3", "anna", 4));
  ASSERT_TRUE(first.ok());
  EXPECT_THAT(first->entry.lot_uses, ElementsAre(LotUse{2, 4, old}));
  const auto rest = store.Apply({EarnedAt(older, "r4", "anna", 1), SpendCommand("r5", "anna", 8)});
  ASSERT_TRUE(rest[1].ok());
  EXPECT_THAT(rest[1]->entry.lot_uses,
              ElementsAre(LotUse{4, 1, older}, LotUse{2, 6, old}, LotUse{1, 1, kNoon}));
}

TEST(Ledger, OnlyPurchasesAndAwardsEnroll) {
  MemoryStore store;
  const auto answers = store.Apply({SpendCommand("r1", "anna", 1), AdjustCommand("r2", "anna", 5),
                                    AdjustCommand("r3", "anna", -5), EarnCommand("r4", "anna", 1),
                                    AdjustCommand("r5", "anna", 5), PurchaseCommand("r6", "bert", "o1", 0)});
  for (const size_t i : {0, 1, 2}) {
    EXPECT_THAT(answers[i], IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND")) << i;
    EXPECT_THAT(MetadataOf(answers[i]),
                UnorderedElementsAre(Pair("program_id", "shop"), Pair("member_id", "anna")));
  }
  EXPECT_TRUE(answers[3].ok() && answers[4].ok() && answers[5].ok());
  EXPECT_TRUE(store.HasMember("anna") && store.HasMember("bert"));
  EXPECT_TRUE(Enrolls(EarnCommand("r", "m", 1)) && Enrolls(PurchaseCommand("r", "m", "o", 1)));
  EXPECT_FALSE(Enrolls(SpendCommand("r", "m", 1)) || Enrolls(AdjustCommand("r", "m", 1)));
}

TEST(Ledger, WithExplicitEnrollmentNobodyIsEnrolledOnTheWay) {
  Program program = DollarProgram();
  program.enrollment_mode = EnrollmentMode::kExplicit;
  MemoryStore store(program);
  const auto answers = store.Apply({EarnCommand("r1", "anna", 1), PurchaseCommand("r2", "anna", "o1", 100)});
  for (const auto& answer : answers)
    EXPECT_THAT(answer, IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_FALSE(store.HasMember("anna"));
}

TEST(Ledger, AMemberWhomNoAcceptedCommandEnrolledIsNotKept) {
  Program program = DollarProgram();
  Ledger ledger(program, kNoon);
  for (const int64_t id : {1, 2, 3}) {
    Account account;
    account.id = id;
    ledger.AddAccount(account);
  }
  ledger.AddMember("anna", 1, true);
  ledger.AddMember("bert", 2, true);
  ledger.AddMember("carl", 3, false);
  const Command trial = ValidateOnly(EarnCommand("r1", "anna", 1));
  const Command real = EarnCommand("r2", "bert", 1);
  EXPECT_TRUE(ledger.Decide(trial).ok());
  EXPECT_TRUE(ledger.Decide(real).ok());
  EXPECT_THAT(ledger.UnusedAccounts(), ElementsAre(1)) << "carl was there before";
  ASSERT_NE(ledger.AccountOf("carl"), nullptr);
  EXPECT_EQ(ledger.AccountOf("carl")->id, 3);
  EXPECT_EQ(ledger.AccountOf("dora"), nullptr);
}

TEST(Ledger, APurchaseInAnotherCurrencyIsRefused) {
  MemoryStore store;
  Command command = PurchaseCommand("r1", "anna", "o1", 100);
  PurchaseOf(command).currency_code = "EUR";
  const auto answer = store.Apply(command);
  EXPECT_THAT(answer, IsRefused(absl::StatusCode::kInvalidArgument, "CURRENCY_MISMATCH"));
  EXPECT_EQ(MetadataOf(answer)["currency_code"], "EUR");
  EXPECT_EQ(MetadataOf(answer)["expected"], "USD");
  EXPECT_FALSE(store.HasMember("anna"));
  PurchaseOf(command).currency_code = "USD";
  EXPECT_TRUE(store.Apply(command).ok());
}

TEST(Ledger, KnowsTheMostThatACommandCanTake) {
  const Program program = DollarProgram();
  const Ledger ledger(program, kNoon);
  EXPECT_EQ(ledger.PointsTaken(SpendCommand("r", "m", 7)), 7);
  EXPECT_EQ(ledger.PointsTaken(AdjustCommand("r", "m", -7)), 7);
  EXPECT_EQ(ledger.PointsTaken(AdjustCommand("r", "m", 7)), 0);
  EXPECT_EQ(ledger.PointsTaken(EarnCommand("r", "m", 7)), 0);
  EXPECT_EQ(ledger.PointsTaken(PurchaseCommand("r", "m", "o", 7)), 0);
  EXPECT_EQ(ledger.PointsTaken(AdjustCommand("r", "m", -kMax)), kMax);
  EXPECT_EQ(ledger.PointsTaken(CommandFor("r", "m", ReservePoints{7, absl::Hours(1), ""})), 7);
  EXPECT_EQ(ledger.PointsTaken(CommandFor("r", "m", TransferPoints{"n", 7})), 14)
      << "a fee is at most as much";
  EXPECT_EQ(ledger.PointsTaken(CommandFor("r", "m", TransferPoints{"n", kMax})), kMax);
  EXPECT_EQ(ledger.PointsTaken(ReverseCommand("r", "m", "of the same batch")), kMax);
  EXPECT_EQ(ledger.PointsTaken(ReturnCommand("r", "m", "of the same batch", "b")), kMax);
  EXPECT_EQ(ledger.PointsTaken(CommandFor("r", "m", ConfirmPurchase{"o"})), 0);
}

TEST(Ledger, ATimeAheadOfTheProgramsClockIsRefused) {
  MemoryStore store;
  Command bought = PurchaseCommand("r1", "anna", "o1", 100);
  PurchaseOf(bought).purchase_time = kNoon + absl::Minutes(6);
  EXPECT_THAT(store.Apply(bought), IsRefused(absl::StatusCode::kInvalidArgument, "TIME_IN_FUTURE"));
  const Command earned = EarnedAt(kNoon + absl::Minutes(6), "r2", "anna", 1);
  EXPECT_THAT(store.Apply(earned), IsRefused(absl::StatusCode::kInvalidArgument, "TIME_IN_FUTURE"));
  EXPECT_TRUE(store.Apply(bought, kNoon + absl::Minutes(1)).ok()) << "five minutes are tolerated";
  EXPECT_TRUE(store.Apply(bought, kNoon - absl::Hours(1)).ok()) << "what is posted is posted";
}

}  // namespace
}  // namespace loyalty::points
