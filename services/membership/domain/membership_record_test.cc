#include "services/membership/domain/membership_record.h"

#include "services/membership/domain/test_kit.h"

namespace loyalty::membership {
namespace {

using Kind = ProviderCall::Kind;
using ::testing::ElementsAre;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

Life Paid(Plan plan = MonthlyPlan()) {
  Life life(std::move(plan));
  life.AnswerLast(Outcome::kSucceeded);
  return life;
}

TEST(Subscribe, ChargesFirstAndBeginsWhenItIsPaid) {
  Life life;
  EXPECT_EQ(life.m.state, State::kPendingPayment);
  EXPECT_FALSE(life.Benefits());
  EXPECT_THAT(life.calls, ElementsAre(Life::Call{Kind::kCharge, 1, 1}));
  EXPECT_EQ(life.label, std::nullopt);
  life.GoTo(kStart + absl::Minutes(1));
  life.AnswerLast(Outcome::kSucceeded);
  EXPECT_EQ(life.Path(), "1:PENDING_PAYMENT 2:ACTIVE");
  EXPECT_TRUE(life.Benefits());
  EXPECT_EQ(life.m.anchor_time, life.now) << "the period that is paid is whole";
  EXPECT_EQ(life.invoices[0].state, InvoiceState::kPaid);
  EXPECT_EQ(life.invoices[0].lines[0].period_start, life.now);
  EXPECT_EQ(life.label->until, absl::InfiniteFuture());
  EXPECT_EQ(life.sign_up_points, 500);
}

TEST(Subscribe, ATrialIsFreeOnceAndThenBills) {
  Life life(TrialPlan());
  EXPECT_EQ(life.m.state, State::kTrialing);
  EXPECT_TRUE(life.Benefits());
  EXPECT_TRUE(life.invoices.empty());
  EXPECT_EQ(life.m.next_due_time, At(2026, 2, 14));
  life.GoTo(At(2026, 2, 14));
  EXPECT_EQ(life.m.state, State::kActive);
  EXPECT_TRUE(life.Benefits());
  EXPECT_EQ(life.sign_up_points, 0) << "not paid yet";
  life.AnswerLast(Outcome::kSucceeded);
  EXPECT_EQ(life.sign_up_points, 500);
  EXPECT_EQ(life.m.period_end, At(2026, 3, 14));

  SubscribeCommand again = Anna();
  again.had_plan_before = true;
  EXPECT_EQ(Life(TrialPlan(), again).m.state, State::kPendingPayment);
}

TEST(Subscribe, AFreePlanBeginsAtOnceWithAPaidInvoice) {
  Plan plan = MonthlyPlan();
  plan.prices[0].amount_minor = 0;
  Life life(plan);
  EXPECT_EQ(life.m.state, State::kActive);
  EXPECT_EQ(life.invoices[0].state, InvoiceState::kPaid);
  EXPECT_TRUE(life.calls.empty());
  EXPECT_EQ(life.sign_up_points, 500);
}

TEST(Subscribe, NeedsAnOpenPlanAndAPrice) {
  Plan archived = MonthlyPlan();
  archived.archived = true;
  EXPECT_THAT(MembershipRecord::Subscribe(archived, Zone(), Anna(), kStart),
              IsRefused(kPrecondition, "PLAN_ARCHIVED"));
  SubscribeCommand yen = Anna();
  yen.currency_code = "JPY";
  EXPECT_THAT(MembershipRecord::Subscribe(MonthlyPlan(), Zone(), yen, kStart),
              IsRefused(kPrecondition, "NO_PRICE"));
}

TEST(Subscribe, AgainIsRefusedUnlessTheFirstChargeFailed) {
  const auto again = [](Life& life) {
    return life.Decide([&](MembershipRecord& record) { return record.SubscribeAgain(Anna(), life.now); });
  };
  Life life;
  EXPECT_THAT(again(life), IsRefused(absl::StatusCode::kAlreadyExists, "ALREADY_SUBSCRIBED"));
  life.AnswerLast(Outcome::kDeclined);
  EXPECT_EQ(life.m.state, State::kPendingPayment);
  EXPECT_TRUE(again(life).ok());
  EXPECT_THAT(life.calls, ElementsAre(Life::Call{Kind::kCharge, 1, 1}, Life::Call{Kind::kCharge, 1, 2}));
  life.AnswerLast(Outcome::kSucceeded);
  EXPECT_EQ(life.m.state, State::kActive);
  EXPECT_THAT(again(life), IsRefused(absl::StatusCode::kAlreadyExists, "ALREADY_SUBSCRIBED"));
}

TEST(Subscribe, AgainChargesInTheCurrencyOfTheFirstTimeOnly) {
  Life life;
  life.AnswerLast(Outcome::kDeclined);
  for (const char* currency : {"USD", "", "EUR"}) {
    SubscribeCommand again = Anna();
    again.currency_code = currency;
    MembershipRecord record = life.Load();
    const absl::Status status = record.SubscribeAgain(again, life.now);
    if (std::string(currency) == "USD") {
      EXPECT_THAT(status, IsRefused(absl::StatusCode::kAlreadyExists, "ALREADY_SUBSCRIBED"));
    } else {
      EXPECT_TRUE(status.ok()) << currency << status;
    }
  }
}

TEST(Subscribe, IsAbandonedADayAfterADeclineAndLateMoneyGoesBack) {
  Life life;
  life.AnswerLast(Outcome::kDeclined);
  life.LiveUntil(kStart + absl::Hours(23));
  EXPECT_EQ(life.m.state, State::kPendingPayment);
  life.LiveUntil(kStart + absl::Hours(24));
  EXPECT_EQ(life.m.state, State::kExpired);
  EXPECT_EQ(life.invoices[0].state, InvoiceState::kVoid);
  EXPECT_TRUE(life.Hear(1, 1, Told(Outcome::kSucceeded, 0, life.now)));
  EXPECT_EQ(life.LastCharge().refund, RefundState::kDue);
  life.GoTo(life.now);
  EXPECT_EQ(life.calls.back(), (Life::Call{Kind::kRefund, 1, 1}));
  life.AnswerRefund(1, 1, true);
  EXPECT_EQ(life.LastCharge().refund, RefundState::kDone);
  EXPECT_EQ(life.m.next_due_time, absl::InfiniteFuture());
}

TEST(Unknown, IsAskedAgainAndNeverChargedAgain) {
  Life life;
  life.AnswerLast(Outcome::kUnknown);
  for (int i = 0; i < 20 && life.m.next_due_time != absl::InfiniteFuture(); ++i) {
    const size_t before = life.calls.size();
    life.GoTo(life.m.next_due_time);
    if (life.calls.size() > before) life.AnswerLast(Outcome::kUnknown);
  }
  int charges = 0, looks = 0;
  for (const Life::Call& call : life.calls) ++(call.kind == Kind::kCharge ? charges : looks);
  EXPECT_EQ(charges, 1);
  EXPECT_EQ(looks, 7);
  EXPECT_EQ(life.m.state, State::kExpired) << "given up";
  EXPECT_EQ(life.invoices[0].state, InvoiceState::kVoid);
}

TEST(Unknown, ThatWasASuccessIsFoundByALook) {
  Life life = Paid();
  life.LiveUntil(At(2026, 2, 28));
  ASSERT_EQ(life.invoices.size(), 2u);
  life.AnswerLast(Outcome::kUnknown);
  EXPECT_EQ(life.m.state, State::kActive);
  life.LiveUntil(At(2026, 2, 28) + absl::Minutes(5));
  EXPECT_EQ(life.calls.back(), (Life::Call{Kind::kLook, 2, 1}));
  life.AnswerLast(Outcome::kSucceeded);
  EXPECT_EQ(life.invoices[1].state, InvoiceState::kPaid);
}

TEST(Unknown, ACallThatNobodyAnsweredIsLookedAt) {
  Life life;
  life.GoTo(kStart + kCallTime);  // the process died
  EXPECT_EQ(life.calls.back(), (Life::Call{Kind::kLook, 1, 1}));
  EXPECT_EQ(life.m.next_due_time, kStart + 2 * kCallTime) << "and nobody else asks meanwhile";
}

TEST(Unknown, IsNotChargedByALookOnceNobodyWantsTheMoney) {
  Life life;
  life.AnswerLast(Outcome::kUnknown);
  ASSERT_TRUE(life.Cancel(CancelWhen::kNow).ok());
  life.LiveUntil(life.m.next_due_time);
  EXPECT_EQ(life.calls.back(), (Life::Call{Kind::kLook, 1, 1, /*may_charge=*/false}));
  life.AnswerLast(Outcome::kUnknown);
  EXPECT_NE(life.m.next_due_time, absl::InfiniteFuture()) << "the first call may still arrive there";
}

TEST(NotAttempted, IsMadeUpForUnderANewKeyWithoutGrace) {
  Life life = Paid();
  life.LiveUntil(At(2026, 2, 28));
  life.AnswerLast(Outcome::kNotAttempted);
  EXPECT_EQ(life.m.state, State::kActive);
  life.LiveUntil(At(2026, 2, 28) + absl::Minutes(5));
  EXPECT_EQ(life.calls.back(), (Life::Call{Kind::kCharge, 2, 2}));
  EXPECT_EQ(life.m.state, State::kActive);
  life.AnswerLast(Outcome::kSucceeded);
  EXPECT_EQ(life.invoices[1].state, InvoiceState::kPaid);
}

TEST(NotAttempted, ForFiveDaysCountsAsADecline) {
  Life life = Paid();
  life.LiveUntil(At(2026, 2, 28));
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(life.m.state, State::kActive) << i;
    life.AnswerLast(Outcome::kNotAttempted);
    life.LiveUntil(life.m.next_due_time);
  }
  EXPECT_EQ(life.m.state, State::kGrace);
  EXPECT_EQ(life.LastCharge().attempt, 9) << "by then the first retry";
}

TEST(Renewal, BillsEachPeriodOnceFromTheAnchor) {
  Life life = Paid();
  std::vector<absl::Time> begins;
  for (int i = 0; i < 4; ++i) {
    begins.push_back(life.m.period_end);
    life.LiveUntil(life.m.period_end);
    life.AnswerLast(Outcome::kSucceeded);
  }
  EXPECT_THAT(begins, ElementsAre(At(2026, 2, 28), At(2026, 3, 31), At(2026, 4, 30), At(2026, 5, 31)));
  EXPECT_EQ(life.invoices.size(), 5u);
}

TEST(Renewal, AJobThatWasAwayBillsEveryMissedPeriodOnce) {
  Life life = Paid();
  life.GoTo(At(2026, 5, 1));
  ASSERT_EQ(life.invoices.size(), 4u);
  for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(life.invoices[static_cast<size_t>(i)].lines[0].period_index, i);
  EXPECT_EQ(life.calls.size(), 4u);
  EXPECT_EQ(life.history.back().occurred_time, At(2026, 4, 30));
  EXPECT_EQ(life.history.back().recorded_time, At(2026, 5, 1));
  life.GoTo(At(2026, 5, 1));
  EXPECT_EQ(life.invoices.size(), 4u);
}

TEST(Renewal, AOneTimePlanEndsByItselfAndALifelongOneNever) {
  Plan plan = LifePlan();
  plan.billing.count = 3;
  Life life = Paid(plan);
  EXPECT_EQ(life.label->until, At(2026, 4, 30));
  EXPECT_THAT(life.Cancel(CancelWhen::kPeriodEnd), IsRefused(kPrecondition, "NOT_RENEWING"));
  life.LiveUntil(At(2027, 1, 1));
  EXPECT_EQ(life.Path(), "1:PENDING_PAYMENT 2:ACTIVE 11:EXPIRED");
  EXPECT_EQ(life.m.end_time, At(2026, 4, 30));
  EXPECT_EQ(Paid(LifePlan()).m.next_due_time, absl::InfiniteFuture());
}

TEST(Dunning, RetriesByTheScheduleAndRecovers) {
  Life life = Paid();
  life.LiveUntil(At(2026, 2, 28));
  life.AnswerLast(Outcome::kDeclined);
  EXPECT_EQ(life.m.state, State::kGrace);
  EXPECT_FALSE(life.Benefits());
  EXPECT_EQ(life.label->until, At(2026, 2, 28));
  EXPECT_EQ(life.m.next_due_time, At(2026, 3, 1));
  life.LiveUntil(At(2026, 3, 1));
  life.AnswerLast(Outcome::kDeclined);
  EXPECT_EQ(life.m.next_due_time, At(2026, 3, 3));
  life.LiveUntil(At(2026, 3, 3));
  life.AnswerLast(Outcome::kSucceeded);
  EXPECT_EQ(life.Path(), "1:PENDING_PAYMENT 2:ACTIVE 5:ACTIVE 6:GRACE 7:ACTIVE");
  EXPECT_TRUE(life.Benefits());
  EXPECT_EQ(life.label->until, absl::InfiniteFuture());
  EXPECT_EQ(life.m.period_end, At(2026, 3, 31)) << "the anchor did not move";
}

Life Declined(AfterDunning after) {
  Plan plan = MonthlyPlan();
  plan.dunning.after = after;
  Life life = Paid(plan);
  life.LiveUntil(At(2026, 2, 28));
  life.AnswerLast(Outcome::kDeclined);
  for (const int day : {1, 3, 5, 7}) {
    EXPECT_EQ(life.m.state, State::kGrace);
    life.LiveUntil(At(2026, 2, 28) + absl::Hours(24 * day));
    life.AnswerLast(Outcome::kDeclined);
  }
  return life;
}

TEST(Dunning, ExpiresWhenTheLastRetryIsDeclined) {
  Life life = Declined(AfterDunning::kExpire);
  EXPECT_EQ(life.m.state, State::kExpired);
  EXPECT_EQ(life.invoices[1].state, InvoiceState::kUncollectible);
  EXPECT_EQ(life.invoices[1].charges.size(), 5u);
  EXPECT_TRUE(life.Hear(2, 5, Told(Outcome::kSucceeded, 0, life.now + absl::Minutes(1))));
  EXPECT_EQ(life.LastCharge().refund, RefundState::kDue) << "it has nothing to give for it";
}

TEST(Dunning, OrCancelsAndLateMoneyStillGivesThePeriod) {
  Life life = Declined(AfterDunning::kCancel);
  EXPECT_EQ(life.m.state, State::kCancelled);
  EXPECT_FALSE(life.Benefits());
  EXPECT_THAT(life.Undo(), IsRefused(kPrecondition, "NOT_CANCELLED"));
  EXPECT_TRUE(life.Hear(2, 1, Told(Outcome::kSucceeded, 0, life.now + absl::Minutes(1))));
  EXPECT_EQ(life.invoices[1].state, InvoiceState::kPaid);
  EXPECT_TRUE(life.Benefits());
  EXPECT_EQ(life.label->until, At(2026, 3, 31));
  life.LiveUntil(At(2026, 3, 31));
  EXPECT_EQ(life.m.state, State::kExpired);
}

TEST(Dunning, AnAbsentJobRetriesOnceAndNotFourTimes) {
  Life life = Paid();
  life.LiveUntil(At(2026, 2, 28));
  life.AnswerLast(Outcome::kDeclined);
  life.GoTo(At(2026, 3, 20));
  EXPECT_EQ(life.invoices[1].charges.size(), 2u);
  EXPECT_EQ(life.m.state, State::kGrace) << "until the last answer is there";
  life.AnswerLast(Outcome::kDeclined);
  EXPECT_EQ(life.m.state, State::kExpired);
}

TEST(Dunning, WithoutRetriesTheFirstDeclineEndsIt) {
  Plan plan = MonthlyPlan();
  plan.dunning.retry_days.clear();
  Life life = Paid(plan);
  life.LiveUntil(At(2026, 2, 28));
  life.AnswerLast(Outcome::kDeclined);
  EXPECT_EQ(life.Path(), "1:PENDING_PAYMENT 2:ACTIVE 5:ACTIVE 6:GRACE 10:EXPIRED");
}

TEST(Dunning, OfAOneTimePlanEndsWithItsPeriod) {
  Plan plan = LifePlan();
  plan.billing.count = 1;
  plan.dunning.benefits_in_grace = true;
  Life life = Paid(plan);
  life.now = At(2026, 2, 27);
  EXPECT_TRUE(life.Hear(1, 1, Told(Outcome::kDeclined, 0, life.now)));
  for (const int day : {1, 3, 5, 7}) {
    EXPECT_EQ(life.m.state, State::kGrace);
    EXPECT_EQ(life.label->until, At(2026, 2, 28));
    life.LiveUntil(At(2026, 2, 27) + absl::Hours(24 * day));
    EXPECT_FALSE(life.Benefits());
    life.AnswerLast(Outcome::kDeclined);
  }
  EXPECT_EQ(life.m.state, State::kExpired);
  EXPECT_EQ(life.m.end_time, At(2026, 2, 28));
  EXPECT_EQ(life.label->until, At(2026, 2, 28));
}

TEST(Payment, ThatIsTakenBackOpensTheInvoiceAgain) {
  Life life = Paid();
  life.GoTo(kStart + absl::Hours(50));
  EXPECT_TRUE(life.Hear(1, 1, Told(Outcome::kDeclined, 0, life.now)));
  EXPECT_EQ(life.invoices[0].state, InvoiceState::kOpen);
  EXPECT_EQ(life.m.state, State::kGrace);
  life.LiveUntil(life.now + absl::Hours(24));
  life.AnswerLast(Outcome::kSucceeded);
  EXPECT_EQ(life.m.state, State::kActive);
}

TEST(Payment, ThatComesTwiceGoesBackOnce) {
  Life life;
  life.AnswerLast(Outcome::kDeclined);
  ASSERT_TRUE(life.Decide([&](MembershipRecord& r) { return r.SubscribeAgain(Anna(), life.now); }).ok());
  life.AnswerLast(Outcome::kSucceeded);
  EXPECT_TRUE(life.Hear(1, 1, Told(Outcome::kSucceeded, 0, life.now + absl::Minutes(1))));
  int refunds = 0;
  for (const Charge& charge : life.invoices[0].charges) refunds += charge.refund == RefundState::kDue ? 1 : 0;
  EXPECT_EQ(refunds, 1);
  EXPECT_EQ(life.invoices[0].state, InvoiceState::kPaid);
  EXPECT_FALSE(life.Hear(1, 9, Told(Outcome::kSucceeded))) << "there is no such charge";
}

TEST(Cancel, AtThePeriodsEndKeepsThePeriodAndCanBeTakenBack) {
  Life life = Paid();
  ASSERT_TRUE(life.Cancel(CancelWhen::kPeriodEnd).ok());
  EXPECT_EQ(life.label->until, At(2026, 2, 28));
  EXPECT_THAT(life.Cancel(CancelWhen::kPeriodEnd), IsRefused(kPrecondition, "ALREADY_CANCELLED"));
  ASSERT_TRUE(life.Undo().ok());
  EXPECT_EQ(life.m.state, State::kActive);
  EXPECT_EQ(life.label->until, absl::InfiniteFuture());
  EXPECT_EQ(life.m.label_count, 3) << "begun, limited, unlimited";
  EXPECT_THAT(life.Undo(), IsRefused(kPrecondition, "NOT_CANCELLED"));
  ASSERT_TRUE(life.Cancel(CancelWhen::kPeriodEnd).ok());
  life.LiveUntil(At(2026, 2, 28) - absl::Seconds(1));
  EXPECT_TRUE(life.Benefits());
  life.LiveUntil(At(2026, 2, 28));
  EXPECT_FALSE(life.Benefits());
  EXPECT_EQ(life.invoices.size(), 1u);
  EXPECT_THAT(life.Undo(), IsRefused(kPrecondition, "MEMBERSHIP_ENDED"));
}

TEST(Cancel, InATrialCostsNothingAndUndoGoesBackToIt) {
  Life life(TrialPlan());
  ASSERT_TRUE(life.Cancel(CancelWhen::kPeriodEnd).ok());
  ASSERT_TRUE(life.Undo().ok());
  EXPECT_EQ(life.m.state, State::kTrialing);
  ASSERT_TRUE(life.Cancel(CancelWhen::kPeriodEnd).ok());
  EXPECT_TRUE(life.Benefits());
  life.LiveUntil(At(2026, 3, 1));
  EXPECT_EQ(life.m.state, State::kExpired);
  EXPECT_TRUE(life.invoices.empty());
}

TEST(Cancel, NowEndsItVoidsWhatIsOpenAndReturnsWhatStillComes) {
  Life life;
  EXPECT_THAT(life.Cancel(CancelWhen::kPeriodEnd), IsRefused(kPrecondition, "NO_PERIOD"));
  ASSERT_TRUE(life.Cancel(CancelWhen::kNow).ok());
  EXPECT_EQ(life.Path(), "1:PENDING_PAYMENT 12:EXPIRED");
  EXPECT_EQ(life.invoices[0].state, InvoiceState::kVoid);
  life.AnswerLast(Outcome::kSucceeded);
  EXPECT_EQ(life.LastCharge().refund, RefundState::kDue);
  EXPECT_THAT(life.Cancel(CancelWhen::kNow), IsRefused(kPrecondition, "MEMBERSHIP_ENDED"));
}

TEST(Cancel, NowSendsNoChargeOfAPeriodThatNoJobHasBilledYet) {
  Life life = Paid();
  life.now = At(2026, 3, 31);
  ASSERT_TRUE(life.Cancel(CancelWhen::kNow).ok());
  EXPECT_THAT(life.calls, ElementsAre(Life::Call{Kind::kCharge, 1, 1}));
  ASSERT_EQ(life.invoices.size(), 3u);
  for (const size_t i : {1u, 2u}) {
    EXPECT_EQ(life.invoices[i].state, InvoiceState::kVoid);
    EXPECT_EQ(life.invoices[i].charges[0].news.outcome, Outcome::kNotAttempted);
  }
  EXPECT_EQ(life.m.next_due_time, absl::InfiniteFuture());
}

TEST(Cancel, InGraceStillTriesToGetThePeriodPaid) {
  Life life = Paid();
  life.LiveUntil(At(2026, 2, 28));
  life.AnswerLast(Outcome::kDeclined);
  ASSERT_TRUE(life.Cancel(CancelWhen::kPeriodEnd).ok());
  EXPECT_FALSE(life.Benefits());
  life.LiveUntil(At(2026, 3, 1));
  life.AnswerLast(Outcome::kSucceeded);
  EXPECT_EQ(life.m.state, State::kCancelled);
  EXPECT_TRUE(life.Benefits());
  ASSERT_TRUE(life.Undo().ok());
  EXPECT_EQ(life.m.state, State::kActive);
}

}  // namespace
}  // namespace loyalty::membership
