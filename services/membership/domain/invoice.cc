#include "services/membership/domain/invoice.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <tuple>

namespace loyalty::membership {
namespace {

constexpr int kDailyLooksAtUnknown = 5;
constexpr int kDailyLooksAtPending = 30;

bool Newer(const News& a, const News& b) {
  return std::tie(a.sequence, a.time, a.outcome) > std::tie(b.sequence, b.time, b.outcome);
}

}  // namespace

std::string IdempotencyKey(absl::string_view program_id, int64_t invoice_number, int attempt) {
  return absl::StrCat(program_id, "/", invoice_number, "/", attempt);
}

std::optional<ChargeName> ParseIdempotencyKey(absl::string_view program_id, absl::string_view key) {
  const std::vector<absl::string_view> parts = absl::StrSplit(key, '/');
  ChargeName name;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[1], &name.invoice_number) ||
      !absl::SimpleAtoi(parts[2], &name.attempt) || name.invoice_number < 1 || name.attempt < 1 ||
      IdempotencyKey(program_id, name.invoice_number, name.attempt) != key) {
    return std::nullopt;
  }
  return name;
}

Charge NewCharge(int attempt, absl::Time now) {
  Charge charge;
  charge.attempt = attempt;
  charge.create_time = now;
  charge.next_due_time = now + kCallTime;
  charge.fresh = true;
  return charge;
}

bool InFlight(const Charge& charge) {
  switch (charge.news.outcome) {
    case Outcome::kUnknown:
    case Outcome::kPending:
      return !charge.given_up;
    case Outcome::kNotAttempted:
      return charge.next_due_time != absl::InfiniteFuture();
    case Outcome::kDeclined:
    case Outcome::kSucceeded:
      return false;
  }
  return false;
}

bool Unresolved(const Charge& charge) {
  return charge.given_up &&
         (charge.news.outcome == Outcome::kUnknown || charge.news.outcome == Outcome::kPending);
}

bool InFlight(const Invoice& invoice) {
  return std::any_of(invoice.charges.begin(), invoice.charges.end(),
                     [](const Charge& charge) { return InFlight(charge); });
}

bool Apply(Charge& charge, const News& news, absl::Time now) {
  if (news.outcome == Outcome::kUnknown || !Newer(news, charge.news)) return false;
  const News old = std::exchange(charge.news, news);
  if (charge.news.provider_charge_id.empty()) charge.news.provider_charge_id = old.provider_charge_id;
  charge.changed = true;
  // Told again that the money is there: a refund that is due stays due.
  if (old.outcome == Outcome::kSucceeded && news.outcome == Outcome::kSucceeded) return true;
  charge.given_up = false;
  charge.looks = 0;
  charge.next_due_time = absl::InfiniteFuture();
  if (news.outcome != Outcome::kSucceeded && charge.refund == RefundState::kDue)
    charge.refund = RefundState::kNone;
  if (news.outcome == Outcome::kPending) ScheduleLook(charge, now);
  return true;
}

std::optional<absl::Duration> NextLook(Outcome outcome, int tries) {
  if (outcome == Outcome::kPending) {
    return tries < kDailyLooksAtPending ? std::optional(absl::Hours(24)) : std::nullopt;
  }
  if (tries == 0) return absl::Minutes(5);
  if (tries == 1) return absl::Hours(1);
  return tries < 2 + kDailyLooksAtUnknown ? std::optional(absl::Hours(24)) : std::nullopt;
}

void ScheduleLook(Charge& charge, absl::Time now) {
  const std::optional<absl::Duration> delay = NextLook(charge.news.outcome, charge.looks++);
  charge.given_up = !delay;
  charge.next_due_time = delay ? now + *delay : absl::InfiniteFuture();
  charge.changed = true;
}

void ApplyRefund(Charge& charge, std::optional<bool> done, absl::Time now) {
  if (charge.refund != RefundState::kDue) return;
  charge.changed = true;
  charge.next_due_time = absl::InfiniteFuture();
  if (done) {
    charge.refund = *done ? RefundState::kDone : RefundState::kFailed;
    return;
  }
  const std::optional<absl::Duration> delay = NextLook(Outcome::kUnknown, charge.looks++);
  if (delay) {
    charge.next_due_time = now + *delay;
  } else {
    charge.refund = RefundState::kFailed;
  }
}

}  // namespace loyalty::membership
