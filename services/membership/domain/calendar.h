// The calendar of billing: local dates in the program's time zone, always counted from the stored anchor.
//
//   Anchor 31 Jan 10:00 in Rome, one month: 28 Feb 10:00, 31 Mar 10:00, 30 Apr 10:00, …
//
// A result keeps the anchor's local time of day. If a clock change (or a day that a zone skipped) leaves that
// time out, it is the first moment after the gap; if it comes twice, the first of the two. So later periods
// never begin before earlier ones. Times are whole seconds.
#pragma once

#include <absl/time/time.h>

#include <cstdint>

namespace loyalty::membership {

// When period k begins: k * months after the anchor, on its day of the month or the month's last. Period 0
// begins at the anchor itself, also when its local time comes twice. k * months: 0 to 100,000.
absl::Time PeriodStart(absl::Time anchor, int months, int64_t k, const absl::TimeZone& zone);

// The same local time so many days later. 0 to 100,000.
absl::Time AddDays(absl::Time from, int64_t days, const absl::TimeZone& zone);

}  // namespace loyalty::membership
