#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "cli/commands/app.h"

int main(int argc, char** argv) {
  return loyalty::cli::Run(std::vector<std::string>(argv + 1, argv + argc), std::cout, std::cerr,
                           isatty(STDERR_FILENO) == 1);
}
