#include "services/points/storage/state_verifier.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "common/postgres/values.h"
#include "points_sql.h"
#include "services/points/domain/replay.h"
#include "services/points/storage/earn_rule_json.h"
#include "services/points/storage/entry_row.h"
#include "services/points/storage/state_json.h"

namespace loyalty::points {
namespace {

using postgres::BigintArray;
using postgres::Transaction;

constexpr int kAccountsAtOnce = 500;
constexpr int kEntriesAtOnce = 10'000;
constexpr int kMostDifferences = 100;  // of an invariant

std::optional<absl::Time> TimeOf(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return postgres::ParseTimestamp(field.c_str());
}

RuleVersions ReadRules(Transaction& tx, const Program& program) {
  std::vector<EarnRule> rules;
  for (const pqxx::row& row : tx.Exec(sql::kReadRuleVersions, program.key)) {
    EarnRule& rule = rules.emplace_back();
    rule.id = row["rule_id"].c_str();
    rule.version = row["version"].as<int32_t>();
    rule.limits = LimitsFromJson(row["limits"].c_str());
  }
  return RuleVersions(std::move(rules));
}

PolicyChanges ReadChanges(Transaction& tx, const Program& program) {
  PolicyChanges changes;
  for (const pqxx::row& row : tx.Exec(sql::kReadPolicyChanges, program.key)) {
    changes.tiers = TimeOf(row["tiers"]).value_or(absl::InfinitePast());
    changes.transfers = TimeOf(row["transfers"]).value_or(absl::InfinitePast());
  }
  return changes;
}

std::map<std::string, int64_t> ReadBudgets(Transaction& tx, const Program& program) {
  std::map<std::string, int64_t> used;
  for (const pqxx::row& row : tx.Exec(sql::kReadBudgets, program.key)) {
    used[row["rule_id"].c_str()] = row["used"].as<int64_t>();
  }
  return used;
}

// What the entry is about, and the rules that it was held against.
void ReadAbout(const pqxx::row& row, PastEntry& past) {
  if (row["about_time"].is_null()) return;
  Original& about = past.about.emplace();
  about.occurred_time = postgres::ParseTimestamp(row["about_time"].c_str());
  about.recorded_time = postgres::ParseTimestamp(row["about_recorded"].c_str());
  about.points = row["about_net"].as<int64_t>();
  about.total_minor = row["about_minor"].as<int64_t>(0);
  if (!row["about_lines"].is_null()) about.lines = LinesFromJson(row["about_lines"].c_str());
  if (!row["about_awards"].is_null()) about.awards = AwardsFromJson(row["about_awards"].c_str());
  if (row["about_detail"].is_null()) return;
  Entry entry;
  ReadDetail(row["about_detail"].c_str(), entry);
  past.about_considered = std::move(entry.considered);
  about.counts_for_tier = entry.counts_for_tier;
}

PastEntry ReadPast(const pqxx::row& row) {
  PastEntry past{.account_id = row["account_id"].as<int64_t>()};
  Entry& entry = past.entry;
  entry.sequence = row["sequence"].as<int64_t>();
  entry.kind = static_cast<EntryKind>(row["kind"].as<int>());
  entry.points = row["points"].as<int64_t>();
  entry.pending = row["net"].as<int64_t>() - entry.points;  // with what is held and owed
  entry.occurred_time = postgres::ParseTimestamp(row["occurred_time"].c_str());
  entry.recorded_time = postgres::ParseTimestamp(row["recorded_time"].c_str());
  entry.request_id = row["request_id"].c_str();
  entry.rule_id = row["rule_id"].c_str();
  entry.reason = row["reason"].c_str();
  entry.corrected_sequence = row["corrected_sequence"].as<int64_t>(0);
  if (!row["awards"].is_null()) entry.awards = AwardsFromJson(row["awards"].c_str());
  if (!row["detail"].is_null()) ReadDetail(row["detail"].c_str(), entry);
  const auto total = row["total_minor"].as<int64_t>(0);
  (entry.kind == EntryKind::kPurchase ? past.total_minor : entry.returned_minor) = total;
  if (!row["limit_window"].is_null()) {
    past.counted = static_cast<LimitWindow>(row["limit_window"].as<int>());
    past.cancelled = row["cancelled"].as<bool>();
  }
  ReadAbout(row, past);
  return past;
}

class Verifier {
 public:
  Verifier(Transaction& tx, const Program& program, absl::Time now, StateScope scope,
           std::vector<LedgerDifference>& differences)
      : tx_(tx),
        program_(program),
        now_(program.test_time.value_or(now)),
        rules_(ReadRules(tx, program)),
        changes_(ReadChanges(tx, program)),
        donations_(scope == StateScope::kProgram && rules_.HasBudgets()),
        differences_(differences) {}

  void Run(AccountRange range) {
    while (range.first <= range.last) {
      const std::vector<std::pair<Account, bool>> accounts = ReadAccounts(range);
      if (accounts.empty()) return;
      Replayed families;
      BigintArray holders;
      for (const auto& [account, sought] : accounts) {
        auto& replay = families[HolderOf(account)];
        if (!replay) replay = std::make_unique<Replay>(program_, rules_, changes_, budgets_);
        replay->Add(account);
        if (sought) range.first = std::max(range.first, account.id + 1);
        if (sought && account.merged_into == 0) holders.Add(account.id);
      }
      ReplayEntries(holders.Finish(), families);
      for (const auto& [account, sought] : accounts) {
        if (sought) families.at(HolderOf(account))->Compare(account, now_, found_);
      }
      Tell();
    }
  }

  void CompareBudgets() {
    for (StateDifference& one : points::CompareBudgets(budgets_, ReadBudgets(tx_, program_))) {
      found_.push_back(std::move(one));
    }
    Tell();
  }

 private:
  using Replayed = std::map<int64_t, std::unique_ptr<Replay>>;  // by the account that has everything

  static int64_t HolderOf(const Account& account) {
    return account.merged_into == 0 ? account.id : account.merged_into;
  }

  // Not more of an invariant than is told of it.
  void Tell() {
    for (StateDifference& one : found_) {
      if (++told_[one.invariant] > kMostDifferences) continue;
      differences_.push_back({one.invariant, "", std::move(one.description), one.account_id});
    }
    found_.clear();
  }

  // Accounts, and whether they are of those that are verified now.
  std::vector<std::pair<Account, bool>> ReadAccounts(const AccountRange& range) {
    std::vector<std::pair<Account, bool>> accounts;
    for (const pqxx::row& row :
         tx_.Exec(sql::kReplayAccounts, program_.key, range.first, range.last, kAccountsAtOnce)) {
      Account& account = accounts.emplace_back(Account(), row["sought"].as<bool>()).first;
      account.id = row["account_id"].as<int64_t>();
      account.merged_into = row["merged_into"].as<int64_t>(0);
      account.purchases = row["purchases"].as<int64_t>();
      account.last_recorded_time = postgres::ParseTimestamp(row["last_recorded_time"].c_str());
      account.enroll_time = postgres::ParseTimestamp(row["enroll_time"].c_str());
      if (!row["state"].is_null()) account.state = StateFromJson(row["state"].c_str());
    }
    return accounts;
  }

  void ReplayEntries(const pqxx::binarystring& holders, Replayed& families) {
    BigintArray wanted;
    for (const EntryKind kind : Replay::Kinds(donations_)) wanted.Add(static_cast<int64_t>(kind));
    const pqxx::binarystring kinds = wanted.Finish();
    int64_t holder = 0, position = 0;
    for (int read = kEntriesAtOnce; read == kEntriesAtOnce;) {
      read = 0;
      for (const pqxx::row& row :
           tx_.Exec(sql::kReplayEntries, program_.key, holders, kinds, holder, position, kEntriesAtOnce)) {
        holder = row["holder_id"].as<int64_t>();
        position = row["position"].as<int64_t>();
        families.at(holder)->Apply(ReadPast(row));
        ++read;
      }
    }
  }

  Transaction& tx_;
  const Program& program_;
  const absl::Time now_;
  const RuleVersions rules_;
  const PolicyChanges changes_;
  const bool donations_;
  Budgets budgets_;
  std::vector<StateDifference> found_;  // and not told yet
  std::map<std::string, int> told_;     // by invariant
  std::vector<LedgerDifference>& differences_;
};

}  // namespace

void VerifyStates(Transaction& tx, const Program& program, absl::Time now, const AccountRange& range,
                  StateScope scope, std::vector<LedgerDifference>& differences) {
  Verifier verifier(tx, program, now, scope, differences);
  verifier.Run(range);
  if (scope == StateScope::kProgram) verifier.CompareBudgets();
}

}  // namespace loyalty::points
