// A service on a database and a clock of its own, inside the test's process:
//
//   InProcessServer server(points::Definition());
//   auto stub = points::v1::PointsService::NewStub(server.channel());
//   server.clock().Advance(absl::Hours(1));
//   server.RunDue("shop");   // due work, followers, deliveries: in tests they run only when they are told to
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>

#include "common/clock/clock.h"
#include "common/server/server.h"
#include "common/testing/test_database.h"
#include "loyalty/admin/v1/due_service.grpc.pb.h"

namespace loyalty::testing {

// Half a year before the tests were written, so that no test depends on today.
inline const absl::Time kTestStart =
    absl::FromCivil(absl::CivilSecond(2026, 5, 1, 12, 0, 0), absl::UTCTimeZone());

class InProcessServer {
 public:
  explicit InProcessServer(const rpc::ServiceDefinition& definition, GroupCommitterOptions batch = {})
      : InProcessServer(definition, rpc::ServerOptions{.batch = std::move(batch), .background = false}) {}

  // With options of the test's own: `points_address` of a FakePoints, `background`.
  InProcessServer(const rpc::ServiceDefinition& definition, rpc::ServerOptions options)
      : database_(definition.schema, definition.migrations), clock_(kTestStart) {
    options.listen_address = "127.0.0.1:0";
    options.database_url = database_.url();
    server_ = std::make_unique<rpc::Server>(definition, options, clock_);
    const absl::Status started = server_->Start();
    if (!started.ok()) ADD_FAILURE() << started;
  }

  // A connection over real TCP, so that a test takes the way of a client.
  std::shared_ptr<grpc::Channel> channel() const {
    return grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()),
                               grpc::InsecureChannelCredentials());
  }
  // Does all that is due in a program, follows points and delivers, until nothing is left. How many things it
  // did.
  int64_t RunDue(const std::string& program_id) {
    const auto stub = admin::v1::DueService::NewStub(channel());
    admin::v1::RunDueRequest request;
    admin::v1::RunDueResponse response;
    request.set_program_id(program_id);
    grpc::ClientContext context;
    const grpc::Status status = stub->RunDue(&context, request, &response);
    if (!status.ok()) ADD_FAILURE() << status.error_message();
    return response.done_count();
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
