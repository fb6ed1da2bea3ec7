// The calendar of a program: days, months and billing periods in its time zone. Pure: a domain may use it.
//
//   AddMonths(31 Jan 2026, 1)                     28 Feb 2026
//   StartOfDay(4 Nov 2018, America/Sao_Paulo)     01:00, as the clock skipped midnight
//
// A local time that a clock change (or a day that a zone skipped) leaves out is the first moment after the
// gap; one that comes twice is the first of the two. So what is later by the calendar is never earlier in
// time. Times are finite and whole seconds where nothing else is said.
#pragma once

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <cstdint>

namespace loyalty {

// The first moment of a day; of a day that the zone skipped, that of the next.
absl::Time StartOfDay(absl::CivilDay day, const absl::TimeZone& zone);

// The day that has begun last, at any fraction of a second. A day ends when the next begins: minutes of an
// evening that a clock set back across midnight repeats (St John's until 2011) are minutes of the new day.
absl::CivilDay LocalDay(absl::Time time, const absl::TimeZone& zone);

// So many months later (below zero: earlier), on the same day of the month or the month's last.
absl::CivilDay AddMonths(absl::CivilDay day, int64_t months);

// The last day of the month, quarter (to March, June, September, December) or year that a day lies in.
absl::CivilDay LastDayOfMonth(absl::CivilDay day);
absl::CivilDay LastDayOfQuarter(absl::CivilDay day);
absl::CivilDay LastDayOfYear(absl::CivilDay day);

// When billing period k begins: k * months after the anchor, on its day of the month or the month's last, at
// its local time of day. Always counted from the anchor: 31 Jan 10:00, one month: 28 Feb 10:00, 31 Mar 10:00,
// … Period 0 begins at the anchor itself, also when its local time comes twice. k * months: 0 to 100,000.
absl::Time PeriodStart(absl::Time anchor, int months, int64_t k, const absl::TimeZone& zone);

// The same local time so many days later. 0 to 100,000.
absl::Time AddDays(absl::Time from, int64_t days, const absl::TimeZone& zone);

}  // namespace loyalty
