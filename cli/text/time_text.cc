#include "cli/text/time_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace loyalty::cli {
namespace {

bool AllDigits(absl::string_view text) { return std::all_of(text.begin(), text.end(), absl::ascii_isdigit); }

int Number(absl::string_view digits) {
  int number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  return number;
}

absl::Status NotATime(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is not a time: write 2024-05-31T17:30:00Z, 2024-05-31 or 20240531"));
}

}  // namespace

absl::StatusOr<absl::Time> ParseTime(absl::string_view text) {
  const bool compact = text.size() == 8;
  if (!compact && (text.size() < 10 || text[4] != '-' || text[7] != '-')) return NotATime(text);
  const absl::string_view year = text.substr(0, 4);
  const absl::string_view month = text.substr(compact ? 4 : 5, 2);
  const absl::string_view day = text.substr(compact ? 6 : 8, 2);
  if (!AllDigits(year) || !AllDigits(month) || !AllDigits(day)) return NotATime(text);

  const absl::CivilDay date(Number(year), Number(month), Number(day));
  if (date.month() != Number(month) || date.day() != Number(day)) return NotATime(text);  // no such day
  if (text.size() <= 10) return absl::FromCivil(date, absl::UTCTimeZone());

  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return NotATime(text);
  return time;
}

void SetTimestamp(absl::Time time, google::protobuf::Timestamp& timestamp) {
  const int64_t seconds = absl::ToUnixSeconds(time);  // rounds down, as Timestamp wants it
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

std::string FormatTime(const google::protobuf::Timestamp& timestamp, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M", FromTimestamp(timestamp), zone);
}

}  // namespace loyalty::cli
