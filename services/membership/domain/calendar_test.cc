#include "services/membership/domain/calendar.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>

#include "services/membership/domain/test_kit.h"

namespace loyalty::membership {
namespace {

absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << error;
  return time;
}

// The table is computed by tests/membership/period_starts.py with Python's zoneinfo and calendar.
TEST(Calendar, EveryPeriodBeginsWhereTheIndependentTableSays) {
  const auto root = std::filesystem::path(__FILE__).parent_path() / "../../..";
  std::ifstream table(root / "tests/membership/period_starts.txt");
  ASSERT_TRUE(table) << "no table";
  std::string zone, local, anchor, begin;
  int months = 0, lines = 0;
  int64_t k = 0;
  while (table >> zone >> local >> anchor >> months >> k >> begin) {
    ++lines;
    EXPECT_EQ(PeriodStart(Utc(anchor), months, k, Zone(zone.c_str())), Utc(begin))
        << zone << " " << local << " + " << k << " x " << months << " months";
  }
  EXPECT_GT(lines, 1500);
}

TEST(Calendar, TheDayComesBackAfterAShortMonth) {
  const absl::Time anchor = At(2026, 1, 31);
  EXPECT_EQ(PeriodStart(anchor, 1, 1, Zone()), At(2026, 2, 28));
  EXPECT_EQ(PeriodStart(anchor, 1, 2, Zone()), At(2026, 3, 31));
  EXPECT_EQ(PeriodStart(anchor, 1, 25, Zone()), At(2028, 2, 29));
  EXPECT_EQ(PeriodStart(anchor, 12, 2, Zone()), At(2028, 1, 31));
}

TEST(Calendar, AnAnchorInTheSecondOfTwoEqualHoursStaysThere) {
  const absl::Time second = Utc("2026-10-25T01:30:00Z");  // 02:30 in Rome for the second time
  EXPECT_EQ(PeriodStart(second, 1, 0, Zone()), second);
  EXPECT_EQ(PeriodStart(second, 1, 1, Zone()), Utc("2026-11-25T01:30:00Z"));
}

TEST(Calendar, DaysKeepTheLocalTime) {
  EXPECT_EQ(AddDays(At(2026, 3, 28), 1, Zone()) - At(2026, 3, 28), absl::Hours(23));
  EXPECT_EQ(AddDays(At(2026, 3, 28, 2), 1, Zone()), At(2026, 3, 29, 3)) << "02:00 is the gap's first moment";
  EXPECT_EQ(AddDays(kStart, 0, Zone()), kStart);
}

RC_GTEST_PROP(Calendar, LaterPeriodsNeverBeginEarlier, ()) {
  const char* zones[] = {"Europe/Rome", "America/New_York", "Asia/Kathmandu", "Pacific/Apia",
                         "Australia/Lord_Howe"};
  const absl::TimeZone zone = Zone(zones[*rc::gen::inRange(0, 5)]);
  const absl::Time anchor = absl::FromUnixSeconds(*rc::gen::inRange<int64_t>(1'200'000'000, 1'900'000'000));
  const int months = *rc::gen::inRange(1, 25);
  absl::Time last = anchor;
  for (int64_t k = 1; k < 60; ++k) {
    const absl::Time next = PeriodStart(anchor, months, k, zone);
    RC_ASSERT(next > last);
    last = next;
  }
}

}  // namespace
}  // namespace loyalty::membership
