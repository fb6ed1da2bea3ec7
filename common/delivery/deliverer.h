// Sends what a service owes to points: claims deliveries, calls points for all of them at once, and records
// what became of them. A process that dies in between has only claimed: after a minute somebody tries again,
// under the same request id, so that points does it once.
#pragma once

#include <absl/status/statusor.h>
#include <absl/synchronization/mutex.h>
#include <absl/time/time.h>

#include <memory>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/delivery/points_calls.h"
#include "common/metrics/metrics.h"
#include "common/postgres/pool.h"
#include "common/work/deliveries.h"
#include "common/work/work.h"

namespace loyalty::delivery {

// The points service will never do this, whenever it is asked: INVALID_ARGUMENT, OUT_OF_RANGE,
// FAILED_PRECONDITION, a member or program that it does not know, a request id that was used for something
// else.
bool IsRefusal(const absl::Status& status);

// How long to wait after so many attempts: 1 s, doubled each time, at most 5 min; of that, `fraction` in [0,
// 1) decides between a half and all, so that those who failed together do not come back together.
absl::Duration Backoff(int attempts, double fraction);

class Deliverer {
 public:
  // `clock`: real time, also for programs with test clocks.
  Deliverer(postgres::Pool& pool, work::Runner& runner, Clock& clock, std::unique_ptr<PointsCalls> calls,
            metrics::Registry& registry);

  // Tries up to 100 deliveries whose time has come. Returns how many ended. While points is away it does
  // nothing for a while.
  absl::StatusOr<int64_t> RunOnce();
  // Tries everything that is pending in a program, now. Returns how many ended. An error if one will have to
  // be tried again.
  absl::StatusOr<int64_t> Drain(const std::string& program_id);
  // Sets the gauges of what is pending.
  absl::Status Measure();

 private:
  struct Batch {
    int64_t ended = 0;
    absl::Status failure;  // of one that is to be tried again
    bool reached = false;  // points answered at least one
  };
  absl::StatusOr<Batch> Deliver(const std::vector<work::Delivery>& claimed, absl::Time claimed_until);
  std::vector<absl::Status> Send(const std::vector<work::Delivery>& deliveries);
  absl::Status Record(const std::vector<work::DeliveryResult>& results, absl::Time claimed_until,
                      Batch& batch);

  postgres::Pool& pool_;
  work::Runner& runner_;
  Clock& clock_;
  const std::unique_ptr<PointsCalls> calls_;
  metrics::Gauge& pending_;
  metrics::Gauge& oldest_;
  metrics::Counter& delivered_;
  metrics::Counter& refused_;

  absl::Mutex mutex_;
  int unreached_ ABSL_GUARDED_BY(mutex_) = 0;  // batches in a row that did not reach points
  absl::Time pause_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace loyalty::delivery
