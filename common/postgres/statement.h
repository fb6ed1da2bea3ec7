// An SQL statement or migration that cmake/LoyaltySql.cmake embedded from a file.
#pragma once

namespace loyalty::postgres {

struct Statement {
  const char* name;  // the file's name: also the prepared statement's name and the metric's label
  const char* sql;
};

struct Migration {
  int number;  // 1, 2, 3, … without gaps
  const char* name;
  const char* sql;
};

}  // namespace loyalty::postgres
