#include "services/points/jobs/due_accounts.h"

#include <absl/strings/str_cat.h>

#include "common/due/ask.h"
#include "common/log/log.h"
#include "common/postgres/errors.h"
#include "common/status/status.h"
#include "services/points/storage/due_store.h"

namespace loyalty::points {
namespace {

constexpr int kBatch = 500;
constexpr absl::Duration kPutOff = absl::Hours(1);

Command CatchUpOf(const std::string& member_id) {
  Command command;
  command.member_id = member_id;
  command.action = CatchUp{};
  return command;
}

}  // namespace

absl::StatusOr<std::vector<int32_t>> DueAccounts::ProgramsDue(absl::Time now, int limit) {
  return due::Ask<std::vector<int32_t>>(
      pool_, [&](postgres::Transaction& tx) { return ProgramsWithDueAccounts(tx, now, limit); });
}

absl::StatusOr<std::optional<absl::Time>> DueAccounts::NextDue(int32_t program_key) {
  return due::Ask<std::optional<absl::Time>>(pool_,
                                             [&](postgres::Transaction& tx) -> std::optional<absl::Time> {
                                               const absl::Time next = points::NextDue(tx, program_key);
                                               if (next == absl::InfiniteFuture()) return std::nullopt;
                                               return next;
                                             });
}

absl::StatusOr<int64_t> DueAccounts::RunDue(int32_t program_key, absl::Time now) {
  const absl::StatusOr<DueMembers> due = due::Ask<DueMembers>(
      pool_, [&](postgres::Transaction& tx) { return MembersDue(tx, program_key, now, kBatch); });
  LOYALTY_RETURN_IF_ERROR(due.status());
  if (due->member_ids.empty()) return 0;
  std::vector<Command> commands;
  for (const std::string& id : due->member_ids) commands.push_back(CatchUpOf(id));
  absl::Status status = store_->Apply(due->program_id, commands).status();
  if (postgres::IsRefusedStatement(status)) {
    status = absl::OkStatus();
    for (const std::string& id : due->member_ids) {
      const absl::Status one = CatchUpOne(program_key, due->program_id, id, now);
      if (!one.ok() && !postgres::IsRefusedStatement(one)) return one;
      status.Update(one);
    }
  }
  LOYALTY_RETURN_IF_ERROR(status);
  return static_cast<int64_t>(commands.size());
}

absl::Status DueAccounts::CatchUpOne(int32_t program_key, const std::string& program_id,
                                     const std::string& member_id, absl::Time now) {
  const std::vector<Command> commands = {CatchUpOf(member_id)};
  const absl::Status status = store_->Apply(program_id, commands).status();
  if (!postgres::IsRefusedForGood(status)) return status;
  log::Error("an account on which something is due cannot be brought up to date",
             {{"program_key", absl::StrCat(program_key)}, {"error", status.ToString()}});
  return pool_.Run([&](postgres::Transaction& tx) {
    PostponeDue(tx, program_key, member_id, now, now + kPutOff);
    return absl::OkStatus();
  });
}

}  // namespace loyalty::points
