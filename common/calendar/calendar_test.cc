#include "common/calendar/calendar.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>

namespace loyalty {
namespace {

using absl::CivilDay;

absl::TimeZone Zone(const std::string& name = "Europe/Rome") {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << error;
  return time;
}

// In Rome.
absl::Time At(int year, int month, int day, int hour = 10) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, 0, 0), Zone());
}

// Zones that skip midnights, skip and repeat days, are off by odd minutes, or set clocks back across
// midnight.
absl::TimeZone AnyZone() {
  return Zone(*rc::gen::element<std::string>(
      "Europe/Rome", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe",
      "America/Sao_Paulo", "America/St_Johns", "Pacific/Kwajalein", "Africa/Cairo", "America/Havana"));
}
absl::Time AnyTime() {
  return absl::FromUnixSeconds(*rc::gen::inRange<int64_t>(-100'000'000, 1'900'000'000));
}

// The table is computed by tests/membership/period_starts.py with Python's zoneinfo and calendar.
TEST(Periods, BeginWhereTheIndependentTableSays) {
  const auto root = std::filesystem::path(__FILE__).parent_path() / "../..";
  std::ifstream table(root / "tests/membership/period_starts.txt");
  ASSERT_TRUE(table) << "no table";
  std::string zone, local, anchor, begin;
  int months = 0, lines = 0;
  int64_t k = 0;
  while (table >> zone >> local >> anchor >> months >> k >> begin) {
    ++lines;
    EXPECT_EQ(PeriodStart(Utc(anchor), months, k, Zone(zone)), Utc(begin))
        << zone << " " << local << " + " << k << " x " << months << " months";
  }
  EXPECT_GT(lines, 1500);
}

TEST(Periods, TheDayComesBackAfterAShortMonth) {
  const absl::Time anchor = At(2026, 1, 31);
  EXPECT_EQ(PeriodStart(anchor, 1, 1, Zone()), At(2026, 2, 28));
  EXPECT_EQ(PeriodStart(anchor, 1, 2, Zone()), At(2026, 3, 31));
  EXPECT_EQ(PeriodStart(anchor, 1, 25, Zone()), At(2028, 2, 29));
  EXPECT_EQ(PeriodStart(anchor, 12, 2, Zone()), At(2028, 1, 31));
}

TEST(Periods, AnAnchorInTheSecondOfTwoEqualHoursStaysThere) {
  const absl::Time second = Utc("2026-10-25T01:30:00Z");  // 02:30 in Rome for the second time
  EXPECT_EQ(PeriodStart(second, 1, 0, Zone()), second);
  EXPECT_EQ(PeriodStart(second, 1, 1, Zone()), Utc("2026-11-25T01:30:00Z"));
}

RC_GTEST_PROP(Periods, LaterOnesNeverBeginEarlier, ()) {
  const absl::TimeZone zone = AnyZone();
  const absl::Time anchor = absl::FromUnixSeconds(*rc::gen::inRange<int64_t>(1'200'000'000, 1'900'000'000));
  const int months = *rc::gen::inRange(1, 25);
  absl::Time last = anchor;
  for (int64_t k = 1; k < 60; ++k) {
    const absl::Time next = PeriodStart(anchor, months, k, zone);
    RC_ASSERT(next > last);
    last = next;
  }
}

TEST(AddDays, KeepsTheLocalTime) {
  EXPECT_EQ(AddDays(At(2026, 3, 28), 1, Zone()) - At(2026, 3, 28), absl::Hours(23));
  EXPECT_EQ(AddDays(At(2026, 3, 28, 2), 1, Zone()), At(2026, 3, 29, 3)) << "02:00 is the gap's first moment";
  EXPECT_EQ(AddDays(At(2026, 1, 31), 0, Zone()), At(2026, 1, 31));
}

TEST(AddMonths, EndsWithTheMonth) {
  const struct {
    CivilDay day;
    int64_t months;
    CivilDay expected;
  } cases[] = {
      {CivilDay(2026, 1, 31), 1, CivilDay(2026, 2, 28)},
      {CivilDay(2028, 1, 31), 1, CivilDay(2028, 2, 29)},
      {CivilDay(2100, 1, 31), 1, CivilDay(2100, 2, 28)},
      {CivilDay(2026, 1, 28), 1, CivilDay(2026, 2, 28)},
      {CivilDay(2026, 1, 31), 2, CivilDay(2026, 3, 31)},
      {CivilDay(2026, 5, 31), 1, CivilDay(2026, 6, 30)},
      {CivilDay(2028, 2, 29), 12, CivilDay(2029, 2, 28)},
      {CivilDay(2028, 2, 29), 48, CivilDay(2032, 2, 29)},
      {CivilDay(2026, 11, 30), 3, CivilDay(2027, 2, 28)},
      {CivilDay(2026, 12, 1), 1, CivilDay(2027, 1, 1)},
      {CivilDay(2026, 5, 7), 0, CivilDay(2026, 5, 7)},
      {CivilDay(2026, 5, 31), 1200, CivilDay(2126, 5, 31)},
      {CivilDay(2026, 3, 31), -1, CivilDay(2026, 2, 28)},
      {CivilDay(2026, 1, 15), -1, CivilDay(2025, 12, 15)},
  };
  for (const auto& c : cases) EXPECT_EQ(AddMonths(c.day, c.months), c.expected) << c.day << " + " << c.months;
}

TEST(LastDay, IsThatOfTheMonthQuarterAndYear) {
  const struct {
    CivilDay day, month, quarter, year;
  } cases[] = {
      {CivilDay(2026, 1, 1), CivilDay(2026, 1, 31), CivilDay(2026, 3, 31), CivilDay(2026, 12, 31)},
      {CivilDay(2026, 2, 28), CivilDay(2026, 2, 28), CivilDay(2026, 3, 31), CivilDay(2026, 12, 31)},
      {CivilDay(2028, 2, 1), CivilDay(2028, 2, 29), CivilDay(2028, 3, 31), CivilDay(2028, 12, 31)},
      {CivilDay(2026, 3, 31), CivilDay(2026, 3, 31), CivilDay(2026, 3, 31), CivilDay(2026, 12, 31)},
      {CivilDay(2026, 4, 1), CivilDay(2026, 4, 30), CivilDay(2026, 6, 30), CivilDay(2026, 12, 31)},
      {CivilDay(2026, 9, 30), CivilDay(2026, 9, 30), CivilDay(2026, 9, 30), CivilDay(2026, 12, 31)},
      {CivilDay(2026, 10, 1), CivilDay(2026, 10, 31), CivilDay(2026, 12, 31), CivilDay(2026, 12, 31)},
      {CivilDay(2026, 12, 31), CivilDay(2026, 12, 31), CivilDay(2026, 12, 31), CivilDay(2026, 12, 31)},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(LastDayOfMonth(c.day), c.month) << c.day;
    EXPECT_EQ(LastDayOfQuarter(c.day), c.quarter) << c.day;
    EXPECT_EQ(LastDayOfYear(c.day), c.year) << c.day;
  }
}

TEST(StartOfDay, IsTheFirstMomentThatTheDayHas) {
  EXPECT_EQ(StartOfDay(CivilDay(2026, 3, 29), Zone()), Utc("2026-03-28T23:00:00Z"));
  EXPECT_EQ(StartOfDay(CivilDay(2026, 3, 30), Zone()) - StartOfDay(CivilDay(2026, 3, 29), Zone()),
            absl::Hours(23));
  EXPECT_EQ(StartOfDay(CivilDay(2026, 11, 2), Zone("America/New_York")) -
                StartOfDay(CivilDay(2026, 11, 1), Zone("America/New_York")),
            absl::Hours(25));
  EXPECT_EQ(StartOfDay(CivilDay(2018, 11, 4), Zone("America/Sao_Paulo")), Utc("2018-11-04T03:00:00Z"))
      << "midnight was skipped: the day began at 01:00, two hours behind UTC";
  EXPECT_EQ(StartOfDay(CivilDay(2025, 11, 2), Zone("America/Havana")), Utc("2025-11-02T04:00:00Z"))
      << "midnight came twice: the first";
}

TEST(StartOfDay, OfADayThatTheZoneSkippedIsThatOfTheNext) {
  const absl::TimeZone apia = Zone("Pacific/Apia");  // had no 30 December 2011
  EXPECT_EQ(StartOfDay(CivilDay(2011, 12, 30), apia), Utc("2011-12-30T10:00:00Z"));
  EXPECT_EQ(StartOfDay(CivilDay(2011, 12, 31), apia), Utc("2011-12-30T10:00:00Z"));
  EXPECT_EQ(LocalDay(Utc("2011-12-30T10:00:00Z"), apia), CivilDay(2011, 12, 31));
  EXPECT_EQ(LocalDay(Utc("2011-12-30T09:59:59Z"), apia), CivilDay(2011, 12, 29));
}

TEST(LocalDay, IsThatOfTheZone) {
  EXPECT_EQ(LocalDay(Utc("2026-06-30T21:59:59.999999Z"), Zone()), CivilDay(2026, 6, 30));
  EXPECT_EQ(LocalDay(Utc("2026-06-30T22:00:00Z"), Zone()), CivilDay(2026, 7, 1));
  EXPECT_EQ(LocalDay(Utc("2026-06-30T22:00:00Z"), Zone("America/New_York")), CivilDay(2026, 6, 30));
}

TEST(LocalDay, DoesNotComeBackWhereAClockIsSetBackAcrossMidnight) {
  const absl::TimeZone zone = Zone("America/St_Johns");  // 00:01 became 23:01 on 7 November 2010
  EXPECT_EQ(StartOfDay(CivilDay(2010, 11, 7), zone), Utc("2010-11-07T02:30:00Z"));
  EXPECT_EQ(LocalDay(Utc("2010-11-07T02:29:59Z"), zone), CivilDay(2010, 11, 6));
  EXPECT_EQ(LocalDay(Utc("2010-11-07T02:30:00Z"), zone), CivilDay(2010, 11, 7));
  EXPECT_EQ(LocalDay(Utc("2010-11-07T03:00:00Z"), zone), CivilDay(2010, 11, 7))
      << "the clock shows 23:30 again";
}

RC_GTEST_PROP(Days, FollowEachOtherWithoutGapOrOverlap, ()) {
  const absl::TimeZone zone = AnyZone();
  const absl::Time time = AnyTime();
  const CivilDay day = LocalDay(time, zone);
  RC_ASSERT(StartOfDay(day, zone) <= time);
  RC_ASSERT(time < StartOfDay(day + 1, zone));
  RC_ASSERT(LocalDay(StartOfDay(day, zone), zone) == day);
  const absl::Time later = time + absl::Seconds(*rc::gen::inRange(0, 200'000));
  RC_ASSERT(LocalDay(later, zone) >= day);
}

RC_GTEST_PROP(Days, AreNeverEarlierSoManyMonthsAfterALaterOne, ()) {
  const CivilDay day = LocalDay(AnyTime(), absl::UTCTimeZone());
  const CivilDay later = day + *rc::gen::inRange(0, 40);
  const int64_t months = *rc::gen::inRange<int64_t>(-1200, 1201);
  RC_ASSERT(AddMonths(later, months) >= AddMonths(day, months));
  RC_ASSERT(absl::CivilMonth(AddMonths(day, months)) - absl::CivilMonth(day) == months);
}

}  // namespace
}  // namespace loyalty
