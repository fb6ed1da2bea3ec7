// Which of a member's memberships gives a benefit, and how much of it is left.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <vector>

#include "services/membership/domain/membership.h"

namespace loyalty::membership {

// A membership whose plan has the benefit.
struct Grant {
  Membership membership;
  Plan plan;  // only its id, billing, and whether benefits go on in grace
  Benefit benefit;
  int64_t used = 0;  // of the quota, in the membership's period
};

// The uses that are left at `now`. A period that is over and will be renewed counts as renewed. Of a QUOTA
// only.
int64_t Left(const Grant& grant, absl::Time now);
// When the quota refills, or the membership ends; the infinite future for life.
absl::Time QuotaEnd(const Grant& grant, const absl::TimeZone& zone, absl::Time now);

// The grant that counts at `now`: one that can be used before one that is used up, then the one whose period
// ends first. Null if no membership gives the benefit now.
const Grant* ChooseGrant(const std::vector<Grant>& grants, absl::Time now);

// The grant that `count` uses are taken from. FAILED_PRECONDITION: BENEFIT_NOT_GRANTED, BENEFIT_NOT_COUNTED,
// QUOTA_EXHAUSTED.
absl::StatusOr<Grant> ChooseForUse(const std::vector<Grant>& grants, absl::string_view benefit_id,
                                   int64_t count, absl::Time now);

// FAILED_PRECONDITION, reason QUOTA_EXHAUSTED.
absl::Status QuotaExhausted(int64_t left, int64_t asked);

}  // namespace loyalty::membership
