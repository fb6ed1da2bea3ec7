#include "services/points/service/points_service.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "loyalty/points/v1/error_reason.pb.h"
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class PointsService : public ServerTest {};

constexpr char kOrder[] =
    "member_id: 'anna', request_id: 'r1', actor: 'till 4', purchase: {order_id: 'o1', "
    "purchase_time: '2026-05-01T10:00:00Z', total_minor: 2599, channel: 'store', location: 'Rome', labels: "
    "['gift'], "
    "lines: [{sku: 'tea', category: 'drinks', quantity: 2, amount_minor: 1000}, {sku: 'cup', quantity: 1, "
    "amount_minor: 1599}]}";

TEST_F(PointsService, ACustomerEarnsSpendsAndReadsTheStatement) {
  const auto enrolled = Call(&Points::EnrollMember, "member_id: 'anna'");
  ASSERT_TRUE(enrolled.ok()) << enrolled;
  EXPECT_THAT(enrolled->member(), IsMessage(Parse<v1::Member>("program_id: 'shop', member_id: 'anna', "
                                                              "enroll_time: '2026-05-01T12:00:00Z', "
                                                              "state: 'MEMBER_STATE_ACTIVE'")));
  server_.clock().Advance(absl::Minutes(1));
  const auto bought = Call(&Points::RecordPurchase, kOrder);
  ASSERT_TRUE(bought.ok()) << bought;
  EXPECT_EQ(bought->entry().points(), 25);
  EXPECT_EQ(bought->entry().rule_id(), "base");
  server_.clock().Advance(absl::Minutes(1));
  const auto earned =
      Call(&Points::Earn,
           "member_id: 'anna', request_id: 'r2', points: 100, reason: 'birthday', actor: 'job', "
           "occurred_time: '2026-05-01T09:00:00Z', channel: 'app', location: 'Rome'");
  ASSERT_TRUE(earned.ok()) << earned;
  EXPECT_EQ(earned->entry().balance_after(), 125);
  server_.clock().Advance(absl::Minutes(1));
  const auto spent = Call(&Points::Spend, "member_id: 'anna', request_id: 'r3', points: 110, order_id: 'o2'");
  ASSERT_TRUE(spent.ok()) << spent;
  EXPECT_THAT(
      spent->entry(),
      IsMessage(Parse<v1::Entry>(
          "member_id: 'anna', sequence: 3, kind: 'ENTRY_KIND_SPEND', points: -110, balance_after: 15, "
          "occurred_time: '2026-05-01T12:03:00Z', recorded_time: '2026-05-01T12:03:00Z', request_id: 'r3', "
          "order_id: 'o2', lot_uses: [{lot_sequence: 2, points: 100, earned_time: '2026-05-01T09:00:00Z'}, "
          "{lot_sequence: 1, points: 10, earned_time: '2026-05-01T10:00:00Z'}]")));
  server_.clock().Advance(absl::Minutes(1));
  const auto adjusted =
      Call(&Points::Adjust, "member_id: 'anna', request_id: 'r4', points: -5, reason: 'x', actor: 'y'");
  ASSERT_TRUE(adjusted.ok()) << adjusted;
  EXPECT_EQ(adjusted->entry().kind(), v1::ENTRY_KIND_ADJUST);

  const auto member = Call(&Points::GetMember, "member_id: 'anna'");
  ASSERT_TRUE(member.ok()) << member;
  EXPECT_EQ(member->member().available_points(), 10);
  EXPECT_EQ(member->member().entry_count(), 4);
  const auto then = Call(&Points::GetBalance, "member_id: 'anna', as_of_time: '2026-05-01T12:02:59Z'");
  EXPECT_THAT(then->balance(),
              IsMessage(Parse<v1::Balance>("member_id: 'anna', available_points: 125, sequence: 2")));
  const auto statement = Call(&Points::ListEntries, "member_id: 'anna'");
  ASSERT_TRUE(statement.ok()) << statement;
  ASSERT_EQ(statement->entries_size(), 4);
  EXPECT_THAT(statement->entries(0), IsMessage(adjusted->entry()));
  EXPECT_THAT(statement->entries(1), IsMessage(spent->entry()));
  EXPECT_THAT(statement->entries(2), IsMessage(earned->entry()));
  auto order = Parse<v1::RecordPurchaseRequest>(kOrder).purchase();
  order.set_currency_code("USD");  // the program's
  EXPECT_THAT(statement->entries(3).purchase(), IsMessage(order));
  const auto report = Call(&Ledgers::VerifyLedger, "");
  EXPECT_THAT(
      *report,
      IsMessage(Parse<v1::VerifyLedgerResponse>(
          "member_count: 1, entry_count: 4, purchase_count: 1, issued_points: 125, spent_points: 110, "
          "adjusted_down_points: 5, available_points: 10")));
}

TEST_F(PointsService, TheAnswerToAPurchaseIsTheEntryThatTheStatementShows) {
  const auto bought = Call(&Points::RecordPurchase, kOrder);
  ASSERT_TRUE(bought.ok()) << bought;
  auto listed = Call(&Points::ListEntries, "member_id: 'anna'")->entries(0);
  EXPECT_TRUE(listed.has_purchase());
  listed.clear_purchase();  // only lists repeat what was bought
  EXPECT_THAT(bought->entry(), IsMessage(listed));
}

TEST_F(PointsService, ManyBalancesComeInTheOrderOfTheRequestWithoutStrangers) {
  Made(&Points::Earn, "member_id: 'anna', request_id: 'r1', points: 5");
  Made(&Points::Earn, "member_id: 'bert', request_id: 'r2', points: 7");
  const auto reply = Call(&Points::BatchGetBalances, "member_ids: ['carl', 'bert', 'dora', 'anna']");
  ASSERT_TRUE(reply.ok()) << reply;
  ASSERT_EQ(reply->balances_size(), 2);
  EXPECT_EQ(reply->balances(0).member_id(), "bert");
  EXPECT_EQ(reply->balances(0).available_points(), 7);
  EXPECT_EQ(reply->balances(1).member_id(), "anna");
  EXPECT_EQ(reply->balances(1).sequence(), 1);
  EXPECT_THAT(reply->unknown_member_ids(), UnorderedElementsAre("carl", "dora"));
}

// Sends the same again after another posting, and another content under the same request id.
template <class Method>
void ExpectIdempotent(Client& client, Method method, const std::string& id, const std::string& same,
                      const std::string& changed) {
  const std::string with_id = "request_id: '" + id + "', ";
  const auto first = client.Call(method, with_id + same);
  ASSERT_TRUE(first.ok()) << first;
  EXPECT_FALSE(first.replayed);
  EXPECT_THAT(client.Call(&Points::Earn, "member_id: 'anna', points: 1, request_id: 'after " + id + "'"),
              IsOk());
  const auto again = client.Call(method, with_id + same);
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_TRUE(again.replayed);
  EXPECT_THAT(*again, IsMessage(*first));
  const auto other = client.Call(method, with_id + changed);
  EXPECT_THAT(other, Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_THAT(other.error.metadata, ElementsAre(Pair("request_id", id)));
}

TEST_F(PointsService, ARepeatedRequestGetsTheOriginalAnswerAlsoAfterFurtherPostings) {
  Made(&Points::Earn, "member_id: 'anna', request_id: 'r0', points: 1000");
  ExpectIdempotent(client_, &Points::Earn, "e1", "member_id: 'anna', points: 10",
                   "member_id: 'anna', points: 11");
  ExpectIdempotent(client_, &Points::Spend, "s1", "member_id: 'anna', points: 10",
                   "member_id: 'anna', points: 10, reason: 'another'");
  ExpectIdempotent(client_, &Points::Adjust, "a1", "member_id: 'anna', points: 9, reason: 'x', actor: 'y'",
                   "member_id: 'bert', points: 9, reason: 'x', actor: 'y'");
  const auto other_kind = Call(&Points::Spend, "request_id: 'e1', member_id: 'anna', points: 10");
  EXPECT_THAT(other_kind, Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  ExpectCleanLedger();
}

TEST_F(PointsService, ARepeatedOrderGetsTheOriginalAnswerAlsoUnderANewRequestId) {
  const auto first = Call(&Points::RecordPurchase, kOrder);
  ASSERT_TRUE(first.ok()) << first;
  Made(&Points::Spend, "member_id: 'anna', request_id: 's1', points: 20");
  server_.clock().Advance(absl::Hours(1));
  for (const char* request : {"r1", "another"}) {
    auto again = Parse<v1::RecordPurchaseRequest>(kOrder);
    again.set_request_id(request);
    const auto reply = client_.Send(&Points::RecordPurchase, again);
    ASSERT_TRUE(reply.ok()) << reply;
    EXPECT_TRUE(reply.replayed);
    EXPECT_THAT(*reply, IsMessage(*first));
    again.set_member_id("bert");
    again.set_request_id("r9");
    const auto other = client_.Send(&Points::RecordPurchase, again);
    EXPECT_THAT(other, Refused(StatusCode::ALREADY_EXISTS, "ORDER_ID_REUSED"));
    EXPECT_THAT(other.error.metadata, ElementsAre(Pair("order_id", "o1")));
  }
}

TEST_F(PointsService, AMemberIsEnrolledOnce) {
  const auto first = Call(&Points::EnrollMember, "member_id: 'anna', request_id: 'x'");
  EXPECT_FALSE(first.replayed);
  server_.clock().Advance(absl::Hours(1));
  const auto again = Call(&Points::EnrollMember, "member_id: 'anna', request_id: 'y'");
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_TRUE(again.replayed);
  EXPECT_THAT(*again, IsMessage(*first));
}

TEST_F(PointsService, ATimeFinerThanTheLedgerKeepsIsAnsweredTheSameWayAgain) {
  const std::string json =
      "member_id: 'anna', request_id: 'r1', points: 5, occurred_time: '2026-05-01T10:00:00.123456789Z'";
  const auto first = Call(&Points::Earn, json);
  const auto again = Call(&Points::Earn, json);
  ASSERT_TRUE(first.ok() && again.ok()) << first << again;
  EXPECT_TRUE(again.replayed);
  EXPECT_THAT(*again, IsMessage(*first));
}

TEST_F(PointsService, MoreThanTheMemberHasIsRefusedWithBothNumbers) {
  Made(&Points::Earn, "member_id: 'anna', request_id: 'r1', points: 40");
  const auto reply = Call(&Points::Spend, "member_id: 'anna', request_id: 'r2', points: 100");
  EXPECT_THAT(reply, Refused(StatusCode::FAILED_PRECONDITION, "INSUFFICIENT_POINTS"));
  EXPECT_THAT(reply.error.metadata, UnorderedElementsAre(Pair("balance", "40"), Pair("asked", "100")));
  EXPECT_THAT(Call(&Points::Spend, "member_id: 'anna', request_id: 'r2', points: 40"), IsOk())
      << "the id is free";
}

TEST_F(PointsService, NoNumberOfPointsBreaksTheLedger) {
  Made(&Points::Earn, "member_id: 'anna', request_id: 'r1', points: '9223372036854775807'");
  const auto reply = Call(&Points::Earn, "member_id: 'anna', request_id: 'r2', points: 1");
  EXPECT_THAT(reply, Refused(StatusCode::OUT_OF_RANGE, "POINTS_OVERFLOW"));
  EXPECT_THAT(reply.error.metadata,
              UnorderedElementsAre(Pair("balance", "9223372036854775807"), Pair("points", "1")));
  Made(&Points::Spend, "member_id: 'anna', request_id: 'r3', points: '9223372036854775807'");
  Made(&Points::Earn, "member_id: 'anna', request_id: 'r4', points: 40");
  for (const char* points : {"-9223372036854775807", "-9223372036854775808"}) {
    const auto adjust =
        Call(&Points::Adjust, absl::StrCat("member_id: 'anna', request_id: 'r5', reason: 'x', actor: 'y', "
                                           "points: '",
                                           points, "'"));
    EXPECT_FALSE(adjust.ok());
    EXPECT_NE(adjust.error.code, StatusCode::INTERNAL) << adjust;
  }
  EXPECT_EQ(Balance("anna"), 40);
}

TEST_F(PointsService, ALedgerWhoseTotalNoNumberHoldsCanStillBeVerified) {
  for (const char* member : {"anna", "bert"}) {
    Made(&Points::Earn, absl::StrCat("points: '9223372036854775807', member_id: '", member,
                                     "', request_id: '", member, "'"));
  }
  ExpectCleanLedger();
}

TEST_F(PointsService, AnOrderThatNamesTheProgramsCurrencyIsTheOneThatLeavesItOut) {
  auto order = Parse<v1::RecordPurchaseRequest>(kOrder);
  ASSERT_THAT(client_.Send(&Points::RecordPurchase, order), IsOk());
  order.mutable_purchase()->set_currency_code("USD");
  const auto again = client_.Send(&Points::RecordPurchase, order);
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_TRUE(again.replayed);
}

TEST_F(PointsService, ATrialAnswersAsTheRealThingAndWritesNothing) {
  Made(&Points::Earn, "member_id: 'anna', request_id: 'r0', points: 40");
  const std::string before = Written();
  const std::string trial = ", validate_only: true";
  const auto bought = Call(&Points::RecordPurchase, kOrder + trial);
  ASSERT_TRUE(bought.ok()) << bought;
  EXPECT_EQ(bought->entry().balance_after(), 65);
  EXPECT_EQ(Call(&Points::Earn, "member_id: 'new', request_id: 'r2', points: 5" + trial)->entry().sequence(),
            1);
  EXPECT_EQ(Call(&Points::Spend, "member_id: 'anna', request_id: 'r3', points: 40" + trial)
                ->entry()
                .lot_uses_size(),
            1);
  EXPECT_THAT(Call(&Points::Spend, "member_id: 'anna', request_id: 'r3', points: 41" + trial),
              Refused(StatusCode::FAILED_PRECONDITION, "INSUFFICIENT_POINTS"));
  EXPECT_THAT(Call(&Points::Adjust,
                   "member_id: 'anna', request_id: 'r4', points: 1, reason: 'x', actor: 'y'" + trial),
              IsOk());
  EXPECT_EQ(Call(&Points::EnrollMember, "member_id: 'new'" + trial)->member().member_id(), "new");
  EXPECT_EQ(Written(), before);
  EXPECT_FALSE(Call(&Points::RecordPurchase, kOrder).replayed) << "the trial took no id";
}

TEST_F(PointsService, WithExplicitEnrollmentAStrangerIsNotFound) {
  Made(&Programs::UpdateProgram,
       "program: {program_id: 'shop', enrollment_mode: 'ENROLLMENT_MODE_EXPLICIT'}, update_mask: "
       "'enrollmentMode'");
  const auto reply = Call(&Points::Earn, "member_id: 'anna', request_id: 'r1', points: 5");
  EXPECT_THAT(reply, Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(reply.error.metadata,
              UnorderedElementsAre(Pair("program_id", "shop"), Pair("member_id", "anna")));
  EXPECT_THAT(Call(&Points::RecordPurchase, kOrder), Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
  Made(&Points::EnrollMember, "member_id: 'anna'");
  EXPECT_THAT(Call(&Points::Earn, "member_id: 'anna', request_id: 'r1', points: 5"), IsOk());
}

TEST_F(PointsService, AnUnknownProgramOrMemberIsNotFoundByAnyCall) {
  const std::string nowhere = ", program_id: 'nowhere'", anna = "member_id: 'anna'";
  const std::string post = anna + ", request_id: 'r1', points: 5, reason: 'x', actor: 'y'" + nowhere;
  const auto expect = [](const auto& reply, const char* reason, auto metadata) {
    EXPECT_THAT(reply, Refused(StatusCode::NOT_FOUND, reason));
    EXPECT_THAT(reply.error.metadata, metadata);
  };
  const auto program = ElementsAre(Pair("program_id", "nowhere"));
  expect(Call(&Points::Spend, post), "PROGRAM_NOT_FOUND", program);
  expect(Call(&Points::Adjust, post), "PROGRAM_NOT_FOUND", program);
  expect(Call(&Points::Earn, anna + ", request_id: 'r1', points: 5" + nowhere), "PROGRAM_NOT_FOUND", program);
  expect(Call(&Points::RecordPurchase, kOrder + nowhere), "PROGRAM_NOT_FOUND", program);
  expect(Call(&Points::EnrollMember, anna + nowhere), "PROGRAM_NOT_FOUND", program);
  expect(Call(&Points::GetMember, anna + nowhere), "PROGRAM_NOT_FOUND", program);
  expect(Call(&Points::GetBalance, anna + nowhere), "PROGRAM_NOT_FOUND", program);
  expect(Call(&Points::BatchGetBalances, "member_ids: ['anna']" + nowhere), "PROGRAM_NOT_FOUND", program);
  expect(Call(&Points::ListEntries, anna + nowhere), "PROGRAM_NOT_FOUND", program);
  expect(Call(&Ledgers::VerifyLedger, "program_id: 'nowhere'"), "PROGRAM_NOT_FOUND", program);

  const auto member = UnorderedElementsAre(Pair("program_id", "shop"), Pair("member_id", "anna"));
  expect(Call(&Points::Spend, anna + ", request_id: 'r1', points: 5"), "MEMBER_NOT_FOUND", member);
  expect(Call(&Points::GetMember, anna), "MEMBER_NOT_FOUND", member);
  expect(Call(&Points::GetBalance, anna), "MEMBER_NOT_FOUND", member);
  expect(Call(&Points::GetBalance, anna + ", as_of_time: '2026-04-01T00:00:00Z'"), "MEMBER_NOT_FOUND",
         member);
  expect(Call(&Points::ListEntries, anna), "MEMBER_NOT_FOUND", member);
}

TEST_F(PointsService, ThePagesOfAStatementMakeTheWhole) {
  for (int i = 1; i <= 7; ++i)
    Made(&Points::Earn, absl::StrCat("member_id: 'anna', points: 1, request_id: 'r", i, "'"));
  const std::string list = "member_id: 'anna', page_size: 3, kinds: ['ENTRY_KIND_EARN']";
  std::vector<int64_t> sequences;
  std::string token;
  do {
    const auto page = Call(&Points::ListEntries, list + ", page_token: '" + token + "'");
    ASSERT_TRUE(page.ok()) << page;
    for (const auto& entry : page->entries()) sequences.push_back(entry.sequence());
    if (token.empty()) Made(&Points::Earn, "member_id: 'anna', points: 1, request_id: 'meanwhile'");
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(sequences, ElementsAre(7, 6, 5, 4, 3, 2, 1)) << "stable, though an entry came in between";
  EXPECT_EQ(Call(&Points::ListEntries, "member_id: 'anna', page_size: 100000")->entries_size(), 8)
      << "capped, no error";
  EXPECT_EQ(Call(&Points::ListEntries, "member_id: 'anna', page_size: 8")->next_page_token(), "")
      << "the last page is full";
}

TEST_F(PointsService, APageTokenBelongsToItsList) {
  for (const char* member : {"anna", "bert"}) {
    for (int i = 1; i <= 3; ++i) {
      Made(&Points::Earn,
           absl::StrCat("member_id: '", member, "', points: 1, request_id: '", member, i, "'"));
    }
  }
  const auto first = Call(&Points::ListEntries, "member_id: 'anna', page_size: 1");
  const std::string token = ", page_token: '" + first->next_page_token() + "'";
  for (const std::string& json :
       {std::string("member_id: 'bert'") + token,
        std::string("member_id: 'anna', kinds: ['ENTRY_KIND_EARN']") + token,
        std::string("member_id: 'anna', occurred_start_time: '2026-01-01T00:00:00Z'") + token,
        std::string("member_id: 'anna', recorded_end_time: '2027-01-01T00:00:00Z'") + token,
        std::string("member_id: 'anna', page_token: 'nonsense'"),
        std::string("member_id: 'anna', page_token: '" + first->next_page_token() + "A'")}) {
    const auto reply = Call(&Points::ListEntries, json);
    EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")) << json;
    EXPECT_THAT(reply.error.violations, ElementsAre("page_token PAGE_TOKEN_INVALID"));
  }
  EXPECT_EQ(Call(&Points::ListEntries, "member_id: 'anna', page_size: 2" + token)->entries(0).sequence(), 2)
      << "the page size may change";
}

TEST(ErrorReason, OfTheContractAndOfTheDomainAreTheSame) {
  std::set<std::string> contract;
  for (int i = 1; i < v1::ErrorReason_descriptor()->value_count(); ++i) {
    contract.insert(
        v1::ErrorReason_descriptor()->value(i)->name().substr(std::string("ERROR_REASON_").size()));
  }
  const auto header = std::filesystem::path(__FILE__).parent_path() / "../domain/reason.h";
  std::ifstream file(header);
  std::stringstream text;
  text << file.rdbuf();
  const std::string source = text.str();
  std::set<std::string> known = {"QUEUE_FULL", "CONFLICT", "DEADLINE_PASSED", "UNAVAILABLE",
                                 "INTERNAL"};  // of all services
  const std::regex name("\\[\\] = \"([A-Z_]+)\"");
  for (std::sregex_iterator it(source.begin(), source.end(), name), end; it != end; ++it)
    known.insert((*it)[1]);
  EXPECT_EQ(known, contract);
}

}  // namespace
}  // namespace loyalty::points
