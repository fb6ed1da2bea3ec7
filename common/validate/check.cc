#include "common/validate/check.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string_view>

#include "common/money/currency.h"

namespace loyalty {
namespace {

bool IsLayout(char c) { return c == '\t' || c == '\n' || c == '\r'; }
bool IsOfSlug(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_'; }

bool CheckLength(Violations& violations, const std::string& field, absl::string_view text, size_t limit,
                 Presence presence) {
  if (text.empty() && presence == Presence::kRequired) {
    violations.Add(field, "FIELD_REQUIRED", "is required.");
    return false;
  }
  if (text.size() <= limit) return true;
  violations.Add(field, "TOO_LONG",
                 absl::StrCat("has ", text.size(), " bytes, at most ", limit, " are allowed."),
                 {{"length", absl::StrCat(text.size())}, {"limit", absl::StrCat(limit)}});
  return false;
}

bool CheckCharacters(Violations& violations, std::string field, absl::string_view text, bool layout) {
  const auto allowed = [layout](char c) { return !absl::ascii_iscntrl(c) || (layout && IsLayout(c)); };
  if (std::all_of(text.begin(), text.end(), allowed)) return true;
  violations.Add(std::move(field), "MALFORMED", "must not hold control characters.");
  return false;
}

}  // namespace

bool CheckText(Violations& violations, std::string field, absl::string_view text, size_t limit,
               Presence presence) {
  return CheckLength(violations, field, text, limit, presence) &&
         CheckCharacters(violations, std::move(field), text, false);
}

bool CheckFreeText(Violations& violations, std::string field, absl::string_view text, size_t limit,
                   Presence presence) {
  return CheckLength(violations, field, text, limit, presence) &&
         CheckCharacters(violations, std::move(field), text, true);
}

bool CheckSlug(Violations& violations, std::string field, absl::string_view id) {
  if (!CheckLength(violations, field, id, kMaxSlugBytes, Presence::kRequired)) return false;
  if (std::all_of(id.begin(), id.end(), IsOfSlug) && absl::ascii_isalnum(id.front())) return true;
  violations.Add(std::move(field), "MALFORMED",
                 "may hold a-z, 0-9, '-' and '_', and begins with a letter or a digit.");
  return false;
}

bool CheckCurrency(Violations& violations, std::string field, absl::string_view code, Presence presence) {
  if (!CheckText(violations, field, code, kMaxNameBytes, presence)) return false;
  if (code.empty() || CurrencyExponent(std::string_view(code.data(), code.size()))) return true;
  violations.Add(std::move(field), "UNKNOWN_CURRENCY", "must be an active ISO 4217 code such as USD.");
  return false;
}

bool CheckRange(Violations& violations, std::string field, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) return true;
  const auto limits = [value](int64_t limit) -> std::map<std::string, std::string> {
    return {{"value", absl::StrCat(value)}, {"limit", absl::StrCat(limit)}};
  };
  if (value > most) {
    violations.Add(std::move(field), "TOO_LARGE",
                   absl::StrCat("is ", value, ", at most ", most, " is allowed."), limits(most));
  } else if (least == 0) {
    violations.Add(std::move(field), "NEGATIVE", "must be 0 or more.");
  } else if (least == 1) {
    violations.Add(std::move(field), "NOT_POSITIVE", "must be above zero.");
  } else {
    violations.Add(std::move(field), "TOO_SMALL",
                   absl::StrCat("is ", value, ", at least ", least, " is needed."), limits(least));
  }
  return false;
}

bool CheckCount(Violations& violations, std::string field, size_t count, size_t limit) {
  if (count <= limit) return true;
  violations.Add(std::move(field), "TOO_MANY",
                 absl::StrCat("has ", count, " elements, at most ", limit, " are allowed."),
                 {{"count", absl::StrCat(count)}, {"limit", absl::StrCat(limit)}});
  return false;
}

bool CheckTime(Violations& violations, std::string field, absl::Time time) {
  static const absl::Time earliest = absl::FromCivil(absl::CivilYear(1900), absl::UTCTimeZone());
  if (time >= earliest && time != absl::InfiniteFuture()) return true;
  violations.Add(std::move(field), "TIME_OUT_OF_RANGE", "must be a valid time from the year 1900 on.");
  return false;
}

bool CheckNotAhead(Violations& violations, std::string field, absl::Time time, absl::Time now) {
  if (time <= now + kClockTolerance || time == absl::InfiniteFuture()) return true;
  violations.Add(std::move(field), "TIME_IN_FUTURE", "lies more than five minutes in the future.");
  return false;
}

bool CheckPastTime(Violations& violations, const std::string& field, absl::Time time, absl::Time now) {
  return CheckTime(violations, field, time) && CheckNotAhead(violations, field, time, now);
}

}  // namespace loyalty
