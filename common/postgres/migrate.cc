#include "common/postgres/migrate.h"

#include <absl/strings/str_cat.h>

#include <pqxx/pqxx>

#include "common/postgres/errors.h"

namespace loyalty::postgres {
namespace {

// The newest migration that the database has; 0 if none.
int Version(pqxx::transaction_base& work, const std::string& schema) {
  const std::string table = absl::StrCat(schema, ".schema_migration");
  if (work.exec(absl::StrCat("SELECT to_regclass(", work.quote(table), ")"))[0][0].is_null()) return 0;
  return work.exec(absl::StrCat("SELECT coalesce(max(number), 0) FROM ", table))[0][0].as<int>();
}

absl::Status Ahead(const std::string& schema, int version, size_t known) {
  return absl::FailedPreconditionError(absl::StrCat("The schema ", schema, " is at version ", version,
                                                    ", this program knows ", known,
                                                    ": run a release that is as new as the database."));
}

}  // namespace

absl::StatusOr<int> Migrate(const std::string& url, const std::string& schema,
                            std::span<const Migration> migrations) {
  bool committing = false;
  try {
    pqxx::connection connection(url);
    pqxx::work work(connection);
    work.exec("SET LOCAL client_min_messages = warning");
    // Held to the end of the transaction: a second program waits here and then finds nothing to do.
    work.exec("SELECT pg_advisory_xact_lock(hashtext('loyalty migration'))");
    work.exec(absl::StrCat("CREATE SCHEMA IF NOT EXISTS ", schema));
    work.exec(absl::StrCat("CREATE TABLE IF NOT EXISTS ", schema,
                           ".schema_migration (number integer PRIMARY KEY, name text NOT NULL,"
                           " applied_time timestamptz NOT NULL DEFAULT now())"));
    const int version = Version(work, schema);
    if (version > static_cast<int>(migrations.size())) return Ahead(schema, version, migrations.size());
    int applied = 0;
    for (const Migration& migration : migrations.subspan(static_cast<size_t>(version))) {
      work.exec(migration.sql);
      work.exec(absl::StrCat("INSERT INTO ", schema, ".schema_migration (number, name) VALUES (",
                             migration.number, ", ", work.quote(std::string(migration.name)), ")"));
      ++applied;
    }
    committing = true;
    work.commit();
    return applied;
  } catch (...) {
    return StatusOfCurrentException(committing);
  }
}

absl::Status CheckSchema(const std::string& url, const std::string& schema,
                         std::span<const Migration> migrations) {
  try {
    pqxx::connection connection(url);
    pqxx::nontransaction work(connection);
    const int version = Version(work, schema);
    if (version > static_cast<int>(migrations.size())) return Ahead(schema, version, migrations.size());
    if (version < static_cast<int>(migrations.size())) {
      return absl::FailedPreconditionError(absl::StrCat("The schema ", schema, " is at version ", version,
                                                        ", this program needs ", migrations.size(),
                                                        ": run the program with the argument `migrate`."));
    }
    return absl::OkStatus();
  } catch (...) {
    return StatusOfCurrentException(false);
  }
}

}  // namespace loyalty::postgres
