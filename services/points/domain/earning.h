// What a purchase or another deed earns: the pure decision over all rules.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <vector>

#include "services/points/domain/command.h"
#include "services/points/domain/profile.h"
#include "services/points/domain/program.h"
#include "services/points/domain/rule_use.h"

namespace loyalty::points {

// round(total × rate), exact: total is in minor units of the program's currency, 0 or more; the rounding is
// the program's and happens once. OUT_OF_RANGE, reason POINTS_OVERFLOW, if that does not fit an int64.
absl::StatusOr<int64_t> BaseAward(const Program& program, int64_t total_minor);

// What is known of the member when the deed is recorded.
struct EarnFacts {
  const MemberLabels& labels;
  const Profile& profile;
  const Tier* tier = nullptr;  // null: none. Its labels count as the member's
  int64_t purchases = 0;       // recorded before this one, those given back as a whole not counted
  const RuleUses& uses;
  // What is left of the budget of a rule that has one; 0 or more.
  absl::FunctionRef<int64_t(const EarnRule& rule)> budget_left;
  // Whether a charity can be given to.
  absl::FunctionRef<bool(const std::string& member_id)> is_member;
};

// What goes to a charity.
struct Donated {
  std::string rule_id;
  std::string charity_id;
  int64_t points = 0;
  bool operator==(const Donated&) const = default;
};

struct Earned {
  int64_t points = 0;  // of all awards, those that mature later too
  // The base first (of a purchase), then the tier's, then rules by id; but for the base's, those above 0.
  // Empty if only the base gave.
  std::vector<Award> awards;
  std::vector<Donated> donations;      // by rule
  std::vector<Considered> considered;  // every rule of the program but the base, by id
};

// What the purchase earns. Each rule is rounded once, in the program's mode, before its limits. A multiplier
// adds round((multiplier − 1) × base of the lines that count, unrounded); so does the member's tier, of the
// whole order. `awards[i].lines` is the award's share of each line of the order, left out if the order has
// fewer than two: by largest remainder over the amounts of the lines that count (points per item: over their
// quantities, as for all if the amounts are 0), ties to the first. Limits and budget bind a rule's points to
// the member; a donation is bound by its budget and per_order only. OUT_OF_RANGE, reason POINTS_OVERFLOW, if
// a number does not fit an int64, be it that of a rule whose limits would have cut it.
absl::StatusOr<Earned> EarnedBy(const Program& program, const Purchase& purchase, const EarnFacts& facts);

// The same for another deed: no base, no lines; multipliers and what is counted by amount or piece give
// nothing.
absl::StatusOr<Earned> EarnedBy(const Program& program, const Activity& activity, const EarnFacts& facts);

// The limits of the rules that gave the awards, of those that have any.
RuleLimits LimitsOf(const Program& program, const std::vector<Award>& awards);

// Counts what the awards used of their rules' limits for each member. `sign` −1: takes it back.
void CountUses(const RuleLimits& limits, const std::vector<Award>& awards, absl::CivilDay day, int sign,
               RuleUses& uses);

}  // namespace loyalty::points
