// Programs in PostgreSQL.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/points/domain/program.h"

namespace loyalty::points {

// NOT_FOUND, reason PROGRAM_NOT_FOUND.
absl::Status ProgramNotFound(const std::string& program_id);

// Reads a program inside a transaction.
absl::StatusOr<Program> LoadProgram(postgres::Transaction& tx, const std::string& program_id);

class ProgramStore {
 public:
  explicit ProgramStore(postgres::Pool& pool) : pool_(pool) {}

  // ALREADY_EXISTS, reason PROGRAM_ALREADY_EXISTS, if the id is taken.
  absl::Status Create(const Program& program);
  // The same error as Create's, if the id is taken.
  absl::Status CheckFree(const std::string& program_id);
  absl::StatusOr<Program> Get(const std::string& program_id);
  // Locks the program, lets `change` work on it, and writes what came out.
  absl::StatusOr<Program> Update(const std::string& program_id,
                                 const std::function<absl::Status(Program&)>& change);
  // Up to `limit` programs with ids after `after`, in their order.
  absl::StatusOr<std::vector<Program>> List(const std::string& after, int limit);

 private:
  postgres::Pool& pool_;
};

}  // namespace loyalty::points
