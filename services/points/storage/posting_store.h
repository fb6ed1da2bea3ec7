// Applies a batch of commands to the ledger in one transaction.
#pragma once

#include <absl/status/statusor.h>

#include <atomic>
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
  // At most 13 statements, whatever the number of commands. Safe to repeat: what is in the ledger already is answered as
  // replayed. Locks, in this order: new members by id, accounts by id, the event head.
  // Errors of the whole batch: those of common/postgres/errors.h.
  absl::StatusOr<Answers> Apply(const std::string& program_id, std::span<const Command> commands);

 private:
  // CANCELLED, and nothing done, if `create_members` is false and a command may enroll somebody who is missing.
  absl::Status ApplyOnce(const std::string& program_id, std::span<const Command> commands, bool create_members,
                         Answers& answers);

  postgres::Pool& pool_;
  Clock& clock_;
  std::atomic<bool> expect_new_members_ = true;
};

}  // namespace loyalty::points
