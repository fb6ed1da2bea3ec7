#include "services/points/storage/ledger_verifier.h"

#include "common/status/status.h"
#include "points_sql.h"
#include "services/points/storage/program_store.h"
#include "services/points/storage/state_verifier.h"

namespace loyalty::points {
namespace {

using postgres::Transaction;

// Fills in whose the differences are.
void NameMembers(Transaction& tx, const Program& program, std::vector<LedgerDifference>& differences) {
  for (LedgerDifference& difference : differences) {
    if (difference.account_id == 0) continue;
    const pqxx::result rows = tx.Exec(sql::kFindMemberOfAccount, program.key, difference.account_id);
    if (!rows.empty()) difference.member_id = rows[0][0].c_str();
  }
}

void Take(const pqxx::result& rows, std::vector<LedgerDifference>& differences) {
  for (const pqxx::row& row : rows) {
    differences.push_back(
        {row["invariant"].c_str(), "", row["description"].c_str(), row["account_id"].as<int64_t>(0)});
  }
}

void CheckAccounts(Transaction& tx, const Program& program, const AccountRange& range,
                   std::vector<LedgerDifference>& differences) {
  for (const postgres::Statement& statement :
       {sql::kVerifyEntries, sql::kVerifyAccounts, sql::kVerifyMembers, sql::kVerifyLots, sql::kVerifySpends,
        sql::kVerifyPurchases, sql::kVerifyCorrections, sql::kVerifyTransfers, sql::kVerifyLabels}) {
    Take(tx.Exec(statement, program.key, range.first, range.last), differences);
  }
  const bool may_owe = program.policies.returns == ReturnPolicy::kAllowNegative;
  Take(tx.Exec(sql::kVerifyDebts, program.key, range.first, range.last, may_owe), differences);
}

void ReadTotals(Transaction& tx, const Program& program, LedgerReport& report) {
  const pqxx::row row = tx.Exec(sql::kVerifyTotals, program.key)[0];
  report.members = row["members"].as<int64_t>();
  report.entries = row["entries"].as<int64_t>();
  report.purchases = row["purchases"].as<int64_t>();
  report.issued = row["issued"].as<int64_t>();
  report.spent = row["spent"].as<int64_t>();
  report.adjusted_up = row["adjusted_up"].as<int64_t>();
  report.adjusted_down = row["adjusted_down"].as<int64_t>();
  report.reversed = row["reversed"].as<int64_t>();
  report.clawed_back = row["clawed_back"].as<int64_t>();
  report.expired = row["expired"].as<int64_t>();
  report.restored = row["restored"].as<int64_t>();
  report.transferred_out = row["transferred_out"].as<int64_t>();
  report.transferred_in = row["transferred_in"].as<int64_t>();
  report.fees = row["fees"].as<int64_t>();
  report.forfeited = row["forfeited"].as<int64_t>();
  report.merged_out = row["merged_out"].as<int64_t>();
  report.merged_in = row["merged_in"].as<int64_t>();
  report.available = row["available"].as<int64_t>();
  report.pending = row["pending"].as<int64_t>();
  report.held = row["held"].as<int64_t>();
  report.debt = row["debt"].as<int64_t>();
}

// The accounts that come next, of one program, as far as they make a sample.
struct Next {
  std::string program_id;
  AccountPlace last;
  AccountRange range;
  int64_t accounts = 0;
};

Next FindNext(Transaction& tx, const AccountPlace& after) {
  Next next{.last = after};
  int64_t entries = 0;
  for (const pqxx::row& row :
       tx.Exec(sql::kNextAccounts, after.program_key, after.account_id, kMostSampledAccounts)) {
    const AccountPlace place{row["program_key"].as<int32_t>(), row["account_id"].as<int64_t>()};
    const std::string program_id = row["program_id"].c_str();
    if (!next.program_id.empty() && program_id != next.program_id) break;
    const auto own = row["last_sequence"].as<int64_t>();
    const bool fits = entries + own <= kMostSampledEntries;
    if (!fits && next.accounts > 0) break;
    next.program_id = program_id;
    next.last = place;
    if (!fits) continue;  // passed over
    if (next.accounts == 0) next.range.first = place.account_id;
    next.range.last = place.account_id;
    entries += own;
    ++next.accounts;
  }
  return next;
}

}  // namespace

absl::StatusOr<LedgerReport> VerifyLedger(postgres::Pool& pool, const std::string& program_id,
                                          absl::Time now) {
  LedgerReport report;
  LOYALTY_RETURN_IF_ERROR(pool.Run([&](Transaction& tx) -> absl::Status {
    report = {};
    tx.Exec(sql::kBeginSnapshot);
    const absl::StatusOr<Program> program = LoadProgram(tx, program_id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    VerifyStates(tx, *program, now, {}, StateScope::kProgram, report.differences);
    tx.Exec(sql::kAllowScans);
    ReadTotals(tx, *program, report);
    Take(tx.Exec(sql::kVerifyPositions, program->key), report.differences);
    CheckAccounts(tx, *program, {}, report.differences);
    Take(tx.Exec(sql::kVerifyRewards, program->key), report.differences);
    NameMembers(tx, *program, report.differences);
    return absl::OkStatus();
  }));
  return report;
}

absl::StatusOr<LedgerSample> VerifySample(postgres::Pool& pool, const AccountPlace& after, absl::Time now) {
  LedgerSample sample;
  LOYALTY_RETURN_IF_ERROR(pool.Run([&](Transaction& tx) -> absl::Status {
    tx.Exec(sql::kBeginSnapshot);
    tx.Exec(sql::kBeginSample);
    const Next next = FindNext(tx, after);
    sample = {.program_id = next.program_id, .last = next.last, .accounts = next.accounts, .differences = {}};
    if (next.accounts == 0) return absl::OkStatus();
    const absl::StatusOr<Program> program = LoadProgram(tx, next.program_id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    VerifyStates(tx, *program, now, next.range, StateScope::kAccounts, sample.differences);
    tx.Exec(sql::kAllowJoins);
    CheckAccounts(tx, *program, next.range, sample.differences);
    NameMembers(tx, *program, sample.differences);
    return absl::OkStatus();
  }));
  return sample;
}

absl::StatusOr<AccountPlace> AnyPlace(postgres::Pool& pool, double program, double account) {
  AccountPlace place;
  LOYALTY_RETURN_IF_ERROR(pool.Read([&](Transaction& tx) {
    const pqxx::row row = tx.Exec(sql::kAnyAccount, program, account)[0];
    place = {row["program_key"].as<int32_t>(), row["account_id"].as<int64_t>()};
    return absl::OkStatus();
  }));
  return place;
}

}  // namespace loyalty::points
