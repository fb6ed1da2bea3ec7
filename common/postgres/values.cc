#include "common/postgres/values.h"

#include <endian.h>

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

Array::Array(uint32_t element_oid) {
  PutInt32(1);  // dimensions
  PutInt32(1);  // there may be NULLs
  PutInt32(static_cast<int32_t>(element_oid));
  PutInt32(0);  // the length, when it is known
  PutInt32(1);  // lower bound
}

void Array::PutInt32(int32_t value) {
  const uint32_t big_endian = htobe32(static_cast<uint32_t>(value));
  bytes_.append(reinterpret_cast<const char*>(&big_endian), sizeof(big_endian));
}

void Array::PutInt64(int64_t value) {
  const uint64_t big_endian = htobe64(static_cast<uint64_t>(value));
  bytes_.append(reinterpret_cast<const char*>(&big_endian), sizeof(big_endian));
}

pqxx::binarystring Array::Finish() {
  constexpr size_t kLengthAt = 12;
  if (nulls_ == size_) {
    bytes_.resize(kLengthAt);
    bytes_.replace(0, sizeof(int32_t), sizeof(int32_t), 0);  // no dimensions: an empty array
  } else {
    const uint32_t length = htobe32(static_cast<uint32_t>(size_));
    bytes_.replace(kLengthAt, sizeof(length), reinterpret_cast<const char*>(&length), sizeof(length));
  }
  return pqxx::binarystring(bytes_);
}

void TimestamptzArray::Add(absl::Time value) {
  constexpr int64_t kPostgresEpoch = 946'684'800'000'000;  // 2000-01-01 in microseconds since 1970
  if (value == absl::InfiniteFuture()) return PutNumber(INT64_MAX);
  if (value == absl::InfinitePast()) return PutNumber(INT64_MIN);
  PutNumber(absl::ToUnixMicros(value) - kPostgresEpoch);
}

// By hand: absl's FormatTime and ParseTime interpret a format and cost ten times as much.
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
  const absl::CivilSecond civil(
      Number(text.substr(0, 4)), static_cast<int>(Number(text.substr(5, 2))),
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
