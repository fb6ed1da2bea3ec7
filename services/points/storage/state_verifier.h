// Compares the state of accounts beside points with what their entries say (domain/replay.h), a few hundred
// accounts and some thousand entries at a time, whatever their number.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "common/postgres/pool.h"
#include "services/points/domain/program.h"
#include "services/points/storage/ledger_verifier.h"

namespace loyalty::points {

struct AccountRange {
  int64_t first = 0;
  int64_t last = std::numeric_limits<int64_t>::max();
};

// Budgets are of all members together.
enum class StateScope { kAccounts, kProgram };

// Adds at most 100 differences of each invariant, without the ids of members.
void VerifyStates(postgres::Transaction& tx, const Program& program, absl::Time now,
                  const AccountRange& range, StateScope scope, std::vector<LedgerDifference>& differences);

}  // namespace loyalty::points
