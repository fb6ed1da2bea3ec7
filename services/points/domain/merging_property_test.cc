// Random histories with mergers. The measure: sums before and after a merger, and that at the end everything
// that was done can be undone, down to nothing.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/points/domain/memory_store.h"
#include "services/points/domain/test_merging.h"

namespace loyalty::points {
namespace {

struct Sums {
  int64_t balance = 0, pending = 0, held = 0, debt = 0, purchases = 0;
  bool operator==(const Sums&) const = default;
};
Sums operator+(const Sums& a, const Sums& b) {
  return {a.balance + b.balance, a.pending + b.pending, a.held + b.held, a.debt + b.debt,
          a.purchases + b.purchases};
}

class Play {
 public:
  Play(const Program& program, absl::Duration tick, const std::vector<uint32_t>& dice) : store_(program) {
    store_.AddReward(MergingReward());
    for (const Command& command : history_.Start()) Do(command);
    for (const uint32_t value : dice) {
      Throw thrown{value};
      now_ += tick * thrown.Next(3);
      Do(history_.Next(thrown));
    }
    for (const Command& command : history_.UndoAll()) Do(command);
  }
  Sums Left() const { return SumsOf(MergingHistory::Member(0)); }

 private:
  Sums SumsOf(const std::string& member) const {
    const Account& account = store_.AccountOf(member);
    return {account.balance, account.pending, account.held, account.debt, account.purchases};
  }
  void Do(const Command& command) {
    if (std::holds_alternative<MergeMembers>(command.action)) return Merge(command);
    if (store_.Apply(command, now_).ok()) history_.Accepted(command);
    RC_ASSERT(store_.Imbalance() == "");
  }
  void Merge(const Command& command) {
    const std::string& from = std::get<MergeMembers>(command.action).from_member_id;
    const std::string& into = command.member_id;
    for (const std::string& member : {from, into})
      (void)store_.Apply(CommandFor("", member, CatchUp{}), now_);
    const bool same = store_.AccountOf(from).id == store_.AccountOf(into).id;
    const Sums before = SumsOf(from) + SumsOf(into);
    RC_ASSERT(store_.Apply(command, now_).ok() == !same);
    RC_ASSERT(store_.Imbalance() == "");
    RC_ASSERT(same || SumsOf(into) == before);
    RC_ASSERT(SumsOf(from) == SumsOf(into));
  }

  MergingHistory history_;
  MemoryStore store_;
  absl::Time now_ = kNoon;
};

RC_GTEST_PROP(MergingProperty, WhatWasDoneCanBeUndoneAfterAnyMergers, (const std::vector<uint32_t>& dice)) {
  const Sums left = Play(MergingShop(), absl::Minutes(5), dice).Left();
  RC_ASSERT(left.balance - left.debt == 0);
  RC_ASSERT(left.pending == 0);
  RC_ASSERT(left.held == 0);
  RC_ASSERT(left.purchases == 0);
}

RC_GTEST_PROP(MergingProperty, TheBooksAreRightWhilePointsLapse, (const std::vector<uint32_t>& dice)) {
  Program program = MergingShop();
  program.policies.returns = ReturnPolicy::kWithinBalance;
  program.policies.expiry = {.kind = ExpiryKind::kRolling, .days = 1};
  program.policies.spending.grace_days = 1;
  RC_ASSERT(Play(program, absl::Hours(3), dice).Left().debt == 0);
}

}  // namespace
}  // namespace loyalty::points
