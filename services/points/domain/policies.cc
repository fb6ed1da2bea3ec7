// The checks of a program's policies.
#include "common/validate/check.h"
#include "services/points/domain/program.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

// What points are worth, and what needs to know it.
void CheckWorth(Violations& violations, const std::string& field, const SpendingPolicy& spending) {
  const bool points = CheckRange(violations, field + ".points", spending.points, 0, kMaxRateTerm);
  const bool worth = CheckRange(violations, field + ".worth_minor", spending.worth_minor, 0, kMaxRateTerm);
  if (!points || !worth) return;
  if (spending.points == 0 && spending.worth_minor > 0) {
    violations.Add(field + ".points", reason::kFieldRequired, "is required with worth_minor.");
  }
  if (spending.points > 0 && spending.worth_minor == 0) {
    violations.Add(field + ".worth_minor", reason::kFieldRequired, "is required with points.");
  }
  const bool asks = spending.largest_share_percent < 100 || spending.minimum_order_minor > 0;
  if (spending.points == 0 && spending.worth_minor == 0 && asks) {
    violations.Add(field + ".worth_minor", reason::kFieldRequired,
                   "is required with points, to know what they pay of an order.");
  }
}

void CheckSpending(Violations& violations, const std::string& field, const SpendingPolicy& spending) {
  CheckWorth(violations, field, spending);
  CheckRange(violations, field + ".minimum_order_minor", spending.minimum_order_minor, 0, INT64_MAX);
  CheckRange(violations, field + ".largest_share_percent", spending.largest_share_percent, 1, 100);
  CheckRange(violations, field + ".grace_days", spending.grace_days, 0, kMaxGraceDays);
}

// Limits may stand while there are no transfers: whoever forbids them for a time need not give them up.
void CheckTransfers(Violations& violations, const std::string& field, const TransferPolicy& transfers) {
  CheckRange(violations, field + ".most_points", transfers.most_points, 0, INT64_MAX);
  CheckRange(violations, field + ".most_points_day", transfers.most_points_day, 0, INT64_MAX);
  CheckRange(violations, field + ".fee_percent", transfers.fee_percent, 0, 100);
}

}  // namespace

void ValidatePolicies(const Policies& policies, Violations& violations) {
  const std::string field = "program.policies";
  ValidateExpiry(policies.expiry, field + ".expiry", violations);
  CheckSpending(violations, field + ".spending", policies.spending);
  ValidateTiers(policies.tiers, field + ".tiers", violations);
  CheckTransfers(violations, field + ".transfers", policies.transfers);
  const CelebrationPolicy& celebrations = policies.celebrations;
  CheckRange(violations, field + ".celebrations.birthday_points", celebrations.birthday_points, 0,
             kMaxRateTerm);
  CheckRange(violations, field + ".celebrations.anniversary_points", celebrations.anniversary_points, 0,
             kMaxRateTerm);
}

}  // namespace loyalty::points
