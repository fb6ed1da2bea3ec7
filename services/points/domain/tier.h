// Tiers: what a member's standing is worth, how it is reached, and how it is lost.
//
// A member's own tier is the higher of two: the one that the progress which counts now earns, and the one
// that is carried over from before. So it goes up at once, when the progress reaches a threshold, and what is
// taken back (a return) lowers it at once to what is left earns, but never below what was carried over.
//
// Years. A new period begins with no progress. If the tier that was earned in the ended one is the member's,
// it is carried over into the new period, to its end. If it is lower, the member's tier is carried over for
// `grace_days` days, in which the new progress may reach it; from then on only the tier below it (kOneTier)
// or the one earned in the ended period (kToEarned) is. A grace ends at the latest with its period.
//   kCalendarYear     from 1 January, local midnight
//   kMembershipYear   from each anniversary of the enrolment's local day (29 February: 28 in common years)
// What occurred before the period (a late arrival, a return of an older purchase) changes nothing; what lies
// ahead of now counts as if it occurred now.
//   Silver from 500, gold from 2,000, kToEarned, 31 days. 2,000 in May 2025: gold, and through 2026. 600 in
//   2026: gold until 1 February 2027, then silver through 2027. Had 2,000 been spent in January 2027: gold
//   all along. Had they been returned in January: silver on 1 February; in March: silver at once.
//
// kRolling12Months. What a local day D brought counts until the midnight that begins D + 12 months (clamped);
// so do late arrivals, returns and what lies ahead. If the sum falls below the tier's threshold because a day
// stops counting, a grace of `grace_days` begins at that midnight. Then the tier drops to what the sum earns
// then (kToEarned), or by one (kOneTier); if that is still more than it earns, another grace of the same
// length, at least a day, follows, and so on. If within it the threshold is reached and lost again at a
// midnight, it begins anew; if what reached it is taken back, the first one goes on.
//   Gold from 2,000, 30 days. 1,500 on 29 February 2024 and 500 on 1 June: gold from 1 June. On 28 February
//   2025 the 1,500 stop counting: gold until 30 March 2025, unless 1,500 more are spent before.
//
// kLifetime. All progress counts, no end, no grace: only returns lower a tier.
//
// An override shows another tier than the member's own until its end, whatever the progress. The own one goes
// on beneath it; when it rises above the tier that is shown, it is shown, and falls again with the own one,
// but not below the override's. So an override to a lower tier holds too, until the member reaches a higher
// one anew. At its end the tier is the member's own.
//   Silver of one's own, gold by override until 1 July, platinum earned in May: platinum, in July too.
//
// A standing may have been written under another policy. Every function here first makes it one of the
// policy's, as if that had been in force since the standing was last touched:
//   - a tier that the policy does not have is none, and ends an override to it;
//   - a tier that other thresholds or another metric would not give is carried over: to the end of its
//     period, for a grace that begins now (kRolling12Months), for good (kLifetime). One that they would give
//     is given;
//   - progress of a year counts for kRolling12Months as of the year's first day, or for another kind of year
//     until the first end of one after its start; days become the year that holds the last of them, or are
//     summed up for kLifetime; lifetime progress counts as of now;
//   - without tiers there is no standing: the tier, what is carried over and an override are gone, and
//     nothing is counted. Progress from before stays as it is.
// So a change of policy needs AdvanceTier once, at its time; NextTierTime knows nothing of it.
#pragma once

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/status/status.h"

namespace loyalty::points {

enum class TierMetric { kPointsEarned = 1, kMoneySpent = 2, kPurchases = 3 };
enum class TierPeriod { kCalendarYear = 1, kRolling12Months = 2, kMembershipYear = 3, kLifetime = 4 };
enum class Downgrade { kOneTier = 1, kToEarned = 2 };

struct Tier {
  std::string id;
  std::string display_name;
  int64_t threshold = 0;             // in points, minor units or purchases; above zero
  int64_t multiplier_numerator = 1;  // of the base award; at least the denominator
  int64_t multiplier_denominator = 1;
  std::vector<std::string> labels;  // carried by members of the tier, for earn rules
  bool operator==(const Tier&) const = default;
};
inline constexpr size_t kMaxTiers = 20;
inline constexpr size_t kMaxTierLabels = 20;
inline constexpr int32_t kMaxGraceDays = 366;

struct TierPolicy {
  TierMetric metric = TierMetric::kMoneySpent;
  TierPeriod period = TierPeriod::kCalendarYear;
  Downgrade downgrade = Downgrade::kToEarned;
  int32_t grace_days = 0;
  std::vector<Tier> tiers;  // thresholds ascending, no two alike; empty: the program has no tiers
  bool operator==(const TierPolicy&) const = default;
};

// What counts for tiers; kept in full, whatever the metric, so that the metric may change. What is counted is
// never below 0, and stops at the largest int64: what is taken back from there is taken from that.
struct Progress {
  int64_t points = 0;
  int64_t money_minor = 0;
  int64_t purchases = 0;
  bool operator==(const Progress&) const = default;
};

// A member's standing, as it is stored.
struct Standing {
  struct Day {
    absl::CivilDay day;
    Progress progress;
    bool operator==(const Day&) const = default;
  };
  struct Override {
    std::string tier_id;  // empty: no tier
    absl::Time until;
    bool operator==(const Override&) const = default;
  };
  std::string tier_id;                             // that is shown; empty: none
  absl::Time since = absl::InfinitePast();         // when it became `tier_id`; the past: there was never one
  std::string carried_tier_id;                     // the tier that is kept without new progress; empty: none
  absl::Time period_start = absl::InfinitePast();  // of `progress`; kRolling12Months, kLifetime: not used
  Progress progress;                               // in the current period; kRolling12Months: not used
  std::vector<Day> days;                           // kRolling12Months: those that count, ascending
  absl::Time drop_time = absl::InfiniteFuture();   // the end of the grace that is under way
  std::string drop_tier_id;                        // what is carried over from then on; empty: nothing
  std::optional<Override> override_;
  bool operator==(const Standing&) const = default;
};

// Where and for whom tiers are counted.
struct TierScene {
  const TierPolicy& policy;
  const absl::TimeZone& zone;
  absl::Time enroll_time;
};

// Adds everything that is wrong with a policy; fields are named below `field`.
void ValidateTiers(const TierPolicy& policy, const std::string& field, Violations& violations);

// The tier with this id; null if there is none.
const Tier* FindTier(const TierPolicy& policy, const std::string& tier_id);

// When something is due next in a standing that is up to date: a period's end, a day that stops counting and
// costs the own tier, the end of a grace or of an override. The infinite future: nothing; so for who has no
// tier, where a period's end changes nothing that is not seen to later. The tier that is shown need not
// change then.
absl::Time NextTierTime(const TierScene& scene, const Standing& standing);

// Does what is due up to `time`, one after the other, the earliest first; NextTierTime is later then. To see
// each change by itself, go from one NextTierTime to the next.
void AdvanceTier(const TierScene& scene, absl::Time time, Standing& standing);

// Counts what occurred at `occurred`; `now` is not before the standing is up to date to, and what is due up
// to it is done first. The tier changes at once, where it does.
void AddProgress(const TierScene& scene, const Progress& progress, absl::Time occurred, absl::Time now,
                 Standing& standing);

// Takes back what was counted at `counted`, in the same way: from the period in which it was.
void TakeProgress(const TierScene& scene, const Progress& progress, absl::Time occurred, absl::Time counted,
                  absl::Time now, Standing& standing);

// Begins an override, in place of one that holds; or with nothing ends it: the tier becomes the member's own.
// One that ends by `now`, or is to a tier that the policy does not have, changes nothing.
void OverrideTier(const TierScene& scene, const std::optional<Standing::Override>& wanted, absl::Time now,
                  Standing& standing);

// Two members are one person, and `into` goes on. It counts what was counted for either, and the better tier
// stays:
//   - progress adds up: day by day (kRolling12Months), or that of the year which is under way for each of
//     them; where their membership years differ, all of it counts in the one of `into`;
//   - of what is carried over, the better tier stays, with its grace; of two alike the one that is kept
//     longer;
//   - of two overrides the one to the better tier goes on, of two alike the one that ends later; one to no
//     tier only where it was;
//   - the better of the tiers that the two showed is shown, or the own one, if that is better than `into`'s.
// `from` need not be up to date.
void MergeStandings(const TierScene& from_scene, Standing from, const TierScene& scene, absl::Time now,
                    Standing& into);

// What a member can be told.
struct TierOutlook {
  absl::Time until = absl::InfiniteFuture();  // nothing lowers the tier before it, if nothing more is counted
  Progress progress;                          // that counts now
  std::string next_tier_id;                   // empty: there is no higher one
  int64_t missing_for_next = 0;               // in the metric's unit
  // What is missing to earn the tier in the current period (in a grace: the new one). kRolling12Months: what
  // is missing for the sum to stay at the threshold when next a day stops counting that costs it, or in a
  // grace to reach it. 0: nothing.
  int64_t missing_to_keep = 0;
};
TierOutlook OutlookOf(const TierScene& scene, const Standing& standing, absl::Time now);

}  // namespace loyalty::points
