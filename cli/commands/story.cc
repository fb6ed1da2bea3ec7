// loyalty story: a year of one customer in all four services, on a test clock.
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "cli/commands/nouns.h"
#include "cli/commands/session.h"
#include "cli/commands/story_chapters.h"
#include "cli/commands/story_page.h"
#include "cli/commands/story_teller.h"
#include "loyalty/points/v1/program_service.grpc.pb.h"

namespace loyalty::cli {
namespace {

using points::v1::ProgramService;

// Creates the program in which the story plays: this one, which must be new, or story-1, story-2, …, the
// first that is new. Returns false, after printing why, if there is none.
bool CreateProgram(const Session& session, Teller& teller, const std::string& program_id) {
  for (int number = 1;; ++number) {
    const std::string id = program_id.empty() ? absl::StrCat("story-", number) : program_id;
    const auto reply =
        teller.Try<ProgramService>(&ProgramService::Stub::CreateProgram, story::NewProgram(id));
    const bool taken = reply.replayed || reply.status.error_code() == grpc::StatusCode::ALREADY_EXISTS;
    if (taken && program_id.empty()) continue;
    if (taken) {
      session.Fail(absl::StrCat("the program ", id, " is there already, and the story needs a new one"));
      return false;
    }
    if (!reply.status.ok()) {
      session.Fail(reply.status);
      return false;
    }
    teller.SetProgram(reply.response.program());
    return true;
  }
}

int Tell(const Session& session, const SuiteAddresses& addresses, const std::string& program_id) {
  StoryPage page(session.out, session.json);
  Teller teller(session, addresses, page);
  if (!CreateProgram(session, teller, program_id)) return kFailed;
  nlohmann::ordered_json totals;
  int code = kOk;
  try {
    teller.Chapter("The shop opens");
    teller.Say(absl::StrCat("A shop opens its program: ", teller.Points(1), " for each ",
                            teller.program().currency_code(),
                            ". It lives on a test clock, which stands still until it is advanced."));
    story::OpenTheShop(teller);
    teller.Chapter("A friend");
    story::BringAFriend(teller);
    teller.Chapter("The plan");
    story::JoinThePlan(teller);
    teller.Chapter("Four of ten");
    story::AnswerTheSurvey(teller);
    teller.Chapter("The year goes by");
    story::EndTheYear(teller);
    teller.Chapter("The books");
    totals = story::CloseTheBooks(teller);
  } catch (const PlotError& error) {
    code = session.Fail(error.message);
  }
  page.Finish(totals);
  return code;
}

}  // namespace

void AddStoryCommand(CLI::App& app, Session& session) {
  CLI::App& story =
      AddCommand(app, "story", "Play a customer's year through all four services, on a test clock", session);
  const auto program_id = std::make_shared<std::string>();
  const auto addresses = std::make_shared<SuiteAddresses>();
  story.add_option(
      "--program", *program_id,
      "The program that it makes for itself. Default: the first of story-1, story-2, … that is new");
  AddSuiteOptions(story, *addresses);
  story.callback(
      [&session, program_id, addresses] { session.exit_code = Tell(session, *addresses, *program_id); });
}

}  // namespace loyalty::cli
