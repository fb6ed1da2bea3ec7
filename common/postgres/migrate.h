// Numbered, forward-only migrations, kept in <schema>.schema_migration.
#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <string>

#include "common/postgres/statement.h"

namespace loyalty::postgres {

// Applies what is missing, all in one transaction; several may run at once, one of them does the work.
// Returns how many were applied. FAILED_PRECONDITION if the database is ahead of `migrations`.
absl::StatusOr<int> Migrate(const std::string& url, const std::string& schema,
                            std::span<const Migration> migrations);

// OK if the database has exactly these migrations; otherwise FAILED_PRECONDITION, saying what to do.
absl::Status CheckSchema(const std::string& url, const std::string& schema,
                         std::span<const Migration> migrations);

}  // namespace loyalty::postgres
