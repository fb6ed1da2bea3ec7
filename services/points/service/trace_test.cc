// Where points came from, where they went, and when they lapse, as a caller sees it.
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

class Traces : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    SetPolicy("expiry", "{rolling_months: 1}");
    SetPolicy("transfers", "{allowed: true}");
    Buy("anna", "o1", "2026-04-20", 1000);
    Buy("anna", "o2", "2026-05-01", 2000);
    Made(&Points::EnrollMember, "member_id: 'bert'");
  }
  void Buy(const std::string& member, const std::string& order, const std::string& day, int64_t total) {
    Made(&Points::RecordPurchase,
         absl::StrCat("member_id: '", member, "', request_id: '", order, "', purchase: {order_id: '", order,
                      "', purchase_time: '", day, "T10:00:00Z', total_minor: ", total, "}"));
  }
  v1::TraceEntryResponse Trace(const std::string& member, int64_t sequence) {
    return Made(&Ledgers::TraceEntry, absl::StrCat("member_id: '", member, "', sequence: ", sequence));
  }
  // "o1 10, o2 2": the orders, and the points that came from them.
  static std::string Sources(const v1::TraceEntryResponse& trace) {
    std::string text;
    for (const auto& source : trace.sources()) {
      absl::StrAppend(&text, text.empty() ? "" : ", ", source.member_id(), " ", source.order_id(), " ",
                      source.points());
    }
    return text;
  }
};

TEST_F(Traces, ASpendingLeadsToTheOrdersThatPaidAndTheyToIt) {
  Made(&Points::Spend, "member_id: 'anna', request_id: 's1', points: 12");
  EXPECT_EQ(Sources(Trace("anna", 3)), "anna o1 10, anna o2 2");
  const auto order = Trace("anna", 2);
  ASSERT_EQ(order.uses_size(), 1);
  EXPECT_EQ(order.uses(0).sequence(), 3);
  EXPECT_EQ(order.uses(0).kind(), v1::ENTRY_KIND_SPEND);
  EXPECT_EQ(order.uses(0).request_id(), "s1");
  EXPECT_EQ(order.uses(0).points(), 2);
  EXPECT_EQ(order.available_points(), 18);
}

TEST_F(Traces, GoThroughTransfersFromMemberToMember) {
  Made(&Points::TransferPoints, "member_id: 'anna', to_member_id: 'bert', request_id: 't1', points: 15");
  Made(&Points::EnrollMember, "member_id: 'carl'");
  Made(&Points::TransferPoints, "member_id: 'bert', to_member_id: 'carl', request_id: 't2', points: 12");
  Made(&Points::Spend, "member_id: 'carl', request_id: 's1', points: 11");
  EXPECT_EQ(Sources(Trace("carl", 2)), "anna o1 10, anna o2 1");
}

// The points of o1 came back on two days, with two new expiries: two pieces of one lot.
TEST_F(Traces, GoThroughATransferPieceByPiece) {
  SetPolicy("spending", "{grace_days: 3}");
  Made(&Points::Spend, "member_id: 'anna', request_id: 's1', points: 10");
  server_.clock().Advance(absl::Hours(24 * 23));
  Made(&Points::ReverseEntry, "member_id: 'anna', request_id: 'v1', reversed_request_id: 's1', points: 4");
  server_.clock().Advance(absl::Hours(24 * 2));
  Made(&Points::ReverseEntry, "member_id: 'anna', request_id: 'v2', reversed_request_id: 's1', points: 6");
  Made(&Points::TransferPoints, "member_id: 'anna', to_member_id: 'bert', request_id: 't1', points: 30");
  Made(&Points::Spend, "member_id: 'bert', request_id: 's2', points: 10");
  EXPECT_EQ(Sources(Trace("bert", 2)), "anna o1 10");
  Made(&Points::Spend, "member_id: 'bert', request_id: 's3', points: 20");
  EXPECT_EQ(Sources(Trace("bert", 3)), "anna o2 20");
  EXPECT_EQ(Made(&Points::ReverseEntry, "member_id: 'bert', request_id: 'v3', reversed_request_id: 's2'")
                .entry()
                .points(),
            10);
}

TEST_F(Traces, ACaptureIsTracedThroughItsHoldAndWhatWasReleasedIsNot) {
  Made(&Points::ReservePoints, "member_id: 'anna', request_id: 'h1', points: 14, time_to_live: '3600s'");
  Made(&Points::CapturePoints, "member_id: 'anna', request_id: 'c1', hold_request_id: 'h1', points: 11");
  EXPECT_EQ(Sources(Trace("anna", 4)), "anna o1 10, anna o2 1");
}

TEST_F(Traces, OfWhatIsNotThereAreRefused) {
  EXPECT_THAT(Call(&Ledgers::TraceEntry, "member_id: 'zoe', sequence: 1"),
              Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(Call(&Ledgers::TraceEntry, "member_id: 'anna', sequence: 9"),
              Refused(StatusCode::NOT_FOUND, "ENTRY_NOT_FOUND"));
  EXPECT_THAT(Call(&Ledgers::TraceEntry, "sequence: 0"),
              Refused(StatusCode::INVALID_ARGUMENT, "FIELD_REQUIRED"));
}

TEST_F(Traces, WhatWillLapseIsListedByTimeAndByMonth) {
  const auto lapses = Made(&Ledgers::ListExpiringPoints, "member_id: 'anna'");
  ASSERT_EQ(lapses.lapses_size(), 2);
  EXPECT_THAT(lapses.lapses(0), IsMessage(Parse<v1::ListExpiringPointsResponse::Lapse>(
                                    "expire_time: '2026-05-21T04:00:00Z', points: 10")));
  EXPECT_THAT(lapses.lapses(1), IsMessage(Parse<v1::ListExpiringPointsResponse::Lapse>(
                                    "expire_time: '2026-06-02T04:00:00Z', points: 20")));
  const auto months = Made(&Ledgers::ListExpiringPoints, "");
  ASSERT_EQ(months.months_size(), 2);
  EXPECT_THAT(months.months(0), IsMessage(Parse<v1::ListExpiringPointsResponse::Month>(
                                    "month: '2026-05', points: 10, member_count: 1")));
  EXPECT_THAT(months.months(1), IsMessage(Parse<v1::ListExpiringPointsResponse::Month>(
                                    "month: '2026-06', points: 20, member_count: 1")));
}

TEST_F(Traces, WhatIsPendingLapsesWhenItMaturesAtTheEarliest) {
  const auto make_rule = [&](const std::string& id, const std::string& maturity) {
    Made(&Rules::CreateEarnRule,
         "rule: {program_id: 'shop', rule_id: '" + id +
             "', display_name: 'x', effect: {fixed_points: {points: 5}}, maturity: {" + maturity +
             "}}, actor: 'ann', request_id: '" + id + "'");
  };
  make_rule("later", "kind: 'MATURITY_KIND_DAYS', days: 90");
  make_rule("maybe", "kind: 'MATURITY_KIND_CONFIRMATION'");
  Made(&Points::RecordPurchase,
       "member_id: 'bert', request_id: 'b1', purchase: {order_id: 'b1', purchase_time: "
       "'2026-05-01T10:00:00Z', total_minor: 700}");
  const auto lapses = Made(&Ledgers::ListExpiringPoints, "member_id: 'bert'");
  ASSERT_EQ(lapses.lapses_size(), 2);
  EXPECT_THAT(lapses.lapses(0), IsMessage(Parse<v1::ListExpiringPointsResponse::Lapse>(
                                    "expire_time: '2026-06-02T04:00:00Z', points: 7")));
  EXPECT_THAT(lapses.lapses(1), IsMessage(Parse<v1::ListExpiringPointsResponse::Lapse>(
                                    "expire_time: '2026-07-30T10:00:00Z', points: 5")));
  const auto months = Made(&Ledgers::ListExpiringPoints, "");
  ASSERT_EQ(months.months_size(), 3);
  EXPECT_THAT(months.months(2), IsMessage(Parse<v1::ListExpiringPointsResponse::Month>(
                                    "month: '2026-07', points: 5, member_count: 1")));
  const auto preview = Made(&Programs::UpdateProgram,
                            "program: {program_id: 'shop', policies: {expiry: {rolling_days: 40}}}, "
                            "update_mask: 'policies.expiry', "
                            "apply_expiry_to_existing: true, validate_only: true");
  const auto& effect = preview.expiry_effect();
  ASSERT_GT(effect.months_size(), 0);
  EXPECT_THAT(
      effect.months(effect.months_size() - 1),
      IsMessage(Parse<v1::ExpiryEffect::Month>("month: '2026-07', points_before: 5, points_after: 5")));
}

// Nobody has looked at the account since the policy changed and the hold ended.
TEST_F(Traces, WhatWillLapseIsListedAsItWillWhetherAJobHasRunOrNot) {
  Made(&Points::Earn, "member_id: 'bert', request_id: 'e1', points: 7");
  Made(&Points::ReservePoints, "member_id: 'bert', request_id: 'h1', points: 5, time_to_live: '7200s'");
  const auto lapses = [&] { return Made(&Ledgers::ListExpiringPoints, "member_id: 'bert'"); };
  ASSERT_EQ(lapses().lapses_size(), 1) << "what is held comes back";
  EXPECT_EQ(lapses().lapses(0).points(), 7);
  EXPECT_EQ(Made(&Ledgers::ListExpiringPoints, "").months(1).points(), 27);
  server_.clock().Advance(absl::Hours(3));
  Made(&Programs::UpdateProgram,
       "program: {program_id: 'shop', policies: {expiry: {rolling_days: 90}}}, update_mask: "
       "'policies.expiry', "
       "apply_expiry_to_existing: true");
  ASSERT_EQ(lapses().lapses_size(), 1);
  EXPECT_THAT(lapses().lapses(0), IsMessage(Parse<v1::ListExpiringPointsResponse::Lapse>(
                                      "expire_time: '2026-07-31T04:00:00Z', points: 7")));
}

TEST_F(Traces, UnderInactivityAllThatIsLeftLapsesTogether) {
  SetPolicy("expiry", "{inactivity_months: 2}");
  Made(&Points::Earn, "member_id: 'bert', request_id: 'e1', points: 7");
  const auto lapses = Made(&Ledgers::ListExpiringPoints, "member_id: 'bert'");
  ASSERT_EQ(lapses.lapses_size(), 1);
  EXPECT_THAT(lapses.lapses(0), IsMessage(Parse<v1::ListExpiringPointsResponse::Lapse>(
                                    "expire_time: '2026-07-02T04:00:00Z', points: 7")));
  const auto months = Made(&Ledgers::ListExpiringPoints, "");
  ASSERT_EQ(months.months_size(), 3) << "anna's points keep their dates, and she was active, too";
  EXPECT_THAT(months.months(2), IsMessage(Parse<v1::ListExpiringPointsResponse::Month>(
                                    "month: '2026-07', points: 7, member_count: 1")));
}

TEST_F(Traces, UnderInactivityPointsLapseWithTheRestWhateverTheirDate) {
  SetPolicy("expiry", "{rolling_months: 12}");
  Made(&Points::Earn, "member_id: 'bert', request_id: 'e1', points: 7");
  SetPolicy("expiry", "{inactivity_months: 2}");
  Made(&Points::Earn, "member_id: 'bert', request_id: 'e2', points: 5");
  const auto lapses = Made(&Ledgers::ListExpiringPoints, "member_id: 'bert'");
  ASSERT_EQ(lapses.lapses_size(), 1);
  EXPECT_THAT(lapses.lapses(0), IsMessage(Parse<v1::ListExpiringPointsResponse::Lapse>(
                                    "expire_time: '2026-07-02T04:00:00Z', points: 12")));
  const auto months = Made(&Ledgers::ListExpiringPoints, "");
  EXPECT_THAT(months.months(2), IsMessage(Parse<v1::ListExpiringPointsResponse::Month>(
                                    "month: '2026-07', points: 12, member_count: 1")));
}

}  // namespace
}  // namespace loyalty::points
