// The part of a program's ledger that one batch touches, in memory: decides commands in order and collects
// what storage has to write. Pure: whoever loads the same and asks the same gets the same.
//
//   Ledger ledger(program, now);
//   ledger.AddAccount(…); ledger.AddMember(…);   // what storage found and locked
//   ledger.AddRequest(…); ledger.AddOrder(…);    // ids of the commands that are in the ledger already
//   ledger.AddOriginal(…); ledger.AddLot(…);     // what commands correct, and pay with
//   ledger.shelf().Add(…);                       // what they redeem, with its codes
//   for (const Command& command : commands) answers.push_back(ledger.Decide(command));
//   … write ledger.postings(), ledger.accounts(), ledger.counters()
//
// Before a command is decided, what is due on its account is posted. Decisions stand in awards.cc, uses.cc,
// corrections.cc, redemptions.cc, members.cc, profiles.cc and merging.cc, one for each kind of command; what
// happens by itself in due.cc.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "services/points/domain/book.h"
#include "services/points/domain/command.h"
#include "services/points/domain/reach.h"
#include "services/points/domain/returns.h"
#include "services/points/domain/shelf.h"

namespace loyalty::points {

class Ledger {
 public:
  // The commands that are decided must outlive the ledger.
  Ledger(const Program& program, absl::Time now) : book_(program, now) {}

  void AddAccount(Account account);
  // `fresh`: the member was made for this batch, and exists only if a command that enrolls is accepted.
  // Several members may have one account: all but one of them were merged into that one.
  void AddMember(absl::string_view member_id, int64_t account_id, bool fresh);
  // What stands under an id that a command of the batch names.
  void AddRequest(Posting posting);
  void AddOrder(Posting posting);
  void AddReturn(Posting posting);
  void AddActivity(Posting posting);
  // For a command that corrects: the entry that it names, or a spending for the order that it names; for one
  // that pays for an order, what was used or set aside for that. Its account was added. Nothing, if it is
  // there already.
  void AddOriginal(Original original);
  const std::deque<Original>& originals() const { return originals_; }
  bool HasAccount(int64_t account_id) const { return account_index_.contains(account_id); }
  // The account of a member that was added; null if there is none.
  const Account* AccountOf(absl::string_view member_id) const;
  // The account that a command is for; null if there is none.
  const Account* AccountOf(const Command& command) const;
  // The same, also if only a purchase of its own batch says whose the order is that it corrects.
  const Account* AccountOf(const Command& command, std::span<const Command> batch) const;
  // The account that a command empties, so that everything on it is needed; null if there is none.
  const Account* EmptiedBy(const Command& command) const;
  // The most points that the command can take out of the account as it is stored; 0 if it takes none.
  int64_t PointsTaken(const Command& command) const;
  // For an account of which a command may take points, to which it gives some back, or on which something is
  // due.
  void AddLot(int64_t account_id, const Lot& lot);
  void AddPendingLot(int64_t account_id, const PendingLot& lot);
  void AddHold(int64_t account_id, Hold hold);
  // Of an account on which something is due: nothing that was not added is due before `time`.
  void SetUnloadedDueTime(int64_t account_id, absl::Time time);
  Counters& counters() { return book_.counters(); }
  const Counters& counters() const { return book_.counters(); }
  // For commands about rewards: those that they name, codes, and the redemptions that they fulfil or cancel.
  Shelf& shelf() { return shelf_; }
  const Shelf& shelf() const { return shelf_; }

  // Accepts or refuses. What is accepted counts for the next command, unless it was only to be validated.
  // What was due on the account is posted in any case.
  absl::StatusOr<Receipt> Decide(const Command& command);

  // Posts what is due on a member's account. Null if the member was not added.
  const Account* BringUpToDate(absl::string_view member_id);

  // What to write: new entries in the order in which they were accepted, and the accounts with what changed.
  const std::deque<Posting>& postings() const { return book_.postings(); }
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
  // What a command that may be refused late, or is only validated, has to leave as it was.
  struct Undo {
    std::vector<std::pair<size_t, Account>> accounts;
    std::vector<std::pair<Original*, Original>> originals;
    Counters counters;
    std::optional<Shelf> shelf;  // of a command about rewards
    size_t postings = 0;
  };

  using Postings = absl::flat_hash_map<absl::string_view, const Posting*>;
  using Originals = absl::flat_hash_map<std::string, Original*>;

  const Posting* FindKnown(const Command& command) const;
  Original* FindOriginal(const Command& command) const;
  Original* FindOrMakeOriginal(const Command& command);
  Original MakeOriginal(const Posting& posting);
  std::vector<Original*> SpendingsFor(const Command& command, int64_t account_id);
  absl::StatusOr<size_t> FindAccount(const Command& command, const Original* original) const;
  absl::Status CheckOpen(const Command& command, const Original* original, const Account& account) const;
  absl::StatusOr<Entry> DecideOn(size_t account, const Command& command, Original* original);
  void TakeBack(Undo undo);
  // In what was posted since the last time: what came back after a merger is what its lots were, and so are
  // lots whose expiry changed.
  void FollowLots();
  void Register(const Command& command, const Digest& content, const std::string& member_id,
                const Account& account, const Entry& entry);

  Book book_;
  Shelf shelf_;
  std::vector<Account> accounts_;
  absl::flat_hash_map<int64_t, size_t> account_index_;
  absl::flat_hash_map<std::string, Member> members_;
  std::deque<Posting> found_;  // loaded
  // Keys point into found_ and the book's postings.
  Postings requests_, orders_, returns_, activities_;
  std::deque<Original> originals_;
  size_t followed_ = 0;                                                             // postings
  absl::flat_hash_map<std::pair<int64_t, int64_t>, Original*> originals_by_place_;  // account and sequence
  Originals originals_by_order_, originals_by_request_;
  std::vector<std::string> enrolled_;
};

}  // namespace loyalty::points
