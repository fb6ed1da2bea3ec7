#include "services/points/storage/batch_reader.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <limits>

#include "common/postgres/values.h"
#include "points_sql.h"
#include "services/points/storage/entry_row.h"

namespace loyalty::points {

using postgres::BigintArray;
using postgres::TextArray;
using postgres::Transaction;
using Commands = std::span<const Command>;

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

namespace {

// Whose orders are given back, where the command does not say it. No statement if all do.
absl::flat_hash_set<std::string> OwnersOfReturned(Transaction& tx, const Program& program,
                                                  Commands commands) {
  TextArray orders;
  for (const Command& command : commands) {
    const auto* record = std::get_if<RecordReturn>(&command.action);
    if (record != nullptr && command.member_id.empty()) orders.Add(record->order_id);
  }
  absl::flat_hash_set<std::string> owners;
  if (orders.empty()) return owners;
  for (const pqxx::row& row : tx.Exec(sql::kFindOwnersOfOrders, program.key, orders.Finish())) {
    owners.insert(row[0].c_str());
  }
  return owners;
}

Posting ReadPosting(const pqxx::row& row) {
  return {row["account_id"].as<int64_t>(), DigestFromHex(row["content"].c_str()), ReadEntry(row), nullptr,
          row["member_id"].c_str()};
}

}  // namespace

bool LockAccounts(Transaction& tx, const Program& program, Commands commands,
                  const absl::flat_hash_set<int64_t>& created, Ledger& ledger) {
  const absl::flat_hash_set<std::string> owners = OwnersOfReturned(tx, program, commands);
  absl::flat_hash_set<absl::string_view> ids(owners.begin(), owners.end());
  for (const Command& command : commands) {
    if (!command.member_id.empty()) ids.insert(command.member_id);
  }
  TextArray wanted;
  for (const absl::string_view id : ids) wanted.Add(id);
  int64_t last_account = 0;
  for (const pqxx::row& row : tx.Exec(sql::kLockAccounts, program.key, wanted.Finish())) {
    const auto account_id = row[1].as<int64_t>();
    if (account_id != last_account) {
      ledger.AddAccount({.id = account_id,
                         .balance = row[2].as<int64_t>(),
                         .last_sequence = row[3].as<int64_t>(),
                         .stored_sequence = row[3].as<int64_t>(),
                         .last_recorded_time = postgres::ParseTimestamp(row[4].c_str()),
                         .labels = row[5].is_null() ? nullptr : ReadMemberLabels(row[5].c_str())});
    }
    last_account = account_id;
    ledger.AddMember(row[0].c_str(), account_id, created.contains(account_id));
  }
  return std::all_of(commands.begin(), commands.end(), [&](const Command& command) {
    return !Enrolls(command) || ledger.AccountOf(command.member_id) != nullptr;
  });
}

void LoadOriginals(Transaction& tx, const Program& program, Commands commands, Ledger& ledger) {
  TextArray orders, requests;
  for (const Command& command : commands) {
    if (const auto* record = std::get_if<RecordReturn>(&command.action)) orders.Add(record->order_id);
    if (const auto* reverse = std::get_if<ReverseEntry>(&command.action)) {
      requests.Add(reverse->reversed_request_id);
    }
  }
  if (orders.empty() && requests.empty()) return;
  for (const pqxx::row& row : tx.Exec(sql::kLoadOriginals, program.key, orders.Finish(), requests.Finish())) {
    Original original{.account_id = row["account_id"].as<int64_t>(),
                      .member_id = row["member_id"].c_str(),
                      .sequence = row["sequence"].as<int64_t>(),
                      .kind = static_cast<EntryKind>(row["kind"].as<int>()),
                      .points = row["points"].as<int64_t>(),
                      .request_id = row["request_id"].c_str(),
                      .order_id = row["order_id"].c_str(),
                      .cause = row["cause"].c_str(),
                      .total_minor = row["total_minor"].as<int64_t>(0),
                      .returned_minor = row["returned_minor"].as<int64_t>(),
                      .taken_back = row["taken_back"].as<int64_t>()};
    const bool locked = ledger.HasAccount(original.account_id);
    if (locked && !row["remaining"].is_null()) {
      ledger.AddLot(original.account_id, original.sequence,
                    postgres::ParseTimestamp(row["occurred_time"].c_str()), row["remaining"].as<int64_t>());
    }
    ledger.AddOriginal(std::move(original));
  }
}

bool FindIds(Transaction& tx, const Program& program, const std::vector<const Command*>& commands,
             Ledger& ledger) {
  TextArray requests, orders, returns;
  for (const Command* command : commands) {
    if (!command->request_id.empty()) requests.Add(command->request_id);
    if (const auto* record = std::get_if<RecordPurchase>(&command->action))
      orders.Add(record->purchase.order_id);
    if (const auto* record = std::get_if<RecordReturn>(&command->action)) returns.Add(record->return_id);
  }
  bool found = false;
  const auto find = [&](const postgres::Statement& statement, TextArray& ids, void (Ledger::*add)(Posting)) {
    if (ids.empty()) return;
    for (const pqxx::row& row : tx.Exec(statement, program.key, ids.Finish())) {
      (ledger.*add)(ReadPosting(row));
      found = true;
    }
  };
  find(sql::kFindRequests, requests, &Ledger::AddRequest);
  find(sql::kFindOrders, orders, &Ledger::AddOrder);
  find(sql::kFindReturns, returns, &Ledger::AddReturn);
  return found;
}

absl::Status LoadLots(Transaction& tx, const Program& program, Commands commands, Ledger& ledger) {
  struct Need {
    const Account* account;
    int64_t asked = 0;
    int64_t held = 0;
  };
  absl::flat_hash_map<int64_t, Need> needs;  // by account
  for (const Command& command : commands) {
    const int64_t points = ledger.PointsTaken(command);
    const Account* account = points > 0 ? ledger.AccountOf(command) : nullptr;
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

}  // namespace loyalty::points
