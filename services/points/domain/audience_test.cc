// Whom an award is for, and what it may say.
#include "services/points/domain/audience.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/validate/check.h"
#include "services/points/domain/test_kit.h"

namespace loyalty::points {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

AudienceAward CustomerDay() {
  AudienceAward award;
  award.id = "day";
  award.points = 100;
  award.time = kNoon;
  award.reason = "customer day";
  award.actor = "ann";
  return award;
}

std::vector<std::string> WrongWith(const AudienceAward& award) {
  Violations violations;
  ValidateAudienceAward(award, violations);
  return testing::ViolationsOf(violations.ToStatus());
}

struct Person {
  MemberLabels labels;
  std::string segment, tier_id;
  absl::Time enroll_time = kNoon - absl::Hours(1);

  bool IsIn(const Audience& audience) const {
    return points::IsIn(audience, {labels, segment, tier_id, enroll_time}, kNoon);
  }
};

TEST(Audience, NothingAskedIsEverybodyWhoWasAMemberThen) {
  EXPECT_TRUE(Person().IsIn({}));
  EXPECT_TRUE(Person{.enroll_time = kNoon}.IsIn({}));
  EXPECT_FALSE(Person{.enroll_time = kNoon + absl::Microseconds(1)}.IsIn({}));
}

TEST(Audience, ALabelHasToHoldAtTheAwardsTime) {
  const Audience plus{.member_label = "plus"};
  const absl::Duration tick = absl::Microseconds(1);
  EXPECT_FALSE(Person().IsIn(plus));
  EXPECT_TRUE((Person{.labels = {{"plus", kNoon, kNoon + tick}}}.IsIn(plus)));
  EXPECT_FALSE((Person{.labels = {{"plus", kNoon + tick}}}.IsIn(plus))) << "from later";
  EXPECT_FALSE((Person{.labels = {{"plus", kNoon - tick, kNoon}}}.IsIn(plus))) << "until then";
  EXPECT_FALSE((Person{.labels = {{"other", kNoon}}}.IsIn(plus)));
}

TEST(Audience, EveryConditionHasToHold) {
  const Audience asked{.member_label = "plus", .segment = "family", .tier_ids = {"silver", "gold"}};
  const Person meant{.labels = {{"plus", kNoon}}, .segment = "family", .tier_id = "gold"};
  EXPECT_TRUE(meant.IsIn(asked));
  Person other = meant;
  other.labels.clear();
  EXPECT_FALSE(other.IsIn(asked));
  other = meant;
  other.segment = "single";
  EXPECT_FALSE(other.IsIn(asked));
  other = meant;
  other.tier_id = "";
  EXPECT_FALSE(other.IsIn(asked));
}

TEST(AudienceAward, AcceptsTheEndsOfEachRange) {
  AudienceAward award = CustomerDay();
  for (const int64_t points : {int64_t{1}, kMaxAudiencePoints}) {
    award.points = points;
    EXPECT_THAT(WrongWith(award), IsEmpty());
  }
  award.id = std::string(kMaxAwardIdBytes, 'a');
  award.audience = {std::string(kMaxNameBytes, 'l'), std::string(kMaxNameBytes, 's'), {}};
  for (size_t i = 0; i < kMaxAudienceTiers; ++i) award.audience.tier_ids.push_back(absl::StrCat("t", i));
  award.reason = std::string(kMaxReasonBytes, 'r');
  EXPECT_THAT(WrongWith(award), IsEmpty());
  award.at_once = true;
  award.time = absl::InfinitePast();
  EXPECT_THAT(WrongWith(award), IsEmpty());
}

TEST(AudienceAward, TellsEverythingThatIsWrong) {
  AudienceAward bad;
  bad.id = "Day!";
  bad.time = absl::InfiniteFuture();
  bad.audience = {std::string(101, 'l'), std::string(101, 's'), {"gold", "gold", ""}};
  EXPECT_THAT(WrongWith(bad),
              UnorderedElementsAre("award_id MALFORMED", "points NOT_POSITIVE",
                                   "award_time TIME_OUT_OF_RANGE", "audience.member_label TOO_LONG",
                                   "audience.segment TOO_LONG", "audience.tier_ids[1] DUPLICATE",
                                   "audience.tier_ids[2] FIELD_REQUIRED", "reason FIELD_REQUIRED"));
  bad = CustomerDay();
  bad.id = std::string(kMaxAwardIdBytes + 1, 'a');
  bad.points = kMaxAudiencePoints + 1;
  bad.audience.tier_ids.resize(kMaxAudienceTiers + 1, "gold");
  EXPECT_THAT(WrongWith(bad),
              UnorderedElementsAre("award_id TOO_LONG", "points TOO_LARGE", "audience.tier_ids TOO_MANY"));
  bad = CustomerDay();
  bad.id = "";
  EXPECT_THAT(WrongWith(bad), UnorderedElementsAre("award_id FIELD_REQUIRED"));
}

TEST(AudienceAward, IsTheSameIfItAsksForTheSame) {
  const AudienceAward day = CustomerDay();
  AudienceAward other = day;
  other.actor = "bob";
  other.state = AudienceAwardState::kDone;
  EXPECT_TRUE(SameAudienceAward(day, other));
  const auto with = [&](auto change) {
    AudienceAward changed = day;
    change(changed);
    return SameAudienceAward(day, changed);
  };
  EXPECT_FALSE(with([](AudienceAward& award) { award.points = 101; }));
  EXPECT_FALSE(with([](AudienceAward& award) { award.time += absl::Seconds(1); }));
  EXPECT_FALSE(with([](AudienceAward& award) { award.at_once = true; }));
  EXPECT_FALSE(with([](AudienceAward& award) { award.audience.segment = "family"; }));
  EXPECT_FALSE(with([](AudienceAward& award) { award.reason = "another"; }));
  AudienceAward now = day, later = day;
  now.at_once = later.at_once = true;
  later.time += absl::Hours(1);
  EXPECT_TRUE(SameAudienceAward(now, later)) << "both said: now";
}

TEST(AudienceAward, GivesAnEarnThatIsTheMembersAlone) {
  AudienceAward day = CustomerDay();
  const Command earn = EarnOf(day, "anna", 17);
  EXPECT_EQ(earn.member_id, "anna");
  EXPECT_EQ(earn.request_id, "audience:day:17");
  EXPECT_EQ(earn.occurred_time, kNoon);
  EXPECT_EQ(earn.reason, "customer day");
  EXPECT_EQ(earn.actor, "ann");
  EXPECT_EQ(std::get<Earn>(earn.action).points, 100);
  EXPECT_EQ(std::get<Earn>(earn.action).cause, "audience:day");
  day.id = std::string(kMaxAwardIdBytes, 'a');
  EXPECT_LE(EarnOf(day, "anna", INT64_MAX).request_id.size(), kMaxRequestIdBytes);
}

}  // namespace
}  // namespace loyalty::points
