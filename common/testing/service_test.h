// What the tests of a service's RPCs begin with: a server and a client of the test's own.
//
//   using Client = testing::Client<v1::PointsService, v1::LedgerService>;
//   class ServerTest : public testing::ServiceTest<Client> {
//    protected:
//     ServerTest() : ServiceTest(Definition()) {}
//   };
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "common/testing/client.h"
#include "common/testing/fake_points.h"
#include "common/testing/in_process_server.h"

namespace loyalty::testing {

// A test on a server of its own, where it is noon (UTC) on the first of May 2026 until the test moves the
// clock.
template <class Client>
class ServiceTest : public ::testing::Test {
 protected:
  explicit ServiceTest(const rpc::ServiceDefinition& definition,
                       rpc::ServerOptions options = {.background = false}, Fill fill = Fill::kProgram)
      : schema_(definition.schema),
        server_(definition, std::move(options)),
        client_(server_.channel(), fill) {}

  template <class Method>
  auto Call(Method method, const std::string& json) {
    return client_.Call(method, json);
  }
  // A call that a test only needs to have been made. Returns its answer.
  template <class Method>
  auto Made(Method method, const std::string& json) {
    const auto reply = Call(method, json);
    EXPECT_TRUE(reply.ok()) << reply << " from " << json;
    return *reply;
  }

  // The first value of a query.
  std::string Ask(const std::string& sql) const { return server_.database().Exec(sql); }
  // How many rows of a table belong to a program. (Program 0 is the planner's.)
  std::string Count(const std::string& table, const std::string& where = "true") const {
    return Ask("SELECT count(*) FROM " + schema_ + "." + table + " WHERE program_key > 0 AND " + where);
  }

 private:
  const std::string schema_;

 protected:
  InProcessServer server_;
  Client client_;
};

// A base for tests of a service that follows points: there before its server is.
struct BesidePoints {
  // Of a server that does in the background what it is told to do, by RunDue, and nothing else.
  rpc::ServerOptions Options() const { return {.points_address = points_.address(), .background = false}; }

  FakePoints points_;
};

}  // namespace loyalty::testing
