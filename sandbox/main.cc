// loyalty-payment-sandbox: the sandbox provider as a program. Never for production: it takes no money.
#include <absl/flags/flag.h>
#include <absl/flags/parse.h>
#include <absl/flags/usage.h>
#include <absl/flags/usage_config.h>
#include <absl/strings/match.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <signal.h>

#include <iostream>

#include "sandbox/payments/provider.h"

ABSL_FLAG(std::string, listen_address, "127.0.0.1:50055", "host:port of the gRPC server");

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("A payment provider that moves no money, for development and tests.");
  absl::FlagsUsageConfig usage;
  usage.contains_help_flags = [](absl::string_view file) { return absl::StrContains(file, "sandbox/"); };
  absl::SetFlagsUsageConfig(usage);
  absl::ParseCommandLine(argc, argv);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  loyalty::sandbox::PaymentProvider provider;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(absl::GetFlag(FLAGS_listen_address), grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&provider);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server || port == 0) {
    std::cerr << "--listen_address: cannot listen on " << absl::GetFlag(FLAGS_listen_address)
              << "; is the port taken?\n";
    return 1;
  }
  server->GetHealthCheckService()->SetServingStatus(true);
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  return 0;
}
