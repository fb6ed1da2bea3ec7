// Whether a command is well formed, before anything is looked up. Field names are those of the contract.
#pragma once

#include <absl/time/time.h>

#include "common/status/status.h"
#include "common/validate/check.h"
#include "services/points/domain/command.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {

inline constexpr size_t kMaxLines = 200;
inline constexpr size_t kMaxLabels = 20;
inline constexpr int64_t kMaxQuantity = 1'000'000'000;

// Adds everything that is wrong with a command, but for a time that lies ahead. An imported purchase needs no
// request id.
void ValidateCommand(const Command& command, Presence request_id, Violations& violations);

// Adds a time of the command's that lies more than kClockTolerance ahead of `now`. The ledger asks with the
// program's clock.
void CheckNotAhead(const Command& command, absl::Time now, Violations& violations);

}  // namespace loyalty::points
