// Background work that comes round: a thread of its own runs a job at an interval until it is stopped.
//
//   JobLoop loop("purge_requests", absl::Minutes(10), registry,
//                [&] { return store.PurgeRequests(clock.Now()); });
//
// A job does a bounded piece and returns how many items it did; when it did some, it is called again at once.
// It must be safe to run on several replicas at the same time. A failed run is logged, counted and tried
// again at the next interval; after more failures in a row the interval is doubled each time, up to 10 s.
#pragma once

#include <absl/status/statusor.h>
#include <absl/synchronization/notification.h>
#include <absl/time/time.h>

#include <functional>
#include <string>
#include <thread>

#include "common/metrics/metrics.h"

namespace loyalty {

class JobLoop {
 public:
  using Job = std::function<absl::StatusOr<int64_t>()>;

  JobLoop(std::string name, absl::Duration interval, metrics::Registry& registry, Job job);
  // Waits for the end of the run that is under way.
  ~JobLoop();

 private:
  void Loop();
  int64_t RunOnce();

  const std::string name_;
  const absl::Duration interval_;
  absl::Duration wait_;  // the interval, or more after failures
  bool failed_ = false;  // the last run
  const Job job_;
  metrics::Histogram& seconds_;
  metrics::Counter& items_;
  metrics::Counter& failures_;
  metrics::Gauge& last_success_;
  absl::Notification stop_;
  std::thread thread_;
};

}  // namespace loyalty
