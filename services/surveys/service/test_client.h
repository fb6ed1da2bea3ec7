// A surveys server with one program, "shop", beside a points service that only keeps what it is asked; and a
// client that speaks to it over TCP in one line a call:
//
//   const auto created = Call(&Surveys::CreateSurvey, kVisit);
//   EXPECT_THAT(Call(&Surveys::PublishSurvey, "survey_id: 'x'"), Refused(StatusCode::NOT_FOUND,
//   "SURVEY_NOT_FOUND"));
//
// Requests are JSON without the outer braces. What they do not name: the program is "shop", the request id a
// new one, the actor of a change "bob".
#pragma once

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/testing/fake_points.h"
#include "common/testing/in_process_server.h"
#include "loyalty/rpc/v1/status.pb.h"
#include "loyalty/surveys/v1/case_service.grpc.pb.h"
#include "loyalty/surveys/v1/event.pb.h"
#include "loyalty/surveys/v1/response_service.grpc.pb.h"
#include "loyalty/surveys/v1/result_service.grpc.pb.h"
#include "loyalty/surveys/v1/survey_service.grpc.pb.h"
#include "services/surveys/definition.h"

namespace loyalty::surveys {

using grpc::StatusCode;
using Surveys = v1::SurveyService::StubInterface;
using Responses = v1::ResponseService::StubInterface;
using Results = v1::ResultService::StubInterface;
using Cases = v1::CaseService::StubInterface;

// An error as a client takes it apart.
struct WireError {
  StatusCode code = StatusCode::OK;
  std::string message, reason, domain;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> violations;  // "field REASON"
};

inline WireError Decode(const grpc::Status& status) {
  WireError error{status.error_code(), status.error_message(), "", "", {}, {}};
  rpc::v1::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  for (const auto& detail : details.details()) {
    rpc::v1::ErrorInfo info;
    rpc::v1::BadRequest bad;
    if (detail.type_url() == "type.googleapis.com/google.rpc.ErrorInfo" &&
        info.ParseFromString(detail.value())) {
      error.reason = info.reason();
      error.domain = info.domain();
      error.metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (detail.type_url() == "type.googleapis.com/google.rpc.BadRequest" &&
               bad.ParseFromString(detail.value())) {
      for (const auto& violation : bad.field_violations()) {
        EXPECT_NE(violation.description(), "") << violation.field();
        error.violations.push_back(violation.field() + " " + violation.reason());
      }
    }
  }
  return error;
}

inline std::ostream& operator<<(std::ostream& out, const WireError& error) {
  out << "code " << error.code << " " << error.reason << " (" << error.message << ")";
  for (const std::string& violation : error.violations) out << ", " << violation;
  return out;
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
template <class Response>
std::ostream& operator<<(std::ostream& out, const Reply<Response>& reply) {
  if (!reply.ok()) return out << reply.error;
  return out << (reply.replayed ? "replayed " : "") << reply.body.ShortDebugString();
}

MATCHER_P2(Refused, code, reason, "") {
  *result_listener << arg.error << " of " << arg.error.domain;
  return arg.error.code == code && arg.error.reason == reason && arg.error.domain == "loyalty.surveys.v1";
}
MATCHER(IsOk, "") { return arg.ok() && !arg.replayed; }
MATCHER(IsReplayed, "") { return arg.ok() && arg.replayed; }
MATCHER_P(IsMessage, expected, expected.ShortDebugString()) {
  return google::protobuf::util::MessageDifferencer::Equals(arg, expected);
}

inline std::string NewRequestId() {
  static std::atomic<int> count = 0;
  return absl::StrCat("request-", ++count);
}

template <class Message>
Message Parse(const std::string& json) {
  Message message;
  const auto status = google::protobuf::util::JsonStringToMessage("{" + json + "}", &message);
  EXPECT_TRUE(status.ok()) << status.ToString() << " in " << json;
  const auto fill = [&](const char* name, const std::string& value) {
    const auto* field = Message::descriptor()->FindFieldByName(name);
    if (field == nullptr || json.find(absl::StrCat(name, ":")) != std::string::npos) return;
    message.GetReflection()->SetString(&message, field, value);
  };
  fill("program_id", "shop");
  fill("request_id", NewRequestId());
  fill("actor", "bob");
  return message;
}

// The stubs of one server.
class Client {
 public:
  explicit Client(const std::shared_ptr<grpc::Channel>& channel)
      : surveys_(v1::SurveyService::NewStub(channel)),
        responses_(v1::ResponseService::NewStub(channel)),
        results_(v1::ResultService::NewStub(channel)),
        cases_(v1::CaseService::NewStub(channel)) {}

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

 private:
  template <class Stub>
  Stub* Get() {
    if constexpr (std::is_same_v<Stub, Surveys>) return surveys_.get();
    if constexpr (std::is_same_v<Stub, Responses>) return responses_.get();
    if constexpr (std::is_same_v<Stub, Results>) return results_.get();
    if constexpr (std::is_same_v<Stub, Cases>) return cases_.get();
  }

  std::unique_ptr<Surveys> surveys_;
  std::unique_ptr<Responses> responses_;
  std::unique_ptr<Results> results_;
  std::unique_ptr<Cases> cases_;
};

// A survey with a question of each type; 50 points for completing it.
inline constexpr char kVisit[] =
    "survey: {survey_id: 'visit', display_name: 'Your visit', completion_points: 50, questions: ["
    "{question_id: 'nps', type: 'QUESTION_TYPE_NPS', text: 'Would you recommend us?', required: true,"
    " follow_up: {promoter: 'What do you like?', detractor: 'What went wrong?'}},"
    "{question_id: 'csat', type: 'QUESTION_TYPE_CSAT', text: 'Are you satisfied?'},"
    "{question_id: 'cli', type: 'QUESTION_TYPE_CLI', text: 'How likely is it?'},"
    "{question_id: 'color', type: 'QUESTION_TYPE_SINGLE_CHOICE', text: 'Which one?',"
    " choices: [{choice_id: 'red', text: 'Red'}, {choice_id: 'blue', text: 'Blue'}]},"
    "{question_id: 'why', type: 'QUESTION_TYPE_TEXT', text: 'Why?'}],"
    "case_policy: {make_good_limit_points: 500}}";

// A test on a server of its own, where it is noon on the first of May 2026 until the test moves the clock.
class ServerTest : public ::testing::Test {
 protected:
  ServerTest() { server_.database().AddProgram("shop"); }

  template <class Method>
  auto Call(Method method, const std::string& json) {
    return client_.Call(method, json);
  }
  // A call that a test only needs to have been made.
  template <class Method>
  auto Made(Method method, const std::string& json) {
    const auto reply = Call(method, json);
    EXPECT_TRUE(reply.ok()) << reply.error << " from " << json;
    return *reply;
  }

  void PublishVisit(const std::string& survey = kVisit) {
    const auto created = Made(&Surveys::CreateSurvey, survey);
    Made(&Surveys::PublishSurvey, absl::StrCat("survey_id: '", created.survey().survey_id(), "'"));
  }
  // The token of a new invitation to "visit".
  std::string Invite(const std::string& member = "anna", const std::string& more = "") {
    const std::string json = absl::StrCat("survey_id: 'visit', member_id: '", member, "'", more);
    return Made(&Responses::CreateInvitation, json).invitation().token();
  }
  auto Submit(const std::string& token, const std::string& answers, const std::string& more = "") {
    return Call(&Responses::SubmitResponse,
                absl::StrCat("token: '", token, "', answers: [", answers, "]", more));
  }
  // The case that a new response with this NPS score opens; 0: none.
  int64_t CaseOf(int nps, const std::string& member = "anna") {
    const auto reply = Submit(Invite(member), absl::StrCat("{question_id: 'nps', score: ", nps, "}"));
    EXPECT_TRUE(reply.ok()) << reply;
    return reply->case_id();
  }

  // "<type> <member> <cause> <actor>" of each event, in order.
  std::string Events() const {
    return server_.database().Exec(
        "SELECT coalesce(string_agg(concat_ws(' ', replace(type, 'loyalty.surveys.v1.', ''), "
        "nullif(member_id, "
        "''), cause, actor), ', ' ORDER BY position), '') FROM surveys.outbox");
  }
  template <class Message>
  Message LastEvent() const {
    Message message;
    EXPECT_TRUE(message.ParseFromString(absl::HexStringToBytes(
        server_.database().Exec("SELECT encode(payload, 'hex') FROM surveys.outbox WHERE type = '" +
                                Message::descriptor()->full_name() + "' ORDER BY position DESC LIMIT 1"))));
    return message;
  }
  // "<cause> <part> <member> <points>" of what is owed to points.
  std::string Deliveries() const {
    return server_.database().Exec(
        "SELECT coalesce(string_agg(concat_ws(' ', cause, part, member_id, points), ', ' ORDER BY "
        "delivery_id), "
        "'') FROM surveys.delivery");
  }
  // A summary of all that is written.
  std::string Written() const {
    std::string text;
    for (const char* table : {"survey", "invitation", "response", "answer", "member_case", "case_note",
                              "outbox", "delivery", "request"}) {
      absl::StrAppend(&text, " ",
                      server_.database().Exec(absl::StrCat(
                          "SELECT md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM surveys.",
                          table, " AS t")));
    }
    return text;
  }

  testing::FakePoints points_;
  testing::InProcessServer server_{
      Definition(), rpc::ServerOptions{.points_address = points_.address(), .background = false}};
  Client client_{server_.channel()};
};

}  // namespace loyalty::surveys
