#include "services/points/storage/account_cache.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace loyalty::points {
namespace {

constexpr int kLongestPause = 64;

// The account without what was loaded or changed for a batch.
Account Remembered(const Account& account) {
  Account remembered;
  remembered.id = account.id;
  remembered.balance = account.balance;
  remembered.pending = account.pending;
  remembered.held = account.held;
  remembered.debt = account.debt;
  remembered.purchases = account.purchases;
  remembered.active_time = account.active_time;
  remembered.last_sequence = remembered.stored_sequence = account.last_sequence;
  remembered.last_recorded_time = account.last_recorded_time;
  remembered.enroll_time = account.enroll_time;
  remembered.next_due_time = account.next_due_time;
  remembered.labels = account.labels;
  remembered.state = account.state;
  remembered.profile = account.profile;
  remembered.close_time = account.close_time;
  remembered.merged_into = account.merged_into;
  return remembered;
}

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

bool AccountCache::Fill(const Program& program, std::span<const Command> commands, absl::Time now,
                        Ledger& ledger) const {
  std::vector<std::pair<int64_t, absl::string_view>> members;
  std::vector<Account> accounts;
  std::vector<std::pair<std::string, int64_t>> counters;
  members.reserve(commands.size());
  accounts.reserve(commands.size());
  {
    absl::MutexLock lock(&mutex_);
    const auto shop = shops_.find(program.id);
    if (shop == shops_.end()) return false;
    for (const Command& command : commands) {
      for (const absl::string_view member_id : MembersOf(program, command)) {
        const auto member = shop->second.members.find(member_id);
        if (member == shop->second.members.end()) return false;
        const Account& account = shop->second.accounts.at(member->second);
        if (account.next_due_time <= now || account.merged_into != 0) return false;
        members.emplace_back(account.id, member_id);
        accounts.push_back(account);
      }
    }
    for (std::string& name : CountersOf(program, commands)) {
      const auto counter = shop->second.counters.find(name);
      if (counter == shop->second.counters.end()) return false;
      counters.emplace_back(std::move(name), counter->second);
    }
  }
  std::sort(accounts.begin(), accounts.end(), [](const Account& a, const Account& b) { return a.id < b.id; });
  int64_t last = 0;
  for (Account& account : accounts) {
    const int64_t id = account.id;
    if (id != last) ledger.AddAccount(std::move(account));
    last = id;
  }
  for (const auto& [id, member_id] : members) ledger.AddMember(member_id, id, /*fresh=*/false);
  for (const auto& [name, used] : counters) ledger.counters().Load(name, used);
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
  // What is due by an older program's policies is not what is due now.
  if (shop.program && program.update_time < shop.program->update_time) return;
  if (!shop.program || shop.program->update_time < program.update_time) {
    // What is due on an account may follow from the program's policies: all are read again.
    members_ -= shop.members.size();
    shop = Shop{
        .program = std::make_shared<const Program>(program), .members = {}, .accounts = {}, .counters = {}};
  }
  for (const Command& command : commands) {
    for (const absl::string_view member_id : MembersOf(program, command)) {
      const Account* account = ledger.AccountOf(member_id);
      if (account == nullptr || account->last_sequence == 0) continue;  // unused ones are gone
      // Who was merged by this very batch has the other's account from now on.
      const int64_t id = account->merged_into == 0 ? account->id : account->merged_into;
      const auto [member, added] = shop.members.try_emplace(member_id, id);
      if (added) ++members_;
      member->second = id;
      shop.accounts.try_emplace(id);
    }
  }
  for (const Account& account : ledger.accounts()) {
    const auto state = shop.accounts.find(account.id);
    // Another lane may have learned of a later entry already.
    if (state == shop.accounts.end() || account.last_sequence < state->second.last_sequence) continue;
    state->second = Remembered(account);
  }
  for (const auto& [name, counter] : ledger.counters().all()) shop.counters[name] = counter.used;
}

}  // namespace loyalty::points
