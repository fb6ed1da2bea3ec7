// What is wrong with a request is told completely and precisely, and nothing of it is written.
#include "services/membership/service/test_client.h"

namespace loyalty::membership {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

class BadInput : public ServerTest {
 protected:
  template <class Method>
  void Expect(Method method, const std::string& json, const std::vector<std::string>& violations) {
    const std::string before = Written();
    const auto reply = Call(method, json);
    EXPECT_EQ(reply.error.code, StatusCode::INVALID_ARGUMENT) << json << " " << reply;
    EXPECT_THAT(reply.error.violations, UnorderedElementsAreArray(violations)) << json;
    EXPECT_EQ(Written(), before) << json;
  }
};

std::string Bytes(int count) { return "'" + std::string(static_cast<size_t>(count), 'x') + "'"; }

TEST_F(BadInput, OfCreatePlan) {
  Expect(&Plans::CreatePlan, "request_id: '', actor: ''",
         {"plan.program_id FIELD_REQUIRED", "request_id FIELD_REQUIRED", "actor FIELD_REQUIRED",
          "plan.plan_id FIELD_REQUIRED", "plan.display_name FIELD_REQUIRED",
          "plan.billing.kind FIELD_REQUIRED", "plan.prices FIELD_REQUIRED"});
  Expect(&Plans::CreatePlan,
         "plan: {program_id: 'shop', plan_id: 'No!', display_name: " + Bytes(201) +
             ", billing: {kind: 'BILLING_KIND_MONTHLY', count: 61}, prices: [{currency_code: 'EUR', "
             "amount_minor: "
             "-1}, {currency_code: 'EUR', amount_minor: 1}, {currency_code: 'XXX', amount_minor: 1}], "
             "trial_days: 366, "
             "benefits: [{benefit_id: 'a', kind: 'BENEFIT_KIND_QUOTA'}, {benefit_id: 'a', kind: "
             "'BENEFIT_KIND_FLAG', "
             "quota: 1}, {benefit_id: 'b'}, {benefit_id: 'c', kind: 9}, {benefit_id: 'd', kind: "
             "'BENEFIT_KIND_POINTS_MULTIPLIER', multiplier: {numerator: 1001}}], dunning: {retry_days: [3, "
             "3, 28], "
             "after_dunning: 7}}",
         {"plan.plan_id MALFORMED", "plan.display_name TOO_LONG", "plan.billing.count TOO_LARGE",
          "plan.prices[0].amount_minor NEGATIVE", "plan.prices[1].currency_code DUPLICATE",
          "plan.prices[2].currency_code UNKNOWN_CURRENCY", "plan.trial_days TOO_LARGE",
          "plan.benefits[0].quota NOT_POSITIVE", "plan.benefits[1].benefit_id DUPLICATE",
          "plan.benefits[1].quota NOT_APPLICABLE", "plan.benefits[2].kind FIELD_REQUIRED",
          "plan.benefits[3].kind MALFORMED", "plan.benefits[4].multiplier.numerator TOO_LARGE",
          "plan.benefits[4].multiplier.denominator NOT_POSITIVE", "plan.dunning.retry_days[1] NOT_RISING",
          "plan.dunning.retry_days[2] TOO_LARGE", "plan.dunning.after_dunning MALFORMED"});
  Expect(&Plans::CreatePlan,
         std::string("plan: {program_id: 'shop', plan_id: 'x', billing: {kind: 4, count: 1}, "
                     "display_name: 'x', prices: [{currency_code: 'EUR'}]}"),
         {"plan.billing.kind MALFORMED"});
}

TEST_F(BadInput, OfTheOtherCallsOnPlans) {
  Expect(
      &Plans::ArchivePlan, "program_id: '', request_id: " + Bytes(65) + ", actor: ''",
      {"program_id FIELD_REQUIRED", "request_id TOO_LONG", "actor FIELD_REQUIRED", "plan_id FIELD_REQUIRED"});
  Expect(&Plans::GetPlan, "program_id: ''", {"program_id FIELD_REQUIRED", "plan_id FIELD_REQUIRED"});
  Expect(&Plans::ListPlans, "program_id: ''", {"program_id FIELD_REQUIRED"});
  Expect(&Plans::ListPlans, "page_size: -1", {"page_size NEGATIVE"});
  Expect(&Plans::ListPlans, "page_token: 'nonsense'", {"page_token PAGE_TOKEN_INVALID"});
}

TEST_F(BadInput, OfSubscribe) {
  AddPlan();
  Expect(&Memberships::Subscribe, "program_id: '', request_id: '', actor: 'a\\nb'",
         {"program_id FIELD_REQUIRED", "member_id FIELD_REQUIRED", "request_id FIELD_REQUIRED",
          "actor MALFORMED", "plan_id FIELD_REQUIRED"});
  Expect(&Memberships::Subscribe,
         "plan_id: 'prime', member_id: " + Bytes(101) + ", request_id: " + Bytes(65) +
             ", actor: " + Bytes(101) + ", payment_method: " + Bytes(201) + ", currency_code: 'XXX'",
         {"member_id TOO_LONG", "request_id TOO_LONG", "actor TOO_LONG", "payment_method TOO_LONG",
          "currency_code UNKNOWN_CURRENCY"});
  const std::string before = Written();
  EXPECT_THAT(Call(&Memberships::Subscribe, "member_id: 'anna', plan_id: 'none'"),
              Refused(StatusCode::NOT_FOUND, "PLAN_NOT_FOUND"));
  const auto yen = Subscribe("anna", "card", "currency_code: 'JPY'");
  EXPECT_THAT(yen, Refused(StatusCode::FAILED_PRECONDITION, "NO_PRICE"));
  EXPECT_THAT(yen.error.metadata,
              UnorderedElementsAre(Pair("plan_id", "prime"), Pair("currency_code", "JPY")));
  EXPECT_EQ(Written(), before);
}

TEST_F(BadInput, OfTheOtherCallsOnMemberships) {
  Expect(&Memberships::CancelMembership, "program_id: '', request_id: '', actor: '', reason: " + Bytes(201),
         {"program_id FIELD_REQUIRED", "membership_id FIELD_REQUIRED", "request_id FIELD_REQUIRED",
          "actor FIELD_REQUIRED", "when FIELD_REQUIRED", "reason TOO_LONG"});
  Expect(&Memberships::CancelMembership, "membership_id: -1, when: 9",
         {"membership_id NOT_POSITIVE", "when MALFORMED"});
  Expect(&Memberships::UndoCancellation, "program_id: '', request_id: '', actor: ''",
         {"program_id FIELD_REQUIRED", "membership_id FIELD_REQUIRED", "request_id FIELD_REQUIRED",
          "actor FIELD_REQUIRED"});
  Expect(&Memberships::GetMembership, "program_id: ''",
         {"program_id FIELD_REQUIRED", "membership_id FIELD_REQUIRED"});
  Expect(&Memberships::ListMemberships,
         "program_id: '', member_id: " + Bytes(101) + ", plan_id: " + Bytes(65) +
             ", states: ['MEMBERSHIP_STATE_ACTIVE', 0, 99]",
         {"program_id FIELD_REQUIRED", "member_id TOO_LONG", "plan_id TOO_LONG", "states[1] MALFORMED",
          "states[2] MALFORMED"});
  Expect(&Memberships::ListMemberships, "page_size: -1", {"page_size NEGATIVE"});
  const std::string nobody = "membership_id: 77";
  for (const auto& reply : {Call(&Memberships::CancelMembership, nobody + ", when: 'CANCEL_WHEN_NOW'").error,
                            Call(&Memberships::UndoCancellation, nobody).error,
                            Call(&Memberships::GetMembership, nobody).error}) {
    EXPECT_EQ(reply.reason, "MEMBERSHIP_NOT_FOUND");
    EXPECT_THAT(reply.metadata, ElementsAre(Pair("membership_id", "77")));
  }
}

TEST_F(BadInput, OfBenefits) {
  Expect(&Memberships::CheckBenefit, "program_id: ''",
         {"program_id FIELD_REQUIRED", "member_id FIELD_REQUIRED", "benefit_id FIELD_REQUIRED"});
  Expect(&Memberships::UseBenefit, "program_id: '', request_id: '', count: -1, actor: " + Bytes(101),
         {"program_id FIELD_REQUIRED", "member_id FIELD_REQUIRED", "request_id FIELD_REQUIRED",
          "benefit_id FIELD_REQUIRED", "count NEGATIVE", "actor TOO_LONG"});
  Expect(&Memberships::UseBenefit, "member_id: 'anna', benefit_id: 'lounge', count: 1000000001",
         {"count TOO_LARGE"});
}

TEST_F(BadInput, OfBilling) {
  Expect(&Billings::GetInvoice, "program_id: '', invoice_number: -1",
         {"program_id FIELD_REQUIRED", "invoice_number NOT_POSITIVE"});
  Expect(&Billings::ListInvoices, "program_id: '', member_id: 'a\\tb', states: [9]",
         {"program_id FIELD_REQUIRED", "member_id MALFORMED", "states[0] MALFORMED"});
  Expect(&Billings::ListInvoices, "page_size: -1", {"page_size NEGATIVE"});
  Expect(&Billings::RecordPayment, "program_id: '', request_id: ''",
         {"program_id FIELD_REQUIRED", "request_id FIELD_REQUIRED", "idempotency_key FIELD_REQUIRED",
          "outcome FIELD_REQUIRED", "event_time FIELD_REQUIRED"});
  Expect(&Billings::RecordPayment,
         "idempotency_key: " + Bytes(201) +
             ", outcome: 'PAYMENT_OUTCOME_UNKNOWN', event_sequence: -1, event_time: "
             "'2026-05-01T12:05:00.000001Z', provider_charge_id: " +
             Bytes(101) + ", decline_code: " + Bytes(101) + ", actor: " + Bytes(101),
         {"idempotency_key TOO_LONG", "outcome MALFORMED", "event_sequence NEGATIVE",
          "event_time TIME_IN_FUTURE", "provider_charge_id TOO_LONG", "decline_code TOO_LONG",
          "actor TOO_LONG"});
  Expect(&Billings::RecordPayment,
         "idempotency_key: 'x', outcome: 'PAYMENT_OUTCOME_PENDING', event_time: '1899-12-31T23:59:59Z'",
         {"event_time TIME_OUT_OF_RANGE"});
  const auto none = Call(&Billings::GetInvoice, "invoice_number: 7");
  EXPECT_THAT(none, Refused(StatusCode::NOT_FOUND, "INVOICE_NOT_FOUND"));
  EXPECT_THAT(none.error.metadata, ElementsAre(Pair("invoice_number", "7")));
}

}  // namespace
}  // namespace loyalty::membership
