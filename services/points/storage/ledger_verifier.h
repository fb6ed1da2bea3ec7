// Recomputes every invariant of a program's ledger from its entries: of the whole program, or of a sample of
// its accounts.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/postgres/pool.h"

namespace loyalty::points {

struct LedgerDifference {
  std::string invariant;
  std::string member_id;  // empty: of the program, or of an account without a member
  std::string description;
  int64_t account_id = 0;  // 0: of the program
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

// All in one snapshot; writers go on. `now` is the time of programs without a test clock. NOT_FOUND, reason
// PROGRAM_NOT_FOUND.
absl::StatusOr<LedgerReport> VerifyLedger(postgres::Pool& pool, const std::string& program_id,
                                          absl::Time now);

// An account of a program. Walks over all accounts of all programs go from place to place.
struct AccountPlace {
  int32_t program_key = 0;
  int64_t account_id = 0;
};

struct LedgerSample {
  std::string program_id;                     // empty: no account comes after the place
  AccountPlace last;                          // the next sample comes after it
  int64_t accounts = 0;                       // that were verified
  std::vector<LedgerDifference> differences;  // of these accounts
};

inline constexpr int kMostSampledAccounts = 200;
// More entries are not read for a sample. An account that has more of its own is passed over: only
// VerifyLedger takes the time that it needs.
inline constexpr int64_t kMostSampledEntries = 20'000;

// Verifies some accounts of one program, those that come next after a place: all that VerifyLedger does but
// what concerns the program as a whole (positions, budgets, stocks, codes). In one snapshot; locks nothing,
// and takes 10 s at most.
absl::StatusOr<LedgerSample> VerifySample(postgres::Pool& pool, const AccountPlace& after, absl::Time now);

// A place anywhere among the accounts; both numbers are 0 or more and below 1.
absl::StatusOr<AccountPlace> AnyPlace(postgres::Pool& pool, double program, double account);

}  // namespace loyalty::points
