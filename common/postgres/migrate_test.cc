#include "common/postgres/migrate.h"

#include <absl/strings/str_cat.h>
#include <absl/synchronization/barrier.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "common/postgres/errors.h"
#include "common/postgres/pool.h"
#include "common/testing/test_database.h"

namespace loyalty::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

const std::vector<Migration> kNone;
const std::vector<Migration> kOne = {{1, "shelf", "CREATE TABLE shop.shelf (id bigint PRIMARY KEY)"}};
const std::vector<Migration> kTwo = {
    kOne[0], {2, "book", "CREATE TABLE shop.book (id bigint PRIMARY KEY); INSERT INTO shop.book VALUES (7)"}};
const std::vector<Migration> kBroken = {kOne[0], {2, "broken", "CREATE TABLE shop.book (id no_such_type)"}};

// A database in which the schema `shop` is not there yet.
class MigrateTest : public ::testing::Test {
 protected:
  absl::StatusOr<int> MigrateTo(const std::vector<Migration>& migrations) {
    return Migrate(database_.url(), {"shop", "schema_migration", migrations});
  }
  absl::Status Check(const std::vector<Migration>& migrations) {
    return CheckSchema(database_.url(), {"shop", "schema_migration", migrations});
  }
  std::string Applied() {
    return database_.Exec(
        "SELECT string_agg(number || ' ' || name, ', ' ORDER BY number) FROM shop.schema_migration");
  }
  std::string SchemaExists() {
    return database_.Exec("SELECT count(*) FROM pg_namespace WHERE nspname = 'shop'");
  }
  // As `ALTER DATABASE … SET`, on the test's own database.
  void SetOnDatabase(const std::string& setting) {
    database_.Exec(absl::StrCat("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET ", setting,
                                "', current_database()); END $$"));
  }

  testing::TestDatabase database_{"nothing", kNone};
};

TEST_F(MigrateTest, FromNothingAppliesAllInOrder) {
  EXPECT_EQ(MigrateTo(kTwo).value(), 2);
  EXPECT_EQ(Applied(), "1 shelf, 2 book");
  EXPECT_EQ(database_.Exec("SELECT id FROM shop.book"), "7");
}

TEST_F(MigrateTest, AppliesOnlyWhatIsMissing) {
  EXPECT_EQ(MigrateTo(kOne).value(), 1);
  EXPECT_EQ(MigrateTo(kTwo).value(), 1);
  EXPECT_EQ(MigrateTo(kTwo).value(), 0);
  EXPECT_EQ(Applied(), "1 shelf, 2 book");
}

TEST_F(MigrateTest, SeveralAtOnceApplyEachMigrationOnce) {
  constexpr int kPrograms = 4;
  std::vector<absl::StatusOr<int>> applied(kPrograms, 0);
  absl::Barrier start(kPrograms);
  std::vector<std::thread> programs;
  for (auto& mine : applied) {
    programs.emplace_back([&] {
      start.Block();
      mine = MigrateTo(kTwo);
    });
  }
  for (std::thread& program : programs) program.join();
  for (const auto& mine : applied) ASSERT_TRUE(mine.ok()) << mine.status();
  EXPECT_THAT(applied, UnorderedElementsAre(absl::StatusOr<int>(2), absl::StatusOr<int>(0),
                                            absl::StatusOr<int>(0), absl::StatusOr<int>(0)));
  EXPECT_EQ(Applied(), "1 shelf, 2 book");
}

TEST_F(MigrateTest, AFailingMigrationLeavesNothing) {
  const absl::Status status = MigrateTo(kBroken).status();
  EXPECT_TRUE(IsRefusedStatement(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("no_such_type"));
  EXPECT_EQ(SchemaExists(), "0");
}

TEST_F(MigrateTest, AFailingMigrationLeavesWhatWasThereBefore) {
  ASSERT_TRUE(MigrateTo(kOne).ok());
  EXPECT_FALSE(MigrateTo(kBroken).ok());
  EXPECT_EQ(Applied(), "1 shelf");
  EXPECT_EQ(MigrateTo(kTwo).value(), 1) << "a repaired release goes on from there";
}

TEST_F(MigrateTest, ADatabaseThatIsAheadIsLeftAlone) {
  ASSERT_TRUE(MigrateTo(kTwo).ok());
  const absl::Status status = MigrateTo(kOne).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("shop is at version 2, this program knows 1"));
  EXPECT_EQ(Applied(), "1 shelf, 2 book");
}

TEST_F(MigrateTest, CheckSchemaWantsTheVeryVersionOfTheProgram) {
  const absl::Status missing = Check(kTwo);
  EXPECT_EQ(missing.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(SchemaExists(), "0") << "a check changes nothing";

  ASSERT_TRUE(MigrateTo(kOne).ok());
  const absl::Status behind = Check(kTwo);
  EXPECT_EQ(behind.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(behind.message()), HasSubstr("`migrate`"));

  ASSERT_TRUE(MigrateTo(kTwo).ok());
  EXPECT_EQ(Check(kTwo), absl::OkStatus());

  const absl::Status ahead = Check(kOne);
  EXPECT_EQ(ahead.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(ahead.message()), HasSubstr("as new as the database"));
}

TEST_F(MigrateTest, AnUnreachableDatabaseIsUnavailable) {
  const std::string url = "postgresql://nobody@127.0.0.1:1/nothing";
  EXPECT_EQ(Migrate(url, {"shop", "schema_migration", kTwo}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CheckSchema(url, {"shop", "schema_migration", kTwo}).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CheckDurability(url).code(), absl::StatusCode::kUnavailable);
}

TEST_F(MigrateTest, ADurableServerIsAccepted) {
  EXPECT_EQ(CheckDurability(database_.url()), absl::OkStatus());
}

TEST_F(MigrateTest, AServerThatMayLoseWhatItCommittedIsRefusedByTheNameOfTheSetting) {
  SetOnDatabase("synchronous_commit = off");
  const absl::Status status = CheckDurability(database_.url());
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("synchronous_commit = off"));
  SetOnDatabase("synchronous_commit = local");
  EXPECT_EQ(CheckDurability(database_.url()), absl::OkStatus())
      << "durable here, without waiting for a standby";
}

}  // namespace
}  // namespace loyalty::postgres
