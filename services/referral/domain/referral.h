// A referral from the claim to its end, and what it pays. Pure: each function takes the referral, the terms
// of the version under which it was claimed, and its referrer's counters, all locked by the caller; it
// changes the referral and the counters, and returns what has to be written and sent.
//
//   CLAIMED ─► QUALIFIED ─► HELD ─► REWARDED ─► REVERSED      HELD is left out when nothing is held
//      │  ▲                   └───────────────────►┘           a return while it is held
//      │  └───── an event of the window that comes late
//      ├─► EXPIRED ─► QUALIFIED …
//      └─► REJECTED
//
// Due first: each function posts what is due at `now` before it decides, so no answer depends on when a job
// ran.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/referral/domain/campaign.h"
#include "services/referral/domain/code.h"

namespace loyalty::referral {

enum class ReferralState {
  kClaimed = 1,
  kQualified = 2,  // only in the history: it is held or rewarded in the same moment
  kHeld = 3,
  kRewarded = 4,
  kRejected = 5,
  kExpired = 6,
  kReversed = 7
};

// Why a referral is in its state.
enum class StateReason {
  kCodeUsed = 1,       // CLAIMED
  kSignedUp = 2,       // QUALIFIED
  kPurchased = 3,      // QUALIFIED
  kHoldBegan = 4,      // HELD
  kHoldEnded = 5,      // REWARDED: the hold is over, or there was none
  kExistingBuyer = 6,  // REJECTED: a purchase from before the claim came to light
  kWindowPassed = 7,   // EXPIRED
  kOrderReturned = 8   // REVERSED
};

// The cap that made the referrer's reward smaller than its bracket's, zero included.
enum class Cap { kNone = 0, kReferralsPerLifetime = 1, kReferralsPerMonth = 2, kPointsPerLifetime = 3 };

// How much of the order has come back; all of it if returned >= total.
struct ReturnedShare {
  int64_t returned = 0;
  int64_t total = 1;  // above zero
  bool operator==(const ReturnedShare&) const = default;
};

struct Referral {
  int64_t id = 0;
  std::string campaign_id;
  int64_t campaign_version = 0;
  std::string code;
  std::string referrer_id;
  std::string friend_id;
  ReferralState state = ReferralState::kClaimed;
  absl::Time claim_time;
  absl::Time expire_time;  // the qualifying event has to happen before
  std::optional<absl::Time> sign_up_time;

  // From the moment it qualifies.
  int64_t ordinal = 0;  // 1, 2, 3, … among the referrer's in the campaign; never another's
  std::optional<absl::Time> qualify_time;     // when the event happened; from the claim on, to the report
  std::optional<absl::Time> hold_until_time;  // when the reward is due
  std::string order_id;                       // of the purchase that qualified
  int64_t order_amount_minor = 0;
  int64_t friend_points = 0;    // fixed here, whatever is returned later
  int64_t referrer_points = 0;  // the same
  Cap cap = Cap::kNone;
  ReturnedShare returned_share;

  // From the moment it is rewarded.
  std::optional<absl::Time> reward_time;  // when the reward was due
  int64_t friend_awarded = 0;             // less than friend_points if a part was returned while it was held
  int64_t referrer_awarded = 0;

  int64_t transition_count = 1;  // how many states it has had
};

// A milestone that a referrer has reached and that stands.
struct ReachedMilestone {
  int64_t referrals = 0;
  int64_t points = 0;
  int64_t referral_id = 0;  // with which it was reached: its cause
  absl::Time reach_time;
  bool operator==(const ReachedMilestone&) const = default;
};

// What counts for one referrer in one campaign. Caps look at what stands: a referral that is returned whole
// makes room again, for later ones.
struct Referrer {
  std::string campaign_id;
  std::string member_id;
  int64_t claimed = 0;
  int64_t qualified = 0;  // the last ordinal
  int64_t rewarded = 0;   // REWARDED now
  int64_t paying = 0;     // held or rewarded, with points for the referrer: what referral caps count
  int64_t promised_points =
      0;  // awarded and held, milestones included, returns taken off: what the points cap counts
  int64_t awarded_points = 0;                           // without the held
  std::map<absl::CivilMonth, int64_t> paying_by_month;  // by the month in which they qualified
  std::vector<ReachedMilestone> milestones;             // those that stand, rising
};

// All that one decision needs and changes.
struct Case {
  Terms terms;
  Referral referral;
  Referrer referrer;
};

struct Context {
  absl::Time now;
  absl::TimeZone zone;  // the program's
  std::string actor;    // who asked: a person, a service, "loyalty-referral" for a job
};

struct Transition {
  int64_t sequence = 0;  // 1, 2, 3, … in the referral
  ReferralState state = ReferralState::kClaimed;
  StateReason reason = StateReason::kCodeUsed;
  absl::Time time;
  std::string actor;
};

// Points for a member, once for each (cause, member, part).
struct Award {
  std::string cause;  // CauseOf the referral
  std::string member_id;
  std::string part;  // "friend", "referrer", "milestone:10"
  int64_t points = 0;
  absl::Time occurred_time;
  bool operator==(const Award&) const = default;
};

// Points of an award that are taken back.
struct Reversal {
  std::string cause;  // of the award, as the next two
  std::string member_id;
  std::string part;
  int64_t points = 0;           // now
  int64_t reversed_points = 0;  // in all, earlier reversals included; never above the award's
  bool operator==(const Reversal&) const = default;
};

struct Decision {
  bool changed = false;  // there is something to write
  std::vector<Transition> transitions;
  std::vector<Award> awards;
  std::vector<Reversal> reversals;
  std::vector<ReachedMilestone> reached;
  std::vector<ReachedMilestone> fallen;
};

struct Purchase {
  std::string order_id;
  int64_t amount_minor = 0;
  absl::Time time;
};

struct ReturnedOrder {
  std::string order_id;
  int64_t returned_minor = 0;  // so far, in all
  int64_t total_minor = 0;     // of the order
};

// "referral:123".
std::string CauseOf(int64_t referral_id);

// The same local time, that many calendar days later. A time that the clock skips or repeats becomes the
// later of its readings.
absl::Time AddDays(absl::Time time, int64_t days, const absl::TimeZone& zone);

// A new referral, CLAIMED and without an id. `has_bought`: the friend is known to have bought before.
// FAILED_PRECONDITION with reason SELF_REFERRAL, CAMPAIGN_NOT_ACTIVE or FRIEND_IS_EXISTING_BUYER.
absl::StatusOr<Referral> Claim(const Campaign& campaign, const Code& code, const std::string& friend_id,
                               bool has_bought, const Context& context);
// ALREADY_EXISTS, reason FRIEND_ALREADY_CLAIMED.
absl::Status FriendAlreadyClaimed(const Referral& standing);
// NOT_FOUND, reason REFERRAL_NOT_FOUND; `key` is referral_id or friend_id.
absl::Status ReferralNotFound(absl::string_view key, absl::string_view value);
// ALREADY_EXISTS, reason ORDER_ID_REUSED: the order has qualified another friend.
absl::Status OrderIdReused(absl::string_view order_id);

// The friend signed up. Qualifies in a campaign that waits for it.
Decision RecordSignUp(Case& of, absl::Time sign_up_time, const Context& context);
// The friend bought. The first purchase of the window with at least the minimum qualifies; one from before
// the claim rejects a referral that still waits, unless the campaign takes existing buyers. It is before if
// it is so by more than kClockTolerance: with less, the shop's clock may be behind, and it counts as at the
// claim.
Decision RecordPurchase(Case& of, const Purchase& purchase, const Context& context);
// A part of the order that qualified came back, or all of it: both sides keep points − floor(points ×
// returned ÷ total). With all of it the referral is REVERSED and no longer counts for milestones. An older
// report, or another order, changes nothing.
Decision RecordReturn(Case& of, const ReturnedOrder& order, const Context& context);
// Expires, or rewards, what is due.
Decision CatchUp(Case& of, const Context& context);

// When CatchUp has something to do; never, if it has not.
std::optional<absl::Time> DueTime(const Referral& referral);
// What stands of points that the referral paid or will pay.
int64_t StandingPoints(int64_t points, const ReturnedShare& share);
// Of the friend's and the referrer's award; 0 before it is rewarded.
int64_t StandingFriendAward(const Referral& referral);
int64_t StandingReferrerAward(const Referral& referral);

// Where a referrer is on the way. A number of 0 with 0 points: there is none.
struct Progress {
  int64_t bracket = 0;  // 1, 2, 3, …: the one that the next successful referral falls into
  int64_t bracket_points = 0;
  int64_t referrals_to_next_bracket = 0;  // successful ones, until a referral falls into it
  int64_t next_bracket_points = 0;
  int64_t referrals_to_next_milestone = 0;  // rewarded ones
  int64_t next_milestone_points = 0;
};
Progress ProgressOf(const Terms& terms, const Referrer& referrer);

}  // namespace loyalty::referral
