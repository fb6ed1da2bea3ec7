#include "common/batch/executor.h"

namespace loyalty {

Executor::Executor(int threads, size_t queue_limit) : queue_limit_(queue_limit) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

Executor::~Executor() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

bool Executor::TrySubmit(Task task) {
  absl::MutexLock lock(&mutex_);
  if (counted_ >= queue_limit_) return false;
  ++counted_;
  queue_.push_back({std::move(task), true});
  return true;
}

void Executor::Submit(Task task) {
  absl::MutexLock lock(&mutex_);
  queue_.push_back({std::move(task), false});
}

void Executor::Work() {
  while (true) {
    Task task;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](Executor* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) {
            return self->stopping_ || !self->queue_.empty();
          },
          this));
      if (queue_.empty()) return;
      task = std::move(queue_.front().task);
      if (queue_.front().counts) --counted_;
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace loyalty
