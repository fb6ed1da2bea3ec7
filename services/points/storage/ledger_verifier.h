// Recomputes every invariant of a program's ledger from its entries.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "common/postgres/pool.h"

namespace loyalty::points {

struct LedgerDifference {
  std::string invariant;
  std::string member_id;  // empty: of the program, or of an account without a member
  std::string description;
};

struct LedgerReport {
  int64_t members = 0;
  int64_t entries = 0;
  int64_t purchases = 0;
  int64_t issued = 0;
  int64_t spent = 0;
  int64_t adjusted_up = 0;
  int64_t adjusted_down = 0;
  int64_t reversed = 0;
  int64_t clawed_back = 0;
  int64_t expired = 0;
  int64_t restored = 0;  // spent points that were given back
  int64_t transferred_out = 0;
  int64_t transferred_in = 0;
  int64_t fees = 0;        // of transfers
  int64_t forfeited = 0;   // by leaving
  int64_t merged_out = 0;  // less what was owed
  int64_t merged_in = 0;
  // What all of them come to: available + pending + held − debt.
  int64_t available = 0;
  int64_t pending = 0;
  int64_t held = 0;
  int64_t debt = 0;
  std::vector<LedgerDifference> differences;  // at most 100 for each invariant
};

// All in one snapshot; writers go on. NOT_FOUND, reason PROGRAM_NOT_FOUND.
absl::StatusOr<LedgerReport> VerifyLedger(postgres::Pool& pool, const std::string& program_id);

}  // namespace loyalty::points
