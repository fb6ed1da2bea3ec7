// Decisions that use points, set them aside, or give them to somebody else.
#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>

#include "common/status/status.h"
#include "services/points/domain/decisions.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

// Points that were used for the order so far, less what was given back, and those that are held for it.
int64_t UsedSoFar(const Case& scene) {
  absl::int128 used = 0;
  for (const Original* one : scene.spendings) {
    if (IsSpending(one->kind)) used += absl::int128(-one->points) - one->corrected;
    for (const Hold& hold : scene.account.holds) {
      if (one->kind == EntryKind::kHold && hold.sequence == one->own.sequence) used += hold.points;
    }
  }
  return static_cast<int64_t>(std::min<absl::int128>(used, std::numeric_limits<int64_t>::max()));
}

// Whether points may pay so much of an order, beside those that do already.
absl::Status CheckPayment(const Case& scene, int64_t points, int64_t total) {
  const SpendingPolicy& policy = scene.book.policies().spending;
  if (policy.worth_minor == 0 || total == 0) return absl::OkStatus();
  if (total < policy.minimum_order_minor) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kOrderTooSmall,
                  absl::StrCat("Points pay for orders of ", policy.minimum_order_minor,
                               " minor units and more; this one is ", total, "."),
                  {{"minimum_minor", absl::StrCat(policy.minimum_order_minor)},
                   {"order_total_minor", absl::StrCat(total)}});
  }
  const auto most = static_cast<int64_t>(absl::int128(total) * policy.largest_share_percent / 100);
  const int64_t used = UsedSoFar(scene);
  const absl::int128 worth = (absl::int128(used) + points) * policy.worth_minor / policy.points;
  if (worth <= most) return absl::OkStatus();
  return Refuse(
      absl::StatusCode::kFailedPrecondition, reason::kShareTooLarge,
      absl::StrCat("Points may pay ", most, " minor units of this order; ", points,
                   used == 0 ? " are worth more."
                             : absl::StrCat(" and the ", used, " that pay for it already are worth more.")),
      {{"most_minor", absl::StrCat(most)},
       {"points", absl::StrCat(points)},
       {"used_points", absl::StrCat(used)}});
}

absl::StatusOr<Hold*> FindHold(const Case& scene) {
  if (scene.original->kind == EntryKind::kHold) {
    for (Hold& hold : scene.account.holds) {
      if (hold.sequence == scene.original->own.sequence && hold.points > 0) return &hold;
    }
  }
  return Refuse(absl::StatusCode::kFailedPrecondition, reason::kHoldNotOpen,
                "The hold was captured or released, its time is over, or it is no hold.",
                {{"request_id", scene.original->request_id}});
}

// The fee for a transfer, which the sender pays beside it: rounded up.
int64_t FeeOf(const TransferPolicy& policy, int64_t points) {
  return static_cast<int64_t>((absl::int128(points) * policy.fee_percent + 99) / 100);
}

absl::Status LimitExceeded(absl::string_view what, int64_t most, int64_t asked) {
  return Refuse(absl::StatusCode::kFailedPrecondition, reason::kTransferLimit,
                absl::StrCat("A member can send ", most, " points ", what, ", ", asked, " were asked."),
                {{"most", absl::StrCat(most)}, {"asked", absl::StrCat(asked)}});
}

absl::Status CheckTransfer(const Case& scene, const TransferPoints& transfer, int64_t sent_today) {
  const TransferPolicy& policy = scene.book.policies().transfers;
  if (!policy.allowed) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kTransfersNotAllowed,
                  "The program does not allow transfers: its policy says so.");
  }
  if (policy.most_points > 0 && transfer.points > policy.most_points) {
    return LimitExceeded("at a time", policy.most_points, transfer.points);
  }
  if (policy.most_points_day > 0 && transfer.points > policy.most_points_day - sent_today) {
    return LimitExceeded("more today", std::max<int64_t>(0, policy.most_points_day - sent_today),
                         transfer.points);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Entry> Decide(const Case& scene, const Spend& spend) {
  LOYALTY_RETURN_IF_ERROR(CheckBalance(scene.account, spend.points));
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  LOYALTY_RETURN_IF_ERROR(CheckPayment(scene, spend.points, spend.order_total_minor));
  const SpendingPolicy& policy = scene.book.policies().spending;
  if (policy.worth_minor > 0 && spend.order_total_minor > 0) {  // at most the order's total
    draft.paid_minor = static_cast<int64_t>(absl::int128(spend.points) * policy.worth_minor / policy.points);
  }
  draft.kind = EntryKind::kSpend;
  draft.order_id = spend.order_id;
  scene.book.Take(scene.account, spend.points, 0, draft);
  return scene.book.Post(scene.account, std::move(draft));
}

absl::StatusOr<Entry> Decide(const Case& scene, const Adjust& adjust) {
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.kind = EntryKind::kAdjust;
  if (adjust.points > 0) {
    LOYALTY_RETURN_IF_ERROR(CheckRoom(scene.account, adjust.points));
    scene.book.Credit(scene.account,
                      {.points = adjust.points,
                       .earned_time = draft.occurred_time,
                       .expire_time = scene.book.ExpiryOf(draft.occurred_time)},
                      draft);
  } else {
    LOYALTY_RETURN_IF_ERROR(CheckBalance(scene.account, -adjust.points));
    scene.book.Take(scene.account, -adjust.points, 0, draft);
  }
  return scene.book.Post(scene.account, std::move(draft));
}

absl::StatusOr<Entry> Decide(const Case& scene, const ReservePoints& reserve) {
  LOYALTY_RETURN_IF_ERROR(CheckBalance(scene.account, reserve.points));
  LOYALTY_RETURN_IF_ERROR(CheckPayment(scene, reserve.points, reserve.order_total_minor));
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.kind = EntryKind::kHold;
  draft.order_id = reserve.order_id;
  draft.hold_until = scene.book.now() + reserve.time_to_live;
  draft.held = reserve.points;
  scene.book.Take(scene.account, reserve.points, 0, draft);
  const Entry main = scene.book.Post(scene.account, std::move(draft));
  scene.account.holds.push_back({main.sequence, main.hold_until, reserve.points, main.lot_uses, false});
  scene.account.DueBy(main.hold_until);
  return main;
}

absl::StatusOr<Entry> Decide(const Case& scene, const CapturePoints& capture) {
  const absl::StatusOr<Hold*> found = FindHold(scene);
  LOYALTY_RETURN_IF_ERROR(found.status());
  Hold& hold = **found;
  if (capture.points > hold.points) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kCaptureExceedsHold,
                  absl::StrCat("The hold has ", hold.points, " points, ", capture.points, " were asked."),
                  {{"held", absl::StrCat(hold.points)}, {"asked", absl::StrCat(capture.points)}});
  }
  const int64_t captured = capture.points == 0 ? hold.points : capture.points;
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.kind = EntryKind::kCapture;
  draft.order_id = scene.original->order_id;
  draft.corrected_sequence = hold.sequence;
  draft.held = -hold.points;
  scene.book.GiveBack(scene.account, LastOf(hold.uses, hold.points - captured), absl::InfinitePast(), draft);
  hold.points = 0;
  return scene.book.Post(scene.account, std::move(draft));
}

absl::StatusOr<Entry> Decide(const Case& scene, const ReleasePoints&) {
  const absl::StatusOr<Hold*> found = FindHold(scene);
  LOYALTY_RETURN_IF_ERROR(found.status());
  Hold& hold = **found;
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.kind = EntryKind::kRelease;
  draft.order_id = scene.original->order_id;
  draft.corrected_sequence = hold.sequence;
  draft.held = -hold.points;
  scene.book.GiveBack(scene.account, hold.uses, absl::InfinitePast(), draft);
  hold.points = 0;
  return scene.book.Post(scene.account, std::move(draft));
}

absl::StatusOr<Entry> Decide(const Case& scene, const TransferPoints& transfer) {
  Book& book = scene.book;
  Account* receiver = scene.of(transfer.to_member_id);
  if (receiver == nullptr || receiver == &scene.account) {
    return Refuse(absl::StatusCode::kNotFound, reason::kMemberNotFound,
                  "There is no other member to send points to under this id.",
                  {{"program_id", book.program().id}, {"member_id", transfer.to_member_id}});
  }
  const absl::CivilDay today = book.LocalDayOf(book.now());
  const int64_t sent =
      StateOf(std::as_const(scene.account)).uses.Used(kTransferUse, LimitWindow::kDay, today);
  LOYALTY_RETURN_IF_ERROR(CheckTransfer(scene, transfer, sent));
  const int64_t fee = FeeOf(book.policies().transfers, transfer.points);
  LOYALTY_RETURN_IF_ERROR(CheckBalance(scene.account, transfer.points, fee));
  LOYALTY_RETURN_IF_ERROR(CheckRoom(*receiver, transfer.points));

  Entry out = DraftOf(scene.command, scene.account, book.now());
  out.kind = EntryKind::kTransferOut;
  out.counterpart = Counterpart{receiver->id, receiver->last_sequence + 1};
  book.Take(scene.account, transfer.points, 0, out);
  const Entry main = book.Post(scene.account, std::move(out));
  if (book.policies().transfers.most_points_day > 0) {
    StateOf(scene.account).uses.Add(kTransferUse, LimitWindow::kDay, today, transfer.points);
  }

  Entry in = FurtherDraftOf(main);
  in.kind = EntryKind::kTransferIn;
  in.reason = main.reason;
  in.counterpart = Counterpart{scene.account.id, main.sequence};
  for (const LotUse& use : main.lot_uses) {
    book.Credit(*receiver, {use.points, use.earned_time, use.expire_time, absl::InfinitePast()}, in);
  }
  book.Post(*receiver, std::move(in));
  if (fee > 0) {
    Entry paid = FurtherDraftOf(main);
    paid.kind = EntryKind::kFee;
    paid.corrected_sequence = main.sequence;
    book.Take(scene.account, fee, 0, paid);
    book.Post(scene.account, std::move(paid));
  }
  return main;
}

}  // namespace loyalty::points
