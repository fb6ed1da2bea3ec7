#include "common/testing/test_database.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <pqxx/pqxx>

#include "common/status/fingerprint.h"
#include "common/work/schema.h"
#include "platform_sql.h"
#include "work_sql.h"

namespace loyalty::testing {
namespace {

std::string ServerUrl() {
  const char* url = std::getenv("LOYALTY_TEST_DATABASE_URL");
  if (url == nullptr) {
    std::cerr << "LOYALTY_TEST_DATABASE_URL is not set: run the tests with ./dev test\n";
    std::exit(2);
  }
  return url;
}

// The same server, another database.
std::string WithDatabase(const std::string& url, const std::string& name) {
  const size_t query = url.find('?');
  const size_t slash = url.rfind('/', query);
  return absl::StrCat(url.substr(0, slash + 1), name, query == std::string::npos ? "" : url.substr(query));
}

void ExecOnServer(const std::string& sql) {
  pqxx::connection connection(ServerUrl());
  pqxx::nontransaction(connection).exec(sql);
}

// Makes the template, unless another test program has, and returns its name.
std::string Template(const std::string& schema, std::span<const postgres::Migration> migrations) {
  Fingerprint content;
  for (const auto& common : {platform::sql::Migrations(), work::sql::Migrations()}) {
    for (const postgres::Migration& migration : common) content.Add(migration.sql);
  }
  for (const postgres::Migration& migration : migrations) content.Add(migration.sql);
  const std::string name = absl::StrCat("template_", schema, "_", ToHex(content.Finish()).substr(0, 12));

  pqxx::connection connection(ServerUrl());
  pqxx::nontransaction work(connection);
  work.exec("SELECT pg_advisory_lock(hashtext('loyalty test template'))");  // until the connection closes
  if (!work.exec(absl::StrCat("SELECT FROM pg_database WHERE datname = '", name, "'")).empty()) return name;
  const std::string unfinished = absl::StrCat(name, "_unfinished");
  work.exec(absl::StrCat("DROP DATABASE IF EXISTS ", unfinished));
  work.exec(absl::StrCat("CREATE DATABASE ", unfinished));
  const auto applied = work::Migrate(WithDatabase(ServerUrl(), unfinished), schema, migrations, true);
  if (!applied.ok()) {
    std::cerr << "Cannot migrate the template: " << applied.status() << "\n";
    std::exit(2);
  }
  work.exec(absl::StrCat("ALTER DATABASE ", unfinished, " RENAME TO ", name));
  return name;
}

}  // namespace

TestDatabase::TestDatabase(const std::string& schema, std::span<const postgres::Migration> migrations) {
  static std::atomic<int> count = 0;
  name_ = absl::StrCat("test_", getpid(), "_", ++count);
  ExecOnServer(absl::StrCat("CREATE DATABASE ", name_, " TEMPLATE ", Template(schema, migrations)));
  url_ = WithDatabase(ServerUrl(), name_);
}

TestDatabase::~TestDatabase() { ExecOnServer(absl::StrCat("DROP DATABASE ", name_, " WITH (FORCE)")); }

std::string TestDatabase::Exec(const std::string& sql) const {
  pqxx::connection connection(url_);
  const pqxx::result rows = pqxx::nontransaction(connection).exec(sql);
  return rows.empty() || rows.columns() == 0 ? "" : rows[0][0].c_str();
}

bool TestDatabase::SomebodyWaits() const {
  return Exec(
             "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = "
             "'Lock'") != "0";
}

int32_t TestDatabase::AddProgram(const std::string& program_id, const std::string& time_zone,
                                 const std::string& currency_code) const {
  int32_t key = 0;
  const std::string answer = Exec(absl::StrCat(
      "INSERT INTO platform.program (program_id, display_name, currency_code, time_zone, points_singular,"
      " points_plural, rate_points, rate_per_units, rounding_mode, enrollment_mode, create_time, update_time)"
      " VALUES ('",
      program_id, "', 'A shop', '", currency_code, "', '", time_zone,
      "', 'point', 'points', 1, 1, 1, 1, now(), now()) RETURNING program_key"));
  if (!absl::SimpleAtoi(answer, &key)) std::abort();
  return key;
}

}  // namespace loyalty::testing
