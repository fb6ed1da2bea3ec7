#include "services/referral/domain/referral.h"

#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/validate/check.h"
#include "services/referral/domain/reason.h"

namespace loyalty::referral {
namespace {

constexpr char kFriendPart[] = "friend";
constexpr char kReferrerPart[] = "referrer";

bool IsWhole(const ReturnedShare& share) { return share.returned >= share.total; }

// True if `a` is a greater part than `b`.
bool IsMore(const ReturnedShare& a, const ReturnedShare& b) {
  return absl::int128(a.returned) * b.total > absl::int128(b.returned) * a.total;
}

absl::CivilMonth MonthOf(absl::Time time, const absl::TimeZone& zone) {
  return absl::CivilMonth(absl::ToCivilSecond(time, zone));
}

// One event on one case.
class Deciding {
 public:
  Deciding(Case& of, const Context& context)
      : terms_(of.terms), referral_(of.referral), referrer_(of.referrer), context_(context) {}

  Decision Take() { return std::move(decision_); }
  void Changed() { decision_.changed = true; }

  bool Waits() const {
    return referral_.state == ReferralState::kClaimed || referral_.state == ReferralState::kExpired;
  }

  void CatchUp() {
    const std::optional<absl::Time> due = DueTime(referral_);
    if (!due || context_.now < *due) return;
    if (referral_.state == ReferralState::kClaimed) Move(ReferralState::kExpired, StateReason::kWindowPassed);
    if (referral_.state == ReferralState::kHeld) Grant();
  }

  void Move(ReferralState state, StateReason reason) {
    Changed();
    referral_.state = state;
    decision_.transitions.push_back(
        {++referral_.transition_count, state, reason, context_.now, context_.actor});
  }

  void Qualify(absl::Time event_time, StateReason reason) {
    Move(ReferralState::kQualified, reason);
    // Shops' clocks may be ahead of ours, and behind.
    referral_.qualify_time = std::max(referral_.claim_time, std::min(event_time, context_.now));
    referral_.hold_until_time = AddDays(*referral_.qualify_time, terms_.hold_days, context_.zone);
    referral_.ordinal = ++referrer_.qualified;
    referral_.friend_points = terms_.friend_points;
    Promise();
    if (terms_.hold_days == 0) return Grant();
    Move(ReferralState::kHeld, StateReason::kHoldBegan);
    CatchUp();
  }

  void Return(const ReturnedShare& share) {
    Changed();
    const bool rewarded = referral_.state == ReferralState::kRewarded;
    const int64_t friend_before = StandingFriendAward(referral_);
    const int64_t referrer_before = StandingPoints(referral_.referrer_points, referral_.returned_share);
    referral_.returned_share = share;
    const int64_t referrer_after = StandingPoints(referral_.referrer_points, share);
    referrer_.promised_points -= referrer_before - referrer_after;
    if (rewarded) {
      referrer_.awarded_points -= referrer_before - referrer_after;
      if (StandingFriendAward(referral_) < friend_before) {
        Reverse(referral_.friend_id, kFriendPart, friend_before - StandingFriendAward(referral_),
                referral_.friend_awarded - StandingFriendAward(referral_));
      }
      if (referrer_after < referrer_before) {
        Reverse(referral_.referrer_id, kReferrerPart, referrer_before - referrer_after,
                referral_.referrer_awarded - referrer_after);
      }
    }
    if (!IsWhole(share)) return;
    if (referral_.referrer_points > 0) {
      --referrer_.paying;
      --referrer_.paying_by_month[MonthOf(*referral_.qualify_time, context_.zone)];
    }
    if (rewarded) {
      --referrer_.rewarded;
      FallMilestones();
    }
    Move(ReferralState::kReversed, StateReason::kOrderReturned);
  }

 private:
  // Fixes what the referrer will get: the bracket's points, as far as the caps allow.
  void Promise() {
    const Bracket* bracket = BracketOf(terms_, referral_.ordinal);
    if (bracket == nullptr || bracket->points == 0) return;
    const absl::CivilMonth month = MonthOf(*referral_.qualify_time, context_.zone);
    const auto reached = [](int64_t count, int64_t cap) { return cap > 0 && count >= cap; };
    if (reached(referrer_.paying, terms_.caps.referrals_per_lifetime)) {
      referral_.cap = Cap::kReferralsPerLifetime;
      return;
    }
    if (reached(referrer_.paying_by_month[month], terms_.caps.referrals_per_month)) {
      referral_.cap = Cap::kReferralsPerMonth;
      return;
    }
    referral_.referrer_points = WithinPointsCap(bracket->points);
    if (referral_.referrer_points < bracket->points) referral_.cap = Cap::kPointsPerLifetime;
    if (referral_.referrer_points == 0) return;
    referrer_.promised_points += referral_.referrer_points;
    ++referrer_.paying;
    ++referrer_.paying_by_month[month];
  }

  int64_t WithinPointsCap(int64_t points) const {
    const int64_t cap = terms_.caps.points_per_lifetime;
    if (cap == 0) return points;
    return std::min(points, std::max<int64_t>(0, cap - referrer_.promised_points));
  }

  void Grant() {
    Move(ReferralState::kRewarded, StateReason::kHoldEnded);
    referral_.reward_time = referral_.hold_until_time;
    referral_.friend_awarded = StandingPoints(referral_.friend_points, referral_.returned_share);
    referral_.referrer_awarded = StandingPoints(referral_.referrer_points, referral_.returned_share);
    Pay(referral_.friend_id, kFriendPart, referral_.friend_awarded);
    Pay(referral_.referrer_id, kReferrerPart, referral_.referrer_awarded);
    referrer_.awarded_points += referral_.referrer_awarded;
    ++referrer_.rewarded;
    ReachMilestones();
  }

  void ReachMilestones() {
    for (const Milestone& milestone : terms_.milestones) {
      if (milestone.referrals != referrer_.rewarded) continue;
      const int64_t points = WithinPointsCap(milestone.points);
      const bool stands = std::any_of(
          referrer_.milestones.begin(), referrer_.milestones.end(),
          [&](const ReachedMilestone& reached) { return reached.referrals == milestone.referrals; });
      if (points == 0 || stands) continue;
      const ReachedMilestone reached{milestone.referrals, points, referral_.id, *referral_.reward_time};
      referrer_.milestones.push_back(reached);
      decision_.reached.push_back(reached);
      referrer_.promised_points += points;
      referrer_.awarded_points += points;
      Pay(referral_.referrer_id, PartOf(reached), points);
    }
  }

  void FallMilestones() {
    std::vector<ReachedMilestone> standing;
    for (const ReachedMilestone& reached : referrer_.milestones) {
      if (reached.referrals <= referrer_.rewarded) {
        standing.push_back(reached);
        continue;
      }
      decision_.fallen.push_back(reached);
      referrer_.promised_points -= reached.points;
      referrer_.awarded_points -= reached.points;
      decision_.reversals.push_back({CauseOf(reached.referral_id), referral_.referrer_id, PartOf(reached),
                                     reached.points, reached.points});
    }
    referrer_.milestones = std::move(standing);
  }

  static std::string PartOf(const ReachedMilestone& reached) {
    return absl::StrCat("milestone:", reached.referrals);
  }

  void Pay(const std::string& member_id, std::string part, int64_t points) {
    if (points == 0) return;
    decision_.awards.push_back(
        {CauseOf(referral_.id), member_id, std::move(part), points, *referral_.reward_time});
  }

  void Reverse(const std::string& member_id, std::string part, int64_t points, int64_t reversed_points) {
    decision_.reversals.push_back(
        {CauseOf(referral_.id), member_id, std::move(part), points, reversed_points});
  }

  const Terms& terms_;
  Referral& referral_;
  Referrer& referrer_;
  const Context& context_;
  Decision decision_;
};

}  // namespace

std::string CauseOf(int64_t referral_id) { return absl::StrCat("referral:", referral_id); }

absl::Time AddDays(absl::Time time, int64_t days, const absl::TimeZone& zone) {
  if (days == 0) return time;
  const absl::TimeZone::CivilInfo local = zone.At(time);
  const absl::CivilDay day = absl::CivilDay(local.cs) + days;
  const absl::CivilSecond then(day.year(), day.month(), day.day(), local.cs.hour(), local.cs.minute(),
                               local.cs.second());
  const absl::TimeZone::TimeInfo readings = zone.At(then);
  return std::max(readings.pre, readings.post) + local.subsecond;
}

absl::StatusOr<Referral> Claim(const Campaign& campaign, const Code& code, const std::string& friend_id,
                               bool has_bought, const Context& context) {
  if (friend_id == code.member_id) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kSelfReferral,
                  "The code is the friend's own; it is for somebody else.", {{"code", code.code}});
  }
  LOYALTY_RETURN_IF_ERROR(CheckTakesClaims(campaign, context.now));
  if (has_bought && !campaign.terms.existing_buyers_allowed) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kFriendIsExistingBuyer,
                  "The friend has bought before; the campaign is for new customers.",
                  {{"friend_id", friend_id}, {"campaign_id", campaign.id}});
  }
  Referral referral;
  referral.campaign_id = campaign.id;
  referral.campaign_version = campaign.version;
  referral.code = code.code;
  referral.referrer_id = code.member_id;
  referral.friend_id = friend_id;
  referral.claim_time = context.now;
  referral.expire_time = AddDays(context.now, campaign.terms.attribution_days, context.zone);
  return referral;
}

absl::Status FriendAlreadyClaimed(const Referral& standing) {
  return Refuse(absl::StatusCode::kAlreadyExists, reason::kFriendAlreadyClaimed,
                "The friend was claimed before; a friend is claimed once in a program.",
                {{"friend_id", standing.friend_id}, {"referral_id", absl::StrCat(standing.id)}});
}

absl::Status ReferralNotFound(absl::string_view key, absl::string_view value) {
  return Refuse(absl::StatusCode::kNotFound, reason::kReferralNotFound,
                absl::StrCat("There is no referral with this ", key, "."),
                {{std::string(key), std::string(value)}});
}

absl::Status OrderIdReused(absl::string_view order_id) {
  return Refuse(absl::StatusCode::kAlreadyExists, reason::kOrderIdReused,
                "The order has qualified another friend; each order is one member's.",
                {{"order_id", std::string(order_id)}});
}

Decision RecordSignUp(Case& of, absl::Time sign_up_time, const Context& context) {
  Deciding deciding(of, context);
  deciding.CatchUp();
  if (!of.referral.sign_up_time) {
    of.referral.sign_up_time = sign_up_time;
    deciding.Changed();
  }
  if (of.terms.trigger == Trigger::kSignUp && deciding.Waits() && sign_up_time < of.referral.expire_time) {
    deciding.Qualify(sign_up_time, StateReason::kSignedUp);
  }
  return deciding.Take();
}

Decision RecordPurchase(Case& of, const Purchase& purchase, const Context& context) {
  Deciding deciding(of, context);
  deciding.CatchUp();
  Referral& referral = of.referral;
  if (!deciding.Waits()) return deciding.Take();
  if (purchase.time < referral.claim_time - kClockTolerance) {
    if (!of.terms.existing_buyers_allowed && referral.state == ReferralState::kClaimed) {
      deciding.Move(ReferralState::kRejected, StateReason::kExistingBuyer);
    }
  } else if (of.terms.trigger == Trigger::kFirstPurchase && purchase.time < referral.expire_time &&
             purchase.amount_minor >= of.terms.minimum_amount_minor) {
    referral.order_id = purchase.order_id;
    referral.order_amount_minor = purchase.amount_minor;
    deciding.Qualify(purchase.time, StateReason::kPurchased);
  }
  return deciding.Take();
}

Decision RecordReturn(Case& of, const ReturnedOrder& order, const Context& context) {
  Deciding deciding(of, context);
  deciding.CatchUp();
  const Referral& referral = of.referral;
  const bool counts = referral.state == ReferralState::kHeld || referral.state == ReferralState::kRewarded;
  // An order of nothing that comes back comes back whole.
  const ReturnedShare share =
      order.total_minor > 0
          ? ReturnedShare{std::min(order.returned_minor, order.total_minor), order.total_minor}
          : ReturnedShare{1, 1};
  if (counts && referral.order_id == order.order_id && IsMore(share, referral.returned_share)) {
    deciding.Return(share);
  }
  return deciding.Take();
}

Decision CatchUp(Case& of, const Context& context) {
  Deciding deciding(of, context);
  deciding.CatchUp();
  return deciding.Take();
}

std::optional<absl::Time> DueTime(const Referral& referral) {
  if (referral.state == ReferralState::kClaimed) return referral.expire_time;
  if (referral.state == ReferralState::kHeld) return referral.hold_until_time;
  return std::nullopt;
}

int64_t StandingPoints(int64_t points, const ReturnedShare& share) {
  if (IsWhole(share)) return 0;
  return points - static_cast<int64_t>(absl::int128(points) * share.returned / share.total);
}

int64_t StandingFriendAward(const Referral& referral) {
  if (!referral.reward_time) return 0;
  return StandingPoints(referral.friend_points, referral.returned_share);
}

int64_t StandingReferrerAward(const Referral& referral) {
  if (!referral.reward_time) return 0;
  return StandingPoints(referral.referrer_points, referral.returned_share);
}

Progress ProgressOf(const Terms& terms, const Referrer& referrer) {
  Progress progress;
  const int64_t next = referrer.qualified + 1;
  for (const Bracket& bracket : terms.brackets) {
    if (bracket.from_referral <= next) {
      ++progress.bracket;
      progress.bracket_points = bracket.points;
    } else {
      progress.referrals_to_next_bracket = bracket.from_referral - next;
      progress.next_bracket_points = bracket.points;
      break;
    }
  }
  const auto ahead = std::find_if(terms.milestones.begin(), terms.milestones.end(),
                                  [&](const Milestone& m) { return m.referrals > referrer.rewarded; });
  if (ahead != terms.milestones.end()) {
    progress.referrals_to_next_milestone = ahead->referrals - referrer.rewarded;
    progress.next_milestone_points = ahead->points;
  }
  return progress;
}

}  // namespace loyalty::referral
