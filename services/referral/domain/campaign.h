// A campaign: who is paid what for bringing a friend, and until when.
//
// Its terms are versioned: a referral is decided by the version under which it was claimed, whatever comes
// later.
#pragma once

#include <absl/status/status.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/status/status.h"

namespace loyalty::referral {

inline constexpr int64_t kMaxDays = 3650;
inline constexpr int64_t kMaxHoldDays = 365;
inline constexpr size_t kMaxSteps = 20;                // brackets, and milestones, of a campaign
inline constexpr int64_t kMaxReferrals = 1'000'000;    // in a bracket's or a milestone's number
inline constexpr int64_t kMaxPoints = 1'000'000'000;   // of one award; sums over 10^9 referrals fit an int64
inline constexpr int64_t kMaxCap = 1'000'000'000'000;  // a cap in points or referrals
inline constexpr int64_t kMaxAmountMinor = 1'000'000'000'000'000;

// What makes a claimed friend a successful referral.
enum class Trigger { kSignUp = 1, kFirstPurchase = 2 };

// kScheduled is never stored: it is an active campaign before its window.
enum class CampaignState { kDraft = 1, kScheduled = 2, kActive = 3, kEnded = 4 };

// From the referrer's n-th successful referral on, each pays so many points, up to the next bracket.
struct Bracket {
  int64_t from_referral = 1;
  int64_t points = 0;
  bool operator==(const Bracket&) const = default;
};

// Paid once, when so many of the referrer's referrals stand rewarded.
struct Milestone {
  int64_t referrals = 0;
  int64_t points = 0;
  bool operator==(const Milestone&) const = default;
};

// Limits on what one referrer gets in the campaign; 0: none. See Referrer in referral.h.
struct Caps {
  int64_t referrals_per_lifetime = 0;
  int64_t referrals_per_month = 0;  // a calendar month of the program's zone, in which they qualified
  int64_t points_per_lifetime = 0;
  bool operator==(const Caps&) const = default;
};

struct Terms {
  std::string display_name;
  Trigger trigger = Trigger::kSignUp;
  int64_t minimum_amount_minor = 0;              // of the first purchase
  absl::Time start_time = absl::InfinitePast();  // claims are taken from start to before end
  absl::Time end_time = absl::InfiniteFuture();
  int64_t attribution_days = 30;  // 1 to kMaxDays, calendar days of the program's zone from the claim
  int64_t hold_days = 0;          // 0 to kMaxHoldDays, from the event that qualified
  Caps caps;
  bool existing_buyers_allowed = false;
  int64_t friend_points = 0;
  std::vector<Bracket> brackets;      // rising, the first from 1; one bracket: the same points each time
  std::vector<Milestone> milestones;  // rising
  int64_t code_length = 7;            // 6 to 12, of codes that are generated
  bool operator==(const Terms&) const = default;
};

struct Campaign {
  std::string id;
  int64_t version = 1;
  CampaignState state = CampaignState::kDraft;
  Terms terms;
  absl::Time create_time;
  absl::Time update_time;
};

// Adds everything that is wrong; fields are named under `campaign.` (`terms.` with its own prefix).
void ValidateTerms(const Terms& terms, const std::string& prefix, Violations& violations);
void ValidateCampaign(const Campaign& campaign, Violations& violations);

// The state that holds at `now`: the stored one, or what the window makes of it.
CampaignState StateAt(const Campaign& campaign, absl::Time now);

// FAILED_PRECONDITION, reason CAMPAIGN_NOT_ACTIVE, unless claims are taken at `now`.
absl::Status CheckTakesClaims(const Campaign& campaign, absl::Time now);
// FAILED_PRECONDITION, reason CAMPAIGN_NOT_ACTIVE, for a campaign that is a draft or has ended.
absl::Status CheckGivesCodes(const Campaign& campaign, absl::Time now);

// What a change did; an error otherwise: FAILED_PRECONDITION, reason CAMPAIGN_ENDED.
// Repeating a change changes nothing more. Ending is for good; a window that has passed is not: an update may
// extend it.
absl::StatusOr<bool> Activate(Campaign& campaign, absl::Time now);
bool End(Campaign& campaign, absl::Time now);
// A new version with these terms; none if they are those that hold.
absl::StatusOr<bool> Update(Campaign& campaign, Terms terms, absl::Time now);

// NOT_FOUND, reason CAMPAIGN_NOT_FOUND, and ALREADY_EXISTS, reason CAMPAIGN_ALREADY_EXISTS.
absl::Status CampaignNotFound(const std::string& campaign_id);
absl::Status CampaignAlreadyExists(const std::string& campaign_id);

// The bracket that the referrer's n-th successful referral (from 1) falls into; null if it pays nothing.
const Bracket* BracketOf(const Terms& terms, int64_t ordinal);

}  // namespace loyalty::referral
