#include "services/membership/storage/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/figures_shown.h"
#include "services/membership/storage/test_store.h"

namespace loyalty::membership {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

auto Shown(const TestStore& store) {
  return testing::FiguresShown(store.database, sql::Statements(), Figures(), kStart);
}

// Of the plan of each billing, at its price in euros: `members` pay, in the state `state`.
void Add(TestStore& store, Billing billing, int64_t price_minor, int members, State state = State::kActive) {
  static int number = 0;
  Plan plan = store.plan;
  plan.id = absl::StrCat("plan-", ++number);
  plan.billing = billing;
  store.Run([&](postgres::Transaction& tx) { EXPECT_TRUE(InsertPlan(tx, kShop, plan)); });
  for (int i = 0; i < members; ++i) {
    const bool over = state == State::kExpired;
    store.database.Exec(absl::StrCat(
        "INSERT INTO membership.membership (program_key, membership_id, member_id, plan_id, state, "
        "currency_code, "
        "price_minor, payment_method, create_time, start_time, anchor_time, period_index, period_start, "
        "period_end, "
        "trial_end, cancel_time, cancel_cause, cancel_reason, dunning_start, retries, in_arrears, end_time, "
        "history_count, label_count, next_due_time) VALUES (1, nextval('membership.membership_id'), 'm",
        i, "', '", plan.id, "', ", static_cast<int>(state), ", 'EUR', ", price_minor,
        ", '', now(), now(), now(), 0, now(), "
        "'infinity', '-infinity', 'infinity', 0, '', 'infinity', 0, false, '",
        over ? "now" : "infinity", "', 1, 0, 'infinity')"));
  }
}

TEST(MembershipFigures, MembershipsAreCountedByProgramAndState) {
  TestStore store;
  store.database.AddProgram("shop");
  EXPECT_THAT(Shown(store), IsEmpty()) << "the planner's sample is nobody's";
  ASSERT_TRUE(store.Subscribe("anna").ok());
  Add(store, {BillingKind::kOneTime, 0}, 5000, 3);
  Add(store, {BillingKind::kMonthly, 1}, 990, 2, State::kExpired);
  EXPECT_THAT(Shown(store), ElementsAre(Pair("loyalty_memberships{program=shop,state=active}", 3),
                                        Pair("loyalty_memberships{program=shop,state=expired}", 2),
                                        Pair("loyalty_memberships{program=shop,state=pending_payment}", 1)));
}

TEST(MembershipFigures, MonthlyRevenueIsThatOfRenewingMembershipsRoundedDownOnce) {
  TestStore store;
  store.database.AddProgram("shop");
  Add(store, {BillingKind::kMonthly, 1}, 990, 2);                         // 1980
  Add(store, {BillingKind::kMonthly, 3}, 1000, 1, State::kGrace);         // 333 1/3
  Add(store, {BillingKind::kYearly, 1}, 10000, 1);                        // 833 1/3
  Add(store, {BillingKind::kYearly, 2}, 10008, 1);                        // 417
  Add(store, {BillingKind::kMonthly, 1}, 100'000, 1, State::kTrialing);   // pays nothing yet
  Add(store, {BillingKind::kMonthly, 1}, 100'000, 1, State::kCancelled);  // does not renew
  Add(store, {BillingKind::kMonthly, 1}, 100'000, 1, State::kExpired);
  Add(store, {BillingKind::kOneTime, 12}, 100'000, 1);
  EXPECT_EQ(Shown(store).at("loyalty_membership_monthly_revenue_minor{currency=EUR,program=shop}"), 3563);
}

}  // namespace
}  // namespace loyalty::membership
