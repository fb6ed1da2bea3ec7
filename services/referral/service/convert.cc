#include "services/referral/service/convert.h"

#include <absl/strings/str_cat.h>

#include "services/referral/domain/reason.h"

namespace loyalty::referral {

Terms ToTerms(const v1::CampaignTerms& in, const std::string& prefix, Violations& violations) {
  constexpr int64_t kDefaultAttributionDays = 30, kDefaultCodeLength = 7;
  Terms terms;
  terms.display_name = in.display_name();
  if (in.trigger() == v1::TRIGGER_UNSPECIFIED) {
    violations.Add(prefix + "trigger", reason::kFieldRequired, "is required.");
  } else if (!v1::Trigger_IsValid(in.trigger())) {
    violations.Add(prefix + "trigger", reason::kMalformed, "is not a trigger.");
  } else {
    terms.trigger = static_cast<Trigger>(in.trigger());
  }
  terms.minimum_amount_minor = in.minimum_amount_minor();
  if (in.has_start_time()) terms.start_time = ToTime(in.start_time());
  if (in.has_end_time()) {
    terms.end_time = ToTime(in.end_time());
    if (terms.end_time == absl::InfiniteFuture()) {
      violations.Add(prefix + "end_time", reason::kTimeOutOfRange, "must be a valid time.");
    }
  }
  terms.attribution_days = in.attribution_days() == 0 ? kDefaultAttributionDays : in.attribution_days();
  terms.hold_days = in.hold_days();
  terms.caps = {in.caps().referrals_per_lifetime(), in.caps().referrals_per_month(),
                in.caps().points_per_lifetime()};
  terms.existing_buyers_allowed = in.existing_buyers_allowed();
  terms.friend_points = in.friend_reward().points();
  for (const v1::Bracket& bracket : in.brackets()) {
    terms.brackets.push_back({bracket.from_referral(), bracket.reward().points()});
  }
  for (const v1::Milestone& milestone : in.milestones()) {
    terms.milestones.push_back({milestone.referrals(), milestone.reward().points()});
  }
  terms.code_length = in.code_length() == 0 ? kDefaultCodeLength : in.code_length();
  return terms;
}

Campaign ToCampaign(const v1::Campaign& in, Violations& violations) {
  Campaign campaign;
  campaign.id = in.campaign_id();
  campaign.terms = ToTerms(in.terms(), "campaign.terms.", violations);
  return campaign;
}

namespace {

v1::CampaignTerms TermsOf(const Terms& terms) {
  v1::CampaignTerms out;
  out.set_display_name(terms.display_name);
  out.set_trigger(static_cast<v1::Trigger>(terms.trigger));
  out.set_minimum_amount_minor(terms.minimum_amount_minor);
  if (terms.start_time != absl::InfinitePast()) *out.mutable_start_time() = ToProto(terms.start_time);
  if (terms.end_time != absl::InfiniteFuture()) *out.mutable_end_time() = ToProto(terms.end_time);
  out.set_attribution_days(static_cast<int32_t>(terms.attribution_days));
  out.set_hold_days(static_cast<int32_t>(terms.hold_days));
  out.mutable_caps()->set_referrals_per_lifetime(terms.caps.referrals_per_lifetime);
  out.mutable_caps()->set_referrals_per_month(terms.caps.referrals_per_month);
  out.mutable_caps()->set_points_per_lifetime(terms.caps.points_per_lifetime);
  out.set_existing_buyers_allowed(terms.existing_buyers_allowed);
  out.mutable_friend_reward()->set_points(terms.friend_points);
  for (const Bracket& bracket : terms.brackets) {
    v1::Bracket& added = *out.add_brackets();
    added.set_from_referral(bracket.from_referral);
    added.mutable_reward()->set_points(bracket.points);
  }
  for (const Milestone& milestone : terms.milestones) {
    v1::Milestone& added = *out.add_milestones();
    added.set_referrals(milestone.referrals);
    added.mutable_reward()->set_points(milestone.points);
  }
  out.set_code_length(static_cast<int32_t>(terms.code_length));
  return out;
}

}  // namespace

v1::Campaign ToProto(const Campaign& campaign, const std::string& program_id, absl::Time now) {
  v1::Campaign out;
  out.set_program_id(program_id);
  out.set_campaign_id(campaign.id);
  out.set_version(campaign.version);
  out.set_state(static_cast<v1::CampaignState>(StateAt(campaign, now)));
  *out.mutable_terms() = TermsOf(campaign.terms);
  *out.mutable_create_time() = ToProto(campaign.create_time);
  *out.mutable_update_time() = ToProto(campaign.update_time);
  return out;
}

v1::Code ToProto(const Code& code) {
  v1::Code out;
  out.set_code(code.code);
  out.set_kind(static_cast<v1::CodeKind>(code.kind));
  out.set_campaign_id(code.campaign_id);
  out.set_member_id(code.member_id);
  *out.mutable_create_time() = ToProto(code.create_time);
  return out;
}

namespace {

v1::ReferralReward RewardOf(int64_t promised, int64_t awarded, int64_t standing) {
  v1::ReferralReward out;
  out.set_promised_points(promised);
  out.set_awarded_points(awarded);
  out.set_standing_points(standing);
  return out;
}

}  // namespace

v1::Referral ToProto(const Referral& referral, const std::string& program_id) {
  v1::Referral out;
  out.set_referral_id(absl::StrCat(referral.id));
  out.set_program_id(program_id);
  out.set_campaign_id(referral.campaign_id);
  out.set_campaign_version(referral.campaign_version);
  out.set_code(referral.code);
  out.set_referrer_id(referral.referrer_id);
  out.set_friend_id(referral.friend_id);
  out.set_state(static_cast<v1::ReferralState>(referral.state));
  *out.mutable_claim_time() = ToProto(referral.claim_time);
  *out.mutable_expire_time() = ToProto(referral.expire_time);
  if (referral.sign_up_time) *out.mutable_sign_up_time() = ToProto(*referral.sign_up_time);
  if (!referral.qualify_time) return out;
  *out.mutable_qualify_time() = ToProto(*referral.qualify_time);
  *out.mutable_hold_until_time() = ToProto(*referral.hold_until_time);
  if (referral.reward_time) *out.mutable_reward_time() = ToProto(*referral.reward_time);
  out.set_ordinal(referral.ordinal);
  out.set_order_id(referral.order_id);
  out.set_order_amount_minor(referral.order_amount_minor);
  *out.mutable_friend_reward() =
      RewardOf(referral.friend_points, referral.friend_awarded, StandingFriendAward(referral));
  *out.mutable_referrer_reward() =
      RewardOf(referral.referrer_points, referral.referrer_awarded, StandingReferrerAward(referral));
  out.set_cap(static_cast<v1::Cap>(referral.cap));
  return out;
}

v1::ReferralTransition ToProto(const Transition& transition) {
  v1::ReferralTransition out;
  out.set_state(static_cast<v1::ReferralState>(transition.state));
  *out.mutable_time() = ToProto(transition.time);
  out.set_reason(static_cast<v1::StateReason>(transition.reason));
  out.set_actor(transition.actor);
  return out;
}

v1::ReferrerStats ToProto(const Standing& standing) {
  const Referrer& referrer = standing.referrer;
  const Progress progress = ProgressOf(standing.campaign.terms, referrer);
  v1::ReferrerStats out;
  out.set_campaign_id(referrer.campaign_id);
  out.set_member_id(referrer.member_id);
  out.set_claimed_count(referrer.claimed);
  out.set_qualified_count(referrer.qualified);
  out.set_rewarded_count(referrer.rewarded);
  out.set_awarded_points(referrer.awarded_points);
  out.set_pending_points(referrer.promised_points - referrer.awarded_points);
  out.set_bracket(static_cast<int32_t>(progress.bracket));
  if (progress.bracket > 0) out.mutable_bracket_reward()->set_points(progress.bracket_points);
  if (progress.referrals_to_next_bracket > 0) {
    out.set_referrals_to_next_bracket(progress.referrals_to_next_bracket);
    out.mutable_next_bracket_reward()->set_points(progress.next_bracket_points);
  }
  if (progress.referrals_to_next_milestone > 0) {
    out.set_referrals_to_next_milestone(progress.referrals_to_next_milestone);
    out.mutable_next_milestone_reward()->set_points(progress.next_milestone_points);
  }
  return out;
}

v1::LeaderboardEntry ToProto(const LeaderboardRow& row) {
  v1::LeaderboardEntry out;
  out.set_place(row.place);
  out.set_member_id(row.referrer_id);
  out.set_referral_count(row.referrals);
  out.set_points(row.points);
  return out;
}

}  // namespace loyalty::referral
