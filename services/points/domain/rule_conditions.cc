#include "services/points/domain/rule_conditions.h"

#include <algorithm>

#include "services/points/domain/labels.h"
#include "services/points/domain/rule_use.h"

namespace loyalty::points {
namespace {

RuleOutcome AppliesIf(bool holds, RuleOutcome otherwise) { return holds ? RuleOutcome::kApplied : otherwise; }

template <class Value, class Sought>
bool Has(const std::vector<Value>& values, const Sought& sought) {
  return std::find(values.begin(), values.end(), sought) != values.end();
}

// Nothing is asked, or one of the values is there.
template <class Value, class Sought>
bool Admits(const std::vector<Value>& values, const Sought& sought) {
  return values.empty() || Has(values, sought);
}

RuleOutcome OfDeed(const EarnConditions& asked, const Deed& deed) {
  const bool same =
      deed.purchase != nullptr ? asked.activity_type.empty() : asked.activity_type == deed.activity_type;
  // A deed without a type is nothing that a rule could name.
  const bool named = deed.purchase != nullptr || !deed.activity_type.empty();
  return AppliesIf(same && named, RuleOutcome::kOtherDeed);
}

RuleOutcome OfTime(const EarnConditions& asked, const Deed& deed) {
  return AppliesIf(asked.start <= deed.time && deed.time < asked.end, RuleOutcome::kTime);
}

RuleOutcome OfWeekday(const EarnConditions& asked, const Deed& deed) {
  const int weekday = static_cast<int>(absl::GetWeekday(deed.local)) + 1;  // absl's Monday is 0
  return AppliesIf(Admits(asked.weekdays, weekday), RuleOutcome::kWeekdayOrHour);
}

RuleOutcome OfHour(const EarnConditions& asked, const Deed& deed) {
  const int hour = deed.local.hour();
  const bool begun = asked.hour_start <= hour, not_over = hour < asked.hour_end;
  const bool over_midnight = asked.hour_end <= asked.hour_start;
  return AppliesIf(over_midnight ? begun || not_over : begun && not_over, RuleOutcome::kWeekdayOrHour);
}

RuleOutcome OfChannel(const EarnConditions& asked, const Deed& deed) {
  return AppliesIf(Admits(asked.channels, deed.channel), RuleOutcome::kChannel);
}

RuleOutcome OfLocation(const EarnConditions& asked, const Deed& deed) {
  return AppliesIf(Admits(asked.locations, deed.location), RuleOutcome::kLocation);
}

RuleOutcome OfLines(const EarnConditions& asked, const Deed& deed) {
  if (!ChoosesLines(asked)) return RuleOutcome::kApplied;
  const bool any =
      deed.purchase != nullptr && std::any_of(deed.purchase->lines.begin(), deed.purchase->lines.end(),
                                              [&](const PurchaseLine& line) { return Counts(asked, line); });
  return AppliesIf(any, RuleOutcome::kNoLine);
}

RuleOutcome OfMinimumOrder(const EarnConditions& asked, const Deed& deed) {
  const int64_t total = deed.purchase != nullptr ? deed.purchase->total_minor : 0;
  return AppliesIf(total >= asked.minimum_order_minor, RuleOutcome::kMinimumOrder);
}

RuleOutcome OfMemberLabel(const EarnConditions& asked, const Deed& deed) {
  const std::string& label = asked.member_label;
  const Tier* tier = deed.facts.tier;
  const bool carried = label.empty() || Holds(deed.facts.labels, label, deed.time) ||
                       (tier != nullptr && Has(tier->labels, label));
  return AppliesIf(carried, RuleOutcome::kMemberLabel);
}

RuleOutcome OfSegment(const EarnConditions& asked, const Deed& deed) {
  const bool holds = asked.segment.empty() || asked.segment == deed.facts.profile.segment;
  return AppliesIf(holds, RuleOutcome::kSegment);
}

RuleOutcome OfTier(const EarnConditions& asked, const Deed& deed) {
  const Tier* tier = deed.facts.tier;
  return AppliesIf(asked.tier_ids.empty() || (tier != nullptr && Has(asked.tier_ids, tier->id)),
                   RuleOutcome::kTier);
}

// 29 February is 28 in common years.
absl::CivilDay CelebratedIn(absl::civil_year_t year, const Birthday& birthday) {
  const absl::CivilDay day(year, birthday.month, birthday.day);
  return day.month() == birthday.month ? day : absl::CivilDay(year, birthday.month + 1, 1) - 1;
}

bool IsNear(const Birthday& birthday, BirthdayWindow window, absl::CivilDay day) {
  if (birthday.month == 0) return false;
  switch (window) {
    case BirthdayWindow::kAny:
      return true;
    case BirthdayWindow::kDay:
      return CelebratedIn(day.year(), birthday) == day;
    case BirthdayWindow::kMonth:
      return day.month() == birthday.month;
    case BirthdayWindow::kWeek:
      break;
  }
  // A week may hold days of two years.
  const absl::CivilDay monday = PeriodStartOf(LimitWindow::kWeek, day);
  const auto within = [&](absl::civil_year_t year) {
    const absl::CivilDay celebrated = CelebratedIn(year, birthday);
    return monday <= celebrated && celebrated < monday + 7;
  };
  return within(monday.year()) || within((monday + 6).year());
}

RuleOutcome OfBirthday(const EarnConditions& asked, const Deed& deed) {
  const bool holds = asked.birthday == BirthdayWindow::kAny ||
                     IsNear(deed.facts.profile.birthday, asked.birthday, absl::CivilDay(deed.local));
  return AppliesIf(holds, RuleOutcome::kBirthday);
}

RuleOutcome OfFirstPurchase(const EarnConditions& asked, const Deed& deed) {
  const bool first = deed.purchase != nullptr && deed.facts.purchases == 0;
  return AppliesIf(!asked.first_purchase || first, RuleOutcome::kNotFirstPurchase);
}

RuleOutcome OfNthPurchase(const EarnConditions& asked, const Deed& deed) {
  const int64_t n = asked.every_nth_purchase;
  // The deed is number purchases + 1.
  const bool holds = n <= 0 || (deed.purchase != nullptr && deed.facts.purchases % n == n - 1);
  return AppliesIf(holds, RuleOutcome::kNotNthPurchase);
}

RuleOutcome OfOrderLabel(const EarnConditions& asked, const Deed& deed) {
  const auto& wanted = asked.order_labels;
  const bool holds = wanted.empty() || (deed.purchase != nullptr &&
                                        std::any_of(wanted.begin(), wanted.end(), [&](const auto& label) {
                                          return Has(deed.purchase->labels, label);
                                        }));
  return AppliesIf(holds, RuleOutcome::kOrderLabel);
}

using Condition = RuleOutcome (*)(const EarnConditions&, const Deed&);
constexpr Condition kConditions[] = {OfDeed,     OfTime,     OfWeekday,       OfHour,        OfChannel,
                                     OfLocation, OfLines,    OfMinimumOrder,  OfMemberLabel, OfSegment,
                                     OfTier,     OfBirthday, OfFirstPurchase, OfNthPurchase, OfOrderLabel};

}  // namespace

RuleOutcome OutcomeOf(const EarnConditions& conditions, const Deed& deed) {
  for (const Condition condition : kConditions) {
    const RuleOutcome outcome = condition(conditions, deed);
    if (outcome != RuleOutcome::kApplied) return outcome;
  }
  return RuleOutcome::kApplied;
}

bool ChoosesLines(const EarnConditions& conditions) {
  return !conditions.skus.empty() || !conditions.categories.empty() || !conditions.excluded_skus.empty() ||
         !conditions.excluded_categories.empty();
}

bool Counts(const EarnConditions& conditions, const PurchaseLine& line) {
  const bool all = conditions.skus.empty() && conditions.categories.empty();
  const bool included = all || Has(conditions.skus, line.sku) || Has(conditions.categories, line.category);
  return included && !Has(conditions.excluded_skus, line.sku) &&
         !Has(conditions.excluded_categories, line.category);
}

}  // namespace loyalty::points
