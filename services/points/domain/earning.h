// What a purchase earns.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>

#include "services/points/domain/program.h"

namespace loyalty::points {

// round(total × rate), exact: total is in minor units of the program's currency, 0 or more; the rounding is
// the program's and happens once. OUT_OF_RANGE, reason POINTS_OVERFLOW, if that does not fit an int64.
absl::StatusOr<int64_t> BaseAward(const Program& program, int64_t total_minor);

}  // namespace loyalty::points
