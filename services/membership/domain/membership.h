// A member's subscription to a plan: its states, and what they give.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>

#include "services/membership/domain/plan.h"

namespace loyalty::membership {

enum class State {
  kPendingPayment = 1,
  kTrialing = 2,
  kActive = 3,
  kGrace = 4,
  kCancelled = 5,
  kExpired = 6
};

enum class Transition {
  kSubscribe = 1,
  kActivate = 2,
  kAbandon = 3,
  kEndTrial = 4,
  kRenew = 5,
  kEnterGrace = 6,
  kRecover = 7,
  kCancel = 8,
  kUndoCancellation = 9,
  kGiveUp = 10,
  kExpire = 11,
  kTerminate = 12
};

// True if the transition may lead from one state to the other. Nothing: not there before.
bool Allowed(std::optional<State> from, Transition transition, State to);

// As the contract's enum says it, without the prefix: "PENDING_PAYMENT".
absl::string_view Name(State state);

enum class CancelCause { kNone = 0, kMember = 1, kDunning = 2 };

struct Membership {
  int64_t id = 0;  // 0 until storage makes it
  std::string member_id;
  std::string plan_id;
  State state = State::kPendingPayment;
  std::string currency_code;
  int64_t price_minor = 0;
  std::string payment_method;
  absl::Time create_time;
  absl::Time start_time = absl::InfiniteFuture();   // of the benefits; infinite: not begun
  absl::Time anchor_time = absl::InfiniteFuture();  // of period 0; infinite: awaits the first payment
  // The current period, half-open. Index -1: the trial, or the time in which the first payment has to come.
  int64_t period_index = -1;
  absl::Time period_start;
  absl::Time period_end;                            // infinite: for life
  absl::Time trial_end = absl::InfinitePast();      // which stands for: there was none
  absl::Time cancel_time = absl::InfiniteFuture();  // which stands for: not cancelled
  CancelCause cancel_cause = CancelCause::kNone;
  std::string cancel_reason;
  absl::Time dunning_start = absl::InfiniteFuture();  // of the episode; infinite: none
  int retries = 0;                                    // of the episode, that are done
  bool in_arrears = false;                            // a charge was declined, and its invoice is not paid
  absl::Time end_time = absl::InfiniteFuture();       // which stands for: not over
  int64_t history_count = 0;
  int64_t label_count = 0;                            // how often its label span has changed
  absl::Time next_due_time = absl::InfiniteFuture();  // of the membership or one of its charges
};

// A line of a membership's history.
struct HistoryEntry {
  int64_t sequence = 0;  // 1, 2, 3, … in the membership
  Transition transition = Transition::kSubscribe;
  std::optional<State> from;
  State to = State::kPendingPayment;
  absl::Time occurred_time;  // of what time brings about: the boundary
  absl::Time recorded_time;
  std::string actor;
  std::string reason;
};

// How long the first payment may take.
inline constexpr absl::Duration kFirstPaymentWindow = absl::Hours(24);

// True if the benefits can be used at `at`, a time from the membership's last change on. Needs no job to have
// run: a period that is over counts as renewed if it is going to be.
bool HasBenefits(const Membership& membership, const Plan& plan, absl::Time at);

// The time for which a plan with a POINTS_MULTIPLIER gives its member the label `plan:<plan_id>` in points.
struct LabelSpan {
  std::string label;
  absl::Time from;
  absl::Time until;  // infinite while the membership renews; at `from` if it never counted
  bool operator==(const LabelSpan&) const = default;
};
// Nothing if the plan multiplies nothing, or the membership never began.
std::optional<LabelSpan> LabelOf(const Membership& membership, const Plan& plan);

}  // namespace loyalty::membership
