#include "services/membership/jobs/due_works.h"

#include <absl/strings/str_cat.h>

#include "common/due/ask.h"
#include "common/log/log.h"
#include "common/postgres/errors.h"
#include "common/status/status.h"
#include "services/membership/service/membership_work.h"
#include "services/membership/storage/membership_store.h"

namespace loyalty::membership {
namespace {

constexpr int kBatch = 50;  // of one transaction; as many calls of the provider at a time
constexpr absl::Duration kPutOff = absl::Hours(1);

}  // namespace

absl::StatusOr<std::vector<int32_t>> DueMemberships::ProgramsDue(absl::Time now, int limit) {
  return due::Ask<std::vector<int32_t>>(
      pool_, [&](postgres::Transaction& tx) { return ProgramsWithDueMemberships(tx, now, limit); });
}

absl::StatusOr<std::optional<absl::Time>> DueMemberships::NextDue(int32_t program_key) {
  return due::Ask<std::optional<absl::Time>>(pool_,
                                             [&](postgres::Transaction& tx) -> std::optional<absl::Time> {
                                               const absl::Time next = membership::NextDue(tx, program_key);
                                               if (next == absl::InfiniteFuture()) return std::nullopt;
                                               return next;
                                             });
}

absl::StatusOr<int64_t> DueMemberships::RunDue(int32_t program_key, absl::Time /*now*/) {
  Piece piece;
  absl::Status status = RunPiece(program_key, kBatch, piece);
  if (postgres::IsRefusedStatement(status)) {
    // One of them is in the way: the first is done alone, or put off.
    status = RunPiece(program_key, 1, piece);
    if (postgres::IsRefusedStatement(status) && !piece.taken.empty()) {
      const int64_t id = piece.taken.front();
      log::Error("a membership that is due cannot be brought up to date",
                 {{"program_key", absl::StrCat(program_key)},
                  {"membership_id", absl::StrCat(id)},
                  {"error", status.ToString()}});
      status = runner_.Do(program_key, kClockActor, [&](work::Work& work) {
        Postpone(work.tx(), program_key, id, work.now() + kPutOff);
        return absl::OkStatus();
      });
      piece.done = 1;
    }
  }
  LOYALTY_RETURN_IF_ERROR(status);
  payments_->Make(std::move(piece.calls));
  return piece.done;
}

absl::Status DueMemberships::RunPiece(int32_t program_key, int limit, Piece& piece) {
  return runner_.Do(program_key, kClockActor, [&](work::Work& work) -> absl::Status {
    piece = {};
    MembershipWork memberships(work);
    auto records = memberships.TakeDue(limit);
    LOYALTY_RETURN_IF_ERROR(records.status());
    for (const MembershipRecord& record : *records) piece.taken.push_back(record.membership().id);
    for (MembershipRecord& record : *records) {
      record.CatchUp(work.now());
      memberships.Save(record);
    }
    piece.done = static_cast<int64_t>(records->size());
    piece.calls = memberships.TakeCalls();
    return absl::OkStatus();
  });
}

}  // namespace loyalty::membership
