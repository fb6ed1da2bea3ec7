// Plays the story: calls the services, holds them to the plot, and writes each call on the page.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cli/commands/session.h"
#include "cli/commands/story_page.h"
#include "cli/text/output.h"
#include "loyalty/points/v1/program.pb.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {

// Something went against the plot. Thrown by the teller, caught where the story ends.
struct PlotError {
  std::string message;
};

class Teller {
 public:
  Teller(const Session& session, const SuiteAddresses& addresses, StoryPage& page);

  // The program that the story plays in; once, before anything below. The clock stands where its test clock
  // does.
  void SetProgram(const points::v1::Program& program);
  const points::v1::Program& program() const { return program_; }
  // By the program's clock.
  absl::Time now() const { return now_; }

  // A request with what requests have in common, as far as it has the fields: program, request id and actor.
  template <class Request>
  Request Make(const std::string& actor = "shop");

  // Calls Call<PointsService>(&PointsService::Stub::Earn, request), which has to be answered with OK; Say
  // comes next.
  template <class Service, class Request, class Response>
  Response Call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request);
  // The same, but it may be answered with an error; only an answer with OK is to be told.
  template <class Service, class Request, class Response>
  Reply<Response> Try(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request);
  // What the last call did, in plain words.
  void Say(const std::string& text);

  // Ends the story unless the last call's answer is as told.
  void Expect(absl::string_view what, int64_t actual, int64_t expected) const;
  void Expect(absl::string_view what, bool as_told) const;

  // Lets time pass until then, in the program's time zone, with all that is due on the way in any service.
  void AdvanceTo(absl::CivilMinute local_time);

  void Chapter(absl::string_view title) { page_.Chapter(title); }
  void Block(absl::string_view lines) { page_.Block(lines); }

  // "1 point", "40 points"
  std::string Points(int64_t points) const;
  // "2025-01-24 09:00", in the program's zone.
  std::string Time(const google::protobuf::Timestamp& time) const;

 private:
  // The channel to the service that has the gRPC service of this name.
  std::shared_ptr<grpc::Channel> ChannelOf(absl::string_view full_name) const;
  [[noreturn]] void Fail(const std::string& rpc, const grpc::Status& status) const;

  const Session& session_;
  StoryPage& page_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;  // by the package's name: "points"
  points::v1::Program program_;
  absl::TimeZone zone_;
  absl::Time now_;
  int requests_ = 0;
  StoryStep last_;
};

template <class Request>
Request Teller::Make(const std::string& actor) {
  Request request;
  const std::string request_id = absl::StrCat("story-", ++requests_);
  if constexpr (requires { request.set_program_id(request_id); })
    request.set_program_id(program_.program_id());
  if constexpr (requires { request.set_request_id(request_id); }) request.set_request_id(request_id);
  if constexpr (requires { request.set_actor(actor); }) request.set_actor(actor);
  return request;
}

template <class Service, class Request, class Response>
Reply<Response> Teller::Try(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                  Response*),
                            const Request& request) {
  const auto stub = Service::NewStub(ChannelOf(Service::service_full_name()));
  const std::string& name = Request::descriptor()->name();  // of the method, with "Request" behind it
  last_ = {.time = now_,
           .rpc = absl::StrCat(Service::service_full_name(), "/", name.substr(0, name.size() - 7)),
           .text = "",
           .request = nlohmann::ordered_json::parse(Json(request)),
           .response = nullptr};
  auto reply = session_.Call(*stub, method, request);
  if (reply.status.ok()) last_.response = nlohmann::ordered_json::parse(Json(reply.response));
  return reply;
}

template <class Service, class Request, class Response>
Response Teller::Call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request) {
  auto reply = Try<Service>(method, request);
  if (!reply.status.ok()) Fail(last_.rpc, reply.status);
  return std::move(reply.response);
}

}  // namespace loyalty::cli
