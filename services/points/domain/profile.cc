#include "services/points/domain/profile.h"

#include <absl/strings/str_cat.h>

#include <set>
#include <utility>

#include "common/validate/check.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

void CheckBirthday(Violations& violations, const std::string& field, const Birthday& birthday) {
  if (birthday == Birthday()) return;
  const bool month = CheckRange(violations, field + ".month", birthday.month, 1, 12);
  const bool day = CheckRange(violations, field + ".day", birthday.day, 1, 31);
  if (!month || !day) return;
  // 2000 was a leap year: a day that it did not have, no year has.
  const absl::CivilDay as_is(2000, birthday.month, birthday.day);
  if (as_is.month() != birthday.month) {
    violations.Add(field, reason::kMalformed,
                   absl::StrCat("is no day: month ", birthday.month, " has no day ", birthday.day, "."));
  }
}

struct CheckAttribute {
  Violations& violations;
  const std::string field;

  void operator()(const std::string& text) const {
    CheckFreeText(violations, field, text, kMaxAttributeBytes, Presence::kOptional);
  }
  void operator()(int64_t) const {}
  void operator()(bool) const {}
  void operator()(absl::CivilDay day) const {
    if (day < absl::CivilDay(1, 1, 1) || day > absl::CivilDay(9999, 12, 31)) {
      violations.Add(field, reason::kTimeOutOfRange, "must be a day of the years 1 to 9999.");
    }
  }
};

void CheckAttributes(Violations& violations, const std::string& field,
                     const std::map<std::string, Attribute>& attributes) {
  if (!CheckCount(violations, field, attributes.size(), kMaxAttributes)) return;
  for (const auto& [name, value] : attributes) {
    // A name that is wrong does not go into a path.
    if (!CheckText(violations, field + ".key", name, kMaxNameBytes, Presence::kRequired)) continue;
    std::visit(CheckAttribute{violations, absl::StrCat(field, "[\"", name, "\"]")}, value);
  }
}

void CheckConsents(Violations& violations, const std::string& field, const std::vector<Consent>& consents) {
  if (!CheckCount(violations, field, consents.size(), kMaxConsents)) return;
  std::set<std::pair<std::string, std::string>> seen;
  for (size_t i = 0; i < consents.size(); ++i) {
    const Consent& consent = consents[i];
    const std::string one = absl::StrCat(field, "[", i, "]");
    CheckText(violations, one + ".channel", consent.channel, kMaxNameBytes, Presence::kRequired);
    CheckText(violations, one + ".purpose", consent.purpose, kMaxNameBytes, Presence::kRequired);
    if (!seen.emplace(consent.channel, consent.purpose).second) {
      violations.Add(one, reason::kDuplicate,
                     "names the same channel and purpose as one before it. Leave one of the two out.");
    }
  }
}

}  // namespace

void ValidateProfile(const Profile& profile, const std::string& field, Violations& violations) {
  CheckBirthday(violations, field + ".birthday", profile.birthday);
  CheckText(violations, field + ".segment", profile.segment, kMaxNameBytes, Presence::kOptional);
  CheckText(violations, field + ".referrer_member_id", profile.referrer_member_id, kMaxIdBytes,
            Presence::kOptional);
  CheckAttributes(violations, field + ".attributes", profile.attributes);
  CheckConsents(violations, field + ".consents", profile.consents);
}

}  // namespace loyalty::points
