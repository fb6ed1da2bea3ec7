#include "services/membership/domain/membership.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

namespace loyalty::membership {
namespace {

struct Step {
  std::optional<State> from;
  Transition transition;
  State to;
};

constexpr Step kAllowed[] = {
    {std::nullopt, Transition::kSubscribe, State::kPendingPayment},
    {std::nullopt, Transition::kSubscribe, State::kTrialing},
    {std::nullopt, Transition::kSubscribe, State::kActive},
    {State::kPendingPayment, Transition::kActivate, State::kActive},
    {State::kPendingPayment, Transition::kAbandon, State::kExpired},
    {State::kTrialing, Transition::kEndTrial, State::kActive},
    {State::kActive, Transition::kRenew, State::kActive},
    {State::kActive, Transition::kEnterGrace, State::kGrace},
    {State::kGrace, Transition::kRecover, State::kActive},
    {State::kTrialing, Transition::kCancel, State::kCancelled},
    {State::kActive, Transition::kCancel, State::kCancelled},
    {State::kGrace, Transition::kCancel, State::kCancelled},
    {State::kCancelled, Transition::kUndoCancellation, State::kTrialing},
    {State::kCancelled, Transition::kUndoCancellation, State::kActive},
    {State::kCancelled, Transition::kUndoCancellation, State::kGrace},
    {State::kGrace, Transition::kGiveUp, State::kCancelled},
    {State::kGrace, Transition::kGiveUp, State::kExpired},
    {State::kCancelled, Transition::kGiveUp, State::kExpired},
    {State::kActive, Transition::kExpire, State::kExpired},
    {State::kCancelled, Transition::kExpire, State::kExpired},
    {State::kPendingPayment, Transition::kTerminate, State::kExpired},
    {State::kTrialing, Transition::kTerminate, State::kExpired},
    {State::kActive, Transition::kTerminate, State::kExpired},
    {State::kGrace, Transition::kTerminate, State::kExpired},
    {State::kCancelled, Transition::kTerminate, State::kExpired},
};

// Until when the benefits go, as known now.
absl::Time BenefitsEnd(const Membership& m, const Plan& plan) {
  const absl::Time unpaid = plan.dunning.benefits_in_grace ? absl::InfiniteFuture() : m.dunning_start;
  switch (m.state) {
    case State::kPendingPayment:
      return m.start_time;
    case State::kTrialing:
      return absl::InfiniteFuture();
    case State::kActive:
      return Renews(plan) ? absl::InfiniteFuture() : m.period_end;
    case State::kGrace:
      return Renews(plan) ? unpaid : std::min(unpaid, m.period_end);
    case State::kCancelled:
      return m.in_arrears ? std::min(unpaid, m.period_end) : m.period_end;
    case State::kExpired:
      return m.in_arrears ? std::min(unpaid, m.end_time) : m.end_time;
  }
  return m.start_time;
}

}  // namespace

bool Allowed(std::optional<State> from, Transition transition, State to) {
  return std::any_of(std::begin(kAllowed), std::end(kAllowed), [&](const Step& step) {
    return step.from == from && step.transition == transition && step.to == to;
  });
}

absl::string_view Name(State state) {
  switch (state) {
    case State::kPendingPayment:
      return "PENDING_PAYMENT";
    case State::kTrialing:
      return "TRIALING";
    case State::kActive:
      return "ACTIVE";
    case State::kGrace:
      return "GRACE";
    case State::kCancelled:
      return "CANCELLED";
    case State::kExpired:
      return "EXPIRED";
  }
  return "";
}

bool HasBenefits(const Membership& membership, const Plan& plan, absl::Time at) {
  return at >= membership.start_time && at < BenefitsEnd(membership, plan);
}

std::optional<LabelSpan> LabelOf(const Membership& membership, const Plan& plan) {
  if (FindBenefit(plan, BenefitKind::kPointsMultiplier) == nullptr) return std::nullopt;
  if (membership.start_time == absl::InfiniteFuture()) return std::nullopt;
  return LabelSpan{absl::StrCat("plan:", plan.id), membership.start_time,
                   std::max(membership.start_time, BenefitsEnd(membership, plan))};
}

}  // namespace loyalty::membership
