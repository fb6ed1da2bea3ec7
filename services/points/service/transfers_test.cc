// Points from one member to another, as a caller sees them.
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class Transfers : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    SetPolicy("expiry", "{rolling_months: 1}");
    SetPolicy("transfers", "{allowed: true, most_points: 50, most_points_day: 80, fee_percent: 10}");
    Made(&Points::Earn,
         "member_id: 'anna', request_id: 'e1', points: 100, occurred_time: '2026-05-01T10:00:00Z'");
    Made(&Points::EnrollMember, "member_id: 'bert'");
  }
  auto Send(const std::string& request, int64_t points, const std::string& more = "") {
    return Call(&Points::TransferPoints,
                absl::StrCat("member_id: 'anna', to_member_id: 'bert', request_id: '", request,
                             "', points: ", points, more));
  }
};

TEST_F(Transfers, PointsArriveWithTheirExpiryAndTheSenderPaysTheFee) {
  const auto sent = Send("t1", 45, ", reason: 'a present', actor: 'app'");
  ASSERT_THAT(sent, IsOk());
  EXPECT_THAT(
      sent->entry(),
      IsMessage(Parse<v1::Entry>(
          "member_id: 'anna', sequence: 2, kind: 'ENTRY_KIND_TRANSFER_OUT', points: -45, balance_after: 55, "
          "occurred_time: '2026-05-01T12:00:00Z', recorded_time: '2026-05-01T12:00:00Z', request_id: 't1', "
          "reason: 'a present', actor: 'app', counterpart_sequence: 1, counterpart_member_id: 'bert', "
          "lot_uses: [{lot_sequence: 1, points: 45, earned_time: '2026-05-01T10:00:00Z', "
          "expire_time: '2026-06-02T04:00:00Z'}]")));
  EXPECT_THAT(
      Newest("bert"),
      IsMessage(Parse<v1::Entry>(
          "member_id: 'bert', sequence: 1, kind: 'ENTRY_KIND_TRANSFER_IN', points: 45, balance_after: 45, "
          "occurred_time: '2026-05-01T12:00:00Z', recorded_time: '2026-05-01T12:00:00Z', "
          "reason: 'a present', actor: 'app', counterpart_sequence: 2, "
          "lots: [{points: 45, earned_time: '2026-05-01T10:00:00Z', expire_time: '2026-06-02T04:00:00Z'}]")));
  const auto fee = Newest("anna");
  EXPECT_EQ(fee.kind(), v1::ENTRY_KIND_FEE);
  EXPECT_EQ(fee.points(), -5) << "10 % of 45, rounded up";
  EXPECT_EQ(fee.corrected_sequence(), 2);
  EXPECT_EQ(Balance("anna"), 50);
  const auto report = Call(&Ledgers::VerifyLedger, "");
  EXPECT_EQ(report->transferred_out_points(), 45);
  EXPECT_EQ(report->transferred_in_points(), 45);
  EXPECT_EQ(report->fee_points(), 5);
  ExpectCleanLedger();
  auto listed =
      Call(&Points::ListEntries, "member_id: 'anna', kinds: ['ENTRY_KIND_TRANSFER_OUT']")->entries(0);
  listed.set_counterpart_member_id("bert");  // which the statement does not tell
  EXPECT_THAT(listed, IsMessage(sent->entry()));
  server_.clock().Advance(absl::Hours(24 * 32));
  EXPECT_EQ(Balance("bert"), 0) << "they lapse when they would have";
}

TEST_F(Transfers, WithoutThePolicyThereAreNone) {
  SetPolicy("transfers", "{}");
  EXPECT_THAT(Send("t1", 1), Refused(StatusCode::FAILED_PRECONDITION, "TRANSFERS_NOT_ALLOWED"));
}

TEST_F(Transfers, NoMoreThanTheLimitsCanBeSent) {
  const auto expect = [](const auto& reply, const std::string& most, const std::string& asked) {
    EXPECT_THAT(reply, Refused(StatusCode::FAILED_PRECONDITION, "TRANSFER_LIMIT"));
    EXPECT_THAT(reply.error.metadata, UnorderedElementsAre(Pair("most", most), Pair("asked", asked)));
  };
  expect(Send("t1", 51), "50", "51");
  ASSERT_THAT(Send("t1", 50), IsOk());
  expect(Send("t2", 31), "30", "31");
  server_.clock().Advance(absl::Hours(16) - absl::Seconds(1));
  expect(Send("t2", 31), "30", "31");
  server_.clock().Advance(absl::Seconds(1));  // midnight in New York
  EXPECT_THAT(Send("t2", 31), IsOk());
}

TEST_F(Transfers, TheSenderHasToHaveTheFeeToo) {
  SetPolicy("transfers", "{allowed: true, fee_percent: 10}");
  const auto reply = Send("t1", 91);
  EXPECT_THAT(reply, Refused(StatusCode::FAILED_PRECONDITION, "INSUFFICIENT_POINTS"));
  EXPECT_THAT(reply.error.metadata, UnorderedElementsAre(Pair("balance", "100"), Pair("asked", "101")));
  EXPECT_THAT(Send("t1", 90), IsOk());
  EXPECT_EQ(Balance("anna"), 1);
}

TEST_F(Transfers, TheReceiverIsAnotherMember) {
  for (const std::string other : {"carl", "anna"}) {
    const auto reply = Send("t1", 1, ", to_member_id: '" + other + "'");
    EXPECT_THAT(reply, Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
    EXPECT_THAT(reply.error.metadata,
                UnorderedElementsAre(Pair("program_id", "shop"), Pair("member_id", other)));
  }
  EXPECT_THAT(Send("t1", 1, ", member_id: 'carl'"), Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(Send("t1", 1, ", program_id: 'nowhere'"), Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
  SetPolicy("transfers", "{allowed: true}");
  Made(&Points::Earn, "member_id: 'bert', request_id: 'e2', points: '9223372036854775807'");
  EXPECT_THAT(Send("t1", 1), Refused(StatusCode::OUT_OF_RANGE, "POINTS_OVERFLOW"));
}

TEST_F(Transfers, ATrialWritesNothing) {
  const std::string before = Written();
  EXPECT_EQ(Send("t1", 45, ", validate_only: true")->entry().balance_after(), 55);
  EXPECT_THAT(Send("t1", 51, ", validate_only: true"),
              Refused(StatusCode::FAILED_PRECONDITION, "TRANSFER_LIMIT"));
  EXPECT_EQ(Written(), before);
}

TEST_F(Transfers, ARepeatedRequestGetsTheOriginalAnswer) {
  const auto first = Send("t1", 45);
  const auto again = Send("t1", 45);
  EXPECT_THAT(again, IsReplayed());
  EXPECT_THAT(*again, IsMessage(*first));
  EXPECT_THAT(Send("t1", 44), Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_EQ(Balance("bert"), 45);
}

TEST_F(Transfers, MembersWhoSendToEachOtherAtOnceLoseNothing) {
  SetPolicy("transfers", "{allowed: true}");
  Made(&Points::Earn, "member_id: 'bert', request_id: 'e2', points: 100");
  InThreads(20, [&](int i) {
    const bool back = i % 2 == 1;
    const auto reply =
        Send("t" + std::to_string(i), 7, back ? ", member_id: 'bert', to_member_id: 'anna'" : "");
    EXPECT_THAT(reply, IsOk());
  });
  EXPECT_EQ(Balance("anna"), 100);
  EXPECT_EQ(Balance("bert"), 100);
  ExpectCleanLedger();
}

}  // namespace
}  // namespace loyalty::points
