#include "services/points/storage/trace_store.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <map>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "common/postgres/values.h"
#include "common/status/status.h"
#include "points_sql.h"
#include "services/points/domain/lapses.h"
#include "services/points/domain/ledger.h"
#include "services/points/domain/reason.h"
#include "services/points/storage/batch_reader.h"
#include "services/points/storage/member_store.h"
#include "services/points/storage/program_store.h"

namespace loyalty::points {
namespace {

using postgres::Transaction;

struct Use {
  TraceSource source;
  int32_t part = 0;
  int64_t other_account = 0;  // of a transfer: where it came from
  int64_t other_sequence = 0;
  int64_t from_account = 0;  // of a lot that came by a merger, or by a change of its expiry: which lot it was
  int64_t from_sequence = 0;
  int32_t from_part = 0;
};

class Tracer {
 public:
  Tracer(Transaction& tx, int32_t program_key) : tx_(tx), program_key_(program_key) {}

  // What an entry used.
  const std::vector<Use>& UsesOf(int64_t account_id, int64_t sequence) {
    const auto [place, is_new] = uses_.try_emplace({account_id, sequence});
    if (is_new) place->second = Read(account_id, sequence);
    return place->second;
  }

  // Follows a use through transfers and mergers to where the points were earned.
  TraceSource OriginOf(Use use) {
    for (std::optional<Use> before = Before(use); before; before = Before(use)) {
      const int64_t points = use.source.points;
      use = *std::move(before);
      use.source.points = points;
    }
    return use.source;
  }

 private:
  // One step back. Part i of what a transfer brought in is use i of what the sender's entry took; a lot of a
  // merger, or of a change of its expiry, says which one it was.
  std::optional<Use> Before(const Use& use) {
    if (use.from_account != 0 && use.from_sequence != 0) {
      const std::vector<Use> found = ReadAll(
          tx_.Exec(sql::kTraceSource, program_key_, use.from_account, use.from_sequence, use.from_part));
      return found.empty() ? std::optional<Use>() : found.front();
    }
    if (use.source.kind != EntryKind::kTransferIn || use.other_account == 0) return std::nullopt;
    const std::vector<Use>& sent = UsesOf(use.other_account, use.other_sequence);
    const auto part = static_cast<size_t>(use.part);
    return part < sent.size() ? sent[part] : std::optional<Use>();
  }

  std::vector<Use> Read(int64_t account_id, int64_t sequence) {
    return ReadAll(tx_.Exec(sql::kTraceUses, program_key_, account_id, sequence));
  }

  static std::vector<Use> ReadAll(const pqxx::result& rows) {
    std::vector<Use> uses;
    for (const pqxx::row& row : rows) {
      Use& use = uses.emplace_back();
      use.source.member_id = row["member_id"].c_str();
      use.source.sequence = row["lot_sequence"].as<int64_t>();
      use.source.kind = static_cast<EntryKind>(row["kind"].as<int>());
      use.source.order_id = row["order_id"].c_str();
      use.source.request_id = row["request_id"].c_str();
      use.source.activity_id = row["activity_id"].c_str();
      use.source.cause = row["cause"].c_str();
      use.source.occurred_time = postgres::ParseTimestamp(row["occurred_time"].c_str());
      use.source.points = row["points"].as<int64_t>();
      use.part = row["part"].as<int32_t>();
      use.other_account = row["other_account_id"].as<int64_t>(0);
      use.other_sequence = row["other_sequence"].as<int64_t>(0);
      use.from_account = row["from_account_id"].as<int64_t>(use.other_account);
      use.from_sequence = row["from_sequence"].as<int64_t>(0);
      use.from_part = row["from_part"].as<int32_t>(0);
    }
    return uses;
  }

  Transaction& tx_;
  const int32_t program_key_;
  std::map<std::pair<int64_t, int64_t>, std::vector<Use>> uses_;  // by account and sequence
};

// One source for each entry, in the order in which they were met.
void Add(TraceSource source, std::map<std::pair<std::string, int64_t>, size_t>& places, Trace& trace) {
  const auto [place, is_new] = places.try_emplace({source.member_id, source.sequence}, trace.sources.size());
  if (is_new) {
    trace.sources.push_back(std::move(source));
  } else {
    trace.sources[place->second].points += source.points;
  }
}

TraceUse ReadUse(const pqxx::row& row) {
  TraceUse use;
  use.member_id = row["member_id"].c_str();
  use.sequence = row["sequence"].as<int64_t>();
  use.kind = static_cast<EntryKind>(row["kind"].as<int>());
  use.order_id = row["order_id"].c_str();
  use.request_id = row["request_id"].c_str();
  use.occurred_time = postgres::ParseTimestamp(row["occurred_time"].c_str());
  use.points = row["points"].as<int64_t>();
  return use;
}

// Where the points went that an entry brought in, also as lots of other accounts or with another expiry. A
// hold brings none in.
void FollowLots(Transaction& tx, int32_t program_key, int64_t account_id, int64_t sequence, Trace& trace) {
  postgres::BigintArray homes, sequences;
  homes.Add(account_id);
  sequences.Add(sequence);
  std::set<std::tuple<int64_t, int64_t, int32_t>> moved;  // account, sequence and part
  for (const pqxx::row& row : tx.Exec(sql::kLoadMoved, program_key, homes.Finish(), sequences.Finish())) {
    if (row["part"].is_null()) continue;  // a hold
    moved.emplace(row["account_id"].as<int64_t>(), row["sequence"].as<int64_t>(), row["part"].as<int32_t>());
  }
  postgres::BigintArray accounts, lots, parts;
  accounts.Add(account_id);
  lots.Add(sequence);
  parts.AddNull();
  for (const auto& [account, lot, part] : moved) {
    accounts.Add(account);
    lots.Add(lot);
    parts.Add(part);
  }
  const auto all_accounts = accounts.Finish(), all_lots = lots.Finish(), all_parts = parts.Finish();
  for (const pqxx::row& row : tx.Exec(sql::kTraceLot, program_key, all_accounts, all_lots, all_parts)) {
    trace.uses.push_back(ReadUse(row));
  }
  const pqxx::result left = tx.Exec(sql::kTraceLeft, program_key, all_accounts, all_lots, all_parts);
  trace.open = left[0]["open"].as<int64_t>();
  trace.pending = left[0]["pending"].as<int64_t>();
}

absl::CivilMonth MonthOf(absl::string_view text) {  // 2027-03-01
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  int64_t year = 0;
  int month = 1;
  (void)absl::SimpleAtoi(parts.at(0), &year);
  (void)absl::SimpleAtoi(parts.at(1), &month);
  return absl::CivilMonth(year, month);
}

}  // namespace

absl::StatusOr<Trace> TraceEntry(postgres::Pool& pool, const std::string& program_id,
                                 const std::string& member_id, int64_t sequence) {
  Trace trace;
  LOYALTY_RETURN_IF_ERROR(pool.Run([&](Transaction& tx) -> absl::Status {
    trace = {};
    tx.Exec(sql::kBeginSnapshot);
    const absl::StatusOr<Program> program = LoadProgram(tx, program_id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    const pqxx::result rows = tx.Exec(sql::kTraceEntry, program->key, member_id, sequence);
    if (rows.empty()) return MemberNotFound(program_id, member_id);
    if (rows[0]["kind"].is_null()) {
      return Refuse(absl::StatusCode::kNotFound, reason::kEntryNotFound,
                    absl::StrCat("The member has no entry ", sequence, "."),
                    {{"sequence", absl::StrCat(sequence)}});
    }
    const auto account_id = rows[0]["account_id"].as<int64_t>();
    Tracer tracer(tx, program->key);
    std::map<std::pair<std::string, int64_t>, size_t> places;
    for (const Use& use : tracer.UsesOf(account_id, sequence)) Add(tracer.OriginOf(use), places, trace);
    const bool sets_aside = static_cast<EntryKind>(rows[0]["kind"].as<int>()) == EntryKind::kHold;
    if (!sets_aside) FollowLots(tx, program->key, account_id, sequence, trace);
    return absl::OkStatus();
  }));
  return trace;
}

absl::StatusOr<std::vector<ExpiringPoints>> ExpiringOf(postgres::Pool& pool, Clock& clock,
                                                       const std::string& program_id,
                                                       const std::string& member_id) {
  std::vector<ExpiringPoints> expiring;
  LOYALTY_RETURN_IF_ERROR(pool.Run([&](Transaction& tx) -> absl::Status {
    expiring.clear();
    tx.Exec(sql::kBeginSnapshot);
    const absl::StatusOr<Program> program = LoadProgram(tx, program_id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    const absl::Time now = program->test_time.value_or(clock.Now());
    Ledger ledger(*program, now);
    ReadAccounts(tx, *program, {member_id}, ledger);
    if (ledger.AccountOf(member_id) == nullptr) return MemberNotFound(program_id, member_id);
    Command closing;  // everything is loaded for such a command; it is not decided
    closing.member_id = member_id;
    closing.action = CloseMember{};
    const std::span<const Command> commands(&closing, 1);
    LoadSetAside(tx, *program, commands, now, ledger);
    LOYALTY_RETURN_IF_ERROR(LoadLots(tx, *program, commands, now, ledger));
    const Account& account = *ledger.BringUpToDate(member_id);
    for (const auto& [time, points] : LapsesOf(account, Book(*program, now).LapseOfInactive(account))) {
      expiring.push_back({time, points});
    }
    return absl::OkStatus();
  }));
  return expiring;
}

absl::StatusOr<std::vector<ExpiringMonth>> ExpiringByMonth(postgres::Pool& pool, Clock& clock,
                                                           const std::string& program_id) {
  std::vector<ExpiringMonth> months;
  LOYALTY_RETURN_IF_ERROR(pool.Run([&](Transaction& tx) -> absl::Status {
    months.clear();
    tx.Exec(sql::kBeginSnapshot);
    tx.Exec(sql::kAllowScans);
    const absl::StatusOr<Program> program = LoadProgram(tx, program_id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    const absl::Time now = program->test_time.value_or(clock.Now());
    const ExpiryPolicy& expiry = program->policies.expiry;
    for (const pqxx::row& row :
         tx.Exec(sql::kListExpiringByMonth, program->key, postgres::FormatTimestamp(now), program->time_zone,
                 expiry.kind == ExpiryKind::kInactivity ? expiry.months : 0,
                 postgres::FormatTimestamp(expiry.since))) {
      months.push_back(
          {MonthOf(row["month"].c_str()), row["points"].as<int64_t>(), row["members"].as<int64_t>()});
    }
    return absl::OkStatus();
  }));
  return months;
}

}  // namespace loyalty::points
