// A paid plan: what it costs, how often, and what it gives.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/status/status.h"

namespace loyalty::membership {

enum class BillingKind { kOneTime = 1, kMonthly = 2, kYearly = 3 };

struct Billing {
  BillingKind kind = BillingKind::kMonthly;
  int count = 1;  // months or years of a period; of a one-time plan the months it lasts, 0 for life
  bool operator==(const Billing&) const = default;
};
inline constexpr int kMaxMonths = 60;          // of a monthly plan's period
inline constexpr int kMaxYears = 10;           // of a yearly plan's period
inline constexpr int kMaxOneTimeMonths = 120;  // that a one-time plan lasts

struct Price {
  std::string currency_code;
  int64_t amount_minor = 0;  // 0 to kMaxPriceMinor
  bool operator==(const Price&) const = default;
};
inline constexpr int64_t kMaxPriceMinor = 1'000'000'000'000'000;

enum class BenefitKind { kFlag = 1, kQuota = 2, kPointsMultiplier = 3, kSignUpPoints = 4 };

// Only the fields of its kind are set.
struct Benefit {
  std::string id;
  BenefitKind kind = BenefitKind::kFlag;
  int64_t quota = 0;    // kQuota: uses in a period, 1 to kMaxQuota
  int numerator = 0;    // kPointsMultiplier: 1 to kMaxMultiplierTerm
  int denominator = 0;  // kPointsMultiplier: 1 to kMaxMultiplierTerm
  int64_t points = 0;   // kSignUpPoints: 1 to kMaxSignUpPoints
  bool operator==(const Benefit&) const = default;
};
inline constexpr int64_t kMaxQuota = 1'000'000'000;
inline constexpr int kMaxMultiplierTerm = 1'000;
inline constexpr int64_t kMaxSignUpPoints = 1'000'000'000'000;

enum class AfterDunning { kCancel = 1, kExpire = 2 };

struct Dunning {
  std::vector<int>
      retry_days;  // after the first decline, rising, 1 to kMaxRetryDay; so it ends within a month
  bool benefits_in_grace = false;
  AfterDunning after = AfterDunning::kExpire;
  bool operator==(const Dunning&) const = default;
};
inline constexpr int kMaxRetryDay = 27;
inline constexpr size_t kMaxRetries = 10;

struct Plan {
  std::string id;
  std::string display_name;
  Billing billing;
  std::vector<Price> prices;  // one for each currency
  int trial_days = 0;         // 0 to kMaxTrialDays
  std::vector<Benefit> benefits;
  Dunning dunning;
  bool archived = false;
  absl::Time create_time;
  absl::Time archive_time = absl::InfiniteFuture();  // which stands for: not archived
};
inline constexpr int kMaxTrialDays = 365;
inline constexpr size_t kMaxPrices = 20;
inline constexpr size_t kMaxBenefits = 50;

// True if both have the same settings, in the same order; state and times do not count.
bool SameSettings(const Plan& a, const Plan& b);

// True if a period follows a period.
inline bool Renews(const Plan& plan) { return plan.billing.kind != BillingKind::kOneTime; }
// The months of a period; 0 for life.
int PeriodMonths(const Plan& plan);

// Null if the plan has none.
const Price* FindPrice(const Plan& plan, absl::string_view currency_code);
const Benefit* FindBenefit(const Plan& plan, absl::string_view benefit_id);
const Benefit* FindBenefit(const Plan& plan, BenefitKind kind);

// Adds everything that is wrong with a plan.
void ValidatePlan(const Plan& plan, Violations& violations);

}  // namespace loyalty::membership
