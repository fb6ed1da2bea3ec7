#include "services/points/domain/book.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <memory>

#include "common/status/status.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

bool IsAward(EntryKind kind) {
  return kind == EntryKind::kPurchase || kind == EntryKind::kEarn || kind == EntryKind::kActivity;
}

bool IsActivity(EntryKind kind) {
  switch (kind) {
    case EntryKind::kPurchase:
    case EntryKind::kEarn:
    case EntryKind::kSpend:
    case EntryKind::kActivity:
    case EntryKind::kHold:
    case EntryKind::kCapture:
    case EntryKind::kTransferOut:
    case EntryKind::kTransferIn:
    case EntryKind::kAdjust:
    case EntryKind::kDonation:
    case EntryKind::kRedemption:
      return true;
    case EntryKind::kReversal:
    case EntryKind::kReturn:
    case EntryKind::kLabel:
    case EntryKind::kMaturity:
    case EntryKind::kRelease:
    case EntryKind::kExpiry:
    case EntryKind::kRestore:
    case EntryKind::kTier:
    case EntryKind::kFee:
    case EntryKind::kFulfillment:
    case EntryKind::kProfile:
    case EntryKind::kForfeit:
    case EntryKind::kMergeOut:
    case EntryKind::kMergeIn:
    case EntryKind::kExpiryChange:
      return false;
  }
  return false;
}

}  // namespace

int64_t Counters::Used(const std::string& name) const {
  const auto counter = counters_.find(name);
  return counter == counters_.end() ? 0 : counter->second.used;
}

void Counters::Add(const std::string& name, int64_t amount) {
  const auto counter = counters_.find(name);
  if (counter == counters_.end()) return;  // what has no end is not counted
  counter->second.used = std::max<int64_t>(0, counter->second.used + amount);
}

std::string BudgetCounter(absl::string_view rule_id) { return absl::StrCat("budget:", rule_id); }

Entry DraftOf(const Command& command, const Account& account, absl::Time now) {
  Entry entry;
  // Clocks of two replicas differ, and one clock may be set back; a member's entries still stand in order.
  entry.recorded_time = std::max(now, account.last_recorded_time);
  entry.occurred_time = command.occurred_time.value_or(entry.recorded_time);
  entry.request_id = command.request_id;
  entry.reason = command.reason;
  entry.actor = command.actor;
  entry.channel = command.channel;
  entry.location = command.location;
  return entry;
}

Entry FurtherDraftOf(const Entry& main) {
  Entry entry;
  entry.occurred_time = main.occurred_time;
  entry.order_id = main.order_id;
  entry.actor = main.actor;
  entry.cause = main.cause;
  return entry;
}

void Book::Credit(Account& account, NewLot lot, Entry& draft) {
  const int64_t sequence = account.last_sequence + 1;
  const auto part = static_cast<int32_t>(draft.lots.size());
  draft.lots.push_back(lot);
  if (lot.mature_time > now_) {
    account.pending_lots.push_back(
        {sequence, part, lot.earned_time, lot.expire_time, lot.mature_time, lot.points, 0});
    account.DueBy(lot.mature_time);
    draft.pending += lot.points;
    return;
  }
  account.lots.Add(sequence, part, lot);
  account.DueBy(lot.expire_time);
  draft.points += lot.points;
  const int64_t repaid = std::min(lot.points, account.debt + draft.debt);
  if (repaid == 0) return;
  const std::vector<LotUse> uses = {{sequence, repaid, lot.earned_time, lot.expire_time, part}};
  account.lots.Use(uses);
  draft.lot_uses.push_back(uses.front());
  draft.points -= repaid;
  draft.debt -= repaid;
}

void Book::Take(Account& account, int64_t points, const Origin& preferred, Entry& draft) {
  const std::vector<LotUse> uses = account.lots.Plan(points, preferred);
  account.lots.Use(uses);
  draft.lot_uses.insert(draft.lot_uses.end(), uses.begin(), uses.end());
  draft.points -= points;
}

int64_t Book::TakePending(Account& account, const Origin& origin, int64_t points, Entry& draft) {
  int64_t taken = 0;
  for (PendingLot& lot : account.pending_lots) {
    if (!origin.Has(lot.sequence, lot.part)) continue;
    const int64_t part = std::min(lot.points, points - taken);
    if (part == 0) continue;
    lot.points -= part;
    taken += part;
    draft.lot_uses.push_back({lot.sequence, part, lot.earned_time, lot.expire_time, lot.part});
  }
  draft.pending -= taken;
  return taken;
}

void Book::Mature(Account& account, PendingLot& lot, Entry& draft) {
  draft.pending -= lot.points;
  draft.points += lot.points;
  // As it would have been, had it never been pending: the lot itself, not a new one.
  account.lots.Use({{lot.sequence, -lot.points, lot.earned_time, lot.expire_time, lot.part}});
  account.DueBy(lot.expire_time);
  const int64_t repaid = std::min(lot.points, account.debt + draft.debt);
  if (repaid > 0) {
    const std::vector<LotUse> uses = {{lot.sequence, repaid, lot.earned_time, lot.expire_time, lot.part}};
    account.lots.Use(uses);
    draft.lot_uses.push_back(uses.front());
    draft.points -= repaid;
    draft.debt -= repaid;
  }
  lot.points = 0;
}

void Book::GiveBack(Account& account, const std::vector<LotUse>& uses, absl::Time expire_time, Entry& draft) {
  for (LotUse use : uses) {
    if (use.expire_time <= now_ && expire_time > now_) use.expire_time = expire_time;
    use.points = -use.points;
    account.lots.Use({use});
    account.DueBy(use.expire_time);
    draft.points -= use.points;
    draft.lot_uses.push_back(use);
  }
}

void Book::BringBack(Account& account, const std::vector<LotUse>& uses, absl::Time expire_time,
                     Entry& draft) {
  for (const LotUse& use : uses) {
    NewLot lot{.points = use.points,
               .earned_time = use.earned_time,
               .expire_time = use.expire_time,
               .from_sequence = use.lot_sequence,
               .from_part = use.part};
    if (lot.expire_time <= now_ && expire_time > now_) lot.expire_time = expire_time;
    account.lots.Add(account.last_sequence + 1, static_cast<int32_t>(draft.lots.size()), lot);
    account.DueBy(lot.expire_time);
    draft.points += lot.points;
    draft.lots.push_back(lot);
  }
}

const Entry& Book::Post(Account& account, Entry draft) {
  PutInOrder(draft.lot_uses);
  draft.sequence = account.last_sequence + 1;
  draft.recorded_time = std::max(now_, account.last_recorded_time);
  draft.balance_after = account.balance + draft.points;
  draft.counts_for_tier = IsAward(draft.kind) && !policies().tiers.tiers.empty();
  account.balance = draft.balance_after;
  account.pending += draft.pending;
  account.held += draft.held;
  account.debt += draft.debt;
  assert(account.balance >= 0 && account.pending >= 0 && account.held >= 0 && account.debt >= 0);
  account.last_sequence = draft.sequence;
  account.last_recorded_time = draft.recorded_time;
  account.changed = true;
  // The first entry: from now on there is something to celebrate.
  if (draft.sequence == 1 && policies().celebrations != CelebrationPolicy()) account.DueBy(now_);
  if (IsActivity(draft.kind)) {
    account.active_time = std::max(account.active_time, draft.occurred_time);
  }
  // Also if it is no activity: points that come back to somebody who was inactive for too long lapse at once.
  if (account.balance > 0) account.DueBy(LapseOfInactive(account));
  return postings_.emplace_back(Posting{account.id, {}, std::move(draft), nullptr, ""}).entry;
}

absl::Time Book::LapseOfInactive(const Account& account) const {
  if (account.active_time == absl::InfinitePast()) return absl::InfiniteFuture();
  const absl::Time lapse = InactiveTime(policies().expiry, account.active_time, program_.zone);
  const std::vector<ExpiryChange>& changes = policies().expiry_changes;
  return changes.empty() ? lapse : std::max(lapse, changes.back().time);
}

MemberState& StateOf(Account& account) {
  auto state =
      account.state ? std::make_shared<MemberState>(*account.state) : std::make_shared<MemberState>();
  MemberState& mutable_state = *state;
  account.state = std::move(state);
  account.state_changed = true;
  return mutable_state;
}

const MemberState& StateOf(const Account& account) {
  static const MemberState none;
  return account.state ? *account.state : none;
}

const MemberLabels& LabelsOf(const Account& account) {
  static const MemberLabels none;
  return account.labels ? *account.labels : none;
}

const Profile& ProfileOf(const Account& account) {
  static const Profile none;
  return account.profile ? *account.profile : none;
}

absl::Status CheckRoom(const Account& account, int64_t points) {
  // All that the account holds fits an int64 together, so that no sum of a part can overflow.
  int64_t after = account.balance + account.pending + account.held;
  if (__builtin_add_overflow(after, points, &after)) {
    return Refuse(absl::StatusCode::kOutOfRange, reason::kPointsOverflow,
                  absl::StrCat("The member has ", account.balance, " points; with ", points,
                               " more, an int64 overflows."),
                  {{"balance", absl::StrCat(account.balance)}, {"points", absl::StrCat(points)}});
  }
  return absl::OkStatus();
}

absl::Status CheckDebt(const Account& account, int64_t points) {
  int64_t after = account.debt;
  if (!__builtin_add_overflow(after, points, &after)) return absl::OkStatus();
  return Refuse(
      absl::StatusCode::kOutOfRange, reason::kPointsOverflow,
      absl::StrCat("The member owes ", account.debt, " points; with ", points, " more, an int64 overflows."),
      {{"debt", absl::StrCat(account.debt)}, {"points", absl::StrCat(points)}});
}

absl::Status CheckBalance(const Account& account, int64_t points, int64_t fee) {
  const uint64_t asked = static_cast<uint64_t>(points) + static_cast<uint64_t>(fee);  // at most 2 * INT64_MAX
  if (asked <= static_cast<uint64_t>(account.balance)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, reason::kInsufficientPoints,
                absl::StrCat("The member has ", account.balance, " points, ", asked, " were asked."),
                {{"balance", absl::StrCat(account.balance)}, {"asked", absl::StrCat(asked)}});
}

}  // namespace loyalty::points
