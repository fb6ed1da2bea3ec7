// What referrals do at certain times: claims expire, holds end.
#pragma once

#include "common/due/due_work.h"
#include "common/postgres/pool.h"
#include "common/work/work.h"

namespace loyalty::referral {

inline constexpr char kClockActor[] = "loyalty-referral";  // who does what nobody does: it is time

// Brings referrals up to date, each in a transaction of its own.
class DueReferrals final : public due::DueWork {
 public:
  DueReferrals(postgres::Pool& pool, work::Runner& runner) : pool_(pool), runner_(runner) {}

  std::string name() const override { return "due_referrals"; }
  absl::StatusOr<std::vector<int32_t>> ProgramsDue(absl::Time now, int limit) override;
  absl::StatusOr<std::optional<absl::Time>> NextDue(int32_t program_key) override;
  // One that fails does not stop the others; if all fail, the error is that of the last.
  absl::StatusOr<int64_t> RunDue(int32_t program_key, absl::Time now) override;

 private:
  postgres::Pool& pool_;
  work::Runner& runner_;
};

}  // namespace loyalty::referral
