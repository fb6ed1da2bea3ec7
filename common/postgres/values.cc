#include "common/postgres/values.h"

#include <absl/strings/numbers.h>

namespace loyalty::postgres {
namespace {

void AppendPadded(std::string& out, int64_t value, int width) {
  char digits[20];
  for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, static_cast<size_t>(width));
}

int64_t Number(absl::string_view digits) {
  int64_t value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

void Array::Add(absl::string_view value) {
  Comma();
  text_.push_back('"');
  if (value.find_first_of("\"\\") == absl::string_view::npos) {
    text_.append(value.data(), value.size());
  } else {
    for (const char c : value) {
      if (c == '"' || c == '\\') text_.push_back('\\');
      text_.push_back(c);
    }
  }
  text_.push_back('"');
}

void Array::Add(absl::Time value) {
  Comma();
  text_.append(FormatTimestamp(value));
}

// By hand: absl::FormatTime and ParseTime interpret a format and cost half of what building a batch does.
std::string FormatTimestamp(absl::Time time) {
  if (time == absl::InfiniteFuture()) return "infinity";
  if (time == absl::InfinitePast()) return "-infinity";
  const int64_t micros = absl::ToUnixMicros(time);
  int64_t seconds = micros / 1'000'000;
  int64_t fraction = micros % 1'000'000;
  if (fraction < 0) {
    fraction += 1'000'000;
    --seconds;
  }
  const absl::CivilSecond civil = absl::ToCivilSecond(absl::FromUnixSeconds(seconds), absl::UTCTimeZone());
  std::string out;
  out.reserve(32);
  AppendPadded(out, civil.year(), 4);
  out.push_back('-');
  AppendPadded(out, civil.month(), 2);
  out.push_back('-');
  AppendPadded(out, civil.day(), 2);
  out.push_back('T');
  AppendPadded(out, civil.hour(), 2);
  out.push_back(':');
  AppendPadded(out, civil.minute(), 2);
  out.push_back(':');
  AppendPadded(out, civil.second(), 2);
  out.push_back('.');
  AppendPadded(out, fraction, 6);
  out.append("+00");
  return out;
}

absl::Time ParseTimestamp(absl::string_view text) {
  if (text == "infinity") return absl::InfiniteFuture();
  if (text == "-infinity") return absl::InfinitePast();
  // 2026-11-22 02:35:33.123456+00
  const absl::CivilSecond civil(Number(text.substr(0, 4)), static_cast<int>(Number(text.substr(5, 2))),
                                static_cast<int>(Number(text.substr(8, 2))), static_cast<int>(Number(text.substr(11, 2))),
                                static_cast<int>(Number(text.substr(14, 2))), static_cast<int>(Number(text.substr(17, 2))));
  int64_t micros = 0;
  if (text.size() > 19 && text[19] == '.') {
    absl::string_view fraction = text.substr(20, text.find('+') - 20);
    micros = Number(fraction);
    for (size_t digits = fraction.size(); digits < 6; ++digits) micros *= 10;
  }
  return absl::FromCivil(civil, absl::UTCTimeZone()) + absl::Microseconds(micros);
}

}  // namespace loyalty::postgres
