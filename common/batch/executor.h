// A fixed number of threads for work that blocks, with a bounded queue before them.
#pragma once

#include <absl/synchronization/mutex.h>

#include <deque>
#include <functional>
#include <thread>
#include <vector>

namespace loyalty {

class Executor {
 public:
  using Task = std::function<void()>;

  // `queue_limit`: how many tasks of TrySubmit may wait.
  Executor(int threads, size_t queue_limit);
  // Runs what is queued, then ends.
  ~Executor();

  // False, and nothing is kept, when the queue is full.
  [[nodiscard]] bool TrySubmit(Task task);
  // For the continuation of work that was admitted already: never refused.
  void Submit(Task task);

 private:
  struct Item {
    Task task;
    bool counts;  // against the limit
  };
  void Work();

  const size_t queue_limit_;
  absl::Mutex mutex_;
  std::deque<Item> queue_ ABSL_GUARDED_BY(mutex_);
  size_t counted_ ABSL_GUARDED_BY(mutex_) = 0;  // items of the queue that count
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace loyalty
