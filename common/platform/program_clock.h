// Clocks of programs that were made for tests. Only points writes them; platform::Program::Now reads them.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>

#include "common/postgres/pool.h"

namespace loyalty::platform {

struct TestClock {
  absl::Time clock_time;
  absl::Time target_time;  // later than clock_time while an advance is unfinished
};

// When the program is created.
void CreateTestClock(postgres::Transaction& tx, int32_t program_key, absl::Time time);
std::optional<TestClock> FindTestClock(postgres::Transaction& tx, int32_t program_key);
// Stores the target, or moves the clock. Nothing happens if the clock is later already.
void AimTestClock(postgres::Transaction& tx, int32_t program_key, absl::Time target);
void MoveTestClock(postgres::Transaction& tx, int32_t program_key, absl::Time time);

}  // namespace loyalty::platform
