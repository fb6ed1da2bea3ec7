// What payments do to a membership, and what becomes of it when they fail.
#include <algorithm>

#include "services/membership/domain/membership_record.h"

namespace loyalty::membership {
namespace {

constexpr absl::Time kNever = absl::InfiniteFuture();

// Open, with a charge that was declined or that nobody knows the outcome of.
bool Failing(const Invoice& invoice) {
  return invoice.state == InvoiceState::kOpen &&
         std::any_of(invoice.charges.begin(), invoice.charges.end(), [](const Charge& charge) {
           return charge.news.outcome == Outcome::kDeclined || charge.given_up;
         });
}

// So many charges at the end of the list did not take place.
int NotAttempted(const Invoice& invoice) {
  const auto last = std::find_if(invoice.charges.rbegin(), invoice.charges.rend(), [](const Charge& charge) {
    return charge.news.outcome != Outcome::kNotAttempted;
  });
  return static_cast<int>(last - invoice.charges.rbegin());
}

}  // namespace

// -------------------------------------------------------------------------------------------------

Charge* MembershipRecord::FindCharge(int64_t invoice_number, int attempt, Invoice** invoice) {
  for (Invoice& candidate : invoices_) {
    if (candidate.number != invoice_number || attempt < 1) continue;
    if (static_cast<size_t>(attempt) > candidate.charges.size()) continue;
    *invoice = &candidate;
    return &candidate.charges[static_cast<size_t>(attempt) - 1];
  }
  return nullptr;
}

bool MembershipRecord::ApplyNews(int64_t invoice_number, int attempt, const News& news, absl::Time now) {
  Invoice* invoice = nullptr;
  Charge* charge = FindCharge(invoice_number, attempt, &invoice);
  if (charge == nullptr || !Apply(*charge, news, now)) return false;
  SettleInvoice(*invoice, now);
  SettleMembership(now);
  Finish();
  return true;
}

void MembershipRecord::ApplyAnswer(int64_t invoice_number, int attempt, const News& answer, absl::Time now) {
  if (ApplyNews(invoice_number, attempt, answer, now)) return;
  Invoice* invoice = nullptr;
  Charge* charge = FindCharge(invoice_number, attempt, &invoice);
  if (charge == nullptr || !InFlight(*charge) || charge->news.outcome == Outcome::kNotAttempted) return;
  ScheduleLook(*charge, now);
  SettleInvoice(*invoice, now);
  SettleMembership(now);
  Finish();
}

void MembershipRecord::ApplyRefund(int64_t invoice_number, int attempt, std::optional<bool> done,
                                   absl::Time now) {
  Invoice* invoice = nullptr;
  Charge* charge = FindCharge(invoice_number, attempt, &invoice);
  if (charge != nullptr) membership::ApplyRefund(*charge, done, now);
  Finish();
}

// The membership ended before the invoice's period did.
bool MembershipRecord::Lost(const Invoice& invoice) const {
  return membership_.state == State::kExpired && invoice.lines.front().period_end > membership_.end_time;
}

bool MembershipRecord::MayCharge(const ProviderCall& call) const {
  const Invoice& invoice = invoices_[call.invoice];
  return invoice.state == InvoiceState::kOpen && !Lost(invoice);
}

// One charge pays an invoice; money that came for nothing goes back.
void MembershipRecord::SettleInvoice(Invoice& invoice, absl::Time now) {
  const bool open = invoice.state == InvoiceState::kOpen || invoice.state == InvoiceState::kUncollectible;
  bool wanted = invoice.state == InvoiceState::kPaid || (open && !Lost(invoice)), paid = false;
  for (Charge& charge : invoice.charges) {
    if (charge.news.outcome != Outcome::kSucceeded || charge.refund != RefundState::kNone) continue;
    paid = paid || wanted;
    if (std::exchange(wanted, false)) continue;
    charge.refund = RefundState::kDue;
    charge.looks = 0;
    charge.next_due_time = now;
    charge.changed = true;
  }
  if (paid && open) return MarkPaid(invoice, now);
  if (!paid && invoice.state == InvoiceState::kPaid) {  // taken back by the payer
    invoice.state = InvoiceState::kOpen;
    invoice.paid_time = kNever;
    invoice.changed = true;
  }
  // A charge that did not take place is made up for by another one, later.
  Charge& last = invoice.charges.back();
  if (last.news.outcome != Outcome::kNotAttempted || last.given_up || last.next_due_time != kNever) return;
  const std::optional<absl::Duration> delay = NextLook(Outcome::kNotAttempted, NotAttempted(invoice) - 1);
  last.given_up = !delay || invoice.state != InvoiceState::kOpen;
  last.changed = true;
  if (!last.given_up) last.next_due_time = now + *delay;
}

void MembershipRecord::SettleMembership(absl::Time now) {
  Membership& m = membership_;
  switch (m.state) {
    case State::kPendingPayment: {
      Invoice& first = invoices_.front();
      const bool unresolved = std::any_of(first.charges.begin(), first.charges.end(), Unresolved);
      if (InFlight(first) || (now < m.period_end && !unresolved)) return;
      first.state = InvoiceState::kVoid;
      first.changed = true;
      End(now);
      return Move(Transition::kAbandon, State::kExpired, now, now);
    }
    case State::kTrialing:
      return;
    case State::kActive:
      if (!AnyFailing()) return;
      m.dunning_start = now;
      m.retries = 0;
      m.in_arrears = true;
      Move(Transition::kEnterGrace, State::kGrace, now, now);
      return SettleDunning(now);
    case State::kGrace:
    case State::kCancelled:
      return SettleDunning(now);
    case State::kExpired:
      for (Invoice& invoice : invoices_) {
        if (invoice.state != InvoiceState::kOpen || InFlight(invoice)) continue;
        invoice.state = InvoiceState::kUncollectible;
        invoice.changed = true;
      }
  }
}

// ---- Dunning
// -------------------------------------------------------------------------------------------------

bool MembershipRecord::AnyFailing() const { return std::any_of(invoices_.begin(), invoices_.end(), Failing); }

// Something failed and is not paid, also what was given up.
bool MembershipRecord::AnyUnpaid() const {
  return AnyFailing() || std::any_of(invoices_.begin(), invoices_.end(), [](const Invoice& invoice) {
           return invoice.state == InvoiceState::kUncollectible;
         });
}

// Of GRACE and CANCELLED: whether the episode is over, one way or the other.
void MembershipRecord::SettleDunning(absl::Time now) {
  Membership& m = membership_;
  if (!AnyUnpaid()) {
    m.in_arrears = false;
    m.dunning_start = kNever;
    m.retries = 0;
    if (m.state == State::kGrace) Move(Transition::kRecover, State::kActive, now, now);
    return;
  }
  m.in_arrears = true;
  if (m.dunning_start == kNever) {
    m.dunning_start = now;
    m.retries = 0;
  }
  if (!AnyFailing()) return;
  const bool flying = std::any_of(invoices_.begin(), invoices_.end(), [](const Invoice& invoice) {
    return Failing(invoice) && InFlight(invoice);
  });
  const bool unresolved = std::any_of(invoices_.begin(), invoices_.end(), [](const Invoice& invoice) {
    return Failing(invoice) && std::any_of(invoice.charges.begin(), invoice.charges.end(), Unresolved);
  });
  const bool exhausted = static_cast<size_t>(m.retries) >= plan_.dunning.retry_days.size();
  if ((exhausted && !flying) || unresolved) GiveUp(now);
}

void MembershipRecord::Retry(absl::Time now) {
  ++membership_.retries;
  for (size_t i = 0; i < invoices_.size(); ++i) {
    if (Failing(invoices_[i]) && !InFlight(invoices_[i])) StartCharge(i, now);
  }
  SettleMembership(now);
}

void MembershipRecord::GiveUp(absl::Time now) {
  Membership& m = membership_;
  for (Invoice& invoice : invoices_) {
    if (!Failing(invoice)) continue;
    invoice.state = InvoiceState::kUncollectible;
    invoice.changed = true;
  }
  m.retries = static_cast<int>(plan_.dunning.retry_days.size());
  const bool expires = plan_.dunning.after == AfterDunning::kExpire || m.period_end <= now || !Renews(plan_);
  if (m.cancel_time == kNever) m.cancel_time = now;
  m.cancel_cause = CancelCause::kDunning;
  if (expires) {
    // Only a grace of a plan that renews goes on after the period that was paid last.
    End(m.state == State::kGrace && Renews(plan_) ? now : std::min(now, m.period_end));
    Move(Transition::kGiveUp, State::kExpired, now, now);
    SettleMembership(now);
  } else if (m.state == State::kGrace) {
    Move(Transition::kGiveUp, State::kCancelled, now, now);
  }
}

}  // namespace loyalty::membership
