#include "services/points/storage/posting_store.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/strings/numbers.h>

#include <algorithm>
#include <limits>

#include "common/postgres/errors.h"
#include "common/postgres/values.h"
#include "common/status/status.h"
#include "points_sql.h"
#include "services/points/storage/entry_row.h"
#include "services/points/storage/program_store.h"

namespace loyalty::points {
namespace {

using postgres::BigintArray;
using postgres::TextArray;
using postgres::TimestamptzArray;
using postgres::Transaction;
using Commands = std::span<const Command>;

constexpr int kMostAttempts = 8;

// Reading what the batch needs.

// Accounts of members that were missing and that a command of the batch may enroll.
absl::flat_hash_set<int64_t> CreateMembers(Transaction& tx, const Program& program, Commands commands,
                                           absl::Time now) {
  absl::flat_hash_set<int64_t> created;
  absl::flat_hash_set<absl::string_view> ids;
  TextArray wanted;
  for (const Command& command : commands) {
    if (Enrolls(command) && ids.insert(command.member_id).second) wanted.Add(command.member_id);
  }
  if (ids.empty()) return created;
  for (const pqxx::row& row :
       tx.Exec(sql::kCreateMembers, program.key, wanted.Finish(), postgres::FormatTimestamp(now))) {
    created.insert(row[0].as<int64_t>());
  }
  return created;
}

// False if a member is missing that a command of the batch may enroll.
bool LockAccounts(Transaction& tx, const Program& program, Commands commands,
                  const absl::flat_hash_set<int64_t>& created, Ledger& ledger) {
  absl::flat_hash_set<absl::string_view> ids;
  TextArray wanted;
  for (const Command& command : commands) {
    if (ids.insert(command.member_id).second) wanted.Add(command.member_id);
  }
  int64_t last_account = 0;
  for (const pqxx::row& row : tx.Exec(sql::kLockAccounts, program.key, wanted.Finish())) {
    const auto account_id = row[1].as<int64_t>();
    if (account_id != last_account) {
      ledger.AddAccount({.id = account_id,
                         .balance = row[2].as<int64_t>(),
                         .last_sequence = row[3].as<int64_t>(),
                         .stored_sequence = row[3].as<int64_t>(),
                         .last_recorded_time = postgres::ParseTimestamp(row[4].c_str())});
    }
    last_account = account_id;
    ledger.AddMember(row[0].c_str(), account_id, created.contains(account_id));
  }
  return std::all_of(commands.begin(), commands.end(), [&](const Command& command) {
    return !Enrolls(command) || ledger.AccountOf(command.member_id) != nullptr;
  });
}

Posting ReadPosting(const pqxx::row& row) {
  return {row["account_id"].as<int64_t>(), DigestFromHex(row["content"].c_str()), ReadEntry(row)};
}

std::vector<const Command*> Pointers(Commands commands) {
  std::vector<const Command*> pointers;
  for (const Command& command : commands) pointers.push_back(&command);
  return pointers;
}

// Tells the ledger what stands under the ids of some commands; true if anything does.
bool FindIds(Transaction& tx, const Program& program, const std::vector<const Command*>& commands,
             Ledger& ledger) {
  TextArray requests, orders;
  for (const Command* command : commands) {
    if (!command->request_id.empty()) requests.Add(command->request_id);
    if (const auto* record = std::get_if<RecordPurchase>(&command->action))
      orders.Add(record->purchase.order_id);
  }
  bool found = false;
  if (!requests.empty()) {
    for (const pqxx::row& row : tx.Exec(sql::kFindRequests, program.key, requests.Finish())) {
      ledger.AddRequest(ReadPosting(row));
      found = true;
    }
  }
  if (!orders.empty()) {
    for (const pqxx::row& row : tx.Exec(sql::kFindOrders, program.key, orders.Finish())) {
      ledger.AddOrder(ReadPosting(row));
      found = true;
    }
  }
  return found;
}

// Lots are loaded for accounts that a command may take points from, enough of them for all it may take.
// CANCELLED if they are not the lots of what is known of the account, which then is remembered, and outdated.
absl::Status LoadLots(Transaction& tx, const Program& program, Commands commands, Ledger& ledger) {
  struct Need {
    const Account* account;
    int64_t asked = 0;
    int64_t held = 0;
  };
  absl::flat_hash_map<int64_t, Need> needs;  // by account
  for (const Command& command : commands) {
    const int64_t points = PointsTaken(command);
    const Account* account = points > 0 ? ledger.AccountOf(command.member_id) : nullptr;
    if (account == nullptr) continue;
    int64_t& asked = needs.try_emplace(account->id, Need{account}).first->second.asked;
    if (__builtin_add_overflow(asked, points, &asked)) asked = std::numeric_limits<int64_t>::max();
  }
  if (needs.empty()) return absl::OkStatus();
  BigintArray accounts, points;
  for (const auto& [account, need] : needs) {
    accounts.Add(account);
    points.Add(need.asked);
  }
  const auto outdated = absl::CancelledError("The lots of an account are not those of its balance.");
  for (const pqxx::row& row : tx.Exec(sql::kLoadLots, program.key, accounts.Finish(), points.Finish())) {
    const auto account = row[0].as<int64_t>(), sequence = row[1].as<int64_t>(),
               remaining = row[3].as<int64_t>();
    Need& need = needs.at(account);
    if (sequence > need.account->stored_sequence) return outdated;
    ledger.AddLot(account, sequence, postgres::ParseTimestamp(row[2].c_str()), remaining);
    need.held += remaining;
  }
  const bool enough = std::all_of(needs.begin(), needs.end(), [](const auto& entry) {
    const Need& need = entry.second;
    return need.held >= std::min(need.asked, need.account->balance);
  });
  return enough ? absl::OkStatus() : outdated;
}

// Writing what the batch decided.

struct LotColumns {
  BigintArray accounts, sequences, remaining;
  TimestamptzArray times;

  void Add(const Account& account, const Lot& lot) {
    accounts.Add(account.id);
    times.Add(lot.earned_time);
    sequences.Add(lot.sequence);
    remaining.Add(lot.remaining);
  }
};

// Writes the lots that were used, and returns those that are new.
LotColumns WriteUsedLots(Transaction& tx, const Program& program, const Ledger& ledger) {
  LotColumns added, changed, used_up;
  for (const Account& account : ledger.accounts()) {
    for (const Lot& lot : account.lots.all()) {
      if (lot.remaining == lot.stored) continue;
      (lot.stored == 0 ? added : lot.remaining == 0 ? used_up : changed).Add(account, lot);
    }
  }
  if (!changed.accounts.empty()) {
    tx.Exec(sql::kUpdateLots, program.key, changed.accounts.Finish(), changed.times.Finish(),
            changed.sequences.Finish(), changed.remaining.Finish());
  }
  if (!used_up.accounts.empty()) {
    tx.Exec(sql::kDeleteLots, program.key, used_up.accounts.Finish(), used_up.times.Finish(),
            used_up.sequences.Finish());
  }
  return added;
}

void WriteLotUses(Transaction& tx, const Program& program, const Ledger& ledger) {
  BigintArray accounts, sequences, lots, points;
  TimestamptzArray times;
  for (const Posting& posting : ledger.postings()) {
    for (const LotUse& use : posting.entry.lot_uses) {
      accounts.Add(posting.account_id);
      sequences.Add(posting.entry.sequence);
      lots.Add(use.lot_sequence);
      points.Add(use.points);
      times.Add(use.earned_time);
    }
  }
  if (accounts.empty()) return;
  tx.Exec(sql::kInsertLotUses, program.key, accounts.Finish(), sequences.Finish(), lots.Finish(),
          points.Finish(), times.Finish());
}

struct AccountColumns {
  BigintArray ids, balances, sequences, stored_sequences;
  TimestamptzArray times;

  explicit AccountColumns(const Ledger& ledger) {
    for (const Account& account : ledger.accounts()) {
      if (!account.changed) continue;
      ids.Add(account.id);
      balances.Add(account.balance);
      sequences.Add(account.last_sequence);
      stored_sequences.Add(account.stored_sequence);
      times.Add(account.last_recorded_time);
    }
  }
};

struct EntryColumns {
  BigintArray accounts, sequences, kinds, points, balances, totals;
  TimestamptzArray occurred, recorded;
  postgres::UuidArray contents;
  TextArray requests, orders, rules, reasons, actors, channels, locations, lines, labels;

  explicit EntryColumns(const Ledger& ledger) {
    for (const Posting& posting : ledger.postings()) Add(posting);
  }

  void Add(const Posting& posting) {
    const Entry& entry = posting.entry;
    accounts.Add(posting.account_id);
    sequences.Add(entry.sequence);
    kinds.Add(static_cast<int64_t>(entry.kind));
    points.Add(entry.points);
    balances.Add(entry.balance_after);
    occurred.Add(entry.occurred_time);
    recorded.Add(entry.recorded_time);
    contents.Add(posting.content);
    requests.AddOrNull(entry.request_id);
    orders.AddOrNull(entry.order_id);
    rules.AddOrNull(entry.rule_id);
    reasons.AddOrNull(entry.reason);
    actors.AddOrNull(entry.actor);
    channels.AddOrNull(entry.channel);
    locations.AddOrNull(entry.location);
    if (const auto* record = std::get_if<RecordPurchase>(&posting.command->action)) {
      totals.Add(record->purchase.total_minor);
      lines.Add(LinesToJson(record->purchase.lines));
      labels.AddOrNull(LabelsToJson(record->purchase.labels));
    } else {
      totals.AddNull();
      lines.AddNull();
      labels.AddNull();
    }
  }
};

absl::Status PostEntries(Transaction& tx, const Program& program, const Ledger& ledger, LotColumns lots) {
  AccountColumns a(ledger);
  EntryColumns e(ledger);
  const size_t entries = e.accounts.size();
  const pqxx::result written = tx.Exec(
      sql::kPostEntries, program.key, e.accounts.Finish(), e.sequences.Finish(), e.kinds.Finish(),
      e.points.Finish(), e.balances.Finish(), e.occurred.Finish(), e.recorded.Finish(), e.contents.Finish(),
      e.requests.Finish(), e.orders.Finish(), e.rules.Finish(), e.reasons.Finish(), e.actors.Finish(),
      e.channels.Finish(), e.locations.Finish(), e.totals.Finish(), e.lines.Finish(), e.labels.Finish(),
      lots.accounts.Finish(), lots.times.Finish(), lots.sequences.Finish(), lots.remaining.Finish(),
      a.ids.Finish(), a.balances.Finish(), a.sequences.Finish(), a.times.Finish(),
      a.stored_sequences.Finish(), postgres::FormatTimestamp(program.update_time));
  if (written[0][0].as<size_t>() != entries)
    return absl::CancelledError("The program or an account has changed.");
  return absl::OkStatus();
}

absl::Status Write(Transaction& tx, const Program& program, const Ledger& ledger) {
  if (const std::vector<int64_t> unused = ledger.UnusedAccounts(); !unused.empty()) {
    BigintArray ids;
    for (const int64_t id : unused) ids.Add(id);
    tx.Exec(sql::kDeleteUnusedMembers, program.key, ids.Finish());
  }
  if (ledger.postings().empty()) return absl::OkStatus();
  LotColumns new_lots = WriteUsedLots(tx, program, ledger);
  WriteLotUses(tx, program, ledger);
  return PostEntries(tx, program, ledger, std::move(new_lots));
}

// The commands that the batch leaves no entry of: refused, replayed, or only to be validated.
std::vector<const Command*> NotPosted(Commands commands, const PostingStore::Answers& answers) {
  std::vector<const Command*> rest;
  for (size_t i = 0; i < commands.size(); ++i) {
    if (!answers[i].ok() || commands[i].validate_only) rest.push_back(&commands[i]);
  }
  return rest;
}

}  // namespace

absl::StatusOr<PostingStore::Answers> PostingStore::Apply(const std::string& program_id, Commands commands) {
  Answers answers;
  Looks looks{.locks = false, .new_members = expect_new_members_, .known_ids = expect_known_ids_};
  absl::Status status = ApplyOnce(program_id, commands, looks, answers);
  // A batch that needs a look that was left out begins again with it, once for each; one whose program was
  // changed between its first and its last statement begins again too.
  for (int attempt = 1; attempt < kMostAttempts; ++attempt) {
    const bool known_id = postgres::IsUniqueViolation(status) && !looks.known_ids;
    if (!absl::IsCancelled(status) && !known_id) break;
    if (known_id) looks.known_ids = true;
    looks.locks = true;
    status = ApplyOnce(program_id, commands, looks, answers);
  }
  if (absl::IsCancelled(status)) return absl::InternalError(status.message());
  if (!status.ok()) return status;
  return answers;
}

absl::Status PostingStore::ApplyOnce(const std::string& program_id, Commands commands, Looks& looks,
                                     Answers& answers) {
  Batch batch{.commands = commands, .now = clock_.Now()};
  bool remembered = false;
  const absl::Status status = pool_.Run([&](Transaction& tx) -> absl::Status {
    answers.clear();
    remembered = !looks.locks && Recall(program_id, batch);
    if (!remembered) LOYALTY_RETURN_IF_ERROR(Lock(tx, program_id, looks, batch));
    const bool known = looks.known_ids && FindIds(tx, *batch.program, Pointers(commands), *batch.ledger);
    LOYALTY_RETURN_IF_ERROR(LoadLots(tx, *batch.program, commands, *batch.ledger));
    for (const Command& command : commands) answers.push_back(batch.ledger->Decide(command));
    const std::vector<const Command*> rest = NotPosted(commands, answers);
    if (remembered && !rest.empty()) return absl::CancelledError("Only what is written can be remembered.");
    if (!looks.known_ids && FindIds(tx, *batch.program, rest, *batch.ledger)) {
      looks.known_ids = true;
      return absl::CancelledError("Ids are known.");
    }
    expect_new_members_ = !batch.created.empty();
    expect_known_ids_ = known;
    return Write(tx, *batch.program, *batch.ledger);
  });
  if (absl::IsNotFound(status)) {  // the program
    answers.assign(commands.size(), status);
    return absl::OkStatus();
  }
  if (status.ok()) cache_.Learn(*batch.program, commands, *batch.ledger, remembered);
  if (remembered && !status.ok()) cache_.Missed();
  return status;
}

bool PostingStore::Recall(const std::string& program_id, Batch& batch) {
  batch.program = cache_.Recall(program_id);
  if (!batch.program) return false;
  batch.ledger.emplace(*batch.program, batch.now);
  return cache_.Fill(*batch.program, batch.commands, *batch.ledger);
}

absl::Status PostingStore::Lock(Transaction& tx, const std::string& program_id, Looks& looks, Batch& batch) {
  absl::StatusOr<Program> program = LoadProgram(tx, program_id);
  LOYALTY_RETURN_IF_ERROR(program.status());
  const bool open = program->enrollment_mode == EnrollmentMode::kOpen;
  batch.program = std::make_shared<const Program>(*std::move(program));
  batch.ledger.emplace(*batch.program, batch.now);
  batch.created.clear();
  if (looks.new_members && open) {
    batch.created = CreateMembers(tx, *batch.program, batch.commands, batch.now);
  }
  const bool complete = LockAccounts(tx, *batch.program, batch.commands, batch.created, *batch.ledger);
  if (!complete && !looks.new_members && open) {
    looks.new_members = true;
    return absl::CancelledError("Members are missing.");
  }
  return absl::OkStatus();
}

}  // namespace loyalty::points
