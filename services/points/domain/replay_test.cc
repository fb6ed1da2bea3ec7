#include "services/points/domain/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/test_kit.h"

namespace loyalty::points {
namespace {

using ::testing::IsEmpty;
using ::testing::IsNull;
using ::testing::SizeIs;

EarnRule Version(int32_t version, EarnLimits limits) {
  EarnRule rule = MultiplierRule("gift", "", {});
  rule.version = version;
  rule.limits = limits;
  rule.create_time = kNoon;
  return rule;
}

PastEntry Bought(int64_t account, int64_t sequence, absl::Time time) {
  PastEntry past{.account_id = account, .total_minor = 1000};
  past.entry = {.sequence = sequence, .kind = EntryKind::kPurchase, .points = 15};
  past.entry.occurred_time = past.entry.recorded_time = time;
  past.entry.awards = {{"base", 10, {}, {}}, {"gift", 5, {}, {}}};
  past.entry.considered = {{"gift", 1, RuleOutcome::kApplied}};
  return past;
}

PastEntry Returned(const PastEntry& bought, int64_t minor, absl::Time time) {
  PastEntry past{.account_id = bought.account_id};
  past.entry = {.sequence = bought.entry.sequence + 1, .kind = EntryKind::kReturn};
  past.entry.occurred_time = past.entry.recorded_time = time;
  past.entry.corrected_sequence = bought.entry.sequence;
  past.entry.returned_minor = minor;
  Original& order = past.about.emplace();
  order.counts_for_tier = true;
  order.points = bought.entry.points;
  order.occurred_time = bought.entry.occurred_time;
  order.recorded_time = bought.entry.recorded_time;
  order.total_minor = bought.total_minor;
  order.awards = bought.entry.awards;
  past.about_considered = bought.entry.considered;
  return past;
}

class ReplayTest : public ::testing::Test {
 protected:
  // What is told of an account that has used so much of the rule's limit, and has recorded so many orders.
  std::vector<StateDifference> Compare(const Replay& replay, int64_t used, int64_t purchases) {
    auto state = std::make_shared<MemberState>();
    if (used > 0) state->uses.Add("gift", LimitWindow::kLifetime, absl::CivilDay(), used);
    Account stored;
    stored.id = 1;
    stored.purchases = purchases;
    stored.state = state;
    std::vector<StateDifference> differences;
    replay.Compare(stored, kNoon, differences);
    return differences;
  }

  Program program_ = DollarProgram();
  Budgets budgets_;
  PolicyChanges changes_;
};

TEST_F(ReplayTest, CountsWhatAwardsUsedAndWhatReturnsGaveBack) {
  const RuleVersions rules({Version(1, {.per_member = 50, .budget = 100})});
  Replay replay(program_, rules, changes_, budgets_);
  const PastEntry order = Bought(1, 1, kNoon);
  replay.Apply(order);
  EXPECT_THAT(Compare(replay, 5, 1), IsEmpty());
  replay.Apply(Returned(order, 500, kNoon));
  EXPECT_THAT(Compare(replay, 3, 1), IsEmpty()) << "two of five: rounded down";
  EXPECT_THAT(Compare(replay, 4, 1), SizeIs(1));
  EXPECT_THAT(CompareBudgets(budgets_, {{"gift", 3}}), IsEmpty());
  replay.Apply(Returned(order, 500, kNoon));
  EXPECT_THAT(Compare(replay, 0, 0), IsEmpty());
  EXPECT_THAT(CompareBudgets(budgets_, {{"gift", 0}}), IsEmpty());
  EXPECT_THAT(CompareBudgets(budgets_, {{"gift", 1}, {"other", 1}}), SizeIs(2));
}

TEST_F(ReplayTest, AReturnGivesBackToWhatTheAwardCountedAgainstWhateverTheRuleIsNow) {
  EarnRule first = Version(1, {.per_member = 50}), second = Version(2, {.budget = 9});
  const RuleVersions rules({first, second});
  Replay replay(program_, rules, changes_, budgets_);
  PastEntry later = Bought(1, 5, kNoon);
  later.entry.considered[0].version = 2;
  replay.Apply(Bought(1, 1, kNoon));
  replay.Apply(later);
  EXPECT_THAT(Compare(replay, 5, 2), IsEmpty());
  EXPECT_THAT(CompareBudgets(budgets_, {{"gift", 5}}), IsEmpty());
  replay.Apply(Returned(Bought(1, 1, kNoon), 1000, kNoon));
  EXPECT_THAT(Compare(replay, 0, 1), IsEmpty());
  EXPECT_THAT(CompareBudgets(budgets_, {{"gift", 5}}), IsEmpty());
  replay.Apply(Returned(later, 1000, kNoon));
  EXPECT_THAT(CompareBudgets(budgets_, {{"gift", 0}}), IsEmpty());
}

TEST_F(ReplayTest, AReversalOfAnActivityGivesBackInProportion) {
  const RuleVersions rules({Version(1, {.per_member = 50, .budget = 100})});
  Replay replay(program_, rules, changes_, budgets_);
  PastEntry visit{.account_id = 1};
  visit.entry = {.sequence = 1, .kind = EntryKind::kActivity, .points = 5};
  visit.entry.awards = {{"gift", 5, {}, {}}};
  visit.entry.considered = {{"gift", 1, RuleOutcome::kApplied}};
  replay.Apply(visit);
  for (const auto& [points, used] : {std::pair(2, 3), {3, 0}}) {
    PastEntry reversal = Returned(visit, 0, kNoon);
    reversal.entry.kind = EntryKind::kReversal;
    reversal.entry.points = -points;
    replay.Apply(reversal);
    EXPECT_THAT(Compare(replay, used, 0), IsEmpty());
    EXPECT_THAT(CompareBudgets(budgets_, {{"gift", used}}), IsEmpty());
  }
}

TEST_F(ReplayTest, KnowsTheVersionsOfARule) {
  const RuleVersions rules({Version(1, {}), Version(2, {.budget = 1})});
  EXPECT_EQ(rules.Find("gift", 2)->limits.budget, 1);
  EXPECT_THAT(rules.Find("gift", 3), IsNull());
  EXPECT_THAT(rules.Find("other", 1), IsNull());
}

TEST_F(ReplayTest, KnowsALimitOfTransfersOnlySinceThePolicyChanged) {
  program_.policies.transfers = {.allowed = true, .most_points_day = 100};
  changes_.transfers = kNoon;
  const RuleVersions rules;
  PastEntry sent{.account_id = 1};
  sent.entry = {.sequence = 1, .kind = EntryKind::kTransferOut, .points = -7};
  const auto compare = [&](absl::Time time, int64_t used) {
    Replay replay(program_, rules, changes_, budgets_);
    sent.entry.recorded_time = time;
    replay.Apply(sent);
    auto state = std::make_shared<MemberState>();
    state->uses.Add("transfer:", LimitWindow::kDay, absl::CivilDay(2026, 5, 1), used);
    Account stored;
    stored.id = 1;
    stored.state = state;
    std::vector<StateDifference> differences;
    replay.Compare(stored, kNoon, differences);
    return differences.size();
  };
  EXPECT_EQ(compare(kNoon, 3), 0u);
  EXPECT_EQ(compare(kNoon, 8), 1u);
  EXPECT_EQ(compare(kNoon + absl::Hours(1), 3), 1u);
  EXPECT_EQ(compare(kNoon + absl::Hours(1), 7), 0u);
}

}  // namespace
}  // namespace loyalty::points
