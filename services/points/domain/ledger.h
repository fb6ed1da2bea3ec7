// The part of a program's ledger that one batch touches, in memory: decides commands in order and collects
// what storage has to write. Pure: whoever loads the same and asks the same gets the same.
//
//   Ledger ledger(program, now);
//   ledger.AddAccount(…); ledger.AddMember(…);   // what storage found and locked
//   ledger.AddRequest(…); ledger.AddOrder(…);    // ids of the commands that are in the ledger already
//   ledger.AddOriginal(…); ledger.AddLot(…);     // what commands take back from, and pay with
//   for (const Command& command : commands) answers.push_back(ledger.Decide(command));
//   … write ledger.postings(), ledger.accounts()
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "services/points/domain/command.h"
#include "services/points/domain/lots.h"
#include "services/points/domain/program.h"
#include "services/points/domain/returns.h"

namespace loyalty::points {

struct Account {
  int64_t id = 0;
  int64_t balance = 0;
  int64_t last_sequence = 0;
  int64_t stored_sequence = 0;  // last_sequence as storage holds it
  absl::Time last_recorded_time = absl::InfinitePast();
  std::shared_ptr<const MemberLabels> labels;  // null: none
  Lots lots;
  bool changed = false;
  bool labels_changed = false;
};

// An entry that is in the ledger, or goes there with this batch.
struct Posting {
  int64_t account_id = 0;
  Digest content;
  Entry entry;
  const Command* command = nullptr;  // of this batch; null if it was there before
  std::string member_id;             // whose it is, if it was there before
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
  void AddReturn(Posting posting);
  // For a command that takes back: the entry that it names, whose account was added.
  void AddOriginal(Original original);
  bool HasAccount(int64_t account_id) const { return account_index_.contains(account_id); }
  // The account of a member that was added; null if there is none.
  const Account* AccountOf(absl::string_view member_id) const;
  // The account that a command is for; null if there is none.
  const Account* AccountOf(const Command& command) const;
  // The most points that the command can take out of the account as it is stored; 0 if it takes none.
  int64_t PointsTaken(const Command& command) const;
  // For an account of which a command may take points.
  void AddLot(int64_t account_id, int64_t sequence, absl::Time earned_time, int64_t remaining);

  // Accepts or refuses. What is accepted counts for the next command, unless it was only to be validated.
  absl::StatusOr<Receipt> Decide(const Command& command);

  // What to write: new entries in the order in which they were accepted, and the accounts with what changed.
  const std::deque<Posting>& postings() const { return posted_; }
  const std::vector<Account>& accounts() const { return accounts_; }
  // Members who were made for the batch and exist now, in the order of their first entries.
  const std::vector<std::string>& enrolled() const { return enrolled_; }
  // Accounts that were made for the batch and that nothing was posted to.
  std::vector<int64_t> UnusedAccounts() const;

 private:
  struct Member {
    size_t account;  // index in accounts_
    bool fresh;
  };

  using Postings = absl::flat_hash_map<absl::string_view, const Posting*>;
  using Originals = absl::flat_hash_map<std::string, Original*>;

  const Posting* FindKnown(const Command& command) const;
  Original* FindOriginal(const Command& command) const;
  Original* FindOrMakeOriginal(const Command& command);
  absl::StatusOr<size_t> FindAccount(const Command& command, const Original* original) const;
  absl::StatusOr<Entry> Draft(const Command& command, const Account& account, const Original* original) const;
  void Post(const Command& command, const Digest& content, Account& account, Original* original,
            const Entry& entry);

  const Program& program_;
  const absl::Time now_;
  std::vector<Account> accounts_;
  absl::flat_hash_map<int64_t, size_t> account_index_;
  absl::flat_hash_map<std::string, Member> members_;
  std::deque<Posting> found_;   // loaded
  std::deque<Posting> posted_;  // new; a deque, because the indices below point into it
  // Keys point into found_ and posted_.
  Postings requests_, orders_, returns_;
  std::deque<Original> originals_;
  Originals originals_by_order_, originals_by_request_;
  std::vector<std::string> enrolled_;
};

// True if the command makes its member one, where enrollment is open.
bool Enrolls(const Command& command);

// True if the command takes back from an entry that it names.
bool TakesBack(const Command& command);

}  // namespace loyalty::points
