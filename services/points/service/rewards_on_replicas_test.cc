// Two replicas on one database: what is scarce is given once.
#include <atomic>
#include <memory>
#include <mutex>
#include <set>

#include "services/points/service/test_rewards.h"

namespace loyalty::points {
namespace {

class RewardsOnTwoReplicas : public RewardServiceTest {
 protected:
  RewardsOnTwoReplicas() {
    rpc::ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    options.database_url = server_.database().url();
    second_ = std::make_unique<rpc::Server>(Definition(), options, server_.clock());
  }
  void SetUp() override {
    RewardServiceTest::SetUp();
    ASSERT_TRUE(second_->Start().ok());
    other_ = std::make_unique<RewardClient>(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", second_->port()), grpc::InsecureChannelCredentials()));
    for (int i = 0; i < 20; ++i) Give("m" + std::to_string(i), 10'000);
  }
  RewardClient& Replica(int i) { return i % 2 == 0 ? rewards_ : *other_; }
  auto RedeemAt(int i, const std::string& reward) {
    return Replica(i).Call(&Rewards::RedeemReward,
                           Redeeming("r" + std::to_string(i), reward, "m" + std::to_string(i % 20)));
  }

  std::unique_ptr<rpc::Server> second_;
  std::unique_ptr<RewardClient> other_;
};

TEST_F(RewardsOnTwoReplicas, TwoHundredRedemptionsOfFiftyPiecesGiveExactlyFifty) {
  Offer("mug", kMug, "stock: 50");
  std::atomic<int> redeemed = 0, refused = 0;
  InThreads(200, [&](int i) {
    const auto reply = RedeemAt(i, "mug");
    if (reply.ok()) {
      ++redeemed;
    } else {
      EXPECT_THAT(reply, Refused(StatusCode::FAILED_PRECONDITION, "OUT_OF_STOCK"));
      ++refused;
    }
  });
  EXPECT_EQ(redeemed, 50);
  EXPECT_EQ(refused, 150);
  EXPECT_EQ(Get("mug").redeemed_count(), 50);
  EXPECT_EQ(Count("redemption"), "50");
  EXPECT_EQ(server_.database().Exec("SELECT sum(balance) FROM points.account WHERE program_key > 0"),
            "195000");
  ExpectCleanLedger();
}

TEST_F(RewardsOnTwoReplicas, NoCodeIsGivenTwice) {
  Offer("card", kUploaded);
  std::string codes = "[";
  for (int i = 0; i < 60; ++i) absl::StrAppend(&codes, i == 0 ? "" : ", ", "'code-", i, "'");
  Upload("card", codes + "]");
  std::mutex mutex;
  std::set<std::string> given;
  std::atomic<int> refused = 0;
  InThreads(100, [&](int i) {
    const auto reply = RedeemAt(i, "card");
    if (!reply.ok()) {
      EXPECT_THAT(reply, Refused(StatusCode::FAILED_PRECONDITION, "NO_CODE_LEFT"));
      ++refused;
      return;
    }
    const std::lock_guard lock(mutex);
    EXPECT_TRUE(given.insert(reply->entry().code()).second) << reply->entry().code();
  });
  EXPECT_EQ(given.size(), 60u);
  EXPECT_EQ(refused, 40);
  ExpectCleanLedger();
}

TEST_F(RewardsOnTwoReplicas, RedeemingAndCancellingAtOnceKeepsTheBooks) {
  Offer("card", kUploaded, "stock: 5");
  Upload("card", "['A', 'B', 'C', 'D', 'E', 'F']");
  InThreads(40, [&](int i) {
    if (!RedeemAt(i, "card").ok()) return;
    const std::string request = "r" + std::to_string(i), member = "m" + std::to_string(i % 20);
    const auto cancelled = Replica(i + 1).Call(
        &Rewards::CancelRedemption, "member_id: '" + member + "', redemption_request_id: '" + request +
                                        "', request_id: 'c" + std::to_string(i) + "'");
    EXPECT_THAT(cancelled, IsOk());
  });
  EXPECT_EQ(Get("card").redeemed_count(), 0);
  EXPECT_EQ(Get("card").free_code_count(), 6);
  EXPECT_EQ(server_.database().Exec("SELECT sum(balance) FROM points.account WHERE program_key > 0"),
            "200000");
  ExpectCleanLedger();
}

TEST_F(RewardsOnTwoReplicas, TheMembersLimitHoldsAtBoth) {
  Offer("mug", kMug, "limit: {most: 1}");
  std::atomic<int> redeemed = 0;
  InThreads(20, [&](int i) {
    const auto reply =
        Replica(i).Call(&Rewards::RedeemReward, Redeeming("r" + std::to_string(i), "mug", "m0"));
    if (reply.ok()) return void(++redeemed);
    EXPECT_THAT(reply, Refused(StatusCode::FAILED_PRECONDITION, "REWARD_LIMIT_REACHED"));
  });
  EXPECT_EQ(redeemed, 1);
  ExpectCleanLedger();
}

}  // namespace
}  // namespace loyalty::points
