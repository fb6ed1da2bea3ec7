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

#include "bench/baseline.h"
#include "bench/calls.h"
#include "bench/load.h"

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
ABSL_FLAG(std::string, only, "", "noop, earn, purchase, ruled or import: only that, for a profiler");

namespace loyalty::bench {
namespace {

struct Figures {
  double noop_rps = 0, earn_rps = 0, earn_p50_ms = 0, earn_p99_ms = 0, earn_p999_ms = 0, import_rps = 0;
  double purchase_rps = 0, ruled_rps = 0;  // RecordPurchase in the plain program, and in that with rules
  std::map<int, double> pgbench;           // by clients
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
  const LoadResult purchase = RunUnary(channels, PurchaseCall(kProgram, members), in_flight, seconds);
  figures.purchase_rps += share * purchase.per_second;
  baseline.Settle();
  const LoadResult ruled = RunUnary(channels, PurchaseCall(kRuledProgram, members), in_flight, seconds);
  figures.ruled_rps += share * ruled.per_second;

  baseline.Settle();
  const LoadResult import = RunImport(channels[0], kProgram, members, absl::GetFlag(FLAGS_import_rows),
                                      absl::GetFlag(FLAGS_import_in_flight), seconds);
  figures.import_rps += share * import.per_second;
  figures.failed += earn.failed + purchase.failed + ruled.failed + import.failed;
}

void Print(const Figures& f) {
  const double pgbench = f.BestPgbench();
  std::cout << absl::StreamFormat("no-op RPC          %9.0f /s\n", f.noop_rps)
            << absl::StreamFormat("Earn               %9.0f /s   p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms\n",
                                  f.earn_rps, f.earn_p50_ms, f.earn_p99_ms, f.earn_p999_ms)
            << absl::StreamFormat("RecordPurchase     %9.0f /s\n", f.purchase_rps)
            << absl::StreamFormat("  with rules       %9.0f /s\n", f.ruled_rps)
            << absl::StreamFormat("ImportPurchases    %9.0f /s\n", f.import_rps);
  for (const auto& [clients, tps] : f.pgbench) {
    std::cout << absl::StreamFormat("pgbench, %2d clients %8.0f /s\n", clients, tps);
  }
  std::cout << absl::StreamFormat("\nEarn ÷ no-op       %6.2f   (bar: 0.30)\n", f.earn_rps / f.noop_rps)
            << absl::StreamFormat("Earn ÷ pgbench     %6.2f   (bar: 1.80)\n", f.earn_rps / pgbench)
            << absl::StreamFormat("Import ÷ pgbench   %6.2f   (bar: 4.00)\n", f.import_rps / pgbench)
            << absl::StreamFormat("Rules ÷ none       %6.2f   (bar: 0.80)\n", f.ruled_rps / f.purchase_rps)
            << "failed calls: " << f.failed << "\n";
}

void WriteJson(const Figures& f, const std::string& path) {
  nlohmann::ordered_json json;
  json["noop_rps"] = f.noop_rps;
  json["earn_rps"] = f.earn_rps;
  json["earn_p50_ms"] = f.earn_p50_ms;
  json["earn_p99_ms"] = f.earn_p99_ms;
  json["purchase_rps"] = f.purchase_rps;
  json["ruled_purchase_rps"] = f.ruled_rps;
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
    const Call call = what == "noop"       ? NoOp()
                      : what == "purchase" ? PurchaseCall(kProgram, members)
                      : what == "ruled"    ? PurchaseCall(kRuledProgram, members)
                                           : EarnCall(members);
    result = RunUnary(channels, call, absl::GetFlag(FLAGS_in_flight), seconds);
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
