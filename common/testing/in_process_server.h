// A service on a database and a clock of its own, inside the test's process:
//
//   InProcessServer server(points::Definition());
//   auto stub = points::v1::PointsService::NewStub(server.channel());
//   server.clock().Advance(absl::Hours(1));
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>

#include "common/clock/clock.h"
#include "common/rpc/server.h"
#include "common/testing/test_database.h"

namespace loyalty::testing {

// Half a year before the tests were written, so that no test depends on today.
inline const absl::Time kTestStart =
    absl::FromCivil(absl::CivilSecond(2026, 5, 1, 12, 0, 0), absl::UTCTimeZone());

class InProcessServer {
 public:
  explicit InProcessServer(const rpc::ServiceDefinition& definition, GroupCommitterOptions batch = {})
      : database_(definition.schema, definition.migrations), clock_(kTestStart) {
    rpc::ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    options.database_url = database_.url();
    options.batch = std::move(batch);
    server_ = std::make_unique<rpc::Server>(definition, options, clock_);
    const absl::Status started = server_->Start();
    if (!started.ok()) ADD_FAILURE() << started;
  }

  // A connection over real TCP, so that a test takes the way of a client.
  std::shared_ptr<grpc::Channel> channel() const {
    return grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()),
                               grpc::InsecureChannelCredentials());
  }
  ManualClock& clock() { return clock_; }
  const TestDatabase& database() const { return database_; }
  rpc::Server& server() { return *server_; }

 private:
  TestDatabase database_;
  ManualClock clock_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace loyalty::testing
