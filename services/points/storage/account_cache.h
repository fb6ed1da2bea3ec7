// What a process remembers of programs and accounts after its own batches, so that a batch need not read them
// again: it decides on what is remembered, and post_entries writes only if that is still what is stored.
//
// Nothing depends on it: what is not remembered, or was changed by another replica, is read and locked as if
// there were no cache. A program is told by its update time, an account by the sequence of its newest entry,
// a counter by its value; so whoever changes what a batch reads must change one of them.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/synchronization/mutex.h>

#include <memory>
#include <span>
#include <string>

#include "services/points/domain/ledger.h"

namespace loyalty::points {

class AccountCache {
 public:
  // Forgets everything when it holds more members than that: about 500 bytes each.
  explicit AccountCache(size_t most_members = 200'000) : most_members_(most_members) {}

  // The program; null if it is not remembered, or just now not to be relied on (see Missed).
  std::shared_ptr<const Program> Recall(const std::string& program_id);

  // Adds the accounts of all commands to the ledger, in the order of their ids, and the counters. False, and
  // nothing is added, if one is not remembered, or something is due on an account at `now`.
  bool Fill(const Program& program, std::span<const Command> commands, absl::Time now, Ledger& ledger) const;

  // What stands after a batch that is committed. `remembered`: it was decided on what Recall and Fill gave.
  void Learn(const Program& program, std::span<const Command> commands, const Ledger& ledger,
             bool remembered);

  // A batch was decided on what is remembered, and in vain. Where that happens again and again, as when two
  // replicas write to the same accounts, Recall gives nothing for the next 1, 2, 4, … 64 batches.
  void Missed();

 private:
  struct Shop {
    std::shared_ptr<const Program> program;
    absl::flat_hash_map<std::string, int64_t> members;  // to their account
    absl::flat_hash_map<int64_t, Account> accounts;     // without what is loaded for a batch
    absl::flat_hash_map<std::string, int64_t> counters;
  };

  const size_t most_members_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Shop> shops_ ABSL_GUARDED_BY(mutex_);  // by program id
  size_t members_ ABSL_GUARDED_BY(mutex_) = 0;
  int pause_ ABSL_GUARDED_BY(mutex_) = 0;   // the last one's length, in batches
  int paused_ ABSL_GUARDED_BY(mutex_) = 0;  // what is left of it
};

}  // namespace loyalty::points
