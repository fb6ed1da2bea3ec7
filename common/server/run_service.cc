#include <absl/flags/flag.h>
#include <absl/flags/parse.h>
#include <absl/flags/reflection.h>
#include <absl/flags/usage.h>
#include <absl/flags/usage_config.h>
#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/synchronization/mutex.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <signal.h>

#include <cstdlib>
#include <iostream>

#include "common/log/log.h"
#include "common/postgres/pool.h"
#include "common/server/server.h"
#include "common/work/schema.h"

ABSL_FLAG(std::string, listen_address, "127.0.0.1:50051", "host:port of the gRPC server");
ABSL_FLAG(std::string, metrics_address, "127.0.0.1:9464",
          "host:port of /metrics for Prometheus; empty: none");
ABSL_FLAG(std::string, database_url, "",
          "PostgreSQL, as postgresql://user@host:port/database or libpq's key=value; required");
ABSL_FLAG(int, database_connections, 8,
          "connections to PostgreSQL, 1 to 500; as many threads run calls that need it");
ABSL_FLAG(int, call_queue_limit, 2000,
          "calls that may wait for a thread before RESOURCE_EXHAUSTED, 1 or more");
ABSL_FLAG(int, batch_limit, 1000, "most commands in one transaction of the group committer, 1 to 10000");
ABSL_FLAG(int, batch_queue_limit, 20000,
          "commands that may wait for a batch before RESOURCE_EXHAUSTED, 1 or more");
ABSL_FLAG(std::string, points_address, "127.0.0.1:50051",
          "host:port of the points service; for the services that give points and follow purchases");
ABSL_FLAG(
    std::vector<std::string>, due_addresses, {},
    "host:port of all four services, with commas between; for the points service, to advance test clocks");
ABSL_FLAG(absl::Duration, figures_interval, absl::Seconds(30),
          "how often the figures of the tables that /metrics shows are read, 1s or more");
ABSL_FLAG(absl::Duration, sample_interval, absl::Seconds(10),
          "how often some accounts of the ledger are verified, 1s or more; for the points service");
ABSL_FLAG(absl::Duration, drain, absl::Seconds(10),
          "how long calls under way may take to finish after SIGTERM");

namespace loyalty::rpc {
namespace {

constexpr absl::Duration kDatabaseRetry = absl::Seconds(1);

[[noreturn]] void Fail(absl::string_view message) {
  std::cerr << message << "\n";
  std::exit(2);
}

bool IsOurs(absl::string_view file) {
  return absl::StrContains(file, "common/server/") || absl::StrContains(file, "services/");
}

// LOYALTY_LISTEN_ADDRESS stands for --listen_address; the command line wins.
void ReadEnvironment() {
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    if (!IsOurs(flag->Filename())) continue;
    const std::string variable = absl::StrCat("LOYALTY_", absl::AsciiStrToUpper(name));
    const char* value = std::getenv(variable.c_str());
    std::string error;
    if (value != nullptr && !flag->ParseFrom(value, &error)) {
      Fail(absl::StrCat("Illegal value '", value, "' in ", variable, " for flag --", name, ": ", error));
    }
  }
}

int Bounded(const absl::Flag<int>& flag, int least, int most) {
  const int value = absl::GetFlag(flag);
  if (value < least || value > most) {
    Fail(absl::StrCat("Illegal value ", value, " for flag --", absl::GetFlagReflectionHandle(flag).Name(),
                      ": must be ", least, " to ", most));
  }
  return value;
}

// host:port, or unix:path for gRPC.
void CheckAddress(absl::string_view flag, const std::string& value) {
  const size_t colon = value.rfind(':');
  int port = -1;
  const bool good = absl::StartsWith(value, "unix:") ||
                    (colon != std::string::npos && absl::SimpleAtoi(value.substr(colon + 1), &port) &&
                     port >= 0 && port <= 65535);
  if (!good) {
    Fail(absl::StrCat("Illegal value '", value, "' for flag --", flag, ": must be host:port"));
  }
}
void CheckAddress(const absl::Flag<std::string>& flag) {
  CheckAddress(absl::GetFlagReflectionHandle(flag).Name(), absl::GetFlag(flag));
}

void CheckDatabaseUrl() {
  const std::string url = absl::GetFlag(FLAGS_database_url);
  if (url.empty()) Fail("--database_url (or LOYALTY_DATABASE_URL) is required");
  if (const absl::Status status = postgres::CheckUrl(url); !status.ok()) {
    Fail(absl::StrCat("Illegal value for flag --database_url: ", status.message()));
  }
}

// What gRPC and protobuf have to say becomes lines of our log.
void TakeLogsOfLibraries() {
  gpr_set_log_function([](gpr_log_func_args* args) {
    if (args->severity == GPR_LOG_SEVERITY_ERROR) log::Warning("grpc", {{"error", args->message}});
  });
  google::protobuf::SetLogHandler(
      [](google::protobuf::LogLevel, const char*, int, const std::string& message) {
        log::Warning("protobuf", {{"error", message}});
      });
}

ServerOptions ReadOptions() {
  CheckAddress(FLAGS_listen_address);
  if (!absl::GetFlag(FLAGS_metrics_address).empty()) CheckAddress(FLAGS_metrics_address);
  CheckDatabaseUrl();
  if (absl::GetFlag(FLAGS_drain) < absl::ZeroDuration())
    Fail("Illegal value for flag --drain: must be 0 or more");
  if (absl::GetFlag(FLAGS_figures_interval) < absl::Seconds(1))
    Fail("Illegal value for flag --figures_interval: must be 1s or more");
  if (absl::GetFlag(FLAGS_sample_interval) < absl::Seconds(1))
    Fail("Illegal value for flag --sample_interval: must be 1s or more");
  ServerOptions options;
  options.sample_interval = absl::GetFlag(FLAGS_sample_interval);
  options.figures_interval = absl::GetFlag(FLAGS_figures_interval);
  options.listen_address = absl::GetFlag(FLAGS_listen_address);
  options.metrics_address = absl::GetFlag(FLAGS_metrics_address);
  options.database_url = absl::GetFlag(FLAGS_database_url);
  options.database_connections = Bounded(FLAGS_database_connections, 1, 500);
  options.call_queue_limit = static_cast<size_t>(Bounded(FLAGS_call_queue_limit, 1, 1'000'000));
  CheckAddress(FLAGS_points_address);
  options.points_address = absl::GetFlag(FLAGS_points_address);
  options.due_addresses = absl::GetFlag(FLAGS_due_addresses);
  for (const std::string& address : options.due_addresses) CheckAddress("due_addresses", address);
  options.batch.batch_limit = static_cast<size_t>(Bounded(FLAGS_batch_limit, 1, 10'000));
  options.batch.queue_limit = static_cast<size_t>(Bounded(FLAGS_batch_queue_limit, 1, 10'000'000));
  return options;
}

int Migrate(const ServiceDefinition& definition, const ServerOptions& options) {
  const auto applied = work::Migrate(options.database_url, definition.schema, definition.migrations,
                                     /*with_platform=*/definition.schema == "points");
  if (!applied.ok()) {
    std::cerr << "Cannot migrate " << definition.schema << ": " << applied.status().message() << "\n";
    return 1;
  }
  log::Info("migrated", {{"schema", definition.schema}, {"applied", absl::StrCat(*applied)}});
  return 0;
}

int Serve(const ServiceDefinition& definition, const ServerOptions& options) {
  // Before any thread is made, so that all of them leave these signals to sigtimedwait below.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const timespec pause = absl::ToTimespec(kDatabaseRetry);

  SystemClock clock;
  Server server(definition, options, clock);
  absl::Status started = server.Start();
  while (started.code() == absl::StatusCode::kUnavailable) {
    log::Warning("waiting for the database", {{"error", started.message()}});
    if (sigtimedwait(&signals, nullptr, &pause) > 0) return 0;
    started = server.Start();
  }
  if (!started.ok()) {
    std::cerr << "Cannot start " << definition.name << ": " << started.message() << "\n";
    return 1;
  }
  log::Info("serving", {{"service", definition.name}, {"address", options.listen_address}});
  int signal = 0;
  sigwait(&signals, &signal);
  log::Info("draining", {{"signal", strsignal(signal)}});
  server.Shutdown(absl::GetFlag(FLAGS_drain));
  log::Info("stopped");
  return 0;
}

}  // namespace

int RunService(int argc, char** argv, const ServiceDefinition& definition) {
  // Debian's abseil looks for lock cycles at every lock, gRPC's own included; that costs a tenth of a call.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  absl::SetProgramUsageMessage(
      absl::StrCat("The ", definition.name, " service of the loyalty suite.\n\n  loyalty-", definition.name,
                   " [flags]            serves until SIGTERM\n  loyalty-", definition.name,
                   " migrate [flags]    brings the database's schema up to date\n\n"
                   "Every flag may come from the environment: LOYALTY_LISTEN_ADDRESS for --listen_address."));
  absl::FlagsUsageConfig usage;
  usage.contains_help_flags = IsOurs;
  usage.contains_helpshort_flags = IsOurs;
  absl::SetFlagsUsageConfig(usage);
  TakeLogsOfLibraries();
  ReadEnvironment();
  const std::vector<char*> words = absl::ParseCommandLine(argc, argv);
  const bool migrate = words.size() == 2 && absl::string_view(words[1]) == "migrate";
  if (words.size() > 1 && !migrate) Fail(absl::StrCat("Unknown argument '", words[1], "'; see --help"));
  const ServerOptions options = ReadOptions();
  const int code = migrate ? Migrate(definition, options) : Serve(definition, options);
  log::Flush();
  return code;
}

}  // namespace loyalty::rpc
