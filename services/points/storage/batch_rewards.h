// What a batch needs and writes of rewards: no statement of these is sent if no command is about them.
#pragma once

#include <absl/container/flat_hash_set.h>

#include <span>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/points/domain/ledger.h"

namespace loyalty::points {

// Adds the members to whom rewards that are redeemed give; who that is never changes.
void AddCharities(postgres::Transaction& tx, const Program& program, std::span<const Command> commands,
                  absl::flat_hash_set<std::string>& members);

// Adds the counters of the stocks to which cancelled redemptions give a piece back.
void AddStocksOfCancelled(postgres::Transaction& tx, const Program& program,
                          std::span<const Command> commands, std::vector<std::string>& names);

// The rewards that are redeemed, with codes enough for all. After their stocks are locked.
void LoadRewards(postgres::Transaction& tx, const Program& program, std::span<const Command> commands,
                 Ledger& ledger);

// The redemptions that are fulfilled or cancelled. After their accounts are locked.
void LoadRedemptions(postgres::Transaction& tx, const Program& program, std::span<const Command> commands,
                     Ledger& ledger);

// New redemptions, what became of others, and who has which code.
void WriteRedemptions(postgres::Transaction& tx, const Program& program, const Ledger& ledger);

}  // namespace loyalty::points
