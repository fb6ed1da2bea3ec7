#include "services/membership/domain/membership_record.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cassert>

#include "common/calendar/calendar.h"
#include "services/membership/domain/reason.h"

namespace loyalty::membership {
namespace {

constexpr absl::Time kNever = absl::InfiniteFuture();

// Anchors are whole seconds, as the calendar is.
absl::Time WholeSeconds(absl::Time time) { return absl::FromUnixSeconds(absl::ToUnixSeconds(time)); }

absl::Status AboutMembership(absl::StatusCode code, const char* reason, const std::string& message,
                             const Membership& membership) {
  return Refuse(
      code, reason, message,
      {{"membership_id", absl::StrCat(membership.id)}, {"state", std::string(Name(membership.state))}});
}

}  // namespace

MembershipRecord::MembershipRecord(Plan plan, absl::TimeZone zone, Membership membership,
                                   std::vector<Invoice> invoices)
    : plan_(std::move(plan)),
      zone_(zone),
      membership_(std::move(membership)),
      invoices_(std::move(invoices)),
      label_before_(LabelOf(membership_, plan_)),
      label_count_before_(membership_.label_count) {}

absl::StatusOr<MembershipRecord> MembershipRecord::Subscribe(const Plan& plan, absl::TimeZone zone,
                                                             const SubscribeCommand& command,
                                                             absl::Time now) {
  if (plan.archived) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kPlanArchived,
                  absl::StrCat("The plan ", plan.id, " takes no new members."), {{"plan_id", plan.id}});
  }
  const Price* price = FindPrice(plan, command.currency_code);
  if (price == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kNoPrice,
                  absl::StrCat("The plan ", plan.id, " has no price in ", command.currency_code,
                               "; name one of its currencies."),
                  {{"plan_id", plan.id}, {"currency_code", command.currency_code}});
  }
  Membership m;
  m.member_id = command.member_id;
  m.plan_id = plan.id;
  m.currency_code = price->currency_code;
  m.price_minor = price->amount_minor;
  m.payment_method = command.payment_method;
  m.create_time = now;
  m.period_start = WholeSeconds(now);
  m.period_end = m.period_start + kFirstPaymentWindow;
  MembershipRecord record(plan, zone, std::move(m), {});
  Membership& made = record.membership_;
  if (plan.trial_days > 0 && !command.had_plan_before) {
    made.start_time = made.period_start;
    made.period_end = made.trial_end = made.anchor_time = AddDays(made.period_start, plan.trial_days, zone);
    record.Move(Transition::kSubscribe, State::kTrialing, now, now, command.actor);
  } else if (price->amount_minor == 0) {
    made.start_time = made.anchor_time = made.period_start;
    record.Move(Transition::kSubscribe, State::kActive, now, now, command.actor);
    record.Bill(0, now);
  } else {
    record.Move(Transition::kSubscribe, State::kPendingPayment, now, now, command.actor);
    record.Bill(0, now);
  }
  record.Finish();
  return record;
}

absl::Status MembershipRecord::SubscribeAgain(const SubscribeCommand& command, absl::Time now) {
  const bool failed = membership_.state == State::kPendingPayment && !invoices_.empty() &&
                      invoices_.front().state == InvoiceState::kOpen && !InFlight(invoices_.front());
  if (!failed) {
    return AboutMembership(
        absl::StatusCode::kAlreadyExists, reason::kAlreadySubscribed,
        membership_.state == State::kPendingPayment
            ? absl::StrCat("The first payment of the membership ", membership_.id,
                           " of the plan is under way; read it again a little later.")
            : absl::StrCat("The member has the membership ", membership_.id,
                           " of the plan already, which is ", std::string(Name(membership_.state)), "."),
        membership_);
  }
  if (!command.currency_code.empty() && command.currency_code != membership_.currency_code) {
    return AboutMembership(
        absl::StatusCode::kAlreadyExists, reason::kAlreadySubscribed,
        absl::StrCat("The membership ", membership_.id, " of the plan awaits its first payment in ",
                     membership_.currency_code, "; subscribe in that currency, or cancel it first."),
        membership_);
  }
  membership_.payment_method = command.payment_method;
  StartCharge(0, now);
  Finish();
  return absl::OkStatus();
}

absl::Status MembershipRecord::Ended() const {
  return AboutMembership(
      absl::StatusCode::kFailedPrecondition, reason::kMembershipEnded,
      absl::StrCat("The membership ", membership_.id, " is over; subscribe the member anew."), membership_);
}

absl::Status MembershipRecord::Cancel(CancelWhen when, const std::string& actor, const std::string& reason,
                                      absl::Time now) {
  constexpr auto kCode = absl::StatusCode::kFailedPrecondition;
  Membership& m = membership_;
  if (m.state == State::kExpired) return Ended();
  if (when == CancelWhen::kPeriodEnd) {
    if (m.state == State::kCancelled) {
      return AboutMembership(kCode, reason::kAlreadyCancelled, "The membership is cancelled already.", m);
    }
    if (m.state == State::kPendingPayment) {
      return AboutMembership(kCode, reason::kNoPeriod,
                             "The membership awaits its first payment; it can only be cancelled now.", m);
    }
    if (!Renews(plan_) && m.state != State::kTrialing) {
      return AboutMembership(kCode, reason::kNotRenewing,
                             "The membership does not renew, so it can only be cancelled now.", m);
    }
  }
  if (m.cancel_time == kNever) {
    m.cancel_time = now;
    m.cancel_cause = CancelCause::kMember;
    m.cancel_reason = reason;
  }
  if (when == CancelWhen::kPeriodEnd) {
    Move(Transition::kCancel, State::kCancelled, now, now, actor, reason);
  } else {
    End(now);
    for (Invoice& invoice : invoices_) {
      if (invoice.state != InvoiceState::kOpen) continue;
      invoice.state = InvoiceState::kVoid;
      invoice.changed = true;
    }
    Move(Transition::kTerminate, State::kExpired, now, now, actor, reason);
  }
  Finish();
  return absl::OkStatus();
}

absl::Status MembershipRecord::UndoCancellation(const std::string& actor, absl::Time now) {
  Membership& m = membership_;
  if (m.state == State::kExpired) return Ended();
  if (m.state != State::kCancelled || m.cancel_cause != CancelCause::kMember) {
    return AboutMembership(absl::StatusCode::kFailedPrecondition, reason::kNotCancelled,
                           "The member did not cancel the membership, so there is nothing to take back.", m);
  }
  m.cancel_time = kNever;
  m.cancel_cause = CancelCause::kNone;
  m.cancel_reason.clear();
  const State back = m.period_index < 0 ? State::kTrialing : m.in_arrears ? State::kGrace : State::kActive;
  Move(Transition::kUndoCancellation, back, now, now, actor);
  Finish();
  return absl::OkStatus();
}

const Invoice* MembershipRecord::FindInvoice(int64_t number) const {
  const auto found = std::find_if(invoices_.begin(), invoices_.end(),
                                  [&](const Invoice& invoice) { return invoice.number == number; });
  return found == invoices_.end() ? nullptr : &*found;
}

std::optional<LabelSpan> MembershipRecord::label_change() const {
  std::optional<LabelSpan> now = LabelOf(membership_, plan_);
  return now == label_before_ ? std::nullopt : now;
}

void MembershipRecord::SetId(int64_t membership_id) {
  membership_.id = membership_id;
  for (Invoice& invoice : invoices_) invoice.membership_id = membership_id;
}

void MembershipRecord::Move(Transition transition, State to, absl::Time occurred, absl::Time now,
                            const std::string& actor, const std::string& reason) {
  HistoryEntry entry;
  entry.sequence = ++membership_.history_count;
  entry.transition = transition;
  if (entry.sequence > 1) entry.from = membership_.state;
  entry.to = to;
  entry.occurred_time = occurred;
  entry.recorded_time = now;
  entry.actor = actor;
  entry.reason = reason;
  assert(Allowed(entry.from, transition, to));
  membership_.state = to;
  history_.push_back(std::move(entry));
}

// ---- Time
// ----------------------------------------------------------------------------------------------------

void MembershipRecord::CatchUp(absl::Time now) {
  for (absl::Time due = StepTime(); due <= now; due = StepTime()) Step(due, now);
  TakeDueCharges(now);
  SettleMembership(now);
  Finish();
}

// When time alone changes the membership next.
absl::Time MembershipRecord::StepTime() const {
  const Membership& m = membership_;
  const auto retry = [&] {
    const std::vector<int>& days = plan_.dunning.retry_days;
    if (m.dunning_start == kNever || static_cast<size_t>(m.retries) >= days.size()) return kNever;
    return AddDays(m.dunning_start, days[static_cast<size_t>(m.retries)], zone_);
  };
  switch (m.state) {
    case State::kPendingPayment:
      return !invoices_.empty() && InFlight(invoices_.front()) ? kNever : m.period_end;
    case State::kTrialing:
    case State::kActive:
      return m.period_end;
    case State::kGrace:
      return retry();
    case State::kCancelled:
      return std::min(m.period_end, retry());
    case State::kExpired:
      return kNever;
  }
  return kNever;
}

void MembershipRecord::Step(absl::Time due, absl::Time now) {
  Membership& m = membership_;
  switch (m.state) {
    case State::kPendingPayment:
    case State::kExpired:
      return SettleMembership(now);
    case State::kTrialing:
      Move(Transition::kEndTrial, State::kActive, due, now);
      return Bill(0, now);
    case State::kActive:
      if (!Renews(plan_)) {
        End(due);
        return Move(Transition::kExpire, State::kExpired, due, now);
      }
      Move(Transition::kRenew, State::kActive, due, now);
      return Bill(m.period_index + 1, now);
    case State::kGrace:
      return Retry(now);
    case State::kCancelled:
      if (due < m.period_end) return Retry(now);
      End(due);
      Move(Transition::kExpire, State::kExpired, due, now);
      return SettleMembership(now);
  }
}

void MembershipRecord::TakeDueCharges(absl::Time now) {
  for (size_t i = 0; i < invoices_.size(); ++i) {
    // By index: StartCharge appends.
    for (size_t j = 0, count = invoices_[i].charges.size(); j < count; ++j) {
      Charge& charge = invoices_[i].charges[j];
      if (charge.fresh || charge.next_due_time > now) continue;
      charge.changed = true;
      charge.next_due_time = now + kCallTime;
      if (charge.refund == RefundState::kDue) {
        calls_.push_back({ProviderCall::Kind::kRefund, i, charge.attempt});
      } else if (charge.news.outcome != Outcome::kNotAttempted) {
        calls_.push_back({ProviderCall::Kind::kLook, i, charge.attempt});
      } else {
        charge.next_due_time = kNever;
        charge.given_up = invoices_[i].state != InvoiceState::kOpen || membership_.state == State::kExpired;
        if (!charge.given_up) StartCharge(i, now);
      }
    }
  }
}

void MembershipRecord::Finish() {
  DropCharges();
  absl::Time due = StepTime();
  for (const Invoice& invoice : invoices_)
    for (const Charge& charge : invoice.charges) due = std::min(due, charge.next_due_time);
  membership_.next_due_time = due;
  membership_.label_count = label_count_before_ + (label_change() ? 1 : 0);
}

// What was begun by the same decision that then closed its invoice is not sent.
void MembershipRecord::DropCharges() {
  const auto dropped = [&](const ProviderCall& call) {
    if (call.kind != ProviderCall::Kind::kCharge || MayCharge(call)) return false;
    Charge& charge = invoices_[call.invoice].charges[static_cast<size_t>(call.attempt) - 1];
    charge.news.outcome = Outcome::kNotAttempted;
    charge.given_up = true;
    charge.next_due_time = kNever;
    return true;
  };
  calls_.erase(std::remove_if(calls_.begin(), calls_.end(), dropped), calls_.end());
}

void MembershipRecord::End(absl::Time at) { membership_.end_time = at; }

// ---- Billing
// -------------------------------------------------------------------------------------------------

void MembershipRecord::SetPeriod(int64_t k) {
  const int months = PeriodMonths(plan_);
  membership_.period_index = k;
  membership_.period_start = PeriodStart(membership_.anchor_time, months, k, zone_);
  membership_.period_end = months == 0 ? kNever : PeriodStart(membership_.anchor_time, months, k + 1, zone_);
}

void MembershipRecord::Bill(int64_t k, absl::Time now) {
  Invoice invoice;
  invoice.membership_id = membership_.id;
  invoice.member_id = membership_.member_id;
  invoice.currency_code = membership_.currency_code;
  invoice.total_minor = membership_.price_minor;
  invoice.issue_time = now;
  InvoiceLine line;
  line.description = plan_.display_name;
  line.amount_minor = membership_.price_minor;
  line.period_index = k;
  if (membership_.anchor_time != kNever) {
    SetPeriod(k);
    line.period_start = membership_.period_start;
    line.period_end = membership_.period_end;
  }
  invoice.lines.push_back(std::move(line));
  invoices_.push_back(std::move(invoice));
  if (membership_.price_minor == 0) {
    MarkPaid(invoices_.back(), now);
  } else {
    StartCharge(invoices_.size() - 1, now);
  }
}

void MembershipRecord::StartCharge(size_t invoice, absl::Time now) {
  std::vector<Charge>& charges = invoices_[invoice].charges;
  charges.push_back(NewCharge(static_cast<int>(charges.size()) + 1, now));
  calls_.push_back({ProviderCall::Kind::kCharge, invoice, charges.back().attempt});
}

void MembershipRecord::MarkPaid(Invoice& invoice, absl::Time now) {
  invoice.state = InvoiceState::kPaid;
  invoice.paid_time = now;
  invoice.changed = true;
  if (membership_.state == State::kPendingPayment) Activate(invoice, now);
  const Benefit* sign_up = FindBenefit(plan_, BenefitKind::kSignUpPoints);
  if (sign_up != nullptr && invoice.lines.front().period_index == 0) sign_up_points_ = sign_up->points;
}

void MembershipRecord::Activate(Invoice& invoice, absl::Time now) {
  membership_.start_time = membership_.anchor_time = WholeSeconds(now);
  SetPeriod(0);
  invoice.lines.front().period_start = membership_.period_start;
  invoice.lines.front().period_end = membership_.period_end;
  Move(Transition::kActivate, State::kActive, now, now);
}

}  // namespace loyalty::membership
