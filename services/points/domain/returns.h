// What is taken back of an entry, and given back: of an order by its returns, of an award or a spending by
// its reversals.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "services/points/domain/earn_rule.h"
#include "services/points/domain/entry.h"
#include "services/points/domain/lots.h"

namespace loyalty::points {

// A lot as it was in an account that was merged into another.
struct FormerLot {
  int64_t account_id = 0;
  int64_t sequence = 0;
  int32_t part = 0;
  bool operator==(const FormerLot&) const = default;
};

// An entry that commands correct, and what was done about it so far.
struct Original {
  int64_t account_id = 0;  // whose points are concerned
  int64_t home_id = 0;     // the account that it stands on, if that was merged into `account_id`; otherwise 0
  std::string member_id;   // of account_id
  int64_t sequence = 0;
  EntryKind kind = EntryKind::kEarn;
  int64_t points = 0;  // what it brought in, pending points too; below zero: what it took
  absl::Time occurred_time, recorded_time;
  bool counts_for_tier = false;
  std::string request_id;
  std::string order_id;
  std::string cause;
  // What was taken back of it, or given back: points, so far.
  int64_t corrected = 0;
  std::vector<NewLot> lots;       // that it brought in
  Origin own;                     // what they are in account_id; of a hold, the entry by which that has it
  std::vector<FormerLot> former;  // what they became in accounts that were merged since
  // Of a spending: the lots that paid, less what was given back, in the order of use.
  std::vector<LotUse> uses;
  // Of a purchase.
  int64_t total_minor = 0;
  std::vector<PurchaseLine> lines;
  std::vector<Award> awards;                 // also of another deed; empty: the base rate gave all
  RuleLimits limits;                         // of the rules that gave these, as they were then
  bool returned = false;                     // so far, if only in part
  int64_t returned_minor = 0;                // so far
  std::vector<int64_t> returned_quantities;  // of each line, so far; empty: none

  // The account and the sequence under which the entry stands.
  std::pair<int64_t, int64_t> place() const { return {home_id == 0 ? account_id : home_id, sequence}; }
  // Whether that lot of an account that was merged was the entry's.
  bool Had(const FormerLot& lot) const;
};

// What a return makes of an order.
struct ReturnStep {
  int64_t points = 0;               // that should go now; the member may have less
  int64_t returned_minor = 0;       // of the order, by it
  std::vector<ReturnedLine> lines;  // by it, if it is by lines, or of an order of total 0
  bool whole = false;               // nothing of the order is left, since this step
  int64_t undone_points = 0;        // what goes of the order's points with it, whoever pays
  std::vector<Award> undone;        // and of each award, by its own shares of the lines
  Original after;                   // the order then, but for what is taken back
};

// In all its returns, of an order go: of each line, floor(its share of the awards × its returned pieces ÷ all
// its pieces); of amounts, floor(points × returned amounts ÷ total); and all points when all is given back.
// What an earlier return could not take is asked again.
//
// `amount_minor` 0 and no lines: all that is left. An order of total 0 is given back by lines only, or as a
// whole; one without lines only if it is `cancelled`. FAILED_PRECONDITION, reason RETURN_EXCEEDS_ORDER, if
// less is left, or nothing; INVALID_ARGUMENT if a line is not there.
absl::StatusOr<ReturnStep> StepOfReturn(const Original& order, int64_t amount_minor,
                                        const std::vector<ReturnedLine>& lines, bool cancelled = false);

// What a reversal undoes of each award of an entry, of whose points `before` had gone and `after` have: in
// proportion, floored, the rest with the last.
std::vector<Award> Undone(const Original& original, int64_t before, int64_t after);

// Of a spending for an order, the points that should have come back when the order is given back so far.
int64_t GivenBackInAll(const Original& spending, const Original& order_after, bool whole);

// Which uses give `points` back: what was used last comes back first. In the order of use.
std::vector<LotUse> LastOf(const std::vector<LotUse>& uses, int64_t points);
// Takes such a part from the uses.
void Subtract(std::vector<LotUse>& uses, const std::vector<LotUse>& part);

// The points that a reversal of an award should take, or one of a spending should give back: 0 asks for all
// that was not reversed. FAILED_PRECONDITION: reason ENTRY_NOT_REVERSIBLE, if it is neither;
// REVERSAL_EXCEEDS_ENTRY, if less is left, or nothing.
absl::StatusOr<int64_t> PointsOfReversal(const Original& original, int64_t points);

// True for entries that used points, and can give them back.
bool IsSpending(EntryKind kind);

}  // namespace loyalty::points
