#include "common/work/schema.h"

#include "common/postgres/migrate.h"
#include "common/status/status.h"
#include "platform_sql.h"
#include "work_sql.h"

namespace loyalty::work {
namespace {

constexpr char kOwn[] = "schema_migration";
constexpr char kCommon[] = "schema_migration_common";

}  // namespace

absl::StatusOr<int> Migrate(const std::string& url, const std::string& schema,
                            std::span<const postgres::Migration> own, bool with_platform) {
  std::vector<postgres::MigrationSet> sets;
  if (with_platform) sets.push_back({"platform", kOwn, platform::sql::Migrations()});
  sets.push_back({schema, kCommon, sql::Migrations()});
  sets.push_back({schema, kOwn, {own.begin(), own.end()}});
  int applied = 0;
  for (const postgres::MigrationSet& set : sets) {
    const absl::StatusOr<int> some = postgres::Migrate(url, set);
    if (!some.ok()) return some;
    applied += *some;
  }
  return applied;
}

absl::Status CheckSchema(const std::string& url, const std::string& schema,
                         std::span<const postgres::Migration> own) {
  const absl::Status platform = postgres::CheckSchema(url, {"platform", kOwn, platform::sql::Migrations()});
  if (!platform.ok() && schema != "points") {
    return absl::UnavailableError("The points service has not migrated the schema platform yet.");
  }
  LOYALTY_RETURN_IF_ERROR(platform);
  LOYALTY_RETURN_IF_ERROR(postgres::CheckSchema(url, {schema, kCommon, sql::Migrations()}));
  return postgres::CheckSchema(url, {schema, kOwn, {own.begin(), own.end()}});
}

std::vector<postgres::Statement> StatementsWith(std::vector<postgres::Statement> own) {
  for (const auto& common : {platform::sql::Statements(), sql::Statements()}) {
    own.insert(own.end(), common.begin(), common.end());
  }
  return own;
}

}  // namespace loyalty::work
