// What is due on accounts, and one account that the database refuses.
#include "services/points/jobs/due_accounts.h"

#include <gmock/gmock.h>

#include "common/postgres/values.h"
#include "services/points/storage/due_store.h"
#include "services/points/storage/test_store.h"

namespace loyalty::points {
namespace {

constexpr int32_t kKey = 1;

Program WithTenDays() {
  Program program = DollarProgram();
  program.policies.expiry = {.kind = ExpiryKind::kRolling, .days = 10};
  return program;
}

class DueAccountsJob : public ::testing::Test {
 protected:
  DueAccountsJob() {
    store_.Seed({EarnCommand("r1", "anna", 1), EarnCommand("r2", "bert", 2), EarnCommand("r3", "carl", 3)});
    store_.clock.Advance(absl::Hours(24 * 12));
  }
  // From now on nothing can be posted to bert's account.
  void Break(const std::string& sqlstate) {
    store_.database.Exec(
        "CREATE FUNCTION points.broken() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''broken'' USING ERRCODE "
        "= ''" +
        sqlstate + "''; END' LANGUAGE plpgsql");
    store_.database.Exec(
        "CREATE TRIGGER broken BEFORE INSERT ON points.entry FOR EACH ROW WHEN (new.account_id = " +
        store_.database.Exec("SELECT account_id FROM points.member WHERE member_id = 'bert'") +
        ") EXECUTE FUNCTION points.broken()");
  }
  // "(<member>,<balance>,<how long until something is due>)" of each who has points.
  std::string Left() {
    return store_.Rows("SELECT member_id, balance, next_due_time - '" +
                       postgres::FormatTimestamp(store_.clock.Now()) +
                       "' FROM points.account JOIN points.member USING (program_key, account_id) "
                       "WHERE program_key = 1 AND balance > 0");
  }

  TestStore store_{WithTenDays()};
  DueAccounts job_{store_.pool, std::make_shared<PostingStore>(
                                    store_.pool, store_.clock, [](auto&, auto&, auto&, absl::Time) {},
                                    [](auto&, auto&, int) {})};
};

TEST_F(DueAccountsJob, PutsOffWhomTheDatabaseRefuses) {
  Break("P0001");
  EXPECT_EQ(*job_.RunDue(kKey, store_.clock.Now()), 3);
  EXPECT_EQ(Left(), "(bert,2,01:00:00)");
}

TEST_F(DueAccountsJob, TriesAgainAtOnceWhatFailedForWantOfRoom) {
  Break("53100");
  EXPECT_FALSE(job_.RunDue(kKey, store_.clock.Now()).ok());
  EXPECT_THAT(Left(), ::testing::StartsWith("(bert,2,\"-")) << "still due; the others have lapsed";
  store_.database.Exec("DROP TRIGGER broken ON points.entry");
  EXPECT_EQ(*job_.RunDue(kKey, store_.clock.Now()), 1);
  EXPECT_EQ(Left(), "");
}

TEST_F(DueAccountsJob, DoesNotPutOffWhoWasBroughtUpToDateMeanwhile) {
  store_.Seed({EarnCommand("r4", "anna", 5)});
  const absl::Time now = store_.clock.Now();
  const std::string before = Left();
  ASSERT_TRUE(store_.pool
                  .Run([&](postgres::Transaction& tx) {
                    PostponeDue(tx, kKey, "anna", now, now + absl::Hours(24 * 30));
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(Left(), before);
}

}  // namespace
}  // namespace loyalty::points
