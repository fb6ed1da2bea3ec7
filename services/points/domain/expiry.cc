#include "services/points/domain/expiry.h"

#include <algorithm>

#include "common/calendar/calendar.h"
#include "common/validate/check.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

constexpr int kLeapYear = 2000;

void CheckRolling(Violations& violations, const std::string& field, const ExpiryPolicy& policy) {
  const std::string months = field + ".rolling_months", days = field + ".rolling_days";
  if (policy.months == 0 && policy.days == 0) {
    violations.Add(months, reason::kFieldRequired, "or rolling_days is required, above zero.");
    return;
  }
  if (policy.months != 0) CheckRange(violations, months, policy.months, 1, kMaxExpiryMonths);
  if (policy.days != 0) CheckRange(violations, days, policy.days, 1, kMaxExpiryDays);
  if (policy.months != 0 && policy.days != 0) {
    violations.Add(days, reason::kNotApplicable, "must not be given together with rolling_months.");
  }
}

void CheckFixedDay(Violations& violations, const std::string& field, const ExpiryPolicy& policy) {
  const bool month = CheckRange(violations, field + ".fixed_day.month", policy.month, 1, 12);
  const int last = month ? LastDayOfMonth(absl::CivilDay(kLeapYear, policy.month, 1)).day() : 31;
  CheckRange(violations, field + ".fixed_day.day", policy.day, 1, last);
}

// What belongs to another kind is a mistake, not something to ignore.
void CheckForeign(Violations& violations, const std::string& field, const ExpiryPolicy& policy) {
  const auto check = [&](const char* name, bool given, bool belongs) {
    if (given && !belongs)
      violations.Add(field + name, reason::kNotApplicable, "does not belong to this kind of expiry.");
  };
  const bool rolling = policy.kind == ExpiryKind::kRolling, fixed = policy.kind == ExpiryKind::kFixedDay;
  const bool inactivity = policy.kind == ExpiryKind::kInactivity;
  check(".rolling_months", policy.months != 0, rolling || inactivity);
  check(".rolling_days", policy.days != 0, rolling);
  check(".round_up", policy.round_up != RoundUp::kNone, rolling);
  check(".fixed_day.month", policy.month != 0, fixed);
  check(".fixed_day.day", policy.day != 0, fixed);
}

absl::CivilDay RoundedUp(absl::CivilDay day, RoundUp round_up) {
  switch (round_up) {
    case RoundUp::kNone:
      return day;
    case RoundUp::kMonthEnd:
      return LastDayOfMonth(day);
    case RoundUp::kQuarterEnd:
      return LastDayOfQuarter(day);
    case RoundUp::kYearEnd:
      return LastDayOfYear(day);
  }
  return day;
}

// The policy's day of a year.
absl::CivilDay FixedDayOf(const ExpiryPolicy& policy, absl::civil_year_t year) {
  const absl::CivilDay first(year, policy.month, 1);
  return std::min(first + (policy.day - 1), LastDayOfMonth(first));
}

absl::CivilDay NextFixedDay(const ExpiryPolicy& policy, absl::CivilDay earned) {
  const absl::CivilDay this_year = FixedDayOf(policy, earned.year());
  return earned <= this_year ? this_year : FixedDayOf(policy, earned.year() + 1);
}

absl::Time EndOf(absl::CivilDay last_usable, const absl::TimeZone& zone) {
  return StartOfDay(last_usable + 1, zone);
}

}  // namespace

void ValidateExpiry(const ExpiryPolicy& policy, const std::string& field, Violations& violations) {
  switch (policy.kind) {
    case ExpiryKind::kNever:
      break;
    case ExpiryKind::kRolling:
      CheckRolling(violations, field, policy);
      break;
    case ExpiryKind::kFixedDay:
      CheckFixedDay(violations, field, policy);
      break;
    case ExpiryKind::kInactivity:
      CheckRange(violations, field + ".inactivity_months", policy.months, 1, kMaxExpiryMonths);
      break;
  }
  CheckForeign(violations, field, policy);
}

absl::Time ExpireTime(const ExpiryPolicy& policy, absl::Time earned, const absl::TimeZone& zone) {
  switch (policy.kind) {
    case ExpiryKind::kRolling:
      return EndOf(RoundedUp(AddMonths(LocalDay(earned, zone), policy.months) + policy.days, policy.round_up),
                   zone);
    case ExpiryKind::kFixedDay:
      return EndOf(NextFixedDay(policy, LocalDay(earned, zone)), zone);
    case ExpiryKind::kNever:
    case ExpiryKind::kInactivity:
      break;
  }
  return absl::InfiniteFuture();
}

void BeginInactivity(const ExpiryPolicy& before, absl::Time now, ExpiryPolicy& after) {
  if (after.kind != ExpiryKind::kInactivity) return;
  const bool goes_on = before.kind == ExpiryKind::kInactivity && before.months <= after.months;
  after.since = goes_on ? before.since : now;
}

absl::Time InactiveTime(const ExpiryPolicy& policy, absl::Time active, const absl::TimeZone& zone) {
  if (policy.kind != ExpiryKind::kInactivity) return absl::InfiniteFuture();
  return EndOf(AddMonths(LocalDay(std::max(active, policy.since), zone), policy.months), zone);
}

}  // namespace loyalty::points
