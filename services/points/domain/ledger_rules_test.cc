// Earn rules in the ledger.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/memory_store.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;

TEST(LedgerRules, APurchaseTellsWhatEachRuleGaveAndAReturnTakesItAllBack) {
  Program program = DollarProgram();
  program.rules = {MultiplierRule("plus", "plus", {3, 2})};
  MemoryStore store(program);
  const auto answers =
      store.Apply({LabelCommand("r1", "anna", "plus", kNoon - absl::Hours(2)),
                   PurchaseCommand("r2", "anna", "o1", 1500), ReturnCommand("r3", "anna", "o1", "b1")});
  EXPECT_EQ(answers[1]->entry.points, 22);
  EXPECT_EQ(answers[1]->entry.rule_id, "base");
  EXPECT_THAT(answers[1]->entry.awards, ElementsAre(Award{"base", 15, {}, {}}, Award{"plus", 7, {}, {}}));
  EXPECT_EQ(answers[2]->entry.points, -22);
}

}  // namespace
}  // namespace loyalty::points
