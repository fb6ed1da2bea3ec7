// Programs, and how their policies change.
#include "services/points/storage/program_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "services/points/storage/test_store.h"

namespace loyalty::points {
namespace {

class ProgramStoreTest : public ::testing::Test {
 protected:
  absl::Status Become(const Policies& policies) {
    return store_.pool.Run([&](postgres::Transaction& tx) {
      const auto change = [&](Program& program) {
        program.policies = policies;
        program.update_time = store_.clock.Now();
        return absl::OkStatus();
      };
      return UpdateProgram(tx, "shop", change).status();
    });
  }
  Program Load() {
    absl::StatusOr<Program> program;
    const absl::Status read = store_.pool.Read([&](postgres::Transaction& tx) {
      program = LoadProgram(tx, "shop");
      return program.status();
    });
    EXPECT_TRUE(read.ok()) << read;
    return *program;
  }

  TestStore store_;
};

TEST_F(ProgramStoreTest, PoliciesDoNotChangeWhileSomethingIsDueByThem) {
  Policies ten_days = Load().policies;
  ten_days.expiry = {.kind = ExpiryKind::kRolling, .days = 10};
  ASSERT_TRUE(Become(ten_days).ok());
  store_.Seed({EarnCommand("r1", "anna", 5)});
  store_.clock.Advance(absl::Hours(24 * 11));
  const std::string before = store_.Rows("SELECT * FROM points.settings"),
                    accounts = "SELECT * FROM points.account";
  const std::string accounts_before = store_.Rows(accounts);
  const absl::Status behind = Become(Policies());
  EXPECT_TRUE(IsBehind(behind)) << behind;
  EXPECT_THAT(behind, IsRefused(absl::StatusCode::kAborted, "CONFLICT"));
  EXPECT_EQ(store_.Rows("SELECT * FROM points.settings"), before);
  EXPECT_EQ(store_.Rows(accounts), accounts_before);
  Policies others = ten_days;
  others.transfers.allowed = true;
  EXPECT_TRUE(Become(others).ok()) << "nothing is due by that";
  store_.PostDue();
  const absl::Status done = Become(Policies());
  EXPECT_TRUE(done.ok()) << done;
  EXPECT_FALSE(IsBehind(done));
  EXPECT_EQ(store_.members.Get("shop", "anna")->balance, 0);
}

// The one waits for the other, and then changes what that has left.
TEST_F(ProgramStoreTest, OfTwoChangesAtOnceNoneIsLost) {
  const auto change = [&](postgres::Transaction& tx, void (*set)(Policies&)) {
    return UpdateProgram(tx, "shop",
                         [&](Program& program) {
                           set(program.policies);
                           program.update_time = store_.clock.Now();
                           return absl::OkStatus();
                         })
        .status();
  };
  const auto waits = [&] {
    return store_.database.Exec(
               "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type "
               "= "
               "'Lock'") == "1";
  };
  absl::Status second;
  std::thread other;
  const absl::Status first = store_.pool.Run([&](postgres::Transaction& tx) {
    const absl::Status changed = change(tx, [](Policies& p) { p.transfers.allowed = true; });
    other = std::thread([&] {
      second = store_.pool.Run([&](postgres::Transaction& mine) {
        return change(mine, [](Policies& p) { p.spending.grace_days = 3; });
      });
    });
    while (!waits()) std::this_thread::yield();
    return changed;
  });
  other.join();
  EXPECT_TRUE(first.ok() && second.ok()) << first << second;
  EXPECT_TRUE(Load().policies.transfers.allowed);
  EXPECT_EQ(Load().policies.spending.grace_days, 3);
}

TEST_F(ProgramStoreTest, TheTimesOfChangesThatAccountsGoThroughAreKept) {
  EXPECT_EQ(Load().tiers_changed, absl::InfinitePast());
  Policies policies = Load().policies;
  policies.tiers.tiers = {{.id = "gold", .display_name = "Gold", .threshold = 100}};
  ASSERT_TRUE(Become(policies).ok());
  const absl::Time first = store_.clock.Now();
  store_.clock.Advance(absl::Hours(1));
  policies.celebrations.birthday_points = 5;
  ASSERT_TRUE(Become(policies).ok());
  EXPECT_EQ(Load().tiers_changed, first);
  EXPECT_EQ(Load().celebrations_changed, first + absl::Hours(1));
}

}  // namespace
}  // namespace loyalty::points
