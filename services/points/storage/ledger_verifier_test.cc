#include "services/points/storage/ledger_verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/storage/test_faults.h"

namespace loyalty::points {
namespace {

using ::testing::Contains;
using ::testing::Pair;

// anna: 1 earn 100, 2 purchase +20 (order o1), 3 spend 110 (100 of lot 1, 10 of lot 2), 4 earn 50, 5 adjust
// -5, 6 earn 1 bert: 1 earn 7, 2 adjust +3, 3 spend 8 (7 of lot 1, 1 of lot 2)
class Verifier : public ::testing::Test {
 protected:
  void SetUp() override {
    store_.Seed({EarnedAt(kNoon - absl::Hours(2), "r1", "anna", 100),
                 PurchaseCommand("r2", "anna", "o1", 2000), EarnCommand("r3", "bert", 7),
                 SpendCommand("r4", "anna", 110), AdjustCommand("r5", "bert", 3)});
    store_.Seed({EarnCommand("r6", "anna", 50), AdjustCommand("r7", "anna", -5),
                 SpendCommand("r8", "bert", 8), EarnCommand("r9", "anna", 1),
                 PurchaseCommand("", "carl", "free", 0)});
    store_.Seed({PurchaseCommand("d1", "dora", "d1", 3000), EarnCommand("d2", "dora", 20),
                 SpendCommand("d3", "dora", 30), ReverseCommand("d4", "dora", "d2", 15),
                 ReturnCommand("d5", "dora", "d1", "b1", 1000), EarnCommand("d6", "dora", 40),
                 ReturnCommand("d7", "", "d1", "b2", 500), LabelCommand("d8", "dora", "plus", kNoon)});
    store_.Seed({LabelCommand("d9", "dora", "gold", kNoon, kNoon),
                 LabelCommand("d10", "dora", "plus", kNoon, kNoon)});
  }

  LedgerReport Verify() {
    auto report = VerifyLedger(store_.pool, "shop", store_.clock.Now());
    if (report.ok()) return *std::move(report);
    ADD_FAILURE() << report.status();
    return {};
  }

  TestStore store_;
};

TEST_F(Verifier, FindsNothingInACleanLedgerAndAddsItUp) {
  const LedgerReport report = Verify();
  for (const auto& difference : report.differences)
    ADD_FAILURE() << difference.invariant << difference.description;
  EXPECT_EQ(report.members, 4);
  EXPECT_EQ(report.entries, 20);
  EXPECT_EQ(report.purchases, 3);
  EXPECT_EQ(report.issued, 100 + 20 + 7 + 50 + 1 + 30 + 20 + 40);
  EXPECT_EQ(report.spent, 118 + 30);
  EXPECT_EQ(report.adjusted_up, 3);
  EXPECT_EQ(report.adjusted_down, 5);
  EXPECT_EQ(report.reversed, 15);
  EXPECT_EQ(report.clawed_back, 15) << "five, and ten: half of the order is back";
  EXPECT_EQ(report.available, 58 + 30);
  EXPECT_EQ(report.available, report.issued + report.adjusted_up - report.spent - report.adjusted_down -
                                  report.reversed - report.clawed_back);
}

TEST_F(Verifier, AShortfallIsNoDifferenceWhetherALaterReturnTakesItOrNot) {
  store_.Seed({PurchaseCommand("e1", "emil", "e1", 1000), SpendCommand("e2", "emil", 8),
               ReturnCommand("e3", "emil", "e1", "e3", 500)});
  const auto open = store_.Apply(ReturnCommand("e4", "emil", "e1", "e4", 100));
  EXPECT_EQ(open->entry.shortfall, 4);
  EXPECT_TRUE(Verify().differences.empty());
  store_.Seed({EarnCommand("e5", "emil", 100)});
  EXPECT_EQ(store_.Apply(ReturnCommand("e6", "emil", "e1", "e6"))->entry.points, -8);
  EXPECT_TRUE(Verify().differences.empty());
}

TEST_F(Verifier, PointsAreOwedOnlyWhileThePolicyLetsThemBe) {
  const auto set = [&](ReturnPolicy policy) {
    store_.Update([&](Program& program) {
      program.policies.returns = policy;
      program.update_time = store_.clock.Now();
      return absl::OkStatus();
    });
  };
  set(ReturnPolicy::kAllowNegative);
  store_.Seed({PurchaseCommand("e1", "emil", "e1", 1000), SpendCommand("e2", "emil", 8)});
  store_.clock.Advance(absl::Minutes(9));
  EXPECT_EQ(store_.Apply(ReturnCommand("e3", "emil", "e1", "e3"))->entry.debt, 8);
  EXPECT_TRUE(Verify().differences.empty());
  set(ReturnPolicy::kWithinBalance);
  EXPECT_TRUE(Verify().differences.empty()) << "it was let then";
  store_.database.Exec("UPDATE points.settings SET policies = policies - 'changed' WHERE program_key > 0");
  const LedgerReport report = Verify();
  ASSERT_EQ(report.differences.size(), 1u);
  EXPECT_EQ(report.differences[0].invariant, "debt");
  EXPECT_EQ(report.differences[0].member_id, "emil");
}

TEST_F(Verifier, FindsNothingInAnEmptyLedger) {
  Program empty = DollarProgram();
  empty.id = "empty";
  store_.Create(empty);
  const auto report = VerifyLedger(store_.pool, "empty", store_.clock.Now());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->differences.empty());
  EXPECT_EQ(report->members, 0);
  EXPECT_EQ(report->entries, 0);
  EXPECT_EQ(report->available, 0);
}

TEST_F(Verifier, KnowsOnlyProgramsThatExist) {
  EXPECT_THAT(VerifyLedger(store_.pool, "nowhere", store_.clock.Now()),
              IsRefused(absl::StatusCode::kNotFound, "PROGRAM_NOT_FOUND"));
}

TEST_F(Verifier, DoesNotMixProgramsUp) {
  Program other = DollarProgram();
  other.id = "cafe";
  store_.Create(other);
  ASSERT_TRUE(store_.postings.Apply("cafe", std::vector<Command>{EarnCommand("r1", "anna", 9)}).ok());
  store_.database.Exec(
      "UPDATE points.account SET balance = 10 WHERE program_key = (SELECT program_key FROM platform.program "
      "WHERE "
      "program_id = 'cafe')");
  EXPECT_TRUE(Verify().differences.empty());
  EXPECT_THAT(VerifyLedger(store_.pool, "cafe", store_.clock.Now())->differences, ::testing::SizeIs(1));
}

class VerifierFinds : public Verifier, public ::testing::WithParamInterface<Fault> {};

TEST_P(VerifierFinds, TheFault) {
  Plant(store_, GetParam());
  ExpectFound(Verify().differences, GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    , VerifierFinds,
    ::testing::Values(
        Fault{"BalanceTooHigh", "UPDATE points.account SET balance = balance + 1 WHERE $anna", "balance",
              "anna"},
        Fault{"BalanceTooLow", "UPDATE points.account SET balance = balance - 1 WHERE $bert", "balance",
              "bert"},
        Fault{"LastSequenceWrong", "UPDATE points.account SET last_sequence = 9 WHERE $bert", "balance",
              "bert"},
        Fault{"FirstEntryDeleted", "DELETE FROM points.entry WHERE $anna AND sequence = 1", "sequence",
              "anna"},
        Fault{"MiddleEntryDeleted", "DELETE FROM points.entry WHERE $anna AND sequence = 4", "sequence",
              "anna"},
        Fault{"NewestEntryDeleted", "DELETE FROM points.entry WHERE $anna AND sequence = 6", "balance",
              "anna"},
        Fault{"AllEntriesDeleted", "DELETE FROM points.entry WHERE $bert", "balance", "bert"},
        Fault{"PointsChanged", "UPDATE points.entry SET points = 51 WHERE $anna AND sequence = 4",
              "balance_after", "anna"},
        Fault{"BalanceAfterChanged", "UPDATE points.entry SET balance_after = 9 WHERE $anna AND sequence = 3",
              "balance_after", "anna"},
        Fault{"LotRemoved", "DELETE FROM points.lot WHERE $anna AND sequence = 4", "lot", "anna"},
        Fault{"LotShrunk", "UPDATE points.lot SET remaining = remaining - 1 WHERE $anna AND sequence = 4",
              "lot", "anna"},
        Fault{"LotInvented",
              "INSERT INTO points.lot SELECT program_key, account_id, now(), 99, 5 FROM points.account WHERE "
              "$bert",
              "lot", "bert"},
        Fault{"UsedUpLotBack",
              "INSERT INTO points.lot SELECT program_key, account_id, now(), 1, 7 FROM points.account WHERE "
              "$bert",
              "lot", "bert"},
        Fault{"LotUseRemoved", "DELETE FROM points.lot_use WHERE $anna AND sequence = 3 AND lot_sequence = 2",
              "spend", "anna"},
        Fault{"LotUseRemovedLeavesItsLot",
              "DELETE FROM points.lot_use WHERE $anna AND sequence = 3 AND lot_sequence = 2", "lot", "anna"},
        Fault{"LotUseDoubled",
              "UPDATE points.lot_use SET points = 2 * points WHERE $anna AND lot_sequence = 1", "spend",
              "anna"},
        Fault{"LotUsedTwice",
              "UPDATE points.lot_use SET points = CASE lot_sequence WHEN 1 THEN 95 ELSE 15 END WHERE $anna "
              "AND sequence = "
              "3",
              "lot", "anna"},
        Fault{"LotUseOfAnEarningEntry",
              "INSERT INTO points.lot_use SELECT program_key, account_id, 6, 4, 1, now() FROM points.account "
              "WHERE $anna",
              "spend", "anna"},
        Fault{"OrderTwice",
              "DROP INDEX points.entry_order; UPDATE points.entry SET kind = 1, order_id = 'o1', total_minor "
              "= 0, lines = "
              "'[]' WHERE $anna AND sequence = 4",
              "purchase", "anna"},
        Fault{"ReturnOfMoreThanTheOrder",
              "UPDATE points.entry SET total_minor = 2500 WHERE $dora AND return_id = 'b1'", "correction",
              "dora"},
        Fault{"ReturnOfLess", "UPDATE points.entry SET total_minor = 400 WHERE $dora AND return_id = 'b2'",
              "correction", "dora"},
        Fault{"ShortfallInvented", "UPDATE points.entry SET shortfall = 1 WHERE $dora AND return_id = 'b2'",
              "correction", "dora"},
        Fault{"ReversalOfAnOrder", "UPDATE points.entry SET corrected_sequence = 1 WHERE $dora AND kind = 5",
              "correction", "dora"},
        Fault{"ReturnOfNothing",
              "UPDATE points.entry SET corrected_sequence = 99 WHERE $dora AND return_id = 'b1'",
              "correction", "dora"},
        Fault{"ReversalOfMoreThanTheAward",
              "UPDATE points.entry SET points = 14 WHERE $dora AND sequence = 2", "correction", "dora"},
        Fault{"LabelChanged", "UPDATE points.account SET labels = '[]' WHERE $dora", "label", "dora"},
        Fault{"LabelLost", "UPDATE points.account SET labels = NULL WHERE $dora", "label", "dora"},
        Fault{"LabelInvented",
              "UPDATE points.account SET labels = '[{\"label\": \"vip\", \"from\": \"2026-05-01 "
              "12:00:00+00\"}]' WHERE "
              "$bert",
              "label", "bert"},
        Fault{"PositionTwice",
              "INSERT INTO points.outbox SELECT program_key, position, 'x', NULL, NULL, NULL, now(), now(), "
              "'' FROM "
              "points.entry WHERE $anna AND sequence = 6",
              "position", ""},
        Fault{"PositionGap", "UPDATE points.entry SET position = 1000 WHERE $anna AND sequence = 6",
              "position", ""},
        Fault{"HeadBehind", "UPDATE points.event_head SET last_position = last_position - 1", "position", ""},
        Fault{"HeadAhead", "UPDATE points.event_head SET last_position = last_position + 1", "position", ""},
        Fault{"HeadLost", "DELETE FROM points.event_head", "position", ""}),
    [](const auto& info) { return info.param.name; });

TEST_F(Verifier, NamesNobodyForAnAccountWithoutAMember) {
  store_.database.Exec(
      "UPDATE points.account SET balance = 99 WHERE (program_key, account_id) = (SELECT program_key, "
      "account_id FROM "
      "points.member WHERE member_id = 'bert'); DELETE FROM points.member WHERE member_id = 'bert'");
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& difference : Verify().differences)
    found.emplace_back(difference.invariant, difference.member_id);
  EXPECT_THAT(found, Contains(Pair("balance", "")));
}

TEST_F(Verifier, TellsAtMostAHundredFaultsOfAKind) {
  std::vector<Command> commands;
  commands.reserve(150);
  for (int i = 0; i < 150; ++i) {
    commands.push_back(EarnCommand(absl::StrCat("x", i), absl::StrCat("x", i), 1));
  }
  store_.Seed(commands);
  store_.database.Exec("UPDATE points.account SET balance = balance + 1");
  int count = 0;
  for (const auto& difference : Verify().differences) count += difference.invariant == "balance" ? 1 : 0;
  EXPECT_EQ(count, 100);
}

}  // namespace
}  // namespace loyalty::points
