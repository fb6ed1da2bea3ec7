// What is taken back of an entry: of an order by its returns, of an award by its reversals.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>

#include "services/points/domain/command.h"

namespace loyalty::points {

// An entry that commands take back from, and what was taken back of it so far.
struct Original {
  int64_t account_id = 0;
  std::string member_id;
  int64_t sequence = 0;
  EntryKind kind = EntryKind::kEarn;
  int64_t points = 0;  // what it brought; below zero only of a kind that nothing is taken back from
  std::string request_id;
  std::string order_id;
  std::string cause;
  int64_t total_minor = 0;     // of a purchase
  int64_t returned_minor = 0;  // of it, so far
  int64_t taken_back = 0;      // points, so far; at most `points`
};

// The points that should go; the member may have less.
struct Due {
  int64_t points = 0;
  int64_t returned_minor = 0;  // of a return: what is given back by it
};

// In all its returns, floor(points × returned so far ÷ total) is taken back of an order, and all of it when
// all is given back. What an earlier return could not take is asked again. `amount_minor` 0: all that is
// left. FAILED_PRECONDITION, reason RETURN_EXCEEDS_ORDER, if less is left, or nothing.
absl::StatusOr<Due> DueByReturn(const Original& order, int64_t amount_minor);

// `points` 0: all that was not taken back. FAILED_PRECONDITION: reason ENTRY_NOT_REVERSIBLE, if it is no
// award; REVERSAL_EXCEEDS_ENTRY, if less is left, or nothing.
absl::StatusOr<Due> DueByReversal(const Original& award, int64_t points);

}  // namespace loyalty::points
