#include "services/points/domain/labels.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <tuple>

#include "common/status/status.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {

bool Holds(const MemberLabels& labels, absl::string_view label, absl::Time time) {
  return std::any_of(labels.begin(), labels.end(), [&](const MemberLabel& one) {
    return one.from <= time && time < one.until && one.label == label;
  });
}

absl::Status SetLabel(MemberLabels& labels, const MemberLabel& label) {
  const auto before = [](const MemberLabel& a, const MemberLabel& b) {
    return std::tie(a.label, a.from) < std::tie(b.label, b.from);
  };
  const auto place = std::lower_bound(labels.begin(), labels.end(), label, before);
  if (place != labels.end() && !before(label, *place)) {
    place->until = label.until;
    return absl::OkStatus();
  }
  if (labels.size() >= kMaxMemberLabels) {
    return Refuse(
        absl::StatusCode::kFailedPrecondition, reason::kTooManyLabels,
        absl::StrCat("The member has ", kMaxMemberLabels,
                     " labels already. Prolong one (same label and from_time) in place of a new one."),
        {{"limit", absl::StrCat(kMaxMemberLabels)}});
  }
  labels.insert(place, label);
  return absl::OkStatus();
}

}  // namespace loyalty::points
