// What the group committer makes of a database that refuses, goes away, or leaves a commit in doubt.
#include <absl/synchronization/notification.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <numeric>
#include <set>

#include "common/batch/group_committer.h"

namespace loyalty {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

using Committer = GroupCommitter<int, std::string>;
using Answers = Committer::Answers;
using Batch = std::vector<int>;
using ApplyBatch = std::function<absl::StatusOr<Answers>(const Batch&)>;

absl::Status Refused(const std::string& sqlstate) {
  return Refuse(absl::StatusCode::kInternal, "INTERNAL", "as common/postgres says it",
                {{"sqlstate", sqlstate}});
}
const absl::Status kRefused = Refused("22003");
const absl::Status kUniqueViolation = Refused("23505");
const absl::Status kInDoubt = absl::UnknownError("The commit is in doubt.");
const absl::Status kGone =
    Refuse(absl::StatusCode::kUnavailable, "UNAVAILABLE", "The database cannot be reached.");
const absl::Status kConflict =
    Refuse(absl::StatusCode::kAborted, "CONFLICT", "Lost.", {{"sqlstate", "40P01"}});

Answers Accept(const Batch& batch, const std::string& word = "done") {
  Answers answers;
  for (const int command : batch) answers.push_back(absl::StrCat(word, " ", command));
  return answers;
}

struct Outcome {
  std::vector<absl::StatusOr<std::string>> answers;  // of each command
  std::vector<Batch> applied;                        // what each call of Apply was given
  std::vector<absl::Duration> pauses;

  std::vector<absl::Status> statuses() const {
    std::vector<absl::Status> list;
    for (const auto& answer : answers) list.push_back(answer.status());
    return list;
  }
};

// Submits the commands 0 … n-1 so that they are one batch, and waits for all answers.
Outcome RunAsOneBatch(int n, const ApplyBatch& apply, GroupCommitterOptions options = {}) {
  Outcome outcome;
  outcome.answers.assign(static_cast<size_t>(n), absl::DataLossError("no answer"));
  metrics::Registry registry;
  SystemClock clock;
  absl::Notification all_submitted;
  Executor executor(1, 1);
  executor.Submit([&] { all_submitted.WaitForNotification(); });
  options.sleep = [&](absl::Duration pause) { outcome.pauses.push_back(pause); };
  options.batch_limit = static_cast<size_t>(n);
  {
    Committer committer(options, executor, clock, registry,
                        [&](const std::string&, std::span<const int> commands) {
                          outcome.applied.emplace_back(commands.begin(), commands.end());
                          return apply(outcome.applied.back());
                        });
    for (int command = 0; command < n; ++command) {
      committer.Submit(
          "shop", command, absl::InfiniteFuture(), [&, command](absl::StatusOr<std::string> answer) {
            auto& mine = outcome.answers[static_cast<size_t>(command)];
            mine = mine.status() == absl::DataLossError("no answer") ? std::move(answer)
                                                                     : absl::DataLossError("two answers");
          });
    }
    all_submitted.Notify();
  }
  return outcome;
}

// An Apply that fails with these, one after the other, and then accepts.
ApplyBatch FailWith(std::deque<absl::Status> failures) {
  return [failures](const Batch& batch) mutable -> absl::StatusOr<Answers> {
    if (failures.empty()) return Accept(batch);
    absl::Status failure = failures.front();
    failures.pop_front();
    return failure;
  };
}

// An Apply that the database refuses as long as one of these commands is in it. `committed` gets what it
// accepted.
ApplyBatch RefusePoison(std::set<int> poison, Batch& committed) {
  return [poison = std::move(poison), &committed](const Batch& batch) -> absl::StatusOr<Answers> {
    for (const int command : batch) {
      if (poison.contains(command)) return kRefused;
    }
    committed.insert(committed.end(), batch.begin(), batch.end());
    return Accept(batch);
  };
}

// Only the poison gets the error; each neighbour is committed once, in order.
void CheckOnlyPoisonFails(int n, const std::set<int>& poison, const Outcome& outcome,
                          const Batch& committed) {
  Batch healthy;
  for (int command = 0; command < n; ++command) {
    const auto& answer = outcome.answers[static_cast<size_t>(command)];
    if (poison.contains(command)) {
      RC_ASSERT(answer.status() == kRefused);
    } else {
      RC_ASSERT(answer.ok());
      RC_ASSERT(*answer == absl::StrCat("done ", command));
      healthy.push_back(command);
    }
  }
  RC_ASSERT(committed == healthy);
}

int CeilLog2(int n) {
  int log = 0;
  while ((1 << log) < n) ++log;
  return log;
}

RC_GTEST_PROP(GroupCommitterFailure, OnePoisonCommandFailsAloneAndCostsAtMostTwiceLog2Transactions, ()) {
  const int n = *rc::gen::inRange(2, 1025);
  const std::set<int> poison = {*rc::gen::inRange(0, n)};
  Batch committed;
  const Outcome outcome = RunAsOneBatch(n, RefusePoison(poison, committed));
  CheckOnlyPoisonFails(n, poison, outcome, committed);
  RC_ASSERT(static_cast<int>(outcome.applied.size()) <= 1 + 2 * CeilLog2(n));
}

RC_GTEST_PROP(GroupCommitterFailure, TwoPoisonCommandsFailAlone, ()) {
  const int n = *rc::gen::inRange(3, 1025);
  const std::set<int> poison = {*rc::gen::inRange(0, n), *rc::gen::inRange(0, n)};
  Batch committed;
  const Outcome outcome = RunAsOneBatch(n, RefusePoison(poison, committed));
  CheckOnlyPoisonFails(n, poison, outcome, committed);
  RC_ASSERT(static_cast<int>(outcome.applied.size()) <= 1 + 4 * CeilLog2(n));
}

TEST(GroupCommitterFailure, TheLargestBatchKeepsTheBoundWhereverThePoisonIs) {
  for (const int place : {0, 1, 511, 512, 1022, 1023}) {
    Batch committed;
    const Outcome outcome = RunAsOneBatch(1024, RefusePoison({place}, committed));
    EXPECT_LE(outcome.applied.size(), 1 + 2 * 10) << "poison at " << place;
    EXPECT_THAT(committed, SizeIs(1023));
  }
}

TEST(GroupCommitterFailure, ARefusedCommandThatIsAloneIsAppliedOnce) {
  Batch committed;
  const Outcome outcome = RunAsOneBatch(1, RefusePoison({0}, committed));
  EXPECT_THAT(outcome.applied, ElementsAre(Batch{0}));
  EXPECT_EQ(outcome.answers[0].status(), kRefused);
}

// 2 stands last in a transaction: what comes after it is applied by itself.
TEST(GroupCommitterFailure, WhatIsCommittedKeepsItsAnswersWhenTheRestFails) {
  for (const absl::Status& failure : {kGone, kConflict}) {
    const Outcome outcome = RunAsOneBatch(5, [&](const Batch& batch) -> absl::StatusOr<Answers> {
      if (batch.front() > 2) return failure;
      return Accept({batch.begin(), batch.begin() + 3 - batch.front()}, "posted");
    });
    EXPECT_THAT(outcome.applied, ElementsAre(Batch{0, 1, 2, 3, 4}, Batch{3, 4}));
    const absl::Status ok;
    EXPECT_THAT(outcome.statuses(), ElementsAre(ok, ok, ok, failure, failure));
  }
}

TEST(GroupCommitterFailure, TheRestIsHalvedWithoutWhatIsCommitted) {
  Batch committed;
  const ApplyBatch refuse = RefusePoison({4}, committed);
  const Outcome outcome = RunAsOneBatch(6, [&](const Batch& batch) -> absl::StatusOr<Answers> {
    if (batch.front() > 2) return refuse(batch);
    return Accept({batch.begin(), batch.begin() + 3 - batch.front()}, "posted");
  });
  EXPECT_THAT(committed, ElementsAre(3, 5));
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(outcome.answers[i].ok(), i != 4) << i;
  EXPECT_EQ(outcome.answers[2].value(), "posted 2");
}

TEST(GroupCommitterFailure, AnUnavailableDatabaseFailsAllWithoutHalving) {
  const Outcome outcome = RunAsOneBatch(8, FailWith({kGone}));
  EXPECT_THAT(outcome.applied, SizeIs(1));
  EXPECT_THAT(outcome.statuses(), Each(kGone));
  EXPECT_THAT(outcome.pauses, SizeIs(0));
}

TEST(GroupCommitterFailure, ABatchThatLostAgainstOthersFailsWithoutHalving) {
  const Outcome outcome = RunAsOneBatch(8, FailWith({kConflict}));
  EXPECT_THAT(outcome.applied, SizeIs(1));
  EXPECT_THAT(outcome.statuses(), Each(kConflict));
}

TEST(GroupCommitterFailure, ACommitInDoubtIsAppliedAgainUntilItIsKnown) {
  int runs = 0;
  const Outcome outcome = RunAsOneBatch(3, [&](const Batch& batch) -> absl::StatusOr<Answers> {
    if (++runs <= 3) return kInDoubt;
    return Accept(batch, "found");
  });
  EXPECT_THAT(outcome.applied, ElementsAre(Batch{0, 1, 2}, Batch{0, 1, 2}, Batch{0, 1, 2}, Batch{0, 1, 2}));
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(outcome.answers[i].value(), absl::StrCat("found ", i));
  ASSERT_THAT(outcome.pauses, SizeIs(3));
  EXPECT_GT(outcome.pauses[0], absl::ZeroDuration());
  EXPECT_GT(outcome.pauses[1], outcome.pauses[0]);
  EXPECT_GT(outcome.pauses[2], outcome.pauses[1]);
}

TEST(GroupCommitterFailure, ARejectionOfTheResolvingRunReachesOnlyItsCaller) {
  int runs = 0;
  const absl::Status rejection =
      Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_POINTS", "Too few.");
  const Outcome outcome = RunAsOneBatch(2, [&](const Batch&) -> absl::StatusOr<Answers> {
    if (++runs == 1) return kInDoubt;
    return Answers{"found 0", rejection};
  });
  EXPECT_EQ(outcome.answers[0].value(), "found 0");
  EXPECT_EQ(outcome.answers[1].status(), rejection);
}

TEST(GroupCommitterFailure, ADatabaseThatIsAwayAfterTheCommitInDoubtIsWaitedFor) {
  const Outcome outcome = RunAsOneBatch(2, FailWith({kInDoubt, kGone, kGone, kGone}));
  EXPECT_THAT(outcome.applied, SizeIs(5));
  EXPECT_THAT(outcome.statuses(), Each(absl::OkStatus()));
}

TEST(GroupCommitterFailure, InDoubtForeverIsUnavailableAfterAboutTwentySeconds) {
  const Outcome outcome = RunAsOneBatch(2, [](const Batch&) { return kInDoubt; });
  EXPECT_THAT(outcome.applied, SizeIs(11));
  for (const absl::Status& status : outcome.statuses()) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(RefusalOf(status)->reason, "UNAVAILABLE");
  }
  const absl::Duration waited =
      std::accumulate(outcome.pauses.begin(), outcome.pauses.end(), absl::ZeroDuration());
  EXPECT_GT(waited, absl::Seconds(15));
  EXPECT_LT(waited, absl::Seconds(25));
  EXPECT_TRUE(std::is_sorted(outcome.pauses.begin(), outcome.pauses.end()));
}

// That the second run lost says nothing about the first: ABORTED promises that nothing was done.
TEST(GroupCommitterFailure, AResolvingRunThatLostAgainstOthersLeavesTheCommitInDoubt) {
  const Outcome outcome = RunAsOneBatch(2, FailWith({kInDoubt, kConflict}));
  EXPECT_THAT(outcome.applied, SizeIs(3));
  EXPECT_THAT(outcome.statuses(), Each(absl::OkStatus()));
}

TEST(GroupCommitterFailure, AResolvingRunThatIsRefusedIsHalved) {
  bool in_doubt = true;
  Batch committed;
  const std::set<int> poison = {2};
  const ApplyBatch refuse = RefusePoison(poison, committed);
  const Outcome outcome = RunAsOneBatch(4, [&](const Batch& batch) -> absl::StatusOr<Answers> {
    if (std::exchange(in_doubt, false)) return kInDoubt;
    return refuse(batch);
  });
  EXPECT_THAT(committed, ElementsAre(0, 1, 3));
  EXPECT_EQ(outcome.answers[2].status(), kRefused);
}

TEST(GroupCommitterFailure, AHalfThatIsInDoubtIsResolvedAlone) {
  int runs = 0;
  const Outcome outcome = RunAsOneBatch(4, [&](const Batch& batch) -> absl::StatusOr<Answers> {
    ++runs;
    if (runs == 1) return kRefused;
    if (runs == 3) return kInDoubt;
    return Accept(batch);
  });
  EXPECT_THAT(outcome.applied, ElementsAre(Batch{0, 1, 2, 3}, Batch{0, 1}, Batch{2, 3}, Batch{2, 3}));
  EXPECT_THAT(outcome.statuses(), Each(absl::OkStatus()));
}

// Another replica was first with the same id: the next look finds it.
TEST(GroupCommitterFailure, AUniqueViolationOfASingleCommandIsAppliedOnceMore) {
  const Outcome outcome = RunAsOneBatch(1, FailWith({kUniqueViolation}));
  EXPECT_THAT(outcome.applied, ElementsAre(Batch{0}, Batch{0}));
  EXPECT_EQ(outcome.answers[0].value(), "done 0");
}

TEST(GroupCommitterFailure, AUniqueViolationThatComesBackIsTheAnswer) {
  const Outcome outcome = RunAsOneBatch(1, [](const Batch&) { return kUniqueViolation; });
  EXPECT_THAT(outcome.applied, SizeIs(2));
  EXPECT_EQ(outcome.answers[0].status(), kUniqueViolation);
}

TEST(GroupCommitterFailure, AUniqueViolationInABatchFailsNobodyWhenTheNextLookFindsTheRow) {
  const Outcome outcome = RunAsOneBatch(9, FailWith({kUniqueViolation}));
  EXPECT_THAT(outcome.applied, SizeIs(3));  // the batch, and its halves
  EXPECT_THAT(outcome.statuses(), Each(absl::OkStatus()));
}

TEST(GroupCommitterFailure, AUniqueViolationOfTheResolvingRunIsAppliedOnceMoreToo) {
  const Outcome outcome = RunAsOneBatch(1, FailWith({kInDoubt, kUniqueViolation}));
  EXPECT_EQ(outcome.answers[0].status(), absl::OkStatus());
}

TEST(GroupCommitterFailure, ManyAttemptsDoNotOverflowThePauses) {
  const Outcome outcome = RunAsOneBatch(1, [](const Batch&) { return kInDoubt; }, {.resolve_attempts = 70});
  ASSERT_THAT(outcome.pauses, SizeIs(70));
  EXPECT_TRUE(std::is_sorted(outcome.pauses.begin(), outcome.pauses.end()));
}

}  // namespace
}  // namespace loyalty
