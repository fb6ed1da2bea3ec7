#include "services/membership/domain/calendar.h"

#include <algorithm>

namespace loyalty::membership {
namespace {

// FromCivil gives the first moment after a gap, and the first of two.
absl::Time At(absl::CivilDay day, absl::CivilSecond time_of_day, const absl::TimeZone& zone) {
  return absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), time_of_day.hour(),
                                           time_of_day.minute(), time_of_day.second()),
                         zone);
}

}  // namespace

absl::Time PeriodStart(absl::Time anchor, int months, int64_t k, const absl::TimeZone& zone) {
  if (k == 0) return anchor;
  const absl::CivilSecond local = absl::ToCivilSecond(anchor, zone);
  const absl::CivilMonth month = absl::CivilMonth(local) + months * k;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return At(std::min(absl::CivilDay(month) + (local.day() - 1), last), local, zone);
}

absl::Time AddDays(absl::Time from, int64_t days, const absl::TimeZone& zone) {
  if (days == 0) return from;
  const absl::CivilSecond local = absl::ToCivilSecond(from, zone);
  return At(absl::CivilDay(local) + days, local, zone);
}

}  // namespace loyalty::membership
