// Group commit: commands that arrive while a transaction commits are taken by the next one, all together.
//
//   const auto apply = [&](const std::string& program, std::span<const Command> commands) {
//     return store.Apply(program, commands);
//   };
//   GroupCommitter<Command, Receipt> committer(options, executor, clock, registry, apply);
//   committer.Submit(program, command, deadline, [](absl::StatusOr<Receipt> receipt) { … });
//
// What a caller may rely on:
//  - commands of one key are applied in the order in which they were submitted; one batch of a key at a time;
//  - there is no waiting for company: with one command in flight the batch is one command;
//  - nobody is answered, rejections included, before the outcome of the batch is known;
//  - a full queue refuses at once (RESOURCE_EXHAUSTED, reason QUEUE_FULL), and a command whose deadline has
//    passed while it waited costs no database call (DEADLINE_EXCEEDED, reason DEADLINE_PASSED);
//  - a batch that the database refuses (errors.h: kInternal) is halved and tried again, so that one bad
//    command never fails its neighbours; it costs at most 2·log₂(n) transactions more;
//  - a commit in doubt is resolved by applying the same batch again. So Apply must be idempotent: it waits on
//    the same locks, finds what was committed by the commands' ids, and answers that.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <absl/synchronization/mutex.h>
#include <absl/time/clock.h>

#include <algorithm>
#include <cassert>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/batch/executor.h"
#include "common/clock/clock.h"
#include "common/metrics/metrics.h"
#include "common/postgres/errors.h"
#include "common/status/status.h"

namespace loyalty {

struct GroupCommitterOptions {
  size_t batch_limit = 1000;
  size_t queue_limit = 20'000;  // commands that wait, over all keys
  int resolve_attempts =
      10;  // how often a commit in doubt is looked up, with growing pauses: about 20 s in all
  std::function<void(absl::Duration)> sleep = [](absl::Duration pause) { absl::SleepFor(pause); };
};

struct GroupCommitterMetrics {
  explicit GroupCommitterMetrics(metrics::Registry& registry);
  metrics::Histogram& batch_size;
  metrics::Gauge& queue_length;
  metrics::Histogram& apply_seconds;
  metrics::Counter& halvings;
  metrics::Counter& in_doubt;
};

template <class Command, class Answer>
class GroupCommitter {
 public:
  using Answers = std::vector<absl::StatusOr<Answer>>;
  using Done = std::function<void(absl::StatusOr<Answer>)>;
  // One transaction over `commands`, in their order, or over the first of them, at least one: an answer for
  // each that it took, and it is called again with the rest; or why it failed, and then nothing was done.
  using Apply =
      std::function<absl::StatusOr<Answers>(const std::string& key, std::span<const Command> commands)>;

  // `clock` is what deadlines are compared with: real time.
  GroupCommitter(GroupCommitterOptions options, Executor& executor, Clock& clock, metrics::Registry& registry,
                 Apply apply)
      : options_(std::move(options)),
        executor_(executor),
        clock_(clock),
        metrics_(registry),
        apply_(std::move(apply)) {}

  // Waits until everything is answered.
  ~GroupCommitter() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](GroupCommitter* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) {
          return self->lanes_.empty() && self->unanswered_ == 0;
        },
        this));
  }

  // `done` is called exactly once, on a thread of the executor, or on this one when the command is refused at
  // once.
  void Submit(const std::string& key, Command command, absl::Time deadline, Done done) {
    {
      absl::MutexLock lock(&mutex_);
      if (queued_ < options_.queue_limit) {
        ++queued_;
        metrics_.queue_length.Set(static_cast<double>(queued_));
        Lane& lane = lanes_[key];
        lane.queue.push_back({std::move(command), deadline, std::move(done)});
        if (!std::exchange(lane.busy, true)) executor_.Submit([this, key] { RunBatch(key); });
        return;
      }
    }
    done(Refuse(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                "Too much work is queued. Nothing was done; try again a little later."));
  }

 private:
  struct Item {
    Command command;
    absl::Time deadline;
    Done done;
  };
  struct Lane {  // of one key
    std::deque<Item> queue;
    bool busy = false;  // a batch runs, or is about to
  };
  struct Batch {
    std::vector<Command> commands;
    std::vector<Done> dones;
    Answers answers;
  };

  void RunBatch(const std::string& key) {
    auto batch = std::make_shared<Batch>();
    std::vector<Done> expired;
    TakeBatch(key, *batch, expired);
    for (const Done& done : expired) {
      done(Refuse(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED",
                  "The deadline passed while the call waited. Nothing was done."));
    }
    if (!batch->commands.empty()) {
      metrics_.batch_size.Observe(static_cast<double>(batch->commands.size()));
      ApplyOrHalve(key, batch->commands, batch->answers);
    }
    // The next batch is submitted first, and so taken by this thread as a rule; the answers go out meanwhile.
    GoOn(key);
    if (!batch->commands.empty()) executor_.Submit([this, batch] { AnswerAll(*batch); });
  }

  void GoOn(const std::string& key) {
    absl::MutexLock lock(&mutex_);
    const auto lane = lanes_.find(key);
    if (lane->second.queue.empty()) {
      lanes_.erase(lane);
    } else {
      executor_.Submit([this, key] { RunBatch(key); });
    }
  }

  void TakeBatch(const std::string& key, Batch& batch, std::vector<Done>& expired) {
    const absl::Time now = clock_.Now();
    absl::MutexLock lock(&mutex_);
    auto& queue = lanes_[key].queue;
    while (!queue.empty() && batch.commands.size() < options_.batch_limit) {
      Item& item = queue.front();
      if (item.deadline < now) {
        expired.push_back(std::move(item.done));
      } else {
        batch.commands.push_back(std::move(item.command));
        batch.dones.push_back(std::move(item.done));
      }
      queue.pop_front();
      --queued_;
    }
    unanswered_ += batch.commands.size();
    metrics_.queue_length.Set(static_cast<double>(queued_));
  }

  void AnswerAll(Batch& batch) {
    for (size_t i = 0; i < batch.dones.size(); ++i) batch.dones[i](std::move(batch.answers[i]));
    absl::MutexLock lock(&mutex_);
    unanswered_ -= batch.dones.size();
  }

  // Appends an answer for each command.
  void ApplyOrHalve(const std::string& key, std::span<const Command> commands, Answers& answers) {
    absl::StatusOr<Answers> applied = ApplyUntilKnown(key, commands);
    while (applied.ok() && applied->size() < commands.size()) {
      assert(!applied->empty());
      std::move(applied->begin(), applied->end(), std::back_inserter(answers));
      commands = commands.subspan(applied->size());
      applied = ApplyUntilKnown(key, commands);
    }
    if (applied.ok() && answers.empty()) {
      answers = *std::move(applied);
    } else if (applied.ok()) {
      std::move(applied->begin(), applied->end(), std::back_inserter(answers));
    } else if (commands.size() > 1 && postgres::IsRefusedStatement(applied.status())) {
      metrics_.halvings.Increment();
      const size_t half = commands.size() / 2;
      ApplyOrHalve(key, commands.first(half), answers);
      ApplyOrHalve(key, commands.subspan(half), answers);
    } else {
      answers.insert(answers.end(), commands.size(), applied.status());
    }
  }

  // Applies until it is known whether the commands took effect.
  absl::StatusOr<Answers> ApplyUntilKnown(const std::string& key, std::span<const Command> commands) {
    absl::StatusOr<Answers> applied = ApplyOnce(key, commands);
    // Another replica inserted the same id first: the next look finds it. A single command cannot be halved.
    if (commands.size() == 1 && postgres::IsUniqueViolation(applied.status()))
      applied = ApplyOnce(key, commands);
    if (!postgres::IsInDoubt(applied.status())) return applied;
    metrics_.in_doubt.Increment();
    for (int attempt = 0; attempt < options_.resolve_attempts; ++attempt) {
      options_.sleep(std::min(absl::Milliseconds(50) * (1 << std::min(attempt, 10)), absl::Seconds(4)));
      applied = ApplyOnce(key, commands);
      if (applied.ok() || !IsInconclusive(applied.status(), commands.size())) return applied;
    }
    return Refuse(absl::StatusCode::kUnavailable, "UNAVAILABLE",
                  "The database went away during the commit. Try again with the same request id: it takes "
                  "effect once.");
  }

  // What a second look answers that says nothing of what the first one left behind.
  static bool IsInconclusive(const absl::Status& status, size_t commands) {
    return postgres::IsInDoubt(status) || absl::IsUnavailable(status) || absl::IsAborted(status) ||
           (commands == 1 && postgres::IsUniqueViolation(status));
  }

  absl::StatusOr<Answers> ApplyOnce(const std::string& key, std::span<const Command> commands) {
    const metrics::Timer timer(metrics_.apply_seconds);
    return apply_(key, commands);
  }

  const GroupCommitterOptions options_;
  Executor& executor_;
  Clock& clock_;
  GroupCommitterMetrics metrics_;
  const Apply apply_;

  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Lane> lanes_ ABSL_GUARDED_BY(mutex_);  // only those with work
  size_t queued_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;  // taken from a queue and not answered yet
};

}  // namespace loyalty
