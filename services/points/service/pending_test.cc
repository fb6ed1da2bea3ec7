// Points that wait, orders that are confirmed or cancelled, and what returns leave, as a caller sees them.
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class Pending : public ServerTest {
 protected:
  void MakeRule(const std::string& maturity) {
    Made(&Rules::CreateEarnRule,
         "rule: {program_id: 'shop', rule_id: 'gift', display_name: 'x', effect: {fixed_points: {points: "
         "50}}, "
         "maturity: {" +
             maturity + "}}, actor: 'ann', request_id: 'gift'");
  }
  // 10 points by the base rate.
  auto Buy(const std::string& order, const std::string& more = "") {
    return Call(&Points::RecordPurchase,
                "member_id: 'anna', request_id: '" + order +
                    "', purchase: {purchase_time: '2026-05-01T10:00:00Z', order_id: '" + order +
                    "', total_minor: 1000" + more + "}");
  }
  auto Confirm(const std::string& request, const std::string& order, const std::string& more = "") {
    return Call(&Points::ConfirmPurchase, "request_id: '" + request + "', order_id: '" + order + "'" + more);
  }
  auto Cancel(const std::string& request, const std::string& order, const std::string& more = "") {
    return Call(&Points::CancelPurchase, "request_id: '" + request + "', order_id: '" + order + "'" + more);
  }
  auto Return(const std::string& id, const std::string& what) {
    return Call(&Points::RecordReturn,
                "request_id: '" + id + "', return_id: '" + id + "', order_id: 'o1'" + what);
  }
};

constexpr char kDays[] = "kind: 'MATURITY_KIND_DAYS', days: 14";
constexpr char kConfirmation[] = "kind: 'MATURITY_KIND_CONFIRMATION'";

TEST_F(Pending, PointsOfARuleCanBeSpentWhenTheirDaysAreOver) {
  MakeRule(kDays);
  const auto bought = Buy("o1");
  ASSERT_THAT(bought, IsOk());
  EXPECT_THAT(
      bought->entry(),
      IsMessage(Parse<v1::Entry>(
          "member_id: 'anna', sequence: 1, kind: 'ENTRY_KIND_PURCHASE', points: 10, pending_points: 50, "
          "balance_after: 10, occurred_time: '2026-05-01T10:00:00Z', recorded_time: '2026-05-01T12:00:00Z', "
          "request_id: 'o1', order_id: 'o1', rule_id: 'base', awards: [{rule_id: 'base', points: 10}, "
          "{rule_id: "
          "'gift', points: 50, maturity: {kind: 'MATURITY_KIND_DAYS', days: 14}}], "
          "lots: [{points: 10, earned_time: '2026-05-01T10:00:00Z'}, {points: 50, earned_time: "
          "'2026-05-01T10:00:00Z', mature_time: '2026-05-15T10:00:00Z'}]")));
  auto listed = Newest("anna");
  listed.clear_purchase();
  EXPECT_THAT(listed, IsMessage(bought->entry()));
  ExpectBalance("anna", "available_points: 10, pending_points: 50");
  EXPECT_THAT(Call(&Points::Spend, "member_id: 'anna', request_id: 's1', points: 11"),
              Refused(StatusCode::FAILED_PRECONDITION, "INSUFFICIENT_POINTS"));
  server_.clock().Advance(absl::Hours(24 * 14 - 2));
  ExpectBalance("anna", "available_points: 60");
  const auto member = Call(&Points::GetMember, "member_id: 'anna'");
  EXPECT_EQ(member->member().available_points(), 60);
  EXPECT_EQ(member->member().pending_points(), 0);
  ASSERT_THAT(Call(&Points::Spend, "member_id: 'anna', request_id: 's1', points: 60"), IsOk());
  const auto matured = Call(&Points::ListEntries, "member_id: 'anna', kinds: ['ENTRY_KIND_MATURITY']");
  ASSERT_EQ(matured->entries_size(), 1);
  EXPECT_EQ(matured->entries(0).points(), 50);
  EXPECT_EQ(matured->entries(0).pending_points(), -50);
  EXPECT_EQ(matured->entries(0).corrected_sequence(), 1);
  ExpectCleanLedger();
}

TEST_F(Pending, AnImportTellsWhatAnOrderEarnedPendingPointsToo) {
  MakeRule(kDays);
  grpc::ClientContext context;
  const auto stream = client_.Stub<Points>().ImportPurchases(&context);
  stream->Write(
      Parse<v1::ImportPurchasesRequest>("rows: [{member_id: 'anna', purchase: {order_id: 'o1', "
                                        "purchase_time: '2026-05-01T10:00:00Z', total_minor: "
                                        "1000}}]"));
  stream->WritesDone();
  v1::ImportPurchasesResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.results(0).recorded().points(), 60);
  EXPECT_EQ(response.results(0).recorded().balance_after(), 10);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(Pending, AConfirmedOrderMakesItsPointsAvailable) {
  MakeRule(kConfirmation);
  const auto bought = Buy("o1");
  EXPECT_TRUE(bought->entry().lots(1).until_confirmed());
  EXPECT_FALSE(bought->entry().lots(1).has_mature_time());
  server_.clock().Advance(absl::Hours(24 * 400));
  ExpectBalance("anna", "available_points: 10, pending_points: 50");
  const auto confirmed = Confirm("c1", "o1", ", reason: 'shipped', actor: 'till 4'");
  ASSERT_THAT(confirmed, IsOk());
  const v1::Entry& entry = confirmed->entry();
  EXPECT_EQ(entry.member_id(), "anna") << "though the request did not say it";
  EXPECT_EQ(entry.kind(), v1::ENTRY_KIND_MATURITY);
  EXPECT_EQ(entry.points(), 50);
  EXPECT_EQ(entry.pending_points(), -50);
  EXPECT_EQ(entry.order_id(), "o1");
  EXPECT_EQ(entry.corrected_sequence(), 1);
  EXPECT_EQ(entry.reason(), "shipped");
  EXPECT_THAT(Newest("anna"), IsMessage(entry));
  ExpectBalance("anna", "available_points: 60");
  const auto again = Confirm("c1", "o1", ", reason: 'shipped', actor: 'till 4'");
  EXPECT_THAT(again, IsReplayed());
  EXPECT_THAT(*again, IsMessage(*confirmed));
  EXPECT_THAT(Confirm("c1", "o1", ", reason: 'lost'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_EQ(Confirm("c2", "o1", ", member_id: 'anna'")->entry().points(), 0) << "there is nothing left to do";
  const auto events = Call(&Events::ListEvents, "types: ['loyalty.points.v1.EntryPosted']");
  EXPECT_EQ(events->events(1).cause(), "order:o1");
  ExpectCleanLedger();
}

TEST_F(Pending, ACancelledOrderLeavesNothing) {
  MakeRule(kConfirmation);
  Buy("o1");
  Made(&Points::Earn,
       "member_id: 'anna', request_id: 'e1', points: 30, occurred_time: '2026-05-01T09:00:00Z'");
  Made(&Points::Spend, "member_id: 'anna', request_id: 's1', points: 25, order_id: 'o1'");
  const auto cancelled = Cancel("c1", "o1", ", actor: 'till 4'");
  ASSERT_THAT(cancelled, IsOk());
  const v1::Entry& entry = cancelled->entry();
  EXPECT_EQ(entry.member_id(), "anna");
  EXPECT_EQ(entry.kind(), v1::ENTRY_KIND_RETURN);
  EXPECT_EQ(entry.points(), -10);
  EXPECT_EQ(entry.pending_points(), -50);
  EXPECT_EQ(entry.returned_minor(), 1000);
  EXPECT_EQ(entry.return_id(), "");
  EXPECT_THAT(Newest("anna"), IsMessage(entry));
  const auto back = Call(&Points::ListEntries, "member_id: 'anna', kinds: ['ENTRY_KIND_RESTORE']");
  ASSERT_EQ(back->entries_size(), 1);
  EXPECT_EQ(back->entries(0).points(), 25);
  EXPECT_EQ(back->entries(0).corrected_sequence(), 3);
  ExpectBalance("anna", "available_points: 30");
  const auto listed = Call(&Points::ListEntries, "member_id: 'anna', kinds: ['ENTRY_KIND_RETURN']");
  EXPECT_THAT(listed->entries(0), IsMessage(entry));
  const auto events = Call(&Events::ListEvents, "types: ['loyalty.points.v1.EntryPosted']");
  ASSERT_EQ(events->events_size(), 5);
  EXPECT_EQ(events->events(3).cause(), "order:o1");
  EXPECT_EQ(events->events(4).cause(), "order:o1");
  const auto again = Cancel("c1", "o1", ", actor: 'till 4'");
  EXPECT_THAT(again, IsReplayed());
  EXPECT_THAT(*again, IsMessage(*cancelled));
  EXPECT_THAT(Cancel("c2", "o1"), Refused(StatusCode::FAILED_PRECONDITION, "RETURN_EXCEEDS_ORDER"));
  ExpectCleanLedger();
}

TEST_F(Pending, OnlyAnOrderOfTheMemberCanBeConfirmedOrCancelled) {
  Buy("o1");
  Made(&Points::EnrollMember, "member_id: 'bert'");
  const auto expect = [](const auto& reply, const std::string& order) {
    EXPECT_THAT(reply, Refused(StatusCode::NOT_FOUND, "ORDER_NOT_FOUND"));
    EXPECT_THAT(reply.error.metadata, ElementsAre(Pair("order_id", order)));
  };
  expect(Confirm("c1", "o9"), "o9");
  expect(Cancel("c1", "o9"), "o9");
  expect(Confirm("c1", "o1", ", member_id: 'bert'"), "o1");
  expect(Cancel("c1", "o1", ", member_id: 'bert'"), "o1");
  EXPECT_THAT(Confirm("c1", "o1", ", member_id: 'carl'"), Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(Cancel("c1", "o1", ", program_id: 'nowhere'"),
              Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
}

TEST_F(Pending, ATrialWritesNothing) {
  MakeRule(kConfirmation);
  Buy("o1", ", lines: [{quantity: 2, amount_minor: 1000}]");
  const std::string before = Written(), trial = ", validate_only: true";
  EXPECT_EQ(Confirm("c1", "o1", trial)->entry().points(), 50);
  EXPECT_EQ(Cancel("c1", "o1", trial)->entry().pending_points(), -50);
  EXPECT_THAT(Return("b1", ", lines: [{line: 0, quantity: 1}]" + trial), IsOk());
  EXPECT_EQ(Written(), before);
  EXPECT_THAT(Cancel("c1", "o1"), IsOk());
}

TEST_F(Pending, LinesThatComeBackTakeTheirOwnShare) {
  MakeRule("days: 0");
  const auto bought =
      Buy("o1", ", lines: [{quantity: 3, amount_minor: 900}, {quantity: 1, amount_minor: 100}]");
  EXPECT_THAT(bought->entry().awards(1).line_points(), ElementsAre(45, 5));
  const auto back = Return("b1", ", lines: [{line: 0, quantity: 1}, {line: 1, quantity: 1}]");
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->entry().points(), -(9 + 45) / 3 - (1 + 5));
  EXPECT_EQ(back->entry().returned_minor(), 400);
  ASSERT_EQ(back->entry().returned_lines_size(), 2);
  EXPECT_EQ(back->entry().returned_lines(0).quantity(), 1);
  EXPECT_EQ(back->entry().returned_lines(1).line(), 1);
  EXPECT_THAT(Newest("anna"), IsMessage(back->entry()));
  const auto more = Return("b2", ", lines: [{line: 0, quantity: 3}]");
  EXPECT_THAT(more, Refused(StatusCode::FAILED_PRECONDITION, "RETURN_EXCEEDS_ORDER"));
  EXPECT_THAT(more.error.metadata,
              UnorderedElementsAre(Pair("line", "0"), Pair("left", "2"), Pair("asked", "3")));
  const auto unknown = Return("b2", ", lines: [{line: 0, quantity: 1}, {line: 2, quantity: 1}]");
  EXPECT_THAT(unknown, Refused(StatusCode::INVALID_ARGUMENT, "TOO_LARGE"));
  EXPECT_THAT(unknown.error.violations, ElementsAre("lines[1].line TOO_LARGE"));
  ASSERT_THAT(Return("b2", ""), IsOk());
  EXPECT_EQ(Balance("anna"), 0);
  ExpectCleanLedger();
}

TEST_F(Pending, WhatIsMissingIsOwedWhereThePolicySaysSo) {
  SetPolicy("returns", "'RETURN_POLICY_ALLOW_NEGATIVE'");
  Buy("o1");
  Made(&Points::Spend, "member_id: 'anna', request_id: 's1', points: 10");
  const auto back = Return("b1", "");
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->entry().points(), 0);
  EXPECT_EQ(back->entry().debt_points(), 10);
  EXPECT_EQ(back->entry().shortfall_points(), 0);
  ExpectBalance("anna", "debt_points: 10");
  EXPECT_EQ(Call(&Points::GetMember, "member_id: 'anna'")->member().debt_points(), 10);
  const auto earned = Call(&Points::Earn, "member_id: 'anna', request_id: 'e1', points: 25");
  EXPECT_EQ(earned->entry().points(), 15);
  EXPECT_EQ(earned->entry().debt_points(), -10);
  EXPECT_EQ(earned->entry().lots(0).points(), 25);
  EXPECT_EQ(earned->entry().lot_uses(0).points(), 10);
  EXPECT_THAT(Newest("anna"), IsMessage(earned->entry()));
  ExpectBalance("anna", "available_points: 15");
  ExpectCleanLedger();
}

}  // namespace
}  // namespace loyalty::points
