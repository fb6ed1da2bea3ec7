// Earn rules: what purchases and other deeds earn beyond the program's base rate.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/status/status.h"
#include "services/points/domain/labels.h"

namespace loyalty::points {

// An exact factor, above 1.
struct Multiplier {
  int64_t numerator = 0;    // above the denominator, at most kMaxMultiplierTerm
  int64_t denominator = 0;  // above zero
  bool operator==(const Multiplier&) const = default;
};
inline constexpr int64_t kMaxMultiplierTerm = 1'000'000;

enum class BirthdayWindow { kAny = 0, kDay = 1, kWeek = 2, kMonth = 3 };

// All that are given have to hold. A list that is not empty asks for one of its values. Days and hours are
// those of the program's time zone, times those of the deed. A weekday is that of the deed's own day: on
// Friday from 22 to 2 are Friday's first two hours and its last two.
struct EarnConditions {
  absl::Time start = absl::InfinitePast();
  absl::Time end = absl::InfiniteFuture();  // the deed is before it
  std::vector<int32_t> weekdays;            // 1 Monday to 7 Sunday
  int32_t hour_start = 0;                   // 0 to 23
  int32_t hour_end = 24;                    // 1 to 24; not after hour_start: over midnight; the same: all day
  std::vector<std::string> channels;
  std::vector<std::string> locations;
  // Which lines of the order count. None given: the whole order, without lines too. Otherwise the lines whose
  // sku or category is included (no includes: all) and that nothing excludes; at least one has to.
  std::vector<std::string> skus;
  std::vector<std::string> categories;
  std::vector<std::string> excluded_skus;
  std::vector<std::string> excluded_categories;
  int64_t minimum_order_minor = 0;  // of the whole order
  std::string member_label;         // the member carries it at the deed's time; a plan's benefit is one too
  std::string segment;
  std::vector<std::string> tier_ids;
  BirthdayWindow birthday = BirthdayWindow::kAny;  // kWeek: Monday to Sunday around it
  bool first_purchase = false;
  int64_t every_nth_purchase = 0;  // 0: no matter; n: the n-th, 2n-th, …; at most kMaxEveryNth
  std::vector<std::string> order_labels;
  // Given: for such deeds only, and nothing that only orders have may be asked; otherwise for purchases only.
  std::string activity_type;
  bool operator==(const EarnConditions&) const = default;
};

// The effects. Points of each: 1 to kMaxRulePoints.
struct PointsPerUnit {  // for every `per_major_units` units of the currency of the lines that count
  int64_t points = 0;
  int64_t per_major_units = 1;
  bool operator==(const PointsPerUnit&) const = default;
};
struct FixedPoints {  // once for the deed
  int64_t points = 0;
  bool operator==(const FixedPoints&) const = default;
};
struct PointsPerItem {  // for every piece of the lines that count
  int64_t points = 0;
  bool operator==(const PointsPerItem&) const = default;
};
// To a charity's account, beside what the member earns: so many, or a share of what the base rate gives,
// before it is rounded, for the lines that count.
struct Donation {
  std::string charity_id;
  int64_t points = 0;             // 0: the share
  int64_t share_numerator = 0;    // at most the denominator
  int64_t share_denominator = 1;  // at most kMaxMultiplierTerm
  bool operator==(const Donation&) const = default;
};

inline constexpr int64_t kMaxRulePoints = 1'000'000'000;
inline constexpr int64_t kMaxEveryNth = 1'000'000;
inline constexpr int32_t kMaxPriority = 1'000'000;

// When the points of a rule can be spent. A donation's: at once.
enum class MaturityKind { kAtOnce = 0, kDays = 1, kConfirmation = 2 };
struct Maturity {
  MaturityKind kind = MaturityKind::kAtOnce;
  int32_t days = 0;  // kDays: so many times 24 hours after the deed; 1 to kMaxMaturityDays
  bool operator==(const Maturity&) const = default;
};
inline constexpr int32_t kMaxMaturityDays = 366;

// The most points that a rule gives; 0: no limit. Of the rule, whatever its version. What is more than
// per_order is cut off. A donation has no limits for a member.
struct EarnLimits {
  int64_t per_order = 0;
  int64_t per_member_day = 0;
  int64_t per_member_week = 0;
  int64_t per_member_month = 0;
  int64_t per_member = 0;
  int64_t budget = 0;  // to all members together, for ever
  // Of a limit for a member, or of the budget, what is left is given; otherwise nothing, if less is left than
  // the award.
  bool partial = false;
  bool operator==(const EarnLimits&) const = default;
};

using RuleLimits = std::map<std::string, EarnLimits>;  // by rule

struct EarnRule {
  std::string id;  // the caller's
  int32_t version = 1;
  std::string display_name;
  EarnConditions conditions;
  // monostate: not given, which ValidateRule refuses
  std::variant<std::monostate, Multiplier, PointsPerUnit, FixedPoints, PointsPerItem, Donation> effect;
  Maturity maturity;
  EarnLimits limits;
  // Of the rules of a group only the one counts that gives most, its limits applied; a donation competes with
  // donations. Empty: of its own.
  std::string group;
  int32_t priority = 0;    // 0 to kMaxPriority; among equals of a group the highest, then the first by id
  absl::Time create_time;  // of this version
  std::optional<absl::Time> replace_time;  // when a newer version took its place
  std::optional<absl::Time> archive_time;  // of the newest version; neither given: in force
};

// Why a rule gave nothing to the member, or that it did.
enum class RuleOutcome {
  kApplied = 1,
  kTime = 2,
  kWeekdayOrHour = 3,
  kChannel = 4,
  kLocation = 5,
  kNoLine = 6,
  kMinimumOrder = 7,
  kMemberLabel = 8,
  kSegment = 9,
  kTier = 10,
  kBirthday = 11,
  kNotFirstPurchase = 12,
  kNotNthPurchase = 13,
  kOrderLabel = 14,
  kOtherDeed = 15,  // for purchases only, or for activities of another type
  kBetterInGroup = 16,
  kMemberLimit = 17,
  kBudget = 18,
  kNothing = 19,    // applied, and came to 0 points
  kNoCharity = 20,  // would give to somebody who is no member
};
struct Considered {
  std::string rule_id;
  int32_t version = 0;
  RuleOutcome outcome = RuleOutcome::kApplied;
  bool operator==(const Considered&) const = default;
};

inline constexpr char kBaseRule[] = "base";         // the program's base rate
inline constexpr char kTierRulePrefix[] = "tier:";  // with the tier's id: what its multiplier adds
inline constexpr size_t kMaxRulesInForce = 100;
inline constexpr size_t kMaxConditionValues = 100;  // in one list of a condition

// True if both say the same; version and times do not count.
bool SameRule(const EarnRule& a, const EarnRule& b);

// Adds everything that is wrong with a rule.
void ValidateRule(const EarnRule& rule, Violations& violations);

}  // namespace loyalty::points
