// Whether a rule's conditions hold for a deed, and which lines of an order they let count.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <string>
#include <vector>

#include "services/points/domain/earn_rule.h"
#include "services/points/domain/earning.h"
#include "services/points/domain/purchase.h"

namespace loyalty::points {

// A deed, and all that rules may ask of it. Lives no longer than what it was made of.
struct Deed {
  Deed(const Purchase& of, const absl::TimeZone& zone, const EarnFacts& known)
      : purchase(&of),
        time(of.purchase_time),
        local(absl::ToCivilSecond(time, zone)),
        channel(of.channel),
        location(of.location),
        facts(known) {}
  Deed(const Activity& of, const absl::TimeZone& zone, const EarnFacts& known)
      : activity_type(of.type),
        time(of.time),
        local(absl::ToCivilSecond(time, zone)),
        channel(of.channel),
        location(of.location),
        facts(known) {}

  const Purchase* purchase = nullptr;  // null: another deed
  absl::string_view activity_type;     // of another deed
  absl::Time time;
  absl::CivilSecond local;  // the time where the program is
  const std::string& channel;
  const std::string& location;
  const EarnFacts& facts;
};

// kApplied if all conditions hold, otherwise what the first one says that does not. The deed's kind comes
// first, then the conditions in the order of RuleOutcome.
RuleOutcome OutcomeOf(const EarnConditions& conditions, const Deed& deed);

// True if the conditions choose among an order's lines.
bool ChoosesLines(const EarnConditions& conditions);
// True if a line counts for them.
bool Counts(const EarnConditions& conditions, const PurchaseLine& line);

}  // namespace loyalty::points
