#include "services/points/jobs/ledger_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/storage/test_store.h"

namespace loyalty::points {
namespace {

class Sampler : public ::testing::Test {
 protected:
  // So many members of a program, each with an entry.
  void Fill(const std::string& program_id, int members) {
    std::vector<Command> commands;
    for (int i = 0; i < members; ++i) {
      commands.push_back(EarnCommand(absl::StrCat("r", i), absl::StrCat("m", i), 1));
    }
    const auto answers = store_.postings.Apply(program_id, commands);
    ASSERT_TRUE(answers.ok()) << answers.status();
  }
  // How many accounts each step verifies, from a beginning to the end of a round.
  std::vector<int64_t> Round(LedgerSampler& sampler) {
    std::vector<int64_t> accounts;
    do {
      const auto step = sampler.Step();
      if (!step.ok()) ADD_FAILURE() << step.status();
      accounts.push_back(step.value_or(0));
    } while (accounts.back() > 0);
    return accounts;
  }
  double Counter(const std::string& name, const std::string& invariant = "") {
    for (const auto& family : registry_.Collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric) {
        if (invariant.empty() || metric.label.front().value == invariant) return metric.counter.value;
      }
    }
    ADD_FAILURE() << "There is no " << name << " of " << invariant;
    return -1;
  }

  TestStore store_;
  metrics::Registry registry_;
};

TEST_F(Sampler, WalksOverAllAccountsOfAllProgramsAndBeginsAgain) {
  Program cafe = DollarProgram();
  cafe.id = "cafe";
  store_.Create(cafe);
  Fill("shop", 450);
  Fill("cafe", 30);
  LedgerSampler sampler(store_.pool, store_.clock, registry_, 0, 0);
  EXPECT_THAT(Round(sampler), ::testing::ElementsAre(200, 200, 50, 30, 0));
  EXPECT_EQ(Counter("loyalty_ledger_verified_accounts_total"), 480);
  EXPECT_THAT(Round(sampler), ::testing::ElementsAre(200, 200, 50, 30, 0)) << "again";
  EXPECT_EQ(Counter("loyalty_ledger_differences_total", "balance"), 0) << "shown before there is one";
}

TEST_F(Sampler, BeginsAnywhere) {
  Fill("shop", 100);
  LedgerSampler sampler(store_.pool, store_.clock, registry_, 0.5, 0.75);
  const std::vector<int64_t> first = Round(sampler);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_GT(first[0], 20);
  EXPECT_LT(first[0], 30);
  EXPECT_EQ(Round(sampler)[0], 100) << "then all of them";
}

TEST_F(Sampler, CountsWhatItFinds) {
  Fill("shop", 450);
  store_.database.Exec(
      "UPDATE points.account SET balance = balance + 1, purchases = 1 WHERE (program_key, account_id) = "
      "(SELECT program_key, account_id FROM points.member WHERE member_id = 'm333')");
  LedgerSampler sampler(store_.pool, store_.clock, registry_, 0, 0);
  Round(sampler);
  EXPECT_EQ(Counter("loyalty_ledger_differences_total", "balance"), 1);
  EXPECT_EQ(Counter("loyalty_ledger_differences_total", "purchases"), 1);
  EXPECT_EQ(Counter("loyalty_ledger_differences_total", "lot"), 0);
  EXPECT_EQ(Counter("loyalty_ledger_verified_accounts_total"), 450);
}

TEST_F(Sampler, PassesOverAnAccountWithTooManyEntriesForASample) {
  Fill("shop", 10);
  store_.database.Exec(absl::StrCat("UPDATE points.account SET last_sequence = ", kMostSampledEntries + 1,
                                    " WHERE (program_key, account_id) = (SELECT program_key, account_id FROM "
                                    "points.member WHERE member_id = 'm4')"));
  LedgerSampler sampler(store_.pool, store_.clock, registry_, 0, 0);
  Round(sampler);
  EXPECT_EQ(Counter("loyalty_ledger_verified_accounts_total"), 9);
  EXPECT_EQ(Counter("loyalty_ledger_differences_total", "balance"), 0) << "only loyalty verify reads so many";
}

TEST_F(Sampler, LocksNothingAndWaitsForNobody) {
  Fill("shop", 10);
  pqxx::connection other(store_.database.url());
  pqxx::work writer(other);
  writer.exec("SELECT * FROM points.account FOR UPDATE");
  writer.exec("UPDATE points.account SET balance = 77 WHERE program_key > 0");
  LedgerSampler sampler(store_.pool, store_.clock, registry_, 0, 0);
  Round(sampler);
  EXPECT_EQ(Counter("loyalty_ledger_verified_accounts_total"), 10);
  EXPECT_EQ(Counter("loyalty_ledger_differences_total", "balance"), 0) << "what is not committed is not seen";
}

}  // namespace
}  // namespace loyalty::points
