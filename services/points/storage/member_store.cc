#include "services/points/storage/member_store.h"

#include <absl/strings/str_cat.h>

#include "common/postgres/values.h"
#include "common/status/status.h"
#include "points_sql.h"
#include "services/points/domain/reason.h"
#include "services/points/storage/entry_row.h"
#include "services/points/storage/program_store.h"

namespace loyalty::points {
namespace {

using postgres::Transaction;

absl::StatusOr<std::vector<Member>> ReadMembers(Transaction& tx, const std::string& program_id,
                                                const std::vector<std::string>& member_ids) {
  postgres::TextArray wanted;
  for (const std::string& id : member_ids) wanted.Add(id);
  const pqxx::result rows = tx.Exec(sql::kGetMembers, program_id, wanted.Finish());
  if (rows.empty()) return ProgramNotFound(program_id);
  std::vector<Member> members;
  for (const pqxx::row& row : rows) {
    if (row["member_id"].is_null()) continue;
    members.push_back({row["member_id"].c_str(), postgres::ParseTimestamp(row["enroll_time"].c_str()),
                       row["balance"].as<int64_t>(), row["last_sequence"].as<int64_t>()});
    if (!row["labels"].is_null()) members.back().labels = *ReadMemberLabels(row["labels"].c_str());
  }
  return members;
}

// OK if the first row of a query that joins program and member shows both.
absl::Status CheckFound(const pqxx::result& rows, const std::string& program_id,
                        const std::string& member_id) {
  if (rows.empty()) return ProgramNotFound(program_id);
  if (rows[0]["member_id"].is_null()) return MemberNotFound(program_id, member_id);
  return absl::OkStatus();
}

}  // namespace

absl::Status MemberNotFound(const std::string& program_id, const std::string& member_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kMemberNotFound,
                absl::StrCat("The program ", program_id, " has no member ", member_id, "."),
                {{"program_id", program_id}, {"member_id", member_id}});
}

absl::StatusOr<Enrollment> Enroll(Transaction& tx, const std::string& program_id, int32_t program_key,
                                  const std::string& member_id, absl::Time now) {
  const bool created =
      !tx.Exec(sql::kInsertMember, program_key, member_id, postgres::FormatTimestamp(now)).empty();
  absl::StatusOr<std::vector<Member>> members = ReadMembers(tx, program_id, {member_id});
  LOYALTY_RETURN_IF_ERROR(members.status());
  if (members->empty()) return MemberNotFound(program_id, member_id);
  return Enrollment{std::move(members->front()), !created};
}

absl::StatusOr<Member> MemberStore::Get(const std::string& program_id, const std::string& member_id) {
  absl::StatusOr<std::vector<Member>> members = GetAll(program_id, {member_id});
  LOYALTY_RETURN_IF_ERROR(members.status());
  if (members->empty()) return MemberNotFound(program_id, member_id);
  return std::move(members->front());
}

absl::StatusOr<std::vector<Member>> MemberStore::GetAll(const std::string& program_id,
                                                        const std::vector<std::string>& member_ids) {
  absl::StatusOr<std::vector<Member>> members;
  LOYALTY_RETURN_IF_ERROR(pool_.Read([&](Transaction& tx) {
    members = ReadMembers(tx, program_id, member_ids);
    return members.status();
  }));
  return members;
}

absl::StatusOr<Balance> MemberStore::BalanceAt(const std::string& program_id, const std::string& member_id,
                                               absl::Time time) {
  Balance balance;
  LOYALTY_RETURN_IF_ERROR(pool_.Read([&](Transaction& tx) -> absl::Status {
    const pqxx::result rows =
        tx.Exec(sql::kGetBalanceAt, program_id, member_id, postgres::FormatTimestamp(time));
    LOYALTY_RETURN_IF_ERROR(CheckFound(rows, program_id, member_id));
    balance = {rows[0]["balance"].as<int64_t>(), rows[0]["sequence"].as<int64_t>()};
    return absl::OkStatus();
  }));
  return balance;
}

absl::StatusOr<std::vector<Entry>> MemberStore::ListEntries(const std::string& program_id,
                                                            const std::string& member_id,
                                                            const EntryFilter& filter, int64_t before,
                                                            int limit) {
  std::vector<Entry> entries;
  LOYALTY_RETURN_IF_ERROR(pool_.Read([&](Transaction& tx) -> absl::Status {
    postgres::BigintArray kinds;
    for (const EntryKind kind : filter.kinds) kinds.Add(static_cast<int64_t>(kind));
    const pqxx::result rows = tx.Exec(sql::kListEntries, program_id, member_id, before, kinds.Finish(),
                                      postgres::FormatTimestamp(filter.occurred_start),
                                      postgres::FormatTimestamp(filter.occurred_end),
                                      postgres::FormatTimestamp(filter.recorded_start),
                                      postgres::FormatTimestamp(filter.recorded_end), limit);
    LOYALTY_RETURN_IF_ERROR(CheckFound(rows, program_id, member_id));
    for (const pqxx::row& row : rows) {
      if (row["sequence"].is_null()) continue;
      Entry& entry = entries.emplace_back(ReadEntry(row));
      if (entry.kind == EntryKind::kPurchase) entry.purchase = ReadPurchase(row, entry);
    }
    return absl::OkStatus();
  }));
  return entries;
}

}  // namespace loyalty::points
