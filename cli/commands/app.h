// The program `loyalty`: from its arguments to its exit code.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace loyalty::cli {

// Exit codes.
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;    // the server refused, or something went wrong
inline constexpr int kWrongUse = 2;  // of the command line

// `arguments` without the program's name.
int Run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err, bool err_is_terminal);

}  // namespace loyalty::cli
