// Reads what a batch needs, a statement for all its commands.
#pragma once

#include <absl/container/flat_hash_set.h>
#include <absl/status/status.h>

#include <span>
#include <vector>

#include "common/postgres/pool.h"
#include "services/points/domain/ledger.h"

namespace loyalty::points {

// Accounts of members that were missing and that a command of the batch may enroll.
absl::flat_hash_set<int64_t> CreateMembers(postgres::Transaction& tx, const Program& program,
                                           std::span<const Command> commands, absl::Time now);

// Locks the accounts of all commands. False if a member is missing that a command of the batch may enroll.
bool LockAccounts(postgres::Transaction& tx, const Program& program, std::span<const Command> commands,
                  const absl::flat_hash_set<int64_t>& created, Ledger& ledger);

// The entries that commands take back from; no statement if there are no such commands. After the accounts
// are locked, so that nothing more is taken back meanwhile.
void LoadOriginals(postgres::Transaction& tx, const Program& program, std::span<const Command> commands,
                   Ledger& ledger);

// Tells the ledger what stands under the ids of some commands; true if anything does.
bool FindIds(postgres::Transaction& tx, const Program& program, const std::vector<const Command*>& commands,
             Ledger& ledger);

// Lots are loaded for accounts that a command may take points from, enough of them for all it may take.
// CANCELLED if they are not the lots of what is known of the account, which then is remembered, and outdated.
absl::Status LoadLots(postgres::Transaction& tx, const Program& program, std::span<const Command> commands,
                      Ledger& ledger);

}  // namespace loyalty::points
