#include "absl/strings/str_cat.h"
#include "cli/commands/statement.h"
#include "cli/commands/story_chapters.h"
#include "cli/commands/story_scenes.h"
#include "loyalty/membership/v1/billing_service.grpc.pb.h"
#include "loyalty/membership/v1/membership_service.grpc.pb.h"

namespace loyalty::cli::story {
namespace {

using membership::v1::BillingService;
using membership::v1::MembershipService;

// Returns the membership's id.
int64_t Subscribe(Teller& teller) {
  auto request = teller.Make<membership::v1::SubscribeRequest>(kAda);
  request.set_member_id(kAda);
  request.set_plan_id(kPlanId);
  request.set_payment_method("card-of-ada");
  const auto reply = teller.Call<MembershipService>(&MembershipService::Stub::Subscribe, request);
  teller.Expect("the first invoice's number", reply.invoice().invoice_number(), 1);
  teller.Expect("the first invoice's total", reply.invoice().total_minor(), kPlanPriceCents);
  teller.Say(absl::StrCat("Ada takes the plan ", kPlanId, ". Invoice ", reply.invoice().invoice_number(),
                          " over ", Money(reply.invoice().total_minor(), teller.program()),
                          " goes to the payment provider."));
  return reply.membership().membership_id();
}

void SeeActive(Teller& teller, int64_t membership_id) {
  auto request = teller.Make<membership::v1::GetMembershipRequest>();
  request.set_membership_id(membership_id);
  const auto membership =
      teller.Call<MembershipService>(&MembershipService::Stub::GetMembership, request).membership();
  teller.Expect("the membership is active", membership.state() == membership::v1::MEMBERSHIP_STATE_ACTIVE);
  teller.Expect("the period", membership.period_index(), 0);
  teller.Say(absl::StrCat("She is a Plus member until ", teller.Time(membership.period_end_time()), "."));
}

void SeePaid(Teller& teller) {
  auto request = teller.Make<membership::v1::GetInvoiceRequest>();
  request.set_invoice_number(1);
  const auto invoice = teller.Call<BillingService>(&BillingService::Stub::GetInvoice, request).invoice();
  teller.Expect("the invoice is paid", invoice.state() == membership::v1::INVOICE_STATE_PAID);
  teller.Expect("what was paid", invoice.paid_minor(), kPlanPriceCents);
  teller.Expect("the number of charges", invoice.charges_size(), 1);
  teller.Say(absl::StrCat("Invoice 1 is paid: ", Money(invoice.paid_minor(), teller.program()), " by charge ",
                          invoice.charges(0).idempotency_key(), ", taken once."));
}

void VisitTheLounge(Teller& teller) {
  auto check = teller.Make<membership::v1::CheckBenefitRequest>();
  check.set_member_id(kAda);
  check.set_benefit_id(kLoungeId);
  const auto may = teller.Call<MembershipService>(&MembershipService::Stub::CheckBenefit, check);
  teller.Expect("Ada may use the lounge", may.allowed());
  teller.Expect("the visits left", may.left(), kLoungeVisits);
  teller.Say(absl::StrCat("At the lounge's door: may Ada come in? Yes, she has ", may.left(), " visits of ",
                          may.quota(), " left."));

  auto use = teller.Make<membership::v1::UseBenefitRequest>("lounge door");
  use.set_member_id(kAda);
  use.set_benefit_id(kLoungeId);
  const auto used = teller.Call<MembershipService>(&MembershipService::Stub::UseBenefit, use);
  teller.Expect("the visits left", used.left(), kLoungeVisits - 1);
  teller.Say(absl::StrCat("She comes in; ", used.left(), " are left."));
}

}  // namespace

void JoinThePlan(Teller& teller) {
  teller.AdvanceTo(absl::CivilMinute(2025, 1, 25, 10, 0));
  const int64_t membership_id = Subscribe(teller);
  teller.AdvanceTo(absl::CivilMinute(2025, 1, 25, 10, 10));
  SeeActive(teller, membership_id);
  SeePaid(teller);
  Receive(teller, kAda, "Ada", kSignUpPoints, 342);
  teller.AdvanceTo(absl::CivilMinute(2025, 2, 14, 18, 30));
  VisitTheLounge(teller);
  teller.AdvanceTo(absl::CivilMinute(2025, 3, 3, 12, 10));
  Buy(teller, {.order_id = "order-2",
               .articles = {{"olive-oil-5l", "olive oil", 3200}, {"moka-pot", "a moka pot", 4800}},
               .base_points = 80,
               .rule_points = 80,
               .balance = 502});
}

}  // namespace loyalty::cli::story
