#include "services/points/service/convert_policy.h"

#include <absl/strings/str_cat.h>

#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

// An enum has the same numbers in the contract as in the domain; 0 leaves the default.
template <class To, class From>
void Convert(Violations& violations, const char* field, From from, bool is_valid(int), To& to) {
  if (!is_valid(from)) {
    violations.Add(absl::StrCat("program.policies.", field), reason::kMalformed,
                   "is not a value that is known here.");
  } else if (from != 0) {
    to = static_cast<To>(from);
  }
}

ExpiryPolicy ToExpiry(const v1::ExpiryPolicy& in, Violations& violations) {
  ExpiryPolicy expiry;
  switch (in.policy_case()) {
    case v1::ExpiryPolicy::kRollingMonths:
      expiry.kind = ExpiryKind::kRolling;
      expiry.months = in.rolling_months();
      break;
    case v1::ExpiryPolicy::kRollingDays:
      expiry.kind = ExpiryKind::kRolling;
      expiry.days = in.rolling_days();
      break;
    case v1::ExpiryPolicy::kFixedDay:
      expiry.kind = ExpiryKind::kFixedDay;
      expiry.month = in.fixed_day().month();
      expiry.day = in.fixed_day().day();
      break;
    case v1::ExpiryPolicy::kInactivityMonths:
      expiry.kind = ExpiryKind::kInactivity;
      expiry.months = in.inactivity_months();
      break;
    case v1::ExpiryPolicy::POLICY_NOT_SET:
      break;
  }
  Convert(violations, "expiry.round_up", in.round_up(), v1::ExpiryRoundUp_IsValid, expiry.round_up);
  return expiry;
}

SpendingPolicy ToSpending(const v1::SpendingPolicy& in) {
  SpendingPolicy spending{in.points(), in.worth_minor(), in.minimum_order_minor()};
  if (in.has_largest_share_percent()) spending.largest_share_percent = in.largest_share_percent();
  spending.grace_days = in.grace_days();
  return spending;
}

Tier ToTier(const v1::Tier& in) {
  Tier tier{in.tier_id(), in.display_name(), in.threshold()};
  if (in.has_multiplier()) {
    tier.multiplier_numerator = in.multiplier().numerator();
    tier.multiplier_denominator = in.multiplier().denominator();
  }
  tier.labels.assign(in.labels().begin(), in.labels().end());
  return tier;
}

TierPolicy ToTiers(const v1::TierPolicy& in, Violations& violations) {
  TierPolicy tiers;
  Convert(violations, "tiers.metric", in.metric(), v1::TierMetric_IsValid, tiers.metric);
  Convert(violations, "tiers.period", in.period(), v1::TierPeriod_IsValid, tiers.period);
  Convert(violations, "tiers.downgrade", in.downgrade(), v1::TierDowngrade_IsValid, tiers.downgrade);
  tiers.grace_days = in.grace_days();
  for (const v1::Tier& tier : in.tiers()) tiers.tiers.push_back(ToTier(tier));
  return tiers;
}

void Fill(v1::ExpiryPolicy& out, const ExpiryPolicy& expiry) {
  switch (expiry.kind) {
    case ExpiryKind::kNever:
      return;
    case ExpiryKind::kRolling:
      if (expiry.days != 0) {
        out.set_rolling_days(expiry.days);
      } else {
        out.set_rolling_months(expiry.months);
      }
      out.set_round_up(static_cast<v1::ExpiryRoundUp>(expiry.round_up));
      return;
    case ExpiryKind::kFixedDay:
      out.mutable_fixed_day()->set_month(expiry.month);
      out.mutable_fixed_day()->set_day(expiry.day);
      return;
    case ExpiryKind::kInactivity:
      out.set_inactivity_months(expiry.months);
      return;
  }
}

void Fill(v1::SpendingPolicy& out, const SpendingPolicy& spending) {
  out.set_points(spending.points);
  out.set_worth_minor(spending.worth_minor);
  out.set_minimum_order_minor(spending.minimum_order_minor);
  out.set_largest_share_percent(spending.largest_share_percent);
  out.set_grace_days(spending.grace_days);
}

void Fill(v1::TierPolicy& out, const TierPolicy& policy) {
  out.set_metric(static_cast<v1::TierMetric>(policy.metric));
  out.set_period(static_cast<v1::TierPeriod>(policy.period));
  out.set_downgrade(static_cast<v1::TierDowngrade>(policy.downgrade));
  out.set_grace_days(policy.grace_days);
  for (const Tier& tier : policy.tiers) {
    v1::Tier& out_tier = *out.add_tiers();
    out_tier.set_tier_id(tier.id);
    out_tier.set_display_name(tier.display_name);
    out_tier.set_threshold(tier.threshold);
    out_tier.mutable_multiplier()->set_numerator(tier.multiplier_numerator);
    out_tier.mutable_multiplier()->set_denominator(tier.multiplier_denominator);
    for (const std::string& label : tier.labels) out_tier.add_labels(label);
  }
}

void Fill(v1::TransferPolicy& out, const TransferPolicy& transfers) {
  out.set_allowed(transfers.allowed);
  out.set_most_points(transfers.most_points);
  out.set_most_points_day(transfers.most_points_day);
  out.set_fee_percent(transfers.fee_percent);
}

}  // namespace

Policies ToPolicies(const v1::Policies& in, Violations& violations) {
  Policies policies;
  policies.expiry = ToExpiry(in.expiry(), violations);
  Convert(violations, "returns", in.returns(), v1::ReturnPolicy_IsValid, policies.returns);
  policies.spending = ToSpending(in.spending());
  policies.tiers = ToTiers(in.tiers(), violations);
  policies.transfers = {in.transfers().allowed(), in.transfers().most_points(),
                        in.transfers().most_points_day(), in.transfers().fee_percent()};
  Convert(violations, "closure", in.closure(), v1::ClosurePolicy_IsValid, policies.closure);
  policies.celebrations = {in.celebrations().birthday_points(), in.celebrations().anniversary_points()};
  return policies;
}

v1::Policies ToProto(const Policies& policies) {
  v1::Policies out;
  Fill(*out.mutable_expiry(), policies.expiry);
  out.set_returns(static_cast<v1::ReturnPolicy>(policies.returns));
  Fill(*out.mutable_spending(), policies.spending);
  Fill(*out.mutable_tiers(), policies.tiers);
  Fill(*out.mutable_transfers(), policies.transfers);
  out.set_closure(static_cast<v1::ClosurePolicy>(policies.closure));
  if (policies.celebrations != CelebrationPolicy()) {
    out.mutable_celebrations()->set_birthday_points(policies.celebrations.birthday_points);
    out.mutable_celebrations()->set_anniversary_points(policies.celebrations.anniversary_points);
  }
  return out;
}

}  // namespace loyalty::points
