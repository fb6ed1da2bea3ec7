#include "services/points/storage/batch_reader.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/postgres/values.h"
#include "points_sql.h"
#include "services/points/domain/book.h"
#include "services/points/domain/expiry_changes.h"
#include "services/points/storage/batch_rewards.h"
#include "services/points/storage/earn_rule_json.h"
#include "services/points/storage/entry_row.h"
#include "services/points/storage/state_json.h"

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

// Whose orders are corrected, where the command does not say it. No statement if all do.
absl::flat_hash_set<std::string> OwnersOfCorrected(Transaction& tx, const Program& program,
                                                   Commands commands) {
  TextArray orders;
  for (const Command& command : commands) {
    const std::string* order = CorrectedOrder(command);
    if (order != nullptr && command.member_id.empty()) orders.Add(*order);
  }
  absl::flat_hash_set<std::string> owners;
  if (orders.empty()) return owners;
  for (const pqxx::row& row : tx.Exec(sql::kFindOwnersOfOrders, program.key, orders.Finish())) {
    owners.insert(row[0].c_str());
  }
  return owners;
}

Account ReadAccount(const pqxx::row& row) {
  Account account;
  account.id = row["account_id"].as<int64_t>();
  account.balance = row["balance"].as<int64_t>();
  account.pending = row["pending"].as<int64_t>();
  account.held = row["held"].as<int64_t>();
  account.debt = row["debt"].as<int64_t>();
  account.purchases = row["purchases"].as<int64_t>();
  account.active_time = postgres::ParseTimestamp(row["active_time"].c_str());
  account.last_sequence = account.stored_sequence = row["last_sequence"].as<int64_t>();
  account.last_recorded_time = postgres::ParseTimestamp(row["last_recorded_time"].c_str());
  account.enroll_time = postgres::ParseTimestamp(row["enroll_time"].c_str());
  account.next_due_time = postgres::ParseTimestamp(row["next_due_time"].c_str());
  if (!row["labels"].is_null()) account.labels = ReadMemberLabels(row["labels"].c_str());
  if (!row["state"].is_null()) account.state = StateFromJson(row["state"].c_str());
  if (!row["profile"].is_null()) account.profile = ProfileFromJson(row["profile"].c_str());
  if (!row["close_time"].is_null()) {
    account.close_time = postgres::ParseTimestamp(row["close_time"].c_str());
  }
  return account;
}

// Who brought a member that is merged may stand for one of the two. No statement if nobody did.
void AddReferrers(Transaction& tx, const Program& program, Commands commands, Ledger& ledger) {
  if (commands.empty() || !StandsLast(commands.back())) return;
  TextArray wanted;
  const auto want = [&](const Profile& profile) {
    const std::string& id = profile.referrer_member_id;
    if (!id.empty() && ledger.AccountOf(id) == nullptr) wanted.Add(id);
  };
  for (const Command& command : commands) {
    if (const auto* update = std::get_if<UpdateProfile>(&command.action)) want(update->profile);
  }
  for (const Account& account : ledger.accounts()) want(ProfileOf(account));
  if (wanted.empty()) return;
  for (const pqxx::row& row : tx.Exec(sql::kFindAccounts, program.key, wanted.Finish())) {
    const auto account_id = row["account_id"].as<int64_t>();
    if (ledger.HasAccount(account_id))
      ledger.AddMember(row["member_id"].c_str(), account_id, /*fresh=*/false);
  }
}

Posting ReadPosting(const pqxx::row& row) {
  return {row["account_id"].as<int64_t>(), DigestFromHex(row["content"].c_str()), ReadEntry(row), nullptr,
          row["member_id"].c_str()};
}

}  // namespace

Locked LockAccounts(Transaction& tx, const Program& program, Commands commands,
                    const absl::flat_hash_set<int64_t>& created, Ledger& ledger, Owners& owners) {
  absl::flat_hash_set<std::string> others = OwnersOfCorrected(tx, program, commands);
  AddCharities(tx, program, commands, others);
  absl::flat_hash_set<absl::string_view> ids(others.begin(), others.end());
  for (const Command& command : commands) {
    for (const absl::string_view member : MembersOf(program, command)) ids.insert(member);
  }
  TextArray wanted;
  for (const absl::string_view id : ids) wanted.Add(id);
  int64_t last_account = 0;
  for (const pqxx::row& row : tx.Exec(sql::kLockAccounts, program.key, wanted.Finish())) {
    if (row["outdated"].as<bool>()) return Locked::kOutdated;
    const auto account_id = row[1].as<int64_t>();
    if (account_id != last_account) {
      ledger.AddAccount(ReadAccount(row));
    }
    last_account = account_id;
    ledger.AddMember(row[0].c_str(), account_id, created.contains(account_id));
    if (!row["owner_id"].is_null()) owners.emplace(row[0].c_str(), row["owner_id"].c_str());
  }
  AddReferrers(tx, program, commands, ledger);
  const bool all = std::all_of(commands.begin(), commands.end(), [&](const Command& command) {
    return !Enrolls(command) || ledger.AccountOf(command.member_id) != nullptr;
  });
  return all ? Locked::kAll : Locked::kMissing;
}

Owners ReadAccounts(Transaction& tx, const Program& program, const std::vector<std::string>& member_ids,
                    Ledger& ledger) {
  Owners owners;
  TextArray wanted;
  for (const std::string& id : member_ids) wanted.Add(id);
  for (const pqxx::row& row : tx.Exec(sql::kReadAccounts, program.key, wanted.Finish())) {
    const auto account_id = row["account_id"].as<int64_t>();
    if (!ledger.HasAccount(account_id)) ledger.AddAccount(ReadAccount(row));
    ledger.AddMember(row["member_id"].c_str(), account_id, /*fresh=*/false);
    if (!row["owner_id"].is_null()) owners.emplace(row["member_id"].c_str(), row["owner_id"].c_str());
  }
  return owners;
}

namespace {

// What was given back of each line, from the lines of all returns.
std::vector<int64_t> ReadReturned(const pqxx::field& lists, size_t lines) {
  std::vector<int64_t> quantities;
  if (lists.is_null()) return quantities;
  quantities.resize(lines, 0);
  for (const auto& list : nlohmann::json::parse(lists.c_str())) {
    for (const auto& line : list) quantities.at(line.at(0).get<size_t>()) += line.at(1).get<int64_t>();
  }
  return quantities;
}

Original ReadOriginal(const pqxx::row& row) {
  const auto home = row["account_id"].as<int64_t>(), holder = row["holder_id"].as<int64_t>();
  Original original{.account_id = holder,
                    .home_id = home == holder ? 0 : home,
                    .member_id = row["member_id"].c_str(),
                    .sequence = row["sequence"].as<int64_t>(),
                    .kind = static_cast<EntryKind>(row["kind"].as<int>())};
  original.points = row["points"].as<int64_t>() + row["pending"].as<int64_t>(0) + row["held"].as<int64_t>(0) -
                    row["debt"].as<int64_t>(0);
  original.occurred_time = postgres::ParseTimestamp(row["occurred_time"].c_str());
  original.recorded_time = postgres::ParseTimestamp(row["recorded_time"].c_str());
  original.counts_for_tier = row["for_tier"].as<bool>(false);
  original.request_id = row["request_id"].c_str();
  original.order_id = row["order_id"].c_str();
  original.cause = row["cause"].c_str();
  const auto corrected = row["corrected"].as<int64_t>();
  original.corrected = IsSpending(original.kind) ? corrected : -corrected;
  original.uses = ReadLotUses(row["lot_uses"].c_str());
  Subtract(original.uses, ReadLotUses(row["given_back"].c_str()));
  // What came back after a merger came as new lots: the uses do not know of it.
  Subtract(original.uses, LastOf(original.uses, row["since_merger"].as<int64_t>()));
  original.lots = ReadNewLots(row);
  if (!row["awards"].is_null()) original.awards = AwardsFromJson(row["awards"].c_str());
  if (!row["limits"].is_null()) original.limits = RuleLimitsFromJson(row["limits"].c_str());
  if (original.kind != EntryKind::kPurchase) return original;
  original.total_minor = row["total_minor"].as<int64_t>();
  original.lines = LinesFromJson(row["lines"].c_str());
  original.returned = row["returned"].as<bool>();
  original.returned_minor = row["returned_minor"].as<int64_t>();
  original.returned_quantities = ReadReturned(row["returned_lines"], original.lines.size());
  return original;
}

// Finds what became of the lots and holds of entries whose accounts were merged, or whose expiry changed. No
// statement if there are none.
void FindMoved(Transaction& tx, const Program& program, std::vector<Original>& originals) {
  if (originals.empty()) return;
  absl::flat_hash_map<std::pair<int64_t, int64_t>, Original*> by_place;
  BigintArray homes, sequences;
  for (Original& original : originals) {
    by_place[original.place()] = &original;
    homes.Add(original.place().first);
    sequences.Add(original.sequence);
  }
  for (const pqxx::row& row : tx.Exec(sql::kLoadMoved, program.key, homes.Finish(), sequences.Finish())) {
    Original& original = *by_place.at({row["home_id"].as<int64_t>(), row["home_sequence"].as<int64_t>()});
    const auto account_id = row["account_id"].as<int64_t>();
    const auto sequence = row["sequence"].as<int64_t>();
    if (account_id != original.account_id) {  // moved on from there
      if (!row["part"].is_null())
        original.former.push_back({account_id, sequence, row["part"].as<int32_t>()});
    } else if (row["part"].is_null()) {
      original.own.sequence = sequence;
    } else {
      original.own.moved.push_back({.lot_sequence = sequence,
                                    .earned_time = postgres::ParseTimestamp(row["earned_time"].c_str()),
                                    .expire_time = postgres::ParseTimestamp(row["expire_time"].c_str()),
                                    .part = row["part"].as<int32_t>()});
    }
  }
}

}  // namespace

void LoadOriginals(Transaction& tx, const Program& program, Commands commands, Ledger& ledger) {
  TextArray orders, requests, spent_on;
  BigintArray spenders;
  for (const Command& command : commands) {
    if (const std::string* request = CorrectedRequest(command)) requests.Add(*request);
    const std::string* corrected = CorrectedOrder(command);
    if (corrected != nullptr) orders.Add(*corrected);
    // An order may come with the same batch, and points may have been spent on it before.
    const std::string* order = corrected != nullptr ? corrected : PaidOrder(program, command);
    const Account* account = order != nullptr ? ledger.AccountOf(command, commands) : nullptr;
    if (account == nullptr) continue;
    spenders.Add(account->id);
    spent_on.Add(*order);
  }
  if (orders.empty() && requests.empty() && spenders.empty()) return;
  std::vector<Original> moved;
  for (const pqxx::row& row : tx.Exec(sql::kLoadOriginals, program.key, orders.Finish(), requests.Finish(),
                                      spenders.Finish(), spent_on.Finish())) {
    Original original = ReadOriginal(row);
    // It came after its owner was looked for, who is not locked.
    if (!ledger.HasAccount(original.account_id)) continue;
    if (original.home_id == 0 && program.policies.expiry_changes.empty()) {
      ledger.AddOriginal(std::move(original));
    } else {
      moved.push_back(std::move(original));
    }
  }
  LoadRedemptions(tx, program, commands, ledger);
  FindMoved(tx, program, moved);
  for (Original& original : moved) ledger.AddOriginal(std::move(original));
}

void LoadSetAside(Transaction& tx, const Program& program, Commands commands, absl::Time now,
                  Ledger& ledger) {
  absl::flat_hash_set<int64_t> wanted;
  for (const Account& account : ledger.accounts()) {
    if (account.next_due_time <= now) wanted.insert(account.id);
  }
  for (const Command& command : commands) {
    const bool asks = Corrects(command) || PaidOrder(program, command) != nullptr;
    const Account* account = asks ? ledger.AccountOf(command, commands) : nullptr;
    if (account != nullptr) wanted.insert(account->id);
    if (const Account* emptied = ledger.EmptiedBy(command)) wanted.insert(emptied->id);
  }
  if (wanted.empty()) return;
  BigintArray accounts, again;
  for (const int64_t id : wanted) {
    accounts.Add(id);
    again.Add(id);
  }
  for (const pqxx::row& row : tx.Exec(sql::kLoadPendingLots, program.key, accounts.Finish())) {
    const auto points = row["points"].as<int64_t>();
    ledger.AddPendingLot(row["account_id"].as<int64_t>(),
                         {row["sequence"].as<int64_t>(), row["part"].as<int32_t>(),
                          postgres::ParseTimestamp(row["earned_time"].c_str()),
                          postgres::ParseTimestamp(row["expire_time"].c_str()),
                          postgres::ParseTimestamp(row["mature_time"].c_str()), points, points});
  }
  for (const pqxx::row& row : tx.Exec(sql::kLoadHolds, program.key, again.Finish())) {
    ledger.AddHold(row["account_id"].as<int64_t>(),
                   {row["sequence"].as<int64_t>(), postgres::ParseTimestamp(row["until_time"].c_str()),
                    row["points"].as<int64_t>(), ReadLotUses(row["lot_uses"].c_str()), true});
  }
}

void LockCounters(Transaction& tx, const Program& program, Commands commands, Ledger& ledger) {
  std::vector<std::string> wanted = CountersOf(program, commands);
  AddStocksOfCancelled(tx, program, commands, wanted);
  for (const Original& original : ledger.originals()) {
    for (const auto& [rule_id, limits] : original.limits) {
      if (limits.budget > 0) wanted.push_back(BudgetCounter(rule_id));
    }
  }
  if (wanted.empty()) return;
  TextArray names;
  for (const std::string& name : wanted) names.Add(name);
  for (const pqxx::row& row : tx.Exec(sql::kLockCounters, program.key, names.Finish())) {
    ledger.counters().Load(row["name"].c_str(), row["used"].as<int64_t>());
  }
  LoadRewards(tx, program, commands, ledger);
}

bool FindIds(Transaction& tx, const Program& program, const std::vector<const Command*>& commands,
             Ledger& ledger) {
  TextArray requests, orders, returns, activities;
  for (const Command* command : commands) {
    if (!command->request_id.empty()) requests.Add(command->request_id);
    if (const auto* record = std::get_if<RecordPurchase>(&command->action))
      orders.Add(record->purchase.order_id);
    if (const auto* record = std::get_if<RecordReturn>(&command->action)) returns.Add(record->return_id);
    if (const auto* record = std::get_if<RecordActivity>(&command->action)) {
      activities.Add(record->activity.activity_id);
    }
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
  find(sql::kFindActivities, activities, &Ledger::AddActivity);
  return found;
}

namespace {

struct Need {
  const Account* account;
  int64_t asked = 0;
  int64_t held = 0;
  bool due = false;
  absl::Time last_expiry = absl::InfinitePast();  // of the last lot that was loaded
};
using Needs = absl::flat_hash_map<int64_t, Need>;  // by account

Needs NeedsOf(const Program& program, Commands commands, absl::Time now, const Ledger& ledger) {
  Needs needs;
  for (const Account& account : ledger.accounts()) {
    if (account.next_due_time > now) continue;
    const bool all = ConcernsAllLots(program, account, now);
    needs.emplace(account.id, Need{.account = &account, .asked = all ? account.balance : 0, .due = true});
  }
  for (const Command& command : commands) {
    if (const Account* emptied = ledger.EmptiedBy(command)) {
      needs.try_emplace(emptied->id, Need{emptied}).first->second.asked = std::numeric_limits<int64_t>::max();
    }
    const int64_t points = ledger.PointsTaken(command);
    const Account* account = points > 0 ? ledger.AccountOf(command, commands) : nullptr;
    if (account == nullptr) continue;
    int64_t& asked = needs.try_emplace(account->id, Need{account}).first->second.asked;
    if (__builtin_add_overflow(asked, points, &asked)) asked = std::numeric_limits<int64_t>::max();
  }
  return needs;
}

Lot ReadLot(const pqxx::row& row) {
  const auto remaining = row["remaining"].as<int64_t>();
  return {row["sequence"].as<int64_t>(),
          row["part"].as<int32_t>(),
          postgres::ParseTimestamp(row["earned_time"].c_str()),
          postgres::ParseTimestamp(row["expire_time"].c_str()),
          remaining,
          remaining};
}

// Lots that points are taken back from, or come back to.
void LoadNamedLots(Transaction& tx, const Program& program, Ledger& ledger) {
  BigintArray accounts, sequences, parts;
  postgres::TimestamptzArray expiries, earned;
  const auto add = [&](int64_t account, int64_t sequence, int64_t part, const auto& lot) {
    accounts.Add(account);
    expiries.Add(lot.expire_time);
    earned.Add(lot.earned_time);
    sequences.Add(sequence);
    parts.Add(part);
  };
  const auto add_used = [&](int64_t account, const std::vector<LotUse>& uses) {
    for (const LotUse& lot : uses) add(account, lot.lot_sequence, lot.part, lot);
  };
  for (const Original& original : ledger.originals()) {
    if (!ledger.HasAccount(original.account_id)) continue;  // another member's, which will be refused
    add_used(original.account_id, original.own.moved);
    if (original.home_id != 0) continue;
    for (size_t i = 0; i < original.lots.size(); ++i) {
      add(original.account_id, original.sequence, static_cast<int64_t>(i), original.lots[i]);
    }
    add_used(original.account_id, original.uses);
  }
  for (const Account& account : ledger.accounts()) {
    for (const Hold& hold : account.holds) add_used(account.id, hold.uses);
  }
  if (accounts.empty()) return;
  for (const pqxx::row& row : tx.Exec(sql::kLoadNamedLots, program.key, accounts.Finish(), expiries.Finish(),
                                      earned.Finish(), sequences.Finish(), parts.Finish())) {
    ledger.AddLot(row["account_id"].as<int64_t>(), ReadLot(row));
  }
}

}  // namespace

absl::Status LoadLots(Transaction& tx, const Program& program, Commands commands, absl::Time now,
                      Ledger& ledger) {
  LoadNamedLots(tx, program, ledger);
  Needs needs = NeedsOf(program, commands, now, ledger);
  if (needs.empty()) return absl::OkStatus();
  BigintArray accounts, points;
  for (const auto& [account, need] : needs) {
    accounts.Add(account);
    points.Add(need.asked);
  }
  const auto outdated = absl::CancelledError("The lots of an account are not those of its balance.");
  for (const pqxx::row& row : tx.Exec(sql::kLoadLots, program.key, accounts.Finish(), points.Finish(),
                                      postgres::FormatTimestamp(now))) {
    const Lot lot = ReadLot(row);
    Need& need = needs.at(row["account_id"].as<int64_t>());
    if (lot.sequence > need.account->stored_sequence) return outdated;
    ledger.AddLot(need.account->id, lot);
    if (lot.expire_time > now) need.held += lot.remaining;
    need.last_expiry = std::max(need.last_expiry, lot.expire_time);
  }
  for (const auto& [account, need] : needs) {
    // What is not loaded lapses no earlier than the last lot that is; if that one has lapsed, there is no
    // other.
    if (need.due) {
      ledger.SetUnloadedDueTime(account, need.last_expiry > now ? need.last_expiry : absl::InfiniteFuture());
    } else if (need.held < std::min(need.asked, need.account->balance)) {
      return outdated;
    }
  }
  return absl::OkStatus();
}

}  // namespace loyalty::points
