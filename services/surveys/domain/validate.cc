#include "services/surveys/domain/validate.h"

#include <absl/strings/str_cat.h>

namespace loyalty::surveys {
namespace {

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool IsLayout(char c) { return c == '\t' || c == '\n' || c == '\r'; }
bool IsIdCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool CheckLength(Violations& violations, const std::string& field, absl::string_view text, size_t limit,
                 Presence presence) {
  if (text.empty() && presence == Presence::kRequired) {
    violations.Add(field, reason::kFieldRequired, "is required.");
    return false;
  }
  if (text.size() <= limit) return true;
  violations.Add(field, reason::kTooLong,
                 absl::StrCat("has ", text.size(), " bytes, at most ", limit, " are allowed."),
                 {{"length", absl::StrCat(text.size())}, {"limit", absl::StrCat(limit)}});
  return false;
}

bool CheckCharacters(Violations& violations, const std::string& field, absl::string_view text, bool layout) {
  for (const char c : text) {
    if (!IsControl(c) || (layout && IsLayout(c))) continue;
    violations.Add(field, reason::kMalformed, "must not hold control characters.");
    return false;
  }
  return true;
}

}  // namespace

bool CheckText(Violations& violations, std::string field, absl::string_view text, size_t limit,
               Presence presence) {
  return CheckLength(violations, field, text, limit, presence) &&
         CheckCharacters(violations, field, text, false);
}

bool CheckFreeText(Violations& violations, std::string field, absl::string_view text, size_t limit,
                   Presence presence) {
  return CheckLength(violations, field, text, limit, presence) &&
         CheckCharacters(violations, field, text, true);
}

bool CheckId(Violations& violations, std::string field, absl::string_view id) {
  if (!CheckLength(violations, field, id, kMaxSurveyIdBytes, Presence::kRequired)) return false;
  bool good = id.front() != '-' && id.front() != '_';
  for (const char c : id) good = good && IsIdCharacter(c);
  if (!good) {
    violations.Add(std::move(field), reason::kMalformed,
                   "may hold a-z, 0-9, '-' and '_', and begins with a letter or a digit.");
  }
  return good;
}

bool CheckRange(Violations& violations, std::string field, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) return true;
  violations.Add(
      std::move(field), reason::kOutOfRange,
      absl::StrCat("is ", value, ", must be from ", least, " to ", most, "."),
      {{"value", absl::StrCat(value)}, {"least", absl::StrCat(least)}, {"most", absl::StrCat(most)}});
  return false;
}

bool CheckDuration(Violations& violations, const std::string& field, absl::Duration value,
                   absl::Duration least, absl::Duration most) {
  if (!CheckRange(violations, field + ".seconds", absl::ToInt64Seconds(value), absl::ToInt64Seconds(least),
                  absl::ToInt64Seconds(most))) {
    return false;
  }
  if (value == absl::Seconds(absl::ToInt64Seconds(value))) return true;
  violations.Add(field, reason::kMalformed, "must be a whole number of seconds.");
  return false;
}

bool CheckCount(Violations& violations, std::string field, size_t count, size_t limit) {
  if (count <= limit) return true;
  violations.Add(std::move(field), reason::kTooMany,
                 absl::StrCat("has ", count, " elements, at most ", limit, " are allowed."),
                 {{"count", absl::StrCat(count)}, {"limit", absl::StrCat(limit)}});
  return false;
}

}  // namespace loyalty::surveys
