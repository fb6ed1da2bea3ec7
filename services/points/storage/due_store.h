// Accounts on which something is due.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/postgres/pool.h"

namespace loyalty::points {

// Up to `limit` programs with such accounts, by the program's test clock or at `now`.
std::vector<int32_t> ProgramsWithDueAccounts(postgres::Transaction& tx, absl::Time now, int limit);
// The earliest of a program; the infinite future, if there is none.
absl::Time NextDue(postgres::Transaction& tx, int32_t program_key);

struct DueMembers {
  std::string program_id;
  std::vector<std::string> member_ids;  // who have waited longest first
};
DueMembers MembersDue(postgres::Transaction& tx, int32_t program_key, absl::Time now, int limit);
// For an account that was due at `due` and cannot be brought up to date. Nothing, if it is not due by then
// any more.
void PostponeDue(postgres::Transaction& tx, int32_t program_key, const std::string& member_id, absl::Time due,
                 absl::Time time);

}  // namespace loyalty::points
