// An import from a CSV stream with its progress and its summary: for `loyalty import` and `loyalty demo`.
#pragma once

#include <istream>
#include <string>

#include "cli/commands/session.h"
#include "cli/import/importer.h"
#include "nlohmann/json_fwd.hpp"

namespace loyalty::cli {

struct ImportJob {
  std::istream& input;
  int64_t input_bytes = 0;  // 0: not known
  std::string rejected_path;
  points::v1::Program program;
  ImportOptions options;
};

struct ImportOutcome {
  ImportTotals totals;
  double seconds = 0;
  std::string rejected_path;  // empty when no row was refused
  int exit_code = kOk;
};

// Imports, showing progress and failures on the session's err. A wrong header line is kWrongUse.
ImportOutcome RunImport(const Session& session, const std::shared_ptr<grpc::Channel>& channel,
                        const ImportJob& job);

std::string SummaryText(const ImportOutcome& outcome);
nlohmann::ordered_json SummaryJson(const ImportOutcome& outcome);

}  // namespace loyalty::cli
