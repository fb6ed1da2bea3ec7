#include "services/surveys/domain/validate.h"

#include <absl/strings/str_cat.h>

namespace loyalty::surveys {

bool CheckWithin(Violations& violations, std::string field, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) return true;
  violations.Add(
      std::move(field), reason::kOutOfRange,
      absl::StrCat("is ", value, ", must be from ", least, " to ", most, "."),
      {{"value", absl::StrCat(value)}, {"least", absl::StrCat(least)}, {"most", absl::StrCat(most)}});
  return false;
}

bool CheckDuration(Violations& violations, const std::string& field, absl::Duration value,
                   absl::Duration least, absl::Duration most) {
  if (!CheckWithin(violations, field + ".seconds", absl::ToInt64Seconds(value), absl::ToInt64Seconds(least),
                   absl::ToInt64Seconds(most))) {
    return false;
  }
  if (value == absl::Seconds(absl::ToInt64Seconds(value))) return true;
  violations.Add(field, reason::kMalformed, "must be a whole number of seconds.");
  return false;
}

}  // namespace loyalty::surveys
