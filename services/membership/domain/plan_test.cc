#include "services/membership/domain/plan.h"

#include <functional>

#include "services/membership/domain/test_kit.h"

namespace loyalty::membership {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using Change = std::function<void(Plan&)>;

std::vector<std::pair<std::string, std::string>> Faults(const Change& change) {
  Plan plan = MonthlyPlan();
  change(plan);
  Violations violations;
  ValidatePlan(plan, violations);
  std::vector<std::pair<std::string, std::string>> faults;
  if (const auto refusal = RefusalOf(violations.ToStatus())) {
    for (const Violation& violation : refusal->violations)
      faults.emplace_back(violation.field, violation.reason);
  }
  return faults;
}

TEST(Plan, EveryLimitIsReachedBeforeItIsPassed) {
  const Change accepted[] = {
      [](Plan&) {},
      [](Plan& p) { p.id = std::string(64, 'a'); },
      [](Plan& p) { p.display_name = std::string(200, 'a'); },
      [](Plan& p) { p.billing.count = kMaxMonths; },
      [](Plan& p) {
        p.billing = {BillingKind::kYearly, kMaxYears};
      },
      [](Plan& p) {
        p.billing = {BillingKind::kOneTime, 0};
      },
      [](Plan& p) {
        p.billing = {BillingKind::kOneTime, kMaxOneTimeMonths};
      },
      [](Plan& p) {
        p.prices = {{"JPY", 0}};
      },
      [](Plan& p) {
        p.prices = {{"EUR", kMaxPriceMinor}};
      },
      [](Plan& p) { p.trial_days = kMaxTrialDays; },
      [](Plan& p) { p.benefits.clear(); },
      [](Plan& p) { p.benefits[1].quota = kMaxQuota; },
      [](Plan& p) { p.benefits[2].numerator = p.benefits[2].denominator = kMaxMultiplierTerm; },
      [](Plan& p) { p.benefits[3].points = kMaxSignUpPoints; },
      [](Plan& p) { p.dunning.retry_days = {}; },
      [](Plan& p) { p.dunning.retry_days = {1, 2, 3, 4, 5, 6, 7, 8, 9, kMaxRetryDay}; },
  };
  for (size_t i = 0; i < std::size(accepted); ++i) EXPECT_THAT(Faults(accepted[i]), IsEmpty()) << i;
}

TEST(Plan, EveryFaultHasItsFieldAndReason) {
  struct Case {
    Change change;
    const char* field;
    const char* reason;
  };
  const Case cases[] = {
      {[](Plan& p) { p.id = ""; }, "plan.plan_id", "FIELD_REQUIRED"},
      {[](Plan& p) { p.id = std::string(65, 'a'); }, "plan.plan_id", "TOO_LONG"},
      {[](Plan& p) { p.id = "-prime"; }, "plan.plan_id", "MALFORMED"},
      {[](Plan& p) { p.id = "Prime"; }, "plan.plan_id", "MALFORMED"},
      {[](Plan& p) { p.display_name = ""; }, "plan.display_name", "FIELD_REQUIRED"},
      {[](Plan& p) { p.billing.count = 0; }, "plan.billing.count", "NOT_POSITIVE"},
      {[](Plan& p) { p.billing.count = kMaxMonths + 1; }, "plan.billing.count", "TOO_LARGE"},
      {[](Plan& p) {
         p.billing = {BillingKind::kOneTime, -1};
       },
       "plan.billing.count", "NEGATIVE"},
      {[](Plan& p) { p.prices.clear(); }, "plan.prices", "FIELD_REQUIRED"},
      {[](Plan& p) { p.prices.resize(kMaxPrices + 1); }, "plan.prices", "TOO_MANY"},
      {[](Plan& p) { p.prices[1].currency_code = "eur"; }, "plan.prices[1].currency_code",
       "UNKNOWN_CURRENCY"},
      {[](Plan& p) { p.prices[1].currency_code = "EUR"; }, "plan.prices[1].currency_code", "DUPLICATE"},
      {[](Plan& p) { p.prices[0].amount_minor = -1; }, "plan.prices[0].amount_minor", "NEGATIVE"},
      {[](Plan& p) { p.trial_days = -1; }, "plan.trial_days", "NEGATIVE"},
      {[](Plan& p) { p.trial_days = kMaxTrialDays + 1; }, "plan.trial_days", "TOO_LARGE"},
      {[](Plan& p) { p.benefits[0].id = "x y"; }, "plan.benefits[0].benefit_id", "MALFORMED"},
      {[](Plan& p) { p.benefits[0].id = "lounge"; }, "plan.benefits[1].benefit_id", "DUPLICATE"},
      {[](Plan& p) { p.benefits[0].quota = 1; }, "plan.benefits[0].quota", "NOT_APPLICABLE"},
      {[](Plan& p) { p.benefits[1].quota = 0; }, "plan.benefits[1].quota", "NOT_POSITIVE"},
      {[](Plan& p) { p.benefits[2].denominator = 0; }, "plan.benefits[2].multiplier.denominator",
       "NOT_POSITIVE"},
      {[](Plan& p) { p.benefits[3].points = 0; }, "plan.benefits[3].points", "NOT_POSITIVE"},
      {[](Plan& p) {
         p.benefits.push_back({"two", BenefitKind::kSignUpPoints, 0, 0, 0, 1});
       },
       "plan.benefits[4].kind", "DUPLICATE"},
      {[](Plan& p) { p.benefits.resize(kMaxBenefits + 1); }, "plan.benefits", "TOO_MANY"},
      {[](Plan& p) {
         p.dunning.retry_days = {3, 3};
       },
       "plan.dunning.retry_days[1]", "NOT_RISING"},
      {[](Plan& p) { p.dunning.retry_days = {0}; }, "plan.dunning.retry_days[0]", "NOT_POSITIVE"},
      {[](Plan& p) { p.dunning.retry_days = {28}; }, "plan.dunning.retry_days[0]", "TOO_LARGE"},
      {[](Plan& p) { p.dunning.retry_days.resize(kMaxRetries + 1); }, "plan.dunning.retry_days", "TOO_MANY"},
  };
  for (const Case& c : cases) EXPECT_THAT(Faults(c.change), UnorderedElementsAre(Pair(c.field, c.reason)));
}

TEST(Plan, TwoAreTheSameWhenTheirSettingsAre) {
  Plan other = MonthlyPlan();
  other.create_time += absl::Hours(1);
  other.archived = true;
  EXPECT_TRUE(SameSettings(MonthlyPlan(), other));
  const Change changes[] = {
      [](Plan& p) { p.display_name = "x"; },         [](Plan& p) { p.billing.count = 2; },
      [](Plan& p) { p.prices[0].amount_minor = 1; }, [](Plan& p) { p.trial_days = 1; },
      [](Plan& p) { p.benefits.pop_back(); },        [](Plan& p) { p.dunning.benefits_in_grace = true; }};
  for (size_t i = 0; i < std::size(changes); ++i) {
    Plan changed = MonthlyPlan();
    changes[i](changed);
    EXPECT_FALSE(SameSettings(MonthlyPlan(), changed)) << i;
  }
}

TEST(Plan, APeriodHasItsMonths) {
  Plan plan = MonthlyPlan();
  EXPECT_EQ(PeriodMonths(plan), 1);
  EXPECT_TRUE(Renews(plan));
  plan.billing = {BillingKind::kYearly, 2};
  EXPECT_EQ(PeriodMonths(plan), 24);
  EXPECT_EQ(PeriodMonths(LifePlan()), 0);
  EXPECT_FALSE(Renews(LifePlan()));
}

}  // namespace
}  // namespace loyalty::membership
