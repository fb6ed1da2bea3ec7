#include "common/validate/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/refused.h"

namespace loyalty {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 5, 1, 12, 0, 0), absl::UTCTimeZone());

// What a check adds; whether it returns false exactly if it adds something.
template <class Check, class... Arguments>
absl::Status Checked(Check check, const Arguments&... arguments) {
  Violations violations;
  const bool good = check(violations, "field", arguments...);
  EXPECT_EQ(good, violations.empty());
  return violations.ToStatus();
}
template <class Check, class... Arguments>
std::vector<std::string> Wrong(Check check, const Arguments&... arguments) {
  return testing::ViolationsOf(Checked(check, arguments...));
}

TEST(CheckText, TakesALengthUpToItsLimitInBytes) {
  EXPECT_THAT(Wrong(CheckText, "four", 4, Presence::kRequired), IsEmpty());
  EXPECT_THAT(Wrong(CheckText, "Zoë ", 4, Presence::kRequired), ElementsAre("field TOO_LONG"));
  EXPECT_THAT(testing::MetadataOf(Checked(CheckText, "fives", 4, Presence::kOptional)),
              UnorderedElementsAre(Pair("length", "5"), Pair("limit", "4")));
}

TEST(CheckText, MayBeLeftOutOnlyIfOptional) {
  EXPECT_THAT(Wrong(CheckText, "", 4, Presence::kOptional), IsEmpty());
  EXPECT_THAT(Wrong(CheckText, "", 4, Presence::kRequired), ElementsAre("field FIELD_REQUIRED"));
}

TEST(CheckText, HoldsNoControlCharacters) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = {'a', static_cast<char>(byte)};
    const bool control = byte < 0x20 || byte == 0x7f, layout = byte == '\t' || byte == '\n' || byte == '\r';
    EXPECT_EQ(Wrong(CheckText, text, 4, Presence::kOptional).empty(), !control) << byte;
    EXPECT_EQ(Wrong(CheckFreeText, text, 4, Presence::kOptional).empty(), !control || layout) << byte;
  }
  EXPECT_THAT(Wrong(CheckText, "a\nb", 4, Presence::kRequired), ElementsAre("field MALFORMED"));
}

TEST(CheckSlug, IsLowerCaseAndBeginsWithALetterOrADigit) {
  for (const char* good : {"a", "7", "spring-2026", "a_b"})
    EXPECT_THAT(Wrong(CheckSlug, good), IsEmpty()) << good;
  for (const char* bad : {"-a", "_a", "A", "a b", "a.b", "\xc3\xa4", "a\n"}) {
    EXPECT_THAT(Wrong(CheckSlug, bad), ElementsAre("field MALFORMED")) << bad;
  }
  EXPECT_THAT(Wrong(CheckSlug, ""), ElementsAre("field FIELD_REQUIRED"));
  EXPECT_THAT(Wrong(CheckSlug, std::string(64, 'a')), IsEmpty());
  EXPECT_THAT(Wrong(CheckSlug, std::string(65, 'a')), ElementsAre("field TOO_LONG"));
}

TEST(CheckCurrency, IsAnActiveCode) {
  EXPECT_THAT(Wrong(CheckCurrency, "EUR", Presence::kRequired), IsEmpty());
  EXPECT_THAT(Wrong(CheckCurrency, "", Presence::kOptional), IsEmpty());
  EXPECT_THAT(Wrong(CheckCurrency, "", Presence::kRequired), ElementsAre("field FIELD_REQUIRED"));
  for (const char* bad : {"eur", "XXX", "EURO"}) {
    EXPECT_THAT(Wrong(CheckCurrency, bad, Presence::kRequired), ElementsAre("field UNKNOWN_CURRENCY")) << bad;
  }
}

TEST(CheckRange, HasBothEndsAndAReasonForEachSide) {
  for (const int64_t inside : {3, 4, 5}) EXPECT_THAT(Wrong(CheckRange, inside, 3, 5), IsEmpty()) << inside;
  EXPECT_THAT(Wrong(CheckRange, 6, 3, 5), ElementsAre("field TOO_LARGE"));
  EXPECT_THAT(Wrong(CheckRange, 2, 3, 5), ElementsAre("field TOO_SMALL"));
  EXPECT_THAT(Wrong(CheckRange, 0, 1, 5), ElementsAre("field NOT_POSITIVE"));
  EXPECT_THAT(Wrong(CheckRange, -1, 0, 5), ElementsAre("field NEGATIVE"));
  EXPECT_THAT(testing::MetadataOf(Checked(CheckRange, INT64_MAX, 0, 5)),
              UnorderedElementsAre(Pair("value", "9223372036854775807"), Pair("limit", "5")));
}

TEST(CheckCount, SaysHowMany) {
  EXPECT_THAT(Wrong(CheckCount, 5, 5), IsEmpty());
  EXPECT_THAT(Wrong(CheckCount, 6, 5), ElementsAre("field TOO_MANY"));
  EXPECT_THAT(testing::MetadataOf(Checked(CheckCount, 6, 5)),
              UnorderedElementsAre(Pair("count", "6"), Pair("limit", "5")));
}

TEST(CheckPastTime, IsFrom1900UntilFiveMinutesAhead) {
  const absl::Time earliest = absl::FromCivil(absl::CivilYear(1900), absl::UTCTimeZone());
  const absl::Duration little = absl::Microseconds(1);
  for (const absl::Time good : {earliest, kNow, kNow + kClockTolerance}) {
    EXPECT_THAT(Wrong(CheckPastTime, good, kNow), IsEmpty()) << good;
  }
  EXPECT_THAT(Wrong(CheckPastTime, kNow + kClockTolerance + little, kNow),
              ElementsAre("field TIME_IN_FUTURE"));
  for (const absl::Time none : {earliest - little, absl::InfiniteFuture(), absl::InfinitePast()}) {
    EXPECT_THAT(Wrong(CheckPastTime, none, kNow), ElementsAre("field TIME_OUT_OF_RANGE")) << none;
  }
  EXPECT_THAT(Wrong(CheckNotAhead, absl::InfiniteFuture(), kNow), IsEmpty()) << "CheckTime tells of it";
}

}  // namespace
}  // namespace loyalty
