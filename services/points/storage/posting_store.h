// Applies a batch of commands to the ledger in one transaction.
#pragma once

#include <absl/container/flat_hash_set.h>
#include <absl/status/statusor.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/postgres/pool.h"
#include "services/points/domain/ledger.h"
#include "services/points/storage/account_cache.h"
#include "services/points/storage/batch_reader.h"

namespace loyalty::points {

class PostingStore {
 public:
  using Answers = std::vector<absl::StatusOr<Receipt>>;

  // Tells, in the transaction that enrolls them, that somebody became a member at a time. It may take the
  // event head.
  using TellEnrolled = std::function<void(postgres::Transaction& tx, const Program& program,
                                          const std::vector<std::string>& member_ids, absl::Time time)>;

  // Is told of all entries that a batch has posted, and how many statements that took.
  using Posted =
      std::function<void(const std::string& program_id, const std::deque<Posting>& postings, int statements)>;

  // Which member has become another, by the names of their own.
  struct Merger {
    std::string from_member_id, into_member_id;
    std::string actor;
  };
  // Tells, in the transaction that does it, that a member was merged into another. It may take the event
  // head.
  using TellMerged = std::function<void(postgres::Transaction& tx, const Program& program,
                                        const Merger& merger, absl::Time time)>;

  // What else belongs into the transaction of a batch: called when everything is decided, before the event
  // head is taken. Its error undoes the batch. It may run more than once, and must not be CANCELLED.
  using Along =
      std::function<absl::Status(postgres::Transaction& tx, const Ledger& ledger, const Answers& answers)>;

  PostingStore(postgres::Pool& pool, Clock& clock, TellEnrolled tell_enrolled, Posted posted,
               TellMerged tell_merged = nullptr)
      : pool_(pool),
        clock_(clock),
        tell_enrolled_(std::move(tell_enrolled)),
        posted_(std::move(posted)),
        tell_merged_(std::move(tell_merged)) {}

  // Decides the commands in their order and makes what they change durable, all in one transaction; an answer
  // for each. A MergeMembers, which changes whose accounts are whose, is the last that it takes: what comes
  // after it is left to another call, and the answers are those up to it. Of one command at least. At most 31
  // statements, whatever the number of commands; one, if the process remembers the program and all accounts
  // and every command brings points in. Safe to repeat: what is in the ledger already is answered as
  // replayed. Locks, in the order that ARCHITECTURE.md names. Errors of the whole batch: those of
  // common/postgres/errors.h.
  absl::StatusOr<Answers> Apply(const std::string& program_id, std::span<const Command> commands);
  // The same, with what goes along; no MergeMembers.
  absl::StatusOr<Answers> ApplyWith(const std::string& program_id, std::span<const Command> commands,
                                    const Along& along);

 private:
  // What a batch reads before it decides.
  struct Looks {
    bool locks;  // the program and the accounts, locked, instead of what is remembered of them; always, where
                 // a command takes back: what was taken back so far is remembered nowhere
    bool new_members;
    bool known_ids;
  };
  struct Batch {
    std::span<const Command> commands;
    absl::Time now;  // the program's
    std::shared_ptr<const Program> program;
    std::optional<Ledger> ledger;
    absl::flat_hash_set<int64_t> created;  // accounts of members who were made for it
    Owners owners;
  };

  // The same for commands of which only the last may stand last.
  absl::StatusOr<Answers> ApplyTogether(const std::string& program_id, std::span<const Command> commands,
                                        const Along& along);
  // One transaction. Nothing is done, and it is CANCELLED with the look switched on, or a unique violation,
  // if the batch needs a look that was left out; postgres::IsOutdated, if what was remembered has changed.
  absl::Status ApplyOnce(const std::string& program_id, std::span<const Command> commands, const Along& along,
                         Looks& looks, Answers& answers);
  // Program and accounts, from memory: false if something is not there.
  bool Recall(const std::string& program_id, Batch& batch);
  // Program and accounts, from the database, the accounts locked. NOT_FOUND, if there is no such program.
  absl::Status Lock(postgres::Transaction& tx, const std::string& program_id, Looks& looks, Batch& batch);

  postgres::Pool& pool_;
  Clock& clock_;
  const TellEnrolled tell_enrolled_;
  const Posted posted_;
  const TellMerged tell_merged_;
  AccountCache cache_;

  // Most batches have neither new members nor ids that are known already, so both looks are left out while
  // batches go through without them. It is safe: a missing member shows when the accounts are locked, the
  // unique indexes refuse a known id, and what is not posted is looked up before it is answered. The batch
  // that finds out begins again with the look, and the next ones keep it until one needs it no more.
  std::atomic<bool> expect_new_members_ = true;
  std::atomic<bool> expect_known_ids_ = false;
};

}  // namespace loyalty::points
