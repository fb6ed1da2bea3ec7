// loyalty-bench: how fast the points service is, against two baselines that are measured in the same run.
//
//   no-op     the health check, over the same client: what gRPC alone can do on this machine
//   pgbench   one SQL function that does the same award in one transaction: what PostgreSQL alone can do,
//   call by call
//
// Rounds are interleaved, so that a slow minute of the machine meets all of them.
#include <absl/flags/flag.h>
#include <absl/flags/parse.h>
#include <absl/flags/usage.h>
#include <absl/flags/usage_config.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/synchronization/mutex.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "bench/baseline.h"
#include "bench/load.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"
#include "loyalty/points/v1/program_service.grpc.pb.h"

ABSL_FLAG(std::string, address, "127.0.0.1:50051", "the points service");
ABSL_FLAG(std::string, database_url, "", "its database, for pgbench and for counting rows");
ABSL_FLAG(double, seconds, 2, "length of one measurement");
ABSL_FLAG(int, rounds, 8, "how often each measurement is made; the mean counts");
ABSL_FLAG(int, in_flight, 256, "unary calls in flight");
ABSL_FLAG(int, connections, 4, "connections of the load generator");
ABSL_FLAG(int, members, 10'000, "accounts that the load is spread over");
ABSL_FLAG(int, import_rows, 250, "purchases in one message of ImportPurchases");
ABSL_FLAG(int, import_in_flight, 4'000, "purchases unanswered on the import stream");
ABSL_FLAG(std::string, json, "", "file to write the figures to");
ABSL_FLAG(std::string, only, "", "noop, earn or import: only that, for a profiler");

namespace loyalty::bench {
namespace {

constexpr char kProgram[] = "bench";

// A random UUID (version 4), as a client would send.
std::string RandomId(std::mt19937_64& random) {
  std::string id = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  uint64_t bits = 0;
  int left = 0;
  for (char& c : id) {
    if (c != 'x' && c != 'y') continue;
    if (left == 0) {
      bits = random();
      left = 16;
    }
    c = "0123456789abcdef"[c == 'x' ? bits & 15 : 8 | (bits & 3)];
    bits >>= 4;
    --left;
  }
  return id;
}

grpc::ByteBuffer Bytes(const google::protobuf::Message& message) {
  const std::string text = message.SerializeAsString();
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

Call NoOp() {
  return {"/grpc.health.v1.Health/Check",
          [] { return grpc::ByteBuffer(Bytes(points::v1::GetProgramRequest())); }};
}

Call EarnCall(int members) {
  auto random = std::make_shared<std::mt19937_64>(std::random_device{}());
  return {"/loyalty.points.v1.PointsService/Earn", [random, members] {
            points::v1::EarnRequest request;
            request.set_program_id(kProgram);
            request.set_member_id(absl::StrCat("bench-", 1 + (*random)() % static_cast<unsigned>(members)));
            request.set_request_id(RandomId(*random));
            request.set_points(10);
            request.set_reason("bench");
            return Bytes(request);
          }};
}

// The program and its members, each with one entry. Nothing happens the second time.
bool Prepare(const std::shared_ptr<grpc::Channel>& channel, int members) {
  grpc::ClientContext context;
  points::v1::CreateProgramRequest request;
  points::v1::CreateProgramResponse response;
  auto& program = *request.mutable_program();
  program.set_program_id(kProgram);
  program.set_display_name("Bench");
  program.set_currency_code("USD");
  program.set_time_zone("UTC");
  const grpc::Status status =
      points::v1::ProgramService::NewStub(channel)->CreateProgram(&context, request, &response);
  if (!status.ok()) {
    std::cerr << "Cannot create the program: " << status.error_message() << "\n";
    return false;
  }
  int next = 0;
  const Call enroll = {"/loyalty.points.v1.PointsService/Earn", [&next, members] {
                         points::v1::EarnRequest earn;
                         next = std::min(next + 1, members);
                         earn.set_program_id(kProgram);
                         earn.set_member_id(absl::StrCat("bench-", next));
                         earn.set_request_id(absl::StrCat("enroll-", next));
                         earn.set_points(1);
                         return Bytes(earn);
                       }};
  while (next < members) RunUnary({channel}, enroll, 256, 0.5);
  return true;
}

struct Figures {
  double noop_rps = 0, earn_rps = 0, earn_p50_ms = 0, earn_p99_ms = 0, earn_p999_ms = 0, import_rps = 0;
  std::map<int, double> pgbench;  // by clients
  int64_t failed = 0;
  bool rows_match = true;

  double BestPgbench() const {
    double best = 0;
    for (const auto& [clients, tps] : pgbench) best = std::max(best, tps);
    return best;
  }
};

// One award leaves one entry and one lot, on both sides: counted, so that the two do the same.
void CheckRows(const RowCounts& before, const RowCounts& after, int64_t least, Figures& figures) {
  const int64_t entries = after.entries - before.entries;
  if (entries != after.lots - before.lots || entries < least) {
    std::cerr << "Rows do not match: " << entries << " entries, " << after.lots - before.lots
              << " lots, at least " << least << " expected\n";
    figures.rows_match = false;
  }
}

void Round(const std::vector<std::shared_ptr<grpc::Channel>>& channels, const Baseline& baseline,
           double share, Figures& figures) {
  const double seconds = absl::GetFlag(FLAGS_seconds);
  const int members = absl::GetFlag(FLAGS_members);
  const int in_flight = absl::GetFlag(FLAGS_in_flight);

  figures.noop_rps += share * RunUnary(channels, NoOp(), in_flight, seconds).per_second;

  baseline.Settle();
  RowCounts before = baseline.Count();
  const LoadResult earn = RunUnary(channels, EarnCall(members), in_flight, seconds);
  RowCounts after = baseline.Count();
  CheckRows(before, after, earn.completed - earn.failed, figures);
  figures.earn_rps += share * earn.per_second;
  figures.earn_p50_ms += share * earn.p50_ms;
  figures.earn_p99_ms += share * earn.p99_ms;
  figures.earn_p999_ms += share * earn.p999_ms;

  for (const int clients : {8, 16, 32}) {
    baseline.Settle();
    before = baseline.Count();
    const double tps = baseline.RunPgbench(clients, seconds);
    after = baseline.Count();
    CheckRows(before, after, static_cast<int64_t>(0.9 * tps * static_cast<int>(seconds)), figures);
    figures.pgbench[clients] += share * tps;
  }

  baseline.Settle();
  const LoadResult import = RunImport(channels[0], kProgram, members, absl::GetFlag(FLAGS_import_rows),
                                      absl::GetFlag(FLAGS_import_in_flight), seconds);
  figures.import_rps += share * import.per_second;
  figures.failed += earn.failed + import.failed;
}

void Print(const Figures& f) {
  const double pgbench = f.BestPgbench();
  std::cout << absl::StreamFormat("no-op RPC          %9.0f /s\n", f.noop_rps)
            << absl::StreamFormat("Earn               %9.0f /s   p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms\n",
                                  f.earn_rps, f.earn_p50_ms, f.earn_p99_ms, f.earn_p999_ms)
            << absl::StreamFormat("ImportPurchases    %9.0f /s\n", f.import_rps);
  for (const auto& [clients, tps] : f.pgbench) {
    std::cout << absl::StreamFormat("pgbench, %2d clients %8.0f /s\n", clients, tps);
  }
  std::cout << absl::StreamFormat("\nEarn ÷ no-op       %6.2f   (bar: 0.30)\n", f.earn_rps / f.noop_rps)
            << absl::StreamFormat("Earn ÷ pgbench     %6.2f   (bar: 1.80)\n", f.earn_rps / pgbench)
            << absl::StreamFormat("Import ÷ pgbench   %6.2f   (bar: 4.00)\n", f.import_rps / pgbench)
            << "failed calls: " << f.failed << "\n";
}

void WriteJson(const Figures& f, const std::string& path) {
  nlohmann::ordered_json json;
  json["noop_rps"] = f.noop_rps;
  json["earn_rps"] = f.earn_rps;
  json["earn_p50_ms"] = f.earn_p50_ms;
  json["earn_p99_ms"] = f.earn_p99_ms;
  json["import_rps"] = f.import_rps;
  json["pgbench_tps"] = f.BestPgbench();
  for (const auto& [clients, tps] : f.pgbench) json["pgbench_tps_by_clients"][std::to_string(clients)] = tps;
  json["failed"] = f.failed;
  json["settings"] = {{"seconds", absl::GetFlag(FLAGS_seconds)},
                      {"rounds", absl::GetFlag(FLAGS_rounds)},
                      {"in_flight", absl::GetFlag(FLAGS_in_flight)},
                      {"connections", absl::GetFlag(FLAGS_connections)},
                      {"members", absl::GetFlag(FLAGS_members)},
                      {"import_rows", absl::GetFlag(FLAGS_import_rows)},
                      {"import_in_flight", absl::GetFlag(FLAGS_import_in_flight)}};
  std::ofstream(path) << json.dump(2) << "\n";
}

int RunOne(const std::vector<std::shared_ptr<grpc::Channel>>& channels, const std::string& what) {
  const double seconds = absl::GetFlag(FLAGS_seconds);
  const int members = absl::GetFlag(FLAGS_members);
  LoadResult result;
  if (what == "import") {
    result = RunImport(channels[0], kProgram, members, absl::GetFlag(FLAGS_import_rows),
                       absl::GetFlag(FLAGS_import_in_flight), seconds);
  } else {
    result = RunUnary(channels, what == "noop" ? NoOp() : EarnCall(members), absl::GetFlag(FLAGS_in_flight),
                      seconds);
  }
  std::cout << absl::StreamFormat("%s %.0f /s, p50 %.2f ms, p99 %.2f ms, failed %d\n", what,
                                  result.per_second, result.p50_ms, result.p99_ms, result.failed);
  return result.failed == 0 ? 0 : 1;
}

int Main() {
  const auto channels = Connect(absl::GetFlag(FLAGS_address), absl::GetFlag(FLAGS_connections));
  if (!Prepare(channels[0], absl::GetFlag(FLAGS_members))) return 1;
  if (const std::string only = absl::GetFlag(FLAGS_only); !only.empty()) return RunOne(channels, only);

  const Baseline baseline(absl::GetFlag(FLAGS_database_url), kProgram, absl::GetFlag(FLAGS_members));
  Figures figures;
  const int rounds = absl::GetFlag(FLAGS_rounds);
  for (int round = 1; round <= rounds; ++round) {
    std::cerr << "round " << round << " of " << rounds << " …\n";
    Round(channels, baseline, 1.0 / rounds, figures);
  }
  Print(figures);
  if (const std::string path = absl::GetFlag(FLAGS_json); !path.empty()) WriteJson(figures, path);
  return figures.failed == 0 && figures.rows_match ? 0 : 1;
}

}  // namespace
}  // namespace loyalty::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Measures the points service against a no-op RPC and against pgbench.");
  absl::FlagsUsageConfig usage;
  usage.contains_help_flags = [](absl::string_view file) { return absl::StrContains(file, "bench/"); };
  absl::SetFlagsUsageConfig(usage);
  absl::ParseCommandLine(argc, argv);
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as the services do
  return loyalty::bench::Main();
}
