// Numbered, forward-only migrations, noted in a table of the schema that they make.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "common/postgres/statement.h"

namespace loyalty::postgres {

struct MigrationSet {
  std::string schema;  // the search path of its migrations
  std::string table;   // of the schema, where they are noted
  std::vector<Migration> migrations;
};

// Applies what is missing, all in one transaction; several may run at once, one of them does the work.
// Returns how many were applied. FAILED_PRECONDITION if the database is ahead of the set.
absl::StatusOr<int> Migrate(const std::string& url, const MigrationSet& set);

// OK if the database has exactly these migrations; otherwise FAILED_PRECONDITION, saying what to do.
absl::Status CheckSchema(const std::string& url, const MigrationSet& set);

}  // namespace loyalty::postgres
