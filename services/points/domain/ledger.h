// The part of a program's ledger that one batch touches, in memory: decides commands in order and collects
// what storage has to write. Pure: whoever loads the same and asks the same gets the same.
//
//   Ledger ledger(program, now);
//   ledger.AddAccount(…); ledger.AddMember(…);            // what storage found and locked
//   ledger.AddRequest(…); ledger.AddOrder(…);             // ids of the commands that are in the ledger
//   already for (const Command& command : commands) answers.push_back(ledger.Decide(command)); …write
//   ledger.postings(), ledger.accounts()
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "services/points/domain/command.h"
#include "services/points/domain/lots.h"
#include "services/points/domain/program.h"

namespace loyalty::points {

struct Account {
  int64_t id = 0;
  int64_t balance = 0;
  int64_t last_sequence = 0;
  int64_t stored_sequence = 0;  // last_sequence as storage holds it
  absl::Time last_recorded_time = absl::InfinitePast();
  Lots lots;
  bool changed = false;
};

// An entry that is in the ledger, or goes there with this batch.
struct Posting {
  int64_t account_id = 0;
  Digest content;
  Entry entry;
  const Command* command = nullptr;  // of this batch; null if it was there before
};

class Ledger {
 public:
  // The commands that are decided must outlive the ledger.
  Ledger(const Program& program, absl::Time now) : program_(program), now_(now) {}

  void AddAccount(Account account);
  // `fresh`: the member was made for this batch, and exists only if a command that enrolls is accepted.
  void AddMember(absl::string_view member_id, int64_t account_id, bool fresh);
  // What stands under an id that a command of the batch names.
  void AddRequest(Posting posting);
  void AddOrder(Posting posting);
  // The account of a member that was added; null if there is none.
  const Account* AccountOf(absl::string_view member_id) const;
  // For an account of which a command may take points.
  void AddLot(int64_t account_id, int64_t sequence, absl::Time earned_time, int64_t remaining);

  // Accepts or refuses. What is accepted counts for the next command, unless it was only to be validated.
  absl::StatusOr<Receipt> Decide(const Command& command);

  // What to write: new entries in the order in which they were accepted, and the accounts with what changed.
  const std::deque<Posting>& postings() const { return posted_; }
  const std::vector<Account>& accounts() const { return accounts_; }
  // Accounts that were made for the batch and that nothing was posted to.
  std::vector<int64_t> UnusedAccounts() const;

 private:
  struct Member {
    size_t account;  // index in accounts_
    bool fresh;
  };

  absl::StatusOr<Receipt> Replay(const Posting& posting, const Digest& content, bool by_request) const;
  absl::StatusOr<size_t> FindAccount(const Command& command) const;
  absl::StatusOr<Entry> Draft(const Command& command, const Account& account) const;
  void Post(const Command& command, const Digest& content, Account& account, const Entry& entry);

  const Program& program_;
  const absl::Time now_;
  std::vector<Account> accounts_;
  absl::flat_hash_map<int64_t, size_t> account_index_;
  absl::flat_hash_map<std::string, Member> members_;
  std::deque<Posting> found_;   // loaded
  std::deque<Posting> posted_;  // new; a deque, because the indices below point into it
  // Keys point into found_ and posted_.
  absl::flat_hash_map<absl::string_view, const Posting*> requests_;
  absl::flat_hash_map<absl::string_view, const Posting*> orders_;
};

// True if the command makes its member one, where enrollment is open.
bool Enrolls(const Command& command);

// The most points that the command can take out of its account; 0 if it takes none.
int64_t PointsTaken(const Command& command);

}  // namespace loyalty::points
