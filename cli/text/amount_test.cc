#include "cli/text/amount.h"

#include "gtest/gtest.h"

namespace loyalty::cli {
namespace {

TEST(ParseAmount, TurnsMajorUnitsIntoMinorUnitsExactly) {
  EXPECT_EQ(*ParseAmount("11.77", 2), 1177);
  EXPECT_EQ(*ParseAmount("0.29", 2), 29);  // 28.999… in floating point
  EXPECT_EQ(*ParseAmount("12", 2), 1200);
  EXPECT_EQ(*ParseAmount("12.5", 2), 1250);
  EXPECT_EQ(*ParseAmount(".5", 2), 50);
  EXPECT_EQ(*ParseAmount("0.00", 2), 0);
}

TEST(ParseAmount, FollowsTheExponentOfTheCurrency) {
  EXPECT_EQ(*ParseAmount("1200", 0), 1200);
  EXPECT_EQ(*ParseAmount("1.234", 3), 1234);
}

TEST(ParseAmount, LetsNegativeAmountsThroughForTheServerToRefuse) {
  EXPECT_EQ(*ParseAmount("-1.50", 2), -150);
}

TEST(ParseAmount, RefusesMoreDecimalsThanTheCurrencyHas) {
  EXPECT_EQ(ParseAmount("1.234", 2).status().message(),
            "'1.234' is not an amount: the currency has 2 decimals");
  EXPECT_FALSE(ParseAmount("1.0", 0).ok());
}

TEST(ParseAmount, RefusesSeparatorsBetweenThousands) {
  for (const char* text : {"1,234.56", "1'234.56", "1 234.56", "12,50"}) {
    EXPECT_EQ(ParseAmount(text, 2).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(ParseAmount, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "-", ".", "1.", "1.2.3", "abc", "$5", "1e3", "+5", "--5", "0x10", "NaN"}) {
    EXPECT_FALSE(ParseAmount(text, 2).ok()) << text;
  }
}

TEST(ParseAmount, RefusesWhatDoesNotFit) {
  EXPECT_EQ(*ParseAmount("92233720368547758.07", 2), INT64_MAX);
  EXPECT_FALSE(ParseAmount("92233720368547758.08", 2).ok());
  EXPECT_FALSE(ParseAmount("9223372036854775807", 2).ok());
  EXPECT_FALSE(ParseAmount("99999999999999999999999999", 0).ok());
}

TEST(FormatAmount, IsTheReverse) {
  EXPECT_EQ(FormatAmount(1177, 2), "11.77");
  EXPECT_EQ(FormatAmount(5, 2), "0.05");
  EXPECT_EQ(FormatAmount(-5, 3), "-0.005");
  EXPECT_EQ(FormatAmount(1200, 0), "1200");
}

}  // namespace
}  // namespace loyalty::cli
