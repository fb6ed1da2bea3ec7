// Reads what a batch needs, a statement for all its commands.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/status/status.h>

#include <span>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/points/domain/ledger.h"

namespace loyalty::points {

// Accounts of members that were missing and that a command of the batch may enroll.
absl::flat_hash_set<int64_t> CreateMembers(postgres::Transaction& tx, const Program& program,
                                           std::span<const Command> commands, absl::Time now);

enum class Locked {
  kAll,
  kMissing,  // but a member that a command of the batch may enroll
  kOutdated  // a member was changed meanwhile
};
// The members whom ids stand for that were merged.
using Owners = absl::flat_hash_map<std::string, std::string>;
// Locks the accounts of all commands, and adds whom ids of theirs stand for.
Locked LockAccounts(postgres::Transaction& tx, const Program& program, std::span<const Command> commands,
                    const absl::flat_hash_set<int64_t>& created, Ledger& ledger, Owners& owners);

// Accounts of some members, as they are stored, without a lock: to be looked at only.
Owners ReadAccounts(postgres::Transaction& tx, const Program& program,
                    const std::vector<std::string>& member_ids, Ledger& ledger);

// The entries that commands correct, what was used or set aside for orders that they pay for, and what became
// of redemptions; no statement if there are no such commands. After the accounts are locked, so that nothing
// more is corrected meanwhile.
void LoadOriginals(postgres::Transaction& tx, const Program& program, std::span<const Command> commands,
                   Ledger& ledger);

// Pending points and holds of accounts on which something is due at `now`, or that a command asks for.
void LoadSetAside(postgres::Transaction& tx, const Program& program, std::span<const Command> commands,
                  absl::Time now, Ledger& ledger);

// The budgets of the program's rules and the stocks of rewards, locked, if a command may use one of them or
// give back to it; and the rewards that commands redeem, with codes enough for all. After the accounts, and
// the originals.
void LockCounters(postgres::Transaction& tx, const Program& program, std::span<const Command> commands,
                  Ledger& ledger);

// Tells the ledger what stands under the ids of some commands; true if anything does.
bool FindIds(postgres::Transaction& tx, const Program& program, const std::vector<const Command*>& commands,
             Ledger& ledger);

// Lots are loaded for accounts on which something is due, and for those that a command may take points from,
// enough of them for all it may take; and those that points are taken back from, or come back to. After
// everything else. CANCELLED if they are not the lots of what is known of the account, which then is
// remembered, and outdated.
absl::Status LoadLots(postgres::Transaction& tx, const Program& program, std::span<const Command> commands,
                      absl::Time now, Ledger& ledger);

}  // namespace loyalty::points
