#include "services/membership/domain/benefit.h"

#include "services/membership/domain/test_kit.h"

namespace loyalty::membership {
namespace {

Grant Lounge(int64_t id, int64_t used, int days_left = 10) {
  Grant grant;
  grant.plan = MonthlyPlan();
  grant.benefit = grant.plan.benefits[1];
  grant.used = used;
  grant.membership.id = id;
  grant.membership.state = State::kActive;
  grant.membership.start_time = grant.membership.period_start = kStart - absl::Hours(48);
  grant.membership.period_end = kStart + absl::Hours(24 * days_left);
  return grant;
}

TEST(Benefit, TheOneThatEndsFirstIsUsedFirstAndOneThatIsUsedUpLast) {
  EXPECT_EQ(ChooseGrant({}, kStart), nullptr);
  const std::vector<Grant> grants = {Lounge(1, 0, 20), Lounge(2, 3, 10), Lounge(3, 4, 5)};
  EXPECT_EQ(ChooseGrant(grants, kStart)->membership.id, 2);
  EXPECT_EQ(ChooseForUse(grants, "lounge", 1, kStart)->membership.id, 2);
  EXPECT_EQ(ChooseForUse(grants, "lounge", 2, kStart)->membership.id, 1) << "all uses from one membership";
  EXPECT_EQ(ChooseGrant({Lounge(3, 4)}, kStart)->membership.id, 3);
}

TEST(Benefit, MoreThanIsLeftIsRefused) {
  const auto refused = ChooseForUse({Lounge(1, 2)}, "lounge", 3, kStart);
  EXPECT_THAT(refused, IsRefused(absl::StatusCode::kFailedPrecondition, "QUOTA_EXHAUSTED"));
  EXPECT_EQ(RefusalOf(refused.status())->metadata,
            (std::map<std::string, std::string>{{"left", "2"}, {"asked", "3"}}));
}

TEST(Benefit, WhatNobodyGivesOrNobodyCountsCannotBeUsed) {
  EXPECT_THAT(ChooseForUse({}, "lounge", 1, kStart),
              IsRefused(absl::StatusCode::kFailedPrecondition, "BENEFIT_NOT_GRANTED"));
  Grant over = Lounge(1, 0);
  over.membership.state = State::kCancelled;
  EXPECT_THAT(ChooseForUse({over}, "lounge", 1, over.membership.period_end),
              IsRefused(absl::StatusCode::kFailedPrecondition, "BENEFIT_NOT_GRANTED"));
  Grant flag = Lounge(1, 0);
  flag.benefit = flag.plan.benefits[0];
  EXPECT_THAT(ChooseForUse({flag}, "shipping", 1, kStart),
              IsRefused(absl::StatusCode::kFailedPrecondition, "BENEFIT_NOT_COUNTED"));
}

TEST(Benefit, AQuotaIsFullAgainWhenThePeriodIsOverAlsoBeforeAJobRan) {
  const Grant grant = Lounge(1, 4);
  EXPECT_EQ(Left(grant, kStart), 0);
  EXPECT_EQ(Left(grant, grant.membership.period_end - absl::Seconds(1)), 0);
  EXPECT_EQ(Left(grant, grant.membership.period_end), 4);
  Grant grace = grant;
  grace.membership.state = State::kGrace;
  EXPECT_EQ(Left(grace, grace.membership.period_end), 0) << "grace is not renewed";
}

TEST(Benefit, AQuotaRefillsWithThePeriodAlsoBeforeAJobRan) {
  Grant grant = Lounge(1, 0);
  Membership& m = grant.membership;
  m.anchor_time = m.period_start = At(2026, 1, 31);
  m.period_index = 0;
  m.period_end = At(2026, 2, 28);
  EXPECT_EQ(QuotaEnd(grant, Zone(), At(2026, 2, 1)), At(2026, 2, 28));
  EXPECT_EQ(QuotaEnd(grant, Zone(), At(2026, 2, 28)), At(2026, 3, 31));
  EXPECT_EQ(QuotaEnd(grant, Zone(), At(2026, 5, 1)), At(2026, 5, 31));
  m.state = State::kCancelled;
  EXPECT_EQ(QuotaEnd(grant, Zone(), At(2026, 2, 1)), At(2026, 2, 28));
  grant.plan = LifePlan();
  m.state = State::kTrialing;
  EXPECT_EQ(QuotaEnd(grant, Zone(), At(2026, 3, 1)), absl::InfiniteFuture());
}

}  // namespace
}  // namespace loyalty::membership
