// A gRPC server of the suite with everything around the services themselves: database pool, executor, health,
// reflection, /metrics, migrations, signals, and what binds the services to each other (backbone.h). Programs
// call RunService; tests make a Server in their own process.
#pragma once

#include <absl/status/statusor.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <prometheus/exposer.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/batch/executor.h"
#include "common/batch/group_committer.h"
#include "common/clock/clock.h"
#include "common/due/due_work.h"
#include "common/events/follower.h"
#include "common/events/source.h"
#include "common/figures/figures.h"
#include "common/jobs/job_loop.h"
#include "common/metrics/metrics.h"
#include "common/postgres/pool.h"
#include "common/rpc/adapter.h"
#include "common/work/work.h"

namespace loyalty::rpc {

class Backbone;

struct ServerOptions {
  std::string listen_address;   // host:port; port 0 takes a free one
  std::string metrics_address;  // host:port of /metrics; empty: none
  std::string database_url;
  int database_connections = 8;
  size_t call_queue_limit = 2'000;  // blocking calls that may wait for a thread
  GroupCommitterOptions batch;
  std::string points_address = "127.0.0.1:50051";       // of the points service, for those that call it
  std::vector<std::string> due_addresses;               // of all services, for points' test clocks
  absl::Duration figures_interval = absl::Seconds(30);  // of Parts::figures
  absl::Duration sample_interval = absl::Seconds(10);   // between samples of points' ledger
  // Off: due work, followers and deliveries run only when DueService.RunDue is called, and figures never. For
  // tests.
  bool background = true;
};

// What the services of a program are made from.
struct Runtime {
  const ServerOptions& options;
  Clock& clock;         // the domain's time
  Clock& system_clock;  // deadlines and back-off
  metrics::Registry& registry;
  postgres::Pool& pool;
  Executor& executor;
  Adapter& adapter;
  work::Runner& work;
  // To the points service; null unless the definition says calls_points.
  std::shared_ptr<grpc::Channel> points;
};

// What a program makes of it.
struct Parts {
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::vector<std::unique_ptr<JobLoop>> jobs;
  std::vector<std::unique_ptr<due::DueWork>> due_works;  // what is to be done at certain times
  std::vector<events::Followed> followers;               // other services' events that matter here
  std::unique_ptr<events::Source> event_source;          // default: the outbox
  std::vector<figures::Figure> figures;                  // what of the tables /metrics shows
};

// A service program, declared.
struct ServiceDefinition {
  std::string name;    // "points": the program is loyalty-points
  std::string schema;  // its PostgreSQL schema
  std::vector<postgres::Statement> statements;
  std::vector<postgres::Migration> migrations;
  // Full names of what `build` makes. Every program serves EventService and DueService besides.
  std::vector<std::string> services;
  std::function<Parts(Runtime&)> build;
  // Owes points awards, or follows its events: serves DeliveryService and FollowerService too.
  bool calls_points = false;
};

class Server {
 public:
  // `clock` is the domain's time and outlives the server.
  Server(const ServiceDefinition& definition, ServerOptions options, Clock& clock);
  // Shuts down, if Shutdown was not called.
  ~Server();

  // Checks schema and durability, binds and serves. UNAVAILABLE if the database cannot be reached yet.
  absl::Status Start();
  // Health says NOT_SERVING; calls under way are finished, at most for `drain`.
  void Shutdown(absl::Duration drain = absl::Seconds(10));

  int port() const { return port_; }
  metrics::Registry& registry() { return *registry_; }

 private:
  absl::Status Bind();

  const ServiceDefinition definition_;
  const ServerOptions options_;
  Clock& clock_;
  SystemClock system_clock_;
  std::shared_ptr<metrics::Registry> registry_ = std::make_shared<metrics::Registry>();
  std::unique_ptr<postgres::Pool> pool_;
  std::unique_ptr<Adapter> adapter_;
  std::unique_ptr<Executor> executor_;  // goes first: its threads count their calls out at the adapter
  std::unique_ptr<work::Runner> work_;
  Parts parts_;
  std::unique_ptr<Backbone> backbone_;
  std::unique_ptr<prometheus::Exposer> exposer_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

// main() of a service: reads flags and environment, then `migrate`s or serves until SIGTERM or SIGINT.
// Returns the program's exit code.
int RunService(int argc, char** argv, const ServiceDefinition& definition);

}  // namespace loyalty::rpc
