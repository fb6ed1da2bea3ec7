#include "common/server/server.h"

#include <absl/strings/str_cat.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include "common/log/log.h"
#include "common/rpc/channel.h"
#include "common/server/backbone.h"
#include "common/status/status.h"
#include "common/work/schema.h"

namespace loyalty::rpc {
namespace {

constexpr int kMaxMessageBytes = 4 * 1024 * 1024;
constexpr int kMaxConnectionAgeMs = 30 * 60 * 1000;  // so that new replicas get their share of clients
constexpr absl::Duration kFlush = absl::Milliseconds(200);

metrics::Counter& AppendedEvents(metrics::Registry& registry) {
  return prometheus::BuildCounter()
      .Name("loyalty_events_appended_total")
      .Help("Events written to the outbox.")
      .Register(registry)
      .Add({});
}

}  // namespace

Server::Server(const ServiceDefinition& definition, ServerOptions options, Clock& clock)
    : definition_(definition), options_(std::move(options)), clock_(clock) {
  std::vector<postgres::Statement> statements = work::StatementsWith(definition_.statements);
  for (const postgres::Statement& statement : figures::Statements()) statements.push_back(statement);
  pool_ = std::make_unique<postgres::Pool>(postgres::Pool::Options{.url = options_.database_url,
                                                                   .size = options_.database_connections,
                                                                   .statements = std::move(statements),
                                                                   .schema = definition_.schema},
                                           *registry_);
  // A thread for each connection, and one that answers while they all wait.
  executor_ = std::make_unique<Executor>(options_.database_connections + 1, options_.call_queue_limit);
  std::vector<std::string> services = definition_.services;
  for (std::string& name : Backbone::ServiceNames(definition_)) services.push_back(std::move(name));
  adapter_ = std::make_unique<Adapter>(services, *executor_, *registry_);
  work_ = std::make_unique<work::Runner>(*pool_, clock_, definition_.name, &AppendedEvents(*registry_));
  prometheus::BuildGauge()
      .Name("loyalty_build_info")
      .Help("1, labelled with what runs.")
      .Register(*registry_)
      .Add({{"service", definition_.name}, {"version", LOYALTY_VERSION}})
      .Set(1);
}

Server::~Server() { Shutdown(); }

absl::Status Server::Start() {
  LOYALTY_RETURN_IF_ERROR(
      work::CheckSchema(options_.database_url, definition_.schema, definition_.migrations));
  LOYALTY_RETURN_IF_ERROR(postgres::CheckDurability(options_.database_url));
  Runtime runtime{options_, clock_, system_clock_, *registry_, *pool_, *executor_, *adapter_, *work_};
  if (definition_.calls_points) {
    runtime.points = rpc::Connect(options_.points_address);
  }
  parts_ = definition_.build(runtime);
  backbone_ = std::make_unique<Backbone>(definition_, runtime, parts_);
  LOYALTY_RETURN_IF_ERROR(Bind());
  server_->GetHealthCheckService()->SetServingStatus(true);
  if (options_.background) backbone_->StartLoops();
  return absl::OkStatus();
}

absl::Status Server::Bind() {
  grpc::EnableDefaultHealthCheckService(true);
  static const bool reflection = [] {
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  (void)reflection;
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a taken port is an error, not a surprise
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, kMaxConnectionAgeMs);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.AddListeningPort(options_.listen_address, grpc::InsecureServerCredentials(), &port_);
  for (const auto& service : parts_.services) builder.RegisterService(service.get());
  for (grpc::Service* service : backbone_->services()) builder.RegisterService(service);
  server_ = builder.BuildAndStart();
  if (!server_ || port_ == 0) {
    return absl::AlreadyExistsError(
        absl::StrCat("--listen_address: cannot listen on ", options_.listen_address, "; is the port taken?"));
  }
  if (!options_.metrics_address.empty()) {
    try {
      exposer_ = std::make_unique<prometheus::Exposer>(options_.metrics_address, 1);
      exposer_->RegisterCollectable(registry_);
    } catch (const std::exception&) {
      return absl::AlreadyExistsError(absl::StrCat("--metrics_address: cannot listen on ",
                                                   options_.metrics_address, "; is the port taken?"));
    }
  }
  return absl::OkStatus();
}

void Server::Shutdown(absl::Duration drain) {
  if (server_) {
    server_->GetHealthCheckService()->SetServingStatus(false);
    backbone_->EndWatches();
    adapter_->Close(drain);
    // What is left are the last answers on their way, and those who watch the health of the server for ever.
    server_->Shutdown(absl::ToChronoTime(absl::Now() + kFlush));
    server_->Wait();
  }
  parts_.jobs.clear();
  backbone_.reset();
  parts_.services.clear();  // a committer answers what it holds before it goes
  server_.reset();
  exposer_.reset();
}

}  // namespace loyalty::rpc
