// Many at the same time.
#include <atomic>

#include "services/membership/service/test_client.h"

namespace loyalty::membership {
namespace {

using ::testing::SizeIs;

class Concurrency : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    AddPlan();
  }
};

TEST_F(Concurrency, AQuotaOfFourIsUsedFourTimes) {
  Join("anna");
  std::atomic<int> used = 0, refused = 0;
  InThreads(50, [&](int) {
    const auto reply = Call(&Memberships::UseBenefit, "member_id: 'anna', benefit_id: 'lounge'");
    if (reply.ok()) ++used;
    if (reply.error.reason == "QUOTA_EXHAUSTED") ++refused;
  });
  EXPECT_EQ(used, 4);
  EXPECT_EQ(refused, 46);
  EXPECT_EQ(Call(&Memberships::CheckBenefit, "member_id: 'anna', benefit_id: 'lounge'")->left(), 0);
  EXPECT_EQ(Events("BenefitUsed"), "4");
}

TEST_F(Concurrency, TwentyWhoSubscribeAMemberMakeOneMembershipAndOneCharge) {
  std::atomic<int> made = 0, refused = 0;
  InThreads(20, [&](int) {
    const auto reply = Subscribe("anna", "slow:50");
    if (reply.ok()) ++made;
    if (reply.error.reason == "ALREADY_SUBSCRIBED") ++refused;
  });
  EXPECT_EQ(made, 1);
  EXPECT_EQ(refused, 19);
  EXPECT_EQ(Count("membership"), "1");
  EXPECT_EQ(Count("invoice"), "1");
  EXPECT_THAT(provider_.charges(), SizeIs(1));
  EXPECT_EQ(provider_.held(), 990);
}

TEST_F(Concurrency, ACallThatIsSentSeveralTimesAtOnceHasOneAnswer) {
  std::atomic<int> replayed = 0;
  InThreads(10, [&](int) {
    const auto reply = Subscribe("anna", "card", "request_id: 'join'");
    ASSERT_TRUE(reply.ok()) << reply;
    replayed += reply.replayed ? 1 : 0;
  });
  EXPECT_EQ(replayed, 9);
  EXPECT_THAT(provider_.charges(), SizeIs(1));
  InThreads(10, [&](int) {
    const auto reply = Call(&Memberships::UseBenefit,
                            "member_id: 'anna', benefit_id: 'lounge', count: 4, request_id: 'visit'");
    ASSERT_TRUE(reply.ok()) << reply;
    EXPECT_EQ(reply->left(), 0);
  });
  EXPECT_EQ(Events("BenefitUsed"), "1");
}

TEST_F(Concurrency, SeveralJobsRenewAMembershipOnce) {
  for (int i = 0; i < 20; ++i) Join(absl::StrCat("member-", i));
  server_.clock().Set(At(2026, 6, 1, 14));
  InThreads(4, [&](int) { server_.RunDue("shop"); });
  EXPECT_EQ(Count("invoice"), "40");
  EXPECT_EQ(Count("membership", "period_index = 1 AND state = 3"), "20");
  EXPECT_THAT(provider_.charges(), SizeIs(40));
  EXPECT_EQ(
      server_.database().Exec("SELECT max(invoice_number) FROM membership.invoice WHERE program_key > 0"),
      "40");
}

}  // namespace
}  // namespace loyalty::membership
