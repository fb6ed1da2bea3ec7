// What callers of the group committer may rely on while the database is well: order, company, refusals,
// answers. When it is not: group_committer_failure_test.cc.
#include "common/batch/group_committer.h"

#include <absl/synchronization/barrier.h>
#include <absl/synchronization/notification.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <map>
#include <optional>
#include <thread>

namespace loyalty {
namespace {

using ::testing::ElementsAre;

using Committer = GroupCommitter<int, int>;
using Batch = std::vector<int>;

const absl::Time kStart = absl::FromUnixSeconds(1'780'000'000);
constexpr absl::Time kNoDeadline = absl::InfiniteFuture();

// Where the answers arrive.
class Inbox {
 public:
  Committer::Done For(int command) {
    return [this, command](absl::StatusOr<int> answer) {
      absl::MutexLock lock(&mutex_);
      answers_[command].push_back(std::move(answer));
      ++count_;
    };
  }
  void Await(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return count_ >= count; };
    mutex_.Await(absl::Condition(&enough));
  }
  size_t count() {
    absl::MutexLock lock(&mutex_);
    return count_;
  }
  // The command's only answer.
  absl::StatusOr<int> Of(int command) {
    absl::MutexLock lock(&mutex_);
    const auto& all = answers_[command];
    if (all.size() != 1) return absl::DataLossError(absl::StrCat(all.size(), " answers instead of one"));
    return all.front();
  }

 private:
  absl::Mutex mutex_;
  std::map<int, std::vector<absl::StatusOr<int>>> answers_;
  size_t count_ = 0;
};

// A committer whose first batch waits in Apply until Go. A command is answered with ten times itself.
class GroupCommitterTest : public ::testing::Test {
 protected:
  void Make(GroupCommitterOptions options, int threads = 4) {
    executor_.emplace(threads, 10);
    committer_.emplace(std::move(options), *executor_, clock_, registry_,
                       [this](const std::string&, std::span<const int> commands) { return Apply(commands); });
  }
  void Submit(int command, absl::Time deadline = kNoDeadline, const std::string& key = "shop") {
    committer_->Submit(key, command, deadline, inbox_.For(command));
  }
  // Submits `command` and returns when it is being applied.
  void SubmitAndAwaitApply(int command) {
    Submit(command);
    in_apply_.WaitForNotification();
  }
  void Go() { go_.Notify(); }

  std::vector<Batch> batches() {
    absl::MutexLock lock(&mutex_);
    return batches_;
  }

  absl::StatusOr<Committer::Answers> Apply(std::span<const int> commands) {
    bool first;
    {
      absl::MutexLock lock(&mutex_);
      first = batches_.empty();
      batches_.emplace_back(commands.begin(), commands.end());
    }
    Committer::Answers answers;
    for (const int command : commands) answers.push_back(10 * command);
    if (first) {
      in_apply_.Notify();
      go_.WaitForNotification();
    }
    return answers;
  }

  Inbox inbox_;
  ManualClock clock_{kStart};
  metrics::Registry registry_;
  absl::Notification in_apply_, go_;
  absl::Mutex mutex_;
  std::vector<Batch> batches_;
  std::optional<Executor> executor_;
  std::optional<Committer> committer_;
};

TEST_F(GroupCommitterTest, OneCommandInFlightIsABatchOfOne) {
  Make({});
  Go();
  for (int command = 1; command <= 3; ++command) {
    Submit(command);
    inbox_.Await(static_cast<size_t>(command));
  }
  EXPECT_THAT(batches(), ElementsAre(Batch{1}, Batch{2}, Batch{3}));
}

TEST_F(GroupCommitterTest, WhatArrivesWhileABatchRunsIsTheNextBatchUpToTheLimit) {
  Make({.batch_limit = 4});
  SubmitAndAwaitApply(1);
  for (int command = 2; command <= 10; ++command) Submit(command);
  Go();
  inbox_.Await(10);
  EXPECT_THAT(batches(), ElementsAre(Batch{1}, Batch{2, 3, 4, 5}, Batch{6, 7, 8, 9}, Batch{10}));
  for (int command = 1; command <= 10; ++command) EXPECT_EQ(inbox_.Of(command).value(), 10 * command);
}

TEST_F(GroupCommitterTest, AFullQueueRefusesAtOnceAndLosesNothingThatWasAdmitted) {
  Make({.queue_limit = 5}, /*threads=*/1);
  SubmitAndAwaitApply(1);                                                                     // waits no more
  for (int command = 2; command <= 4; ++command) Submit(command);                             // these wait,
  for (int command = 5; command <= 6; ++command) Submit(command, kNoDeadline, "other shop");  // of both keys
  for (const std::string key : {"shop", "other shop", "third shop"}) {
    std::optional<absl::Status> refused;
    committer_->Submit(key, 99, kNoDeadline, [&](absl::StatusOr<int> answer) { refused = answer.status(); });
    ASSERT_TRUE(refused.has_value()) << "not answered before Submit returned";
    EXPECT_EQ(refused->code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(RefusalOf(*refused)->reason, "QUEUE_FULL");
  }
  EXPECT_EQ(inbox_.count(), 0);

  Go();
  inbox_.Await(6);
  for (int command = 1; command <= 6; ++command) EXPECT_EQ(inbox_.Of(command).value(), 10 * command);
  Submit(7);  // there is room again
  inbox_.Await(7);
  EXPECT_EQ(inbox_.Of(7).value(), 70);
  EXPECT_EQ(inbox_.count(), 7);
}

TEST_F(GroupCommitterTest, ADeadlineThatPassesInTheQueueIsAnsweredAndNeverApplied) {
  Make({});
  SubmitAndAwaitApply(1);
  Submit(2, kStart + absl::Seconds(1));
  Submit(3, kStart + absl::Seconds(2));  // to the microsecond when its turn comes: not passed
  Submit(4, kStart + absl::Seconds(3));
  clock_.Advance(absl::Seconds(2));
  Go();
  inbox_.Await(4);
  EXPECT_THAT(batches(), ElementsAre(Batch{1}, Batch{3, 4}));
  const absl::Status expired = inbox_.Of(2).status();
  EXPECT_EQ(expired.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(RefusalOf(expired)->reason, "DEADLINE_PASSED");
  EXPECT_EQ(inbox_.Of(1).value(), 10) << "a deadline that passes in Apply changes nothing";
}

TEST_F(GroupCommitterTest, WhenAllThatWaitsHasExpiredTheDatabaseIsNotCalled) {
  Make({.batch_limit = 2});
  SubmitAndAwaitApply(1);
  for (int command = 2; command <= 9; ++command) Submit(command, kStart);
  clock_.Advance(absl::Microseconds(1));
  Go();
  inbox_.Await(9);
  EXPECT_THAT(batches(), ElementsAre(Batch{1}));
  Submit(10);  // and the lane works as before
  inbox_.Await(10);
  EXPECT_EQ(inbox_.Of(10).value(), 100);
}

TEST_F(GroupCommitterTest, NobodyIsAnsweredBeforeApplyReturns) {
  Make({});
  SubmitAndAwaitApply(1);  // Apply has its answer ready and holds it
  EXPECT_EQ(inbox_.count(), 0);
  Go();
  inbox_.Await(1);
  EXPECT_EQ(inbox_.Of(1).value(), 10);
}

TEST_F(GroupCommitterTest, TheDestructorWaitsForAllAnswers) {
  Make({.batch_limit = 2});
  SubmitAndAwaitApply(1);
  for (int command = 2; command <= 6; ++command) Submit(command);
  absl::Notification destroying;
  size_t answered_at_the_end = 0;
  std::thread destroyer([&] {
    destroying.Notify();
    committer_.reset();
    answered_at_the_end = inbox_.count();
  });
  destroying.WaitForNotification();
  EXPECT_EQ(inbox_.count(), 0);
  Go();
  destroyer.join();
  EXPECT_EQ(answered_at_the_end, 6);
}

TEST_F(GroupCommitterTest, ACallbackMaySubmitTheNextCommand) {
  Make({});
  Go();
  committer_->Submit("shop", 1, kNoDeadline, [this](absl::StatusOr<int>) { Submit(2); });
  inbox_.Await(1);
  EXPECT_EQ(inbox_.Of(2).value(), 20);
}

TEST_F(GroupCommitterTest, CountsBatchesAndWhatWaits) {
  Make({.batch_limit = 3});
  const auto family = [this](const std::string& name) {
    for (const auto& collected : registry_.Collect()) {
      if (collected.name == name) return collected.metric.at(0);
    }
    ADD_FAILURE() << name << " is missing";
    return prometheus::ClientMetric();
  };
  SubmitAndAwaitApply(1);
  for (int command = 2; command <= 5; ++command) Submit(command);
  EXPECT_EQ(family("loyalty_batch_queue_commands").gauge.value, 4);
  Go();
  inbox_.Await(5);
  EXPECT_EQ(family("loyalty_batch_queue_commands").gauge.value, 0);
  EXPECT_EQ(family("loyalty_batch_commands").histogram.sample_count, 3);  // 1, 3 and 1 commands
  EXPECT_EQ(family("loyalty_batch_commands").histogram.sample_sum, 5);
  EXPECT_EQ(family("loyalty_batch_apply_seconds").histogram.sample_count, 3);
}

TEST(GroupCommitter, ARejectionReachesOnlyItsCaller) {
  Inbox inbox;
  metrics::Registry registry;
  ManualClock clock(kStart);
  absl::Notification all_submitted;
  Executor executor(1, 10);
  executor.Submit([&] { all_submitted.WaitForNotification(); });
  std::vector<size_t> sizes;
  Committer committer({}, executor, clock, registry, [&](const std::string&, std::span<const int> commands) {
    sizes.push_back(commands.size());
    Committer::Answers answers;
    for (const int command : commands) {
      if (command == 2) {
        // Even with the code of a refused statement: the transaction was committed, so nothing is halved.
        answers.push_back(absl::InternalError("this one"));
      } else {
        answers.push_back(command);
      }
    }
    return absl::StatusOr<Committer::Answers>(std::move(answers));
  });
  for (int command = 1; command <= 3; ++command)
    committer.Submit("shop", command, kNoDeadline, inbox.For(command));
  all_submitted.Notify();
  inbox.Await(3);
  EXPECT_THAT(sizes, ElementsAre(3));
  EXPECT_EQ(inbox.Of(1).value(), 1);
  EXPECT_EQ(inbox.Of(2).status(), absl::InternalError("this one"));
  EXPECT_EQ(inbox.Of(3).value(), 3);
}

TEST(GroupCommitter, DifferentKeysAreAppliedInParallel) {
  Inbox inbox;
  metrics::Registry registry;
  ManualClock clock(kStart);
  Executor executor(2, 10);
  absl::Barrier both_are_in_apply(2);  // passes only if two batches run at the same time
  Committer committer({}, executor, clock, registry, [&](const std::string&, std::span<const int> commands) {
    both_are_in_apply.Block();
    return absl::StatusOr<Committer::Answers>(Committer::Answers(commands.begin(), commands.end()));
  });
  committer.Submit("one shop", 1, kNoDeadline, inbox.For(1));
  committer.Submit("other shop", 2, kNoDeadline, inbox.For(2));
  inbox.Await(2);
}

// Threads that all submit to the same keys: a key's batches never overlap, and each thread finds its own
// order kept.
TEST(GroupCommitter, OneBatchOfAKeyAtATimeAndInOrderUnderManyThreads) {
  constexpr int kThreads = 8, kEach = 2'000;
  const std::vector<std::string> keys = {"a", "b", "c"};
  struct OfKey {
    std::atomic<int> running = 0;
    std::vector<int> applied;  // guarded by there being one batch at a time: what the test is about
  };
  std::map<std::string, OfKey> of_key;
  for (const std::string& key : keys) of_key[key];

  Inbox inbox;
  metrics::Registry registry;
  ManualClock clock(kStart);
  Executor executor(4, 10);
  std::atomic<int> overlaps = 0;
  Committer committer(
      {.batch_limit = 50}, executor, clock, registry,
      [&](const std::string& key, std::span<const int> commands) {
        OfKey& mine = of_key.at(key);
        if (++mine.running > 1) ++overlaps;
        mine.applied.insert(mine.applied.end(), commands.begin(), commands.end());
        --mine.running;
        return absl::StatusOr<Committer::Answers>(Committer::Answers(commands.begin(), commands.end()));
      });
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const int command = thread * kEach + i;
        committer.Submit(keys[static_cast<size_t>(i) % keys.size()], command, kNoDeadline,
                         inbox.For(command));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  inbox.Await(kThreads * kEach);

  EXPECT_EQ(overlaps, 0);
  size_t applied = 0;
  for (const auto& [key, mine] : of_key) {
    applied += mine.applied.size();
    std::vector<int> last(kThreads, -1);
    for (const int command : mine.applied) {
      int& before = last[static_cast<size_t>(command / kEach)];
      ASSERT_LT(before, command) << "of key " << key;
      before = command;
    }
  }
  EXPECT_EQ(applied, kThreads * kEach);
  for (int command = 0; command < kThreads * kEach; ++command) ASSERT_EQ(inbox.Of(command).value(), command);
}

// The limit of a batch changes how the work is cut, never its order.
RC_GTEST_PROP(GroupCommitter, AppliesAKeysCommandsInTheOrderOfSubmissionWhateverTheLimit, ()) {
  const auto keys = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3));
  const auto limit = *rc::gen::element<size_t>(1, 2, 7, 1000);
  std::map<std::string, Batch> submitted, applied;
  for (int key = 0; key < 3; ++key) submitted[absl::StrCat(key)], applied[absl::StrCat(key)];
  Inbox inbox;
  metrics::Registry registry;
  ManualClock clock(kStart);
  Executor executor(3, 10);
  size_t largest = 0;
  absl::Mutex mutex;
  Committer committer(
      {.batch_limit = limit}, executor, clock, registry,
      [&](const std::string& key, std::span<const int> commands) {
        absl::MutexLock lock(&mutex);
        largest = std::max(largest, commands.size());
        applied[key].insert(applied[key].end(), commands.begin(), commands.end());
        return absl::StatusOr<Committer::Answers>(Committer::Answers(commands.begin(), commands.end()));
      });
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string key = absl::StrCat(keys[i]);
    submitted[key].push_back(static_cast<int>(i));
    committer.Submit(key, static_cast<int>(i), kNoDeadline, inbox.For(static_cast<int>(i)));
  }
  inbox.Await(keys.size());
  RC_ASSERT(applied == submitted);
  RC_ASSERT(largest <= limit);
}

}  // namespace
}  // namespace loyalty
