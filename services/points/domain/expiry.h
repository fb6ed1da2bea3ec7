// When points lapse.
//
//   Points earned on 31 January under ROLLING, 1 month: usable through 28 (or 29) February.
//
// All days are those of the program's time zone. A time of expiry is the midnight at which the last usable
// day ends (the first moment of the next day, where the zone has no midnight): from then on the points are
// gone. It always lies after the award, and a later award never lapses earlier.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>

#include "common/status/status.h"

namespace loyalty::points {

enum class ExpiryKind {
  kNever = 1,
  kRolling = 2,    // so many months or days after they were earned
  kFixedDay = 3,   // on a day of the year
  kInactivity = 4  // all points of a member, so many months after the last earning or spending
};
enum class RoundUp { kNone = 1, kMonthEnd = 2, kQuarterEnd = 3, kYearEnd = 4 };

struct ExpiryPolicy {
  ExpiryKind kind = ExpiryKind::kNever;
  int32_t months = 0;  // kRolling (or days), kInactivity: 1 to kMaxExpiryMonths
  int32_t days = 0;    // kRolling (or months): 1 to kMaxExpiryDays
  RoundUp round_up =
      RoundUp::kNone;  // kRolling: the last usable day moves to the end of its month, quarter or year
  int32_t month = 0;   // kFixedDay: the last usable day of each year; 29 February is 28 in common years
  int32_t day = 0;
  absl::Time since = absl::InfinitePast();  // kInactivity: no time before counts
  bool operator==(const ExpiryPolicy&) const = default;
};
inline constexpr int32_t kMaxExpiryMonths = 1'200;
inline constexpr int32_t kMaxExpiryDays = 36'500;

// Adds everything that is wrong with a policy; fields are named below `field`, as in the contract:
// rolling_months, rolling_days, round_up, fixed_day.month, fixed_day.day, inactivity_months.
void ValidateExpiry(const ExpiryPolicy& policy, const std::string& field, Violations& violations);

// When points that were earned at `earned` lapse; the infinite future for kNever and kInactivity. Months are
// counted from the local day of the award, clamped to the last day of the month. kFixedDay: the first such
// day that is not before the award's.
absl::Time ExpireTime(const ExpiryPolicy& policy, absl::Time earned, const absl::TimeZone& zone);

// A policy takes the place of another, for new points only: if it lets points lapse by inactivity, or sooner
// than before, the time before `now` does not count. So nobody loses points by the change itself.
void BeginInactivity(const ExpiryPolicy& before, absl::Time now, ExpiryPolicy& after);

// When all points of a member lapse who earned or spent last at `active`; the infinite future, unless the
// policy is kInactivity.
absl::Time InactiveTime(const ExpiryPolicy& policy, absl::Time active, const absl::TimeZone& zone);

}  // namespace loyalty::points
