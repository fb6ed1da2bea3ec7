#include "common/money/currency.h"

#include <gtest/gtest.h>

namespace loyalty {
namespace {

TEST(Currency, KnowsTheDigitsOfTheMinorUnit) {
  EXPECT_EQ(CurrencyExponent("USD"), 2);
  EXPECT_EQ(CurrencyExponent("EUR"), 2);
  EXPECT_EQ(CurrencyExponent("JPY"), 0);
  EXPECT_EQ(CurrencyExponent("XOF"), 0);
  EXPECT_EQ(CurrencyExponent("KWD"), 3);
  EXPECT_EQ(CurrencyExponent("TND"), 3);
}

TEST(Currency, RefusesWhatIsNotAnActiveCode) {
  for (const char* code : {"", "US", "USDX", "usd", "XXX", "XAU", "DEM", "SDU", "$$$"}) {
    EXPECT_EQ(CurrencyExponent(code), std::nullopt) << code;
  }
}

}  // namespace
}  // namespace loyalty
