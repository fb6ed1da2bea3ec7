#include "common/jobs/job_loop.h"

#include <absl/synchronization/notification.h>
#include <absl/time/clock.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace loyalty {
namespace {

constexpr absl::Duration kNeverInThisTest = absl::Hours(1);
constexpr absl::Duration kAtOnce = absl::ZeroDuration();

prometheus::ClientMetric Metric(metrics::Registry& registry, const std::string& name) {
  for (const auto& family : registry.Collect()) {
    if (family.name == name) return family.metric.at(0);
  }
  ADD_FAILURE() << name << " is missing";
  return {};
}

TEST(JobLoop, RunsAtOnceAndAgainAsLongAsThereIsWork) {
  metrics::Registry registry;
  const double before = static_cast<double>(absl::ToUnixSeconds(absl::Now()));
  absl::Notification nothing_left;
  std::vector<int64_t> pieces = {3, 2, 0};
  size_t runs = 0;
  {
    JobLoop loop("purge", kNeverInThisTest, registry, [&]() -> absl::StatusOr<int64_t> {
      const int64_t done = pieces.at(runs++);
      if (done == 0) nothing_left.Notify();
      return done;
    });
    nothing_left.WaitForNotification();
  }
  EXPECT_EQ(runs, 3) << "with nothing left it waits for the interval";
  EXPECT_EQ(Metric(registry, "loyalty_job_items_total").counter.value, 5);
  EXPECT_EQ(Metric(registry, "loyalty_job_seconds").histogram.sample_count, 3);
  EXPECT_EQ(Metric(registry, "loyalty_job_failures_total").counter.value, 0);
  EXPECT_GE(Metric(registry, "loyalty_job_last_success_timestamp_seconds").gauge.value, before);
}

TEST(JobLoop, ComesRoundAfterTheInterval) {
  metrics::Registry registry;
  absl::Notification third;
  int runs = 0;
  JobLoop loop("purge", absl::Milliseconds(1), registry, [&]() -> absl::StatusOr<int64_t> {
    if (++runs == 3) third.Notify();
    return 0;
  });
  third.WaitForNotification();
}

TEST(JobLoop, AfterFailuresInARowItWaitsLongerAndLonger) {
  metrics::Registry registry;
  absl::Notification eighth;
  int runs = 0;
  const absl::Time start = absl::Now();
  JobLoop loop("purge", absl::Milliseconds(1), registry, [&]() -> absl::StatusOr<int64_t> {
    if (++runs == 8) eighth.Notify();
    return absl::UnavailableError("no database");
  });
  eighth.WaitForNotification();
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(1 + 2 + 4 + 8 + 16 + 32 + 64));
}

TEST(JobLoop, AFailedRunIsCountedLoggedAndTriedAgainAtTheNextInterval) {
  metrics::Registry registry;
  absl::Notification tried_again;
  int runs = 0;
  ::testing::internal::CaptureStderr();
  {
    JobLoop loop("purge", kAtOnce, registry, [&]() -> absl::StatusOr<int64_t> {
      if (++runs == 1) return absl::UnavailableError("no database");
      if (runs == 2) tried_again.Notify();
      return 0;
    });
    tried_again.WaitForNotification();
  }
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, ::testing::HasSubstr(
                       R"("message":"job failed","job":"purge","error":"UNAVAILABLE: no database")"));
  EXPECT_EQ(Metric(registry, "loyalty_job_failures_total").counter.value, 1);
}

TEST(JobLoop, AFailedRunIsNotTriedAgainBeforeTheInterval) {
  metrics::Registry registry;
  absl::Notification failed;
  int runs = 0;
  {
    JobLoop loop("purge", kNeverInThisTest, registry, [&]() -> absl::StatusOr<int64_t> {
      if (++runs == 1) failed.Notify();
      return absl::UnavailableError("no database");
    });
    failed.WaitForNotification();
  }
  EXPECT_EQ(runs, 1);
}

TEST(JobLoop, TheDestructorWaitsForTheRunThatIsUnderWay) {
  metrics::Registry registry;
  absl::Notification running, go, destroying;
  std::atomic<bool> finished = false;
  std::optional<JobLoop> loop;
  loop.emplace("purge", kNeverInThisTest, registry, [&]() -> absl::StatusOr<int64_t> {
    running.Notify();
    go.WaitForNotification();
    finished = true;
    return 0;  // so that it is not called again at once
  });
  running.WaitForNotification();
  bool finished_at_the_end = false;
  std::thread destroyer([&] {
    destroying.Notify();
    loop.reset();
    finished_at_the_end = finished;
  });
  destroying.WaitForNotification();
  EXPECT_FALSE(finished);
  go.Notify();
  destroyer.join();
  EXPECT_TRUE(finished_at_the_end);
}

TEST(JobLoop, StopsEvenIfThereIsAlwaysWork) {
  metrics::Registry registry;
  absl::Notification running;
  std::atomic<int> runs = 0;
  {
    JobLoop loop("purge", kNeverInThisTest, registry, [&]() -> absl::StatusOr<int64_t> {
      if (++runs == 10) running.Notify();
      return 1;
    });
    running.WaitForNotification();
  }
  EXPECT_GE(runs, 10);
}

TEST(JobLoop, JobsShareTheMetricFamiliesUnderTheirOwnNames) {
  metrics::Registry registry;
  const auto idle = []() -> absl::StatusOr<int64_t> { return 0; };
  {
    JobLoop one("purge", kNeverInThisTest, registry, idle), other("expire", kNeverInThisTest, registry, idle);
  }
  std::vector<std::string> names;
  for (const auto& family : registry.Collect()) {
    if (family.name != "loyalty_job_failures_total") continue;
    for (const auto& metric : family.metric) names.push_back(metric.label.at(0).value);
  }
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("purge", "expire"));
}

}  // namespace
}  // namespace loyalty
