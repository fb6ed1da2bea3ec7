// The labels of a member: marks that hold for a time, and that earn rules ask for.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>
#include <vector>

namespace loyalty::points {

struct MemberLabel {
  std::string label;
  absl::Time from = absl::InfinitePast();     // which stands for: not given
  absl::Time until = absl::InfiniteFuture();  // holds before it; the same as `from`: it never held
  bool operator==(const MemberLabel&) const = default;
};

// Of one member, past and future ones too: by label and beginning, which no two have in common.
using MemberLabels = std::vector<MemberLabel>;
inline constexpr size_t kMaxMemberLabels = 200;

// True if the member carries the label at that time.
bool Holds(const MemberLabels& labels, absl::string_view label, absl::Time time);

// Adds a label, or gives the one with the same name and beginning its new end. FAILED_PRECONDITION, reason
// TOO_MANY_LABELS, if it were one too many.
absl::Status SetLabel(MemberLabels& labels, const MemberLabel& label);

}  // namespace loyalty::points
