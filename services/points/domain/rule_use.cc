#include "services/points/domain/rule_use.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace loyalty::points {
namespace {

using Period = std::tuple<absl::string_view, LimitWindow, absl::CivilDay>;

Period PeriodOf(const RuleUse& use) { return {use.rule_id, use.window, use.start}; }

// Where the period stands among `uses`, or would stand.
template <class Uses>
auto PlaceOf(Uses& uses, const Period& period) {
  return std::lower_bound(uses.begin(), uses.end(), period,
                          [](const RuleUse& use, const Period& sought) { return PeriodOf(use) < sought; });
}

// The periods of a rule's window that are kept: [first, last).
template <class Uses>
auto KeptOf(Uses& uses, absl::string_view rule_id, LimitWindow window) {
  const auto before = [](const RuleUse& use, const auto& sought) {
    return std::tuple<absl::string_view, LimitWindow>(use.rule_id, use.window) < sought;
  };
  const auto after = [](const auto& sought, const RuleUse& use) {
    return sought < std::tuple<absl::string_view, LimitWindow>(use.rule_id, use.window);
  };
  const std::tuple<absl::string_view, LimitWindow> sought(rule_id, window);
  return std::pair(std::lower_bound(uses.begin(), uses.end(), sought, before),
                   std::upper_bound(uses.begin(), uses.end(), sought, after));
}

}  // namespace

absl::CivilDay PeriodStartOf(LimitWindow window, absl::CivilDay day) {
  switch (window) {
    case LimitWindow::kDay:
      return day;
    case LimitWindow::kWeek:
      return absl::PrevWeekday(day + 1, absl::Weekday::monday);
    case LimitWindow::kMonth:
      return absl::CivilDay(absl::CivilMonth(day));
    case LimitWindow::kLifetime:
      break;
  }
  return absl::CivilDay(1970, 1, 1);
}

int64_t RuleUses::Used(absl::string_view rule_id, LimitWindow window, absl::CivilDay day) const {
  const absl::CivilDay start = PeriodStartOf(window, day);
  const auto place = PlaceOf(uses_, {rule_id, window, start});
  if (place != uses_.end() && PeriodOf(*place) == Period(rule_id, window, start)) return place->points;
  const auto [first, last] = KeptOf(uses_, rule_id, window);
  const bool forgotten = static_cast<size_t>(last - first) >= kMaxPeriods && start < first->start;
  return forgotten ? std::numeric_limits<int64_t>::max() : 0;
}

void RuleUses::Add(absl::string_view rule_id, LimitWindow window, absl::CivilDay day, int64_t points) {
  const absl::CivilDay start = PeriodStartOf(window, day);
  const auto place = PlaceOf(uses_, {rule_id, window, start});
  if (place != uses_.end() && PeriodOf(*place) == Period(rule_id, window, start)) {
    if (__builtin_add_overflow(place->points, points, &place->points)) {
      place->points = std::numeric_limits<int64_t>::max();
    }
    // A period stays at 0, since what is older than all that are kept is taken for used up.
    place->points = std::max<int64_t>(place->points, 0);
    return;
  }
  if (points <= 0) return;
  const auto [first, last] = KeptOf(uses_, rule_id, window);
  const bool full = static_cast<size_t>(last - first) >= kMaxPeriods;
  if (full && start < first->start) return;  // forgotten
  const auto oldest = first - uses_.begin();
  uses_.insert(place, {std::string(rule_id), window, start, points});
  if (full) uses_.erase(uses_.begin() + oldest);
}

}  // namespace loyalty::points
