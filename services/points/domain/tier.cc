#include "services/points/domain/tier.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "common/calendar/calendar.h"
#include "common/validate/check.h"
#include "services/points/domain/earn_rule.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

// A tier by its place: 0 is none, n the n-th of the policy. One that the policy does not have is none.
using Level = size_t;

Level LevelOf(const TierPolicy& policy, const std::string& tier_id) {
  for (size_t i = 0; i < policy.tiers.size(); ++i) {
    if (policy.tiers[i].id == tier_id) return i + 1;
  }
  return 0;
}

std::string IdOf(const TierPolicy& policy, Level level) {
  return level == 0 ? std::string() : policy.tiers[level - 1].id;
}

int64_t ThresholdOf(const TierPolicy& policy, Level level) { return policy.tiers[level - 1].threshold; }

bool IsYear(const TierPolicy& policy) {
  return policy.period == TierPeriod::kCalendarYear || policy.period == TierPeriod::kMembershipYear;
}
bool IsRolling(const TierPolicy& policy) { return policy.period == TierPeriod::kRolling12Months; }

// From 0 to the largest int64.
int64_t Sum(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::numeric_limits<int64_t>::max();  // a >= 0
  return std::max<int64_t>(sum, 0);
}

Progress Sum(const Progress& a, const Progress& b) {
  return {Sum(a.points, b.points), Sum(a.money_minor, b.money_minor), Sum(a.purchases, b.purchases)};
}

int64_t Measure(const TierPolicy& policy, const Progress& progress) {
  switch (policy.metric) {
    case TierMetric::kPointsEarned:
      return progress.points;
    case TierMetric::kMoneySpent:
      return progress.money_minor;
    case TierMetric::kPurchases:
      return progress.purchases;
  }
  return 0;
}

Progress SumOfDays(const Standing& standing) {
  Progress sum;
  for (const Standing::Day& day : standing.days) sum = Sum(sum, day.progress);
  return sum;
}

Progress Counting(const TierPolicy& policy, const Standing& standing) {
  return IsRolling(policy) ? SumOfDays(standing) : standing.progress;
}

// What the progress that counts earns.
Level Earned(const TierPolicy& policy, const Standing& standing) {
  const int64_t value = Measure(policy, Counting(policy, standing));
  Level level = 0;
  while (level < policy.tiers.size() && policy.tiers[level].threshold <= value) ++level;
  return level;
}

Level Carried(const TierPolicy& policy, const Standing& standing) {
  return LevelOf(policy, standing.carried_tier_id);
}

Level Own(const TierPolicy& policy, const Standing& standing) {
  return std::max(Carried(policy, standing), Earned(policy, standing));
}

// Beginnings of years, by days.
absl::CivilDay YearStart(const TierScene& scene, absl::CivilDay day) {
  if (scene.policy.period == TierPeriod::kCalendarYear) return absl::CivilDay(day.year());
  const absl::CivilDay first = LocalDay(scene.enroll_time, scene.zone);
  const int64_t years = day.year() - first.year();
  const absl::CivilDay start = AddMonths(first, 12 * years);
  return start <= day ? start : AddMonths(first, 12 * (years - 1));
}

absl::Time YearStart(const TierScene& scene, absl::Time time) {
  return StartOfDay(YearStart(scene, LocalDay(time, scene.zone)), scene.zone);
}

// Of the year that is under way at `time`. A year is over before 13 months.
absl::Time YearEnd(const TierScene& scene, absl::Time time) {
  const absl::CivilDay day = LocalDay(time, scene.zone);
  return StartOfDay(YearStart(scene, AddMonths(YearStart(scene, day), 13)), scene.zone);
}

// From when on a day no longer counts.
absl::Time StopTime(const TierScene& scene, absl::CivilDay day) {
  return StartOfDay(AddMonths(day, 12), scene.zone);
}

void Prune(const TierScene& scene, absl::Time now, Standing& standing) {
  const absl::CivilDay today = LocalDay(now, scene.zone);
  const auto counts = [&](const Standing::Day& day) { return today < AddMonths(day.day, 12); };
  standing.days.erase(standing.days.begin(),
                      std::find_if(standing.days.begin(), standing.days.end(), counts));
}

// When the sum of the days falls below the tier's threshold. If it is below it already, which only another
// policy can bring about, when it next falls at all.
absl::Time FallTime(const TierScene& scene, const Standing& standing, Level level) {
  int64_t sum = 0;  // of the newest days: with which of them is the threshold reached?
  for (auto day = standing.days.rbegin(); day != standing.days.rend(); ++day) {
    sum = Sum(sum, Measure(scene.policy, day->progress));
    if (sum >= ThresholdOf(scene.policy, level)) return StopTime(scene, day->day);
  }
  return standing.days.empty() ? absl::InfiniteFuture() : StopTime(scene, standing.days.front().day);
}

bool InGrace(const Standing& standing) { return standing.drop_time != absl::InfiniteFuture(); }

// Ends the grace, if there is one: from now on less is carried over.
void Drop(const TierPolicy& policy, Standing& standing) {
  if (!InGrace(standing)) return;
  const Level carried = Carried(policy, standing);
  const Level most = carried == 0 ? 0 : carried - 1;  // under another policy the order may be another
  standing.carried_tier_id = IdOf(policy, std::min(LevelOf(policy, standing.drop_tier_id), most));
  standing.drop_time = absl::InfiniteFuture();
  standing.drop_tier_id.clear();
}

// Carries `level` over for so many days; with none, the drop is at once. `earned` is what kToEarned drops to.
void BeginGrace(const TierScene& scene, Level level, Level earned, absl::Time from, int32_t days,
                Standing& standing) {
  const bool one_tier = scene.policy.downgrade == Downgrade::kOneTier;
  standing.carried_tier_id = IdOf(scene.policy, level);
  standing.drop_tier_id = IdOf(scene.policy, one_tier ? level - 1 : earned);
  standing.drop_time = StartOfDay(LocalDay(from, scene.zone) + days, scene.zone);
  if (standing.drop_time <= from) Drop(scene.policy, standing);
}

// kRolling12Months: what is carried over and no longer earned has a grace; what is earned is not carried
// over. kToEarned drops to nothing, as what is earned is the member's anyway.
void Regrade(const TierScene& scene, absl::Time now, int32_t days, Standing& standing) {
  while (!InGrace(standing)) {
    const Level carried = Carried(scene.policy, standing);
    if (carried <= Earned(scene.policy, standing)) return standing.carried_tier_id.clear();
    BeginGrace(scene, carried, 0, now, days, standing);
    days = std::max(days, 1);  // one tier a midnight
  }
}

void EndYear(const TierScene& scene, absl::Time end, Standing& standing) {
  const TierPolicy& policy = scene.policy;
  Drop(policy, standing);
  const Level own = Own(policy, standing), earned = Earned(policy, standing);
  standing.progress = Progress{};
  standing.period_start = end;
  standing.carried_tier_id = IdOf(policy, own);
  if (earned < own) BeginGrace(scene, own, earned, end, policy.grace_days, standing);
}

void SetTier(const TierPolicy& policy, Level level, absl::Time now, Standing& standing) {
  std::string id = IdOf(policy, level);
  if (id == standing.tier_id) return;
  standing.tier_id = std::move(id);
  standing.since = now;
}

// Shows what the own tier has become that was `before`.
void Show(const TierPolicy& policy, Level before, absl::Time now, Standing& standing) {
  const Level own = Own(policy, standing);
  if (!standing.override_) return SetTier(policy, own, now, standing);
  Level shown = LevelOf(policy, standing.tier_id);
  if (own > before) shown = std::max(shown, own);
  if (own < before) shown = std::min(shown, own);
  SetTier(policy, std::max(shown, LevelOf(policy, standing.override_->tier_id)), now, standing);
}

// Does what is due at `time`, before which nothing is.
void Step(const TierScene& scene, absl::Time time, Standing& standing) {
  const TierPolicy& policy = scene.policy;
  const Level before = Own(policy, standing);
  if (standing.override_ && standing.override_->until <= time) standing.override_.reset();
  if (IsRolling(policy)) {
    const bool earned = Earned(policy, standing) >= before;
    Prune(scene, time, standing);
    if (earned && Earned(policy, standing) < before) {
      BeginGrace(scene, before, 0, time, policy.grace_days, standing);
    } else if (standing.drop_time <= time) {
      Drop(policy, standing);
    }
    Regrade(scene, time, std::max(policy.grace_days, 1), standing);
  } else if (IsYear(policy)) {
    const absl::Time end = YearEnd(scene, standing.period_start);
    if (standing.drop_time <= time) Drop(policy, standing);
    if (end <= time) EndYear(scene, end, standing);
  }
  Show(policy, before, time, standing);
}

// True if a standing has the form that the policy's period asks for.
bool Fits(const TierPolicy& policy, const Standing& standing) {
  const bool dated = standing.period_start != absl::InfinitePast();
  if (IsRolling(policy)) return !dated && standing.progress == Progress{};
  return dated == IsYear(policy) && standing.days.empty();
}

void AddToDay(absl::CivilDay day, const Progress& progress, Standing& standing) {
  const auto before = [](const Standing::Day& one, absl::CivilDay wanted) { return one.day < wanted; };
  auto place = std::lower_bound(standing.days.begin(), standing.days.end(), day, before);
  if (place == standing.days.end() || place->day != day) place = standing.days.insert(place, {day, {}});
  place->progress = Sum(place->progress, progress);
  if (place->progress == Progress{}) standing.days.erase(place);
}

void ToYear(const TierScene& scene, absl::Time now, Standing& standing) {
  if (standing.period_start == absl::InfinitePast()) {
    if (!standing.days.empty()) now = StartOfDay(standing.days.back().day, scene.zone);
    standing.period_start = YearStart(scene, now);
  }
  const absl::CivilDay first = LocalDay(standing.period_start, scene.zone);
  for (const Standing::Day& day : standing.days) {
    if (day.day >= first) standing.progress = Sum(standing.progress, day.progress);
  }
  standing.days.clear();
}

void ToRolling(const TierScene& scene, absl::Time now, Standing& standing) {
  const bool dated = standing.period_start != absl::InfinitePast();
  AddToDay(LocalDay(dated ? standing.period_start : now, scene.zone), standing.progress, standing);
  standing.period_start = absl::InfinitePast();
  standing.progress = Progress{};
}

void ToLifetime(Standing& standing) {
  standing.progress = Sum(standing.progress, SumOfDays(standing));
  standing.days.clear();
  standing.period_start = absl::InfinitePast();
}

// Makes a standing that was written under another policy one of this.
void Adopt(const TierScene& scene, absl::Time now, Standing& standing) {
  const TierPolicy& policy = scene.policy;
  if (!Fits(policy, standing)) {
    if (IsRolling(policy)) ToRolling(scene, now, standing);
    if (IsYear(policy)) ToYear(scene, now, standing);
    if (policy.period == TierPeriod::kLifetime) ToLifetime(standing);
  }
  if (policy.period == TierPeriod::kLifetime) {
    standing.drop_time = absl::InfiniteFuture();
    standing.drop_tier_id.clear();
  }
  if (standing.override_ && !standing.override_->tier_id.empty() &&
      LevelOf(policy, standing.override_->tier_id) == 0) {
    standing.override_.reset();
  }
  const Level shown = LevelOf(policy, standing.tier_id), own = Own(policy, standing);
  if (!standing.override_ && shown > own) standing.carried_tier_id = standing.tier_id;
  if (IsRolling(policy)) Regrade(scene, now, policy.grace_days, standing);
  Show(policy, own, now, standing);
}

void EndStanding(absl::Time now, Standing& standing) {
  standing.override_.reset();
  standing.carried_tier_id.clear();
  standing.drop_tier_id.clear();
  standing.drop_time = absl::InfiniteFuture();
  SetTier(TierPolicy{}, 0, now, standing);
}

// Brings a standing up to date.
void Settle(const TierScene& scene, absl::Time now, Standing& standing) {
  if (scene.policy.tiers.empty()) return EndStanding(now, standing);
  Adopt(scene, now, standing);
  for (absl::Time due = NextTierTime(scene, standing); due <= now; due = NextTierTime(scene, standing)) {
    Step(scene, due, standing);
  }
  if (IsRolling(scene.policy)) Prune(scene, now, standing);
  // A year's end is not due for who has no tier.
  if (IsYear(scene.policy) && YearEnd(scene, standing.period_start) <= now) {
    standing.period_start = YearStart(scene, now);
    standing.progress = Progress{};
  }
}

// What is carried over when a grace is over, or else now.
Level Lasting(const TierPolicy& policy, const Standing& standing) {
  return LevelOf(policy, InGrace(standing) ? standing.drop_tier_id : standing.carried_tier_id);
}

void AddCarried(const TierPolicy& policy, const Standing& from, Standing& into) {
  const Level lasting = std::max(Lasting(policy, from), Lasting(policy, into));
  if (std::pair(Carried(policy, from), from.drop_time) > std::pair(Carried(policy, into), into.drop_time)) {
    into.carried_tier_id = from.carried_tier_id;
    into.drop_time = from.drop_time;
  }
  into.drop_tier_id = IdOf(policy, InGrace(into) ? lasting : 0);
}

void AddOverride(const TierPolicy& policy, const Standing& from, Standing& into) {
  if (!from.override_ || from.override_->tier_id.empty()) return;
  const auto worth = [&](const Standing::Override& one) {
    return std::pair(LevelOf(policy, one.tier_id), one.until);
  };
  if (!into.override_ || worth(*from.override_) > worth(*into.override_)) into.override_ = from.override_;
}

// When the tier that is shown is lost, if nothing more is counted.
absl::Time LossTime(const TierScene& scene, Standing standing) {
  const Level level = LevelOf(scene.policy, standing.tier_id);
  if (level == 0) return absl::InfiniteFuture();
  for (;;) {
    const absl::Time due = NextTierTime(scene, standing);
    if (due == absl::InfiniteFuture()) return due;
    Step(scene, due, standing);
    if (LevelOf(scene.policy, standing.tier_id) < level) return due;
  }
}

int64_t MissingToKeep(const TierScene& scene, const Standing& standing, Level level) {
  if (level == 0) return 0;
  const TierPolicy& policy = scene.policy;
  int64_t value = Measure(policy, Counting(policy, standing));
  if (IsRolling(policy) && value >= ThresholdOf(policy, level)) {
    Standing then = standing;
    Prune(scene, FallTime(scene, standing, level), then);
    value = Measure(policy, Counting(policy, then));
  }
  return std::max<int64_t>(ThresholdOf(policy, level) - value, 0);
}

void CheckLabels(Violations& violations, const std::string& field, const std::vector<std::string>& labels) {
  if (!CheckCount(violations, field, labels.size(), kMaxTierLabels)) return;
  for (size_t i = 0; i < labels.size(); ++i) {
    CheckText(violations, absl::StrCat(field, "[", i, "]"), labels[i], kMaxNameBytes, Presence::kRequired);
  }
}

void CheckTier(Violations& violations, const std::string& field, const Tier& tier) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  CheckSlug(violations, field + ".tier_id", tier.id);
  CheckText(violations, field + ".display_name", tier.display_name, kMaxDisplayNameBytes,
            Presence::kRequired);
  CheckRange(violations, field + ".threshold", tier.threshold, 1, kMost);
  const std::string factor = field + ".multiplier";
  // A numerator that is too small is told of as the multiplier.
  CheckRange(violations, factor + ".numerator", tier.multiplier_numerator, INT64_MIN, kMaxMultiplierTerm);
  CheckRange(violations, factor + ".denominator", tier.multiplier_denominator, 1, kMaxMultiplierTerm);
  if (tier.multiplier_denominator > 0 && tier.multiplier_numerator < tier.multiplier_denominator) {
    violations.Add(factor, reason::kMultiplierTooSmall, "must be at least 1.");
  }
  CheckLabels(violations, field + ".labels", tier.labels);
}

}  // namespace

void ValidateTiers(const TierPolicy& policy, const std::string& field, Violations& violations) {
  CheckRange(violations, field + ".grace_days", policy.grace_days, 0, kMaxGraceDays);
  if (!CheckCount(violations, field + ".tiers", policy.tiers.size(), kMaxTiers)) return;
  std::set<std::string> ids;
  for (size_t i = 0; i < policy.tiers.size(); ++i) {
    const std::string one = absl::StrCat(field, ".tiers[", i, "]");
    CheckTier(violations, one, policy.tiers[i]);
    if (!policy.tiers[i].id.empty() && !ids.insert(policy.tiers[i].id).second) {
      violations.Add(one + ".tier_id", reason::kDuplicate, "is that of another tier.");
    }
    if (i > 0 && policy.tiers[i].threshold <= policy.tiers[i - 1].threshold) {
      violations.Add(
          one + ".threshold", reason::kMalformed,
          absl::StrCat("must be above that of the tier before it, ", policy.tiers[i - 1].threshold, "."));
    }
  }
}

const Tier* FindTier(const TierPolicy& policy, const std::string& tier_id) {
  const Level level = LevelOf(policy, tier_id);
  return level == 0 ? nullptr : &policy.tiers[level - 1];
}

absl::Time NextTierTime(const TierScene& scene, const Standing& standing) {
  const TierPolicy& policy = scene.policy;
  if (policy.tiers.empty()) return absl::InfiniteFuture();
  const absl::Time next = standing.override_ ? standing.override_->until : absl::InfiniteFuture();
  const Level earned = Earned(policy, standing);
  Level own = std::max(earned, Carried(policy, standing));
  // Without an override they are the same, unless the policy has changed.
  if (!standing.override_) own = std::max(own, LevelOf(policy, standing.tier_id));
  if (own == 0 || policy.period == TierPeriod::kLifetime) return next;
  const absl::Time sooner = std::min(next, standing.drop_time);
  const bool dated = standing.period_start != absl::InfinitePast();
  if (IsRolling(policy)) {
    if (dated) return std::min(sooner, StopTime(scene, LocalDay(standing.period_start, scene.zone)));
    return own > earned && InGrace(standing) ? sooner : std::min(sooner, FallTime(scene, standing, own));
  }
  if (dated) return std::min(sooner, YearEnd(scene, standing.period_start));
  if (standing.days.empty()) return sooner;
  return std::min(sooner, YearEnd(scene, StartOfDay(standing.days.back().day, scene.zone)));
}

void AdvanceTier(const TierScene& scene, absl::Time time, Standing& standing) {
  Settle(scene, time, standing);
}

void AddProgress(const TierScene& scene, const Progress& progress, absl::Time occurred, absl::Time now,
                 Standing& standing) {
  Settle(scene, now, standing);
  const TierPolicy& policy = scene.policy;
  if (policy.tiers.empty()) return;
  const Level before = Own(policy, standing);
  if (!IsRolling(policy)) {
    if (occurred >= standing.period_start) standing.progress = Sum(standing.progress, progress);
  } else if (const absl::CivilDay day = LocalDay(occurred, scene.zone); StopTime(scene, day) > now) {
    AddToDay(day, progress, standing);
  }
  Show(policy, before, now, standing);
}

void TakeProgress(const TierScene& scene, const Progress& progress, absl::Time occurred, absl::Time counted,
                  absl::Time now, Standing& standing) {
  const Progress taken{-progress.points, -progress.money_minor, -progress.purchases};
  // What lay ahead was counted on its day, but in the year that was under way.
  AddProgress(scene, taken, IsRolling(scene.policy) ? occurred : std::min(occurred, counted), now, standing);
}

void OverrideTier(const TierScene& scene, const std::optional<Standing::Override>& wanted, absl::Time now,
                  Standing& standing) {
  Settle(scene, now, standing);
  const TierPolicy& policy = scene.policy;
  const Level level = wanted ? LevelOf(policy, wanted->tier_id) : Own(policy, standing);
  const bool unknown = wanted && level == 0 && !wanted->tier_id.empty();
  if (policy.tiers.empty() || unknown || (wanted && wanted->until <= now)) return;
  standing.override_ = wanted;
  SetTier(policy, level, now, standing);
}

void MergeStandings(const TierScene& from_scene, Standing from, const TierScene& scene, absl::Time now,
                    Standing& into) {
  const TierPolicy& policy = scene.policy;
  Settle(from_scene, now, from);
  Settle(scene, now, into);
  const Level before = Own(policy, into);
  into.progress = Sum(into.progress, from.progress);
  for (const Standing::Day& day : from.days) AddToDay(day.day, day.progress, into);
  if (policy.tiers.empty()) {  // from before there were none
    into.period_start = std::max(into.period_start, from.period_start);
    return;
  }
  AddCarried(policy, from, into);
  if (IsRolling(policy)) Regrade(scene, now, policy.grace_days, into);
  AddOverride(policy, from, into);
  Level shown = std::max(LevelOf(policy, from.tier_id), LevelOf(policy, into.tier_id));
  if (!into.override_ || Own(policy, into) > before) shown = std::max(shown, Own(policy, into));
  if (into.override_) shown = std::max(shown, LevelOf(policy, into.override_->tier_id));
  SetTier(policy, shown, now, into);
}

TierOutlook OutlookOf(const TierScene& scene, const Standing& standing, absl::Time now) {
  const TierPolicy& policy = scene.policy;
  TierOutlook outlook;
  Standing today = standing;
  Settle(scene, now, today);
  if (policy.tiers.empty()) return outlook;
  const Level level = LevelOf(policy, today.tier_id);
  outlook.until = LossTime(scene, today);
  outlook.progress = Counting(policy, today);
  if (outlook.until != absl::InfiniteFuture()) outlook.missing_to_keep = MissingToKeep(scene, today, level);
  if (level < policy.tiers.size()) {
    const int64_t missing = ThresholdOf(policy, level + 1) - Measure(policy, outlook.progress);
    outlook.next_tier_id = IdOf(policy, level + 1);
    outlook.missing_for_next = std::max<int64_t>(missing, 0);
  }
  return outlook;
}

}  // namespace loyalty::points
