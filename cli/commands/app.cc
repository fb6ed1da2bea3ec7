#include "cli/commands/app.h"

#include <algorithm>

#include "CLI/CLI.hpp"
#include "cli/commands/nouns.h"
#include "cli/commands/session.h"

namespace loyalty::cli {

int Run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err, bool err_is_terminal) {
  Session session(out, err, err_is_terminal);
  CLI::App app("Command-line client of the loyalty suite", "loyalty");
  app.footer("Exit codes: 0 done, 1 refused or failed, 2 wrong use.");
  app.require_subcommand(1);
  AddProgramCommands(app, session);
  AddMemberCommands(app, session);
  AddLedgerCommands(app, session);
  AddImportCommand(app, session);
  AddVerifyCommand(app, session);
  AddHealthCommand(app, session);
  AddDemoCommand(app, session);
  AddStoryCommand(app, session);
  AddClockCommands(app, session);
  AddWatchCommand(app, session);

  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app.exit(error, out, err) == 0 ? kOk : kWrongUse;
  }
  return session.exit_code;
}

}  // namespace loyalty::cli
