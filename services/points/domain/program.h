// A loyalty program: the rules that its members' points follow.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "services/points/domain/earn_rule.h"
#include "services/points/domain/expiry.h"
#include "services/points/domain/tier.h"

namespace loyalty::points {

enum class RoundingMode { kFloor = 1, kHalfUp = 2, kHalfEven = 3 };
enum class EnrollmentMode { kOpen = 1, kExplicit = 2 };

// `points` for every `per_major_units` units of the program's currency; an exact fraction.
struct EarnRate {
  int64_t points = 1;           // 0 to kMaxRateTerm
  int64_t per_major_units = 1;  // 1 to kMaxRateTerm
  bool operator==(const EarnRate&) const = default;
};
inline constexpr int64_t kMaxRateTerm = 1'000'000'000;

// What a return may take when the order's own points are spent.
enum class ReturnPolicy {
  kPendingOnly = 1,    // the order's points, pending and available ones; nothing else
  kWithinBalance = 2,  // the member's other points too; the balance never falls below 0
  kAllowNegative = 3   // what is missing is owed, and repaid by the next earnings
};

// Points as payment.
struct SpendingPolicy {
  int64_t points = 0;                   // so many points …
  int64_t worth_minor = 0;              // … pay so many minor units; 0: points are not tied to amounts
  int64_t minimum_order_minor = 0;      // of an order that points pay for
  int32_t largest_share_percent = 100;  // of an order that points may pay
  int32_t grace_days = 0;  // points that come back expired live so many days more; 0: they come back expired
  bool operator==(const SpendingPolicy&) const = default;
};

// Of points between members.
struct TransferPolicy {
  bool allowed = false;
  int64_t most_points = 0;      // in one transfer; 0: no limit
  int64_t most_points_day = 0;  // sent by a member in a local day; 0: no limit
  int32_t fee_percent = 0;      // of what is sent, rounded up; the sender pays it on top
  bool operator==(const TransferPolicy&) const = default;
};

// What becomes of the points of a member who leaves.
enum class ClosurePolicy { kForfeit = 1, kKeep = 2 };

// Points on days that members celebrate; 0: none.
struct CelebrationPolicy {
  int64_t birthday_points = 0;
  int64_t anniversary_points = 0;  // of the enrolment
  bool operator==(const CelebrationPolicy&) const = default;
};

// An expiry policy that holds for all points that were there at a time, too.
struct ExpiryChange {
  absl::Time time;
  ExpiryPolicy policy;
  bool operator==(const ExpiryChange&) const = default;
};
inline constexpr size_t kMaxExpiryChanges = 100;

// What the ledger follows beside the rules.
struct Policies {
  ExpiryPolicy expiry;
  ReturnPolicy returns = ReturnPolicy::kWithinBalance;
  SpendingPolicy spending;
  TierPolicy tiers;
  TransferPolicy transfers;
  ClosurePolicy closure = ClosurePolicy::kForfeit;
  CelebrationPolicy celebrations;
  std::vector<ExpiryChange> expiry_changes;  // the latest last
  bool operator==(const Policies&) const = default;
};

struct Program {
  int32_t key = 0;  // ours; comes first in every key of the schema
  std::string id;   // the caller's
  std::string display_name;
  std::string currency_code;
  std::string time_zone;
  std::string points_singular = "point";
  std::string points_plural = "points";
  EarnRate base_earn_rate;
  RoundingMode rounding_mode = RoundingMode::kFloor;
  EnrollmentMode enrollment_mode = EnrollmentMode::kOpen;
  Policies policies;
  absl::Time create_time;
  absl::Time update_time;  // also of the rules
  // When policies last changed that accounts are brought through; the infinite past: never.
  absl::Time tiers_changed = absl::InfinitePast();
  absl::Time celebrations_changed = absl::InfinitePast();
  std::optional<absl::Time> test_time;  // of a program with a test clock: where it stands
  std::vector<EarnRule> rules;          // in force, by id; only where purchases are decided
  absl::TimeZone zone;                  // that `time_zone` names; where programs are loaded
};

// True if both have the same settings, a test clock included; key, times and rules do not count.
bool SameSettings(const Program& a, const Program& b);

// True if something else is due on accounts by the one policies than by the other.
bool DueAlike(const Policies& a, const Policies& b);
// When the policies last changed in such a way, by the clock of the server that did it; the infinite past:
// never.
absl::Time LastChange(const Program& program);
// The program became another at `now`: keeps that time, where accounts are brought through the change.
void NoteChanges(const Program& before, absl::Time now, Program& after);

// Adds everything that is wrong with the policies.
void ValidatePolicies(const Policies& policies, Violations& violations);
// Adds everything that is wrong with a program, its policies too.
void ValidateProgram(const Program& program, Violations& violations);

}  // namespace loyalty::points
