#include "services/points/jobs/audience_awards.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/due/ask.h"
#include "common/log/log.h"
#include "common/postgres/errors.h"
#include "common/status/status.h"
#include "loyalty/points/v1/event.pb.h"
#include "services/points/service/convert_audience.h"

namespace loyalty::points {

absl::StatusOr<std::vector<int32_t>> AudienceAwards::ProgramsDue(absl::Time now, int limit) {
  return due::Ask<std::vector<int32_t>>(
      pool_, [&](postgres::Transaction& tx) { return ProgramsWithDueAudienceAwards(tx, now, limit); });
}

absl::StatusOr<std::optional<absl::Time>> AudienceAwards::NextDue(int32_t program_key) {
  return due::Ask<std::optional<absl::Time>>(pool_,
                                             [&](postgres::Transaction& tx) -> std::optional<absl::Time> {
                                               const absl::Time next = NextAudienceAwardTime(tx, program_key);
                                               if (next == absl::InfiniteFuture()) return std::nullopt;
                                               return next;
                                             });
}

absl::StatusOr<int64_t> AudienceAwards::RunDue(int32_t program_key, absl::Time now) {
  const auto due = due::Ask<std::optional<DueAudienceAward>>(
      pool_, [&](postgres::Transaction& tx) { return FindDueAudienceAward(tx, program_key, now); });
  LOYALTY_RETURN_IF_ERROR(due.status());
  if (!*due) return 0;
  const DueAudienceAward& found = **due;
  if (found.award.state == AudienceAwardState::kScheduled) {
    LOYALTY_RETURN_IF_ERROR(pool_.Run([&](postgres::Transaction& tx) {
      AwaitMembers(tx, program_key);
      return absl::OkStatus();
    }));
  }
  const absl::StatusOr<std::vector<Reached>> page =
      ReadAudience(pool_, members_, found.program_id, program_key, found.award.id, found.award.audience,
                   found.award.time, found.award.position, page_);
  LOYALTY_RETURN_IF_ERROR(page.status());
  if (page->empty()) {
    LOYALTY_RETURN_IF_ERROR(Finish(program_key, found.award));
    return 1;
  }
  std::span<const Reached> members = *page;
  absl::Status status = Give(program_key, found, members);
  while (postgres::IsRefusedStatement(status) && members.size() > 1) {
    members = members.first(members.size() / 2);
    status = Give(program_key, found, members);
  }
  if (postgres::IsRefusedForGood(status)) {
    log::Error("a member cannot be given an award", {{"program_key", absl::StrCat(program_key)},
                                                     {"award_id", found.award.id},
                                                     {"account_id", absl::StrCat(members.front().account_id)},
                                                     {"error", status.ToString()}});
    status = Skip(program_key, found, members.front());
  }
  LOYALTY_RETURN_IF_ERROR(status);
  return static_cast<int64_t>(members.size());
}

absl::Status AudienceAwards::Give(int32_t program_key, const DueAudienceAward& due,
                                  std::span<const Reached> members) {
  const AudienceAward& award = due.award;
  const int64_t to = members.back().account_id;
  std::vector<Command> commands;
  std::vector<int64_t> accounts;
  for (const Reached& member : members) {
    if (!member.meant) continue;
    commands.push_back(EarnOf(award, member.member_id, member.holder_id));
    accounts.push_back(member.holder_id);
  }
  if (commands.empty()) {
    return pool_.Run([&](postgres::Transaction& tx) {
      AdvanceAudienceAward(tx, program_key, award, to, 0, 0);
      return absl::OkStatus();
    });
  }
  bool elsewhere = false;
  const auto move_on = [&](postgres::Transaction& tx, const Ledger& ledger,
                           const PostingStore::Answers& answers) -> absl::Status {
    // The accounts are locked: who is merged into them from now on finds what they are given here.
    elsewhere = WasGivenBeforeMerging(tx, program_key, award.id, accounts);
    int64_t awarded = 0;
    for (size_t i = 0; i < commands.size(); ++i) {
      const Account* account = ledger.AccountOf(commands[i].member_id);
      elsewhere |= account == nullptr || account->id != accounts[i];
      if (answers[i].ok()) ++awarded;
    }
    const auto skipped = static_cast<int64_t>(commands.size()) - awarded;
    elsewhere = elsewhere || !AdvanceAudienceAward(tx, program_key, award, to, awarded, skipped);
    return elsewhere ? absl::AbortedError("The award is somewhere else.") : absl::OkStatus();
  };
  const absl::Status status = store_->ApplyWith(due.program_id, commands, move_on).status();
  return elsewhere && absl::IsAborted(status) ? absl::OkStatus() : status;
}

absl::Status AudienceAwards::Skip(int32_t program_key, const DueAudienceAward& due, const Reached& member) {
  return pool_.Run([&](postgres::Transaction& tx) {
    AdvanceAudienceAward(tx, program_key, due.award, member.account_id, 0, 1);
    return absl::OkStatus();
  });
}

absl::Status AudienceAwards::Finish(int32_t program_key, const AudienceAward& award) {
  return runner_.Do(program_key, kClockActor, [&](work::Work& work) {
    if (!EndAudienceAward(work.tx(), program_key, award.id, AudienceAwardState::kDone, work.now())) {
      return absl::OkStatus();  // by another replica, or it was cancelled
    }
    v1::AudienceAwardDone event;
    *event.mutable_award() = ToProto(*FindAudienceAward(work.tx(), program_key, award.id), work.program().id);
    work.Emit(event, {.cause = CauseOf(award)});
    return absl::OkStatus();
  });
}

}  // namespace loyalty::points
