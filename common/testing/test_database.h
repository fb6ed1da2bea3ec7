// A PostgreSQL database of its own for a test, in milliseconds: a copy of a template that has the migrations.
//
// The server is named by LOYALTY_TEST_DATABASE_URL (`./dev test` starts one and sets it); it must allow to
// create databases. The template is made once for each set of migrations and shared by all test programs.
#pragma once

#include <span>
#include <string>

#include "common/postgres/statement.h"

namespace loyalty::testing {

class TestDatabase {
 public:
  TestDatabase(const std::string& schema, std::span<const postgres::Migration> migrations);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& url() const { return url_; }
  // Runs SQL on a connection of its own, for what a test plants or looks at. Returns the first value, or "".
  std::string Exec(const std::string& sql) const;
  // Whether a connection to this database waits for a lock; other tests' on the same server do not count.
  bool SomebodyWaits() const;
  // A program that the service under test finds, as if points had created it. Returns its key.
  int32_t AddProgram(const std::string& program_id, const std::string& time_zone = "Europe/Rome",
                     const std::string& currency_code = "EUR") const;

 private:
  std::string name_;
  std::string url_;
};

}  // namespace loyalty::testing
