#include "services/membership/domain/invoice.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "services/membership/domain/test_kit.h"

namespace loyalty::membership {
namespace {

TEST(Charge, IsUnknownAndIsAskedAboutFromTheMomentItIsWritten) {
  const Charge charge = NewCharge(1, kStart);
  EXPECT_EQ(charge.news.outcome, Outcome::kUnknown);
  EXPECT_TRUE(InFlight(charge));
  EXPECT_EQ(charge.next_due_time, kStart + kCallTime);
}

TEST(Charge, UnknownIsAskedAfterFiveMinutesAnHourThenDailyForFiveDays) {
  Charge charge = NewCharge(1, kStart);
  std::vector<absl::Duration> delays;
  for (absl::Time now = kStart; !charge.given_up && delays.size() < 20; now = charge.next_due_time) {
    ScheduleLook(charge, now);
    if (!charge.given_up) delays.push_back(charge.next_due_time - now);
  }
  const absl::Duration day = absl::Hours(24);
  EXPECT_THAT(delays, ::testing::ElementsAre(absl::Minutes(5), absl::Hours(1), day, day, day, day, day));
  EXPECT_TRUE(Unresolved(charge));
  EXPECT_FALSE(InFlight(charge));
  EXPECT_EQ(charge.next_due_time, absl::InfiniteFuture());
}

TEST(Charge, PendingIsAskedDailyForThirtyDays) {
  Charge charge = NewCharge(1, kStart);
  ASSERT_TRUE(Apply(charge, Told(Outcome::kPending), kStart));
  int looks = 1;
  for (; !charge.given_up && looks < 100; ++looks) ScheduleLook(charge, charge.next_due_time);
  EXPECT_EQ(looks, 31);
}

TEST(Charge, RepeatedAndOlderNewsChangesNothing) {
  Charge charge = NewCharge(1, kStart);
  EXPECT_TRUE(Apply(charge, Told(Outcome::kDeclined, 5), kStart));
  EXPECT_FALSE(Apply(charge, Told(Outcome::kDeclined, 5), kStart));
  EXPECT_FALSE(Apply(charge, Told(Outcome::kSucceeded, 4, kStart + absl::Hours(9)), kStart));
  EXPECT_FALSE(Apply(charge, Told(Outcome::kPending, 5), kStart)) << "of equal ones the further counts";
  EXPECT_EQ(charge.news.outcome, Outcome::kDeclined);
  EXPECT_TRUE(Apply(charge, Told(Outcome::kSucceeded, 6, kStart - absl::Hours(9)), kStart));
  EXPECT_EQ(charge.news.outcome, Outcome::kSucceeded);
}

TEST(Charge, ARefundStaysDueWhenItsSuccessIsToldAgain) {
  Charge charge = NewCharge(1, kStart);
  ASSERT_TRUE(Apply(charge, Told(Outcome::kSucceeded, 1), kStart));
  charge.refund = RefundState::kDue;
  charge.next_due_time = kStart;
  EXPECT_TRUE(Apply(charge, Told(Outcome::kSucceeded, 2), kStart));
  EXPECT_EQ(charge.refund, RefundState::kDue);
  EXPECT_EQ(charge.next_due_time, kStart);
  EXPECT_TRUE(Apply(charge, Told(Outcome::kDeclined, 3), kStart));
  EXPECT_EQ(charge.refund, RefundState::kNone) << "taken back by the payer: nothing is left to give back";
  EXPECT_EQ(charge.next_due_time, absl::InfiniteFuture());
}

TEST(Charge, WithoutSequencesTheTimeDecides) {
  Charge charge = NewCharge(1, kStart);
  EXPECT_TRUE(Apply(charge, Told(Outcome::kSucceeded, 0, kStart), kStart));
  EXPECT_FALSE(Apply(charge, Told(Outcome::kDeclined, 0, kStart - absl::Seconds(1)), kStart));
  EXPECT_TRUE(Apply(charge, Told(Outcome::kDeclined, 0, kStart + absl::Seconds(1)), kStart)) << "taken back";
}

TEST(Charge, TheKeyNamesItAndOnlyInItsProgram) {
  EXPECT_EQ(IdempotencyKey("shop", 12, 3), "shop/12/3");
  const auto name = ParseIdempotencyKey("shop", "shop/12/3");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->invoice_number, 12);
  EXPECT_EQ(name->attempt, 3);
  for (const char* bad : {"", "shop", "shop/12", "other/12/3", "shop/12/3/4", "shop/012/3", "shop/x/3",
                          "shop/+12/3", "shop/99999999999999999999/1", "shop/12/0", "shop/0/1", "shop/12/-1"})
    EXPECT_FALSE(ParseIdempotencyKey("shop", bad)) << bad;
}

TEST(Charge, ARefundIsTriedUntilItIsDoneOrRefused) {
  Charge charge = NewCharge(1, kStart);
  charge.refund = RefundState::kDue;
  ApplyRefund(charge, std::nullopt, kStart);
  EXPECT_EQ(charge.next_due_time, kStart + absl::Minutes(5));
  ApplyRefund(charge, true, kStart);
  EXPECT_EQ(charge.refund, RefundState::kDone);
  charge.refund = RefundState::kDue;
  ApplyRefund(charge, false, kStart);
  EXPECT_EQ(charge.refund, RefundState::kFailed);
  charge.refund = RefundState::kDue;
  for (int i = 0; i < 9; ++i) ApplyRefund(charge, std::nullopt, kStart);
  EXPECT_EQ(charge.refund, RefundState::kFailed);
}

// The provider's news in any order, any number of times, ends in the same charge and the same invoice.
RC_GTEST_PROP(Payment, ShuffledAndRepeatedNewsEndsWhereOrderedNewsDoes, ()) {
  const bool numbered = *rc::gen::arbitrary<bool>();
  const auto outcomes = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 5));
  std::vector<News> ordered;
  for (size_t i = 0; i < outcomes.size() && i < 8; ++i) {
    const int step = static_cast<int>(i);
    ordered.push_back(
        Told(static_cast<Outcome>(outcomes[i]), numbered ? step + 1 : 0, kStart + absl::Minutes(step)));
  }
  std::vector<News> shuffled = ordered;
  shuffled.insert(shuffled.end(), ordered.begin(), ordered.end());
  for (size_t i = shuffled.size(); i > 1; --i)
    std::swap(shuffled[i - 1], shuffled[*rc::gen::inRange<size_t>(0, i)]);

  const bool renewal = *rc::gen::arbitrary<bool>();
  const auto end = [&](const std::vector<News>& stream) {
    Life life;
    if (renewal) {
      life.AnswerLast(Outcome::kSucceeded);
      life.LiveUntil(life.m.period_end);
    }
    const Invoice& invoice = life.invoices.back();
    for (const News& news : stream) {
      life.now += absl::Minutes(1);
      life.Hear(invoice.number, 1, news);
    }
    const Charge& charge = invoice.charges[0];
    // A first payment that was taken back had begun the membership if the news of it came in time.
    const bool same = renewal || charge.news.outcome == Outcome::kSucceeded;
    return std::tuple(charge.news.outcome, charge.news.sequence, charge.news.time, invoice.state,
                      charge.refund, invoice.charges.size(), same ? life.m.state : State::kPendingPayment,
                      same && life.m.in_arrears, same && life.Benefits());
  };
  RC_ASSERT(end(ordered) == end(shuffled));
}

}  // namespace
}  // namespace loyalty::membership
