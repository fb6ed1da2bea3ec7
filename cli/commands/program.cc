// loyalty program create | get | list
#include <map>
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/commands/nouns.h"
#include "cli/commands/session.h"
#include "cli/text/output.h"
#include "loyalty/points/v1/program_service.grpc.pb.h"

namespace loyalty::cli {
namespace {

using points::v1::CreateProgramRequest;
using points::v1::ListProgramsRequest;
using points::v1::ListProgramsResponse;
using points::v1::Program;
using points::v1::ProgramService;

const std::map<std::string, points::v1::RoundingMode> kRoundings = {
    {"floor", points::v1::ROUNDING_MODE_FLOOR},
    {"half-up", points::v1::ROUNDING_MODE_HALF_UP},
    {"half-even", points::v1::ROUNDING_MODE_HALF_EVEN}};
const std::map<std::string, points::v1::EnrollmentMode> kEnrollments = {
    {"open", points::v1::ENROLLMENT_MODE_OPEN}, {"explicit", points::v1::ENROLLMENT_MODE_EXPLICIT}};

template <class Enum>
std::string NameOf(const std::map<std::string, Enum>& names, Enum value) {
  for (const auto& [name, named] : names) {
    if (named == value) return name;
  }
  return "unknown";
}

void PrintProgram(const Program& program, std::ostream& out) {
  const auto& rate = program.base_earn_rate();
  Table table({Table::Align::kLeft, Table::Align::kLeft});
  table.Add({"program", program.program_id()});
  table.Add({"name", program.display_name()});
  table.Add({"currency", program.currency_code()});
  table.Add({"time zone", program.time_zone()});
  table.Add({"points", absl::StrCat(program.points_name().singular(), ", ", program.points_name().plural())});
  table.Add({"earn rate", absl::StrCat(rate.points(), "/", rate.per_major_units(), " (points per ",
                                       program.currency_code(), ")")});
  table.Add({"rounding", NameOf(kRoundings, program.rounding_mode())});
  table.Add({"enrollment", NameOf(kEnrollments, program.enrollment_mode())});
  table.Print(out);
}

int Create(const Session& session, const CreateProgramRequest& request) {
  const auto stub = ProgramService::NewStub(session.Connect());
  const auto reply = session.Call(*stub, &ProgramService::Stub::CreateProgram, request);
  if (!reply.status.ok()) return session.Fail(reply.status);
  if (session.json) {
    session.out << Json(reply.response, reply.replayed);
  } else {
    PrintProgram(reply.response.program(), session.out);
    if (reply.replayed) session.out << "(replayed: it was there already)\n";
  }
  return kOk;
}

int Get(const Session& session, const std::string& program_id) {
  const auto reply = GetProgram(session, session.Connect(), program_id);
  if (!reply.status.ok()) return session.Fail(reply.status);
  if (session.json) {
    session.out << Json(reply.response);
  } else {
    PrintProgram(reply.response.program(), session.out);
  }
  return kOk;
}

int List(const Session& session) {
  const auto stub = ProgramService::NewStub(session.Connect());
  ListProgramsRequest request;
  request.set_page_size(100);
  ListProgramsResponse all;
  do {
    const auto reply = session.Call(*stub, &ProgramService::Stub::ListPrograms, request);
    if (!reply.status.ok()) return session.Fail(reply.status);
    all.mutable_programs()->MergeFrom(reply.response.programs());
    request.set_page_token(reply.response.next_page_token());
  } while (!request.page_token().empty());

  if (session.json) {
    session.out << Json(all);
    return kOk;
  }
  Table table({Table::Align::kLeft, Table::Align::kLeft, Table::Align::kLeft, Table::Align::kLeft});
  table.Add({"PROGRAM", "NAME", "CURRENCY", "TIME ZONE"});
  for (const auto& program : all.programs()) {
    table.Add({program.program_id(), program.display_name(), program.currency_code(), program.time_zone()});
  }
  table.Print(session.out);
  return kOk;
}

// "3/20": 3 points for every 20 major units.
void SetEarnRate(const std::string& text, points::v1::EarnRate& rate) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('/', 1));
  int64_t points = 0;
  int64_t per_major_units = 0;
  if (!absl::SimpleAtoi(parts.first, &points) || !absl::SimpleAtoi(parts.second, &per_major_units)) {
    throw CLI::ValidationError("--earn-rate", absl::StrCat("'", text, "' is not a rate: write 1/1, 3/20"));
  }
  rate.set_points(points);
  rate.set_per_major_units(per_major_units);
}

void AddCreate(CLI::App& noun, Session& session) {
  CLI::App& create = AddCommand(noun, "create", "Create a program; safe to repeat", session);
  const auto request = std::make_shared<CreateProgramRequest>();
  Program& program = *request->mutable_program();
  create.add_option("ID", *program.mutable_program_id(), "Its id: a-z, 0-9, - and _")->required();
  create.add_option("--name", *program.mutable_display_name(), "Its name, for people")->required();
  create.add_option("--currency", *program.mutable_currency_code(), "ISO 4217 code: USD")->required();
  create.add_option("--time-zone", *program.mutable_time_zone(), "IANA time zone: Europe/Rome")->required();
  const auto add = [&create](const std::string& name, const std::function<void(const std::string&)>& set,
                             const std::string& description) {
    return create.add_option_function<std::string>(name, set, description);
  };
  auto* const singular = add(
      "--points-name", [&program](auto& name) { program.mutable_points_name()->set_singular(name); },
      "What one point is called: star");
  auto* const plural = add(
      "--points-name-plural", [&program](auto& name) { program.mutable_points_name()->set_plural(name); },
      "What points are called: stars");
  singular->needs(plural);
  plural->needs(singular);
  add(
      "--earn-rate", [&program](auto& text) { SetEarnRate(text, *program.mutable_base_earn_rate()); },
      "Points per major units of the currency: 3/20 is 3 points for every 20. Default: 1/1");
  add(
      "--rounding", [&program](auto& name) { program.set_rounding_mode(kRoundings.at(name)); },
      "How an award is rounded. Default: floor")
      ->check(CLI::IsMember({"floor", "half-up", "half-even"}));
  add(
      "--enrollment", [&program](auto& name) { program.set_enrollment_mode(kEnrollments.at(name)); },
      "Who is a member: whoever buys, or whoever is enrolled. Default: open")
      ->check(CLI::IsMember({"open", "explicit"}));
  create.callback([&session, request] { session.exit_code = Create(session, *request); });
}

}  // namespace

void AddProgramCommands(CLI::App& app, Session& session) {
  CLI::App& noun = AddNoun(app, "program", "Loyalty programs: create, get, list");
  AddCreate(noun, session);

  CLI::App& get = AddCommand(noun, "get", "Show a program", session);
  const auto program_id = std::make_shared<std::string>();
  get.add_option("ID", *program_id, "The program")->required();
  get.callback([&session, program_id] { session.exit_code = Get(session, *program_id); });

  CLI::App& list = AddCommand(noun, "list", "List all programs", session);
  list.callback([&session] { session.exit_code = List(session); });
}

}  // namespace loyalty::cli
