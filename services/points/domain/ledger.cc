#include "services/points/domain/ledger.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "common/status/status.h"
#include "services/points/domain/decisions.h"
#include "services/points/domain/earning.h"
#include "services/points/domain/reason.h"
#include "services/points/domain/validate.h"

namespace loyalty::points {
namespace {

absl::Status OrderNotFound(const std::string& order_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kOrderNotFound,
                absl::StrCat("The member has no order ", order_id, "."), {{"order_id", order_id}});
}

absl::Status EntryNotFound(const std::string& request_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kEntryNotFound,
                "No entry of the member stands under the request id that is named.",
                {{"request_id", request_id}});
}

absl::Status RedemptionNotFound(const std::string& request_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kRedemptionNotFound,
                "No redemption of the member stands under the request id that is named.",
                {{"request_id", request_id}});
}

absl::Status NotFound(const Command& command) {
  if (const std::string* order = CorrectedOrder(command)) return OrderNotFound(*order);
  if (IsAboutRewards(command)) return RedemptionNotFound(*CorrectedRequest(command));
  return EntryNotFound(*CorrectedRequest(command));
}

// A known id, with another content than that of the command.
absl::Status Reused(const Command& command, const Posting& known) {
  const Entry& entry = known.entry;
  if (!command.request_id.empty() && command.request_id == entry.request_id) {
    return Refuse(absl::StatusCode::kAlreadyExists, reason::kRequestIdReused,
                  "The request id was used for another request. Use a new one for each thing you ask for.",
                  {{"request_id", entry.request_id}});
  }
  if (entry.kind == EntryKind::kReturn) {
    return Refuse(absl::StatusCode::kAlreadyExists, reason::kReturnIdReused,
                  "The return is recorded already, of another order or with another content.",
                  {{"return_id", entry.return_id}});
  }
  if (entry.kind == EntryKind::kActivity) {
    return Refuse(absl::StatusCode::kAlreadyExists, reason::kActivityIdReused,
                  "The activity is recorded already, for another member or with another content.",
                  {{"activity_id", entry.activity_id}});
  }
  return Refuse(absl::StatusCode::kAlreadyExists, reason::kOrderIdReused,
                "The order is recorded already, for another member or with another content.",
                {{"order_id", entry.order_id}});
}

absl::Status Closed(absl::string_view member_id, const Account& account) {
  return Refuse(
      absl::StatusCode::kFailedPrecondition, reason::kMemberClosed,
      absl::StrCat("The member ", member_id, " has left the program."),
      {{"member_id", std::string(member_id)},
       {"close_time", absl::FormatTime(absl::RFC3339_full, account.close_time, absl::UTCTimeZone())}});
}

template <class Map>
auto FindIn(const Map& map, const std::string& id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace

void Ledger::AddAccount(Account account) {
  // It has no points that a change could be about, whatever its clock said when it was enrolled.
  const size_t changes = book_.policies().expiry_changes.size();
  if (account.last_sequence == 0 && changes > 0)
    StateOf(account).expiry_changes = static_cast<int32_t>(changes);
  account.unloaded_due_time = account.stored_due_time = account.next_due_time;
  account_index_.emplace(account.id, accounts_.size());
  accounts_.push_back(std::move(account));
}

void Ledger::AddMember(absl::string_view member_id, int64_t account_id, bool fresh) {
  members_.emplace(member_id, Member{account_index_.at(account_id), fresh});
}

const Account* Ledger::AccountOf(absl::string_view member_id) const {
  const auto member = members_.find(member_id);
  return member == members_.end() ? nullptr : &accounts_[member->second.account];
}

const Account* Ledger::AccountOf(const Command& command) const {
  if (!command.member_id.empty()) return AccountOf(command.member_id);
  const Original* original = FindOriginal(command);
  return original == nullptr ? nullptr : &accounts_[account_index_.at(original->account_id)];
}

const Account* Ledger::EmptiedBy(const Command& command) const {
  if (std::holds_alternative<CloseMember>(command.action)) return AccountOf(command);
  const auto* merge = std::get_if<MergeMembers>(&command.action);
  return merge == nullptr ? nullptr : AccountOf(merge->from_member_id);
}

const Account* Ledger::AccountOf(const Command& command, std::span<const Command> batch) const {
  const Account* known = AccountOf(command);
  const std::string* order = CorrectedOrder(command);
  if (known != nullptr || !command.member_id.empty() || order == nullptr) return known;
  for (const Command& other : batch) {
    const auto* record = std::get_if<RecordPurchase>(&other.action);
    if (record != nullptr && record->purchase.order_id == *order) return AccountOf(other.member_id);
  }
  return nullptr;
}

int64_t Ledger::PointsTaken(const Command& command) const {
  if (const auto* spend = std::get_if<Spend>(&command.action)) return spend->points;
  if (const auto* adjust = std::get_if<Adjust>(&command.action)) return std::max<int64_t>(0, -adjust->points);
  if (const auto* reserve = std::get_if<ReservePoints>(&command.action)) return reserve->points;
  if (const auto* transfer = std::get_if<TransferPoints>(&command.action)) {
    const int64_t most = std::numeric_limits<int64_t>::max();
    return transfer->points > most / 2 ? most : 2 * transfer->points;  // a fee is at most as much again
  }
  if (const auto* redeem = std::get_if<RedeemReward>(&command.action)) {
    const Reward* reward = shelf_.Find(redeem->reward_id);
    return reward == nullptr ? 0 : HighestPrice(*reward);
  }
  const bool takes_back = std::holds_alternative<RecordReturn>(command.action) ||
                          std::holds_alternative<CancelPurchase>(command.action) ||
                          std::holds_alternative<ReverseEntry>(command.action);
  if (!takes_back) return 0;
  const Original* original = FindOriginal(command);
  // What it takes back may be posted by the same batch, and have lapsed by then: all may be needed.
  if (original == nullptr) return std::numeric_limits<int64_t>::max();
  return original->points <= 0 ? 0 : std::max<int64_t>(0, original->points - original->corrected);
}

void Ledger::AddRequest(Posting posting) {
  found_.push_back(std::move(posting));
  requests_.emplace(found_.back().entry.request_id, &found_.back());
}

void Ledger::AddOrder(Posting posting) {
  found_.push_back(std::move(posting));
  orders_.emplace(found_.back().entry.order_id, &found_.back());
}

void Ledger::AddReturn(Posting posting) {
  found_.push_back(std::move(posting));
  returns_.emplace(found_.back().entry.return_id, &found_.back());
}

void Ledger::AddActivity(Posting posting) {
  found_.push_back(std::move(posting));
  activities_.emplace(found_.back().entry.activity_id, &found_.back());
}

void Ledger::AddOriginal(Original original) {
  const std::pair place = original.place();
  if (originals_by_place_.contains(place)) return;
  if (original.home_id == 0) original.own.sequence = original.sequence;
  originals_.push_back(std::move(original));
  Original* added = &originals_.back();
  originals_by_place_.emplace(place, added);
  if (added->kind == EntryKind::kPurchase) originals_by_order_.emplace(added->order_id, added);
  if (!added->request_id.empty()) originals_by_request_.emplace(added->request_id, added);
}

void Ledger::AddLot(int64_t account_id, const Lot& lot) {
  accounts_[account_index_.at(account_id)].lots.Load(lot);
}

void Ledger::AddPendingLot(int64_t account_id, const PendingLot& lot) {
  accounts_[account_index_.at(account_id)].pending_lots.push_back(lot);
}

void Ledger::AddHold(int64_t account_id, Hold hold) {
  accounts_[account_index_.at(account_id)].holds.push_back(std::move(hold));
}

void Ledger::SetUnloadedDueTime(int64_t account_id, absl::Time time) {
  accounts_[account_index_.at(account_id)].unloaded_due_time = time;
}

const Account* Ledger::BringUpToDate(absl::string_view member_id) {
  const auto member = members_.find(member_id);
  if (member == members_.end()) return nullptr;
  points::BringUpToDate(book_, accounts_[member->second.account]);
  return &accounts_[member->second.account];
}

absl::StatusOr<Receipt> Ledger::Decide(const Command& command) {
  const Digest content = ContentOf(command);
  if (const Posting* known = FindKnown(command)) {
    if (known->content != content) return Reused(command, *known);
    return Receipt{known->entry, true, command.member_id.empty() ? known->member_id : ""};
  }
  Original* original = Corrects(command) ? FindOrMakeOriginal(command) : nullptr;
  const absl::StatusOr<size_t> index = FindAccount(command, original);
  if (!index.ok()) return index.status();
  Violations violations;
  CheckNotAhead(command, book_.now(), violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const size_t before = book_.postings().size();
  points::BringUpToDate(book_, accounts_[*index]);
  FollowLots();
  if (std::holds_alternative<CatchUp>(command.action)) {
    return Receipt{book_.postings().size() > before ? book_.postings().back().entry : Entry{}, false, ""};
  }
  LOYALTY_RETURN_IF_ERROR(CheckOpen(command, original, accounts_[*index]));
  absl::StatusOr<Entry> entry = DecideOn(*index, command, original);
  FollowLots();
  if (!entry.ok()) return entry.status();
  const std::string& member_id = command.member_id.empty() ? original->member_id : command.member_id;
  if (!command.validate_only) Register(command, content, member_id, accounts_[*index], *entry);
  points::BringUpToDate(book_, accounts_[*index]);  // what came in late may be due already
  return Receipt{*std::move(entry), false, command.member_id.empty() ? member_id : ""};
}

absl::StatusOr<Entry> Ledger::DecideOn(size_t index, const Command& command, Original* original) {
  const bool guarded = command.validate_only || !RefusesEarly(command);
  const std::vector<Original*> spendings = SpendingsFor(command, accounts_[index].id);
  Undo undo;
  if (guarded) {
    undo.accounts.emplace_back(index, accounts_[index]);
    if (original != nullptr) undo.originals.emplace_back(original, *original);
    for (Original* spending : spendings) undo.originals.emplace_back(spending, *spending);
    undo.counters = book_.counters();
    if (IsAboutRewards(command)) undo.shelf = shelf_;
    undo.postings = book_.postings().size();
  }
  const auto of = [&](absl::string_view member_id) -> Account* {
    const auto member = members_.find(member_id);
    if (member == members_.end() || member->second.fresh) return nullptr;
    const size_t other = member->second.account;
    if (accounts_[other].IsClosed()) return nullptr;
    const bool seen = std::any_of(undo.accounts.begin(), undo.accounts.end(),
                                  [other](const auto& kept) { return kept.first == other; });
    if (guarded && !seen) undo.accounts.emplace_back(other, accounts_[other]);
    points::BringUpToDate(book_, accounts_[other]);
    return &accounts_[other];
  };
  const auto owner_of = [&](absl::string_view member_id) { return AccountOf(member_id); };
  const auto settle = [&] {
    points::BringUpToDate(book_, accounts_[index]);
    FollowLots();
  };
  const Case scene{book_, command, accounts_[index], original, spendings, of, owner_of, settle, shelf_};
  absl::StatusOr<Entry> entry =
      std::visit([&scene](const auto& action) { return points::Decide(scene, action); }, command.action);
  if (guarded && (!entry.ok() || command.validate_only)) TakeBack(std::move(undo));
  return entry;
}

void Ledger::TakeBack(Undo undo) {
  for (auto& [index, account] : undo.accounts) accounts_[index] = std::move(account);
  for (auto& [original, before] : undo.originals) *original = std::move(before);
  for (Original& original : originals_) {  // what was followed meanwhile
    for (const auto& [index, before] : undo.accounts) {
      const Account& account = accounts_[index];
      if (original.account_id != account.id) continue;
      std::erase_if(original.own.moved,
                    [&](const LotUse& lot) { return lot.lot_sequence > account.last_sequence; });
    }
  }
  book_.counters() = std::move(undo.counters);
  if (undo.shelf) shelf_ = *std::move(undo.shelf);
  while (book_.postings().size() > undo.postings) book_.postings().pop_back();
  followed_ = std::min(followed_, undo.postings);
}

void Ledger::FollowLots() {
  for (; followed_ < book_.postings().size(); ++followed_) {
    const Posting& posting = book_.postings()[followed_];
    const Entry& entry = posting.entry;
    const bool restores = entry.kind == EntryKind::kRestore && entry.corrected_account != 0;
    if (!restores && entry.kind != EntryKind::kExpiryChange) continue;
    for (Original& original : originals_) {
      if (original.account_id != posting.account_id) continue;
      for (size_t part = 0; part < entry.lots.size(); ++part) {
        const NewLot& lot = entry.lots[part];
        const FormerLot was{entry.corrected_account, lot.from_sequence, lot.from_part};
        const bool is_its = restores ? original.Had(was) : original.own.Has(lot.from_sequence, lot.from_part);
        if (!is_its) continue;
        original.own.moved.push_back(
            {entry.sequence, lot.points, lot.earned_time, lot.expire_time, static_cast<int32_t>(part)});
      }
    }
  }
}

// What stands under the command's request id, or else under the id of its order, return or activity.
const Posting* Ledger::FindKnown(const Command& command) const {
  const Posting* known = command.request_id.empty() ? nullptr : FindIn(requests_, command.request_id);
  if (known != nullptr) return known;
  if (const auto* record = std::get_if<RecordPurchase>(&command.action)) {
    return FindIn(orders_, record->purchase.order_id);
  }
  if (const auto* record = std::get_if<RecordReturn>(&command.action)) {
    return FindIn(returns_, record->return_id);
  }
  if (const auto* record = std::get_if<RecordActivity>(&command.action)) {
    return FindIn(activities_, record->activity.activity_id);
  }
  return nullptr;
}

// The entry that a command corrects, as it was loaded or made; null if there is none.
Original* Ledger::FindOriginal(const Command& command) const {
  if (const std::string* order = CorrectedOrder(command)) return FindIn(originals_by_order_, *order);
  if (const std::string* request = CorrectedRequest(command)) return FindIn(originals_by_request_, *request);
  return nullptr;
}

// The same, also if that entry was posted a moment ago, by the same batch.
Original* Ledger::FindOrMakeOriginal(const Command& command) {
  if (Original* found = FindOriginal(command)) return found;
  const std::string* order = CorrectedOrder(command);
  const Posting* known =
      order != nullptr ? FindIn(orders_, *order) : FindIn(requests_, *CorrectedRequest(command));
  if (known == nullptr || known->command == nullptr) return nullptr;
  AddOriginal(MakeOriginal(*known));
  return FindOriginal(command);
}

Original Ledger::MakeOriginal(const Posting& posting) {
  const Entry& entry = posting.entry;
  Original original{.account_id = posting.account_id,
                    .member_id = posting.member_id,
                    .sequence = entry.sequence,
                    .kind = entry.kind,
                    .points = entry.Net(),
                    .occurred_time = entry.occurred_time,
                    .recorded_time = entry.recorded_time,
                    .counts_for_tier = entry.counts_for_tier,
                    .request_id = entry.request_id,
                    .order_id = entry.order_id,
                    .cause = entry.cause};
  if (const auto* bought = std::get_if<RecordPurchase>(&posting.command->action)) {
    original.total_minor = bought->purchase.total_minor;
    original.lines = bought->purchase.lines;
  }
  original.awards = entry.awards;
  original.limits = LimitsOf(book_.program(), entry.awards);
  if (entry.kind == EntryKind::kSpend) original.uses = entry.lot_uses;
  if (entry.kind == EntryKind::kCapture) {
    // What the hold had set aside, less what was released.
    const std::vector<Hold>& holds = accounts_[account_index_.at(posting.account_id)].holds;
    const auto hold = std::find_if(holds.begin(), holds.end(),
                                   [&](const Hold& one) { return one.sequence == entry.corrected_sequence; });
    original.uses = hold->uses;
    std::vector<LotUse> released = entry.lot_uses;
    for (LotUse& use : released) use.points = -use.points;
    Subtract(original.uses, released);
  }
  if (entry.kind == EntryKind::kHold || entry.kind == EntryKind::kRedemption) original.uses = entry.lot_uses;
  return original;
}

// The entries that used points for the order that is given back or paid, by whoever is one person with the
// member now; for one that is paid, also those that set points aside for it.
std::vector<Original*> Ledger::SpendingsFor(const Command& command, int64_t account_id) {
  std::vector<Original*> spendings;
  const std::string* paid = PaidOrder(book_.program(), command);
  const std::string* order = paid != nullptr ? paid : CorrectedOrder(command);
  if (order == nullptr) return spendings;
  const auto is_for_order = [&](int64_t account, EntryKind kind, const std::string& order_id) {
    const bool uses = IsSpending(kind) || (paid != nullptr && kind == EntryKind::kHold);
    return uses && account == account_id && order_id == *order;
  };
  for (const Posting& posting : book_.postings()) {
    const Entry& entry = posting.entry;
    if (posting.command == nullptr || !is_for_order(posting.account_id, entry.kind, entry.order_id)) continue;
    AddOriginal(MakeOriginal(posting));
  }
  for (Original& other : originals_) {
    if (is_for_order(other.account_id, other.kind, other.order_id)) spendings.push_back(&other);
  }
  std::sort(spendings.begin(), spendings.end(), [](const Original* a, const Original* b) {
    return std::pair(a->sequence, a->home_id) < std::pair(b->sequence, b->home_id);
  });
  return spendings;
}

absl::StatusOr<size_t> Ledger::FindAccount(const Command& command, const Original* original) const {
  if (command.member_id.empty()) {
    if (original == nullptr) return NotFound(command);
    return account_index_.at(original->account_id);
  }
  const auto member = members_.find(command.member_id);
  if (member == members_.end() || (member->second.fresh && !Enrolls(command))) {
    return Refuse(absl::StatusCode::kNotFound, reason::kMemberNotFound,
                  absl::StrCat("The program ", book_.program().id, " has no member ", command.member_id, "."),
                  {{"program_id", book_.program().id}, {"member_id", command.member_id}});
  }
  const size_t index = member->second.account;
  if (Corrects(command) && (original == nullptr || original->account_id != accounts_[index].id)) {
    return NotFound(command);
  }
  return index;
}

absl::Status Ledger::CheckOpen(const Command& command, const Original* original,
                               const Account& account) const {
  if (account.IsClosed() && !IsForThoseWhoLeft(command)) {
    return Closed(command.member_id.empty() ? original->member_id : command.member_id, account);
  }
  const std::string* other_id = OtherMemberOf(command);
  const Account* other = other_id == nullptr ? nullptr : AccountOf(*other_id);
  return other != nullptr && other->IsClosed() ? Closed(*other_id, *other) : absl::OkStatus();
}

void Ledger::Register(const Command& command, const Digest& content, const std::string& member_id,
                      const Account& account, const Entry& entry) {
  if (entry.sequence == 0) return;
  if (!command.member_id.empty()) {
    bool& fresh = members_.at(command.member_id).fresh;
    if (std::exchange(fresh, false)) enrolled_.push_back(command.member_id);
  }
  auto posting = book_.postings().rbegin();
  while (posting->account_id != account.id || posting->entry.sequence != entry.sequence) ++posting;
  posting->command = &command;
  posting->content = content;
  posting->member_id = member_id;
  if (!entry.request_id.empty()) requests_.emplace(posting->entry.request_id, &*posting);
  if (entry.kind == EntryKind::kPurchase) orders_.emplace(posting->entry.order_id, &*posting);
  if (entry.kind == EntryKind::kReturn && !entry.return_id.empty()) {
    returns_.emplace(posting->entry.return_id, &*posting);
  }
  if (entry.kind == EntryKind::kActivity) activities_.emplace(posting->entry.activity_id, &*posting);
}

std::vector<int64_t> Ledger::UnusedAccounts() const {
  std::vector<int64_t> unused;
  for (const auto& [id, member] : members_) {
    if (member.fresh) unused.push_back(accounts_[member.account].id);
  }
  return unused;
}

}  // namespace loyalty::points
