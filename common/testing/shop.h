// A service of the tests' own, with the tables that all services have and two more, for tests of what they
// share.
#pragma once

#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/metrics/metrics.h"
#include "common/postgres/pool.h"
#include "common/server/server.h"
#include "common/testing/in_process_server.h"
#include "common/testing/test_database.h"
#include "common/work/schema.h"
#include "common/work/work.h"

namespace loyalty::testing {

inline constexpr postgres::Statement kInsertEffect{
    "insert_effect", "INSERT INTO effect (program_key, position, text) VALUES ($1, $2, $3)"};
inline constexpr postgres::Statement kProgramsWithReminders{
    "programs_with_reminders",
    "SELECT DISTINCT reminder.program_key FROM reminder LEFT JOIN platform.test_clock USING (program_key) "
    "WHERE due_time <= coalesce(test_clock.clock_time, $1) LIMIT $2"};
inline constexpr postgres::Statement kNextReminder{
    "next_reminder", "SELECT min(due_time) FROM reminder WHERE program_key = $1"};
inline constexpr postgres::Statement kTakeReminder{
    "take_reminder",
    "SELECT reminder_id, due_time FROM reminder WHERE program_key = $1 AND due_time <= $2 ORDER BY due_time "
    "LIMIT 1 "
    "FOR UPDATE SKIP LOCKED"};
inline constexpr postgres::Statement kMoveReminder{
    "move_reminder",
    "UPDATE reminder SET due_time = due_time + interval '30 days', run_times = run_times || $3::timestamptz "
    "WHERE program_key = $1 AND reminder_id = $2"};

inline std::vector<postgres::Statement> ShopStatements() {
  return {kInsertEffect, kProgramsWithReminders, kNextReminder, kTakeReminder, kMoveReminder};
}
inline std::vector<postgres::Migration> ShopMigrations() {
  return {{1, "tables",
           "CREATE TABLE effect (program_key integer, number bigint GENERATED ALWAYS AS IDENTITY, position "
           "bigint, "
           "text text);"
           "CREATE TABLE reminder (program_key integer, reminder_id integer, due_time timestamptz, "
           "run_times timestamptz[] NOT NULL DEFAULT '{}')"}};
}
inline rpc::ServiceDefinition ShopDefinition() {
  return {.name = "shop",
          .schema = "shop",
          .statements = ShopStatements(),
          .migrations = ShopMigrations(),
          .build = [](rpc::Runtime&) { return rpc::Parts(); }};
}

// The shop's database with the program "shop", and access to it.
class Shop {
 public:
  Shop() : key_(database_.AddProgram("shop")) {}

  const TestDatabase& database() const { return database_; }
  std::string Exec(const std::string& sql) const { return database_.Exec(sql); }
  ManualClock& clock() { return clock_; }
  metrics::Registry& registry() { return registry_; }
  postgres::Pool& pool() { return pool_; }
  work::Runner& runner() { return runner_; }
  int32_t key() const { return key_; }

  // A text as an event of the shop.
  void Emit(const std::string& text, const work::EventFacts& facts = {},
            const std::string& program = "shop") {
    Do([&](work::Work& work) { work.Emit(Text(text), facts); }, program);
  }
  template <class Body>
  void Do(Body body, const std::string& program = "shop") {
    const absl::Status status = runner_.Do(program, "clerk", [&](work::Work& work) {
      body(work);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  static google::protobuf::StringValue Text(const std::string& text) {
    google::protobuf::StringValue out;
    out.set_value(text);
    return out;
  }

  // A server of the shop on this database.
  std::unique_ptr<rpc::Server> Serve(const rpc::ServiceDefinition& definition = ShopDefinition(),
                                     rpc::ServerOptions options = {.background = false}) {
    options.listen_address = "127.0.0.1:0";
    options.database_url = database_.url();
    auto server = std::make_unique<rpc::Server>(definition, options, clock_);
    const absl::Status started = server->Start();
    EXPECT_TRUE(started.ok()) << started;
    return server;
  }
  static std::string AddressOf(const rpc::Server& server) {
    return "127.0.0.1:" + std::to_string(server.port());
  }
  static std::shared_ptr<grpc::Channel> ChannelTo(const rpc::Server& server) {
    return grpc::CreateChannel(AddressOf(server), grpc::InsecureChannelCredentials());
  }

  // The value of a counter or gauge without labels, or with those of its only one.
  static double Metric(metrics::Registry& registry, const std::string& name) {
    for (const auto& family : registry.Collect()) {
      if (family.name != name) continue;
      return family.metric.at(0).counter.value + family.metric.at(0).gauge.value;
    }
    ADD_FAILURE() << name << " is missing";
    return 0;
  }

 private:
  TestDatabase database_{"shop", ShopMigrations()};
  const int32_t key_;
  ManualClock clock_{kTestStart};
  metrics::Registry registry_;
  postgres::Pool pool_{{.url = database_.url(),
                        .size = 10,
                        .statements = work::StatementsWith(ShopStatements()),
                        .schema = "shop"},
                       registry_};
  work::Runner runner_{pool_, clock_, "shop"};
};

}  // namespace loyalty::testing
