#include "services/points/domain/returns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "services/points/domain/memory_store.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

class Arrivals : public ::testing::TestWithParam<bool> {  // all in one batch, or one by one
 protected:
  std::vector<absl::StatusOr<Receipt>> Decide(const std::vector<Command>& commands) {
    if (GetParam()) return store_.Apply(commands);
    std::vector<absl::StatusOr<Receipt>> answers;
    for (const Command& command : commands) answers.push_back(store_.Apply(command));
    return answers;
  }
  MemoryStore store_;
};

INSTANTIATE_TEST_SUITE_P(, Arrivals, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "InOneBatch" : "OneByOne"; });

TEST_P(Arrivals, AnAnswerSaysWhoseTheOrderIsTheSecondTimeToo) {
  const auto answers =
      Decide({PurchaseCommand("r1", "anna", "o1", 1000), ReturnCommand("r2", "", "o1", "b1", 333),
              ReturnCommand("r2", "", "o1", "b1", 333)});
  for (const size_t i : {1u, 2u}) {
    ASSERT_TRUE(answers[i].ok()) << answers[i].status();
    EXPECT_EQ(answers[i]->member_id, "anna");
    EXPECT_EQ(answers[i]->replayed, i == 2);
  }
}

TEST_P(Arrivals, PartialReturnsTakeBackByCumulativeFloorsAndAFullOneExactlyAll) {
  // 10 points for 10.00; thirds of it: floor(3.33) = 3, floor(6.66) − 3 = 3, and the rest.
  const auto answers =
      Decide({PurchaseCommand("r1", "anna", "o1", 1000), ReturnCommand("r2", "anna", "o1", "b1", 333),
              ReturnCommand("r3", "", "o1", "b2", 333), ReturnCommand("r4", "anna", "o1", "b3")});
  for (const auto& answer : answers) ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answers[1]->entry.points, -3);
  EXPECT_EQ(answers[2]->entry.points, -3);
  EXPECT_EQ(answers[2]->member_id, "anna") << "the order says whose it is";
  EXPECT_EQ(answers[3]->entry.points, -4);
  EXPECT_EQ(answers[3]->entry.returned_minor, 334);
  EXPECT_EQ(answers[3]->entry.corrected_sequence, 1);
  EXPECT_EQ(answers[3]->entry.order_id, "o1");
  EXPECT_EQ(store_.Balance("anna"), 0);
}

TEST_P(Arrivals, MoreThanIsLeftOfTheOrderIsRefused) {
  const auto answers =
      Decide({PurchaseCommand("r1", "anna", "o1", 1000), ReturnCommand("r2", "anna", "o1", "b1", 600),
              ReturnCommand("r3", "anna", "o1", "b2", 401), ReturnCommand("r4", "anna", "o1", "b3"),
              ReturnCommand("r5", "anna", "o1", "b4"), PurchaseCommand("r6", "anna", "free", 0),
              ReturnCommand("r7", "anna", "free", "b5")});
  for (const size_t i : {2, 4, 6}) {
    EXPECT_THAT(answers[i], IsRefused(absl::StatusCode::kFailedPrecondition, "RETURN_EXCEEDS_ORDER")) << i;
  }
  EXPECT_THAT(MetadataOf(answers[2]),
              UnorderedElementsAre(Pair("left_minor", "400"), Pair("asked_minor", "401")));
  EXPECT_THAT(MetadataOf(answers[4]),
              UnorderedElementsAre(Pair("left_minor", "0"), Pair("asked_minor", "0")));
  EXPECT_TRUE(answers[3].ok());
}

TEST_P(Arrivals, WhatWasSpentIsReportedAndTakenByTheNextReturnIfItCanBe) {
  const auto answers =
      Decide({PurchaseCommand("r1", "anna", "o1", 1000), SpendCommand("r2", "anna", 8),
              ReturnCommand("r3", "anna", "o1", "b1", 500), EarnCommand("r4", "anna", 100),
              ReturnCommand("r5", "anna", "o1", "b2", 100), ReturnCommand("r6", "anna", "o1", "b3")});
  EXPECT_EQ(answers[2]->entry.points, -2);
  EXPECT_EQ(answers[2]->entry.shortfall, 3);
  EXPECT_EQ(answers[4]->entry.points, -4) << "three of the first return, and one of its own";
  EXPECT_EQ(answers[4]->entry.shortfall, 0);
  EXPECT_EQ(answers[5]->entry.points, -4);
  EXPECT_EQ(store_.Balance("anna"), 92);
}

TEST_P(Arrivals, TheOrdersOwnPointsGoFirstAndThenTheOldest) {
  const absl::Time old = kNoon - absl::Hours(50), recent = kNoon - absl::Hours(1);
  const auto answers = Decide({EarnedAt(old, "r1", "anna", 5), PurchaseCommand("r2", "anna", "o1", 1000),
                               EarnCommand("r3", "anna", 5), SpendCommand("r4", "anna", 7),
                               ReturnCommand("r5", "anna", "o1", "b1")});
  EXPECT_THAT(answers[3]->entry.lot_uses, ElementsAre(LotUse{1, 5, old}, LotUse{2, 2, recent}));
  EXPECT_THAT(answers[4]->entry.lot_uses, ElementsAre(LotUse{2, 8, recent}, LotUse{3, 2, kNoon}));
  const auto own = Decide({EarnedAt(old, "r6", "bert", 5), PurchaseCommand("r7", "bert", "o2", 1000),
                           ReturnCommand("r8", "bert", "o2", "b2")});
  EXPECT_THAT(own[2]->entry.lot_uses, ElementsAre(LotUse{2, 10, recent})) << "and not the older five";
}

TEST_P(Arrivals, AReturnIsKnownByItsReturnId) {
  Command late = ReturnCommand("r5", "anna", "o1", "b1", 500);
  late.occurred_time = kNoon - absl::Minutes(1);
  Command clerk = ReturnCommand("r6", "anna", "o1", "b1", 500);
  clerk.actor = "clerk";
  const auto answers =
      Decide({PurchaseCommand("r1", "anna", "o1", 1000), ReturnCommand("r2", "anna", "o1", "b1", 500),
              ReturnCommand("r3", "anna", "o1", "b1", 500), ReturnCommand("r4", "anna", "o1", "b1", 499),
              late, clerk, ReturnCommand("r2", "anna", "o1", "b9", 500)});
  for (const size_t i : {2, 5}) {
    ASSERT_TRUE(answers[i].ok()) << answers[i].status();
    EXPECT_TRUE(answers[i]->replayed);
    EXPECT_EQ(Describe(answers[i]->entry), Describe(answers[1]->entry));
  }
  for (const size_t i : {3, 4}) {
    EXPECT_THAT(answers[i], IsRefused(absl::StatusCode::kAlreadyExists, "RETURN_ID_REUSED")) << i;
    EXPECT_THAT(MetadataOf(answers[i]), ElementsAre(Pair("return_id", "b1")));
  }
  EXPECT_THAT(answers[6], IsRefused(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_EQ(store_.Balance("anna"), 5);
}

TEST_P(Arrivals, AnOrderIsReturnedByItsOwnMemberOnly) {
  const auto answers =
      Decide({PurchaseCommand("r1", "anna", "o1", 1000), EarnCommand("r2", "bert", 50),
              ReturnCommand("r3", "bert", "o1", "b1"), ReturnCommand("r4", "anna", "o2", "b2"),
              ReturnCommand("r5", "", "o2", "b3"), ReturnCommand("r6", "carl", "o1", "b4")});
  for (const size_t i : {2, 3, 4}) {
    EXPECT_THAT(answers[i], IsRefused(absl::StatusCode::kNotFound, "ORDER_NOT_FOUND")) << i;
  }
  EXPECT_THAT(answers[5], IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_EQ(store_.Balance("bert"), 50);
}

TEST_P(Arrivals, ReversalsTakeBackAnAwardAndNoMoreThanThat) {
  Command award = EarnCommand("r1", "anna", 100);
  award.action = Earn{100, "referral:17"};
  const auto answers = Decide({award, ReverseCommand("r2", "anna", "r1", 30),
                               ReverseCommand("r3", "anna", "r1", 71), ReverseCommand("r4", "anna", "r1"),
                               ReverseCommand("r5", "anna", "r1"), ReverseCommand("r4", "anna", "r1")});
  EXPECT_EQ(answers[1]->entry.points, -30);
  EXPECT_EQ(answers[1]->entry.cause, "referral:17");
  EXPECT_EQ(answers[1]->entry.corrected_sequence, 1);
  EXPECT_THAT(answers[2], IsRefused(absl::StatusCode::kFailedPrecondition, "REVERSAL_EXCEEDS_ENTRY"));
  EXPECT_THAT(MetadataOf(answers[2]), UnorderedElementsAre(Pair("left", "70"), Pair("asked", "71")));
  EXPECT_EQ(answers[3]->entry.points, -70);
  EXPECT_THAT(answers[4], IsRefused(absl::StatusCode::kFailedPrecondition, "REVERSAL_EXCEEDS_ENTRY"));
  ASSERT_TRUE(answers[5].ok()) << answers[5].status();
  EXPECT_TRUE(answers[5]->replayed);
  EXPECT_EQ(store_.Balance("anna"), 0);
}

TEST_P(Arrivals, AReversalOfWhatIsSpentTakesWhatIsThereAndReportsTheRest) {
  const auto answers = Decide({EarnCommand("r1", "anna", 100), SpendCommand("r2", "anna", 90),
                               ReverseCommand("r3", "anna", "r1"), ReverseCommand("r4", "anna", "r1"),
                               EarnCommand("r5", "anna", 20), ReverseCommand("r6", "anna", "r1", 15)});
  EXPECT_EQ(answers[2]->entry.points, -10);
  EXPECT_EQ(answers[2]->entry.shortfall, 90);
  EXPECT_EQ(answers[3]->entry.points, 0);
  EXPECT_EQ(answers[3]->entry.shortfall, 90);
  EXPECT_EQ(answers[5]->entry.points, -15);
  EXPECT_EQ(store_.Balance("anna"), 5);
}

TEST_P(Arrivals, OnlyAnAwardOrASpendingOfTheMemberIsReversed) {
  const auto answers = Decide({PurchaseCommand("r1", "anna", "o1", 1000), AdjustCommand("r2", "anna", -5),
                               EarnCommand("r3", "bert", 5), ReverseCommand("r4", "anna", "r1"),
                               ReverseCommand("r5", "anna", "r2"), ReverseCommand("r6", "anna", "r3"),
                               ReverseCommand("r7", "anna", "nothing")});
  for (const size_t i : {3, 4}) {
    EXPECT_THAT(answers[i], IsRefused(absl::StatusCode::kFailedPrecondition, "ENTRY_NOT_REVERSIBLE")) << i;
  }
  for (const size_t i : {5, 6}) {
    EXPECT_THAT(answers[i], IsRefused(absl::StatusCode::kNotFound, "ENTRY_NOT_FOUND")) << i;
  }
}

TEST_P(Arrivals, ATrialTakesNothingBack) {
  const auto answers = Decide({PurchaseCommand("r1", "anna", "o1", 1000),
                               ValidateOnly(ReturnCommand("r2", "anna", "o1", "b1")),
                               ReturnCommand("r2", "anna", "o1", "b1", 500)});
  EXPECT_EQ(answers[1]->entry.points, -10);
  ASSERT_TRUE(answers[2].ok()) << answers[2].status();
  EXPECT_EQ(answers[2]->entry.points, -5);
}

TEST(Returns, TheLargestNumbersDoNotOverflow) {
  const Original order{.kind = EntryKind::kPurchase, .points = kMax, .total_minor = kMax};
  const auto all = StepOfReturn(order, 0, {});
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->points, kMax);
  EXPECT_TRUE(all->whole);
  EXPECT_EQ(StepOfReturn(order, kMax - 1, {})->points, kMax - 1);
}

Original OrderOfLines(int64_t points, std::vector<PurchaseLine> lines) {
  Original order{.kind = EntryKind::kPurchase, .points = points, .order_id = "o1"};
  order.lines = std::move(lines);
  for (const PurchaseLine& line : order.lines) order.total_minor += line.amount_minor;
  return order;
}

TEST(Returns, TheLargestSharesOfAmountsAndLinesDoNotOverflowTogether) {
  constexpr int64_t kBillion = 1'000'000'000;
  Original order = OrderOfLines(6 * kBillion * kBillion, {{"tea", "", 1, 100}, {"cup", "", 1, 900}});
  order.awards = {{"base", order.points, {}, {59 * (kBillion * kBillion / 10), kBillion * kBillion / 10}}};
  const auto most = StepOfReturn(order, 800, {});
  ASSERT_TRUE(most.ok()) << most.status();
  EXPECT_EQ(most->points, 48 * (kBillion * kBillion / 10));
  Original after = most->after;
  after.corrected = most->points;
  const auto line = StepOfReturn(after, 0, {{0, 1}});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->points, order.points - most->points);
}

TEST(Returns, LinesTakeTheirOwnShareOfEachAward) {
  // 10 points over lines of 3.00 and 7.00: 3 and 7. A rule gave 5 to the second line alone.
  Original order = OrderOfLines(15, {{"tea", "", 3, 300}, {"cup", "", 1, 700}});
  order.awards = {{"base", 10, {}, {3, 7}}, {"cups", 5, {}, {0, 5}}};
  EXPECT_EQ(StepOfReturn(order, 0, {{1, 1}})->points, 12);
  EXPECT_EQ(StepOfReturn(order, 0, {{1, 1}})->returned_minor, 700);
  EXPECT_EQ(StepOfReturn(order, 0, {{0, 1}})->points, 1);
  const auto all = StepOfReturn(order, 0, {{0, 3}, {1, 1}});
  EXPECT_EQ(all->points, 15);
  EXPECT_TRUE(all->whole);
  EXPECT_THAT(StepOfReturn(order, 0, {{0, 2}, {0, 2}}),
              IsRefused(absl::StatusCode::kFailedPrecondition, "RETURN_EXCEEDS_ORDER"));
  EXPECT_EQ(testing::ViolationsOf(StepOfReturn(order, 0, {{0, 1}, {2, 1}})),
            std::vector<std::string>{"lines[1].line TOO_LARGE"});
}

TEST(Returns, AnOrderOfTotalZeroIsGivenBackByLinesOrAsAWhole) {
  Original order = OrderOfLines(10, {{"gift", "", 2, 0}});
  EXPECT_EQ(StepOfReturn(order, 0, {{0, 1}})->points, 5);
  EXPECT_FALSE(StepOfReturn(order, 0, {{0, 1}})->whole);
  const auto all = StepOfReturn(order, 0, {});
  EXPECT_EQ(all->points, 10);
  EXPECT_THAT(all->lines, ElementsAre(ReturnedLine{0, 2}));
  EXPECT_TRUE(all->whole);
  EXPECT_THAT(StepOfReturn(all->after, 0, {}),
              IsRefused(absl::StatusCode::kFailedPrecondition, "RETURN_EXCEEDS_ORDER"));
}

TEST(Returns, AnOrderIsGivenBackAsAWholeOnlyOnce) {
  const Original order = OrderOfLines(10, {{"tea", "", 1, 1000}, {"gift", "", 1, 0}});
  const auto paid = StepOfReturn(order, 1000, {});
  ASSERT_TRUE(paid.ok());
  EXPECT_TRUE(paid->whole);
  const auto gift = StepOfReturn(paid->after, 0, {{1, 1}});
  ASSERT_TRUE(gift.ok());
  EXPECT_FALSE(gift->whole);
}

TEST(Returns, ByLinesAnOrderIsGivenBackAsAWholeWithItsLastPieceAlsoIfThatWasFree) {
  Original order = OrderOfLines(10, {{"tea", "", 1, 1000}, {"gift", "", 2, 0}});
  order.awards = {{.rule_id = "base", .points = 6, .lines = {6, 0}},
                  {.rule_id = "pieces", .points = 4, .lines = {0, 4}}};
  const auto paid = StepOfReturn(order, 0, {{0, 1}});
  ASSERT_TRUE(paid.ok());
  EXPECT_EQ(paid->points, 6) << "the member keeps the gifts, and what they gave";
  EXPECT_FALSE(paid->whole);
  EXPECT_THAT(StepOfReturn(paid->after, 1, {}),
              IsRefused(absl::StatusCode::kFailedPrecondition, "RETURN_EXCEEDS_ORDER"));
  Original after = paid->after;
  after.corrected = 6;
  const auto gift = StepOfReturn(after, 0, {{1, 1}});
  ASSERT_TRUE(gift.ok());
  EXPECT_EQ(gift->points, 2);
  EXPECT_FALSE(gift->whole);
  const auto rest = StepOfReturn(after, 0, {});
  ASSERT_TRUE(rest.ok());
  EXPECT_EQ(rest->points, 4);
  EXPECT_THAT(rest->lines, ElementsAre(ReturnedLine{1, 2}));
  EXPECT_TRUE(rest->whole);
}

TEST(Returns, ALotThatStandsTwiceAmongTheUsesIsSubtractedOnce) {
  const absl::Time soon = kNoon + absl::Hours(1), late = kNoon + absl::Hours(2);
  std::vector<LotUse> uses = {{5, 3, kNoon, soon}, {5, 4, kNoon, late}};
  Subtract(uses, LastOf(uses, 5));
  EXPECT_THAT(uses, ElementsAre(LotUse{5, 2, kNoon, soon}, LotUse{5, 0, kNoon, late}));
}

// In whatever parts an order is given back, what is taken is the floor of what was returned so far.
RC_GTEST_PROP(Returns, AddUpToTheFloorOfWhatWasReturned, ()) {
  Original order{.kind = EntryKind::kPurchase,
                 .points = *rc::gen::inRange<int64_t>(0, 100'000),
                 .total_minor = *rc::gen::inRange<int64_t>(1, 100'000)};
  while (order.returned_minor < order.total_minor) {
    const auto amount = *rc::gen::inRange<int64_t>(1, order.total_minor - order.returned_minor + 1);
    const auto step = StepOfReturn(order, amount, {});
    RC_ASSERT(step.ok());
    RC_ASSERT(step->points >= 0);
    const int64_t before = order.corrected;
    order = step->after;
    order.corrected = before + step->points;
    RC_ASSERT(order.corrected == order.points * order.returned_minor / order.total_minor);
  }
  RC_ASSERT(order.corrected == order.points);
}

// In whatever parts, by lines and amounts: all goes in the end, never more, and of each award all of it.
RC_GTEST_PROP(Returns, ByLinesAndAmountsTakeAllInTheEndAndNeverMore, ()) {
  std::vector<PurchaseLine> lines;
  for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
    lines.push_back({"", "", *rc::gen::inRange<int64_t>(1, 5), *rc::gen::inRange<int64_t>(1, 2000)});
  }
  Original order = OrderOfLines(*rc::gen::inRange<int64_t>(0, 3000), lines);
  int64_t undone = 0;
  while (order.returned_minor < order.total_minor) {
    const auto line = *rc::gen::inRange<int64_t>(0, static_cast<int64_t>(lines.size()));
    const int64_t amount = *rc::gen::inRange<int64_t>(0, order.total_minor - order.returned_minor + 1);
    const bool by_line = *rc::gen::arbitrary<bool>();
    const auto step = by_line ? StepOfReturn(order, 0, {{line, 1}}) : StepOfReturn(order, amount, {});
    if (!step.ok()) continue;
    const int64_t before = order.corrected;
    order = step->after;
    order.corrected = before + step->points;
    for (const Award& award : step->undone) undone += award.points;
    RC_ASSERT(order.corrected <= order.points);
    RC_ASSERT(step->whole == (order.returned_minor == order.total_minor));
  }
  RC_ASSERT(order.corrected == order.points);
  RC_ASSERT(undone == order.points);
}

}  // namespace
}  // namespace loyalty::points
