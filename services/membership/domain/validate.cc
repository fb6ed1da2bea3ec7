#include "services/membership/domain/validate.h"

#include <absl/strings/str_cat.h>

#include <string_view>

#include "common/money/currency.h"

namespace loyalty::membership {

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
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      violations.Add(std::move(field), reason::kMalformed, "must not hold control characters.");
      return false;
    }
  }
  return true;
}

void CheckSlug(Violations& violations, std::string field, absl::string_view id) {
  if (!CheckText(violations, field, id, kMaxSlugBytes, Presence::kRequired)) return;
  bool good = id.front() != '-' && id.front() != '_';
  for (const char c : id)
    good = good && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_');
  if (!good) {
    violations.Add(std::move(field), reason::kMalformed,
                   "may hold a-z, 0-9, '-' and '_', and begins with a letter or a digit.");
  }
}

void CheckCurrency(Violations& violations, std::string field, absl::string_view code, Presence presence) {
  if (CheckText(violations, field, code, kMaxNameBytes, presence) && !code.empty() &&
      !CurrencyExponent(std::string_view(code.data(), code.size()))) {
    violations.Add(std::move(field), reason::kUnknownCurrency,
                   "must be an active ISO 4217 code such as USD.");
  }
}

void CheckRange(Violations& violations, std::string field, int64_t value, int64_t low, int64_t high) {
  if (value < low) {
    violations.Add(std::move(field), low == 0 ? reason::kNegative : reason::kNotPositive,
                   absl::StrCat("must be ", low, " or more."));
  } else if (value > high) {
    violations.Add(std::move(field), reason::kTooLarge,
                   absl::StrCat("is ", value, ", the limit is ", high, "."),
                   {{"value", absl::StrCat(value)}, {"limit", absl::StrCat(high)}});
  }
}

bool CheckCount(Violations& violations, std::string field, size_t count, size_t limit) {
  if (count <= limit) return true;
  violations.Add(std::move(field), reason::kTooMany,
                 absl::StrCat("has ", count, " elements, at most ", limit, " are allowed."),
                 {{"count", absl::StrCat(count)}, {"limit", absl::StrCat(limit)}});
  return false;
}

void CheckTime(Violations& violations, std::string field, absl::Time time, absl::Time now) {
  static const absl::Time earliest = absl::FromCivil(absl::CivilYear(1900), absl::UTCTimeZone());
  if (time < earliest || time == absl::InfiniteFuture()) {
    violations.Add(std::move(field), reason::kTimeOutOfRange, "must be a valid time from the year 1900 on.");
  } else if (time > now + kClockTolerance) {
    violations.Add(std::move(field), reason::kTimeInFuture,
                   "lies more than five minutes ahead of the server's clock.");
  }
}

}  // namespace loyalty::membership
