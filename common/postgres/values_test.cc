#include "common/postgres/values.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace loyalty::postgres {
namespace {

TEST(Values, ArrayQuotesWhatNeedsIt) {
  Array array;
  EXPECT_TRUE(array.empty());
  array.Add("plain");
  array.Add("with \"quotes\", \\ and {braces}");
  array.AddNull();
  array.AddOrNull("");
  array.Add("");
  array.Add("NULL");
  EXPECT_FALSE(array.empty());
  EXPECT_EQ(array.Finish(), R"({"plain","with \"quotes\", \\ and {braces}",NULL,NULL,"","NULL"})");
}

TEST(Values, TimestampsAreMicrosecondsInUtc) {
  const absl::Time time = absl::FromUnixMicros(1'795'314'933'000'007);
  EXPECT_EQ(FormatTimestamp(time), absl::FormatTime("%Y-%m-%dT%H:%M:%E6S+00", time, absl::UTCTimeZone()));
  EXPECT_EQ(FormatTimestamp(absl::InfiniteFuture()), "infinity");
  EXPECT_EQ(ParseTimestamp("1997-01-01 00:00:00+00"), absl::FromCivil(absl::CivilDay(1997, 1, 1), absl::UTCTimeZone()));
  EXPECT_EQ(ParseTimestamp("1969-12-31 23:59:59.5+00"), absl::FromUnixMicros(-500'000));
  EXPECT_EQ(ParseTimestamp("-infinity"), absl::InfinitePast());
}

RC_GTEST_PROP(Values, TimestampsSurviveTheirTextForm, ()) {
  const int64_t micros = *rc::gen::inRange<int64_t>(-2'208'988'800'000'000, 253'402'300'799'000'000);
  const absl::Time time = absl::FromUnixMicros(micros);
  RC_ASSERT(ParseTimestamp(FormatTimestamp(time)) == time);
}

TEST(Values, AnArrayOfNullsIsEmpty) {
  Array array;
  array.AddNull();
  array.AddNull();
  EXPECT_EQ(array.Finish(), "{}");
}

}  // namespace
}  // namespace loyalty::postgres
