// Many at once, at two replicas: what can happen once happens once.
#include <optional>
#include <thread>

#include "services/referral/service/test_client.h"

namespace loyalty::referral {
namespace {

constexpr int kMany = 100;

class Concurrency : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    ASSERT_TRUE(replica_.Start().ok());
    other_.emplace(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", replica_.port()), grpc::InsecureChannelCredentials()));
  }
  // Every second caller speaks to the other replica.
  template <class Method>
  auto CallAny(int caller, Method method, const std::string& json) {
    return caller % 2 == 0 ? Call(method, json) : other_->Call(method, json);
  }

  rpc::ServerOptions ReplicaOptions() const {
    rpc::ServerOptions options = Options();
    options.listen_address = "127.0.0.1:0";
    options.database_url = server_.database().url();
    return options;
  }

  rpc::Server replica_{Definition(), ReplicaOptions(), server_.clock()};
  std::optional<Client> other_;
};

TEST_F(Concurrency, OfManyClaimsOfOneFriendOneWinsAndTheOthersGetTheReason) {
  AddCampaign();
  for (int i = 0; i < kMany; ++i) AddCode(absl::StrCat("m", i));
  std::vector<Reply<v1::ClaimReferralResponse>> replies(kMany);
  InThreads(kMany, [&](int i) {
    replies[static_cast<size_t>(i)] =
        CallAny(i, &Referrals::ClaimReferral,
                absl::StrCat("friend_id: 'bert', code: 'code-of-m", i, "', request_id: 'claim ", i, "'"));
  });
  int won = 0;
  for (const auto& reply : replies) {
    won += reply.ok() ? 1 : 0;
    if (reply.ok()) continue;
    EXPECT_THAT(reply, Refused(StatusCode::ALREADY_EXISTS, "FRIEND_ALREADY_CLAIMED"));
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(Ask("SELECT sum(claimed) FROM referral.referrer WHERE program_key > 0"), "1");
  EXPECT_EQ(Ask("SELECT count(*) FROM referral.outbox WHERE type LIKE '%ReferralClaimed'"), "1");
}

TEST_F(Concurrency, OfManyPurchasesOfOneFriendOneIsRewarded) {
  AddCampaign();
  AddCode("anna");
  Claim("bert");
  std::vector<Reply<v1::RecordQualifyingEventResponse>> replies(kMany);
  InThreads(kMany, [&](int i) {
    replies[static_cast<size_t>(i)] =
        CallAny(i, &Referrals::RecordQualifyingEvent,
                absl::StrCat("friend_id: 'bert', order_id: 'o", i, "', amount_minor: 5000, request_id: 'r", i,
                             "', purchase_time: '2026-05-01T12:00:00Z'"));
  });
  for (const auto& reply : replies) {
    ASSERT_TRUE(reply.ok()) << reply;
    EXPECT_EQ(reply->referral().order_id(), replies[0]->referral().order_id());
  }
  server_.RunDue("shop");
  EXPECT_EQ(PointsOf("bert"), 500);
  EXPECT_EQ(PointsOf("anna"), 100);
  EXPECT_EQ(points_.awards().size(), 2u);
}

TEST_F(Concurrency, OneOrderOfManyFriendsQualifiesOne) {
  AddCampaign();
  AddCode("anna");
  for (int i = 0; i < kMany; ++i) Claim(absl::StrCat("f", i));
  std::vector<Reply<v1::RecordQualifyingEventResponse>> replies(kMany);
  InThreads(kMany, [&](int i) {
    replies[static_cast<size_t>(i)] =
        CallAny(i, &Referrals::RecordQualifyingEvent,
                absl::StrCat("friend_id: 'f", i, "', order_id: 'o1', amount_minor: 5000, request_id: 'r", i,
                             "', purchase_time: '2026-05-01T12:00:00Z'"));
  });
  int won = 0;
  for (const auto& reply : replies) {
    won += reply.ok() ? 1 : 0;
    if (reply.ok()) continue;
    EXPECT_THAT(reply, Refused(StatusCode::ALREADY_EXISTS, "ORDER_ID_REUSED"));
  }
  EXPECT_EQ(won, 1);
}

TEST_F(Concurrency, OfManyFirstCallsForACodeAllGetTheSame) {
  AddCampaign();
  std::vector<std::string> codes(kMany);
  InThreads(kMany, [&](int i) {
    codes[static_cast<size_t>(i)] =
        CallAny(i, &Referrals::GetOrCreateCode, "campaign_id: 'spring', member_id: 'anna'")->code().code();
  });
  EXPECT_NE(codes[0], "");
  for (const std::string& code : codes) EXPECT_EQ(code, codes[0]);
  EXPECT_EQ(Ask("SELECT count(*) FROM referral.outbox WHERE type LIKE '%CodeIssued'"), "1");
}

// Friends of one referrer who qualify at the same time get ordinals without a gap.
TEST_F(Concurrency, OrdinalsAreGivenOnce) {
  AddCampaign();
  AddCode("anna");
  for (int i = 0; i < kMany; ++i) Claim(absl::StrCat("f", i));
  std::vector<int64_t> ordinals(kMany);
  InThreads(kMany, [&](int i) {
    ordinals[static_cast<size_t>(i)] = CallAny(i, &Referrals::RecordQualifyingEvent,
                                               absl::StrCat("friend_id: 'f", i, "', order_id: 'o", i,
                                                            "', amount_minor: 5000, request_id: 'r", i,
                                                            "', purchase_time: '2026-05-01T12:00:00Z'"))
                                           ->referral()
                                           .ordinal();
  });
  std::sort(ordinals.begin(), ordinals.end());
  for (int i = 0; i < kMany; ++i) EXPECT_EQ(ordinals[static_cast<size_t>(i)], i + 1);
  server_.RunDue("shop");
  EXPECT_EQ(PointsOf("anna"), 3 * 100 + 6 * 200 + 91 * 400 + 1000);
}

// The follower takes in purchases while the same friends are busy elsewhere: whoever loses tries again.
TEST_F(Concurrency, EventsAndCallsDoNotStandInEachOthersWay) {
  AddCampaign();
  AddCode("anna");
  for (int i = 0; i < kMany; ++i) Claim(absl::StrCat("f", i));
  for (int i = 0; i < kMany; ++i) Buy(absl::StrCat("f", i), absl::StrCat("o", i), 5000);
  std::thread follower([&] { server_.RunDue("shop"); });
  InThreads(kMany, [&](int i) {
    const std::string name = absl::StrCat("f", kMany - 1 - i);
    EXPECT_THAT(
        Call(&Referrals::RecordSignUp, absl::StrCat("friend_id: '", name, "', request_id: 's", i, "'")),
        IsOk());
  });
  follower.join();
  server_.RunDue("shop");
  EXPECT_EQ(Ask("SELECT count(*) FROM referral.referral WHERE program_key > 0 AND state = 4"),
            absl::StrCat(kMany));
  EXPECT_EQ(Ask("SELECT count(*) FROM referral.set_aside"), "0");
  EXPECT_EQ(PointsOf("anna"), 3 * 100 + 6 * 200 + 91 * 400 + 1000);
}

}  // namespace
}  // namespace loyalty::referral
