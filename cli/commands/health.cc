// loyalty health
#include <memory>

#include "CLI/CLI.hpp"
#include "cli/commands/nouns.h"
#include "cli/commands/session.h"
#include "google/protobuf/wrappers.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {
namespace {

// The generated code of grpc.health.v1 is not packaged. HealthCheckRequest {string service = 1} and
// HealthCheckResponse {ServingStatus status = 1} have the wire format of these two.
using HealthCheckRequest = google::protobuf::StringValue;
using HealthCheckResponse = google::protobuf::Int32Value;
constexpr int kServing = 1;

struct HealthOptions {
  std::string service;
  double wait_seconds = 0;
};

Reply<HealthCheckResponse> Check(const std::shared_ptr<grpc::Channel>& channel, const std::string& service,
                                 absl::Time deadline) {
  Reply<HealthCheckResponse> reply;
  HealthCheckRequest request;
  request.set_value(service);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  grpc::CompletionQueue queue;
  grpc::TemplatedGenericStub<HealthCheckRequest, HealthCheckResponse> stub(channel);
  const auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  call->Finish(&reply.response, &reply.status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return reply;
}

std::string StatusName(int status) {
  switch (status) {
    case kServing:
      return "SERVING";
    case 2:
      return "NOT_SERVING";
    case 3:
      return "SERVICE_UNKNOWN";
    default:
      return "UNKNOWN";
  }
}

int Health(const Session& session, const HealthOptions& options) {
  const absl::Time give_up = absl::Now() + absl::Seconds(options.wait_seconds);
  for (;;) {
    // A channel of its own for each try: one that has failed connects again only after a while.
    const auto reply =
        Check(session.Connect(), options.service, absl::Now() + absl::Seconds(session.timeout_seconds));
    const bool serving = reply.status.ok() && reply.response.value() == kServing;
    if (!serving && absl::Now() < give_up) {
      absl::SleepFor(absl::Milliseconds(100));
      continue;
    }
    if (!reply.status.ok()) return session.Fail(reply.status);
    const std::string status = StatusName(reply.response.value());
    session.out << (session.json ? nlohmann::json{{"status", status}}.dump() : status) << '\n';
    return serving ? kOk : kFailed;
  }
}

}  // namespace

void AddHealthCommand(CLI::App& app, Session& session) {
  CLI::App& health = AddCommand(app, "health", "Ask any service of the suite whether it is serving", session);
  const auto options = std::make_shared<HealthOptions>();
  health.add_option("--service", options->service,
                    "One gRPC service of the server. Default: the server as a whole");
  health.add_option("--wait", options->wait_seconds, "Ask again until it is serving, for so many seconds")
      ->check(CLI::NonNegativeNumber);
  health.callback([&session, options] { session.exit_code = Health(session, *options); });
}

}  // namespace loyalty::cli
