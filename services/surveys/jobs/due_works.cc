#include "services/surveys/jobs/due_works.h"

#include "common/due/ask.h"
#include "services/surveys/service/tell.h"
#include "services/surveys/storage/case_store.h"
#include "services/surveys/storage/invitation_store.h"

namespace loyalty::surveys {
namespace {

constexpr int kBatch = 200;  // of one transaction

std::optional<absl::Time> IfEver(absl::Time time) {
  if (time == absl::InfiniteFuture()) return std::nullopt;
  return time;
}

}  // namespace

absl::StatusOr<std::vector<int32_t>> InvitationExpiry::ProgramsDue(absl::Time now, int limit) {
  return due::Ask<std::vector<int32_t>>(
      pool_, [&](postgres::Transaction& tx) { return ProgramsWithDueInvitations(tx, now, limit); });
}

absl::StatusOr<std::optional<absl::Time>> InvitationExpiry::NextDue(int32_t program_key) {
  return due::Ask<std::optional<absl::Time>>(
      pool_, [&](postgres::Transaction& tx) { return IfEver(NextDueInvitation(tx, program_key)); });
}

absl::StatusOr<int64_t> InvitationExpiry::RunDue(int32_t program_key, absl::Time now) {
  int64_t done = 0;
  const absl::Status status = runner_.Do(program_key, kClockActor, [&](work::Work& work) {
    std::vector<Invitation> due = TakeDueInvitations(work.tx(), program_key, now, kBatch);
    ExpireInvitations(work.tx(), program_key, due);
    for (const Invitation& invitation : due) TellExpired(work, invitation);
    done = static_cast<int64_t>(due.size());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return done;
}

absl::StatusOr<std::vector<int32_t>> CaseEscalation::ProgramsDue(absl::Time now, int limit) {
  return due::Ask<std::vector<int32_t>>(
      pool_, [&](postgres::Transaction& tx) { return ProgramsWithDueCases(tx, now, limit); });
}

absl::StatusOr<std::optional<absl::Time>> CaseEscalation::NextDue(int32_t program_key) {
  return due::Ask<std::optional<absl::Time>>(
      pool_, [&](postgres::Transaction& tx) { return IfEver(NextDueCase(tx, program_key)); });
}

absl::StatusOr<int64_t> CaseEscalation::RunDue(int32_t program_key, absl::Time now) {
  int64_t done = 0;
  const absl::Status status = runner_.Do(program_key, kClockActor, [&](work::Work& work) {
    done = 0;
    for (Case& late : TakeDueCases(work.tx(), program_key, now, kBatch)) {
      if (!EscalateIfLate(late, now)) continue;
      UpdateCase(work.tx(), program_key, late);
      TellEscalated(work, late);
      ++done;
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return done;
}

}  // namespace loyalty::surveys
