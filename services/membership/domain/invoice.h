// Invoices, and the charges that try to get them paid.
//
// A charge is one call of the payment provider under one idempotency key. Its row is written before the call,
// with the outcome UNKNOWN, which is the truth until there is an answer. What the provider tells, in whatever
// order, is news; the newest counts, by (sequence, time, outcome). A charge is never sent again but under its
// own key, and only when the provider has never heard of it.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loyalty::membership {

// The order decides between two news of the same sequence and time.
enum class Outcome { kUnknown = 0, kNotAttempted = 1, kPending = 2, kDeclined = 3, kSucceeded = 4 };

// What the provider told of a charge.
struct News {
  Outcome outcome = Outcome::kUnknown;
  int64_t sequence = 0;                    // of the provider; 0: it numbers nothing
  absl::Time time = absl::InfinitePast();  // when it became so; infinite: nothing was told
  std::string provider_charge_id;
  std::string decline_code;
};

enum class RefundState { kNone = 0, kDue = 1, kDone = 2, kFailed = 3 };

struct Charge {
  int attempt = 1;        // 1, 2, 3, … of the invoice
  News news;              // the newest
  bool given_up = false;  // UNKNOWN or PENDING, and not asked any more; or NOT_ATTEMPTED, and not made up for
  RefundState refund = RefundState::kNone;
  int looks = 0;  // how often the provider was asked without getting further
  absl::Time create_time;
  absl::Time next_due_time = absl::InfiniteFuture();  // when the provider is asked, or another try is made
  bool fresh = false;                                 // not stored yet
  bool changed = false;
};

enum class InvoiceState { kDraft = 1, kOpen = 2, kPaid = 3, kUncollectible = 4, kVoid = 5 };
enum class LineKind { kPeriod = 1 };

struct InvoiceLine {
  LineKind kind = LineKind::kPeriod;
  std::string description;
  int64_t amount_minor = 0;
  int64_t period_index = 0;
  // Infinite future: not known yet, or for life.
  absl::Time period_start = absl::InfiniteFuture();
  absl::Time period_end = absl::InfiniteFuture();
};

struct Invoice {
  int64_t number = 0;  // 1, 2, 3, … in the program, without gaps; 0 until storage makes it
  int64_t membership_id = 0;
  std::string member_id;
  InvoiceState state = InvoiceState::kOpen;
  std::string currency_code;
  int64_t total_minor = 0;
  absl::Time issue_time;
  absl::Time paid_time = absl::InfiniteFuture();  // which stands for: not paid
  std::vector<InvoiceLine> lines;
  std::vector<Charge> charges;  // in the order of their attempts
  bool changed = false;
};

// After so long without an answer, a call of the provider counts as lost, and the provider is asked. Calls
// need a shorter deadline.
inline constexpr absl::Duration kCallTime = absl::Minutes(2);

// The key at the payment provider: "<program_id>/<invoice number>/<attempt>", and back.
std::string IdempotencyKey(absl::string_view program_id, int64_t invoice_number, int attempt);
struct ChargeName {
  int64_t invoice_number = 0;
  int attempt = 0;
};
std::optional<ChargeName> ParseIdempotencyKey(absl::string_view program_id, absl::string_view key);

// A charge that is about to be sent.
Charge NewCharge(int attempt, absl::Time now);

// The provider may still move money, or a try that did not take place is made up for.
bool InFlight(const Charge& charge);
// It failed without anybody knowing the outcome.
bool Unresolved(const Charge& charge);
bool InFlight(const Invoice& invoice);

// Takes news; false, and nothing changed, if it is repeated or older than what is known, or says nothing.
bool Apply(Charge& charge, const News& news, absl::Time now);

// The provider was asked, or called, and told nothing new: the next time, or giving up. UNKNOWN and
// NOT_ATTEMPTED: after 5 minutes, 1 hour, then daily for 5 days. PENDING: daily for 30 days. `tries` is how
// many did not lead further before.
std::optional<absl::Duration> NextLook(Outcome outcome, int tries);
void ScheduleLook(Charge& charge, absl::Time now);

// A refund was asked for: done, refused, or (nothing) without an answer.
void ApplyRefund(Charge& charge, std::optional<bool> done, absl::Time now);

}  // namespace loyalty::membership
