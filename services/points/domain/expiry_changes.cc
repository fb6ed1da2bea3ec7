#include "services/points/domain/expiry_changes.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "common/calendar/calendar.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

void AddTo(int64_t& sum, int64_t points) {
  if (__builtin_add_overflow(sum, points, &sum)) sum = std::numeric_limits<int64_t>::max();
}

}  // namespace

absl::Time NextExpiryChange(const Program& program, const Account& account) {
  const auto index = static_cast<size_t>(StateOf(account).expiry_changes);
  const std::vector<ExpiryChange>& changes = program.policies.expiry_changes;
  return index < changes.size() ? changes[index].time : absl::InfiniteFuture();
}

bool ConcernsAllLots(const Program& program, const Account& account, absl::Time now) {
  return program.policies.expiry.kind == ExpiryKind::kInactivity || NextExpiryChange(program, account) <= now;
}

void ChangeExpiry(Book& book, Account& account) {
  const auto index = static_cast<size_t>(StateOf(account).expiry_changes++);
  const ExpiryChange& change = book.policies().expiry_changes[index];
  account.changed = true;
  Entry draft;
  draft.kind = EntryKind::kExpiryChange;
  draft.occurred_time = change.time;
  const auto moves = [&](const LotUse& use, absl::Time mature_time) {
    const absl::Time expire_time =
        std::max(ExpireTime(change.policy, use.earned_time, book.program().zone), change.time);
    if (expire_time == use.expire_time) return false;
    draft.lot_uses.push_back(use);
    draft.lots.push_back({use.points, use.earned_time, expire_time, mature_time, use.lot_sequence, use.part});
    return true;
  };
  for (const LotUse& use : account.lots.Plan(account.balance)) moves(use, absl::InfinitePast());
  account.lots.Use(draft.lot_uses);
  const size_t open = draft.lots.size();
  for (PendingLot& lot : account.pending_lots) {
    if (lot.points == 0) continue;
    const LotUse use{lot.sequence, lot.points, lot.earned_time, lot.expire_time, lot.part};
    if (moves(use, lot.mature_time)) lot.points = 0;
  }
  if (draft.lots.empty()) return;
  const int64_t sequence = account.last_sequence + 1;
  for (size_t i = 0; i < draft.lots.size(); ++i) {
    const NewLot& lot = draft.lots[i];
    const auto part = static_cast<int32_t>(i);
    if (i < open) {
      account.lots.Add(sequence, part, lot);
    } else {
      account.pending_lots.push_back(
          {sequence, part, lot.earned_time, lot.expire_time, lot.mature_time, lot.points, 0});
    }
  }
  book.Post(account, std::move(draft));
}

absl::Status ApplyExpiryToExisting(absl::Time now, Program& program) {
  std::vector<ExpiryChange>& changes = program.policies.expiry_changes;
  if (changes.size() >= kMaxExpiryChanges) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kTooManyExpiryChanges,
                  absl::StrCat("The expiry policy was applied to existing points ", kMaxExpiryChanges,
                               " times already. Change it for new points only."),
                  {{"limit", absl::StrCat(kMaxExpiryChanges)}});
  }
  changes.push_back({now, program.policies.expiry});
  return absl::OkStatus();
}

void ExpiryPreview::Add(const Points& points) {
  const absl::Time before = std::max(points.expire_time, points.mature_time);
  const absl::Time policy_says = ExpireTime(policy_, StartOfDay(points.earned, zone_), zone_);
  const absl::Time then = points.inactive ? now_ : std::max({policy_says, points.mature_time, now_});
  const auto month_of = [&](absl::Time time) {
    return absl::CivilMonth(absl::ToCivilDay(time - absl::Microseconds(1), zone_));
  };
  if (then != before) AddTo(changed_, points.points);
  if (before != absl::InfiniteFuture()) AddTo(months_[month_of(before)].points_before, points.points);
  if (then == now_) {
    AddTo(lapsing_, points.points);
  } else if (then != absl::InfiniteFuture()) {
    AddTo(months_[month_of(then)].points_after, points.points);
  }
}

}  // namespace loyalty::points
