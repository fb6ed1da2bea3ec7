// The tables of a service: its own, those that every service has (common/work/migrations), and, for points,
// those that all read (common/platform/migrations).
#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <string>
#include <vector>

#include "common/postgres/statement.h"

namespace loyalty::work {

// Applies what is missing, see postgres::Migrate. `with_platform`: the schema `platform` too.
absl::StatusOr<int> Migrate(const std::string& url, const std::string& schema,
                            std::span<const postgres::Migration> own, bool with_platform);

// See postgres::CheckSchema. UNAVAILABLE while points has not made the schema `platform` yet.
absl::Status CheckSchema(const std::string& url, const std::string& schema,
                         std::span<const postgres::Migration> own);

// A service's own statements and those of the common tables.
std::vector<postgres::Statement> StatementsWith(std::vector<postgres::Statement> own);

}  // namespace loyalty::work
