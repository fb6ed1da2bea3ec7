#include "services/points/storage/ledger_verifier.h"

#include "common/status/status.h"
#include "points_sql.h"
#include "services/points/storage/program_store.h"

namespace loyalty::points {
namespace {

using postgres::Transaction;

std::string MemberOf(Transaction& tx, const Program& program, const pqxx::field& account_id) {
  if (account_id.is_null()) return "";
  const pqxx::result rows = tx.Exec(sql::kFindMemberOfAccount, program.key, account_id.as<int64_t>());
  return rows.empty() ? "" : rows[0][0].c_str();
}

void Check(Transaction& tx, const Program& program, const postgres::Statement& statement,
           LedgerReport& report) {
  for (const pqxx::row& row : tx.Exec(statement, program.key)) {
    report.differences.push_back(
        {row["invariant"].c_str(), MemberOf(tx, program, row["account_id"]), row["description"].c_str()});
  }
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

}  // namespace

absl::StatusOr<LedgerReport> VerifyLedger(postgres::Pool& pool, const std::string& program_id) {
  LedgerReport report;
  LOYALTY_RETURN_IF_ERROR(pool.Run([&](Transaction& tx) -> absl::Status {
    report = {};
    tx.Exec(sql::kBeginSnapshot);
    tx.Exec(sql::kAllowScans);
    const absl::StatusOr<Program> program = LoadProgram(tx, program_id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    ReadTotals(tx, *program, report);
    for (const postgres::Statement& statement :
         {sql::kVerifyEntries, sql::kVerifyPositions, sql::kVerifyAccounts, sql::kVerifyLots,
          sql::kVerifySpends, sql::kVerifyPurchases, sql::kVerifyCorrections, sql::kVerifyLabels}) {
      Check(tx, *program, statement, report);
    }
    return absl::OkStatus();
  }));
  return report;
}

}  // namespace loyalty::points
