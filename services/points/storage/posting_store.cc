#include "services/points/storage/posting_store.h"

#include <algorithm>
#include <cassert>

#include "common/postgres/errors.h"
#include "common/status/status.h"
#include "services/points/storage/batch_writer.h"
#include "services/points/storage/program_store.h"

namespace loyalty::points {
namespace {

using postgres::Transaction;
using Commands = std::span<const Command>;

constexpr int kMostAttempts = 8;

std::vector<const Command*> Pointers(Commands commands) {
  std::vector<const Command*> pointers;
  for (const Command& command : commands) pointers.push_back(&command);
  return pointers;
}

// The commands that the batch leaves no entry of: refused, replayed, or only to be validated.
std::vector<const Command*> NotPosted(Commands commands, const PostingStore::Answers& answers) {
  std::vector<const Command*> rest;
  for (size_t i = 0; i < commands.size(); ++i) {
    if (!answers[i].ok() || commands[i].validate_only) rest.push_back(&commands[i]);
  }
  return rest;
}

PostingStore::Merger MergerOf(const Command& merge, const Owners& owners) {
  const auto owner_of = [&](const std::string& id) {
    const auto owner = owners.find(id);
    return owner == owners.end() ? id : owner->second;
  };
  return {owner_of(std::get<MergeMembers>(merge.action).from_member_id), owner_of(merge.member_id),
          merge.actor};
}

}  // namespace

absl::StatusOr<PostingStore::Answers> PostingStore::Apply(const std::string& program_id, Commands commands) {
  const auto last = std::find_if(commands.begin(), commands.end(), StandsLast);
  const auto count = static_cast<size_t>(last - commands.begin()) + (last == commands.end() ? 0 : 1);
  return ApplyTogether(program_id, commands.first(count), nullptr);
}

absl::StatusOr<PostingStore::Answers> PostingStore::ApplyWith(const std::string& program_id,
                                                              Commands commands, const Along& along) {
  assert(!commands.empty() && std::none_of(commands.begin(), commands.end(), StandsLast));
  return ApplyTogether(program_id, commands, along);
}

absl::StatusOr<PostingStore::Answers> PostingStore::ApplyTogether(const std::string& program_id,
                                                                  Commands commands, const Along& along) {
  Answers answers;
  // What goes along has locks of its own, which come after those of the accounts.
  Looks looks{.locks = along != nullptr || std::any_of(commands.begin(), commands.end(), NeedsStored),
              .new_members = expect_new_members_,
              .known_ids = expect_known_ids_};
  absl::Status status = ApplyOnce(program_id, commands, along, looks, answers);
  // A batch that needs a look that was left out begins again with it, once for each; one whose program was
  // changed between its first and its last statement begins again too.
  for (int attempt = 1; attempt < kMostAttempts; ++attempt) {
    const bool known_id = postgres::IsUniqueViolation(status) && !looks.known_ids;
    if (!absl::IsCancelled(status) && !postgres::IsOutdated(status) && !known_id) break;
    if (known_id) looks.known_ids = true;
    looks.locks = true;
    status = ApplyOnce(program_id, commands, along, looks, answers);
  }
  if (absl::IsCancelled(status)) return absl::InternalError(status.message());
  if (!status.ok()) return status;
  return answers;
}

absl::Status PostingStore::ApplyOnce(const std::string& program_id, Commands commands, const Along& along,
                                     Looks& looks, Answers& answers) {
  Batch batch{.commands = commands, .now = clock_.Now()};
  bool remembered = false;
  int statements = 0;
  const absl::Status status = pool_.Run([&](Transaction& tx) -> absl::Status {
    answers.clear();
    remembered = !looks.locks && Recall(program_id, batch);
    if (!remembered) LOYALTY_RETURN_IF_ERROR(Lock(tx, program_id, looks, batch));
    const bool known = looks.known_ids && FindIds(tx, *batch.program, Pointers(commands), *batch.ledger);
    LoadOriginals(tx, *batch.program, commands, *batch.ledger);
    if (!remembered) LockCounters(tx, *batch.program, commands, *batch.ledger);
    LoadSetAside(tx, *batch.program, commands, batch.now, *batch.ledger);
    LOYALTY_RETURN_IF_ERROR(LoadLots(tx, *batch.program, commands, batch.now, *batch.ledger));
    for (const Command& command : commands) answers.push_back(batch.ledger->Decide(command));
    const std::vector<const Command*> rest = NotPosted(commands, answers);
    if (remembered && !rest.empty()) return absl::CancelledError("Only what is written can be remembered.");
    if (!looks.known_ids && FindIds(tx, *batch.program, rest, *batch.ledger)) {
      looks.known_ids = true;
      return absl::CancelledError("Ids are known.");
    }
    expect_new_members_ = !batch.created.empty();
    expect_known_ids_ = known;
    DeleteUnusedMembers(tx, *batch.program, *batch.ledger);
    if (along) LOYALTY_RETURN_IF_ERROR(along(tx, *batch.ledger, answers));
    if (const auto& enrolled = batch.ledger->enrolled(); !enrolled.empty()) {
      tell_enrolled_(tx, *batch.program, enrolled, batch.now);
    }
    const Command& last = commands.back();
    const bool merged =
        StandsLast(last) && answers.back().ok() && !answers.back()->replayed && !last.validate_only;
    if (merged && tell_merged_) tell_merged_(tx, *batch.program, MergerOf(last, batch.owners), batch.now);
    if (remembered) LockRemembered(tx, *batch.program, *batch.ledger);
    WriteBatch(tx, *batch.program, *batch.ledger);
    statements = tx.statements();
    return absl::OkStatus();
  });
  if (absl::IsNotFound(status)) {  // the program
    answers.assign(commands.size(), status);
    return absl::OkStatus();
  }
  // A test clock moves without the program's update time, so its program is read for each batch.
  if (status.ok() && !batch.program->test_time) {
    cache_.Learn(*batch.program, commands, *batch.ledger, remembered);
  }
  if (status.ok()) posted_(program_id, batch.ledger->postings(), statements);
  if (remembered && !status.ok()) cache_.Missed();
  return status;
}

bool PostingStore::Recall(const std::string& program_id, Batch& batch) {
  batch.program = cache_.Recall(program_id);
  const auto pays = [&](const Command& command) { return PaidOrder(*batch.program, command) != nullptr; };
  if (!batch.program || std::any_of(batch.commands.begin(), batch.commands.end(), pays)) return false;
  batch.ledger.emplace(*batch.program, batch.now);
  return cache_.Fill(*batch.program, batch.commands, batch.now, *batch.ledger);
}

absl::Status PostingStore::Lock(Transaction& tx, const std::string& program_id, Looks& looks, Batch& batch) {
  absl::StatusOr<Program> program = LoadProgram(tx, program_id);
  LOYALTY_RETURN_IF_ERROR(program.status());
  const bool open = program->enrollment_mode == EnrollmentMode::kOpen;
  batch.now = program->test_time.value_or(batch.now);
  batch.program = std::make_shared<const Program>(*std::move(program));
  batch.ledger.emplace(*batch.program, batch.now);
  batch.created.clear();
  if (looks.new_members && open) {
    batch.created = CreateMembers(tx, *batch.program, batch.commands, batch.now);
  }
  batch.owners.clear();
  const Locked locked =
      LockAccounts(tx, *batch.program, batch.commands, batch.created, *batch.ledger, batch.owners);
  if (locked == Locked::kOutdated) return absl::CancelledError("A member has changed.");
  if (locked == Locked::kMissing && !looks.new_members && open) {
    looks.new_members = true;
    return absl::CancelledError("Members are missing.");
  }
  return absl::OkStatus();
}

}  // namespace loyalty::points
