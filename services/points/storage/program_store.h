// Programs in PostgreSQL, in the caller's transaction.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/points/domain/expiry_changes.h"
#include "services/points/domain/program.h"

namespace loyalty::points {

// NOT_FOUND, reason PROGRAM_NOT_FOUND.
absl::Status ProgramNotFound(const std::string& program_id);

// Writes a new program, and returns its key; nothing if the id is taken. Its test clock is for the caller.
std::optional<int32_t> InsertProgram(postgres::Transaction& tx, const Program& program);

// A program with its rules in force.
absl::StatusOr<Program> LoadProgram(postgres::Transaction& tx, const std::string& program_id);

// Locks the program, lets `change` work on it, and writes what came out. Without its rules. `change` sets its
// update time. Where policies change that say what is due, each account is made due at that time; ABORTED,
// reason CONFLICT, and IsBehind, while something is due by then on an account: that follows from the policies
// so far, and has to be posted before.
absl::StatusOr<Program> UpdateProgram(postgres::Transaction& tx, const std::string& program_id,
                                      const std::function<absl::Status(Program&)>& change);
bool IsBehind(const absl::Status& status);

// What the program's expiry policy would make of all points that are there. Reads all open lots.
ExpiryPreview PreviewExpiry(postgres::Transaction& tx, const Program& program, absl::Time now);

// Up to `limit` programs with ids after `after`, in their order. Without their rules.
std::vector<Program> ListPrograms(postgres::Transaction& tx, const std::string& after, int limit);

}  // namespace loyalty::points
