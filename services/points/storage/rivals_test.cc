// Two at the same time, on two connections: what one does not see yet of the other is not lost.
#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include "services/points/storage/ledger_verifier.h"
#include "services/points/storage/reward_store.h"
#include "services/points/storage/test_store.h"

namespace loyalty::points {
namespace {

using postgres::Transaction;

class Rivals : public ::testing::Test {
 protected:
  // Runs `rival` in a thread from the middle of a transaction, until it waits for that, or is done.
  void Start(std::function<void()> rival) {
    thread_ = std::thread([this, rival = std::move(rival)] {
      rival();
      done_ = true;
    });
    while (!done_ && !store_.database.SomebodyWaits()) std::this_thread::yield();
  }
  void Finish() {
    if (thread_.joinable()) thread_.join();
  }
  void CelebrateBirthdays() {
    store_.Update([this](Program& program) {
      program.policies.celebrations.birthday_points = 20;
      program.update_time = store_.clock.Now();
      return absl::OkStatus();
    });
  }
  std::string NeverDue() {
    return store_.Rows(
        "SELECT member_id FROM points.member JOIN points.account USING (program_key, account_id) "
        "WHERE program_key > 0 AND next_due_time = 'infinity'");
  }
  void ExpectClean() {
    const auto report = VerifyLedger(store_.pool, "shop", store_.clock.Now());
    ASSERT_TRUE(report.ok()) << report.status();
    for (const auto& difference : report->differences) ADD_FAILURE() << difference.description;
  }

  TestStore store_;
  std::thread thread_;
  std::atomic<bool> done_ = false;
};

TEST_F(Rivals, WhoIsEnrolledWhileTheProgramBeginsToCelebrateIsLookedAt) {
  const absl::Status enrolled = store_.pool.Run([&](Transaction& tx) -> absl::Status {
    const absl::StatusOr<Program> program = LoadProgram(tx, "shop");
    LOYALTY_RETURN_IF_ERROR(program.status());
    LOYALTY_RETURN_IF_ERROR(Enroll(tx, "shop", program->key, "anna", kNoon).status());
    Start([this] { CelebrateBirthdays(); });
    return absl::OkStatus();
  });
  Finish();
  EXPECT_EQ(enrolled, absl::OkStatus());
  EXPECT_EQ(NeverDue(), "");
}

TEST_F(Rivals, SoIsWhoIsEnrolledByAPurchase) {
  bool waits = false;
  const auto answers =
      store_.postings.ApplyWith("shop", std::vector{PurchaseCommand("p", "anna", "o1", 1000)},
                                [&](Transaction&, const Ledger&, const auto&) {
                                  if (!std::exchange(waits, true)) Start([this] { CelebrateBirthdays(); });
                                  return absl::OkStatus();
                                });
  Finish();
  ASSERT_TRUE(answers.ok() && answers->front().ok()) << answers.status();
  EXPECT_EQ(NeverDue(), "");
}

// Else two replicas, of which one remembers the account, could wait for each other.
TEST_F(Rivals, LotsAreNotLockedByWhoHasNotTheAccount) {
  store_.Seed({EarnCommand("e", "anna", 10)});  // and so it is remembered
  pqxx::connection connection(store_.database.url());
  pqxx::work busy(connection);
  busy.exec("SELECT FROM points.account WHERE program_key > 0 FOR UPDATE");
  Start([this] { EXPECT_TRUE(store_.Apply(SpendCommand("s", "anna", 3)).ok()); });
  EXPECT_EQ(busy.exec("SELECT remaining FROM points.lot WHERE program_key > 0 FOR UPDATE SKIP LOCKED").size(),
            1);
  busy.commit();
  Finish();
}

TEST_F(Rivals, AReturnWaitsForTheOrderThatIsJustRecorded) {
  store_.Seed({EarnCommand("e", "anna", 1)});
  absl::StatusOr<Receipt> back;
  bool waits = false;
  const auto answers = store_.postings.ApplyWith(
      "shop", std::vector{PurchaseCommand("p", "anna", "o1", 1000)},
      [&](Transaction&, const Ledger&, const auto&) {
        if (!std::exchange(waits, true))
          Start([&] { back = store_.Apply(ReturnCommand("b", "anna", "o1", "b1")); });
        return absl::OkStatus();
      });
  Finish();
  ASSERT_TRUE(answers.ok() && answers->front().ok()) << answers.status();
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->entry.points, -answers->front()->entry.points);
  EXPECT_EQ(back->entry.returned_minor, 1000);
  ExpectClean();
}

TEST_F(Rivals, ARewardIsThereWhenItIsAndNotBefore) {
  store_.Seed({EarnCommand("e", "anna", 10)});
  Reward mug;
  mug.id = mug.display_name = "mug";
  mug.kind = FreeProduct{"mug-1"};
  mug.price_points = 4;
  mug.stock = 1;
  mug.create_time = mug.update_time = kNoon;
  const Command redeem = CommandFor("r", "anna", RedeemReward{"mug", "", 0, ""});
  const absl::Status created = store_.pool.Run([&](Transaction& tx) -> absl::Status {
    const absl::StatusOr<Program> program = LoadProgram(tx, "shop");
    LOYALTY_RETURN_IF_ERROR(program.status());
    InsertReward(tx, program->key, mug);
    EXPECT_EQ(ReasonOf(store_.Apply(redeem)), "REWARD_NOT_FOUND");
    return absl::OkStatus();
  });
  ASSERT_EQ(created, absl::OkStatus());
  const absl::StatusOr<Receipt> redeemed = store_.Apply(redeem);
  ASSERT_TRUE(redeemed.ok()) << redeemed.status();
  EXPECT_FALSE(redeemed->replayed);
  EXPECT_EQ(redeemed->entry.points, -4);
  ExpectClean();
}

}  // namespace
}  // namespace loyalty::points
