#include "services/points/storage/account_cache.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace loyalty::points {
namespace {

constexpr int kLongestPause = 64;

}  // namespace

std::shared_ptr<const Program> AccountCache::Recall(const std::string& program_id) {
  absl::MutexLock lock(&mutex_);
  if (paused_ > 0) {
    --paused_;
    return nullptr;
  }
  const auto shop = shops_.find(program_id);
  return shop == shops_.end() ? nullptr : shop->second.program;
}

bool AccountCache::Fill(const Program& program, std::span<const Command> commands, Ledger& ledger) const {
  std::vector<std::pair<int64_t, absl::string_view>> members;
  std::vector<std::pair<int64_t, State>> accounts;
  members.reserve(commands.size());
  accounts.reserve(commands.size());
  {
    absl::MutexLock lock(&mutex_);
    const auto shop = shops_.find(program.id);
    if (shop == shops_.end()) return false;
    for (const Command& command : commands) {
      const auto member = shop->second.members.find(command.member_id);
      if (member == shop->second.members.end()) return false;
      members.emplace_back(member->second, command.member_id);
      accounts.emplace_back(member->second, shop->second.accounts.at(member->second));
    }
  }
  std::sort(accounts.begin(), accounts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  int64_t last = 0;
  for (const auto& [id, state] : accounts) {
    if (id != last) {
      ledger.AddAccount({.id = id,
                         .balance = state.balance,
                         .last_sequence = state.last_sequence,
                         .stored_sequence = state.last_sequence,
                         .last_recorded_time = state.last_recorded_time,
                         .labels = state.labels});
    }
    last = id;
  }
  for (const auto& [id, member_id] : members) ledger.AddMember(member_id, id, /*fresh=*/false);
  return true;
}

void AccountCache::Missed() {
  absl::MutexLock lock(&mutex_);
  pause_ = std::clamp(2 * pause_, 1, kLongestPause);
  paused_ = pause_;
}

void AccountCache::Learn(const Program& program, std::span<const Command> commands, const Ledger& ledger,
                         bool remembered) {
  absl::MutexLock lock(&mutex_);
  if (remembered) pause_ = 0;
  if (members_ > most_members_) {
    shops_.clear();
    members_ = 0;
  }
  Shop& shop = shops_[program.id];
  if (!shop.program || shop.program->update_time < program.update_time) {
    shop.program = std::make_shared<const Program>(program);
  }
  for (const Command& command : commands) {
    const Account* account = ledger.AccountOf(command.member_id);
    if (account == nullptr || account->last_sequence == 0) continue;  // unused ones are gone
    const auto [member, added] = shop.members.try_emplace(command.member_id, account->id);
    if (added) ++members_;
    member->second = account->id;
    shop.accounts.try_emplace(account->id);
  }
  for (const Account& account : ledger.accounts()) {
    const auto state = shop.accounts.find(account.id);
    if (state == shop.accounts.end()) continue;
    // Another lane may have learned of a later entry already.
    if (account.last_sequence >= state->second.last_sequence) {
      state->second = {account.balance, account.last_sequence, account.last_recorded_time, account.labels};
    }
  }
}

}  // namespace loyalty::points
