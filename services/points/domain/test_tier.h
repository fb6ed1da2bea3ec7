// What the tests of tiers share: policies in one line, and a member whose standing follows the calendar.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "common/calendar/calendar.h"
#include "services/points/domain/tier.h"

namespace loyalty::points {

inline constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

inline absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

inline Tier TierFrom(std::string id, int64_t threshold) {
  Tier tier;
  tier.id = tier.display_name = std::move(id);
  tier.threshold = threshold;
  return tier;
}

// Silver from 500, gold from 2,000, platinum from 5,000.
inline TierPolicy MoneyPolicy(TierPeriod period, int32_t grace_days = 0,
                              Downgrade downgrade = Downgrade::kToEarned) {
  TierPolicy policy;
  policy.period = period;
  policy.grace_days = grace_days;
  policy.downgrade = downgrade;
  policy.tiers = {TierFrom("silver", 500), TierFrom("gold", 2'000), TierFrom("platinum", 5'000)};
  return policy;
}

// A member whose standing is brought up to date, one due time after the other, before anything happens.
class TieredMember {
 public:
  explicit TieredMember(TierPolicy policy, absl::CivilDay enrolled = absl::CivilDay(2024, 1, 1),
                        const std::string& zone = "Europe/Rome")
      : policy_(std::move(policy)),
        zone_(Zone(zone)),
        enrolled_(StartOfDay(enrolled, zone_) + absl::Hours(12)) {}

  absl::Time Midnight(absl::CivilDay day) const { return StartOfDay(day, zone_); }
  absl::Time Noon(absl::CivilDay day) const { return Midnight(day) + absl::Hours(12); }
  TierScene Scene() const { return {policy_, zone_, enrolled_}; }

  void GoTo(absl::Time time) {
    for (absl::Time due = Due(); due <= time; due = Due()) {
      AdvanceTier(Scene(), due, standing_);
      ASSERT_GT(Due(), due);
    }
  }
  // The tier at a time, and at the first moment of a day.
  const std::string& At(absl::Time time) {
    GoTo(time);
    return standing_.tier_id;
  }
  const std::string& On(absl::CivilDay day) { return At(Midnight(day)); }
  // The last day whose evening still has the tier of now, if nothing more is counted.
  absl::CivilDay LastDay() const {
    return absl::ToCivilDay(OutlookOf(Scene(), standing_, now_).until - absl::Seconds(1), zone_);
  }

  // Counts at noon; what occurred on another day if that is given.
  const std::string& Spend(absl::CivilDay day, int64_t minor) { return Spend(day, minor, day); }
  const std::string& Spend(absl::CivilDay day, int64_t minor, absl::CivilDay occurred) {
    GoTo(now_ = Noon(day));
    AddProgress(Scene(), {minor / 10, minor, minor < 0 ? -1 : 1}, Noon(occurred), now_, standing_);
    return standing_.tier_id;
  }
  const std::string& Return(absl::CivilDay day, int64_t minor, absl::CivilDay purchased) {
    return Spend(day, -minor, purchased);
  }
  const std::string& Override(absl::CivilDay day, const std::string& tier_id, absl::CivilDay until) {
    GoTo(now_ = Noon(day));
    OverrideTier(Scene(), Standing::Override{tier_id, Midnight(until)}, now_, standing_);
    return standing_.tier_id;
  }
  const std::string& EndOverride(absl::CivilDay day) {
    GoTo(now_ = Noon(day));
    OverrideTier(Scene(), std::nullopt, now_, standing_);
    return standing_.tier_id;
  }
  // Counts nothing.
  const std::string& Touch(absl::CivilDay day) {
    now_ = Noon(day);
    AddProgress(Scene(), {}, now_, now_, standing_);
    return standing_.tier_id;
  }

  absl::Time Due() const { return NextTierTime(Scene(), standing_); }
  TierOutlook Outlook(absl::CivilDay day) const { return OutlookOf(Scene(), standing_, Noon(day)); }
  TierPolicy& policy() { return policy_; }
  Standing& standing() { return standing_; }

 private:
  TierPolicy policy_;
  absl::TimeZone zone_;
  absl::Time enrolled_;
  absl::Time now_;
  Standing standing_;
};

using Day = absl::CivilDay;

}  // namespace loyalty::points
