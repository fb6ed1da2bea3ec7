// loyalty import
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/commands/import_run.h"
#include "cli/commands/nouns.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {
namespace {

struct ImportArguments {
  std::string program_id;
  std::string file;
  std::string rejected_path;
  bool validate_only = false;
  double retry_for_seconds = 30;
};

// "data.csv" → "data.rejected.csv"
std::string DefaultRejectedPath(const std::string& file) {
  return file == "-" ? "rejected.csv" : absl::StrCat(absl::StripSuffix(file, ".csv"), ".rejected.csv");
}

// The size of what can be measured; 0 for pipes.
int64_t SizeOf(const std::string& path) {
  std::error_code ignored;
  const auto size = std::filesystem::file_size(path, ignored);
  return ignored ? 0 : static_cast<int64_t>(size);
}

int Import(const Session& session, const ImportArguments& arguments) {
  std::ifstream file;
  if (arguments.file != "-") {
    file.open(arguments.file, std::ios::binary);
    if (!file || std::filesystem::is_directory(arguments.file)) {
      return session.Fail(absl::StrCat("cannot read ", arguments.file), kWrongUse);
    }
  }
  const std::string rejected_path =
      arguments.rejected_path.empty() ? DefaultRejectedPath(arguments.file) : arguments.rejected_path;
  std::error_code not_there;
  if (std::filesystem::equivalent(arguments.file, rejected_path, not_there)) {
    return session.Fail("the refused rows would overwrite the file itself: name another with --rejected",
                        kWrongUse);
  }
  const auto channel = session.Connect();
  const auto program = GetProgram(session, channel, arguments.program_id);
  if (!program.status.ok()) return session.Fail(program.status);

  const ImportJob job{.input = arguments.file == "-" ? std::cin : file,
                      .input_bytes = arguments.file == "-" ? 0 : SizeOf(arguments.file),
                      .rejected_path = rejected_path,
                      .program = program.response.program(),
                      .options = {.program_id = arguments.program_id,
                                  .validate_only = arguments.validate_only,
                                  .retry_for = absl::Seconds(arguments.retry_for_seconds),
                                  .answer_timeout = absl::Seconds(session.timeout_seconds)}};
  const ImportOutcome outcome = RunImport(session, channel, job);
  if (outcome.exit_code != kWrongUse) {
    if (arguments.validate_only && !session.json) session.out << "only validated: nothing was recorded\n";
    session.out << (session.json ? SummaryJson(outcome).dump(1) + "\n" : SummaryText(outcome));
  }
  return outcome.exit_code;
}

}  // namespace

void AddImportCommand(CLI::App& app, Session& session) {
  CLI::App& command =
      AddCommand(app, "import", "Record the purchases of a CSV file; safe to repeat", session);
  command.footer(
      "The file begins with a header line that names its columns, in any order: order_id, member_id, time, "
      "amount,\n"
      "quantity, and optionally currency, sku, category, channel, location, label. A row is an order with "
      "one line.\n"
      "time: 2024-05-31T17:30:00Z, 2024-05-31 or 20240531. amount: major units of the currency, 1234.56.\n"
      "Stopped in the middle, run it again: what is recorded already is not recorded twice.");
  const auto arguments = std::make_shared<ImportArguments>();
  command.add_option("--program", arguments->program_id, "The program")->required();
  command.add_option("FILE", arguments->file, "The CSV file; - is standard input")->required();
  command.add_option("--rejected", arguments->rejected_path,
                     "Where refused rows go, with the reason. Default: FILE.rejected.csv for FILE.csv");
  command.add_flag("--validate-only", arguments->validate_only,
                   "Record nothing: say what would become of each row, as if it were alone");
  command
      .add_option("--retry-for", arguments->retry_for_seconds,
                  "Seconds to go on trying while the server takes no rows")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.callback([&session, arguments] { session.exit_code = Import(session, *arguments); });
}

}  // namespace loyalty::cli
