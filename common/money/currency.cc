#include "common/money/currency.h"

namespace loyalty {
namespace {

// Codes of three letters, one after the other, by the number of digits of their minor unit.
// Left out on purpose: metals, funds codes, bond units and test codes, which nobody pays a purchase with.
constexpr std::string_view kNoDigits = "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXVNDVUVXAFXOFXPF";
constexpr std::string_view kThreeDigits = "BHDIQDJODKWDLYDOMRTND";
constexpr std::string_view kTwoDigits =
    "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBMDBNDBOBBRLBSDBTNBWPBYNBZDCADCDFCHFCNYCOPCRCCUPCVECZKDKKDOPDZ"
    "D"
    "EGPERNETBEURFJDFKPGBPGELGHSGIPGMDGTQGYDHKDHNLHTGHUFIDRILSINRIRRJMDKESKGSKHRKPWKYDKZTLAKLBPLKRLRDLSLMADMD"
    "L"
    "MGAMKDMMKMNTMOPMRUMURMVRMWKMXNMYRMZNNADNGNNIONOKNPRNZDPABPENPGKPHPPKRPLNQARRONRSDRUBSARSBDSCRSDGSEKSGDSH"
    "P"
    "SLESOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTOPTRYTTDTWDTZSUAHUSDUYUUZSVEDVESWSTXCDYERZARZMWZWG";

constexpr bool Holds(std::string_view codes, std::string_view code) {
  for (size_t i = 0; i + 3 <= codes.size(); i += 3) {
    if (codes.substr(i, 3) == code) return true;
  }
  return false;
}

}  // namespace

std::optional<int> CurrencyExponent(std::string_view code) {
  if (code.size() != 3) return std::nullopt;
  if (Holds(kTwoDigits, code)) return 2;
  if (Holds(kNoDigits, code)) return 0;
  if (Holds(kThreeDigits, code)) return 3;
  return std::nullopt;
}

}  // namespace loyalty
