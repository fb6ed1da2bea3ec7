#include "cli/text/time_text.h"

#include "gtest/gtest.h"

namespace loyalty::cli {
namespace {

absl::Time Utc(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, second), absl::UTCTimeZone());
}

TEST(ParseTime, TakesADateAsItsMidnightInUtc) {
  EXPECT_EQ(*ParseTime("2024-02-29"), Utc(2024, 2, 29));
  EXPECT_EQ(*ParseTime("19970101"), Utc(1997, 1, 1));
}

TEST(ParseTime, TakesRfc3339) {
  EXPECT_EQ(*ParseTime("2024-05-31T17:30:05Z"), Utc(2024, 5, 31, 17, 30, 5));
  EXPECT_EQ(*ParseTime("2024-05-31T17:30:05.25+02:00"),
            Utc(2024, 5, 31, 15, 30, 5) + absl::Milliseconds(250));
}

TEST(ParseTime, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "today", "2024-02-30", "20230229", "2024-13-01", "2024-1-1", "31/05/2024", "2024-05-31T",
        "2024-05-31 17:30:05", "2024-05-31T17:30:05", "2024-05-31T25:00:00Z", "202405311", "infinite-future",
        "-024-05-31", "2024-05-31T17:30:05Zx"}) {
    EXPECT_EQ(ParseTime(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(Timestamps, KeepNanosecondsAlsoBefore1970) {
  for (const auto time : {Utc(2024, 5, 31) + absl::Nanoseconds(7), Utc(1960, 1, 1) - absl::Nanoseconds(1)}) {
    google::protobuf::Timestamp timestamp;
    SetTimestamp(time, timestamp);
    EXPECT_GE(timestamp.nanos(), 0);
    EXPECT_EQ(FromTimestamp(timestamp), time);
  }
}

TEST(FormatTime, IsInTheZone) {
  google::protobuf::Timestamp timestamp;
  SetTimestamp(Utc(2024, 5, 31, 22, 30), timestamp);
  absl::TimeZone rome;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Rome", &rome));
  EXPECT_EQ(FormatTime(timestamp, rome), "2024-06-01 00:30");
}

}  // namespace
}  // namespace loyalty::cli
