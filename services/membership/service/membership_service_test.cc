#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "loyalty/membership/v1/error_reason.pb.h"
#include "services/membership/service/test_client.h"

namespace loyalty::membership {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class MembershipService : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    AddPlan();
  }
  auto Cancel(int64_t id, const std::string& when, const std::string& more = "") {
    return Call(&Memberships::CancelMembership,
                absl::StrCat("membership_id: ", id, ", when: 'CANCEL_WHEN_", when, "'", more));
  }
  auto Undo(int64_t id, const std::string& more = "") {
    return Call(&Memberships::UndoCancellation, absl::StrCat("membership_id: ", id, more));
  }
  auto Check(const std::string& member, const std::string& benefit) {
    return Call(&Memberships::CheckBenefit,
                absl::StrCat("member_id: '", member, "', benefit_id: '", benefit, "'"));
  }
  auto Use(const std::string& member, int count, const std::string& more = "",
           const std::string& benefit = "lounge") {
    return Call(&Memberships::UseBenefit,
                absl::StrCat("member_id: '", member, "', benefit_id: '", benefit, "', count: ", count, more));
  }
  std::vector<int64_t> ListIds(const std::string& json) {
    std::vector<int64_t> ids;
    std::string token;
    do {
      const auto page =
          Call(&Memberships::ListMemberships, absl::StrCat(json, ", page_token: '", token, "'"));
      EXPECT_THAT(page, IsOk());
      for (const auto& membership : page->memberships()) ids.push_back(membership.membership_id());
      token = page->next_page_token();
    } while (!token.empty());
    return ids;
  }
};

TEST_F(MembershipService, WhoSubscribesIsChargedAndIsAMember) {
  const auto reply = Subscribe("anna", "card", "request_id: 'r1'");
  ASSERT_THAT(reply, IsOk());
  const v1::Membership& m = reply->membership();
  EXPECT_EQ(m.state(), v1::MEMBERSHIP_STATE_ACTIVE);
  EXPECT_EQ(m.currency_code(), "EUR");
  EXPECT_EQ(m.price_minor(), 990);
  EXPECT_EQ(ToTime(m.anchor_time()), testing::kTestStart);
  EXPECT_EQ(ToTime(m.period_end_time()), At(2026, 6, 1, 14));
  const v1::Invoice& invoice = reply->invoice();
  EXPECT_EQ(invoice.state(), v1::INVOICE_STATE_PAID);
  EXPECT_EQ(invoice.invoice_number(), 1);
  EXPECT_EQ(invoice.paid_minor(), 990);
  ASSERT_THAT(invoice.charges(), SizeIs(1));
  EXPECT_EQ(invoice.charges(0).idempotency_key(), "shop/1/1");
  EXPECT_EQ(invoice.charges(0).outcome(), v1::PAYMENT_OUTCOME_SUCCEEDED);
  ASSERT_THAT(provider_.charges(), SizeIs(1));
  EXPECT_EQ(provider_.charges()[0].idempotency_key(), "shop/1/1");
  EXPECT_THAT(Get(m.membership_id()).membership(), IsMessage(m));
  EXPECT_EQ(Path(m.membership_id()), "SUBSCRIBE ACTIVATE");
  EXPECT_EQ(Get(m.membership_id()).history(1).actor(), "bob");

  const auto again = Subscribe("anna", "card", "request_id: 'r1'");
  EXPECT_TRUE(again.replayed);
  EXPECT_THAT(*again, IsMessage(*reply)) << "as it is by now";
  EXPECT_THAT(Subscribe("bert", "card", "request_id: 'r1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  const auto other = Subscribe("anna");
  EXPECT_THAT(other, Refused(StatusCode::ALREADY_EXISTS, "ALREADY_SUBSCRIBED"));
  EXPECT_THAT(
      other.error.metadata,
      UnorderedElementsAre(Pair("membership_id", absl::StrCat(m.membership_id())), Pair("state", "ACTIVE")));
  EXPECT_THAT(provider_.charges(), SizeIs(1));
}

TEST_F(MembershipService, PointsAreToldOfTheLabelAndTheSignUp) {
  const int64_t id = Join("anna");
  server_.RunDue("shop");
  ASSERT_THAT(points_.awards(), SizeIs(1));
  EXPECT_EQ(points_.awards()[0].points(), 500);
  EXPECT_EQ(points_.awards()[0].member_id(), "anna");
  EXPECT_EQ(points_.awards()[0].cause(), absl::StrCat("membership:", id));
  ASSERT_THAT(points_.labels(), SizeIs(1));
  EXPECT_EQ(points_.labels()[0].label(), "plan:prime");
  EXPECT_EQ(ToTime(points_.labels()[0].from_time()), testing::kTestStart);
  EXPECT_FALSE(points_.labels()[0].has_until_time());
  EXPECT_THAT(Cancel(id, "PERIOD_END"), IsOk());
  server_.RunDue("shop");
  ASSERT_THAT(points_.labels(), SizeIs(2));
  EXPECT_EQ(ToTime(points_.labels()[1].until_time()), At(2026, 6, 1, 14));
  EXPECT_THAT(Undo(id), IsOk());
  GoTo(At(2026, 8, 2));
  ASSERT_THAT(points_.labels(), SizeIs(3));
  EXPECT_FALSE(points_.labels()[2].has_until_time());
  EXPECT_THAT(points_.awards(), SizeIs(1));
}

TEST_F(MembershipService, EventsTellWhatHappened) {
  const int64_t id = Join("anna");
  EXPECT_EQ(Events("MembershipChanged"), "2");
  EXPECT_EQ(Events("InvoiceChanged"), "2") << "issued, paid";
  EXPECT_EQ(Count("outbox", absl::StrCat("member_id = 'anna' AND cause = 'membership:", id, "'")), "4");
  EXPECT_EQ(Count("outbox", "actor = 'loyalty-membership' AND type LIKE '%MembershipChanged'"), "1")
      << "paid";
  EXPECT_THAT(Use("anna", 3), IsOk());
  EXPECT_EQ(Events("BenefitUsed"), "1");
  EXPECT_THAT(Cancel(id, "NOW"), IsOk());
  EXPECT_EQ(Events("MembershipChanged"), "3");
}

TEST_F(MembershipService, ATrialIsFreeAndGivenOnce) {
  AddPlan("try", kPrime + std::string(", trial_days: 14"));
  const std::string anna = "member_id: 'anna', plan_id: 'try'";
  const auto reply = Call(&Memberships::Subscribe, anna);
  EXPECT_EQ(reply->membership().state(), v1::MEMBERSHIP_STATE_TRIALING) << reply;
  EXPECT_EQ(ToTime(reply->membership().trial_end_time()), At(2026, 5, 15, 14));
  EXPECT_FALSE(reply->has_invoice());
  EXPECT_TRUE(Check("anna", "shipping")->allowed());
  EXPECT_THAT(provider_.charges(), IsEmpty());
  const int64_t id = reply->membership().membership_id();
  GoTo(At(2026, 5, 15, 14));
  EXPECT_EQ(Path(id), "SUBSCRIBE END_TRIAL");
  EXPECT_EQ(provider_.held(), 990);
  EXPECT_THAT(Cancel(id, "NOW"), IsOk());
  const auto again = Call(&Memberships::Subscribe, anna);
  EXPECT_EQ(again->membership().state(), v1::MEMBERSHIP_STATE_ACTIVE) << again;
  EXPECT_EQ(provider_.held(), 2 * 990);
}

TEST_F(MembershipService, AFreePlanIsPaidWithoutTheProvider) {
  AddPlan("free",
          "display_name: 'Free', billing: {kind: 'BILLING_KIND_ONE_TIME'}, prices: [{currency_code: 'EUR'}]");
  const auto reply = Call(&Memberships::Subscribe, "member_id: 'anna', plan_id: 'free', actor: ''");
  EXPECT_EQ(reply->membership().state(), v1::MEMBERSHIP_STATE_ACTIVE) << reply;
  EXPECT_FALSE(reply->membership().has_period_end_time()) << "for life";
  const auto draft = Call(&Memberships::Subscribe, "member_id: 'bert', plan_id: 'free', validate_only: true");
  EXPECT_EQ(draft->invoice().state(), v1::INVOICE_STATE_DRAFT) << draft;
  EXPECT_FALSE(draft->invoice().has_paid_time());
  EXPECT_EQ(reply->invoice().state(), v1::INVOICE_STATE_PAID);
  EXPECT_THAT(provider_.charges(), IsEmpty());
  EXPECT_THAT(Cancel(reply->membership().membership_id(), "PERIOD_END"),
              Refused(StatusCode::FAILED_PRECONDITION, "NOT_RENEWING"));
}

TEST_F(MembershipService, ValidateOnlyShowsADraftAndChargesNothing) {
  const std::string before = Written();
  const auto draft = Subscribe("anna", "card", "validate_only: true, currency_code: 'USD'");
  EXPECT_EQ(draft->membership().state(), v1::MEMBERSHIP_STATE_PENDING_PAYMENT) << draft;
  EXPECT_EQ(draft->membership().membership_id(), 0);
  EXPECT_EQ(draft->invoice().state(), v1::INVOICE_STATE_DRAFT);
  EXPECT_EQ(draft->invoice().invoice_number(), 0);
  EXPECT_EQ(draft->invoice().total_minor(), 1090);
  EXPECT_THAT(draft->invoice().charges(), IsEmpty());
  EXPECT_EQ(Written(), before);
  EXPECT_THAT(provider_.charges(), IsEmpty());
  const int64_t id = Join("anna");
  EXPECT_EQ(Get(id).membership().currency_code(), "EUR");
  EXPECT_THAT(Subscribe("anna", "card", "validate_only: true"),
              Refused(StatusCode::ALREADY_EXISTS, "ALREADY_SUBSCRIBED"));
  const std::string joined = Written();
  EXPECT_EQ(Cancel(id, "NOW", ", validate_only: true")->membership().state(), v1::MEMBERSHIP_STATE_EXPIRED);
  EXPECT_EQ(Cancel(id, "PERIOD_END", ", validate_only: true")->membership().state(),
            v1::MEMBERSHIP_STATE_CANCELLED);
  EXPECT_THAT(Undo(id, ", validate_only: true"), Refused(StatusCode::FAILED_PRECONDITION, "NOT_CANCELLED"));
  EXPECT_EQ(Use("anna", 3, ", validate_only: true")->left(), 1);
  EXPECT_EQ(Written(), joined);
}

TEST_F(MembershipService, AFirstPaymentThatFailedIsChargedAgainOrGivenUp) {
  const auto declined = Subscribe("anna", "decline:1");
  EXPECT_EQ(declined->membership().state(), v1::MEMBERSHIP_STATE_PENDING_PAYMENT);
  EXPECT_FALSE(declined->membership().has_period_start_time());
  EXPECT_EQ(declined->invoice().state(), v1::INVOICE_STATE_OPEN);
  EXPECT_EQ(declined->invoice().charges(0).decline_code(), "insufficient_funds");
  EXPECT_FALSE(Check("anna", "shipping")->allowed());
  const auto paid = Subscribe("anna", "decline:1");
  EXPECT_EQ(paid->membership().state(), v1::MEMBERSHIP_STATE_ACTIVE) << paid;
  EXPECT_EQ(paid->membership().membership_id(), declined->membership().membership_id());
  EXPECT_EQ(paid->invoice().charges_size(), 2);
  EXPECT_EQ(provider_.held(), 990);

  Subscribe("cleo", "decline:1", "currency_code: 'USD'");
  const auto euro = Subscribe("cleo", "decline:1", "currency_code: 'EUR'");
  EXPECT_THAT(euro, Refused(StatusCode::ALREADY_EXISTS, "ALREADY_SUBSCRIBED"));
  const auto dollar = Subscribe("cleo", "decline:1");
  EXPECT_EQ(dollar->membership().state(), v1::MEMBERSHIP_STATE_ACTIVE) << dollar;
  EXPECT_EQ(dollar->invoice().currency_code(), "USD") << "the one it began with";

  const int64_t bert = Subscribe("bert", "decline")->membership().membership_id();
  server_.clock().Advance(absl::Hours(24));
  const auto anew = Subscribe("bert", "card");
  EXPECT_EQ(anew->membership().state(), v1::MEMBERSHIP_STATE_ACTIVE) << anew << ", though no job ran";
  EXPECT_NE(anew->membership().membership_id(), bert);
  EXPECT_EQ(Path(bert), "SUBSCRIBE ABANDON");
  EXPECT_EQ(provider_.held(), 2 * 990 + 1090);
}

TEST_F(MembershipService, ACancellationCanBeTakenBackUntilThePeriodIsOver) {
  const int64_t id = Join("anna");
  EXPECT_THAT(Undo(id), Refused(StatusCode::FAILED_PRECONDITION, "NOT_CANCELLED"));
  const auto cancelled = Cancel(id, "PERIOD_END", ", request_id: 'c1', reason: 'moved'");
  EXPECT_EQ(cancelled->membership().state(), v1::MEMBERSHIP_STATE_CANCELLED);
  EXPECT_EQ(cancelled->membership().cancel_reason(), "moved");
  const auto replay = Cancel(id, "PERIOD_END", ", request_id: 'c1', reason: 'moved'");
  EXPECT_TRUE(replay.replayed);
  EXPECT_THAT(*replay, IsMessage(*cancelled));
  EXPECT_THAT(Cancel(id, "NOW", ", request_id: 'c1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_THAT(Cancel(id, "PERIOD_END"), Refused(StatusCode::FAILED_PRECONDITION, "ALREADY_CANCELLED"));
  EXPECT_TRUE(Check("anna", "shipping")->allowed());
  const auto undone = Undo(id, ", request_id: 'u1'");
  EXPECT_EQ(undone->membership().state(), v1::MEMBERSHIP_STATE_ACTIVE);
  EXPECT_FALSE(undone->membership().has_cancel_time());
  EXPECT_TRUE(Undo(id, ", request_id: 'u1'").replayed);
  EXPECT_THAT(Undo(id, ", actor: 'eve', request_id: 'u1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_THAT(Cancel(id, "PERIOD_END"), IsOk());
  server_.clock().Set(At(2026, 6, 1, 14));
  EXPECT_FALSE(Check("anna", "shipping")->allowed()) << "no job ran";
  EXPECT_THAT(Undo(id), Refused(StatusCode::FAILED_PRECONDITION, "MEMBERSHIP_ENDED"));
  EXPECT_EQ(StateOf(id), v1::MEMBERSHIP_STATE_CANCELLED) << "a refusal writes nothing";
  server_.RunDue("shop");
  EXPECT_EQ(Path(id), "SUBSCRIBE ACTIVATE CANCEL UNDO_CANCELLATION CANCEL EXPIRE");
  EXPECT_EQ(provider_.held(), 990);
}

TEST_F(MembershipService, AQuotaIsUsedUpAndRefillsWithThePeriod) {
  const int64_t id = Join("anna");
  const auto full = Check("anna", "lounge");
  EXPECT_TRUE(full->allowed());
  EXPECT_EQ(full->membership_id(), id);
  EXPECT_EQ(full->plan_id(), "prime");
  EXPECT_EQ(full->quota(), 4);
  EXPECT_EQ(full->left(), 4);
  EXPECT_EQ(ToTime(full->period_end_time()), At(2026, 6, 1, 14));
  EXPECT_EQ(Check("anna", "double")->multiplier().numerator(), 2);
  const auto used = Use("anna", 3, ", request_id: 'u1'");
  EXPECT_EQ(used->left(), 1) << used;
  EXPECT_TRUE(Use("anna", 3, ", request_id: 'u1'").replayed);
  EXPECT_THAT(Use("anna", 2, ", request_id: 'u1'"), Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  const auto refused = Use("anna", 2);
  EXPECT_THAT(refused, Refused(StatusCode::FAILED_PRECONDITION, "QUOTA_EXHAUSTED"));
  EXPECT_THAT(refused.error.metadata, UnorderedElementsAre(Pair("left", "1"), Pair("asked", "2")));
  EXPECT_EQ(Use("anna", 0)->left(), 0) << "0 is 1";
  EXPECT_FALSE(Check("anna", "lounge")->allowed());
  EXPECT_EQ(Check("anna", "lounge")->membership_id(), id);

  server_.clock().Set(At(2026, 6, 1, 14));
  EXPECT_EQ(Check("anna", "lounge")->left(), 4) << "no job ran";
  EXPECT_EQ(ToTime(Check("anna", "lounge")->period_end_time()), At(2026, 7, 1, 14));
  EXPECT_EQ(Use("anna", 1)->left(), 3);
  EXPECT_EQ(Get(id).membership().period_index(), 1);
}

TEST_F(MembershipService, WhatIsNotGrantedOrNotCountedCannotBeUsed) {
  Join("anna");
  EXPECT_THAT(Use("bert", 1), Refused(StatusCode::FAILED_PRECONDITION, "BENEFIT_NOT_GRANTED"));
  EXPECT_THAT(Use("anna", 1, "", "none"), Refused(StatusCode::FAILED_PRECONDITION, "BENEFIT_NOT_GRANTED"));
  EXPECT_THAT(Use("anna", 1, "", "shipping"),
              Refused(StatusCode::FAILED_PRECONDITION, "BENEFIT_NOT_COUNTED"));
  const auto nobody = Check("bert", "lounge");
  EXPECT_THAT(*nobody, IsMessage(v1::CheckBenefitResponse()));
}

TEST_F(MembershipService, MembershipsAreListedTheNewestFirst) {
  AddPlan("gold");
  const int64_t anna = Join("anna"), bert = Join("bert");
  const int64_t gold =
      Call(&Memberships::Subscribe, "member_id: 'anna', plan_id: 'gold'")->membership().membership_id();
  EXPECT_THAT(Cancel(anna, "NOW"), IsOk());
  for (const int size : {1, 2, 50}) {
    EXPECT_THAT(ListIds(absl::StrCat("page_size: ", size)), ElementsAre(gold, bert, anna));
  }
  EXPECT_THAT(ListIds("page_size: 1, member_id: 'anna'"), ElementsAre(gold, anna));
  EXPECT_THAT(ListIds("page_size: 1, plan_id: 'prime'"), ElementsAre(bert, anna));
  EXPECT_THAT(ListIds("page_size: 1, member_id: 'anna', states: ['MEMBERSHIP_STATE_EXPIRED']"),
              ElementsAre(anna));
  EXPECT_THAT(ListIds("page_size: 1, member_id: 'cleo'"), IsEmpty());
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
}  // namespace loyalty::membership
