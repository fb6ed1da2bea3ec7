// Counts the points that the ledger moves, by program and kind: loyalty_points_moved_total.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <absl/synchronization/mutex.h>

#include <array>
#include <span>
#include <string>

#include "common/metrics/metrics.h"
#include "services/points/domain/command.h"

namespace loyalty::points {

class PointsMoved {
 public:
  explicit PointsMoved(metrics::Registry& registry);

  // What a batch that has committed posted, the answers in the order of the commands. Replays, refusals and
  // what was only validated move nothing. A batch whose commit was in doubt and that is found in the ledger
  // afterwards is all replays, so it is not counted: the exact sums are VerifyLedger's.
  void Count(const std::string& program_id, std::span<const Command> commands,
             std::span<const absl::StatusOr<Receipt>> answers);

 private:
  // As in LedgerReport.
  enum Kind { kIssued, kRedeemed, kAdjustedUp, kAdjustedDown, kReversed, kClawedBack, kKinds };
  using Counters = std::array<metrics::Counter*, kKinds>;

  static Kind KindOf(const Entry& entry);
  Counters& Of(const std::string& program_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  metrics::Family<metrics::Counter>& family_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Counters> programs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace loyalty::points
