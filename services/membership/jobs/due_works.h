// What memberships do at certain times: trials end, periods renew, failed payments are tried again, benefits
// end; and the payment provider is asked about charges whose outcome is not known.
#pragma once

#include <memory>

#include "common/due/due_work.h"
#include "common/postgres/pool.h"
#include "common/work/work.h"
#include "services/membership/service/payments.h"

namespace loyalty::membership {

// Brings memberships up to date, and makes the calls that this asks for.
class DueMemberships final : public due::DueWork {
 public:
  DueMemberships(postgres::Pool& pool, work::Runner& runner, std::shared_ptr<Payments> payments)
      : pool_(pool), runner_(runner), payments_(std::move(payments)) {}

  std::string name() const override { return "due_memberships"; }
  absl::StatusOr<std::vector<int32_t>> ProgramsDue(absl::Time now, int limit) override;
  absl::StatusOr<std::optional<absl::Time>> NextDue(int32_t program_key) override;
  // Many in one transaction. If that fails, one by one; a membership that fails alone is put off for an hour.
  absl::StatusOr<int64_t> RunDue(int32_t program_key, absl::Time now) override;

 private:
  struct Piece {
    int64_t done = 0;
    std::vector<int64_t> taken;  // ids, also if it failed
    std::vector<PaymentCall> calls;
  };
  absl::Status RunPiece(int32_t program_key, int limit, Piece& piece);

  postgres::Pool& pool_;
  work::Runner& runner_;
  const std::shared_ptr<Payments> payments_;
};

}  // namespace loyalty::membership
