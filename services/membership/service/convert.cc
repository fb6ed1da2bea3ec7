#include "services/membership/service/convert.h"

#include <absl/strings/str_cat.h>

#include "services/membership/domain/reason.h"

namespace loyalty::membership {
namespace {

bool IsFinite(absl::Time time) { return time != absl::InfiniteFuture() && time != absl::InfinitePast(); }

// What is not known yet, or will not come, is not set.
void Set(absl::Time time, google::protobuf::Timestamp* (*mutable_field)(v1::Membership&),
         v1::Membership& out) {
  if (IsFinite(time)) *mutable_field(out) = ToProto(time);
}

v1::PaymentOutcome OutcomeToProto(Outcome outcome) {
  switch (outcome) {
    case Outcome::kUnknown:
      return v1::PAYMENT_OUTCOME_UNKNOWN;
    case Outcome::kNotAttempted:
      return v1::PAYMENT_OUTCOME_NOT_ATTEMPTED;
    case Outcome::kPending:
      return v1::PAYMENT_OUTCOME_PENDING;
    case Outcome::kDeclined:
      return v1::PAYMENT_OUTCOME_DECLINED;
    case Outcome::kSucceeded:
      return v1::PAYMENT_OUTCOME_SUCCEEDED;
  }
  return v1::PAYMENT_OUTCOME_UNSPECIFIED;
}

Billing ToBilling(const v1::Billing& in, Violations& violations) {
  if (in.kind() == v1::BILLING_KIND_UNSPECIFIED) {
    violations.Add("plan.billing.kind", reason::kFieldRequired, "is required.");
  } else if (!v1::BillingKind_IsValid(in.kind())) {
    violations.Add("plan.billing.kind", reason::kMalformed, "is not a kind of billing.");
  } else {
    return {static_cast<BillingKind>(in.kind()), in.count()};
  }
  return {};
}

Benefit ToBenefit(const v1::Benefit& in, const std::string& field, Violations& violations) {
  if (in.kind() == v1::BENEFIT_KIND_UNSPECIFIED) {
    violations.Add(field + ".kind", reason::kFieldRequired, "is required.");
  } else if (!v1::BenefitKind_IsValid(in.kind())) {
    violations.Add(field + ".kind", reason::kMalformed, "is not a kind of benefit.");
  } else {
    return {in.benefit_id(),
            static_cast<BenefitKind>(in.kind()),
            in.quota(),
            in.multiplier().numerator(),
            in.multiplier().denominator(),
            in.points()};
  }
  return {in.benefit_id()};
}

Dunning ToDunning(const v1::Dunning& in, Violations& violations) {
  Dunning dunning;
  dunning.retry_days.assign(in.retry_days().begin(), in.retry_days().end());
  dunning.benefits_in_grace = in.benefits_in_grace();
  if (!v1::AfterDunning_IsValid(in.after_dunning())) {
    violations.Add("plan.dunning.after_dunning", reason::kMalformed, "is not known.");
  } else if (in.after_dunning() != v1::AFTER_DUNNING_UNSPECIFIED) {
    dunning.after = static_cast<AfterDunning>(in.after_dunning());
  }
  return dunning;
}

v1::InvoiceLine LineToProto(const InvoiceLine& line) {
  v1::InvoiceLine out;
  out.set_kind(static_cast<v1::InvoiceLineKind>(line.kind));
  out.set_description(line.description);
  out.set_amount_minor(line.amount_minor);
  out.set_period_index(line.period_index);
  if (IsFinite(line.period_start)) *out.mutable_period_start_time() = ToProto(line.period_start);
  if (IsFinite(line.period_end)) *out.mutable_period_end_time() = ToProto(line.period_end);
  return out;
}

v1::Charge ChargeToProto(const Charge& charge, const Invoice& invoice, const std::string& program_id) {
  v1::Charge out;
  out.set_attempt(charge.attempt);
  out.set_idempotency_key(IdempotencyKey(program_id, invoice.number, charge.attempt));
  out.set_outcome(OutcomeToProto(charge.news.outcome));
  out.set_given_up(charge.given_up);
  out.set_amount_minor(invoice.total_minor);
  out.set_provider_charge_id(charge.news.provider_charge_id);
  out.set_decline_code(charge.news.decline_code);
  *out.mutable_create_time() = ToProto(charge.create_time);
  if (IsFinite(charge.next_due_time)) *out.mutable_next_look_time() = ToProto(charge.next_due_time);
  out.set_refund_state(static_cast<v1::RefundState>(charge.refund));
  return out;
}

}  // namespace

Plan ToPlan(const v1::Plan& in, Violations& violations) {
  Plan plan;
  plan.id = in.plan_id();
  plan.display_name = in.display_name();
  plan.billing = ToBilling(in.billing(), violations);
  for (const v1::Price& price : in.prices()) {
    plan.prices.push_back({price.currency_code(), price.amount_minor()});
  }
  plan.trial_days = in.trial_days();
  for (int i = 0; i < in.benefits_size(); ++i) {
    plan.benefits.push_back(ToBenefit(in.benefits(i), absl::StrCat("plan.benefits[", i, "]"), violations));
  }
  plan.dunning = ToDunning(in.dunning(), violations);
  return plan;
}

v1::Multiplier ToMultiplier(const Benefit& benefit) {
  v1::Multiplier out;
  out.set_numerator(benefit.numerator);
  out.set_denominator(benefit.denominator);
  return out;
}

v1::Plan ToProto(const Plan& plan, const std::string& program_id) {
  v1::Plan out;
  out.set_program_id(program_id);
  out.set_plan_id(plan.id);
  out.set_display_name(plan.display_name);
  out.mutable_billing()->set_kind(static_cast<v1::BillingKind>(plan.billing.kind));
  out.mutable_billing()->set_count(plan.billing.count);
  for (const Price& price : plan.prices) {
    v1::Price& added = *out.add_prices();
    added.set_currency_code(price.currency_code);
    added.set_amount_minor(price.amount_minor);
  }
  out.set_trial_days(plan.trial_days);
  for (const Benefit& benefit : plan.benefits) {
    v1::Benefit& added = *out.add_benefits();
    added.set_benefit_id(benefit.id);
    added.set_kind(static_cast<v1::BenefitKind>(benefit.kind));
    added.set_quota(benefit.quota);
    if (benefit.kind == BenefitKind::kPointsMultiplier) *added.mutable_multiplier() = ToMultiplier(benefit);
    added.set_points(benefit.points);
  }
  v1::Dunning& dunning = *out.mutable_dunning();
  for (const int day : plan.dunning.retry_days) dunning.add_retry_days(day);
  dunning.set_benefits_in_grace(plan.dunning.benefits_in_grace);
  dunning.set_after_dunning(static_cast<v1::AfterDunning>(plan.dunning.after));
  out.set_state(plan.archived ? v1::PLAN_STATE_ARCHIVED : v1::PLAN_STATE_ACTIVE);
  *out.mutable_create_time() = ToProto(plan.create_time);
  if (plan.archived) *out.mutable_archive_time() = ToProto(plan.archive_time);
  return out;
}

v1::Membership ToProto(const Membership& m, const std::string& program_id) {
  v1::Membership out;
  out.set_program_id(program_id);
  out.set_membership_id(m.id);
  out.set_member_id(m.member_id);
  out.set_plan_id(m.plan_id);
  out.set_state(static_cast<v1::MembershipState>(m.state));
  out.set_currency_code(m.currency_code);
  out.set_price_minor(m.price_minor);
  out.set_period_index(m.period_index);
  out.set_cancel_reason(m.cancel_reason);
  out.set_in_arrears(m.in_arrears);
  *out.mutable_create_time() = ToProto(m.create_time);
  Set(
      m.start_time, [](v1::Membership& to) { return to.mutable_start_time(); }, out);
  Set(
      m.anchor_time, [](v1::Membership& to) { return to.mutable_anchor_time(); }, out);
  if (IsFinite(m.start_time)) {
    *out.mutable_period_start_time() = ToProto(m.period_start);
    Set(
        m.period_end, [](v1::Membership& to) { return to.mutable_period_end_time(); }, out);
  }
  Set(
      m.trial_end, [](v1::Membership& to) { return to.mutable_trial_end_time(); }, out);
  Set(
      m.cancel_time, [](v1::Membership& to) { return to.mutable_cancel_time(); }, out);
  Set(
      m.end_time, [](v1::Membership& to) { return to.mutable_end_time(); }, out);
  Set(
      m.dunning_start, [](v1::Membership& to) { return to.mutable_dunning_start_time(); }, out);
  return out;
}

v1::MembershipHistoryEntry ToProto(const HistoryEntry& entry) {
  v1::MembershipHistoryEntry out;
  out.set_sequence(entry.sequence);
  out.set_transition(static_cast<v1::MembershipTransition>(entry.transition));
  if (entry.from) out.set_from_state(static_cast<v1::MembershipState>(*entry.from));
  out.set_to_state(static_cast<v1::MembershipState>(entry.to));
  *out.mutable_occurred_time() = ToProto(entry.occurred_time);
  *out.mutable_recorded_time() = ToProto(entry.recorded_time);
  out.set_actor(entry.actor);
  out.set_reason(entry.reason);
  return out;
}

v1::Invoice ToProto(const Invoice& invoice, const std::string& program_id) {
  v1::Invoice out;
  out.set_program_id(program_id);
  out.set_invoice_number(invoice.number);
  out.set_membership_id(invoice.membership_id);
  out.set_member_id(invoice.member_id);
  out.set_state(static_cast<v1::InvoiceState>(invoice.state));
  out.set_currency_code(invoice.currency_code);
  out.set_total_minor(invoice.total_minor);
  out.set_paid_minor(invoice.state == InvoiceState::kPaid ? invoice.total_minor : 0);
  *out.mutable_issue_time() = ToProto(invoice.issue_time);
  if (IsFinite(invoice.paid_time)) *out.mutable_paid_time() = ToProto(invoice.paid_time);
  for (const InvoiceLine& line : invoice.lines) *out.add_lines() = LineToProto(line);
  for (const Charge& charge : invoice.charges)
    *out.add_charges() = ChargeToProto(charge, invoice, program_id);
  return out;
}

News ToNews(const v1::RecordPaymentRequest& in, Violations& violations) {
  News news;
  switch (in.outcome()) {
    case v1::PAYMENT_OUTCOME_SUCCEEDED:
      news.outcome = Outcome::kSucceeded;
      break;
    case v1::PAYMENT_OUTCOME_PENDING:
      news.outcome = Outcome::kPending;
      break;
    case v1::PAYMENT_OUTCOME_DECLINED:
      news.outcome = Outcome::kDeclined;
      break;
    case v1::PAYMENT_OUTCOME_NOT_ATTEMPTED:
      news.outcome = Outcome::kNotAttempted;
      break;
    case v1::PAYMENT_OUTCOME_UNSPECIFIED:
      violations.Add("outcome", reason::kFieldRequired, "is required.");
      break;
    default:
      violations.Add("outcome", reason::kMalformed, "is nothing that a provider can tell.");
  }
  if (!in.has_event_time()) violations.Add("event_time", reason::kFieldRequired, "is required.");
  news.sequence = in.event_sequence();
  news.time = ToTime(in.event_time());
  news.provider_charge_id = in.provider_charge_id();
  news.decline_code = in.decline_code();
  return news;
}

}  // namespace loyalty::membership
