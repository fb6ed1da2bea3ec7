#include "services/points/storage/member_store.h"

#include <absl/strings/str_cat.h>

#include "common/postgres/values.h"
#include "common/status/status.h"
#include "points_sql.h"
#include "services/points/domain/ledger.h"
#include "services/points/domain/reason.h"
#include "services/points/storage/batch_reader.h"
#include "services/points/storage/entry_row.h"
#include "services/points/storage/program_store.h"
#include "services/points/storage/state_json.h"

namespace loyalty::points {
namespace {

using postgres::Transaction;

struct Found {
  std::vector<Member> members;
  bool due = false;  // something is, for one of them
};

absl::StatusOr<Found> ReadMembers(Transaction& tx, const std::string& program_id,
                                  const std::vector<std::string>& member_ids, absl::Time server_now) {
  postgres::TextArray wanted;
  for (const std::string& id : member_ids) wanted.Add(id);
  const pqxx::result rows = tx.Exec(sql::kGetMembers, program_id, wanted.Finish());
  if (rows.empty()) return ProgramNotFound(program_id);
  Found found;
  for (const pqxx::row& row : rows) {
    if (row["member_id"].is_null()) continue;
    Member& member = found.members.emplace_back();
    member.id = row["member_id"].c_str();
    member.enroll_time = postgres::ParseTimestamp(row["enroll_time"].c_str());
    member.balance = row["balance"].as<int64_t>();
    member.last_sequence = row["last_sequence"].as<int64_t>();
    if (!row["labels"].is_null()) member.labels = *ReadMemberLabels(row["labels"].c_str());
    member.pending = row["pending"].as<int64_t>();
    member.held = row["held"].as<int64_t>();
    member.debt = row["debt"].as<int64_t>();
    if (!row["close_time"].is_null()) member.close_time = postgres::ParseTimestamp(row["close_time"].c_str());
    member.merged_into = row["owner_id"].c_str();
    const absl::Time now =
        row["clock_time"].is_null() ? server_now : postgres::ParseTimestamp(row["clock_time"].c_str());
    found.due |= postgres::ParseTimestamp(row["next_due_time"].c_str()) <= now;
  }
  return found;
}

MemberView ViewOf(const std::string& member_id, const Account& account, const Program& program,
                  absl::Time now) {
  MemberView view;
  view.member = {.id = member_id,
                 .enroll_time = account.enroll_time,
                 .balance = account.balance,
                 .last_sequence = account.stored_sequence,  // what is due is not an entry yet
                 .labels = account.labels ? *account.labels : MemberLabels(),
                 .pending = account.pending,
                 .held = account.held,
                 .debt = account.debt,
                 .close_time = account.close_time};
  if (account.state) view.standing = account.state->standing;
  view.outlook = OutlookOf({program.policies.tiers, program.zone, account.enroll_time}, view.standing, now);
  if (account.profile) view.profile = *account.profile;
  return view;
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
  tx.Exec(sql::kMakeMembers, program_key);  // before the program's policies are read
  const bool created =
      !tx.Exec(sql::kInsertMember, program_key, member_id, postgres::FormatTimestamp(now)).empty();
  absl::StatusOr<Found> found = ReadMembers(tx, program_id, {member_id}, now);
  LOYALTY_RETURN_IF_ERROR(found.status());
  if (found->members.empty()) return MemberNotFound(program_id, member_id);
  return Enrollment{std::move(found->members.front()), !created};
}

absl::StatusOr<Member> MemberStore::Get(const std::string& program_id, const std::string& member_id) {
  absl::StatusOr<std::vector<Member>> members = GetAll(program_id, {member_id});
  LOYALTY_RETURN_IF_ERROR(members.status());
  if (members->empty()) return MemberNotFound(program_id, member_id);
  return std::move(members->front());
}

absl::StatusOr<MemberView> MemberStore::View(const std::string& program_id, const std::string& member_id) {
  absl::StatusOr<std::vector<MemberView>> views = ViewAll(program_id, {member_id});
  LOYALTY_RETURN_IF_ERROR(views.status());
  if (views->empty()) return MemberNotFound(program_id, member_id);
  return std::move(views->front());
}

absl::StatusOr<std::vector<Consent>> MemberStore::ConsentsOf(const std::string& program_id,
                                                             const std::string& member_id) {
  std::vector<Consent> consents;
  LOYALTY_RETURN_IF_ERROR(pool_.Read([&](Transaction& tx) -> absl::Status {
    const pqxx::result rows = tx.Exec(sql::kGetProfile, program_id, member_id);
    LOYALTY_RETURN_IF_ERROR(CheckFound(rows, program_id, member_id));
    consents.clear();
    if (rows[0]["profile"].is_null()) return absl::OkStatus();
    consents = ProfileFromJson(rows[0]["profile"].c_str())->consents;
    const bool left = !rows[0]["close_time"].is_null();
    for (Consent& consent : consents) consent.granted = consent.granted && !left;
    return absl::OkStatus();
  }));
  return consents;
}

absl::StatusOr<std::vector<Member>> MemberStore::GetAll(const std::string& program_id,
                                                        const std::vector<std::string>& member_ids) {
  absl::StatusOr<Found> found;
  LOYALTY_RETURN_IF_ERROR(pool_.Read([&](Transaction& tx) {
    found = ReadMembers(tx, program_id, member_ids, clock_.Now());
    return found.status();
  }));
  if (!found->due) return std::move(found->members);
  absl::StatusOr<std::vector<MemberView>> views = ViewAll(program_id, member_ids);
  LOYALTY_RETURN_IF_ERROR(views.status());
  std::vector<Member> members;
  for (MemberView& view : *views) members.push_back(std::move(view.member));
  return members;
}

absl::StatusOr<std::vector<MemberView>> MemberStore::ViewAll(const std::string& program_id,
                                                             const std::vector<std::string>& member_ids) {
  std::vector<MemberView> views;
  LOYALTY_RETURN_IF_ERROR(pool_.Run([&](Transaction& tx) -> absl::Status {
    views.clear();
    tx.Exec(sql::kBeginSnapshot);
    const absl::StatusOr<Program> program = LoadProgram(tx, program_id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    const absl::Time now = program->test_time.value_or(clock_.Now());
    Ledger ledger(*program, now);
    const auto merged = ReadAccounts(tx, *program, member_ids, ledger);
    LoadSetAside(tx, *program, {}, now, ledger);
    LOYALTY_RETURN_IF_ERROR(LoadLots(tx, *program, {}, now, ledger));
    for (const std::string& id : member_ids) {
      const Account* account = ledger.BringUpToDate(id);
      if (account == nullptr) continue;
      views.push_back(ViewOf(id, *account, *program, now));
      if (const auto owner = merged.find(id); owner != merged.end())
        views.back().member.merged_into = owner->second;
    }
    return absl::OkStatus();
  }));
  return views;
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
