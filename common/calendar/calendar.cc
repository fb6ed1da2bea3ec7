#include "common/calendar/calendar.h"

#include <algorithm>

namespace loyalty {
namespace {

// FromCivil gives the first moment after a gap, and the first of two.
absl::Time At(absl::CivilDay day, absl::CivilSecond time_of_day, const absl::TimeZone& zone) {
  return absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), time_of_day.hour(),
                                           time_of_day.minute(), time_of_day.second()),
                         zone);
}

absl::CivilDay LastDayOf(absl::CivilMonth month) { return absl::CivilDay(month + 1) - 1; }

}  // namespace

absl::Time StartOfDay(absl::CivilDay day, const absl::TimeZone& zone) { return absl::FromCivil(day, zone); }

absl::CivilDay LocalDay(absl::Time time, const absl::TimeZone& zone) {
  const absl::CivilDay shown = absl::ToCivilDay(time, zone);  // no clock was ever set back by more than a day
  return StartOfDay(shown + 1, zone) <= time ? shown + 1 : shown;
}

absl::CivilDay AddMonths(absl::CivilDay day, int64_t months) {
  const absl::CivilMonth month = absl::CivilMonth(day) + months;
  return std::min(absl::CivilDay(month) + (day.day() - 1), LastDayOf(month));
}

absl::CivilDay LastDayOfMonth(absl::CivilDay day) { return LastDayOf(absl::CivilMonth(day)); }

absl::CivilDay LastDayOfQuarter(absl::CivilDay day) {
  return LastDayOf(absl::CivilMonth(day) + (2 - (day.month() - 1) % 3));
}

absl::CivilDay LastDayOfYear(absl::CivilDay day) { return absl::CivilDay(day.year(), 12, 31); }

absl::Time PeriodStart(absl::Time anchor, int months, int64_t k, const absl::TimeZone& zone) {
  if (k == 0) return anchor;
  const absl::CivilSecond local = absl::ToCivilSecond(anchor, zone);
  return At(AddMonths(absl::CivilDay(local), months * k), local, zone);
}

absl::Time AddDays(absl::Time from, int64_t days, const absl::TimeZone& zone) {
  if (days == 0) return from;
  const absl::CivilSecond local = absl::ToCivilSecond(from, zone);
  return At(absl::CivilDay(local) + days, local, zone);
}

}  // namespace loyalty
