// Days on their way into and out of PostgreSQL.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/civil_time.h>

#include <string>

namespace loyalty::surveys {

inline std::string FormatDate(absl::CivilDay day) { return absl::FormatCivilTime(day); }

inline absl::CivilDay ParseDate(absl::string_view text) {
  absl::CivilDay day;
  (void)absl::ParseCivilTime(text, &day);  // PostgreSQL prints ISO dates
  return day;
}

}  // namespace loyalty::surveys
