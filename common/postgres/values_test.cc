#include "common/postgres/values.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/testing/test_database.h"

namespace loyalty::postgres {
namespace {

// What PostgreSQL makes of an array: its elements, as text.
std::string Echo(const char* type, const pqxx::binarystring& array) {
  static const testing::TestDatabase database("values_test", {});
  pqxx::connection connection(database.url());
  pqxx::nontransaction work(connection);
  work.exec("SET TIME ZONE 'UTC'");
  connection.prepare("echo", std::string("SELECT array_to_string($1::") + type + "[], '|', 'NULL')");
  return work.exec_prepared("echo", array)[0][0].c_str();
}

TEST(Values, NumbersArriveAsTheyAre) {
  BigintArray array;
  EXPECT_TRUE(array.empty());
  for (const int64_t value : {int64_t{0}, int64_t{-1}, INT64_MAX, INT64_MIN}) array.Add(value);
  EXPECT_EQ(array.size(), 4);
  EXPECT_EQ(Echo("bigint", array.Finish()), "0|-1|9223372036854775807|-9223372036854775808");
}

TEST(Values, TextsArriveAsTheyAre) {
  TextArray array;
  array.Add("with \"quotes\", \\ and {braces}");
  array.AddNull();
  array.AddOrNull("");
  array.Add("");
  array.Add("NULL 😀");
  EXPECT_EQ(Echo("text", array.Finish()), "with \"quotes\", \\ and {braces}|NULL|NULL||NULL 😀");
}

TEST(Values, TimesArriveToTheMicrosecond) {
  TimestamptzArray array;
  array.Add(absl::FromUnixMicros(1'795'314'933'000'007));
  array.Add(absl::FromUnixMicros(-500'000));
  array.Add(absl::InfiniteFuture());
  array.Add(absl::InfinitePast());
  EXPECT_EQ(Echo("timestamptz", array.Finish()),
            "2026-11-22 02:35:33.000007+00|1969-12-31 23:59:59.5+00|infinity|-infinity");
}

TEST(Values, FingerprintsArriveAsUuids) {
  const Digest digest = Fingerprint().Add("x").Finish();
  UuidArray array;
  array.Add(digest);
  EXPECT_EQ(DigestFromHex(Echo("uuid", array.Finish())), digest);
}

TEST(Values, AnArrayOfNullsIsEmpty) {
  TextArray array;
  array.AddNull();
  array.AddNull();
  EXPECT_EQ(Echo("text", array.Finish()), "");
}

TEST(Values, TimestampsAreMicrosecondsInUtc) {
  const absl::Time time = absl::FromUnixMicros(1'795'314'933'000'007);
  EXPECT_EQ(FormatTimestamp(time), absl::FormatTime("%Y-%m-%dT%H:%M:%E6S+00", time, absl::UTCTimeZone()));
  EXPECT_EQ(FormatTimestamp(absl::InfiniteFuture()), "infinity");
  EXPECT_EQ(ParseTimestamp("1997-01-01 00:00:00+00"),
            absl::FromCivil(absl::CivilDay(1997, 1, 1), absl::UTCTimeZone()));
  EXPECT_EQ(ParseTimestamp("1969-12-31 23:59:59.5+00"), absl::FromUnixMicros(-500'000));
  EXPECT_EQ(ParseTimestamp("-infinity"), absl::InfinitePast());
}

RC_GTEST_PROP(Values, TimestampsSurviveTheirTextForm, ()) {
  const int64_t micros = *rc::gen::inRange<int64_t>(-2'208'988'800'000'000, 253'402'300'799'000'000);
  const absl::Time time = absl::FromUnixMicros(micros);
  RC_ASSERT(ParseTimestamp(FormatTimestamp(time)) == time);
}

}  // namespace
}  // namespace loyalty::postgres
