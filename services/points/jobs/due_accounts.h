// What accounts do at certain times: points lapse and mature, holds end, tiers change.
//
// Every command brings its account up to date before it is decided, and every read counts what is due as
// done; so no answer waits for this work. It posts what nobody has asked for.
#pragma once

#include <memory>

#include "common/due/due_work.h"
#include "common/postgres/pool.h"
#include "services/points/storage/posting_store.h"

namespace loyalty::points {

class DueAccounts final : public due::DueWork {
 public:
  DueAccounts(postgres::Pool& pool, std::shared_ptr<PostingStore> store)
      : pool_(pool), store_(std::move(store)) {}

  std::string name() const override { return "due_accounts"; }
  absl::StatusOr<std::vector<int32_t>> ProgramsDue(absl::Time now, int limit) override;
  absl::StatusOr<std::optional<absl::Time>> NextDue(int32_t program_key) override;
  // Many in one batch. If that fails, one by one; an account that fails alone and would again is put off for
  // an hour, for another one the job fails.
  absl::StatusOr<int64_t> RunDue(int32_t program_key, absl::Time now) override;

 private:
  absl::Status CatchUpOne(int32_t program_key, const std::string& program_id, const std::string& member_id,
                          absl::Time now);

  postgres::Pool& pool_;
  const std::shared_ptr<PostingStore> store_;
};

}  // namespace loyalty::points
