// One membership with the invoices and charges that a decision needs, in memory.
//
// Every change of a membership goes through here: load the record under its lock, catch up, ask for one
// thing, store it, and after the commit make the calls that it lists.
//
//   MembershipRecord record(plan, zone, membership, invoices);
//   record.CatchUp(now);                                        // what time has brought about
//   LOYALTY_RETURN_IF_ERROR(record.Cancel(CancelWhen::kNow, "clerk", "moved away", now));
//   … store record.membership(), invoices(), history(); tell points of label_change() and sign_up_points();
//   … after the commit: record.calls()
//
// Invariants: a period is billed once; a paid period is given, or the money goes back; while a membership
// lives, whatever its invoices total is paid, open or uncollectible.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <vector>

#include "services/membership/domain/invoice.h"
#include "services/membership/domain/membership.h"

namespace loyalty::membership {

struct SubscribeCommand {
  std::string member_id;
  std::string currency_code;  // of a price of the plan
  std::string payment_method;
  std::string actor;
  bool had_plan_before = false;  // then there is no trial
};

enum class CancelWhen { kPeriodEnd = 1, kNow = 2 };

// What to ask of the payment provider when everything is stored, each once. A call that is lost is listed
// again two minutes later, as kLook or kRefund.
struct ProviderCall {
  enum class Kind {
    // Call Charge, and answer with ApplyAnswer.
    kCharge = 1,
    // Call GetCharge; NOT_FOUND: call Charge under the same key, if MayCharge. Answer with ApplyAnswer.
    kLook = 2,
    // Call Refund, and answer with ApplyRefund.
    kRefund = 3,
  };
  Kind kind = Kind::kCharge;
  size_t invoice = 0;  // index in invoices()
  int attempt = 0;
};

class MembershipRecord {
 public:
  // As loaded: of the invoices at least those that are OPEN or UNCOLLECTIBLE, those with a charge that is
  // due, and those that the decision names, in the order of their numbers.
  MembershipRecord(Plan plan, absl::TimeZone zone, Membership membership, std::vector<Invoice> invoices);

  // A new membership. FAILED_PRECONDITION: PLAN_ARCHIVED, NO_PRICE.
  static absl::StatusOr<MembershipRecord> Subscribe(const Plan& plan, absl::TimeZone zone,
                                                    const SubscribeCommand& command, absl::Time now);

  // Does what is due at `now`, in its order: ends the trial, bills every period that has begun, retries,
  // expires; and lists the charges that the provider has to be asked about.
  void CatchUp(absl::Time now);

  // Subscribe, where there is a membership: charges a first payment anew that failed. Otherwise
  // ALREADY_EXISTS, reason ALREADY_SUBSCRIBED.
  absl::Status SubscribeAgain(const SubscribeCommand& command, absl::Time now);
  // FAILED_PRECONDITION: MEMBERSHIP_ENDED, ALREADY_CANCELLED, NOT_RENEWING, NO_PERIOD.
  absl::Status Cancel(CancelWhen when, const std::string& actor, const std::string& reason, absl::Time now);
  // FAILED_PRECONDITION: MEMBERSHIP_ENDED, NOT_CANCELLED (also if dunning cancelled it).
  absl::Status UndoCancellation(const std::string& actor, absl::Time now);

  // What the provider told, by itself. False: repeated or older, and nothing changed; also for an attempt
  // that does not exist.
  bool ApplyNews(int64_t invoice_number, int attempt, const News& news, absl::Time now);
  // What it answered to a call; outcome kUnknown: no answer. Unlike news, it also sets when to ask next.
  void ApplyAnswer(int64_t invoice_number, int attempt, const News& answer, absl::Time now);
  // True: refunded. False: refused. Nothing: no answer.
  void ApplyRefund(int64_t invoice_number, int attempt, std::optional<bool> done, absl::Time now);

  const Plan& plan() const { return plan_; }
  const Membership& membership() const { return membership_; }
  const std::vector<Invoice>& invoices() const { return invoices_; }
  const Invoice* FindInvoice(int64_t number) const;
  // What this decision added.
  const std::vector<HistoryEntry>& history() const { return history_; }
  const std::vector<ProviderCall>& calls() const { return calls_; }
  // True while the money of a charge would be kept: its invoice is OPEN, and its period can be given or was.
  bool MayCharge(const ProviderCall& call) const;
  // Set if the span is not what it was before. Then it is the membership's change number
  // membership().label_count.
  std::optional<LabelSpan> label_change() const;
  // Points to award for the first period: 0 if there are none. May come again when a payment is taken back
  // and made again; an award under the cause "membership:<id>" and the part "sign-up" is given once.
  int64_t sign_up_points() const { return sign_up_points_; }

  // For storage, which gives the ids of what is new.
  void SetId(int64_t membership_id);
  void SetInvoiceNumber(size_t invoice, int64_t number) { invoices_[invoice].number = number; }

 private:
  void Move(Transition transition, State to, absl::Time occurred, absl::Time now,
            const std::string& actor = "", const std::string& reason = "");
  absl::Time StepTime() const;
  void Step(absl::Time due, absl::Time now);
  void TakeDueCharges(absl::Time now);
  // Ends every decision.
  void Finish();
  void DropCharges();

  void SetPeriod(int64_t k);
  void Bill(int64_t k, absl::Time now);
  void StartCharge(size_t invoice, absl::Time now);
  void MarkPaid(Invoice& invoice, absl::Time now);
  void Activate(Invoice& invoice, absl::Time now);

  void SettleInvoice(Invoice& invoice, absl::Time now);
  void SettleMembership(absl::Time now);
  void SettleDunning(absl::Time now);
  void Retry(absl::Time now);
  void GiveUp(absl::Time now);
  void End(absl::Time at);
  bool Lost(const Invoice& invoice) const;
  bool AnyFailing() const;
  bool AnyUnpaid() const;
  Charge* FindCharge(int64_t invoice_number, int attempt, Invoice** invoice);
  absl::Status Ended() const;

  Plan plan_;
  absl::TimeZone zone_;
  Membership membership_;
  std::vector<Invoice> invoices_;
  std::optional<LabelSpan> label_before_;
  int64_t label_count_before_;
  std::vector<HistoryEntry> history_;
  std::vector<ProviderCall> calls_;
  int64_t sign_up_points_ = 0;
};

}  // namespace loyalty::membership
