// What is remembered saves statements, and never decides anything that the database would decide otherwise.
#include "services/points/storage/account_cache.h"

#include "services/points/storage/test_store.h"

namespace loyalty::points {
namespace {

class AccountCacheTest : public ::testing::Test {
 protected:
  int64_t Balance(const std::string& member) {
    const auto found = store_.members.Get("shop", member);
    return found.ok() ? found->balance : -1;
  }
  // As if a second replica had written it.
  absl::StatusOr<Receipt> ApplyElsewhere(const Command& command) {
    auto answers = elsewhere_.Apply("shop", std::vector<Command>{command});
    return answers.ok() ? answers->front() : answers.status();
  }

  TestStore store_;
  PostingStore elsewhere_{store_.pool, store_.clock, [](auto&, auto&, auto&, absl::Time) {},
                          [](auto&, auto&, int) {}};
};

TEST_F(AccountCacheTest, ABatchOfRememberedAccountsIsOneStatement) {
  store_.Seed({EarnCommand("r1", "anna", 10), EarnCommand("r2", "bert", 10)});
  store_.Seed({EarnCommand("r3", "anna", 10)});  // from here on no new members are expected
  const uint64_t before = store_.Statements();
  store_.Seed({EarnCommand("r4", "bert", 1), EarnCommand("r5", "anna", 2), EarnCommand("r6", "anna", 3)});
  EXPECT_EQ(store_.Statements() - before, 1);
  EXPECT_EQ(Balance("anna"), 25);
  EXPECT_EQ(Balance("bert"), 11);
}

TEST_F(AccountCacheTest, AnAccountThatAnotherReplicaChangedIsReadAgain) {
  store_.Seed({EarnCommand("r1", "anna", 10)});
  ASSERT_TRUE(ApplyElsewhere(EarnCommand("r2", "anna", 5)).ok());
  const auto receipt = store_.Apply(EarnCommand("r3", "anna", 1));
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->entry.sequence, 3);
  EXPECT_EQ(receipt->entry.balance_after, 16);
}

TEST_F(AccountCacheTest, ASpendingIsNotRefusedForWhatIsRemembered) {
  store_.Seed({EarnCommand("r1", "anna", 10)});
  ASSERT_TRUE(ApplyElsewhere(EarnCommand("r2", "anna", 90)).ok());
  EXPECT_TRUE(store_.Apply(SpendCommand("r3", "anna", 100)).ok());
  EXPECT_EQ(Balance("anna"), 0);
}

TEST_F(AccountCacheTest, PointsThatWereSpentElsewhereAreNotSpentAgain) {
  store_.Seed({EarnCommand("r1", "anna", 100)});
  ASSERT_TRUE(ApplyElsewhere(SpendCommand("r2", "anna", 100)).ok());
  EXPECT_EQ(store_.Apply(SpendCommand("r3", "anna", 100)).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(AccountCacheTest, LotsThatWereEarnedElsewhereAreNotMixedWithWhatIsRemembered) {
  store_.Seed({EarnCommand("r1", "anna", 50)});
  ASSERT_TRUE(ApplyElsewhere(SpendCommand("r2", "anna", 50)).ok());
  ASSERT_TRUE(ApplyElsewhere(EarnCommand("r3", "anna", 20)).ok());
  store_.Seed({EarnCommand("r4", "anna", 40), SpendCommand("r5", "anna", 60)});
  EXPECT_EQ(Balance("anna"), 0);
}

TEST_F(AccountCacheTest, ARequestThatIsKnownElsewhereIsReplayed) {
  store_.Seed({EarnCommand("r1", "anna", 10), EarnCommand("r2", "bert", 10)});
  ASSERT_TRUE(ApplyElsewhere(EarnCommand("r3", "anna", 5)).ok());
  const auto receipt = store_.Apply(EarnCommand("r3", "anna", 5));
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_TRUE(receipt->replayed);
  EXPECT_EQ(Balance("anna"), 15);
}

TEST_F(AccountCacheTest, AProgramThatWasChangedIsReadAgain) {
  store_.Seed({PurchaseCommand("r1", "anna", "o1", 1000)});
  for (const int64_t points : {3, 5}) {  // twice at the same time of the clock
    store_.Update([&](Program& program) {
      program.base_earn_rate = {points, 1};
      return absl::OkStatus();
    });
    const auto receipt = store_.Apply(
        PurchaseCommand(absl::StrCat("r", points), "anna", absl::StrCat("order-", points), 1000));
    ASSERT_TRUE(receipt.ok()) << receipt.status();
    EXPECT_EQ(receipt->entry.points, 10 * points);
  }
}

TEST_F(AccountCacheTest, LabelsAreRememberedAndAChangeElsewhereIsSeen) {
  store_.AddRule(MultiplierRule("plus", "plus", {2, 1}));
  store_.Seed({LabelCommand("r1", "anna", "plus", kNoon - absl::Hours(9))});
  store_.Seed({EarnCommand("r2", "anna", 1)});  // from here on no new members are expected
  const uint64_t before = store_.Statements();
  EXPECT_EQ(store_.Apply(PurchaseCommand("r3", "anna", "o1", 1000))->entry.points, 20);
  EXPECT_EQ(store_.Statements() - before, 1);
  ASSERT_TRUE(
      ApplyElsewhere(LabelCommand("r4", "anna", "plus", kNoon - absl::Hours(9), kNoon - absl::Hours(8)))
          .ok());
  EXPECT_EQ(store_.Apply(PurchaseCommand("r5", "anna", "o2", 1000))->entry.points, 10);
}

TEST_F(AccountCacheTest, ARuleThatWasAddedOrArchivedIsSeen) {
  const auto buy = [&](const std::string& order) {
    return store_.Apply(PurchaseCommand(order, "anna", order, 1000))->entry.points;
  };
  EXPECT_EQ(buy("o1"), 10);
  store_.AddRule(MultiplierRule("all", "", {5, 2}));
  EXPECT_EQ(buy("o2"), 25);
  EXPECT_EQ(buy("o3"), 25);
  store_.ArchiveRule("all");
  EXPECT_EQ(buy("o4"), 10);
}

TEST_F(AccountCacheTest, WhatWasTakenBackElsewhereIsNotTakenAgain) {
  store_.Seed({PurchaseCommand("r1", "anna", "o1", 1000), EarnCommand("r2", "anna", 100)});
  ASSERT_TRUE(ApplyElsewhere(ReturnCommand("r3", "anna", "o1", "b1", 600)).ok());
  const auto rest = store_.Apply(ReturnCommand("r4", "", "o1", "b2"));
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_EQ(rest->entry.points, -4);
  EXPECT_EQ(Balance("anna"), 100);
}

TEST_F(AccountCacheTest, WhatIsDueBySomethingElseThanAnEntryIsNotForgotten) {
  store_.Seed({EarnCommand("r1", "anna", 50)});
  store_.database.Exec("UPDATE points.lot SET expire_time = '2026-01-01'");
  store_.database.Exec("UPDATE points.account SET next_due_time = '2026-01-01'");
  EXPECT_TRUE(store_.Apply(EarnCommand("r2", "anna", 5)).ok());
  EXPECT_EQ(Balance("anna"), 5) << "50 have lapsed";
}

TEST_F(AccountCacheTest, ABudgetThatIsRememberedAsUsedUpTakesNothingFromAnybody) {
  EarnRule gift = MultiplierRule("gift", "", {});
  gift.effect = FixedPoints{10};
  gift.limits.budget = 10;
  store_.AddRule(gift);
  store_.Seed({EarnCommand("r1", "anna", 1), EarnCommand("r2", "bert", 1)});
  EXPECT_EQ(store_.Apply(PurchaseCommand("r3", "anna", "o1", 1000))->entry.points, 20);
  EXPECT_EQ(store_.Apply(PurchaseCommand("r4", "bert", "o2", 1000))->entry.points, 10) << "used up";
  ASSERT_TRUE(ApplyElsewhere(ReturnCommand("r5", "anna", "o1", "b1")).ok());
  EXPECT_EQ(store_.Apply(PurchaseCommand("r6", "bert", "o3", 1000))->entry.points, 20);
}

TEST(AccountCache, DoesNotLearnFromAnOlderProgram) {
  AccountCache cache;
  Program program = DollarProgram();
  program.update_time = kNoon;
  cache.Learn(program, {}, Ledger(program, kNoon), false);
  Program older = program;
  older.update_time = kNoon - absl::Seconds(1);
  const std::vector<Command> commands = {EarnCommand("r1", "anna", 1)};
  Ledger ledger(older, kNoon);
  ledger.AddAccount({.id = 1, .balance = 1, .last_sequence = 1, .stored_sequence = 1});
  ledger.AddMember("anna", 1, false);
  cache.Learn(older, commands, ledger, false);
  Ledger filled(program, kNoon);
  EXPECT_FALSE(cache.Fill(program, commands, kNoon, filled));
}

TEST(AccountCache, ForgetsWhenItHoldsTooMuch) {
  AccountCache cache(2);
  const Program program = DollarProgram();
  std::vector<Command> commands;
  Ledger ledger(program, kNoon);
  for (int64_t i = 1; i <= 3; ++i) {
    commands.push_back(EarnCommand(absl::StrCat("r", i), absl::StrCat("m", i), 1));
    ledger.AddAccount({.id = i, .balance = i, .last_sequence = 1, .stored_sequence = 1});
    ledger.AddMember(commands.back().member_id, i, false);
  }
  cache.Learn(program, commands, ledger, false);
  Ledger filled(program, kNoon);
  EXPECT_TRUE(cache.Fill(program, commands, kNoon, filled));
  EXPECT_EQ(filled.AccountOf("m3")->balance, 3);
  cache.Learn(program, std::span(commands).first(1), ledger, false);
  Ledger empty(program, kNoon);
  EXPECT_FALSE(cache.Fill(program, commands, kNoon, empty));
  EXPECT_TRUE(empty.accounts().empty());
}

TEST(AccountCache, PausesLongerEachTimeThatItMissed) {
  AccountCache cache;
  const Program program = DollarProgram();
  cache.Learn(program, {}, Ledger(program, kNoon), false);
  for (const int pause : {1, 2, 4, 8, 16, 32, 64, 64}) {
    cache.Missed();
    int missing = 0;
    while (cache.Recall(program.id) == nullptr) ++missing;
    EXPECT_EQ(missing, pause);
  }
  cache.Learn(program, {}, Ledger(program, kNoon), true);
  cache.Missed();
  EXPECT_EQ(cache.Recall(program.id), nullptr);
  EXPECT_NE(cache.Recall(program.id), nullptr);
}

}  // namespace
}  // namespace loyalty::points
