#include "services/referral/jobs/due_works.h"

#include <absl/strings/str_cat.h>

#include "common/due/ask.h"
#include "common/log/log.h"
#include "services/referral/service/referral_work.h"
#include "services/referral/storage/referral_store.h"

namespace loyalty::referral {
namespace {

constexpr int kBatch = 200;  // of one piece

}  // namespace

absl::StatusOr<std::vector<int32_t>> DueReferrals::ProgramsDue(absl::Time now, int limit) {
  return due::Ask<std::vector<int32_t>>(
      pool_, [&](postgres::Transaction& tx) { return ProgramsWithDueReferrals(tx, now, limit); });
}

absl::StatusOr<std::optional<absl::Time>> DueReferrals::NextDue(int32_t program_key) {
  return due::Ask<std::optional<absl::Time>>(
      pool_, [&](postgres::Transaction& tx) { return ReferralStore(tx, program_key).NextDue(); });
}

absl::StatusOr<int64_t> DueReferrals::RunDue(int32_t program_key, absl::Time now) {
  const auto due = due::Ask<std::vector<int64_t>>(
      pool_, [&](postgres::Transaction& tx) { return ReferralStore(tx, program_key).ListDue(now, kBatch); });
  if (!due.ok()) return due.status();
  int64_t done = 0;
  absl::Status failure;
  for (const int64_t id : *due) {
    bool changed = false;
    const absl::Status status = runner_.Do(program_key, kClockActor, [&](work::Work& work) {
      changed = ReferralWork(work).CatchUp(id);
      return absl::OkStatus();
    });
    done += status.ok() && changed ? 1 : 0;
    if (absl::IsUnavailable(status)) return status;
    if (status.ok()) continue;
    log::Error("a referral that is due cannot be brought up to date",
               {{"program_key", absl::StrCat(program_key)},
                {"referral_id", absl::StrCat(id)},
                {"error", status.ToString()}});
    failure = status;
  }
  if (done == 0 && !failure.ok()) return failure;
  return done;
}

}  // namespace loyalty::referral
