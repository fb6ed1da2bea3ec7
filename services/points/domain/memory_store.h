// For tests: keeps accounts in memory, and gives each batch what a database would: the members, ids,
// originals and lots it needs, and no more.
#pragma once

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/points/domain/earning.h"
#include "services/points/domain/expiry_changes.h"
#include "services/points/domain/ledger.h"
#include "services/points/domain/test_kit.h"

namespace loyalty::points {

class MemoryStore {
 public:
  explicit MemoryStore(Program program = DollarProgram()) : program_(program) { Change(std::move(program)); }

  // What is due is posted, and the program another from now on, or its rules in other versions.
  void Change(Program program, absl::Time now = kNoon) {
    for (const auto& [id, account] : std::map(members_)) (void)Apply(CommandFor("", id, CatchUp{}), now);
    NoteChanges(program_, now, program);
    program_ = std::move(program);
    for (const EarnRule& rule : program_.rules) counters_.try_emplace(BudgetCounter(rule.id), 0);
    rules_.insert(rules_.end(), program_.rules.begin(), program_.rules.end());
    for (auto& [id, account] : accounts_) {
      if (account.merged_into == 0) account.DueBy(now);
    }
  }

  std::vector<absl::StatusOr<Receipt>> Apply(const std::vector<Command>& commands, absl::Time now = kNoon) {
    // As PostingStore does it.
    const auto last = std::find_if(commands.begin(), commands.end(), StandsLast);
    if (last != commands.end() && std::next(last) != commands.end()) {
      auto answers = Apply(std::vector<Command>(commands.begin(), std::next(last)), now);
      for (auto& answer : Apply(std::vector<Command>(std::next(last), commands.end()), now)) {
        answers.push_back(std::move(answer));
      }
      return answers;
    }
    Ledger ledger(program_, now);
    std::map<int64_t, std::string> fresh;
    Load(commands, now, ledger, fresh);
    std::vector<absl::StatusOr<Receipt>> answers;
    answers.reserve(commands.size());
    for (const Command& command : commands) answers.push_back(ledger.Decide(command));
    Write(ledger, fresh);
    return answers;
  }
  absl::StatusOr<Receipt> Apply(const Command& command, absl::Time now = kNoon) {
    return Apply(std::vector<Command>{command}, now).front();
  }

  Program& program() { return program_; }
  // Puts a reward on offer, or changes it.
  void AddReward(Reward reward, const std::vector<std::string>& codes = {}) {
    counters_.try_emplace(StockCounter(reward.id), 0);
    for (const std::string& code : codes) free_codes_[reward.id].insert({++last_code_, code});
    rewards_[reward.id] = std::move(reward);
  }
  int64_t StockUsed(const std::string& reward_id) const { return counters_.at(StockCounter(reward_id)); }
  size_t FreeCodes(const std::string& reward_id) const { return free_codes_.at(reward_id).size(); }
  const Redemption& RedemptionAt(const std::string& member, int64_t sequence) const {
    return redemptions_.at({members_.at(member), sequence});
  }
  bool HasMember(const std::string& id) const { return members_.count(id) == 1; }
  const Account& AccountOf(const std::string& member) const { return accounts_.at(members_.at(member)); }
  // The account that the member had before it was merged into another.
  const Account& OwnAccountOf(const std::string& member) const { return accounts_.at(owners_.at(member)); }
  std::vector<Entry> OwnEntriesOf(const std::string& member) const { return EntriesAt(owners_.at(member)); }
  std::vector<Entry> EntriesOf(const std::string& member) const { return EntriesAt(members_.at(member)); }
  int64_t Balance(const std::string& member) const { return AccountOf(member).balance; }
  const Entry& Last(const std::string& member) const { return entries_.at(members_.at(member)).back().entry; }
  const std::string& NameOf(int64_t account_id) const { return names_.at(account_id); }
  size_t EntryCount() const {
    size_t count = 0;
    for (const auto& [id, entries] : entries_) count += entries.size();
    return count;
  }
  int64_t Budget(const std::string& rule_id) const { return counters_.at(BudgetCounter(rule_id)); }
  // What does not add up, in words; empty: all does.
  std::string Imbalance() const {
    std::string text;
    for (const auto& [id, account] : accounts_) {
      int64_t points = 0, pending = 0, held = 0, debt = 0, open = 0, waiting = 0, aside = 0;
      for (const Posting& posting : entries_.at(id)) {
        points += posting.entry.points;
        pending += posting.entry.pending;
        held += posting.entry.held;
        debt += posting.entry.debt;
      }
      for (const auto& [key, lot] : At(lots_, id)) open += lot.remaining;
      for (const PendingLot& lot : At(pending_, id)) waiting += lot.points;
      for (const Hold& hold : At(holds_, id)) aside += hold.points;
      if (points != account.balance || open != account.balance || pending != account.pending ||
          waiting != account.pending || held != account.held || aside != account.held ||
          debt != account.debt) {
        absl::StrAppend(&text, "account ", id, ": ", account.balance, "/", points, "/", open, " pending ",
                        account.pending, "/", pending, "/", waiting, " held ", account.held, "/", held, "/",
                        aside, " debt ", account.debt, "/", debt, "\n");
      }
    }
    return text;
  }

 private:
  using LotKey = std::tuple<absl::Time, absl::Time, int64_t, int32_t>;
  using LotMap = std::map<LotKey, Lot>;

  template <class Map>
  static const typename Map::mapped_type& At(const Map& map, int64_t id) {
    static const typename Map::mapped_type none{};
    const auto found = map.find(id);
    return found == map.end() ? none : found->second;
  }
  static LotKey KeyOf(const Lot& lot) { return {lot.expire_time, lot.earned_time, lot.sequence, lot.part}; }

  std::vector<Entry> EntriesAt(int64_t id) const {
    std::vector<Entry> entries;
    for (const Posting& posting : entries_.at(id)) entries.push_back(posting.entry);
    return entries;
  }
  const Posting* Find(const std::map<std::string, std::pair<int64_t, int64_t>>& places,
                      const std::string& id) const {
    const auto found = places.find(id);
    if (found == places.end()) return nullptr;
    return &entries_.at(found->second.first).at(static_cast<size_t>(found->second.second - 1));
  }

  void Load(const std::vector<Command>& commands, absl::Time now, Ledger& ledger,
            std::map<int64_t, std::string>& fresh) {
    for (const Command& command : commands) {
      if (const Posting* known = Find(requests_, command.request_id)) ledger.AddRequest(*known);
      if (const auto* record = std::get_if<RecordPurchase>(&command.action)) {
        if (const Posting* known = Find(orders_, record->purchase.order_id)) ledger.AddOrder(*known);
      }
      if (const auto* record = std::get_if<RecordReturn>(&command.action)) {
        if (const Posting* known = Find(returns_, record->return_id)) ledger.AddReturn(*known);
      }
      if (const auto* record = std::get_if<RecordActivity>(&command.action)) {
        if (const Posting* known = Find(activities_, record->activity.activity_id))
          ledger.AddActivity(*known);
      }
      for (const absl::string_view member : MembersOf(program_, command)) {
        LoadMember(std::string(member), Enrolls(command) && member == command.member_id, now, ledger, fresh);
      }
      if (command.member_id.empty()) LoadMember(OwnerOf(command), false, now, ledger, fresh);
      LoadReward(command, commands.size(), now, ledger, fresh);
    }
    for (const auto& [id, account] : members_) {  // all ids of those who are merged
      if (StandsLast(commands.back()) && ledger.AccountOf(id) == nullptr && ledger.HasAccount(account))
        ledger.AddMember(id, account, /*fresh=*/false);
    }
    for (const Command& command : commands) LoadOriginals(command, commands, ledger);
    const auto load = [&](const std::string& name) { ledger.counters().Load(name, counters_[name]); };
    for (const std::string& name : CountersOf(program_, commands)) load(name);
    for (const Original& original : ledger.originals())
      for (const auto& [id, limits] : original.limits) load(BudgetCounter(id));
    LoadRest(commands, now, ledger);
  }
  // Who has everything of an account.
  int64_t HolderOf(int64_t id) const {
    const auto found = accounts_.find(id);
    const bool merged = found != accounts_.end() && found->second.merged_into != 0;
    return merged ? HolderOf(found->second.merged_into) : id;
  }

  // The reward that a command redeems, with its charity and its first free codes; or the redemption that it
  // names.
  void LoadReward(const Command& command, size_t most_codes, absl::Time now, Ledger& ledger,
                  std::map<int64_t, std::string>& fresh) {
    if (const auto* redeem = std::get_if<RedeemReward>(&command.action)) {
      const auto found = rewards_.find(redeem->reward_id);
      if (found == rewards_.end()) return;
      ledger.shelf().Add(found->second);
      if (const auto* donation = std::get_if<DonationReward>(&found->second.kind)) {
        LoadMember(donation->charity_member_id, false, now, ledger, fresh);
      }
      for (const RewardCode& code : free_codes_[redeem->reward_id]) {
        if (most_codes-- == 0) break;
        ledger.shelf().AddCode(redeem->reward_id, code);
      }
      const std::string made = GeneratedCode(found->second, redeem->random);
      if (taken_codes_.count(made) == 1) ledger.shelf().AddTaken(made);
    } else if (IsAboutRewards(command)) {
      const Posting* posting = OriginalOf(command);
      if (posting == nullptr || posting->entry.kind != EntryKind::kRedemption) return;
      const Shelf::Place place(posting->account_id, posting->entry.sequence);
      const std::string stock = StockCounter(posting->entry.reward_id);
      ledger.shelf().AddRedemption(place, redemptions_.at(place));
      ledger.counters().Load(stock, counters_[stock]);
    }
  }

  void LoadMember(const std::string& member_id, bool enrolls, absl::Time now, Ledger& ledger,
                  std::map<int64_t, std::string>& fresh) {
    if (ledger.AccountOf(member_id) != nullptr) return;
    const auto member = members_.find(member_id);
    const bool is_new = member == members_.end();
    if (is_new && !(enrolls && program_.enrollment_mode == EnrollmentMode::kOpen)) return;
    const int64_t id = is_new ? ++last_account_ : member->second;
    if (is_new) fresh[id] = member_id;
    Account account;
    if (const auto found = accounts_.find(id); found != accounts_.end()) account = found->second;
    account.id = id;
    if (is_new) account.enroll_time = now;
    if (!ledger.HasAccount(id)) ledger.AddAccount(std::move(account));
    ledger.AddMember(member_id, id, is_new);
  }

  const Posting* OriginalOf(const Command& command) const {
    if (const std::string* order = CorrectedOrder(command)) return Find(orders_, *order);
    if (const std::string* request = CorrectedRequest(command)) return Find(requests_, *request);
    return nullptr;
  }
  std::string OwnerOf(const Command& command) const {
    const Posting* posting = OriginalOf(command);
    return posting == nullptr ? "" : posting->member_id;
  }

  // Spendings for an order are loaded also where the order itself comes with this batch.
  void LoadOriginals(const Command& command, const std::vector<Command>& commands, Ledger& ledger) const {
    if (const Posting* posting = OriginalOf(command)) ledger.AddOriginal(MakeOriginal(*posting));
    const std::string* corrected = CorrectedOrder(command);
    const std::string* order = corrected != nullptr ? corrected : PaidOrder(program_, command);
    const Account* account = order != nullptr ? ledger.AccountOf(command, commands) : nullptr;
    if (account == nullptr) return;
    for (const auto& [id, postings] : entries_) {
      for (const Posting& other : postings) {
        const bool uses = IsSpending(other.entry.kind) || other.entry.kind == EntryKind::kHold;
        const bool its = HolderOf(id) == account->id && other.entry.order_id == *order;
        if (uses && its) ledger.AddOriginal(MakeOriginal(other));
      }
    }
  }

  // What the lots of an entry (or one of them), or its hold, became in the account that has them now.
  void FindMoved(int64_t id, int64_t sequence, std::optional<int32_t> part, Original& moved) const {
    const auto found = accounts_.find(id);
    for (const Posting& posting : At(entries_, id)) {
      for (size_t i = 0; posting.entry.kind == EntryKind::kExpiryChange && i < posting.entry.lots.size();
           ++i) {
        const NewLot& lot = posting.entry.lots[i];
        if (lot.from_sequence != sequence || (part && lot.from_part != *part)) continue;
        FindMoved(id, posting.entry.sequence, static_cast<int32_t>(i), moved);
      }
    }
    if (found == accounts_.end() || found->second.merged_into == 0) {
      if (!part) moved.own.sequence = sequence;
      if (part) moved.own.moved.push_back({.lot_sequence = sequence, .part = *part});
      return;
    }
    if (part) moved.former.push_back({id, sequence, *part});
    for (const auto& [other, entries] : entries_) {
      for (const Posting& posting : entries) FindMovedBy(posting, id, sequence, part, moved);
    }
  }
  void FindMovedBy(const Posting& posting, int64_t id, int64_t sequence, std::optional<int32_t> part,
                   Original& moved) const {
    const Entry& entry = posting.entry;
    const bool merges = entry.kind == EntryKind::kMergeIn && entry.counterpart->account_id == id;
    const bool restores = entry.kind == EntryKind::kRestore && entry.corrected_account == id;
    if (!merges && !restores) return;
    for (size_t i = 0; i < entry.lots.size(); ++i) {
      const NewLot& lot = entry.lots[i];
      if (lot.from_sequence != sequence || (part && lot.from_part != *part)) continue;
      FindMoved(posting.account_id, entry.sequence, static_cast<int32_t>(i), moved);
    }
    const bool hold = entry.hold_until != absl::InfinitePast() && entry.counterpart->sequence == sequence;
    if (merges && !part && hold) FindMoved(posting.account_id, entry.sequence, std::nullopt, moved);
  }

  Original MakeOriginal(const Posting& posting) const {
    const Entry& entry = posting.entry;
    const int64_t holder = HolderOf(posting.account_id);
    Original original{.account_id = holder,
                      .home_id = holder == posting.account_id ? 0 : posting.account_id,
                      .member_id = names_.at(holder),
                      .sequence = entry.sequence,
                      .kind = entry.kind,
                      .points = entry.Net(),
                      .occurred_time = entry.occurred_time,
                      .recorded_time = entry.recorded_time,
                      .counts_for_tier = entry.counts_for_tier,
                      .request_id = entry.request_id,
                      .order_id = entry.order_id,
                      .cause = entry.cause};
    original.lots = entry.lots;
    FindMoved(posting.account_id, entry.sequence, std::nullopt, original);
    if (entry.purchase) {
      original.total_minor = entry.purchase->total_minor;
      original.lines = entry.purchase->lines;
    }
    original.awards = entry.awards;
    original.limits = LimitsThen(rules_, entry);
    original.uses = entry.lot_uses;
    if (entry.kind == EntryKind::kCapture) {
      original.uses =
          EntriesAt(posting.account_id)[static_cast<size_t>(entry.corrected_sequence - 1)].lot_uses;
      GiveBack(entry, original);
    }
    for (const auto& [id, list] : entries_) {
      for (const Posting& one : list) {
        const Entry& other = one.entry;
        const int64_t of = other.corrected_account == 0 ? id : other.corrected_account;
        if (of == posting.account_id && other.corrected_sequence == entry.sequence) Correct(other, original);
      }
    }
    return original;
  }
  static void Correct(const Entry& other, Original& original) {
    if (other.kind == EntryKind::kRestore && other.corrected_account == 0) GiveBack(other, original);
    if (other.kind == EntryKind::kRestore && other.corrected_account != 0)
      Subtract(original.uses, LastOf(original.uses, other.points));
    if (other.kind == EntryKind::kRestore) original.corrected += other.Net();
    if (other.kind == EntryKind::kReversal) original.corrected -= other.Net();
    if (other.kind != EntryKind::kReturn) return;
    original.corrected -= other.Net();
    original.returned_minor += other.returned_minor;
    original.returned = true;
    original.returned_quantities.resize(original.lines.size(), 0);
    for (const ReturnedLine& line : other.returned_lines) {
      original.returned_quantities.at(static_cast<size_t>(line.line)) += line.quantity;
    }
  }
  static void GiveBack(const Entry& entry, Original& original) {
    std::vector<LotUse> back = entry.lot_uses;
    for (LotUse& use : back) use.points = -use.points;
    Subtract(original.uses, back);
  }

  // Lots, pending points and holds, as batch_reader.h loads them.
  void LoadRest(const std::vector<Command>& commands, absl::Time now, Ledger& ledger) {
    std::map<int64_t, uint64_t> asked;
    std::set<int64_t> due, aside;
    for (const Account& account : ledger.accounts()) {
      if (account.next_due_time > now) continue;
      due.insert(account.id);
      asked[account.id] = ConcernsAllLots(program_, account, now) ? UINT64_MAX / 2 : 0;
    }
    for (const Command& command : commands) {
      const Account* account = ledger.AccountOf(command, commands);
      if (account == nullptr) continue;
      if (Corrects(command) || PaidOrder(program_, command) != nullptr) aside.insert(account->id);
      if (const Account* emptied = ledger.EmptiedBy(command)) {
        aside.insert(emptied->id);
        asked[emptied->id] = UINT64_MAX / 2;
      }
      const int64_t points = ledger.PointsTaken(command);
      uint64_t& sum = asked[account->id];
      if (points > 0) sum = std::min<uint64_t>(UINT64_MAX / 2, sum + static_cast<uint64_t>(points));
    }
    aside.insert(due.begin(), due.end());
    for (const int64_t id : aside) {
      for (const PendingLot& lot : At(pending_, id)) ledger.AddPendingLot(id, lot);
      for (const Hold& hold : At(holds_, id)) {
        LoadNamed(id, hold.uses, ledger);
        ledger.AddHold(id, hold);
      }
    }
    for (const Original& original : ledger.originals()) {
      if (!ledger.HasAccount(original.account_id)) continue;
      LoadNamed(original.account_id, original.own.moved, ledger);
      if (original.home_id != 0) continue;
      LoadNamed(original.account_id, original.uses, ledger);
      for (const auto& [key, lot] : At(lots_, original.account_id)) {
        if (lot.sequence == original.sequence) ledger.AddLot(original.account_id, lot);
      }
    }
    for (const auto& [id, points] : asked) LoadFirst(id, points, due.count(id) == 1, now, ledger);
  }

  // Whenever they lapse: a part of a lot may have come back with a grace.
  void LoadNamed(int64_t id, const std::vector<LotUse>& uses, Ledger& ledger) const {
    for (const LotUse& use : uses) {
      for (const auto& [key, lot] : At(lots_, id)) {
        if (lot.sequence == use.lot_sequence && lot.part == use.part) ledger.AddLot(id, lot);
      }
    }
  }

  void LoadFirst(int64_t id, uint64_t points, bool due, absl::Time now, Ledger& ledger) const {
    uint64_t found = 0;
    absl::Time last = absl::InfinitePast();
    for (const auto& [key, lot] : At(lots_, id)) {
      if (last > now && found >= points) break;
      ledger.AddLot(id, lot);
      last = lot.expire_time;
      if (lot.expire_time > now) found += static_cast<uint64_t>(lot.remaining);
    }
    if (due) ledger.SetUnloadedDueTime(id, last > now ? last : absl::InfiniteFuture());
  }

  void Write(const Ledger& ledger, const std::map<int64_t, std::string>& fresh) {
    std::map<int64_t, std::string> enrolled = fresh;
    for (const int64_t id : ledger.UnusedAccounts()) enrolled.erase(id);
    for (const auto& [id, member] : enrolled) {
      members_[member] = owners_[member] = id;
      names_[id] = member;
    }
    for (Posting posting : ledger.postings()) {
      const Command* command = std::exchange(posting.command, nullptr);
      posting.member_id = names_.at(posting.account_id);
      if (command != nullptr) {
        if (const auto* record = std::get_if<RecordPurchase>(&command->action)) {
          posting.entry.purchase = record->purchase;
        }
      }
      Index(posting);
      entries_[posting.account_id].push_back(std::move(posting));
    }
    for (const Account& account : ledger.accounts()) {
      if (account.changed) Keep(account);
    }
    for (auto& [member, id] : members_) id = HolderOf(id);
    for (const auto& [name, counter] : ledger.counters().all()) counters_[name] = counter.used;
    WriteRedemptions(ledger);
  }

  void WriteRedemptions(const Ledger& ledger) {
    for (const Posting& posting : ledger.postings()) {
      const Entry& entry = posting.entry;
      if (entry.reward_id.empty() || entry.kind == EntryKind::kDonation) continue;
      const bool redeems = entry.kind == EntryKind::kRedemption;
      const Shelf::Place place = PlaceOfRedemption(posting.account_id, entry);
      const Redemption& redemption = redemptions_[place] = *ledger.shelf().FindRedemption(place);
      if (redeems && !entry.code.empty()) taken_codes_.insert(entry.code);
      if (redemption.code_number == 0) continue;
      const RewardCode code{redemption.code_number, redemption.code};
      auto& codes = free_codes_[entry.reward_id];
      if (redeems) codes.erase(code);
      if (entry.kind == EntryKind::kRestore) codes.insert(code);
    }
  }

  void Index(const Posting& posting) {
    const Entry& entry = posting.entry;
    const std::pair place(posting.account_id, entry.sequence);
    if (!entry.request_id.empty()) requests_[entry.request_id] = place;
    if (entry.kind == EntryKind::kPurchase) orders_[entry.order_id] = place;
    if (!entry.return_id.empty()) returns_[entry.return_id] = place;
    if (entry.kind == EntryKind::kActivity) activities_[entry.activity_id] = place;
  }

  void Keep(const Account& account) {
    Account& kept = accounts_[account.id] = account;
    kept.stored_sequence = kept.last_sequence;
    kept.lots = {};
    kept.pending_lots.clear();
    kept.holds.clear();
    kept.changed = kept.labels_changed = kept.state_changed = kept.member_changed = false;
    for (Lot lot : account.lots.all()) {
      lot.stored = lot.remaining;
      lots_[account.id].erase(KeyOf(lot));
      if (lot.remaining > 0) lots_[account.id].emplace(KeyOf(lot), lot);
    }
    for (PendingLot lot : account.pending_lots) {
      auto& lots = pending_[account.id];
      std::erase_if(lots,
                    [&](const PendingLot& o) { return o.sequence == lot.sequence && o.part == lot.part; });
      lot.stored = lot.points;
      if (lot.points > 0) lots.push_back(lot);
    }
    for (Hold hold : account.holds) {
      auto& holds = holds_[account.id];
      std::erase_if(holds, [&](const Hold& o) { return o.sequence == hold.sequence; });
      hold.stored = true;
      if (hold.points > 0) holds.push_back(hold);
    }
  }

  Program program_;
  std::vector<EarnRule> rules_;  // in all versions that were
  int64_t last_account_ = 0;
  std::map<std::string, int64_t> members_, owners_;  // owners_: of their own accounts, before mergers
  std::map<int64_t, std::string> names_;
  std::map<int64_t, Account> accounts_;
  std::map<int64_t, LotMap> lots_;
  std::map<int64_t, std::vector<PendingLot>> pending_;
  std::map<int64_t, std::vector<Hold>> holds_;
  std::map<int64_t, std::vector<Posting>> entries_;
  std::map<std::string, std::pair<int64_t, int64_t>> requests_, orders_, returns_,
      activities_;  // account, sequence
  std::map<std::string, int64_t> counters_;
  std::map<std::string, Reward> rewards_;
  std::map<std::string, std::set<RewardCode>> free_codes_;  // by reward
  std::set<std::string> taken_codes_;
  int64_t last_code_ = 0;
  std::map<Shelf::Place, Redemption> redemptions_;
};

}  // namespace loyalty::points
