// Applies a batch of commands to the ledger in one transaction.
#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/postgres/pool.h"
#include "services/points/domain/ledger.h"

namespace loyalty::points {

class PostingStore {
 public:
  using Answers = std::vector<absl::StatusOr<Receipt>>;

  PostingStore(postgres::Pool& pool, Clock& clock) : pool_(pool), clock_(clock) {}

  // Decides the commands in their order and makes what they change durable, all in one transaction; an answer for each.
  // At most 14 statements, whatever the number of commands. Safe to repeat: what is in the ledger already is answered as
  // replayed. Locks, in this order: new members by id, accounts by id, the event head.
  // Errors of the whole batch: those of common/postgres/errors.h.
  absl::StatusOr<Answers> Apply(const std::string& program_id, std::span<const Command> commands);

 private:
  postgres::Pool& pool_;
  Clock& clock_;
};

}  // namespace loyalty::points
