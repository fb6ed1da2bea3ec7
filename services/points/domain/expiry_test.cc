#include "services/points/domain/expiry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/calendar/calendar.h"
#include "common/testing/refused.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

// As the clock on the wall shows it: "2026-01-31T12:00".
absl::Time Local(const std::string& text, const absl::TimeZone& zone) {
  absl::CivilMinute minute;
  EXPECT_TRUE(absl::ParseCivilTime(text, &minute)) << text;
  return absl::FromCivil(minute, zone);
}

ExpiryPolicy RollingMonths(int32_t months, RoundUp round_up = RoundUp::kNone) {
  return {.kind = ExpiryKind::kRolling, .months = months, .round_up = round_up};
}
ExpiryPolicy RollingDays(int32_t days, RoundUp round_up = RoundUp::kNone) {
  return {.kind = ExpiryKind::kRolling, .days = days, .round_up = round_up};
}
ExpiryPolicy FixedDay(int32_t month, int32_t day) {
  return {.kind = ExpiryKind::kFixedDay, .month = month, .day = day};
}
ExpiryPolicy Inactivity(int32_t months) { return {.kind = ExpiryKind::kInactivity, .months = months}; }

struct Case {
  ExpiryPolicy policy;
  std::string earned;
  std::string expires;  // the wall's clock at that moment
};
void ExpectEach(const std::vector<Case>& cases, const std::string& zone_name) {
  const absl::TimeZone zone = Zone(zone_name);
  for (const Case& c : cases) {
    const absl::Time at = ExpireTime(c.policy, Local(c.earned, zone), zone);
    EXPECT_EQ(absl::FormatTime("%Y-%m-%dT%H:%M:%S", at, zone), c.expires + ":00")
        << zone_name << " " << c.earned;
  }
}

std::vector<std::string> Faults(const ExpiryPolicy& policy) {
  Violations violations;
  ValidateExpiry(policy, "expiry", violations);
  return testing::ViolationsOf(violations.ToStatus());
}

TEST(Expiry, PointsMayLiveForEver) {
  EXPECT_EQ(ExpireTime({}, absl::UnixEpoch(), absl::UTCTimeZone()), absl::InfiniteFuture());
  EXPECT_EQ(ExpireTime(Inactivity(12), absl::UnixEpoch(), absl::UTCTimeZone()), absl::InfiniteFuture());
}

TEST(Expiry, OfMonthsIsCountedFromTheDayOfTheAwardAndEndsWithTheMonth) {
  ExpectEach(
      {
          {RollingMonths(1), "2026-01-31T00:00", "2026-03-01T00:00"},  // usable through 28 February
          {RollingMonths(1), "2026-01-31T23:59", "2026-03-01T00:00"},
          {RollingMonths(1), "2026-01-28T12:00", "2026-03-01T00:00"},
          {RollingMonths(1), "2026-01-27T12:00", "2026-02-28T00:00"},
          {RollingMonths(1), "2028-01-31T12:00", "2028-03-01T00:00"},  // … 29 February
          {RollingMonths(1), "2028-01-28T12:00", "2028-02-29T00:00"},
          {RollingMonths(2), "2026-01-31T12:00", "2026-04-01T00:00"},  // 31 March, not 28
          {RollingMonths(12), "2028-02-29T12:00", "2029-03-01T00:00"},
          {RollingMonths(48), "2028-02-29T12:00", "2032-03-01T00:00"},
          {RollingMonths(12), "2026-05-07T12:00", "2027-05-08T00:00"},
          {RollingMonths(kMaxExpiryMonths), "2026-05-07T12:00", "2126-05-08T00:00"},
      },
      "Europe/Rome");
}

TEST(Expiry, OfDaysIsCountedInDaysOfTheZoneNotInHours) {
  ExpectEach(
      {
          {RollingDays(1), "2026-05-07T00:00", "2026-05-09T00:00"},
          {RollingDays(1), "2026-05-07T23:59", "2026-05-09T00:00"},
          {RollingDays(1), "2026-03-28T12:00", "2026-03-30T00:00"},  // the 29th had 23 hours
          {RollingDays(30), "2026-02-01T12:00", "2026-03-04T00:00"},
          {RollingDays(365), "2028-01-01T12:00", "2029-01-01T00:00"},  // usable through 31 December
      },
      "Europe/Rome");
}

TEST(Expiry, MayBeRoundedUpToTheEndOfItsMonthQuarterOrYear) {
  ExpectEach(
      {
          {RollingMonths(12, RoundUp::kMonthEnd), "1997-01-15T12:00", "1998-02-01T00:00"},
          {RollingMonths(12, RoundUp::kMonthEnd), "1997-01-31T12:00",
           "1998-02-01T00:00"},  // it is the end already
          {RollingMonths(1, RoundUp::kMonthEnd), "2028-01-01T12:00", "2028-03-01T00:00"},
          {RollingMonths(12, RoundUp::kQuarterEnd), "2026-01-01T12:00", "2027-04-01T00:00"},
          {RollingMonths(12, RoundUp::kQuarterEnd), "2026-03-31T12:00", "2027-04-01T00:00"},
          {RollingMonths(12, RoundUp::kQuarterEnd), "2026-04-01T12:00", "2027-07-01T00:00"},
          {RollingMonths(1, RoundUp::kQuarterEnd), "2026-11-30T12:00", "2027-01-01T00:00"},
          {RollingMonths(12, RoundUp::kYearEnd), "2026-01-01T12:00", "2028-01-01T00:00"},
          {RollingMonths(12, RoundUp::kYearEnd), "2026-12-31T12:00", "2028-01-01T00:00"},
          {RollingDays(1, RoundUp::kYearEnd), "2026-12-31T12:00",
           "2028-01-01T00:00"},  // 1 January is next year's
          {RollingDays(1, RoundUp::kMonthEnd), "2026-05-30T12:00", "2026-06-01T00:00"},
          {RollingDays(1, RoundUp::kMonthEnd), "2026-05-31T12:00", "2026-07-01T00:00"},
      },
      "Europe/Rome");
}

TEST(Expiry, OnAFixedDayIsTheFirstThatIsNotBeforeTheAward) {
  ExpectEach(
      {
          {FixedDay(6, 30), "2026-06-29T12:00", "2026-07-01T00:00"},
          {FixedDay(6, 30), "2026-06-30T00:00", "2026-07-01T00:00"},
          {FixedDay(6, 30), "2026-06-30T23:59", "2026-07-01T00:00"},  // a minute to use them
          {FixedDay(6, 30), "2026-07-01T00:00", "2027-07-01T00:00"},
          {FixedDay(12, 31), "2026-12-31T12:00", "2027-01-01T00:00"},
          {FixedDay(1, 1), "2026-01-02T12:00", "2027-01-02T00:00"},
          {FixedDay(2, 29), "2028-02-29T12:00", "2028-03-01T00:00"},
          {FixedDay(2, 29), "2027-02-28T12:00", "2027-03-01T00:00"},  // 28 February stands for it
          {FixedDay(2, 29), "2027-03-01T12:00", "2028-03-01T00:00"},
          {FixedDay(2, 29), "2028-03-01T12:00", "2029-03-01T00:00"},
          {FixedDay(2, 28), "2028-02-29T12:00", "2029-03-01T00:00"},
      },
      "Europe/Rome");
}

TEST(Expiry, FollowsTheZonesDays) {
  const absl::Time earned = Local("2026-01-31T20:00", Zone("America/New_York"));
  EXPECT_EQ(ExpireTime(RollingMonths(1), earned, Zone("America/New_York")),
            Local("2026-03-01T00:00", Zone("America/New_York")));
  EXPECT_EQ(ExpireTime(RollingMonths(1), earned, Zone("Europe/Rome")),
            Local("2026-03-02T00:00", Zone("Europe/Rome")))
      << "there it is 1 February already";
  ExpectEach({{RollingMonths(4), "2026-07-07T12:00", "2026-11-08T00:00"},  // the clock went back meanwhile,
              {RollingDays(1), "2026-10-31T12:00", "2026-11-02T00:00"},    // on a day of 25 hours
              {RollingDays(1), "2026-11-01T01:30", "2026-11-03T00:00"}},
             "America/New_York");
}

TEST(Expiry, IsTheFirstMomentOfTheNextDayWhereAZoneHasNoMidnight) {
  ExpectEach({{RollingDays(1), "2018-11-02T12:00", "2018-11-04T01:00"},  // 00:00 was skipped
              {RollingMonths(1), "2018-10-03T12:00", "2018-11-04T01:00"},
              {FixedDay(11, 3), "2018-11-03T23:59", "2018-11-04T01:00"},
              {RollingDays(1), "2018-11-04T01:00", "2018-11-06T00:00"}},
             "America/Sao_Paulo");
}

TEST(Expiry, OnADayThatTheZoneSkippedIsWhenTheDayBeforeEnds) {
  ExpectEach(
      {{RollingDays(1), "2011-12-28T12:00", "2011-12-31T00:00"},    // usable through the 29th
       {RollingMonths(1), "2011-11-30T12:00", "2011-12-31T00:00"},  // … the 30th, which there never was
       {FixedDay(12, 30), "2011-12-29T23:59", "2011-12-31T00:00"},
       {FixedDay(12, 30), "2011-12-31T00:00", "2012-12-31T00:00"},
       {RollingDays(1), "2011-12-31T00:00", "2012-01-02T00:00"}},
      "Pacific/Apia");
}

TEST(Expiry, ByInactivityBeginsWithTheChange) {
  const absl::Time now = absl::UnixEpoch() + absl::Hours(1);
  const auto begun = [&](const ExpiryPolicy& before, ExpiryPolicy after) {
    BeginInactivity(before, now, after);
    return after.since;
  };
  ExpiryPolicy six = Inactivity(6);
  six.since = absl::UnixEpoch();
  EXPECT_EQ(begun({}, Inactivity(6)), now);
  EXPECT_EQ(begun(six, Inactivity(5)), now);
  EXPECT_EQ(begun(six, Inactivity(6)), absl::UnixEpoch()) << "nothing changes";
  EXPECT_EQ(begun(six, Inactivity(7)), absl::UnixEpoch());
  EXPECT_EQ(begun(six, {}), absl::InfinitePast());
  EXPECT_EQ(InactiveTime(six, absl::UnixEpoch() - absl::Hours(9000), absl::UTCTimeZone()),
            InactiveTime(six, absl::UnixEpoch(), absl::UTCTimeZone()));
}

TEST(Expiry, ByInactivityIsCountedFromTheLastDeed) {
  const absl::TimeZone rome = Zone("Europe/Rome");
  EXPECT_EQ(InactiveTime(Inactivity(6), Local("2026-08-31T12:00", rome), rome),
            Local("2027-03-01T00:00", rome));
  EXPECT_EQ(InactiveTime(Inactivity(6), Local("2027-08-31T12:00", rome), rome),
            Local("2028-03-01T00:00", rome));
  EXPECT_EQ(InactiveTime(Inactivity(12), Local("2026-05-07T00:00", rome), rome),
            Local("2027-05-08T00:00", rome));
  for (const ExpiryPolicy& other : {ExpiryPolicy(), RollingMonths(1), FixedDay(1, 1)}) {
    EXPECT_EQ(InactiveTime(other, Local("2026-05-07T00:00", rome), rome), absl::InfiniteFuture());
  }
}

TEST(ExpiryPolicy, IsAcceptedUpToEveryLimit) {
  const ExpiryPolicy good[] = {
      {},
      RollingMonths(1),
      RollingMonths(kMaxExpiryMonths, RoundUp::kYearEnd),
      RollingDays(1),
      RollingDays(kMaxExpiryDays, RoundUp::kQuarterEnd),
      FixedDay(1, 1),
      FixedDay(2, 29),
      FixedDay(4, 30),
      FixedDay(12, 31),
      Inactivity(1),
      Inactivity(kMaxExpiryMonths),
  };
  for (size_t i = 0; i < std::size(good); ++i) EXPECT_THAT(Faults(good[i]), IsEmpty()) << i;
}

TEST(ExpiryPolicy, IsRefusedWithThePreciseFault) {
  EXPECT_THAT(Faults(RollingMonths(0)), ElementsAre("expiry.rolling_months FIELD_REQUIRED"));
  EXPECT_THAT(Faults(RollingMonths(-1)), ElementsAre("expiry.rolling_months NOT_POSITIVE"));
  EXPECT_THAT(Faults(RollingMonths(kMaxExpiryMonths + 1)), ElementsAre("expiry.rolling_months TOO_LARGE"));
  EXPECT_THAT(Faults(RollingDays(-1)), ElementsAre("expiry.rolling_days NOT_POSITIVE"));
  EXPECT_THAT(Faults(RollingDays(kMaxExpiryDays + 1)), ElementsAre("expiry.rolling_days TOO_LARGE"));
  EXPECT_THAT(Faults(Inactivity(0)), ElementsAre("expiry.inactivity_months NOT_POSITIVE"));
  EXPECT_THAT(Faults(Inactivity(kMaxExpiryMonths + 1)), ElementsAre("expiry.inactivity_months TOO_LARGE"));
  EXPECT_THAT(Faults(FixedDay(0, 0)),
              ElementsAre("expiry.fixed_day.month NOT_POSITIVE", "expiry.fixed_day.day NOT_POSITIVE"));
  EXPECT_THAT(Faults(FixedDay(13, 32)),
              ElementsAre("expiry.fixed_day.month TOO_LARGE", "expiry.fixed_day.day TOO_LARGE"));
  EXPECT_THAT(Faults(FixedDay(2, 30)), ElementsAre("expiry.fixed_day.day TOO_LARGE"));
  EXPECT_THAT(Faults(FixedDay(4, 31)), ElementsAre("expiry.fixed_day.day TOO_LARGE"));
  EXPECT_THAT(Faults({ExpiryKind::kRolling, 1, 1}), ElementsAre("expiry.rolling_days NOT_APPLICABLE"));
}

TEST(ExpiryPolicy, HasNothingOfAnotherKind) {
  EXPECT_THAT(Faults({ExpiryKind::kNever, 1, 1, RoundUp::kYearEnd, 1, 1}),
              ElementsAre("expiry.rolling_months NOT_APPLICABLE", "expiry.rolling_days NOT_APPLICABLE",
                          "expiry.round_up NOT_APPLICABLE", "expiry.fixed_day.month NOT_APPLICABLE",
                          "expiry.fixed_day.day NOT_APPLICABLE"));
  EXPECT_THAT(Faults({ExpiryKind::kInactivity, 1, 0, RoundUp::kMonthEnd}),
              ElementsAre("expiry.round_up NOT_APPLICABLE"));
  EXPECT_THAT(Faults({ExpiryKind::kRolling, 1, 0, RoundUp::kNone, 6, 30}),
              ElementsAre("expiry.fixed_day.month NOT_APPLICABLE", "expiry.fixed_day.day NOT_APPLICABLE"));
  EXPECT_THAT(Faults({ExpiryKind::kFixedDay, 1, 0, RoundUp::kNone, 6, 30}),
              ElementsAre("expiry.rolling_months NOT_APPLICABLE"));
}

TEST(ExpiryPolicy, NamesValueAndLimit) {
  Violations violations;
  ValidateExpiry(FixedDay(2, 30), "expiry", violations);
  EXPECT_THAT(testing::MetadataOf(violations.ToStatus()),
              UnorderedElementsAre(Pair("value", "30"), Pair("limit", "29")));
}

ExpiryPolicy AnyPolicy() {
  const auto round_up = static_cast<RoundUp>(*rc::gen::inRange(1, 5));
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      return RollingMonths(*rc::gen::inRange(1, 40), round_up);
    case 1:
      return RollingDays(*rc::gen::inRange(1, 800), round_up);
  }
  const int month = *rc::gen::inRange(1, 13);
  return FixedDay(month, *rc::gen::inRange(1, LastDayOfMonth(absl::CivilDay(2000, month, 1)).day() + 1));
}

RC_GTEST_PROP(ExpiryProperty, LiesAfterTheAwardAtALocalMidnightAndNeverBeforeThatOfAnEarlierAward, ()) {
  const absl::TimeZone zone = Zone(
      *rc::gen::element<std::string>("Europe/Rome", "America/New_York", "America/Sao_Paulo", "Pacific/Apia",
                                     "America/St_Johns", "America/Havana", "Asia/Kathmandu", "UTC"));
  ExpiryPolicy policy = AnyPolicy();
  Violations violations;
  ValidateExpiry(policy, "expiry", violations);
  RC_ASSERT(violations.empty());
  // Milliseconds from 1999 to 2030, and often near to a midnight.
  absl::Time earned = absl::FromUnixMillis(*rc::gen::inRange<int64_t>(915'148'800'000, 1'893'456'000'000));
  if (*rc::gen::arbitrary<bool>()) {
    earned = StartOfDay(LocalDay(earned, zone), zone) + absl::Minutes(*rc::gen::inRange(-70, 70));
  }
  const absl::Time later = earned + absl::Seconds(*rc::gen::inRange(0, 4'000'000));
  const absl::Time expires = ExpireTime(policy, earned, zone);
  RC_ASSERT(expires > earned);
  RC_ASSERT(expires == StartOfDay(LocalDay(expires, zone), zone));
  RC_ASSERT(ExpireTime(policy, later, zone) >= expires);
  if (policy.kind == ExpiryKind::kRolling && policy.months > 0 && policy.round_up == RoundUp::kNone) {
    policy.kind = ExpiryKind::kInactivity;
    RC_ASSERT(InactiveTime(policy, earned, zone) == expires);
  }
}

}  // namespace
}  // namespace loyalty::points
