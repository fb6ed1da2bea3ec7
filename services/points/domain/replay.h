// The state of accounts beside points, worked out again from their entries: uses of rules' limits, budgets,
// orders, tiers. VerifyLedger compares it with what is stored.
//
//   Replay replay(program, rules, changes, budgets);      // a member, with all accounts merged into it
//   for (const Account& account : family) replay.Add(account);
//   for (const PastEntry& past : entries) replay.Apply(past);   // in the order in which they were posted
//   replay.Compare(account, now, differences);
//
// Entries do not say all that was decided on: the rules are known in all their versions, of the policies only
// the present ones, and since when they are so. What stays open is not compared, so that a difference is a
// fault, whoever has changed which settings when:
//   - what was sent counts against a day's limit if there was one: only since the policy of transfers last
//     changed is that known;
//   - tiers and their progress are compared for members of whom nothing was counted before the policy of
//     tiers last changed;
//   - of limits only the newest RuleUses::kMaxPeriods periods are kept, and compared.
#pragma once

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "services/points/domain/account.h"
#include "services/points/domain/program.h"
#include "services/points/domain/returns.h"

namespace loyalty::points {

// What may be stored, from `low` to `high`; both the same where nothing is open.
struct Span {
  int64_t low = 0;
  int64_t high = 0;

  void Add(int64_t to_low, int64_t to_high);
  // Nothing that is counted falls below 0.
  bool Has(int64_t value) const {
    return value >= std::max<int64_t>(low, 0) && value <= std::max<int64_t>(high, 0);
  }
};

// By rule.
using Budgets = std::map<std::string, Span>;

// The rules of a program in all their versions.
class RuleVersions {
 public:
  RuleVersions() = default;
  explicit RuleVersions(std::vector<EarnRule> versions);

  // Null: there is none.
  const EarnRule* Find(const std::string& rule_id, int32_t version) const;
  bool HasBudgets() const;

 private:
  std::map<std::string, std::vector<EarnRule>> versions_;
};

// When policies last changed; the infinite past: never.
struct PolicyChanges {
  absl::Time tiers = absl::InfinitePast();
  absl::Time transfers = absl::InfinitePast();
};

// An entry with what it is about. Of the entry counts what Replay reads.
struct PastEntry {
  int64_t account_id = 0;
  Entry entry;
  int64_t total_minor = 0;  // of a purchase
  // What a return or a reversal takes back from; of a donation, only that there was such a deed.
  std::optional<Original> about;
  std::vector<Considered> about_considered;
  std::optional<LimitWindow> counted;  // where a redemption counts against a limit, if it stands
  bool cancelled = false;              // that it does not
};

struct StateDifference {
  std::string invariant;
  int64_t account_id = 0;  // 0: of the program
  std::string description;
};

// What is stored of the budgets that is not what entries say.
std::vector<StateDifference> CompareBudgets(const Budgets& told,
                                            const std::map<std::string, int64_t>& stored);

class Replay {
 public:
  // Clocks of two replicas differ, and a batch reads its clock before it reads the policies.
  static constexpr absl::Duration kDoubt = absl::Minutes(2);
  // The kinds of entries that it has to be given.
  static std::vector<EntryKind> Kinds(bool with_donations);

  // All outlive it. Adds what the entries count against budgets to `budgets`.
  Replay(const Program& program, const RuleVersions& rules, const PolicyChanges& changes, Budgets& budgets)
      : program_(program), rules_(rules), changes_(changes), budgets_(budgets) {}

  // An account of the member, by its id and when it was enrolled.
  void Add(const Account& account) { members_[account.id].enroll_time = account.enroll_time; }
  void Apply(const PastEntry& past);
  // What is stored of one of the accounts that is not what the entries say.
  void Compare(const Account& stored, absl::Time now, std::vector<StateDifference>& differences) const;

 private:
  using Period = std::tuple<std::string, LimitWindow, absl::CivilDay>;
  struct Member {
    absl::Time enroll_time = absl::InfinitePast();
    int64_t purchases = 0;
    Standing standing;
    Celebrated celebrated;
  };

  TierScene SceneOf(const Member& member) const {
    return {program_.policies.tiers, program_.zone, member.enroll_time};
  }
  absl::CivilDay DayOf(absl::Time time) const { return absl::ToCivilDay(time, program_.zone); }

  void ApplyEarn(const PastEntry& past);
  void ApplyReturn(const PastEntry& past);
  void ApplyReversal(const PastEntry& past);
  void ApplyTransfer(const Entry& entry);
  void ApplyMerger(const PastEntry& past);
  // Against the limits and budgets of the rules as they were then. `sign` −1: no more.
  void CountAwards(const std::vector<Award>& awards, const std::vector<Considered>& considered,
                   absl::Time occurred, int sign);
  Original& OriginalOf(const PastEntry& past);
  void CountForTier(Member& member, const Progress& progress, absl::Time occurred, absl::Time now);
  void UncountForTier(Member& member, const Progress& progress, const Original& of, absl::Time now);
  void CompareUses(const Account& stored, std::vector<StateDifference>& differences) const;
  void CompareStanding(const Account& stored, absl::Time now,
                       std::vector<StateDifference>& differences) const;

  const Program& program_;
  const RuleVersions& rules_;
  const PolicyChanges& changes_;
  Budgets& budgets_;
  std::map<int64_t, Member> members_;  // by account
  std::map<Period, Span> uses_;        // of all accounts together: a merger only moves them
  std::map<std::pair<int64_t, int64_t>, Original> originals_;  // of which something was taken back
  bool tiers_known_ = true;
};

}  // namespace loyalty::points
