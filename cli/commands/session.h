// What every command works with: where the service is, how to print, and the calls themselves.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "CLI/App.hpp"
#include "absl/time/time.h"
#include "cli/commands/app.h"
#include "cli/text/error_text.h"
#include "grpcpp/grpcpp.h"
#include "loyalty/points/v1/program_service.grpc.pb.h"

namespace loyalty::cli {

// An answer with what came beside it.
template <class Response>
struct Reply {
  grpc::Status status;
  Response response;
  bool replayed = false;  // the request had been done before
};

// Where the four services are, HOST:PORT.
struct SuiteAddresses {
  std::string points;
  std::string referral;
  std::string membership;
  std::string surveys;
};

struct Session {
  Session(std::ostream& out, std::ostream& err, bool err_is_terminal);

  // To the points service, or to what --address names.
  std::shared_ptr<grpc::Channel> Connect() const { return Connect(address); }
  std::shared_ptr<grpc::Channel> Connect(const std::string& to) const;

  // One unary call: Call(*stub, &PointsService::Stub::Earn, request).
  template <class Stub, class Request, class Response>
  Reply<Response> Call(Stub& stub,
                       grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                       const Request& request) const {
    Reply<Response> reply;
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(timeout_seconds)));
    reply.status = (stub.*method)(&context, request, &reply.response);
    reply.replayed = IsReplayed(context);
    return reply;
  }

  // Prints why the call failed; returns the exit code.
  int Fail(const grpc::Status& status) const;
  // The same for what goes wrong on this side. Exit code kFailed, or kWrongUse.
  int Fail(absl::string_view message, int code = kFailed) const;

  std::ostream& out;
  std::ostream& err;
  const bool err_is_terminal;
  std::string address;
  double timeout_seconds = 30;
  bool json = false;
  int exit_code = kOk;

 private:
  static bool IsReplayed(const grpc::ClientContext& context);
};

// A command under `parent` with the options that all commands have.
CLI::App& AddCommand(CLI::App& parent, const std::string& name, const std::string& description,
                     Session& session);
// Options for the addresses of the other services, for a command that calls more than one; `addresses.points`
// is the session's address.
void AddSuiteOptions(CLI::App& command, SuiteAddresses& addresses);
// A noun whose verbs are commands.
CLI::App& AddNoun(CLI::App& app, const std::string& name, const std::string& description);

// A random (version 4) UUID.
std::string NewRequestId();

// The program, for its currency, time zone and words.
Reply<points::v1::GetProgramResponse> GetProgram(const Session& session,
                                                 std::shared_ptr<grpc::Channel> channel,
                                                 const std::string& program_id);

}  // namespace loyalty::cli
