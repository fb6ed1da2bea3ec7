#include "services/referral/domain/campaign.h"

#include <absl/strings/str_cat.h>

#include "common/validate/check.h"
#include "services/referral/domain/code.h"
#include "services/referral/domain/reason.h"

namespace loyalty::referral {
namespace {

void CheckWindow(const Terms& terms, const std::string& prefix, Violations& violations) {
  if (terms.start_time == absl::InfiniteFuture()) {
    violations.Add(prefix + "start_time", reason::kTimeOutOfRange, "must be a valid time.");
  } else if (terms.end_time <= terms.start_time) {
    violations.Add(prefix + "end_time", reason::kTimeOutOfRange, "must be after start_time.");
  }
}

// Adds steps whose numbers do not rise from `first` on, or are too many.
template <class Step>
void CheckSteps(const std::vector<Step>& steps, int64_t Step::*number, const std::string& field,
                const std::string& number_name, int64_t least_points, Violations& violations) {
  if (!CheckCount(violations, field, steps.size(), kMaxSteps)) return;
  for (size_t i = 0; i < steps.size(); ++i) {
    const std::string element = absl::StrCat(field, "[", i, "].");
    CheckRange(violations, element + number_name, steps[i].*number, 1, kMaxReferrals);
    CheckRange(violations, element + "reward.points", steps[i].points, least_points, kMaxPoints);
    if (i > 0 && steps[i].*number <= steps[i - 1].*number) {
      violations.Add(element + number_name, reason::kNotAscending, "must be above the one before it.");
    }
  }
}

absl::Status NotActive(const Campaign& campaign, const std::string& message) {
  return Refuse(absl::StatusCode::kFailedPrecondition, reason::kCampaignNotActive,
                absl::StrCat("The campaign ", campaign.id, message), {{"campaign_id", campaign.id}});
}

absl::Status Ended(const Campaign& campaign) {
  return Refuse(absl::StatusCode::kFailedPrecondition, reason::kCampaignEnded,
                absl::StrCat("The campaign ", campaign.id, " was ended; create a new one."),
                {{"campaign_id", campaign.id}});
}

}  // namespace

void ValidateTerms(const Terms& terms, const std::string& prefix, Violations& violations) {
  CheckText(violations, prefix + "display_name", terms.display_name, kMaxDisplayNameBytes,
            Presence::kRequired);
  CheckRange(violations, prefix + "minimum_amount_minor", terms.minimum_amount_minor, 0, kMaxAmountMinor);
  if (terms.trigger == Trigger::kSignUp && terms.minimum_amount_minor > 0) {
    violations.Add(prefix + "minimum_amount_minor", reason::kNotApplicable,
                   "is for purchases; this campaign is triggered by the sign-up.");
  }
  CheckWindow(terms, prefix, violations);
  CheckRange(violations, prefix + "attribution_days", terms.attribution_days, 1, kMaxDays);
  CheckRange(violations, prefix + "hold_days", terms.hold_days, 0, kMaxHoldDays);
  CheckRange(violations, prefix + "caps.referrals_per_lifetime", terms.caps.referrals_per_lifetime, 0,
             kMaxCap);
  CheckRange(violations, prefix + "caps.referrals_per_month", terms.caps.referrals_per_month, 0, kMaxCap);
  CheckRange(violations, prefix + "caps.points_per_lifetime", terms.caps.points_per_lifetime, 0, kMaxCap);
  CheckRange(violations, prefix + "friend_reward.points", terms.friend_points, 0, kMaxPoints);
  CheckSteps(terms.brackets, &Bracket::from_referral, prefix + "brackets", "from_referral", 0, violations);
  if (!terms.brackets.empty() && terms.brackets.front().from_referral > 1) {
    violations.Add(prefix + "brackets[0].from_referral", reason::kTooLarge,
                   "must be 1: the first bracket begins with the first referral.",
                   {{"value", absl::StrCat(terms.brackets.front().from_referral)}, {"limit", "1"}});
  }
  CheckSteps(terms.milestones, &Milestone::referrals, prefix + "milestones", "referrals", 1, violations);
  CheckRange(violations, prefix + "code_length", terms.code_length, kMinCodeLength, kMaxCodeLength);
}

void ValidateCampaign(const Campaign& campaign, Violations& violations) {
  CheckSlug(violations, "campaign.campaign_id", campaign.id);
  ValidateTerms(campaign.terms, "campaign.terms.", violations);
}

CampaignState StateAt(const Campaign& campaign, absl::Time now) {
  if (campaign.state != CampaignState::kActive) return campaign.state;
  if (now < campaign.terms.start_time) return CampaignState::kScheduled;
  return now < campaign.terms.end_time ? CampaignState::kActive : CampaignState::kEnded;
}

absl::Status CheckTakesClaims(const Campaign& campaign, absl::Time now) {
  switch (StateAt(campaign, now)) {
    case CampaignState::kActive:
      return absl::OkStatus();
    case CampaignState::kDraft:
      return NotActive(campaign, " is a draft; activate it first.");
    case CampaignState::kScheduled:
      return NotActive(campaign, " has not begun.");
    case CampaignState::kEnded:
      return NotActive(campaign, " has ended.");
  }
  return absl::OkStatus();
}

absl::Status CheckGivesCodes(const Campaign& campaign, absl::Time now) {
  if (StateAt(campaign, now) == CampaignState::kScheduled) return absl::OkStatus();
  return CheckTakesClaims(campaign, now);
}

absl::StatusOr<bool> Activate(Campaign& campaign, absl::Time now) {
  if (campaign.state == CampaignState::kEnded) return Ended(campaign);
  if (campaign.state == CampaignState::kActive) return false;
  campaign.state = CampaignState::kActive;
  campaign.update_time = now;
  return true;
}

bool End(Campaign& campaign, absl::Time now) {
  if (campaign.state == CampaignState::kEnded) return false;
  campaign.state = CampaignState::kEnded;
  campaign.update_time = now;
  return true;
}

absl::StatusOr<bool> Update(Campaign& campaign, Terms terms, absl::Time now) {
  if (campaign.state == CampaignState::kEnded) return Ended(campaign);
  if (campaign.terms == terms) return false;
  campaign.terms = std::move(terms);
  campaign.version += 1;
  campaign.update_time = now;
  return true;
}

absl::Status CampaignNotFound(const std::string& campaign_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kCampaignNotFound,
                absl::StrCat("There is no campaign ", campaign_id, "."), {{"campaign_id", campaign_id}});
}

absl::Status CampaignAlreadyExists(const std::string& campaign_id) {
  return Refuse(absl::StatusCode::kAlreadyExists, reason::kCampaignAlreadyExists,
                absl::StrCat("There is a campaign ", campaign_id, "; update it, or take another id."),
                {{"campaign_id", campaign_id}});
}

const Bracket* BracketOf(const Terms& terms, int64_t ordinal) {
  const Bracket* found = nullptr;
  for (const Bracket& bracket : terms.brackets) {
    if (bracket.from_referral <= ordinal) found = &bracket;
  }
  return found;
}

}  // namespace loyalty::referral
