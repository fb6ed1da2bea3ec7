// A points server with one program, "shop", and a client that speaks to it over TCP in one line a call:
//
//   const auto earned = Call(&Points::Earn, "member_id: 'anna', request_id: 'r1', points: 100");
//   EXPECT_THAT(Call(&Points::Spend, "…"), Refused(StatusCode::FAILED_PRECONDITION, "INSUFFICIENT_POINTS"));
//
// Requests are JSON without the outer braces. Those that have a program_id and do not name it ask "shop".
#pragma once

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/testing/in_process_server.h"
#include "loyalty/events/v1/event_service.grpc.pb.h"
#include "loyalty/points/v1/earn_rule_service.grpc.pb.h"
#include "loyalty/points/v1/ledger_service.grpc.pb.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"
#include "loyalty/points/v1/program_service.grpc.pb.h"
#include "loyalty/rpc/v1/status.pb.h"
#include "services/points/definition.h"

namespace loyalty::points {

using grpc::StatusCode;
using Points = v1::PointsService::StubInterface;
using Programs = v1::ProgramService::StubInterface;
using Rules = v1::EarnRuleService::StubInterface;
using Ledgers = v1::LedgerService::StubInterface;
using Events = events::v1::EventService::StubInterface;

// An error as a client takes it apart.
struct WireError {
  StatusCode code = StatusCode::OK;
  std::string message, reason, domain;
  std::map<std::string, std::string> metadata;
  std::vector<std::pair<std::string, std::string>> violations;  // field and reason
};

inline WireError Decode(const rpc::v1::Status& status) {
  WireError error;
  error.code = static_cast<StatusCode>(status.code());
  error.message = status.message();
  for (const auto& detail : status.details()) {
    if (detail.type_url() == "type.googleapis.com/google.rpc.ErrorInfo") {
      rpc::v1::ErrorInfo info;
      EXPECT_TRUE(info.ParseFromString(detail.value()));
      error.reason = info.reason();
      error.domain = info.domain();
      error.metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (detail.type_url() == "type.googleapis.com/google.rpc.BadRequest") {
      rpc::v1::BadRequest bad;
      EXPECT_TRUE(bad.ParseFromString(detail.value()));
      for (const auto& violation : bad.field_violations()) {
        EXPECT_NE(violation.description(), "") << violation.field();
        error.violations.emplace_back(violation.field(), violation.reason());
      }
    }
  }
  return error;
}

inline WireError Decode(const grpc::Status& status) {
  rpc::v1::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  WireError error = Decode(details);
  if (!status.ok()) {
    EXPECT_EQ(error.code, status.error_code()) << "the code of the trailer and of the details";
  }
  error.code = status.error_code();
  error.message = status.error_message();
  return error;
}

template <class Response>
struct Reply {
  bool ok() const { return error.code == StatusCode::OK; }
  const Response& operator*() const { return body; }
  const Response* operator->() const { return &body; }

  WireError error;
  Response body;
  bool replayed = false;
};

inline std::ostream& operator<<(std::ostream& out, const WireError& error) {
  out << "code " << error.code << " " << error.reason << " (" << error.message << ")";
  for (const auto& [field, reason] : error.violations) out << " " << field << ": " << reason;
  return out;
}
template <class Response>
std::ostream& operator<<(std::ostream& out, const Reply<Response>& reply) {
  if (!reply.ok()) return out << reply.error;
  return out << (reply.replayed ? "replayed " : "") << reply.body.ShortDebugString();
}

inline const WireError& ErrorOf(const WireError& error) { return error; }
template <class Response>
const WireError& ErrorOf(const Reply<Response>& reply) {
  return reply.error;
}
MATCHER_P2(Refused, code, reason, "") {
  const WireError& error = ErrorOf(arg);
  *result_listener << error << " of " << error.domain;
  return error.code == code && error.reason == reason && error.domain == "loyalty.points.v1";
}
MATCHER(IsOk, "") { return arg.ok(); }

// Messages are compared as a whole.
MATCHER_P(IsMessage, expected, expected.ShortDebugString()) {
  return google::protobuf::util::MessageDifferencer::Equals(arg, expected);
}

template <class Message>
Message Parse(const std::string& json) {
  Message message;
  const auto status = google::protobuf::util::JsonStringToMessage("{" + json + "}", &message);
  EXPECT_TRUE(status.ok()) << status.ToString() << " in " << json;
  const auto* program = Message::descriptor()->FindFieldByName("program_id");
  if (program != nullptr && json.find("program_id") == std::string::npos) {
    message.GetReflection()->SetString(&message, program, "shop");
  }
  return message;
}

// The stubs of one server.
class Client {
 public:
  explicit Client(const std::shared_ptr<grpc::Channel>& channel)
      : points_(v1::PointsService::NewStub(channel)),
        programs_(v1::ProgramService::NewStub(channel)),
        rules_(v1::EarnRuleService::NewStub(channel)),
        ledgers_(v1::LedgerService::NewStub(channel)),
        events_(events::v1::EventService::NewStub(channel)) {}

  template <class Stub, class Request, class Response>
  Reply<Response> Send(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                       const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    Reply<Response> reply;
    const grpc::Status status = (Get<Stub>()->*method)(&context, request, &reply.body);
    if (!status.ok()) reply.error = Decode(status);
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto replayed = trailers.find("replayed");
    reply.replayed = replayed != trailers.end() && replayed->second == "true";
    return reply;
  }
  template <class Stub, class Request, class Response>
  Reply<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                       const std::string& json) {
    return Send(method, Parse<Request>(json));
  }

  v1::PointsService::Stub& points() { return *points_; }

 private:
  template <class Stub>
  Stub* Get() {
    if constexpr (std::is_same_v<Stub, Points>) return points_.get();
    if constexpr (std::is_same_v<Stub, Programs>) return programs_.get();
    if constexpr (std::is_same_v<Stub, Rules>) return rules_.get();
    if constexpr (std::is_same_v<Stub, Ledgers>) return ledgers_.get();
    if constexpr (std::is_same_v<Stub, Events>) return events_.get();
  }

  std::unique_ptr<v1::PointsService::Stub> points_;
  std::unique_ptr<v1::ProgramService::Stub> programs_;
  std::unique_ptr<v1::EarnRuleService::Stub> rules_;
  std::unique_ptr<v1::LedgerService::Stub> ledgers_;
  std::unique_ptr<events::v1::EventService::Stub> events_;
};

inline constexpr char kShop[] =
    "program: {program_id: 'shop', display_name: 'The shop', currency_code: 'USD', time_zone: "
    "'America/New_York'}";

// A test on a server of its own, where it is noon on the first of May 2026 until the test moves the clock.
class ServerTest : public ::testing::Test {
 protected:
  template <class Method>
  auto Call(Method method, const std::string& json) {
    return client_.Call(method, json);
  }
  void SetUp() override { ASSERT_THAT(Call(&Programs::CreateProgram, kShop), IsOk()); }

  // For what a test only needs to be there.
  template <class Method>
  void Seed(Method method, const std::string& json) {
    const auto reply = Call(method, json);
    ASSERT_TRUE(reply.ok()) << reply.error;
  }
  int64_t Balance(const std::string& member) {
    const auto reply = Call(&Points::GetBalance, "member_id: '" + member + "'");
    EXPECT_TRUE(reply.ok()) << reply.error;
    return reply->balance().available_points();
  }
  // How many rows of a table belong to a program. (Program 0 is the planner's.)
  std::string Count(const std::string& table, const std::string& where = "true") const {
    return server_.database().Exec("SELECT count(*) FROM points." + table + " WHERE program_key > 0 AND " +
                                   where);
  }
  // A summary of all that is written.
  std::string Written() const {
    std::string text = server_.database().Exec(
        "SELECT concat_ws(' ', (SELECT count(*) FROM platform.program), (SELECT max(update_time) FROM "
        "platform.program), "
        "(SELECT sum(balance) FROM points.account WHERE program_key > 0))");
    for (const char* table :
         {"member", "account", "entry", "lot", "lot_use", "earn_rule", "outbox", "request"})
      text += " " + Count(table);
    return text;
  }
  void ExpectCleanLedger() {
    const auto report = Call(&Ledgers::VerifyLedger, "");
    ASSERT_TRUE(report.ok()) << report.error;
    for (const auto& difference : report->differences()) ADD_FAILURE() << difference.ShortDebugString();
  }

  testing::InProcessServer server_{Definition()};
  Client client_{server_.channel()};
};

}  // namespace loyalty::points
