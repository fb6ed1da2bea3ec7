// A client for tests of a service, which speaks to it over TCP in one line a call. A service's test_client.h
// gives its stubs short names:
//
//   using Points = v1::PointsService::StubInterface;
//   using Client = testing::Client<v1::PointsService, v1::LedgerService>;
//
//   const auto earned = client.Call(&Points::Earn, "member_id: 'anna', request_id: 'r1', points: 100");
//   EXPECT_THAT(client.Call(&Points::Spend, "…"), Refused(StatusCode::FAILED_PRECONDITION, "…"));
//
// Requests are JSON without the outer braces. What they do not name is filled in: see Fill.
#pragma once

#include <gmock/gmock.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "loyalty/rpc/v1/status.pb.h"

namespace loyalty::testing {

using grpc::StatusCode;

// An error as a client takes it apart.
struct WireError {
  StatusCode code = StatusCode::OK;
  std::string message, reason, domain;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> violations;  // "field REASON"
};

WireError Decode(const rpc::v1::Status& status);
// Of the trailers. The code in the details has to be the code of the call.
WireError Decode(const grpc::Status& status);
std::ostream& operator<<(std::ostream& out, const WireError& error);

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

inline const WireError& ErrorOf(const WireError& error) { return error; }
template <class Response>
const WireError& ErrorOf(const Reply<Response>& reply) {
  return reply.error;
}

// Of a reply or a WireError. `domain`: the contract's package.
MATCHER_P3(RefusedBy, domain, code, reason, "") {
  const WireError& error = ErrorOf(arg);
  *result_listener << error << " of " << error.domain;
  return error.code == code && error.reason == reason && error.domain == domain;
}
// Done now; done at an earlier call, whose answer this is.
MATCHER(IsOk, "") { return arg.ok() && !arg.replayed; }
MATCHER(IsReplayed, "") { return arg.ok() && arg.replayed; }
// Messages are compared as a whole.
MATCHER_P(IsMessage, expected, expected.ShortDebugString()) {
  return google::protobuf::util::MessageDifferencer::Equals(arg, expected);
}

// What is filled in where a request has the field and the text does not name it: the program is "shop"; of a
// change the request id a new one, and the actor "bob".
enum class Fill { kProgram, kChange };

void ParseInto(google::protobuf::Message& message, const std::string& json, Fill fill);

template <class Message>
Message Parse(const std::string& json, Fill fill = Fill::kProgram) {
  Message message;
  ParseInto(message, json, fill);
  return message;
}

// Whether the server says that the answer is that of an earlier call.
bool WasReplayed(const grpc::ClientContext& context);

// The stubs of one server.
template <class... Services>
class Client {
 public:
  explicit Client(const std::shared_ptr<grpc::Channel>& channel, Fill fill = Fill::kProgram)
      : fill_(fill), stubs_(Services::NewStub(channel)...) {}

  // Of Interface = PointsService::StubInterface, for calls that are made otherwise.
  template <class Interface>
  Interface& Stub() {
    return *std::get<std::unique_ptr<Interface>>(stubs_);
  }

  template <class Interface, class Request, class Response>
  Reply<Response> Send(grpc::Status (Interface::*method)(grpc::ClientContext*, const Request&, Response*),
                       const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    Reply<Response> reply;
    const grpc::Status status = (Stub<Interface>().*method)(&context, request, &reply.body);
    if (!status.ok()) reply.error = Decode(status);
    reply.replayed = WasReplayed(context);
    return reply;
  }
  template <class Interface, class Request, class Response>
  Reply<Response> Call(grpc::Status (Interface::*method)(grpc::ClientContext*, const Request&, Response*),
                       const std::string& json) {
    return Send(method, Parse<Request>(json, fill_));
  }

 private:
  const Fill fill_;
  std::tuple<std::unique_ptr<typename Services::StubInterface>...> stubs_;
};

// Runs `body(0)` to `body(count - 1)` at the same time.
void InThreads(int count, const std::function<void(int)>& body);

}  // namespace loyalty::testing
