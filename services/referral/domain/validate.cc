#include "services/referral/domain/validate.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

namespace loyalty::referral {

bool CheckText(Violations& violations, std::string field, absl::string_view text, size_t limit,
               Presence presence) {
  if (text.empty()) {
    if (presence == Presence::kOptional) return true;
    violations.Add(std::move(field), reason::kFieldRequired, "is required.");
    return false;
  }
  if (text.size() > limit) {
    violations.Add(std::move(field), reason::kTooLong,
                   absl::StrCat("has ", text.size(), " bytes, at most ", limit, " are allowed."),
                   {{"length", absl::StrCat(text.size())}, {"limit", absl::StrCat(limit)}});
    return false;
  }
  if (std::any_of(text.begin(), text.end(), [](char c) { return absl::ascii_iscntrl(c); })) {
    violations.Add(std::move(field), reason::kMalformed, "must not hold control characters.");
    return false;
  }
  return true;
}

void CheckCampaignId(Violations& violations, std::string field, absl::string_view id) {
  if (!CheckText(violations, field, id, kMaxCampaignIdBytes, Presence::kRequired)) return;
  const auto allowed = [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_';
  };
  if (!std::all_of(id.begin(), id.end(), allowed) || !absl::ascii_isalnum(id.front())) {
    violations.Add(std::move(field), reason::kMalformed,
                   "may hold a-z, 0-9, '-' and '_', and begins with a letter or a digit.");
  }
}

void CheckRange(Violations& violations, std::string field, int64_t value, int64_t least, int64_t most) {
  if (value > most) {
    violations.Add(std::move(field), reason::kTooLarge,
                   absl::StrCat("is ", value, ", at most ", most, " is allowed."),
                   {{"value", absl::StrCat(value)}, {"limit", absl::StrCat(most)}});
  } else if (value < least && least == 0) {
    violations.Add(std::move(field), reason::kNegative, "must be 0 or more.");
  } else if (value < least && least == 1) {
    violations.Add(std::move(field), reason::kNotPositive, "must be above zero.");
  } else if (value < least) {
    violations.Add(std::move(field), reason::kTooSmall,
                   absl::StrCat("is ", value, ", at least ", least, " is needed."),
                   {{"value", absl::StrCat(value)}, {"limit", absl::StrCat(least)}});
  }
}

void CheckPastTime(Violations& violations, std::string field, absl::Time time, absl::Time now) {
  static const absl::Time earliest = absl::FromCivil(absl::CivilYear(1900), absl::UTCTimeZone());
  if (time < earliest || time == absl::InfiniteFuture()) {
    violations.Add(std::move(field), reason::kTimeOutOfRange, "must be a valid time from the year 1900 on.");
  } else if (time > now + kClockTolerance) {
    violations.Add(std::move(field), reason::kTimeInFuture,
                   "lies more than five minutes ahead of the server's clock.");
  }
}

}  // namespace loyalty::referral
