#include "common/postgres/migrate.h"

#include <absl/strings/str_cat.h>

#include <pqxx/pqxx>
#include <span>

#include "common/postgres/errors.h"

namespace loyalty::postgres {
namespace {

// The newest migration that the database has; 0 if none.
int Version(pqxx::transaction_base& work, const MigrationSet& set) {
  const std::string table = absl::StrCat(set.schema, ".", set.table);
  if (work.exec(absl::StrCat("SELECT to_regclass(", work.quote(table), ")"))[0][0].is_null()) return 0;
  return work.exec(absl::StrCat("SELECT coalesce(max(number), 0) FROM ", table))[0][0].as<int>();
}

absl::Status Ahead(const MigrationSet& set, int version) {
  return absl::FailedPreconditionError(absl::StrCat("The schema ", set.schema, " is at version ", version,
                                                    ", this program knows ", set.migrations.size(),
                                                    ": run a release that is as new as the database."));
}

}  // namespace

absl::StatusOr<int> Migrate(const std::string& url, const MigrationSet& set) {
  bool committing = false;
  try {
    pqxx::connection connection(url);
    pqxx::work work(connection);
    work.exec("SET LOCAL client_min_messages = warning");
    // Held to the end of the transaction: a second program waits here and then finds nothing to do.
    work.exec("SELECT pg_advisory_xact_lock(hashtext('loyalty migration'))");
    work.exec(absl::StrCat("CREATE SCHEMA IF NOT EXISTS ", set.schema));
    work.exec(absl::StrCat("SET LOCAL search_path = ", set.schema));
    work.exec(absl::StrCat("CREATE TABLE IF NOT EXISTS ", set.table,
                           " (number integer PRIMARY KEY, name text NOT NULL,"
                           " applied_time timestamptz NOT NULL DEFAULT now())"));
    const int version = Version(work, set);
    if (version > static_cast<int>(set.migrations.size())) return Ahead(set, version);
    int applied = 0;
    for (const Migration& migration : std::span(set.migrations).subspan(static_cast<size_t>(version))) {
      work.exec(migration.sql);
      work.exec(absl::StrCat("INSERT INTO ", set.table, " (number, name) VALUES (", migration.number, ", ",
                             work.quote(std::string(migration.name)), ")"));
      ++applied;
    }
    committing = true;
    work.commit();
    return applied;
  } catch (...) {
    return StatusOfCurrentException(committing);
  }
}

absl::Status CheckSchema(const std::string& url, const MigrationSet& set) {
  try {
    pqxx::connection connection(url);
    pqxx::nontransaction work(connection);
    const int version = Version(work, set);
    if (version > static_cast<int>(set.migrations.size())) return Ahead(set, version);
    if (version < static_cast<int>(set.migrations.size())) {
      return absl::FailedPreconditionError(absl::StrCat("The schema ", set.schema, " is at version ", version,
                                                        ", this program needs ", set.migrations.size(),
                                                        ": run the program with the argument `migrate`."));
    }
    return absl::OkStatus();
  } catch (...) {
    return StatusOfCurrentException(false);
  }
}

}  // namespace loyalty::postgres
