// Random histories: what tier.h keeps, pruned and by due times, must be what a naive model finds that keeps
// every deed and looks at everything anew at each local midnight.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "common/calendar/calendar.h"
#include "services/points/domain/tier.h"

namespace loyalty::points {
namespace {

using Day = absl::CivilDay;
using Override = Standing::Override;

struct Deed {
  Progress progress;
  absl::Time occurred;
  absl::Time recorded;
};

// The same day so many years later; of 29 February 28 in common years.
Day SameDay(Day day, int64_t years) {
  const Day same(day.year() + years, day.month(), day.day());
  return same.month() == day.month() ? same : same - 1;
}

class Naive {
 public:
  Naive(const TierScene& scene, absl::Time now)
      : scene_(scene), policy_(scene.policy), now_(now), today_(LocalDay(now, scene.zone)) {}

  const std::string& tier_id() const { return tier_id_; }
  absl::Time since() const { return since_; }

  // The next local midnight, or the override's end if that is sooner.
  absl::Time NextMoment() const {
    const absl::Time midnight = StartOfDay(today_ + 1, scene_.zone);
    return override_ ? std::min(midnight, override_->until) : midnight;
  }

  void GoTo(absl::Time time) {
    const int before = Own();
    if (override_ && override_->until <= time) override_.reset();
    now_ = time;
    if (const Day day = LocalDay(time, scene_.zone); day != today_) {
      today_ = day;
      if (policy_.period == TierPeriod::kRolling12Months) RollTo(before);
    }
    Look(before);
  }

  void Add(const Deed& deed) {
    const int before = Own();
    deeds_.push_back(deed);
    days_.push_back(LocalDay(deed.occurred, scene_.zone));
    Look(before);
  }

  void SetOverride(const std::optional<Override>& wanted) {
    override_ = wanted;
    SetTier(wanted ? Number(wanted->tier_id) : Own());
  }

 private:
  int Number(const std::string& id) const {
    for (size_t i = 0; i < policy_.tiers.size(); ++i) {
      if (policy_.tiers[i].id == id) return static_cast<int>(i) + 1;
    }
    return 0;
  }

  void SetTier(int number) {
    const std::string id = number == 0 ? "" : policy_.tiers[number - 1].id;
    if (id != tier_id_) since_ = now_;
    tier_id_ = id;
  }

  void Look(int before) {
    const int own = Own(), shown = Number(tier_id_);
    if (!override_) return SetTier(own);
    const int least = Number(override_->tier_id);
    if (own > before) SetTier(std::max(shown, own));
    if (own < before && shown > own) SetTier(std::max(least, own));
  }

  int64_t Measured(const Progress& progress) const {
    return policy_.metric == TierMetric::kPointsEarned ? progress.points
           : policy_.metric == TierMetric::kMoneySpent ? progress.money_minor
                                                       : progress.purchases;
  }

  // What is earned by deeds of the days from `first` to before `last`, recorded before `recorded`.
  int EarnedIn(Day first, Day last, absl::Time recorded) const {
    int64_t sum = 0;
    for (size_t i = 0; i < deeds_.size(); ++i) {
      if (first <= days_[i] && days_[i] < last && deeds_[i].recorded < recorded) {
        sum += Measured(deeds_[i].progress);
      }
    }
    return Reached(sum);
  }

  int Reached(int64_t sum) const {
    int number = 0;
    for (const Tier& tier : policy_.tiers) number += tier.threshold <= sum ? 1 : 0;
    return number;
  }

  int Own() const {
    switch (policy_.period) {
      case TierPeriod::kLifetime:
        return EarnedIn(Day::min(), Day::max(), absl::InfiniteFuture());
      case TierPeriod::kRolling12Months:
        return std::max(held_, EarnedOn(today_));
      default:
        return OwnOfYear();
    }
  }

  // Year by year from before the first deed.
  int OwnOfYear() const {
    const Day enrolled = LocalDay(scene_.enroll_time, scene_.zone);
    const Day anchor = policy_.period == TierPeriod::kCalendarYear ? Day(enrolled.year()) : enrolled;
    int kept = 0, kept_after_grace = 0;
    for (int64_t year = -3;; ++year) {
      const Day start = SameDay(anchor, year), end = SameDay(anchor, year + 1);
      if (today_ < end) {
        const Day first = LocalDay(StartOfDay(start, scene_.zone), scene_.zone);  // `start` may be skipped
        const int carried = today_ < first + policy_.grace_days ? kept : kept_after_grace;
        return std::max(carried, EarnedIn(start, end, absl::InfiniteFuture()));
      }
      const int earned = EarnedIn(start, end, StartOfDay(end, scene_.zone));
      kept = std::max(kept_after_grace, earned);
      kept_after_grace = earned == kept                              ? kept
                         : policy_.downgrade == Downgrade::kToEarned ? earned
                                                                     : kept - 1;
    }
  }

  // By the 12 months before `day`, it included.
  int EarnedOn(Day day) const {
    int64_t sum = 0;
    for (size_t i = 0; i < deeds_.size(); ++i) {
      if (day < SameDay(days_[i], 1)) sum += Measured(deeds_[i].progress);
    }
    return Reached(sum);
  }

  void RollTo(int before) {
    const bool one_tier = policy_.downgrade == Downgrade::kOneTier;
    const int now = EarnedOn(today_);
    if (earned_before_ == before && now < before) {
      held_ = before;
      held_until_ = today_ + policy_.grace_days;
    }
    if (held_ > 0 && today_ >= held_until_) {
      held_ = one_tier ? held_ - 1 : 0;
      if (held_ <= now) held_ = 0;
      held_until_ = today_ + std::max(policy_.grace_days, 1);
    }
  }

 public:
  // What the last 12 months earned before the midnight that comes.
  void RememberEarned() { earned_before_ = EarnedOn(today_); }

 private:
  const TierScene& scene_;
  const TierPolicy& policy_;
  absl::Time now_;
  Day today_;
  std::vector<Deed> deeds_;
  std::vector<Day> days_;  // of the deeds
  std::optional<Override> override_;
  std::string tier_id_;
  absl::Time since_ = absl::InfinitePast();
  int held_ = 0;  // kRolling12Months: by a grace
  Day held_until_;
  int earned_before_ = 0;
};

enum class Kind { kPurchase, kLate, kReturn, kOverride, kEndOverride, kNothing };

struct Step {
  Kind kind = Kind::kPurchase;
  int hours = 0;  // that pass before it
  int days = 0;   // back, of what arrives late; of an override
  int amount = 0;
  int which = 0;  // of the purchases or tiers
};

std::ostream& operator<<(std::ostream& out, const Step& s) {
  constexpr const char* kNames[] = {"purchase", "late", "return", "override", "end override", "nothing"};
  return out << "\n{after " << s.hours << " h " << kNames[static_cast<int>(s.kind)] << " " << s.amount << ", "
             << s.days << " days, number " << s.which << "}";
}

rc::Gen<Step> AStep() {
  using rc::gen::inRange;
  const auto kinds = rc::gen::weightedElement<Kind>({{6, Kind::kPurchase},
                                                     {2, Kind::kLate},
                                                     {3, Kind::kReturn},
                                                     {1, Kind::kOverride},
                                                     {1, Kind::kEndOverride},
                                                     {1, Kind::kNothing}});
  const auto hours = rc::gen::oneOf(inRange(0, 49), inRange(0, 24 * 40), inRange(0, 24 * 400));
  return rc::gen::build<Step>(rc::gen::set(&Step::kind, kinds), rc::gen::set(&Step::hours, hours),
                              rc::gen::set(&Step::days, inRange(0, 420)),
                              rc::gen::set(&Step::amount, inRange(1, 30)),
                              rc::gen::set(&Step::which, inRange(0, 20)));
}

std::string Print(const TierPolicy& policy) {
  std::string text =
      absl::StrCat("metric ", static_cast<int>(policy.metric), " period ", static_cast<int>(policy.period),
                   " downgrade ", static_cast<int>(policy.downgrade), " grace ", policy.grace_days, " tiers");
  for (const Tier& tier : policy.tiers) absl::StrAppend(&text, " ", tier.id, " from ", tier.threshold);
  return text;
}

TierPolicy APolicy() {
  TierPolicy policy;
  policy.metric =
      *rc::gen::element(TierMetric::kPointsEarned, TierMetric::kMoneySpent, TierMetric::kPurchases);
  policy.period = *rc::gen::element(TierPeriod::kCalendarYear, TierPeriod::kRolling12Months,
                                    TierPeriod::kMembershipYear, TierPeriod::kLifetime);
  policy.downgrade = *rc::gen::element(Downgrade::kOneTier, Downgrade::kToEarned);
  policy.grace_days = *rc::gen::element(0, 1, 10, 90, 365, 366);
  int64_t threshold = 0;
  for (const int add :
       *rc::gen::container<std::vector<int>>(*rc::gen::inRange(1, 5), rc::gen::inRange(1, 25))) {
    Tier tier;
    threshold += policy.metric == TierMetric::kPurchases ? (add + 7) / 8 : add;
    tier.threshold = threshold;
    tier.id = tier.display_name = std::string(1, static_cast<char>('a' + policy.tiers.size()));
    policy.tiers.push_back(tier);
  }
  RC_LOG() << Print(policy) << "\n";
  return policy;
}

// Where zones do something odd: leap days, skipped days and midnights, clocks set back over midnight.
struct Place {
  const char* zone;
  Day enrolled;
};

absl::TimeZone ZoneOf(const Place& place) {
  absl::TimeZone zone;
  RC_ASSERT(absl::LoadTimeZone(place.zone, &zone));
  return zone;
}

Place APlace() {
  Place place = *rc::gen::element(
      Place{"Europe/Rome", Day(2024, 2, 29)}, Place{"America/New_York", Day(2023, 3, 12)},
      Place{"America/Sao_Paulo", Day(2016, 11, 4)}, Place{"Pacific/Apia", Day(2010, 12, 30)},
      Place{"Pacific/Kiritimati", Day(1992, 12, 31)}, Place{"America/St_Johns", Day(2007, 11, 4)},
      Place{"Asia/Kathmandu", Day(2025, 1, 1)});
  place.enrolled += *rc::gen::element(0, 0, 1, -1, 59, 300);
  RC_LOG() << place.zone << " from " << absl::FormatCivilTime(place.enrolled) << "\n";
  return place;
}

// Deeds of a history, of which some are returned.
class Deeds {
 public:
  // What a step counts; nothing if there is nothing to return.
  std::optional<Deed> Of(const Step& step, absl::Time now) {
    if (step.kind == Kind::kReturn) return Return(step, now);
    Deed deed{{step.amount, 2 * step.amount, 1}, now, now};
    if (step.kind == Kind::kNothing) deed.progress = Progress{};
    if (step.kind == Kind::kLate) deed.occurred -= absl::Hours(24 * step.days);
    if (step.kind != Kind::kNothing) open_.push_back(deed);
    return deed;
  }

 private:
  // A part of a purchase, or all that is left.
  std::optional<Deed> Return(const Step& step, absl::Time now) {
    if (open_.empty()) return std::nullopt;
    const size_t place = open_.size() - 1 - static_cast<size_t>(step.which) % open_.size();
    Deed& purchase = open_[place];
    Deed deed{{}, purchase.occurred, now};
    const int64_t points = std::min<int64_t>(step.amount, purchase.progress.points);
    const bool all = points == purchase.progress.points;
    deed.progress = {-points, -2 * points, all ? -1 : 0};
    purchase.progress.points -= points;
    if (all) open_.erase(open_.begin() + static_cast<int64_t>(place));
    return deed;
  }

  std::vector<Deed> open_;
};

std::optional<Override> OverrideOf(const TierPolicy& policy, const Step& step, absl::Time now) {
  if (step.kind == Kind::kEndOverride) return std::nullopt;
  const size_t number = static_cast<size_t>(step.which) % (policy.tiers.size() + 1);
  return Override{number == 0 ? "" : policy.tiers[number - 1].id, now + absl::Hours(1 + step.days * 20)};
}

bool IsOverride(const Step& step) { return step.kind == Kind::kOverride || step.kind == Kind::kEndOverride; }

// Takes due times one by one; each has to be later than the one before.
void Advance(const TierScene& scene, absl::Time time, Standing& standing) {
  for (absl::Time due = NextTierTime(scene, standing); due <= time;) {
    AdvanceTier(scene, due, standing);
    const absl::Time next = NextTierTime(scene, standing);
    RC_ASSERT(next > due);
    due = next;
  }
}

void Do(const TierScene& scene, const Step& step, const std::optional<Deed>& deed, absl::Time now,
        Standing& standing) {
  if (IsOverride(step)) return OverrideTier(scene, OverrideOf(scene.policy, step, now), now, standing);
  if (deed) AddProgress(scene, deed->progress, deed->occurred, now, standing);
}

// Midnight by midnight to a time, with the tier the same at each.
void Walk(const TierScene& scene, absl::Time time, Naive& naive, Standing& standing) {
  for (absl::Time moment = naive.NextMoment(); moment <= time; moment = naive.NextMoment()) {
    naive.RememberEarned();
    naive.GoTo(moment);
    Advance(scene, moment, standing);
    RC_ASSERT(standing.tier_id == naive.tier_id());
    RC_ASSERT(standing.since == naive.since());
  }
}

RC_GTEST_PROP(TierProperty, AgreesWithANaiveModel, ()) {
  const TierPolicy policy = APolicy();
  const Place place = APlace();
  const absl::TimeZone zone = ZoneOf(place);
  const absl::Time enrolled = StartOfDay(place.enrolled, zone) + absl::Hours(*rc::gen::inRange(0, 23));
  const TierScene scene{policy, zone, enrolled};
  absl::Time now = enrolled;
  Naive naive(scene, now);
  Deeds deeds;
  Standing standing, idle;  // `idle` is looked at only when something happens
  bool rose = false, fell = false;
  for (const Step& step : *rc::gen::container<std::vector<Step>>(*rc::gen::inRange(1, 25), AStep())) {
    now += absl::Hours(step.hours);
    Walk(scene, now, naive, standing);
    naive.GoTo(now);
    Advance(scene, now, standing);
    const std::optional<Deed> deed = IsOverride(step) ? std::nullopt : deeds.Of(step, now);
    const std::string before = standing.tier_id;
    Do(scene, step, deed, now, standing);
    Do(scene, step, deed, now, idle);
    if (IsOverride(step)) naive.SetOverride(OverrideOf(policy, step, now));
    if (deed) naive.Add(*deed);
    RC_ASSERT(standing.tier_id == naive.tier_id());
    RC_ASSERT(standing.since == naive.since());
    RC_ASSERT(NextTierTime(scene, standing) > now);
    if (IsOverride(step) || deed) RC_ASSERT(idle == standing);
    RC_ASSERT(std::is_sorted(standing.days.begin(), standing.days.end(),
                             [](const auto& a, const auto& b) { return a.day < b.day; }));
    rose = rose || standing.tier_id > before;
    fell = fell || standing.tier_id < before;
  }
  Walk(scene, now + absl::Hours(24 * 800), naive, standing);
  RC_CLASSIFY(rose, "rose");
  RC_CLASSIFY(fell, "fell by a deed");
}

RC_GTEST_PROP(TierProperty, TheOutlookComesTrue, ()) {
  const TierPolicy policy = APolicy();
  const Place place = APlace();
  const absl::TimeZone zone = ZoneOf(place);
  absl::Time now = StartOfDay(place.enrolled, zone);
  const TierScene scene{policy, zone, now};
  Deeds deeds;
  Standing standing;
  for (const Step& step : *rc::gen::container<std::vector<Step>>(*rc::gen::inRange(1, 10), AStep())) {
    now += absl::Hours(step.hours);
    Do(scene, step, IsOverride(step) ? std::nullopt : deeds.Of(step, now), now, standing);
  }
  now += absl::Hours(*rc::gen::inRange(0, 24 * 400));
  AdvanceTier(scene, now, standing);
  const TierOutlook outlook = OutlookOf(scene, standing, now);
  const auto place_of = [&](const std::string& id) {
    const Tier* tier = FindTier(policy, id);
    return tier == nullptr ? -1 : tier - policy.tiers.data();
  };

  Standing later = standing;
  const auto loses = [&] { return place_of(later.tier_id) < place_of(standing.tier_id); };
  const absl::Time end = std::min(outlook.until, now + absl::Hours(24 * 366 * 10));
  AdvanceTier(scene, end - absl::Microseconds(1), later);
  RC_ASSERT(!loses());
  AdvanceTier(scene, end, later);
  RC_ASSERT(loses() == (outlook.until == end));

  const auto with = [&](int64_t missing) {
    Standing more = standing;
    AddProgress(scene, {missing, missing, missing}, now, now, more);
    return more;
  };
  if (!standing.override_ && !outlook.next_tier_id.empty()) {
    RC_ASSERT(outlook.missing_for_next > 0);
    RC_ASSERT(with(outlook.missing_for_next).tier_id == outlook.next_tier_id);
    RC_ASSERT(with(outlook.missing_for_next - 1).tier_id == standing.tier_id);
  }
  // What is earned today has to count longer than what there is.
  const auto stops = [&](Day day) { return StartOfDay(SameDay(day, 1), zone); };
  const bool today_counts =
      standing.days.empty() || stops(standing.days.back().day) < stops(LocalDay(now, zone));
  const Standing enough = with(outlook.missing_to_keep);
  const bool same = !standing.override_ && enough.tier_id == standing.tier_id;  // and no higher one
  if (same && today_counts && outlook.missing_to_keep > 0) {
    RC_CLASSIFY(true, "something was missing");
    RC_ASSERT(OutlookOf(scene, enough, now).until > outlook.until);
    RC_ASSERT(OutlookOf(scene, with(outlook.missing_to_keep - 1), now).until == outlook.until);
  }
}

RC_GTEST_PROP(TierProperty, AnyChangeOfPolicySettles, ()) {
  const Place place = APlace();
  const absl::TimeZone zone = ZoneOf(place);
  absl::Time now = StartOfDay(place.enrolled, zone);
  const absl::Time enrolled = now;
  TierPolicy policy = APolicy();
  Deeds deeds;
  Standing standing;
  for (const Step& step : *rc::gen::container<std::vector<Step>>(*rc::gen::inRange(1, 25), AStep())) {
    if (*rc::gen::inRange(0, 3) == 0) {
      policy = APolicy();
      const size_t gone = static_cast<size_t>(*rc::gen::inRange(0, 5));
      if (gone < policy.tiers.size()) policy.tiers.erase(policy.tiers.begin() + static_cast<int64_t>(gone));
      if (*rc::gen::arbitrary<bool>()) {
        for (size_t i = 0; i < policy.tiers.size() / 2; ++i) {
          std::swap(policy.tiers[i].id, policy.tiers[policy.tiers.size() - 1 - i].id);
        }
      }
    }
    const TierScene scene{policy, zone, enrolled};
    now += absl::Hours(step.hours);
    if (*rc::gen::arbitrary<bool>()) Advance(scene, now, standing);
    OutlookOf(scene, standing, now);
    Do(scene, step, IsOverride(step) ? std::nullopt : deeds.Of(step, now), now, standing);
    AddProgress(scene, {}, now, now, standing);

    RC_ASSERT(standing.tier_id.empty() || FindTier(policy, standing.tier_id) != nullptr);
    RC_ASSERT(NextTierTime(scene, standing) > now);
    Standing again = standing;
    AddProgress(scene, {}, now, now, again);
    RC_ASSERT(again == standing);
    AdvanceTier(scene, now, again);
    RC_ASSERT(again == standing);
    if (policy.tiers.empty()) RC_ASSERT(standing.tier_id.empty() && !standing.override_);
  }
}

}  // namespace
}  // namespace loyalty::points
