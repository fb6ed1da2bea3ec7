#include "cli/text/amount.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace loyalty::cli {
namespace {

absl::Status NotAnAmount(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not an amount: ", why));
}

// Appends a decimal digit to a number that stays an int64.
bool AppendDigit(int64_t& number, int digit) {
  return !__builtin_mul_overflow(number, 10, &number) && !__builtin_add_overflow(number, digit, &number);
}

}  // namespace

absl::StatusOr<int64_t> ParseAmount(absl::string_view text, int exponent) {
  absl::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);

  int64_t minor = 0;
  bool any_digit = false;
  int decimals = -1;  // -1: before the point
  for (const char c : rest) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
    } else if (absl::ascii_isdigit(c)) {
      any_digit = true;
      if (decimals >= 0 && ++decimals > exponent) {
        return NotAnAmount(text, absl::StrCat("the currency has ", exponent, " decimals"));
      }
      if (!AppendDigit(minor, c - '0')) return NotAnAmount(text, "too large");
    } else if (c == ',' || c == '\'' || c == ' ') {
      return NotAnAmount(text, "write 1234.56, without separators between thousands");
    } else {
      return NotAnAmount(text, "write 1234.56");
    }
  }
  if (!any_digit || decimals == 0) return NotAnAmount(text, "write 1234.56");
  for (int written = decimals < 0 ? 0 : decimals; written < exponent; ++written) {
    if (!AppendDigit(minor, 0)) return NotAnAmount(text, "too large");
  }
  return negative ? -minor : minor;
}

std::string FormatAmount(int64_t minor, int exponent) {
  std::string digits = absl::StrCat(minor);
  const bool negative = digits.front() == '-';
  if (negative) digits.erase(0, 1);
  if (const size_t least = exponent + 1; digits.size() < least) digits.insert(0, least - digits.size(), '0');
  if (exponent > 0) digits.insert(digits.size() - exponent, 1, '.');
  return negative ? absl::StrCat("-", digits) : digits;
}

}  // namespace loyalty::cli
