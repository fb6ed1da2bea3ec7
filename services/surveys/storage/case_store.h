// Cases in PostgreSQL, inside the caller's transaction.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/surveys/domain/case.h"

namespace loyalty::surveys {

// Gives the case its id.
void InsertCase(postgres::Transaction& tx, int32_t program_key, Case& opened);
// Writes what can change.
void UpdateCase(postgres::Transaction& tx, int32_t program_key, const Case& changed);

// NOT_FOUND, reason CASE_NOT_FOUND (`case_id`).
absl::StatusOr<Case> LoadCase(postgres::Transaction& tx, int32_t program_key, int64_t case_id);
// The same, locked until the transaction ends.
absl::StatusOr<Case> LockCase(postgres::Transaction& tx, int32_t program_key, int64_t case_id);
// The case that a response opened, if it did.
std::optional<Case> FindCaseOfResponse(postgres::Transaction& tx, int32_t program_key, int64_t response_id);

struct CaseFilter {
  std::vector<CaseState> states;  // empty: all
  std::string owner;              // empty: all
  std::string member_id;          // empty: all
  bool overdue_only = false;      // at `now`
  absl::Time now;
};
// Up to `limit`, newest first, with ids below `before`.
std::vector<Case> ListCases(postgres::Transaction& tx, int32_t program_key, const CaseFilter& filter,
                            int64_t before, int limit);

void InsertCaseNote(postgres::Transaction& tx, int32_t program_key, const CaseNote& note);
// All of a case, in order: at most kMaxNotes.
std::vector<CaseNote> ListCaseNotes(postgres::Transaction& tx, int32_t program_key, int64_t case_id);

// Up to `limit` cases that EscalateIfLate will escalate at `now`, the oldest first, locked; what others have
// locked is left out.
std::vector<Case> TakeDueCases(postgres::Transaction& tx, int32_t program_key, absl::Time now, int limit);

// When the next one of the program is due; the infinite future if none will be.
absl::Time NextDueCase(postgres::Transaction& tx, int32_t program_key);
// Up to `limit` programs that have due ones: by their test clocks, the others at `now`.
std::vector<int32_t> ProgramsWithDueCases(postgres::Transaction& tx, absl::Time now, int limit);

}  // namespace loyalty::surveys
