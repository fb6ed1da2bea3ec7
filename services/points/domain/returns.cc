#include "services/points/domain/returns.h"

#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/status/status.h"
#include "services/points/domain/allocation.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

int64_t Fraction(int64_t value, int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<int64_t>(absl::int128(value) * part / whole);
}

int64_t Returned(const Original& order, size_t line) {
  return line < order.returned_quantities.size() ? order.returned_quantities[line] : 0;
}

// What the lines that were given back had cost.
int64_t MinorOfLines(const Original& order) {
  int64_t minor = 0;
  for (size_t i = 0; i < order.lines.size(); ++i) {
    minor += Fraction(order.lines[i].amount_minor, Returned(order, i), order.lines[i].quantity);
  }
  return minor;
}

// Nothing of the order is left: its total was given back by amount, or all its pieces were, those that cost
// nothing too.
bool IsWhole(const Original& order) {
  if (order.returned_minor < order.total_minor) return false;
  if (order.returned_minor > MinorOfLines(order)) return true;
  for (size_t i = 0; i < order.lines.size(); ++i) {
    if (Returned(order, i) < order.lines[i].quantity) return false;
  }
  return order.returned || !order.lines.empty();
}

// The award's share of each line, also where it was not stored: with one line, or if the base rate gave all.
std::vector<int64_t> SharesOf(const Original& order, const Award& award) {
  if (!award.lines.empty() || order.lines.empty()) return award.lines;
  std::vector<int64_t> amounts;
  for (const PurchaseLine& line : order.lines) amounts.push_back(line.amount_minor);
  return Allocate(award.points, amounts);
}

std::vector<Award> AwardsOf(const Original& order) {
  if (!order.awards.empty()) return order.awards;
  return {Award{.rule_id = kBaseRule, .points = order.points}};
}

// The points that go with what was given back so far, whoever pays.
int64_t UndoneInAll(const Original& order) {
  if (IsWhole(order)) return order.points;
  std::vector<int64_t> shares(order.lines.size(), 0);
  for (const Award& award : AwardsOf(order)) {
    const std::vector<int64_t> of_award = SharesOf(order, award);
    for (size_t i = 0; i < shares.size(); ++i) shares[i] += of_award[i];
  }
  absl::int128 undone = Fraction(order.points, order.returned_minor - MinorOfLines(order), order.total_minor);
  for (size_t i = 0; i < shares.size(); ++i) {
    undone += Fraction(shares[i], Returned(order, i), order.lines[i].quantity);
  }
  return static_cast<int64_t>(std::min<absl::int128>(undone, order.points));
}

// The points of one award that go with what was given back so far: as of the order's, but floored alone.
int64_t UndoneOf(const Original& order, const Award& award) {
  if (IsWhole(order)) return award.points;
  const std::vector<int64_t> shares = SharesOf(order, award);
  absl::int128 undone = Fraction(award.points, order.returned_minor - MinorOfLines(order), order.total_minor);
  for (size_t i = 0; i < shares.size(); ++i) {
    undone += Fraction(shares[i], Returned(order, i), order.lines[i].quantity);
  }
  return static_cast<int64_t>(std::min<absl::int128>(undone, award.points));
}

absl::Status Exceeds(const Original& order, int64_t asked_minor) {
  const int64_t left = order.total_minor - order.returned_minor;
  return Refuse(
      absl::StatusCode::kFailedPrecondition, reason::kReturnExceedsOrder,
      absl::StrCat("Of the order ", order.order_id, ", ", left, " minor units can still be given back, ",
                   asked_minor == 0 ? "which is nothing" : absl::StrCat(asked_minor, " were asked"), "."),
      {{"left_minor", absl::StrCat(left)}, {"asked_minor", absl::StrCat(asked_minor)}});
}

absl::Status AddLines(const std::vector<ReturnedLine>& lines, Original& order) {
  order.returned_quantities.resize(order.lines.size(), 0);
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto line = static_cast<size_t>(lines[i].line);
    if (line >= order.lines.size()) {
      Violations violations;
      violations.Add(absl::StrCat("lines[", i, "].line"), reason::kTooLarge,
                     absl::StrCat("is ", lines[i].line, ", the order has ", order.lines.size(), " lines."),
                     {{"value", absl::StrCat(lines[i].line)}, {"limit", absl::StrCat(order.lines.size())}});
      return violations.ToStatus();
    }
    const int64_t left = order.lines[line].quantity - order.returned_quantities[line];
    if (lines[i].quantity > left) {
      return Refuse(absl::StatusCode::kFailedPrecondition, reason::kReturnExceedsOrder,
                    absl::StrCat("Of line ", lines[i].line, " of the order ", order.order_id, ", ", left,
                                 " pieces can still be given back, ", lines[i].quantity, " were asked."),
                    {{"line", absl::StrCat(lines[i].line)},
                     {"left", absl::StrCat(left)},
                     {"asked", absl::StrCat(lines[i].quantity)}});
    }
    order.returned_quantities[line] += lines[i].quantity;
  }
  return absl::OkStatus();
}

}  // namespace

bool Original::Had(const FormerLot& lot) const {
  const bool at_home = place() == std::pair(lot.account_id, lot.sequence);
  return at_home || std::find(former.begin(), former.end(), lot) != former.end();
}

absl::StatusOr<ReturnStep> StepOfReturn(const Original& order, int64_t amount_minor,
                                        const std::vector<ReturnedLine>& lines, bool cancelled) {
  ReturnStep step{.after = order};
  const int64_t left = order.total_minor - order.returned_minor;
  if (!lines.empty()) {
    const int64_t lines_before = MinorOfLines(order);
    LOYALTY_RETURN_IF_ERROR(AddLines(lines, step.after));
    step.lines = lines;
    step.returned_minor = MinorOfLines(step.after) - lines_before;
  } else {
    if (amount_minor > left) return Exceeds(order, amount_minor);
    const bool nothing = order.lines.empty() && !cancelled;
    if (left == 0 && (nothing || IsWhole(order))) return Exceeds(order, amount_minor);
    step.returned_minor = amount_minor == 0 ? left : amount_minor;
    if (left == 0) {  // the rest is pieces that cost nothing
      for (size_t i = 0; i < order.lines.size(); ++i) {
        const int64_t pieces = order.lines[i].quantity - Returned(order, i);
        if (pieces > 0) step.lines.push_back({static_cast<int64_t>(i), pieces});
      }
      LOYALTY_RETURN_IF_ERROR(AddLines(step.lines, step.after));
    }
  }
  if (step.returned_minor > left) return Exceeds(order, step.returned_minor);
  step.after.returned = true;
  step.after.returned_minor += step.returned_minor;
  step.whole = IsWhole(step.after) && !IsWhole(order);
  const int64_t in_all = UndoneInAll(step.after);
  step.undone_points = in_all - UndoneInAll(order);
  for (Award& award : step.undone = AwardsOf(order)) {
    award.points = UndoneOf(step.after, award) - UndoneOf(order, award);
    award.lines.clear();
  }
  step.points = std::max<int64_t>(0, in_all - order.corrected);
  return step;
}

std::vector<Award> Undone(const Original& original, int64_t before, int64_t after) {
  std::vector<Award> undone = AwardsOf(original);
  for (Award& award : undone) {
    award.points =
        Fraction(award.points, after, original.points) - Fraction(award.points, before, original.points);
    award.lines.clear();
  }
  return undone;
}

int64_t GivenBackInAll(const Original& spending, const Original& order_after, bool whole) {
  if (whole) return -spending.points;
  return Fraction(-spending.points, order_after.returned_minor, order_after.total_minor);
}

std::vector<LotUse> LastOf(const std::vector<LotUse>& uses, int64_t points) {
  std::vector<LotUse> last;
  for (auto use = uses.rbegin(); use != uses.rend() && points > 0; ++use) {
    if (use->points == 0) continue;
    last.push_back(*use);
    last.back().points = std::min(use->points, points);
    points -= last.back().points;
  }
  std::reverse(last.begin(), last.end());
  return last;
}

void Subtract(std::vector<LotUse>& uses, const std::vector<LotUse>& part) {
  for (const LotUse& one : part) {
    // A lot that came back with a grace may stand there twice; what was used last goes first, as in LastOf.
    int64_t left = one.points;
    for (auto use = uses.rbegin(); use != uses.rend() && left > 0; ++use) {
      if (use->lot_sequence != one.lot_sequence || use->part != one.part) continue;
      const int64_t gone = std::min(left, use->points);
      use->points -= gone;
      left -= gone;
    }
  }
}

absl::StatusOr<int64_t> PointsOfReversal(const Original& original, int64_t points) {
  const bool award = original.kind == EntryKind::kEarn || original.kind == EntryKind::kActivity;
  if (!award && !IsSpending(original.kind)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kEntryNotReversible,
                  "Only an award (of Earn or RecordActivity) or a spending (of Spend or CapturePoints) can "
                  "be reversed.",
                  {{"request_id", original.request_id}});
  }
  const int64_t left = (award ? original.points : -original.points) - original.corrected;
  if (points > left || left == 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kReversalExceedsEntry,
                  absl::StrCat("Of the entry, ", left, " points can still be reversed, ",
                               points == 0 ? "which is nothing" : absl::StrCat(points, " were asked"), "."),
                  {{"left", absl::StrCat(left)}, {"asked", absl::StrCat(points)}});
  }
  return points == 0 ? left : points;
}

bool IsSpending(EntryKind kind) { return kind == EntryKind::kSpend || kind == EntryKind::kCapture; }

}  // namespace loyalty::points
