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

TEST(LedgerRules, AReturnedLineIsFreeInTheBudgetsOfItsOwnAwardsOnly) {
  EarnRule cups = MultiplierRule("cups", "", {});
  cups.conditions.skus = {"cup"};
  cups.effect = FixedPoints{100};
  cups.limits.budget = 100;
  Program program = DollarProgram();
  program.rules = {cups};
  MemoryStore store(program);
  Command order = PurchaseCommand("r1", "anna", "o1", 2000);
  PurchaseOf(order).lines = {{"tea", "", 1, 1000}, {"cup", "", 1, 1000}};
  EXPECT_EQ(store.Apply(order, kNoon)->entry.points, 120);
  const auto give_back = [&store](const std::string& id, int64_t line) {
    Command back = ReturnCommand(id, "anna", "o1", id);
    std::get<RecordReturn>(back.action).lines = {{line, 1}};
    return store.Apply(back, kNoon)->entry.points;
  };
  EXPECT_EQ(give_back("b1", 0), -10);
  EXPECT_EQ(store.Budget("cups"), 100);
  EXPECT_EQ(give_back("b2", 1), -110);
  EXPECT_EQ(store.Budget("cups"), 0);
}

TEST(LedgerRules, AReversedActivityIsFreeInLimitsAndBudgetsAgain) {
  EarnRule visit = MultiplierRule("visit", "", {});
  visit.conditions.activity_type = "visit";
  visit.effect = FixedPoints{10};
  visit.limits = {.per_member_day = 15, .budget = 25};
  Program program = DollarProgram();
  program.rules = {visit};
  MemoryStore store(program);
  const auto come = [&store](const std::string& id, const std::string& member) {
    return store.Apply(CommandFor(id, member, RecordActivity{{"visit", id, kNoon, "", ""}}), kNoon)
        ->entry.points;
  };
  EXPECT_EQ(come("v1", "anna"), 10);
  EXPECT_EQ(come("v2", "anna"), 0) << "15 a day";
  EXPECT_EQ(store.Apply(ReverseCommand("r1", "anna", "v1", 4), kNoon)->entry.points, -4);
  EXPECT_EQ(store.Budget("visit"), 6);
  EXPECT_EQ(come("v3", "anna"), 0) << "9 are left of the day";
  EXPECT_EQ(store.Apply(ReverseCommand("r2", "anna", "v1"), kNoon)->entry.points, -6);
  EXPECT_EQ(come("v4", "anna"), 10);
  EXPECT_EQ(come("v5", "bert"), 10);
  EXPECT_EQ(store.Budget("visit"), 20);
}

}  // namespace
}  // namespace loyalty::points
