#include "services/referral/service/referral_work.h"

#include <absl/strings/str_cat.h>

#include "common/status/status.h"
#include "loyalty/referral/v1/event.pb.h"
#include "services/referral/service/convert.h"
#include "services/referral/storage/code_store.h"
#include "services/referral/storage/referral_reader.h"

namespace loyalty::referral {

Context ContextOf(work::Work& work) { return {work.now(), work.program().Zone(), work.actor()}; }

ReferralWork::ReferralWork(work::Work& work)
    : work_(work), context_(ContextOf(work)), store_(work.tx(), work.program().key) {}

absl::StatusOr<ReferralWork::Claimed> ReferralWork::Claim(const std::string& friend_id,
                                                          absl::string_view code) {
  const std::string normalized = NormalizeCode(code);
  const auto found = CodeStore(work_.tx(), work_.program().key).LookUp(normalized);
  if (!found) return CodeNotFound(normalized);
  const bool has_bought = store_.LockBuyer(friend_id);
  ReferralReader reader(work_.tx(), work_.program().key);
  if (const auto standing = reader.GetByFriend(friend_id)) {
    if (standing->referral.code != normalized) return FriendAlreadyClaimed(standing->referral);
    return Claimed{standing->referral, true};
  }
  absl::StatusOr<Referral> claim =
      referral::Claim(found->campaign, found->code, friend_id, has_bought, context_);
  if (!claim.ok()) return claim.status();
  // Under the lock on the friend nobody comes between.
  if (!store_.Insert(*claim, context_)) return absl::InternalError("The friend was claimed under a lock.");
  const Case of{found->campaign.terms, *claim, {}};
  EmitTransition(of, {1, claim->state, StateReason::kCodeUsed, context_.now, context_.actor},
                 absl::StrCat("code:", claim->code));
  return Claimed{*std::move(claim)};
}

std::optional<Referral> ReferralWork::SignUp(const std::string& friend_id, absl::Time time) {
  std::optional<Case> of = store_.LockByFriend(friend_id);
  if (!of) return std::nullopt;
  const bool is_first = !of->referral.sign_up_time;
  const Decision decision = RecordSignUp(*of, time, context_);
  if (is_first) Emit<v1::ReferralSignedUp>(*of, "", time, StateReason::kSignedUp);
  Finish(*of, decision, "");
  return of->referral;
}

absl::StatusOr<std::optional<Referral>> ReferralWork::Buy(const std::string& member_id,
                                                          const Purchase& purchase) {
  store_.NotePurchase(member_id, purchase.time);
  std::optional<Case> of = store_.LockByFriend(member_id);
  if (!of) return std::nullopt;
  const std::optional<int64_t> qualified = store_.FindByOrder(purchase.order_id);
  if (qualified && *qualified != of->referral.id) return OrderIdReused(purchase.order_id);
  const Decision decision = RecordPurchase(*of, purchase, context_);
  Finish(*of, decision, absl::StrCat("order:", purchase.order_id));
  return of->referral;
}

std::optional<Referral> ReferralWork::TakeReturn(const Return& returned) {
  std::optional<Case> of = store_.LockByOrder(returned.order_id);
  if (!of) return std::nullopt;
  const ReturnedShare before = of->referral.returned_share;
  const Decision decision = RecordReturn(
      *of, {returned.order_id, before.returned + returned.returned_minor, of->referral.order_amount_minor},
      context_);
  const std::string cause = absl::StrCat("return:", returned.return_id);
  Finish(*of, decision, cause);
  if (of->referral.returned_share != before && of->referral.state != ReferralState::kReversed) {
    Emit<v1::ReferralReduced>(*of, cause, std::nullopt, StateReason::kOrderReturned);
  }
  return of->referral;
}

bool ReferralWork::CatchUp(int64_t referral_id) {
  std::optional<Case> of = store_.Lock(referral_id);
  if (!of) return false;
  const Decision decision = referral::CatchUp(*of, context_);
  Finish(*of, decision, "");
  return decision.changed;
}

void ReferralWork::Finish(const Case& of, const Decision& decision, const std::string& cause) {
  store_.Save(of, decision, context_);
  // For the members' statements.
  const std::string& reason = of.terms.display_name;
  for (const Transition& transition : decision.transitions) EmitTransition(of, transition, cause);
  for (const ReachedMilestone& milestone : decision.reached) {
    EmitMilestone<v1::MilestoneReached>(of.referrer, milestone, cause);
  }
  for (const ReachedMilestone& milestone : decision.fallen) {
    EmitMilestone<v1::MilestoneFell>(of.referrer, milestone, cause);
  }
  for (const Award& award : decision.awards) {
    work_.Award({.cause = award.cause,
                 .part = award.part,
                 .member_id = award.member_id,
                 .points = award.points,
                 .reason = reason,
                 .occurred_time = award.occurred_time});
  }
  for (const Reversal& reversal : decision.reversals) {
    work_.TakeBack({.cause = cause,
                    .part = reversal.part,
                    .points = reversal.points,
                    .reason = reason,
                    .of = {reversal.cause, reversal.part, reversal.member_id},
                    .occurred_time = context_.now});
  }
}

template <class Event>
void ReferralWork::Emit(const Case& of, const std::string& cause, std::optional<absl::Time> time,
                        StateReason reason) {
  Event event;
  *event.mutable_referral() = ToProto(of.referral, work_.program().id);
  if constexpr (requires { event.set_reason(v1::STATE_REASON_UNSPECIFIED); }) {
    event.set_reason(static_cast<v1::StateReason>(reason));
  }
  work_.Emit(event, {.member_id = of.referral.friend_id, .cause = cause, .actor = "", .occurred_time = time});
}

void ReferralWork::EmitTransition(const Case& of, const Transition& transition, const std::string& cause) {
  const Referral& referral = of.referral;
  switch (transition.state) {
    case ReferralState::kClaimed:
      return Emit<v1::ReferralClaimed>(of, cause, referral.claim_time, transition.reason);
    case ReferralState::kQualified:
      return Emit<v1::ReferralQualified>(of, cause, referral.qualify_time, transition.reason);
    case ReferralState::kHeld:
      return Emit<v1::ReferralHeld>(of, cause, referral.qualify_time, transition.reason);
    case ReferralState::kRewarded:
      return Emit<v1::ReferralRewarded>(of, cause, referral.reward_time, transition.reason);
    case ReferralState::kRejected:
      return Emit<v1::ReferralRejected>(of, cause, std::nullopt, transition.reason);
    case ReferralState::kExpired:
      return Emit<v1::ReferralExpired>(of, cause, referral.expire_time, transition.reason);
    case ReferralState::kReversed:
      return Emit<v1::ReferralReversed>(of, cause, std::nullopt, transition.reason);
  }
}

template <class Event>
void ReferralWork::EmitMilestone(const Referrer& referrer, const ReachedMilestone& milestone,
                                 const std::string& cause) {
  Event event;
  event.set_campaign_id(referrer.campaign_id);
  event.set_referrer_id(referrer.member_id);
  event.set_referrals(milestone.referrals);
  event.set_points(milestone.points);
  event.set_referral_id(absl::StrCat(milestone.referral_id));
  work_.Emit(event,
             {.member_id = referrer.member_id, .cause = cause, .actor = "", .occurred_time = std::nullopt});
}

}  // namespace loyalty::referral
