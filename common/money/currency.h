// Facts about currencies: ISO 4217, active codes, as of 2024.
#pragma once

#include <optional>
#include <string_view>

namespace loyalty {

// How many decimal digits the minor unit has (USD 2, JPY 0, KWD 3), or nothing if `code` is not an active
// ISO 4217 alphabetic code. Codes are upper case.
std::optional<int> CurrencyExponent(std::string_view code);

}  // namespace loyalty
