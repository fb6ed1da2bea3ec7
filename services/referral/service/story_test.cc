// From the claim to points in the points service, and back: events come in, rewards go out.
#include "services/referral/service/test_client.h"

namespace loyalty::referral {
namespace {

using ::testing::EndsWith;

class Story : public ServerTest {
 protected:
  void AddAnnasCampaign(const std::string& terms) {
    AddCampaign(terms);
    AddCode("anna");
  }
  // Friends "f<first>" to "f<last>" buy for 50.00 each, order "o<n>".
  void Bring(int first, int last) {
    for (int n = first; n <= last; ++n) {
      Claim(absl::StrCat("f", n));
      Buy(absl::StrCat("f", n), absl::StrCat("o", n), 5000);
    }
    server_.RunDue("shop");
  }
  // All of an order.
  void Return(int n, int64_t minor, const std::string& return_id) {
    GiveBack(absl::StrCat("f", n), absl::StrCat("o", n), return_id, minor);
  }
};

TEST_F(Story, APurchaseInTheStreamIsHeldThenRewardedThenReturned) {
  AddAnnasCampaign(absl::StrCat("hold_days: 14, ", kThreeBrackets));
  const std::string id = Claim("bert")->referral().referral_id();
  server_.clock().Advance(absl::Hours(1));
  Buy("bert", "o1", 1000);
  Buy("bert", "o2", 3000);
  Buy("stranger", "o3", 3000);
  server_.RunDue("shop");
  v1::Referral referral = Get("bert").referral();
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_HELD);
  EXPECT_EQ(referral.order_id(), "o2") << "the first was too small";
  EXPECT_EQ(Ask("SELECT count(*) FROM referral.delivery"), "0");

  server_.clock().Advance(absl::Hours(24 * 14) - absl::Microseconds(1));
  server_.RunDue("shop");
  EXPECT_EQ(points_.calls(), 0) << "not yet";
  server_.clock().Advance(absl::Microseconds(1));
  server_.RunDue("shop");
  EXPECT_EQ(Get("bert").referral().state(), v1::REFERRAL_STATE_REWARDED);
  EXPECT_EQ(Get("bert").transitions(3).actor(), "loyalty-referral");
  ASSERT_EQ(points_.awards().size(), 2u);
  const auto award = points_.awards()[0].member_id() == "bert" ? points_.awards()[0] : points_.awards()[1];
  EXPECT_EQ(award.points(), 500);
  EXPECT_EQ(award.reason(), "Bring a friend");
  EXPECT_EQ(award.cause(), absl::StrCat("referral:", id));
  EXPECT_EQ(Ask("SELECT string_agg(cause || ' ' || part || ' ' || member_id || ' ' || points, ', ' ORDER BY "
                "delivery_id) FROM referral.delivery"),
            absl::StrCat("referral:", id, " friend bert 500, referral:", id, " referrer anna 100"));

  Return(0, 1, "not an order of ours");
  GiveBack("bert", "o2", "r1", 1000);
  server_.RunDue("shop");
  EXPECT_EQ(PointsOf("bert"), 334) << "500 − ⌊500 ÷ 3⌋";
  EXPECT_EQ(PointsOf("anna"), 67);
  EXPECT_EQ(Get("bert").referral().friend_reward().standing_points(), 334);
  GiveBack("bert", "o2", "r2", 500);
  GiveBack("bert", "o2", "r3", 1500);
  server_.RunDue("shop");
  EXPECT_EQ(PointsOf("bert"), 0) << "exactly";
  EXPECT_EQ(PointsOf("anna"), 0);
  EXPECT_EQ(Get("bert").referral().state(), v1::REFERRAL_STATE_REVERSED);
  EXPECT_THAT(Events(),
              EndsWith("ReferralClaimed ReferralQualified ReferralHeld ReferralRewarded ReferralReduced "
                       "ReferralReduced ReferralReversed"));
  EXPECT_EQ(Ask("SELECT string_agg(cause, ' ' ORDER BY position) FROM referral.outbox WHERE position > 6"),
            "return:r1 return:r2 return:r3");
  EXPECT_EQ(server_.RunDue("shop"), 0) << "nothing is left";
}

// The table of README.md: three brackets and a milestone.
TEST_F(Story, TheWorkedExample) {
  AddAnnasCampaign(kThreeBrackets);
  Bring(1, 3);
  EXPECT_EQ(PointsOf("anna"), 300);
  Bring(4, 4);
  EXPECT_EQ(PointsOf("anna"), 500);
  Bring(5, 5);
  EXPECT_EQ(PointsOf("anna"), 1700) << "200, and 1,000 for five";
  Bring(6, 10);
  EXPECT_EQ(PointsOf("anna"), 2900) << "four at 200, the tenth at 400";
  Return(10, 2000, "r10");
  server_.RunDue("shop");
  EXPECT_EQ(PointsOf("anna"), 2740) << "two fifths of 400";
  EXPECT_EQ(PointsOf("f10"), 300);
  for (int n = 5; n <= 9; ++n) Return(n, 5000, absl::StrCat("r", n));
  Return(10, 3000, "r10b");
  server_.RunDue("shop");
  EXPECT_EQ(PointsOf("anna"), 500) << "four stand, so the milestone fell";
  EXPECT_EQ(PointsOf("f10"), 0);
  Bring(11, 11);
  EXPECT_EQ(PointsOf("anna"), 1900) << "400, and the milestone is reached again";
  EXPECT_EQ(Get("f11").referral().ordinal(), 11);
  EXPECT_EQ(Ask("SELECT count(*) FROM referral.outbox WHERE type LIKE '%Milestone%'"), "3");
  EXPECT_EQ(Ask("SELECT string_agg(member_id, ' ') FROM referral.outbox WHERE type LIKE '%MilestoneFell'"),
            "anna");
  const auto stats = Call(&Referrals::GetReferrerStats, "campaign_id: 'spring', member_id: 'anna'")->stats();
  EXPECT_EQ(stats.awarded_points(), 1900) << "the same number on both sides";
}

// The clock of a shop is never that of this service.
TEST_F(Story, APurchaseByAClockThatIsFiveMinutesBehindOrAheadCounts) {
  AddAnnasCampaign(kThreeBrackets);
  const absl::Time now = server_.clock().Now(), edge = now - absl::Minutes(5);
  for (const char* name : {"behind", "older", "ahead"}) Claim(name);
  Buy("behind", "o1", 5000, edge);
  Buy("older", "o2", 5000, edge - absl::Microseconds(1));
  Buy("ahead", "o3", 5000, now + absl::Minutes(5));
  server_.RunDue("shop");
  for (const char* name : {"behind", "ahead"}) {
    const v1::Referral referral = Get(name).referral();
    EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_REWARDED) << name;
    EXPECT_THAT(referral.qualify_time(), IsMessage(rpc::ToProto(now))) << name;
    EXPECT_THAT(referral.reward_time(), IsMessage(rpc::ToProto(now))) << name;
  }
  EXPECT_EQ(points_.awards().size(), 4u);
  for (const auto& award : points_.awards()) {
    EXPECT_THAT(award.occurred_time(), IsMessage(rpc::ToProto(now)))
        << "points need not trust its clock more";
  }
  EXPECT_EQ(Get("older").referral().state(), v1::REFERRAL_STATE_REJECTED);
  EXPECT_EQ(Get("older").transitions(1).reason(), v1::STATE_REASON_EXISTING_BUYER);
}

TEST_F(Story, AnAwardThatIsReturnedBeforeItWasSentIsNeverSent) {
  AddAnnasCampaign(kThreeBrackets);
  points_.AnswerWith([](const std::string&) { return grpc::Status(StatusCode::UNAVAILABLE, "away"); });
  Claim("bert");
  Made(&Referrals::RecordQualifyingEvent,
       "friend_id: 'bert', order_id: 'o1', amount_minor: 3000, request_id: 'r', purchase_time: "
       "'2026-05-01T12:00:00Z'");
  GiveBack("bert", "o1", "r1", 3000);
  EXPECT_EQ(Ask("SELECT count(*) FROM referral.delivery WHERE state = 1"), "2");
  points_.AnswerWith({});
  server_.RunDue("shop");
  EXPECT_EQ(PointsOf("bert"), 0);
  EXPECT_EQ(PointsOf("anna"), 0);
  EXPECT_EQ(points_.awards().size(), 0u);
  EXPECT_EQ(Ask("SELECT count(*) FROM referral.delivery WHERE state = 4"), "2") << "cancelled";
}

TEST_F(Story, AClaimThatNobodyFollowsExpiresAndALateReportStillQualifies) {
  AddAnnasCampaign(kThreeBrackets);
  Claim("bert");
  Claim("dora");
  server_.clock().Advance(absl::Hours(24 * 29));
  Buy("dora", "o1", 5000);  // told late
  server_.clock().Advance(absl::Hours(24));
  Made(&Campaigns::EndCampaign, "campaign_id: 'spring', request_id: 'end'");
  server_.RunDue("shop");
  EXPECT_EQ(Get("bert").referral().state(), v1::REFERRAL_STATE_EXPIRED);
  EXPECT_EQ(Get("dora").referral().state(), v1::REFERRAL_STATE_REWARDED);
  EXPECT_EQ(Ask("SELECT count(*) FROM referral.outbox WHERE type LIKE '%ReferralExpired' AND occurred_time = "
                "'2026-05-31T12:00:00Z' AND member_id = 'bert'"),
            "1");
  EXPECT_EQ(PointsOf("dora"), 500);
}

TEST_F(Story, AnEventTakesEffectOnceHoweverOftenItIsAskedFor) {
  AddAnnasCampaign(kThreeBrackets);
  Claim("bert");
  points_.LoseAnswers(true);
  Buy("bert", "o1", 5000);
  for (int i = 0; i < 3; ++i) {
    admin::v1::RunDueRequest request;
    admin::v1::RunDueResponse response;
    request.set_program_id("shop");
    grpc::ClientContext context;
    const auto stub = admin::v1::DueService::NewStub(server_.channel());
    EXPECT_EQ(stub->RunDue(&context, request, &response).error_code(), StatusCode::UNAVAILABLE);
  }
  points_.LoseAnswers(false);
  server_.RunDue("shop");
  EXPECT_EQ(points_.awards().size(), 2u) << "once each";
  EXPECT_GT(points_.calls(), 2) << "though it was asked for more often";
}

TEST_F(Story, AnEventThatCannotBeReadIsSetAsideAndTheOthersGoOn) {
  AddAnnasCampaign(kThreeBrackets);
  Claim("bert");
  points::v1::EntryPosted posted;
  posted.mutable_entry()->set_member_id("bert");
  posted.mutable_entry()->set_kind(points::v1::ENTRY_KIND_PURCHASE);
  points_.Emit("shop", posted);
  posted.mutable_entry()->set_kind(points::v1::ENTRY_KIND_EARN);
  points_.Emit("shop", posted);
  Buy("bert", "o1", 5000);
  for (int i = 0; i < 5; ++i) server_.RunDue("shop");
  EXPECT_EQ(Ask("SELECT string_agg(position::text, ' ') FROM referral.set_aside"), "1");
  EXPECT_EQ(Get("bert").referral().state(), v1::REFERRAL_STATE_REWARDED);
}

TEST_F(Story, AnOrderThatTheShopReportedForAFriendIsNotAnotherOnes) {
  AddAnnasCampaign(kThreeBrackets);
  Claim("bert");
  Claim("dora");
  Made(&Referrals::RecordQualifyingEvent,
       "friend_id: 'bert', order_id: 'o1', amount_minor: 3000, request_id: 'r', purchase_time: "
       "'2026-05-01T12:00:00Z'");
  Buy("dora", "o1", 3000);
  Buy("dora", "o2", 3000);
  server_.RunDue("shop");
  EXPECT_EQ(Get("dora").referral().order_id(), "o2");
  EXPECT_EQ(Ask("SELECT count(*) FROM referral.set_aside"), "0");
}

}  // namespace
}  // namespace loyalty::referral
