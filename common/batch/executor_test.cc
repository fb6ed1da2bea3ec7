#include "common/batch/executor.h"

#include <absl/synchronization/barrier.h>
#include <absl/synchronization/blocking_counter.h>
#include <absl/synchronization/notification.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>

namespace loyalty {
namespace {

using ::testing::ElementsAre;

// An executor of one thread, which is busy until Release.
class BusyExecutor {
 public:
  explicit BusyExecutor(size_t queue_limit) : executor_(std::in_place, 1, queue_limit) {
    executor_->Submit([this] {
      busy_.Notify();
      release_.WaitForNotification();
    });
    busy_.WaitForNotification();
  }
  ~BusyExecutor() {
    if (executor_) Finish();
  }
  Executor& operator*() { return *executor_; }
  // Lets the thread go, and returns when all that was queued has run.
  void Finish() {
    release_.Notify();
    executor_.reset();
  }

 private:
  absl::Notification busy_;
  absl::Notification release_;
  std::optional<Executor> executor_;
};

TEST(Executor, AllItsThreadsWorkAtTheSameTime) {
  constexpr int kThreads = 4;
  Executor executor(kThreads, 10);
  absl::Barrier all_are_here(kThreads + 1);  // opens only when every thread has a task of its own
  absl::BlockingCounter left(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    executor.Submit([&] {
      all_are_here.Block();
      left.DecrementCount();
    });
  }
  all_are_here.Block();
  left.Wait();
}

TEST(Executor, BeginsTasksInTheOrderInWhichTheyCame) {
  std::vector<int> ran;
  BusyExecutor busy(10);
  for (int i = 0; i < 5; ++i) {
    if (i % 2 == 0) {
      EXPECT_TRUE((*busy).TrySubmit([&ran, i] { ran.push_back(i); }));
    } else {
      (*busy).Submit([&ran, i] { ran.push_back(i); });
    }
  }
  busy.Finish();
  EXPECT_THAT(ran, ElementsAre(0, 1, 2, 3, 4));
}

TEST(Executor, RefusesWhatWouldExceedTheQueueAndKeepsNothingOfIt) {
  int ran = 0;
  const auto owned_by_the_task = std::make_shared<int>(0);
  BusyExecutor busy(2);  // what runs does not count: two may wait behind it
  EXPECT_TRUE((*busy).TrySubmit([&ran] { ++ran; }));
  EXPECT_TRUE((*busy).TrySubmit([&ran] { ++ran; }));
  EXPECT_FALSE((*busy).TrySubmit([&ran, owned_by_the_task] { ++ran; }));
  EXPECT_EQ(owned_by_the_task.use_count(), 1);
  busy.Finish();
  EXPECT_EQ(ran, 2);
}

TEST(Executor, HasRoomAgainWhenTheQueueHasMovedOn) {
  absl::Notification first_runs, go;
  Executor executor(1, 1);
  EXPECT_TRUE(executor.TrySubmit([&] {
    first_runs.Notify();
    go.WaitForNotification();
  }));
  first_runs.WaitForNotification();
  EXPECT_TRUE(executor.TrySubmit([] {}));
  EXPECT_FALSE(executor.TrySubmit([] {}));
  go.Notify();
}

TEST(Executor, NeverRefusesTheContinuationOfAdmittedWork) {
  int ran = 0;
  BusyExecutor busy(1);
  EXPECT_TRUE((*busy).TrySubmit([&ran] { ++ran; }));
  for (int i = 0; i < 100; ++i) (*busy).Submit([&ran] { ++ran; });
  busy.Finish();
  EXPECT_EQ(ran, 101);
}

TEST(Executor, ContinuationsTakeNoRoomFromTheTasksThatTheLimitIsFor) {
  BusyExecutor busy(1);
  for (int i = 0; i < 10; ++i) (*busy).Submit([] {});
  EXPECT_TRUE((*busy).TrySubmit([] {})) << "queue_limit counts tasks of TrySubmit, and none of them waits";
}

TEST(Executor, TheDestructorRunsWhatIsQueuedAndWhatThatSubmits) {
  std::atomic<int> ran = 0;
  {
    BusyExecutor busy(10);
    (*busy).Submit([&] {
      ++ran;
      (*busy).Submit([&] { ++ran; });
    });
    (*busy).Submit([&] { ++ran; });
  }
  EXPECT_EQ(ran, 3);
}

}  // namespace
}  // namespace loyalty
