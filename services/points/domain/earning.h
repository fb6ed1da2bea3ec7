// What a purchase earns.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <vector>

#include "services/points/domain/command.h"
#include "services/points/domain/program.h"

namespace loyalty::points {

// round(total × rate), exact: total is in minor units of the program's currency, 0 or more; the rounding is
// the program's and happens once. OUT_OF_RANGE, reason POINTS_OVERFLOW, if that does not fit an int64.
absl::StatusOr<int64_t> BaseAward(const Program& program, int64_t total_minor);

// What the purchase earns by the base rate and all rules that apply.
struct Earned {
  int64_t points = 0;
  std::vector<Award> awards;  // the base first, rules by id; empty if only the base rate applies
};

// A multiplier adds round((multiplier − 1) × total × rate), exact, rounded for each rule. `labels` are the
// member's. OUT_OF_RANGE, reason POINTS_OVERFLOW, if that does not fit an int64.
absl::StatusOr<Earned> EarnedBy(const Program& program, const Purchase& purchase, const MemberLabels& labels);

}  // namespace loyalty::points
