// Decisions that correct what was decided before.
#include <algorithm>

#include "common/calendar/calendar.h"
#include "common/status/status.h"
#include "services/points/domain/decisions.h"

namespace loyalty::points {
namespace {

// Takes back what is due: the order's pending points, the lots of the entry, and then what the policy allows.
absl::Status TakeBack(const Case& scene, int64_t due, Entry& draft) {
  const Origin& from = scene.original->own;
  Name(*scene.original, draft);
  int64_t left = due - scene.book.TakePending(scene.account, from, due, draft);
  const ReturnPolicy policy = scene.book.policies().returns;
  const int64_t own = std::min(scene.account.lots.LeftOf(from), scene.account.balance);
  const int64_t reach = policy == ReturnPolicy::kPendingOnly ? own : scene.account.balance;
  const int64_t taken = std::min(left, reach);
  scene.book.Take(scene.account, taken, from, draft);
  left -= taken;
  if (policy == ReturnPolicy::kAllowNegative) {
    LOYALTY_RETURN_IF_ERROR(CheckDebt(scene.account, left));
    draft.debt += left;
  } else {
    draft.shortfall = left;
  }
  return absl::OkStatus();
}

// Who has left has no use for points that come back.
void GiveUp(const Case& scene, const Entry& restored) {
  if (!scene.account.IsClosed() || scene.book.policies().closure == ClosurePolicy::kKeep) return;
  Entry draft = FurtherDraftOf(restored);
  draft.kind = EntryKind::kForfeit;
  draft.points = -restored.points;
  for (LotUse use : restored.lot_uses) {
    use.points = -use.points;
    draft.lot_uses.push_back(use);
  }
  for (size_t i = 0; i < restored.lots.size(); ++i) {
    const NewLot& lot = restored.lots[i];
    draft.lot_uses.push_back(
        {restored.sequence, lot.points, lot.earned_time, lot.expire_time, static_cast<int32_t>(i)});
  }
  scene.account.lots.Use(draft.lot_uses);
  scene.book.Post(scene.account, std::move(draft));
}

// What was spent on an order comes back with it.
absl::Status GiveBackSpent(const Case& scene, const ReturnStep& step, const Entry& draft) {
  for (Original* spending : scene.spendings) {
    const int64_t points = GivenBackInAll(*spending, step.after, step.whole) - spending->corrected;
    if (points <= 0) continue;
    LOYALTY_RETURN_IF_ERROR(CheckRoom(scene.account, points));
    GiveBack(scene, *spending, points, FurtherDraftOf(draft));
    scene.settle();  // what comes back expired is nothing that could be taken
  }
  return absl::OkStatus();
}

// Undoes a part of an order, or all of it. Points that come back come first: the order's award may be taken
// back from them.
absl::StatusOr<Entry> Return(const Case& scene, const ReturnStep& step, Entry draft) {
  Original& order = *scene.original;
  draft.kind = EntryKind::kReturn;
  draft.order_id = order.order_id;
  draft.returned_minor = step.returned_minor;
  draft.returned_lines = step.lines;
  LOYALTY_RETURN_IF_ERROR(GiveBackSpent(scene, step, draft));
  LOYALTY_RETURN_IF_ERROR(TakeBack(scene, step.points, draft));
  order.returned = true;
  order.returned_minor = step.after.returned_minor;
  order.returned_quantities = step.after.returned_quantities;
  if (step.whole) --scene.account.purchases;
  CountAwards(scene.book, order.limits, step.undone, order.occurred_time, -1, scene.account);
  const Entry main = scene.book.Post(scene.account, std::move(draft));
  order.corrected -= main.Net();
  const Progress progress{step.undone_points, step.returned_minor, step.whole ? 1 : 0};
  UncountForTier(scene.book, scene.account, progress, order, main);
  return main;
}

}  // namespace

void Name(const Original& corrected, Entry& draft) {
  draft.corrected_sequence = corrected.sequence;
  draft.corrected_account = corrected.home_id;
}

Entry GiveBack(const Case& scene, Original& spending, int64_t points, Entry draft) {
  const std::vector<LotUse> uses = LastOf(spending.uses, points);
  Subtract(spending.uses, uses);
  spending.corrected += points;
  draft.kind = EntryKind::kRestore;
  Name(spending, draft);
  const Book& book = scene.book;
  const int32_t days = book.policies().spending.grace_days;
  const absl::Time grace = days == 0
                               ? absl::InfinitePast()
                               : StartOfDay(book.LocalDayOf(book.now()) + days + 1, book.program().zone);
  if (spending.home_id == 0) {
    scene.book.GiveBack(scene.account, uses, grace, draft);
  } else {
    scene.book.BringBack(scene.account, uses, grace, draft);
  }
  Entry restored = scene.book.Post(scene.account, std::move(draft));
  GiveUp(scene, restored);
  return restored;
}

absl::StatusOr<Entry> Decide(const Case& scene, const RecordReturn& record) {
  const absl::StatusOr<ReturnStep> step = StepOfReturn(*scene.original, record.amount_minor, record.lines);
  LOYALTY_RETURN_IF_ERROR(step.status());
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.return_id = record.return_id;
  return Return(scene, *step, std::move(draft));
}

absl::StatusOr<Entry> Decide(const Case& scene, const CancelPurchase&) {
  const absl::StatusOr<ReturnStep> step = StepOfReturn(*scene.original, 0, {}, /*cancelled=*/true);
  LOYALTY_RETURN_IF_ERROR(step.status());
  return Return(scene, *step, DraftOf(scene.command, scene.account, scene.book.now()));
}

absl::StatusOr<Entry> Decide(const Case& scene, const ConfirmPurchase&) {
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.kind = EntryKind::kMaturity;
  draft.order_id = scene.original->order_id;
  Name(*scene.original, draft);
  for (PendingLot& lot : scene.account.pending_lots) {
    if (scene.original->own.Has(lot.sequence, lot.part) && lot.points > 0) {
      scene.book.Mature(scene.account, lot, draft);
    }
  }
  return scene.book.Post(scene.account, std::move(draft));
}

absl::StatusOr<Entry> Decide(const Case& scene, const ReverseEntry& reverse) {
  Original& original = *scene.original;
  const absl::StatusOr<int64_t> points = PointsOfReversal(original, reverse.points);
  LOYALTY_RETURN_IF_ERROR(points.status());
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.cause = original.cause;
  if (IsSpending(original.kind)) {
    LOYALTY_RETURN_IF_ERROR(CheckRoom(scene.account, *points));
    draft.order_id = original.order_id;
    return GiveBack(scene, original, *points, std::move(draft));
  }
  draft.kind = EntryKind::kReversal;
  LOYALTY_RETURN_IF_ERROR(TakeBack(scene, *points, draft));
  const Entry main = scene.book.Post(scene.account, std::move(draft));
  const int64_t before = original.corrected;
  original.corrected -= main.Net();
  // Not what was asked: what could not be taken may be asked again.
  CountAwards(scene.book, original.limits, Undone(original, before, original.corrected),
              original.occurred_time, -1, scene.account);
  UncountForTier(scene.book, scene.account, {.points = -main.Net()}, original, main);
  return main;
}

}  // namespace loyalty::points
