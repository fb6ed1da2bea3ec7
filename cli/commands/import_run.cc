#include "cli/commands/import_run.h"

#include <algorithm>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/import/csv_reader.h"
#include "cli/text/output.h"
#include "common/money/currency.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {
namespace {

int64_t RowsPerSecond(const ImportOutcome& outcome) {
  return static_cast<int64_t>(static_cast<double>(outcome.totals.done()) / std::max(outcome.seconds, 0.001));
}

}  // namespace

ImportOutcome RunImport(const Session& session, const std::shared_ptr<grpc::Channel>& channel,
                        const ImportJob& job) {
  ImportOutcome outcome;
  const auto exponent = CurrencyExponent(job.program.currency_code());
  if (!exponent) {
    outcome.exit_code = session.Fail(
        absl::StrCat("this client does not know the program's currency ", job.program.currency_code()));
    return outcome;
  }
  CsvReader csv(job.input);
  if (!csv.Next()) {
    outcome.exit_code = session.Fail("the file has no header line", kWrongUse);
    return outcome;
  }
  const auto parser = PurchaseRowParser::FromHeader(csv.fields(), *exponent);
  if (!parser.ok()) {
    outcome.exit_code = session.Fail(parser.status().message(), kWrongUse);
    return outcome;
  }

  const absl::Time start = absl::Now();
  const auto stub = points::v1::PointsService::NewStub(channel);
  RejectedFile rejected(job.rejected_path, {csv.fields().begin(), csv.fields().end()});
  std::ostream nowhere(nullptr);  // for scripts, which read errors as JSON
  Progress progress(session.json && !session.err_is_terminal ? nowhere : session.err, session.err_is_terminal,
                    job.input_bytes, start);
  Importer importer(*stub, job.options, *parser, csv, rejected, progress);
  const grpc::Status ended = importer.Run();
  progress.Finish(absl::Now());

  outcome.totals = importer.totals();
  outcome.seconds = absl::ToDoubleSeconds(absl::Now() - start);
  if (outcome.totals.refused > 0) {
    outcome.rejected_path = job.rejected_path;
    outcome.exit_code = kFailed;
  }
  if (const auto closed = rejected.Close(); !closed.ok()) outcome.exit_code = session.Fail(closed.message());
  if (job.input.bad()) outcome.exit_code = session.Fail("the file could not be read to its end");
  if (!ended.ok()) {
    outcome.exit_code = session.Fail(ended);
    if (!session.json) session.err << "loyalty: run the same command again to import the rest\n";
  }
  return outcome;
}

std::string SummaryText(const ImportOutcome& outcome) {
  const auto& totals = outcome.totals;
  Table table({Table::Align::kLeft, Table::Align::kRight, Table::Align::kLeft});
  table.Add({"rows", Thousands(totals.rows), ""});
  table.Add({"accepted", Thousands(totals.accepted), ""});
  table.Add({"already there", Thousands(totals.replayed),
             totals.replayed == 0 ? "" : absl::StrCat("(", Thousands(totals.replayed_points), " points)")});
  table.Add({"refused", Thousands(totals.refused),
             outcome.rejected_path.empty() ? "" : absl::StrCat("(see ", outcome.rejected_path, ")")});
  if (const int64_t open = totals.rows - totals.done(); open > 0)
    table.Add({"unanswered", Thousands(open), ""});
  table.Add({"points", Thousands(totals.points), ""});
  table.Add({"seconds", absl::StrFormat("%.1f", outcome.seconds), ""});
  table.Add({"rows/s", Thousands(RowsPerSecond(outcome)), ""});
  std::ostringstream text;
  table.Print(text);
  return text.str();
}

nlohmann::ordered_json SummaryJson(const ImportOutcome& outcome) {
  const auto& totals = outcome.totals;
  return {{"rows", totals.rows},
          {"accepted", totals.accepted},
          {"replayed", totals.replayed},
          {"refused", totals.refused},
          {"unanswered", totals.rows - totals.done()},
          {"points", totals.points},
          {"replayed_points", totals.replayed_points},
          {"seconds", outcome.seconds},
          {"rows_per_second", RowsPerSecond(outcome)},
          {"rejected_file", outcome.rejected_path}};
}

}  // namespace loyalty::cli
