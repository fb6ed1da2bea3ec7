#include "services/points/domain/audience.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "common/validate/check.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

void CheckTiers(Violations& violations, const std::vector<std::string>& tier_ids) {
  if (!CheckCount(violations, "audience.tier_ids", tier_ids.size(), kMaxAudienceTiers)) return;
  std::set<absl::string_view> seen;
  for (size_t i = 0; i < tier_ids.size(); ++i) {
    const std::string field = absl::StrCat("audience.tier_ids[", i, "]");
    CheckText(violations, field, tier_ids[i], kMaxSlugBytes, Presence::kRequired);
    if (!seen.insert(tier_ids[i]).second) violations.Add(field, reason::kDuplicate, "is named twice.");
  }
}

}  // namespace

void ValidateAudienceAward(const AudienceAward& award, Violations& violations) {
  if (CheckText(violations, "award_id", award.id, kMaxAwardIdBytes, Presence::kRequired)) {
    CheckSlug(violations, "award_id", award.id);
  }
  CheckRange(violations, "points", award.points, 1, kMaxAudiencePoints);
  if (!award.at_once) CheckTime(violations, "award_time", award.time);
  CheckText(violations, "audience.member_label", award.audience.member_label, kMaxNameBytes,
            Presence::kOptional);
  CheckText(violations, "audience.segment", award.audience.segment, kMaxNameBytes, Presence::kOptional);
  CheckTiers(violations, award.audience.tier_ids);
  CheckText(violations, "reason", award.reason, kMaxReasonBytes, Presence::kRequired);
}

bool SameAudienceAward(const AudienceAward& a, const AudienceAward& b) {
  const auto content = [](const AudienceAward& award) {
    return std::tie(award.id, award.points, award.at_once, award.audience, award.reason);
  };
  return content(a) == content(b) && (a.at_once || a.time == b.time);
}

bool IsIn(const Audience& audience, const Listener& member, absl::Time time) {
  const auto& tiers = audience.tier_ids;
  return member.enroll_time <= time &&
         (audience.member_label.empty() || Holds(member.labels, audience.member_label, time)) &&
         (audience.segment.empty() || audience.segment == member.segment) &&
         (tiers.empty() || std::find(tiers.begin(), tiers.end(), member.tier_id) != tiers.end());
}

std::string CauseOf(const AudienceAward& award) { return absl::StrCat("audience:", award.id); }

std::string RequestPrefix(const std::string& award_id) {
  return absl::StrCat(kAudienceRequests, award_id, ":");
}

Command EarnOf(const AudienceAward& award, const std::string& member_id, int64_t account_id) {
  Command command;
  command.member_id = member_id;
  command.request_id = absl::StrCat(RequestPrefix(award.id), account_id);
  command.occurred_time = award.time;
  command.reason = award.reason;
  command.actor = award.actor;
  command.action = Earn{award.points, CauseOf(award)};
  return command;
}

}  // namespace loyalty::points
