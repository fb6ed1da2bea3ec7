// loyalty demo: a program with the history of a small shop.
#include <memory>
#include <sstream>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "cli/commands/demo_data.h"
#include "cli/commands/import_run.h"
#include "cli/commands/nouns.h"
#include "cli/commands/session.h"
#include "cli/text/output.h"
#include "cli/text/time_text.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {
namespace {

using points::v1::Program;
using points::v1::ProgramService;

constexpr char kProgramId[] = "demo";

points::v1::CreateProgramRequest DemoProgram() {
  points::v1::CreateProgramRequest request;
  Program& program = *request.mutable_program();
  program.set_program_id(kProgramId);
  program.set_display_name("Demo coffee shop");
  program.set_currency_code("USD");
  program.set_time_zone("Europe/Rome");
  program.mutable_points_name()->set_singular("star");
  program.mutable_points_name()->set_plural("stars");
  program.mutable_base_earn_rate()->set_points(1);
  program.mutable_base_earn_rate()->set_per_major_units(1);
  program.set_rounding_mode(points::v1::ROUNDING_MODE_FLOOR);
  program.set_enrollment_mode(points::v1::ENROLLMENT_MODE_OPEN);
  return request;
}

int Demo(const Session& session, int rows) {
  const auto channel = session.Connect();
  const auto programs = ProgramService::NewStub(channel);
  const auto created = session.Call(*programs, &ProgramService::Stub::CreateProgram, DemoProgram());
  if (!created.status.ok()) return session.Fail(created.status);
  const Program& program = created.response.program();
  if (!session.json) {
    session.out << "Program 'demo'" << (created.replayed ? " is there already" : " created")
                << "  [ProgramService.CreateProgram]\nImporting " << Thousands(rows)
                << " purchases  [PointsService.ImportPurchases]\n"
                << std::flush;
  }

  // All times come from the program's creation, so that the demo on the same data sends the same orders.
  const absl::Time end = FromTimestamp(program.create_time());
  std::istringstream csv(DemoPurchases(rows, end));
  const auto bytes = static_cast<int64_t>(csv.view().size());
  const ImportOutcome import = RunImport(
      session, channel,
      {.input = csv,
       .input_bytes = bytes,
       .rejected_path = "demo.rejected.csv",
       .program = program,
       .options = {.program_id = kProgramId, .answer_timeout = absl::Seconds(session.timeout_seconds)}});
  if (!session.json) session.out << SummaryText(import);
  if (session.json) {
    session.out << nlohmann::ordered_json{{"program", nlohmann::ordered_json::parse(Json(program))},
                                          {"import", SummaryJson(import)}}
                       .dump(1)
                << '\n';
  }
  return import.exit_code;
}

}  // namespace

void AddDemoCommand(CLI::App& app, Session& session) {
  CLI::App& demo =
      AddCommand(app, "demo", "Fill the program 'demo' with the purchases of a shop's year", session);
  const auto rows = std::make_shared<int>(5000);
  demo.add_option("--rows", *rows, "Purchases in the shop's year")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  demo.callback([&session, rows] { session.exit_code = Demo(session, *rows); });
}

}  // namespace loyalty::cli
