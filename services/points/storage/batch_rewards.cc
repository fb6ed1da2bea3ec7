#include "services/points/storage/batch_rewards.h"

#include <absl/container/flat_hash_map.h>

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/postgres/values.h"
#include "points_sql.h"
#include "services/points/storage/reward_store.h"

namespace loyalty::points {

using postgres::BigintArray;
using postgres::TextArray;
using postgres::Transaction;
using Commands = std::span<const Command>;

namespace {

// How often commands redeem each reward.
absl::flat_hash_map<std::string, int64_t> RedeemedBy(Commands commands) {
  absl::flat_hash_map<std::string, int64_t> rewards;
  for (const Command& command : commands) {
    if (const auto* redeem = std::get_if<RedeemReward>(&command.action)) ++rewards[redeem->reward_id];
  }
  return rewards;
}

// The request ids of redemptions that commands fulfil or cancel.
TextArray NamedRedemptions(Commands commands) {
  TextArray requests;
  for (const Command& command : commands) {
    const std::string* request = IsAboutRewards(command) ? CorrectedRequest(command) : nullptr;
    if (request != nullptr) requests.Add(*request);
  }
  return requests;
}

// Who has a code after the batch, the last of its owners.
struct CodeColumns {
  TextArray codes, made, made_rewards;
  BigintArray accounts, sequences, made_accounts, made_sequences;
  std::map<std::string, Shelf::Place> owners;  // of uploaded ones; account 0: nobody

  void Note(const Entry& entry, const Shelf::Place& place, const Redemption& redemption) {
    if (redemption.code_number != 0) {
      if (entry.kind == EntryKind::kRedemption) owners[redemption.code] = place;
      if (entry.kind == EntryKind::kRestore) owners[redemption.code] = {0, 0};
    } else if (entry.kind == EntryKind::kRedemption && !redemption.code.empty()) {
      made.Add(redemption.code);
      made_rewards.Add(redemption.reward_id);
      made_accounts.Add(place.first);
      made_sequences.Add(place.second);
    }
  }
  void Finish() {
    for (const auto& [code, owner] : owners) {
      codes.Add(code);
      owner.first == 0 ? accounts.AddNull() : accounts.Add(owner.first);
      owner.first == 0 ? sequences.AddNull() : sequences.Add(owner.second);
    }
  }
};

}  // namespace

void AddCharities(Transaction& tx, const Program& program, Commands commands,
                  absl::flat_hash_set<std::string>& members) {
  TextArray rewards;
  for (const auto& [id, count] : RedeemedBy(commands)) rewards.Add(id);
  if (rewards.empty()) return;
  for (const pqxx::row& row : tx.Exec(sql::kFindCharities, program.key, rewards.Finish())) {
    members.insert(row[0].c_str());
  }
}

void AddStocksOfCancelled(Transaction& tx, const Program& program, Commands commands,
                          std::vector<std::string>& names) {
  TextArray requests;
  for (const Command& command : commands) {
    const auto* cancel = std::get_if<CancelRedemption>(&command.action);
    if (cancel != nullptr) requests.Add(cancel->redemption_request_id);
  }
  if (requests.empty()) return;
  for (const pqxx::row& row : tx.Exec(sql::kFindRedeemedRewards, program.key, requests.Finish())) {
    names.push_back(StockCounter(row[0].c_str()));
  }
}

void LoadRewards(Transaction& tx, const Program& program, Commands commands, Ledger& ledger) {
  TextArray rewards, candidates;
  BigintArray most;
  for (const auto& [id, count] : RedeemedBy(commands)) {
    rewards.Add(id);
    most.Add(count);
  }
  if (rewards.empty()) return;
  for (const pqxx::row& row : tx.Exec(sql::kLoadRewards, program.key, rewards.Finish(), most.Finish())) {
    Reward reward = ReadReward(row);
    // It came after its counter was looked for: without it, it has no end of stock.
    if (!ledger.counters().Has(StockCounter(reward.id))) continue;
    if (!row["codes"].is_null()) {
      const auto numbers = nlohmann::json::parse(row["numbers"].c_str()).get<std::vector<int64_t>>();
      auto codes = nlohmann::json::parse(row["codes"].c_str()).get<std::vector<std::string>>();
      for (size_t i = 0; i < codes.size(); ++i) {
        ledger.shelf().AddCode(reward.id, {numbers[i], std::move(codes[i])});
      }
    }
    ledger.shelf().Add(std::move(reward));
  }
  for (const Command& command : commands) {
    const auto* redeem = std::get_if<RedeemReward>(&command.action);
    const Reward* reward = redeem == nullptr ? nullptr : ledger.shelf().Find(redeem->reward_id);
    if (reward != nullptr && NeedsGeneratedCode(*reward))
      candidates.Add(GeneratedCode(*reward, redeem->random));
  }
  if (candidates.empty()) return;
  for (const pqxx::row& row : tx.Exec(sql::kFindTakenCodes, program.key, candidates.Finish())) {
    ledger.shelf().AddTaken(row[0].c_str());
  }
}

void LoadRedemptions(Transaction& tx, const Program& program, Commands commands, Ledger& ledger) {
  TextArray requests = NamedRedemptions(commands);
  if (requests.empty()) return;
  for (const pqxx::row& row : tx.Exec(sql::kLoadRedemptions, program.key, requests.Finish())) {
    Redemption redemption{.reward_id = row["reward_id"].c_str(),
                          .state = static_cast<RedemptionState>(row["state"].as<int>()),
                          .code = row["code"].c_str(),
                          .code_number = row["code_number"].as<int64_t>(0)};
    if (!row["limit_window"].is_null()) {
      redemption.counted = static_cast<LimitWindow>(row["limit_window"].as<int>());
    }
    ledger.shelf().AddRedemption({row["account_id"].as<int64_t>(), row["sequence"].as<int64_t>()},
                                 std::move(redemption));
  }
}

void WriteRedemptions(Transaction& tx, const Program& program, const Ledger& ledger) {
  std::map<Shelf::Place, const Redemption*> redemptions;
  CodeColumns c;
  for (const Posting& posting : ledger.postings()) {
    const Entry& entry = posting.entry;
    if (entry.reward_id.empty() || entry.kind == EntryKind::kDonation) continue;
    const Shelf::Place place = PlaceOfRedemption(posting.account_id, entry);
    const Redemption* redemption = redemptions[place] = ledger.shelf().FindRedemption(place);
    c.Note(entry, place, *redemption);
  }
  if (redemptions.empty()) return;
  c.Finish();
  BigintArray accounts, sequences, states, numbers, windows;
  TextArray rewards, codes;
  for (const auto& [place, redemption] : redemptions) {
    accounts.Add(place.first);
    sequences.Add(place.second);
    rewards.Add(redemption->reward_id);
    states.Add(static_cast<int64_t>(redemption->state));
    codes.AddOrNull(redemption->code);
    redemption->code_number == 0 ? numbers.AddNull() : numbers.Add(redemption->code_number);
    redemption->counted ? windows.Add(static_cast<int64_t>(*redemption->counted)) : windows.AddNull();
  }
  tx.Exec(sql::kWriteRedemptions, program.key, accounts.Finish(), sequences.Finish(), rewards.Finish(),
          states.Finish(), codes.Finish(), numbers.Finish(), windows.Finish(), c.codes.Finish(),
          c.accounts.Finish(), c.sequences.Finish(), c.made.Finish(), c.made_rewards.Finish(),
          c.made_accounts.Finish(), c.made_sequences.Finish());
}

}  // namespace loyalty::points
