// Writes what a batch decided, a statement for all its commands.
#pragma once

#include "common/postgres/pool.h"
#include "services/points/domain/ledger.h"

namespace loyalty::points {

// Members and accounts that were made for the batch, and that nothing was posted to.
void DeleteUnusedMembers(postgres::Transaction& tx, const Program& program, const Ledger& ledger);

// Locks the accounts of a batch that was decided on what is remembered of them, if it uses lots: they stand
// under these locks. Without lots the statement that posts the entries locks.
void LockRemembered(postgres::Transaction& tx, const Program& program, const Ledger& ledger);

// Entries, lots and accounts; the last statement takes the event head, and ends the transaction. It raises
// (postgres::IsOutdated) if the program or an account is not what the batch was decided on.
void WriteBatch(postgres::Transaction& tx, const Program& program, const Ledger& ledger);

}  // namespace loyalty::points
