// What decisions write with: entries on accounts, point by point.
//
//   Entry entry = DraftOf(command, account, book.now());
//   entry.kind = EntryKind::kSpend;
//   book.Take(account, points, 0, entry);
//   return book.Post(account, std::move(entry));
//
// The steps on a draft change the account's lots at once, so everything that may refuse has to be asked
// before the first of them.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/points/domain/account.h"
#include "services/points/domain/command.h"
#include "services/points/domain/program.h"
#include "services/points/domain/returns.h"

namespace loyalty::points {

// An entry that is in the ledger, or goes there with this batch.
struct Posting {
  int64_t account_id = 0;
  Digest content = {};  // of the command; zeros: of an entry that a command brought with it
  Entry entry;
  const Command* command = nullptr;  // of this batch, whose main entry it is; otherwise null
  std::string member_id;             // whose it is, of what was there before and of main entries
};

// Numbers that many members share, and that have an end: budgets of rules, stocks.
class Counters {
 public:
  struct Counter {
    int64_t used = 0;
    int64_t stored = 0;
  };
  void Load(const std::string& name, int64_t used) { counters_.try_emplace(name, Counter{used, used}); }
  bool Has(const std::string& name) const { return counters_.contains(name); }
  int64_t Used(const std::string& name) const;
  void Add(const std::string& name, int64_t amount);
  const std::map<std::string, Counter>& all() const { return counters_; }

 private:
  std::map<std::string, Counter> counters_;
};

// The counter of a rule's budget.
std::string BudgetCounter(absl::string_view rule_id);

// What the entries of a command have in common.
Entry DraftOf(const Command& command, const Account& account, absl::Time now);
// The same, for an entry that a command brings with it.
Entry FurtherDraftOf(const Entry& main);

class Book {
 public:
  Book(const Program& program, absl::Time now) : program_(program), now_(now) {}

  const Program& program() const { return program_; }
  const Policies& policies() const { return program_.policies; }
  absl::Time now() const { return now_; }
  absl::CivilDay LocalDayOf(absl::Time time) const { return absl::ToCivilDay(time, program_.zone); }
  absl::Time ExpiryOf(absl::Time earned) const {
    return ExpireTime(program_.policies.expiry, earned, program_.zone);
  }
  // When all points of an account lapse for want of activity; not before the last change for existing points.
  absl::Time LapseOfInactive(const Account& account) const;
  TierScene SceneOf(const Account& account) const {
    return {program_.policies.tiers, program_.zone, account.enroll_time};
  }
  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }

  // Steps on the draft of an account's next entry. What they move adds up in the draft.

  // Points come in as a lot: pending, if it matures later; otherwise what the member owes is repaid of it
  // first.
  void Credit(Account& account, NewLot lot, Entry& draft);
  // Points that can be spent go; the account has them. Those of `preferred` first.
  void Take(Account& account, int64_t points, const Origin& preferred, Entry& draft);
  // Up to `points` of the pending ones that an entry brought go. Returns how many did.
  int64_t TakePending(Account& account, const Origin& origin, int64_t points, Entry& draft);
  // A pending lot can be spent from now on.
  void Mature(Account& account, PendingLot& lot, Entry& draft);
  // Points that lots had paid come back to them. `expire_time` in place of those that have passed, if it is
  // later.
  void GiveBack(Account& account, const std::vector<LotUse>& uses, absl::Time expire_time, Entry& draft);

  // The same for points that were spent before their account was merged into this one: as new lots.
  void BringBack(Account& account, const std::vector<LotUse>& uses, absl::Time expire_time, Entry& draft);

  // Makes the draft the account's newest entry.
  const Entry& Post(Account& account, Entry draft);

  // New entries, in their order.
  std::deque<Posting>& postings() { return postings_; }
  const std::deque<Posting>& postings() const { return postings_; }

 private:
  const Program& program_;
  const absl::Time now_;
  Counters counters_;
  std::deque<Posting> postings_;  // a deque, because indices of the ledger point into it
};

// A member's state, to change.
MemberState& StateOf(Account& account);
const MemberState& StateOf(const Account& account);
const MemberLabels& LabelsOf(const Account& account);
const Profile& ProfileOf(const Account& account);

// OUT_OF_RANGE, reason POINTS_OVERFLOW, if the account cannot take so many points more.
absl::Status CheckRoom(const Account& account, int64_t points);
// The same of what it would owe.
absl::Status CheckDebt(const Account& account, int64_t points);
// FAILED_PRECONDITION, reason INSUFFICIENT_POINTS, if fewer can be spent than the points and the fee on top,
// which together may be more than any balance.
absl::Status CheckBalance(const Account& account, int64_t points, int64_t fee = 0);

// Posts what has become due on the account until now, the earliest first: points that mature or lapse, holds
// that end, tiers that change. Everything that is due has to be loaded.
void BringUpToDate(Book& book, Account& account);

// Counts for the member's tier, and posts the change of tier, if there is one.
void CountForTier(Book& book, Account& account, const Progress& progress, absl::Time occurred,
                  const Entry& main);
// The same for what is taken back of an entry; nothing, if that did not count.
void UncountForTier(Book& book, Account& account, const Progress& progress, const Original& of,
                    const Entry& main);
// Posts a change of tier that happened to the standing.
void PostTierChange(Book& book, Account& account, const std::string& from_tier_id, Entry draft);

}  // namespace loyalty::points
