// What every service knows of a program: the schema `platform`, which points writes and all read.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <optional>
#include <string>

#include "common/clock/clock.h"
#include "common/postgres/pool.h"

namespace loyalty::platform {

struct Program {
  int32_t key = 0;  // ours; comes first in every key of every schema
  std::string id;   // the caller's
  std::string currency_code;
  std::string time_zone;                // of the IANA time zone database
  std::optional<absl::Time> test_time;  // of a program with a test clock

  // The time that the program lives in.
  absl::Time Now(Clock& clock) const { return test_time ? *test_time : clock.Now(); }
  absl::TimeZone Zone() const;
};

// NOT_FOUND, reason PROGRAM_NOT_FOUND.
absl::Status ProgramNotFound(const std::string& program_id);

absl::StatusOr<Program> FindProgram(postgres::Transaction& tx, const std::string& program_id);
// NOT_FOUND if there is none.
absl::StatusOr<Program> FindProgram(postgres::Transaction& tx, int32_t program_key);

}  // namespace loyalty::platform
