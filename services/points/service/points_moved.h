// Counts the points that the ledger moves, by program and kind: loyalty_points_moved_total.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/synchronization/mutex.h>

#include <array>
#include <deque>
#include <optional>
#include <string>

#include "common/metrics/metrics.h"
#include "services/points/domain/ledger.h"

namespace loyalty::points {

class PointsMoved {
 public:
  explicit PointsMoved(metrics::Registry& registry);

  // What a batch that has committed posted. A batch whose commit was in doubt and that is found in the ledger
  // afterwards posts nothing any more, so it is not counted: the exact sums are VerifyLedger's.
  void Count(const std::string& program_id, const std::deque<Posting>& postings);

 private:
  // As in LedgerReport, but that donations are told apart from what members earn.
  enum Kind {
    kIssued,
    kRedeemed,
    kAdjustedUp,
    kAdjustedDown,
    kReversed,
    kClawedBack,
    kExpired,
    kRestored,
    kTransferredIn,
    kTransferredOut,
    kFees,
    kDonated,
    kForfeited,
    kKinds
  };
  using Totals = std::array<metrics::Counter*, kKinds>;

  // Nothing, for entries that bring nothing in and take nothing out.
  static std::optional<Kind> KindOf(const Entry& entry);
  Totals& Of(const std::string& program_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  metrics::Family<metrics::Counter>& family_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Totals> programs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace loyalty::points
