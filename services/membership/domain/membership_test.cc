#include "services/membership/domain/membership.h"

#include "services/membership/domain/test_kit.h"

namespace loyalty::membership {
namespace {

TEST(State, OnlyNamedTransitionsAreAllowed) {
  int allowed = 0;
  for (int from = 0; from <= 6; ++from) {
    for (int transition = 1; transition <= 12; ++transition) {
      for (int to = 1; to <= 6; ++to) {
        const auto before = from == 0 ? std::nullopt : std::optional(static_cast<State>(from));
        if (!Allowed(before, static_cast<Transition>(transition), static_cast<State>(to))) continue;
        ++allowed;
        EXPECT_NE(before, State::kExpired) << "what is over stays over";
      }
    }
  }
  EXPECT_EQ(allowed, 25);
  EXPECT_FALSE(Allowed(State::kPendingPayment, Transition::kCancel, State::kCancelled));
  EXPECT_FALSE(Allowed(State::kActive, Transition::kActivate, State::kActive));
}

Membership InState(State state) {
  Membership m;
  m.state = state;
  m.start_time = m.period_start = kStart;
  m.period_end = kStart + absl::Hours(240);
  return m;
}

TEST(Benefits, FollowTheStateAndTheTime) {
  const Plan plan = MonthlyPlan();
  const absl::Time inside = kStart + absl::Hours(1), after = kStart + absl::Hours(240);
  EXPECT_TRUE(HasBenefits(InState(State::kTrialing), plan, after)) << "the first period follows";
  EXPECT_TRUE(HasBenefits(InState(State::kActive), plan, after)) << "the next period follows";
  EXPECT_FALSE(HasBenefits(InState(State::kActive), plan, kStart - absl::Seconds(1)));
  EXPECT_TRUE(HasBenefits(InState(State::kCancelled), plan, inside));
  EXPECT_FALSE(HasBenefits(InState(State::kCancelled), plan, after)) << "periods are half-open";
  EXPECT_TRUE(HasBenefits(InState(State::kActive), LifePlan(), inside));
  EXPECT_FALSE(HasBenefits(InState(State::kActive), LifePlan(), after)) << "nothing follows";
  Membership pending = InState(State::kPendingPayment), expired = InState(State::kExpired);
  pending.start_time = absl::InfiniteFuture();
  expired.end_time = inside;
  EXPECT_FALSE(HasBenefits(pending, plan, inside));
  EXPECT_FALSE(HasBenefits(expired, plan, inside));
}

TEST(Benefits, InGraceFollowThePlansPolicy) {
  Plan kept = MonthlyPlan();
  kept.dunning.benefits_in_grace = true;
  for (const State state : {State::kGrace, State::kCancelled}) {
    Membership m = InState(state);
    m.in_arrears = true;
    m.dunning_start = kStart + absl::Hours(1);
    EXPECT_FALSE(HasBenefits(m, MonthlyPlan(), m.dunning_start));
    EXPECT_TRUE(HasBenefits(m, kept, m.dunning_start));
  }
}

TEST(Benefits, InGraceEndWithAPeriodThatNothingFollows) {
  Plan plan = LifePlan();
  plan.billing.count = 1;
  plan.dunning.benefits_in_grace = true;
  Membership m = InState(State::kGrace);
  m.in_arrears = true;
  m.dunning_start = kStart + absl::Hours(1);
  EXPECT_TRUE(HasBenefits(m, plan, m.period_end - absl::Seconds(1)));
  EXPECT_FALSE(HasBenefits(m, plan, m.period_end));
  EXPECT_EQ(LabelOf(m, plan)->until, m.period_end);
}

TEST(Label, LastsAsLongAsTheBenefitsAndIsOpenWhileItRenews) {
  const Plan plan = MonthlyPlan();
  EXPECT_EQ(LabelOf(InState(State::kActive), plan),
            (LabelSpan{"plan:prime", kStart, absl::InfiniteFuture()}));
  EXPECT_EQ(LabelOf(InState(State::kCancelled), plan)->until, kStart + absl::Hours(240));
  Membership expired = InState(State::kExpired);
  expired.end_time = kStart + absl::Hours(3);
  EXPECT_EQ(LabelOf(expired, plan)->until, expired.end_time);
  Membership grace = InState(State::kGrace);
  grace.in_arrears = true;
  grace.dunning_start = kStart + absl::Hours(2);
  EXPECT_EQ(LabelOf(grace, plan)->until, grace.dunning_start);
  Membership never = InState(State::kExpired);
  never.start_time = absl::InfiniteFuture();
  EXPECT_EQ(LabelOf(never, plan), std::nullopt);
  Plan plain = plan;
  plain.benefits.clear();
  EXPECT_EQ(LabelOf(InState(State::kActive), plain), std::nullopt);
}

}  // namespace
}  // namespace loyalty::membership
