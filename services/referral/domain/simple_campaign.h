// A referral campaign that keeps everything that happened to one referrer's friends and counts anew each
// time, and random steps to compare it with: it shares no code with referral.cc. Times are UTC.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <ostream>
#include <utility>
#include <vector>

#include "services/referral/domain/campaign.h"

namespace loyalty::referral {

inline constexpr int kFriends = 12;

struct Step {
  int kind = 0;  // only claim, buy, buy, return, catch up, buy from the past, buy by a clock that is behind
  int friend_number = 0;
  int amount = 0;  // of 30
  int hours = 0;   // how far the clock moves before
};

inline std::ostream& operator<<(std::ostream& out, const Step& s) {
  static const char* kKinds[] = {"claim", "buy", "buy", "return", "catch up", "buy before", "buy behind"};
  return out << "\n{" << kKinds[s.kind] << " friend " << s.friend_number << " amount " << s.amount
             << " after " << s.hours << " h}";
}

inline rc::Gen<Step> AnyStep() {
  const auto kind = rc::gen::weightedElement<int>({{1, 0}, {3, 1}, {3, 2}, {3, 3}, {2, 4}, {1, 5}, {1, 6}});
  const auto amount = rc::gen::weightedOneOf<int>({{2, rc::gen::inRange(0, 31)}, {1, rc::gen::just(30)}});
  return rc::gen::build<Step>(
      rc::gen::set(&Step::kind, kind), rc::gen::set(&Step::friend_number, rc::gen::inRange(0, kFriends)),
      rc::gen::set(&Step::amount, amount), rc::gen::set(&Step::hours, rc::gen::inRange(0, 24)));
}

inline Terms AnyTerms() {
  Terms terms;
  terms.display_name = "any";
  terms.trigger = Trigger::kFirstPurchase;
  terms.minimum_amount_minor = *rc::gen::inRange<int64_t>(0, 10);
  terms.attribution_days = *rc::gen::inRange<int64_t>(1, 30);
  terms.hold_days = *rc::gen::inRange<int64_t>(0, 5);
  terms.friend_points = *rc::gen::inRange<int64_t>(0, 20);
  // Half of the caps are none.
  const auto cap = [](int64_t most) { return std::max<int64_t>(0, *rc::gen::inRange(-most, most)); };
  terms.caps = {cap(8), cap(6), cap(4) * 40};
  terms.existing_buyers_allowed = *rc::gen::arbitrary<bool>();
  for (int64_t from = 1; from < 8; from += *rc::gen::inRange<int64_t>(1, 5)) {
    terms.brackets.push_back({from, *rc::gen::inRange<int64_t>(0, 40)});
  }
  for (int64_t at = 1; at < 8; at += *rc::gen::inRange<int64_t>(1, 5)) {
    terms.milestones.push_back({at, *rc::gen::inRange<int64_t>(1, 50)});
  }
  return terms;
}

// When a step's purchase was made, by the shop's clock.
inline absl::Time TimeOf(const Step& step, absl::Time now) {
  if (step.kind == 5) return now - absl::Hours(step.amount * 5);
  if (step.kind == 6) return now - absl::Minutes(step.amount);
  return now;
}

// One friend in the model: what happened, nothing that was counted.
struct Friend {
  bool claimed = false;
  int claim_number = 0;  // 1, 2, 3, …
  bool rejected = false, qualified = false, granted = false;
  absl::Time claim_time, qualify_time, due_time;
  int64_t ordinal = 0, promise = 0, returned = 0, total = 1;
  bool Fell() const { return returned >= total; }
  int64_t Keeps(int64_t points) const { return points - points * returned / total; }
};

class SimpleCampaign {
 public:
  explicit SimpleCampaign(Terms terms) : terms_(std::move(terms)) {}

  void Claim(int f, absl::Time now) {
    friends_[f] = {.claimed = true, .claim_number = ++claims_, .claim_time = now};
  }

  void Buy(int f, int64_t amount, absl::Time time, absl::Time now) {
    Friend& one = friends_[f];
    CatchUp(f, now);
    if (!one.claimed || one.qualified || one.rejected) return;
    const absl::Time end = one.claim_time + absl::Hours(24 * terms_.attribution_days);
    const bool before = time < one.claim_time - absl::Minutes(5);
    if (before) one.rejected = !terms_.existing_buyers_allowed && now < end;
    if (before || time >= end || amount < terms_.minimum_amount_minor) return;
    time = std::max(time, one.claim_time);
    one.ordinal =
        1 + std::count_if(friends_, friends_ + kFriends, [](const Friend& x) { return x.qualified; });
    one.promise = PromiseOf(one.ordinal, time);
    one.qualified = true;
    one.qualify_time = time;
    one.due_time = time + absl::Hours(24 * terms_.hold_days);
    CatchUp(f, now);
  }

  void Return(int f, int64_t returned, int64_t total, absl::Time now) {
    Friend& one = friends_[f];
    CatchUp(f, now);
    if (!one.qualified || one.Fell() || returned * one.total <= one.returned * total) return;
    one.returned = returned;
    one.total = total;
    for (auto it = milestones_.begin(); it != milestones_.end();) {
      it = it->first > Rewarded() ? milestones_.erase(it) : std::next(it);
    }
  }

  void CatchUp(int f, absl::Time now) {
    Friend& one = friends_[f];
    if (!one.qualified || one.granted || one.Fell() || now < one.due_time) return;
    one.granted = true;
    for (const Milestone& milestone : terms_.milestones) {
      if (milestone.referrals != Rewarded() || milestones_.count(milestone.referrals) > 0) continue;
      if (const int64_t points = Fitting(milestone.points); points > 0)
        milestones_[milestone.referrals] = points;
    }
  }

  // All friends, in the order in which their holds end.
  void CatchUp(absl::Time now) {
    std::vector<int> all(kFriends);
    std::iota(all.begin(), all.end(), 0);
    std::sort(all.begin(), all.end(), [&](int a, int b) {
      return std::pair(friends_[a].due_time, friends_[a].claim_number) <
             std::pair(friends_[b].due_time, friends_[b].claim_number);
    });
    for (const int f : all) CatchUp(f, now);
  }

  bool claimed(int f) const { return friends_[f].claimed; }
  const Friend& of(int f) const { return friends_[f]; }
  int64_t PointsOfFriend(int f) const {
    return friends_[f].granted ? friends_[f].Keeps(terms_.friend_points) : 0;
  }
  int64_t PointsOfReferrer() const {
    int64_t points = 0;
    for (const Friend& one : friends_) points += one.granted ? one.Keeps(one.promise) : 0;
    for (const auto& [referrals, paid] : milestones_) points += paid;
    return points;
  }
  int64_t Rewarded() const {
    return std::count_if(friends_, friends_ + kFriends,
                         [](const Friend& x) { return x.granted && !x.Fell(); });
  }

 private:
  int64_t PromiseOf(int64_t ordinal, absl::Time time) const {
    int64_t points = 0, paying = 0, paying_in_month = 0;
    for (const Bracket& bracket : terms_.brackets)
      points = ordinal >= bracket.from_referral ? bracket.points : points;
    for (const Friend& one : friends_) {
      if (!one.qualified || one.promise == 0 || one.Fell()) continue;
      ++paying;
      const auto month = [](absl::Time t) { return absl::ToCivilMonth(t, absl::UTCTimeZone()); };
      if (month(one.qualify_time) == month(time)) ++paying_in_month;
    }
    const Caps& caps = terms_.caps;
    if (caps.referrals_per_lifetime > 0 && paying >= caps.referrals_per_lifetime) return 0;
    if (caps.referrals_per_month > 0 && paying_in_month >= caps.referrals_per_month) return 0;
    return Fitting(points);
  }

  int64_t Fitting(int64_t points) const {
    if (terms_.caps.points_per_lifetime == 0) return points;
    int64_t promised = 0;
    for (const Friend& one : friends_) promised += one.qualified ? one.Keeps(one.promise) : 0;
    for (const auto& [referrals, paid] : milestones_) promised += paid;
    return std::clamp<int64_t>(terms_.caps.points_per_lifetime - promised, 0, points);
  }

  const Terms terms_;
  Friend friends_[kFriends];
  int claims_ = 0;
  std::map<int64_t, int64_t> milestones_;  // those that stand
};

}  // namespace loyalty::referral
