#include "services/membership/domain/benefit.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <tuple>

#include "common/calendar/calendar.h"
#include "services/membership/domain/reason.h"

namespace loyalty::membership {
namespace {

absl::Status Refused(const char* reason, absl::string_view message, absl::string_view benefit_id) {
  return Refuse(absl::StatusCode::kFailedPrecondition, reason, message,
                {{"benefit_id", std::string(benefit_id)}});
}

// A period that is over, and followed by another one that nobody has billed yet.
bool Renewed(const Grant& grant, absl::Time now) {
  const Membership& m = grant.membership;
  return (m.state == State::kActive || m.state == State::kTrialing) && now >= m.period_end;
}

bool UsedUp(const Grant& grant, absl::Time now) {
  return grant.benefit.kind == BenefitKind::kQuota && Left(grant, now) == 0;
}

}  // namespace

int64_t Left(const Grant& grant, absl::Time now) {
  return std::max<int64_t>(0, grant.benefit.quota - (Renewed(grant, now) ? 0 : grant.used));
}

absl::Time QuotaEnd(const Grant& grant, const absl::TimeZone& zone, absl::Time now) {
  const Membership& m = grant.membership;
  if (!Renewed(grant, now)) return m.period_end;
  const int months = PeriodMonths(grant.plan);
  if (months == 0) return absl::InfiniteFuture();
  int64_t k = m.period_index + 1;
  while (PeriodStart(m.anchor_time, months, k + 1, zone) <= now) ++k;
  return PeriodStart(m.anchor_time, months, k + 1, zone);
}

absl::Status QuotaExhausted(int64_t left, int64_t asked) {
  return Refuse(absl::StatusCode::kFailedPrecondition, reason::kQuotaExhausted,
                absl::StrCat(left, " uses are left in this period, ", asked, " were asked."),
                {{"left", absl::StrCat(left)}, {"asked", absl::StrCat(asked)}});
}

const Grant* ChooseGrant(const std::vector<Grant>& grants, absl::Time now) {
  const auto rank = [&](const Grant& grant) {
    return std::tuple(UsedUp(grant, now), grant.membership.period_end, grant.membership.id);
  };
  const Grant* best = nullptr;
  for (const Grant& grant : grants) {
    if (!HasBenefits(grant.membership, grant.plan, now)) continue;
    if (best == nullptr || rank(grant) < rank(*best)) best = &grant;
  }
  return best;
}

absl::StatusOr<Grant> ChooseForUse(const std::vector<Grant>& grants, absl::string_view benefit_id,
                                   int64_t count, absl::Time now) {
  std::vector<Grant> counted, enough;
  bool any = false;
  int64_t left = 0;
  for (const Grant& grant : grants) {
    if (!HasBenefits(grant.membership, grant.plan, now)) continue;
    any = true;
    if (grant.benefit.kind != BenefitKind::kQuota) continue;
    counted.push_back(grant);
    left = std::max(left, Left(grant, now));
    if (Left(grant, now) >= count) enough.push_back(grant);
  }
  if (!any) {
    return Refused(reason::kBenefitNotGranted, "No membership of the member gives this benefit now.",
                   benefit_id);
  }
  if (counted.empty()) {
    return Refused(reason::kBenefitNotCounted, "The benefit is not counted; CheckBenefit tells who has it.",
                   benefit_id);
  }
  if (enough.empty()) return QuotaExhausted(left, count);
  return *ChooseGrant(enough, now);
}

}  // namespace loyalty::membership
