// Each noun adds its commands to the program; a command that runs leaves its exit code in the session.
#pragma once

#include "CLI/App.hpp"
#include "cli/commands/session.h"

namespace loyalty::cli {

void AddProgramCommands(CLI::App& app, Session& session);
void AddMemberCommands(CLI::App& app, Session& session);
void AddLedgerCommands(CLI::App& app, Session& session);  // statement, earn, spend, adjust
void AddImportCommand(CLI::App& app, Session& session);
void AddVerifyCommand(CLI::App& app, Session& session);
void AddHealthCommand(CLI::App& app, Session& session);
void AddDemoCommand(CLI::App& app, Session& session);
void AddStoryCommand(CLI::App& app, Session& session);
void AddClockCommands(CLI::App& app, Session& session);
void AddWatchCommand(CLI::App& app, Session& session);

}  // namespace loyalty::cli
