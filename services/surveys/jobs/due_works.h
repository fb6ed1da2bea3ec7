// What surveys do at certain times: invitations expire, cases whose first reply is late are escalated.
#pragma once

#include "common/due/due_work.h"
#include "common/postgres/pool.h"
#include "common/work/work.h"

namespace loyalty::surveys {

// Stores that invitations are over, and tells of it.
class InvitationExpiry final : public due::DueWork {
 public:
  InvitationExpiry(postgres::Pool& pool, work::Runner& runner) : pool_(pool), runner_(runner) {}

  std::string name() const override { return "invitation_expiry"; }
  absl::StatusOr<std::vector<int32_t>> ProgramsDue(absl::Time now, int limit) override;
  absl::StatusOr<std::optional<absl::Time>> NextDue(int32_t program_key) override;
  absl::StatusOr<int64_t> RunDue(int32_t program_key, absl::Time now) override;

 private:
  postgres::Pool& pool_;
  work::Runner& runner_;
};

// Escalates cases, and tells of it.
class CaseEscalation final : public due::DueWork {
 public:
  CaseEscalation(postgres::Pool& pool, work::Runner& runner) : pool_(pool), runner_(runner) {}

  std::string name() const override { return "case_escalation"; }
  absl::StatusOr<std::vector<int32_t>> ProgramsDue(absl::Time now, int limit) override;
  absl::StatusOr<std::optional<absl::Time>> NextDue(int32_t program_key) override;
  absl::StatusOr<int64_t> RunDue(int32_t program_key, absl::Time now) override;

 private:
  postgres::Pool& pool_;
  work::Runner& runner_;
};

}  // namespace loyalty::surveys
