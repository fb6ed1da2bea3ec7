#include "services/points/domain/program.h"

#include <algorithm>
#include <tuple>

#include "services/points/domain/validate.h"

namespace loyalty::points {
namespace {

constexpr size_t kMaxPointsNameBytes = 50;

// LoadTimeZone also takes "localtime", file paths and fixed offsets, which mean something else elsewhere.
bool IsIanaZone(const std::string& name) {
  absl::TimeZone zone;
  const bool named = name == "UTC" || (name.find('/') != std::string::npos && name.front() != '/');
  return named && absl::LoadTimeZone(name, &zone);
}

}  // namespace

bool SameSettings(const Program& a, const Program& b) {
  const auto settings = [](const Program& p) {
    return std::tie(p.id, p.display_name, p.currency_code, p.time_zone, p.points_singular, p.points_plural,
                    p.base_earn_rate, p.rounding_mode, p.enrollment_mode, p.policies);
  };
  return settings(a) == settings(b) && a.test_time.has_value() == b.test_time.has_value();
}

bool DueAlike(const Policies& a, const Policies& b) {
  return a.tiers == b.tiers && a.expiry == b.expiry && a.celebrations == b.celebrations &&
         a.expiry_changes == b.expiry_changes;
}

absl::Time LastChange(const Program& program) {
  const std::vector<ExpiryChange>& changes = program.policies.expiry_changes;
  const absl::Time expiry = changes.empty() ? absl::InfinitePast() : changes.back().time;
  return std::max({program.tiers_changed, program.celebrations_changed, expiry});
}

void NoteChanges(const Program& before, absl::Time now, Program& after) {
  const bool same_tiers = before.policies.tiers == after.policies.tiers;
  const bool same_celebrations = before.policies.celebrations == after.policies.celebrations;
  after.tiers_changed = same_tiers ? before.tiers_changed : now;
  after.celebrations_changed = same_celebrations ? before.celebrations_changed : now;
}

void ValidateProgram(const Program& program, Violations& violations) {
  CheckSlug(violations, "program.program_id", program.id);
  CheckText(violations, "program.display_name", program.display_name, kMaxDisplayNameBytes,
            Presence::kRequired);
  CheckCurrency(violations, "program.currency_code", program.currency_code, Presence::kRequired);
  if (CheckText(violations, "program.time_zone", program.time_zone, kMaxNameBytes, Presence::kRequired) &&
      !IsIanaZone(program.time_zone)) {
    violations.Add("program.time_zone", reason::kUnknownTimeZone,
                   "must be an IANA zone such as Europe/Rome.");
  }
  CheckText(violations, "program.points_name.singular", program.points_singular, kMaxPointsNameBytes,
            Presence::kRequired);
  CheckText(violations, "program.points_name.plural", program.points_plural, kMaxPointsNameBytes,
            Presence::kRequired);
  const EarnRate& rate = program.base_earn_rate;
  CheckRange(violations, "program.base_earn_rate.points", rate.points, 0, kMaxRateTerm);
  CheckRange(violations, "program.base_earn_rate.per_major_units", rate.per_major_units, 1, kMaxRateTerm);
  ValidatePolicies(program.policies, violations);
}

}  // namespace loyalty::points
