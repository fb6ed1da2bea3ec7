#include "cli/commands/session.h"

#include <cstdlib>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {
namespace {

std::string DefaultAddress(const char* variable, const char* otherwise) {
  const char* address = std::getenv(variable);
  return address != nullptr && *address != '\0' ? address : otherwise;
}

// No service of the suite has answered.
bool IsUnreachable(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE && status.error_details().empty();
}

}  // namespace

Session::Session(std::ostream& out, std::ostream& err, bool err_is_terminal)
    : out(out),
      err(err),
      err_is_terminal(err_is_terminal),
      address(DefaultAddress("LOYALTY_POINTS_ADDRESS", "127.0.0.1:50051")) {}

std::shared_ptr<grpc::Channel> Session::Connect(const std::string& to) const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetMaxReceiveMessageSize(64 * 1024 * 1024);
  return grpc::CreateCustomChannel(to, grpc::InsecureChannelCredentials(), arguments);
}

int Session::Fail(const grpc::Status& status) const {
  const Failure failure = DecodeFailure(status);
  if (json) {
    err << FailureJson(failure).dump() << '\n';
  } else {
    err << "loyalty: " << FailureText(failure);
    if (IsUnreachable(status)) err << " (is the service running at " << address << "?)";
    err << '\n';
  }
  return kFailed;
}

int Session::Fail(absl::string_view message, int code) const {
  if (json) {
    err << nlohmann::json{{"message", std::string(message)}}.dump() << '\n';
  } else {
    err << "loyalty: " << message << '\n';
  }
  return code;
}

bool Session::IsReplayed(const grpc::ClientContext& context) {
  const auto& trailer = context.GetServerTrailingMetadata();
  const auto replayed = trailer.find("replayed");
  return replayed != trailer.end() && replayed->second == "true";
}

CLI::App& AddCommand(CLI::App& parent, const std::string& name, const std::string& description,
                     Session& session) {
  CLI::App& command = *parent.add_subcommand(name, description);
  const std::string group = "Common options";
  command
      .add_option("--address", session.address,
                  "The points service, HOST:PORT; from LOYALTY_POINTS_ADDRESS if set")
      ->capture_default_str()
      ->group(group);
  command.add_option("--timeout", session.timeout_seconds, "Seconds to wait for an answer")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  command.add_flag("--json", session.json, "Print JSON, errors too")->group(group);
  return command;
}

void AddSuiteOptions(CLI::App& command, SuiteAddresses& addresses) {
  const auto add = [&command](const std::string& option, std::string& address, const char* variable,
                              const char* otherwise, const std::string& service) {
    address = DefaultAddress(variable, otherwise);
    command
        .add_option(option, address,
                    absl::StrCat("The ", service, " service, HOST:PORT; from ", variable, " if set"))
        ->capture_default_str()
        ->group("Common options");
  };
  add("--referral-address", addresses.referral, "LOYALTY_REFERRAL_ADDRESS", "127.0.0.1:50052", "referral");
  add("--membership-address", addresses.membership, "LOYALTY_MEMBERSHIP_ADDRESS", "127.0.0.1:50053",
      "membership");
  add("--surveys-address", addresses.surveys, "LOYALTY_SURVEYS_ADDRESS", "127.0.0.1:50054", "surveys");
}

CLI::App& AddNoun(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App& noun = *app.add_subcommand(name, description);
  noun.require_subcommand(1);
  return noun;
}

std::string NewRequestId() {
  absl::BitGen random;
  const auto high = absl::Uniform<uint64_t>(random);
  const auto low = absl::Uniform<uint64_t>(random);
  return absl::StrFormat("%08x-%04x-4%03x-%04x-%012x", high >> 32, (high >> 16) & 0xFFFF, high & 0xFFF,
                         0x8000 | (low >> 50), low & 0xFFFFFFFFFFFF);
}

Reply<points::v1::GetProgramResponse> GetProgram(const Session& session,
                                                 std::shared_ptr<grpc::Channel> channel,
                                                 const std::string& program_id) {
  const auto stub = points::v1::ProgramService::NewStub(std::move(channel));
  points::v1::GetProgramRequest request;
  request.set_program_id(program_id);
  return session.Call(*stub, &points::v1::ProgramService::Stub::GetProgram, request);
}

}  // namespace loyalty::cli
