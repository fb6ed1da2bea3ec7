#include "common/jobs/job_loop.h"

#include <algorithm>

#include "common/log/log.h"

namespace loyalty {
namespace {

constexpr absl::Duration kLongestWait = absl::Seconds(10);  // after failures, unless the interval is longer

metrics::Counter& CounterOf(metrics::Registry& registry, const std::string& name, const std::string& help,
                            const std::string& job) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({{"job_name", job}});
}

}  // namespace

JobLoop::JobLoop(std::string name, absl::Duration interval, metrics::Registry& registry, Job job)
    : name_(std::move(name)),
      interval_(interval),
      wait_(interval),
      job_(std::move(job)),
      seconds_(metrics::SecondsFamily(registry, "loyalty_job_seconds", "Time of one run of a job.")
                   .Add({{"job_name", name_}}, metrics::kSecondsBuckets)),
      items_(CounterOf(registry, "loyalty_job_items_total", "Items that a job did.", name_)),
      failures_(CounterOf(registry, "loyalty_job_failures_total", "Runs of a job that failed.", name_)),
      last_success_(prometheus::BuildGauge()
                        .Name("loyalty_job_last_success_timestamp_seconds")
                        .Help("When the last run of a job ended that did not fail; at first, when it began.")
                        .Register(registry)
                        .Add({{"job_name", name_}})),
      thread_([this] { Loop(); }) {}

JobLoop::~JobLoop() {
  stop_.Notify();
  thread_.join();
}

void JobLoop::Loop() {
  last_success_.SetToCurrentTime();
  while (!stop_.HasBeenNotified()) {
    if (RunOnce() == 0) stop_.WaitForNotificationWithTimeout(wait_);
  }
}

int64_t JobLoop::RunOnce() {
  const metrics::Timer timer(seconds_);
  const absl::StatusOr<int64_t> done = job_();
  if (!done.ok()) {
    failures_.Increment();
    if (failed_) wait_ = std::max(interval_, std::min(2 * wait_, kLongestWait));
    failed_ = true;
    log::Error("job failed", {{"job", name_}, {"error", done.status().ToString()}});
    return 0;
  }
  failed_ = false;
  last_success_.SetToCurrentTime();
  wait_ = interval_;
  items_.Increment(static_cast<double>(*done));
  return *done;
}

}  // namespace loyalty
