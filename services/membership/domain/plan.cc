#include "services/membership/domain/plan.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <tuple>

#include "common/validate/check.h"
#include "services/membership/domain/reason.h"

namespace loyalty::membership {
namespace {

void CheckBilling(Violations& violations, const Billing& billing) {
  const auto check = [&](int least, int most) {
    CheckRange(violations, "plan.billing.count", billing.count, least, most);
  };
  switch (billing.kind) {
    case BillingKind::kOneTime:
      return check(0, kMaxOneTimeMonths);
    case BillingKind::kMonthly:
      return check(1, kMaxMonths);
    case BillingKind::kYearly:
      return check(1, kMaxYears);
  }
}

void CheckPrices(Violations& violations, const Plan& plan) {
  if (plan.prices.empty()) violations.Add("plan.prices", reason::kFieldRequired, "needs a price.");
  if (!CheckCount(violations, "plan.prices", plan.prices.size(), kMaxPrices)) return;
  absl::flat_hash_set<absl::string_view> seen;
  for (size_t i = 0; i < plan.prices.size(); ++i) {
    const Price& price = plan.prices[i];
    const std::string field = absl::StrCat("plan.prices[", i, "]");
    CheckCurrency(violations, field + ".currency_code", price.currency_code, Presence::kRequired);
    CheckRange(violations, field + ".amount_minor", price.amount_minor, 0, kMaxPriceMinor);
    if (!seen.insert(price.currency_code).second) {
      violations.Add(field + ".currency_code", reason::kDuplicate, "has a price already.");
    }
  }
}

// What is not of the benefit's kind must not be set.
void CheckBenefitValues(Violations& violations, const std::string& field, const Benefit& benefit) {
  const auto unused = [&](const char* name, int64_t value) {
    if (value != 0)
      violations.Add(field + name, reason::kNotApplicable, "must not be set for this kind of benefit.");
  };
  if (benefit.kind == BenefitKind::kQuota) {
    CheckRange(violations, field + ".quota", benefit.quota, 1, kMaxQuota);
  } else {
    unused(".quota", benefit.quota);
  }
  if (benefit.kind == BenefitKind::kPointsMultiplier) {
    CheckRange(violations, field + ".multiplier.numerator", benefit.numerator, 1, kMaxMultiplierTerm);
    CheckRange(violations, field + ".multiplier.denominator", benefit.denominator, 1, kMaxMultiplierTerm);
  } else {
    unused(".multiplier.numerator", benefit.numerator);
    unused(".multiplier.denominator", benefit.denominator);
  }
  if (benefit.kind == BenefitKind::kSignUpPoints) {
    CheckRange(violations, field + ".points", benefit.points, 1, kMaxSignUpPoints);
  } else {
    unused(".points", benefit.points);
  }
}

void CheckBenefits(Violations& violations, const Plan& plan) {
  if (!CheckCount(violations, "plan.benefits", plan.benefits.size(), kMaxBenefits)) return;
  absl::flat_hash_set<absl::string_view> ids;
  absl::flat_hash_set<BenefitKind> kinds;
  for (size_t i = 0; i < plan.benefits.size(); ++i) {
    const Benefit& benefit = plan.benefits[i];
    const std::string field = absl::StrCat("plan.benefits[", i, "]");
    CheckSlug(violations, field + ".benefit_id", benefit.id);
    if (!ids.insert(benefit.id).second) {
      violations.Add(field + ".benefit_id", reason::kDuplicate, "is another benefit of the plan already.");
    }
    const bool single =
        benefit.kind == BenefitKind::kPointsMultiplier || benefit.kind == BenefitKind::kSignUpPoints;
    if (single && !kinds.insert(benefit.kind).second) {
      violations.Add(field + ".kind", reason::kDuplicate, "may be there once in a plan.");
    }
    CheckBenefitValues(violations, field, benefit);
  }
}

void CheckDunning(Violations& violations, const Dunning& dunning) {
  if (!CheckCount(violations, "plan.dunning.retry_days", dunning.retry_days.size(), kMaxRetries)) return;
  for (size_t i = 0; i < dunning.retry_days.size(); ++i) {
    const std::string field = absl::StrCat("plan.dunning.retry_days[", i, "]");
    CheckRange(violations, field, dunning.retry_days[i], 1, kMaxRetryDay);
    if (i > 0 && dunning.retry_days[i] <= dunning.retry_days[i - 1]) {
      violations.Add(field, reason::kNotRising, "must be later than the retry before it.");
    }
  }
}

}  // namespace

bool SameSettings(const Plan& a, const Plan& b) {
  const auto settings = [](const Plan& p) {
    return std::tie(p.id, p.display_name, p.billing, p.prices, p.trial_days, p.benefits, p.dunning);
  };
  return settings(a) == settings(b);
}

int PeriodMonths(const Plan& plan) {
  return plan.billing.kind == BillingKind::kYearly ? 12 * plan.billing.count : plan.billing.count;
}

const Price* FindPrice(const Plan& plan, absl::string_view currency_code) {
  const auto found = std::find_if(plan.prices.begin(), plan.prices.end(),
                                  [&](const Price& price) { return price.currency_code == currency_code; });
  return found == plan.prices.end() ? nullptr : &*found;
}

const Benefit* FindBenefit(const Plan& plan, absl::string_view benefit_id) {
  const auto found = std::find_if(plan.benefits.begin(), plan.benefits.end(),
                                  [&](const Benefit& benefit) { return benefit.id == benefit_id; });
  return found == plan.benefits.end() ? nullptr : &*found;
}

const Benefit* FindBenefit(const Plan& plan, BenefitKind kind) {
  const auto found = std::find_if(plan.benefits.begin(), plan.benefits.end(),
                                  [&](const Benefit& benefit) { return benefit.kind == kind; });
  return found == plan.benefits.end() ? nullptr : &*found;
}

void ValidatePlan(const Plan& plan, Violations& violations) {
  CheckSlug(violations, "plan.plan_id", plan.id);
  CheckText(violations, "plan.display_name", plan.display_name, kMaxDisplayNameBytes, Presence::kRequired);
  CheckBilling(violations, plan.billing);
  CheckPrices(violations, plan);
  CheckRange(violations, "plan.trial_days", plan.trial_days, 0, kMaxTrialDays);
  CheckBenefits(violations, plan);
  CheckDunning(violations, plan.dunning);
}

}  // namespace loyalty::membership
