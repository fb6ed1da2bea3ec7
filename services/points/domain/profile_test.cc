#include "services/points/domain/profile.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/refused.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Faults(const Profile& profile) {
  Violations violations;
  ValidateProfile(profile, "member", violations);
  return testing::ViolationsOf(violations.ToStatus());
}

Profile BornOn(int32_t month, int32_t day) {
  Profile profile;
  profile.birthday = {month, day};
  return profile;
}

std::string Bytes(size_t count) { return std::string(count, 'x'); }

TEST(Profile, OfWhichNothingIsKnownIsFine) { EXPECT_THAT(Faults({}), IsEmpty()); }

TEST(Profile, MayBeFullToItsLimits) {
  Profile profile = BornOn(12, 31);
  profile.segment = Bytes(100);
  profile.referrer_member_id = Bytes(100);
  profile.attributes = {{"text", Bytes(500)}, {"lines", "first\nsecond"},
                        {"nothing", ""},      {"number", int64_t{-5}},
                        {"flag", false},      {"day", absl::CivilDay(9999, 12, 31)}};
  for (size_t i = profile.attributes.size(); i < kMaxAttributes; ++i) {
    profile.attributes[absl::StrCat("a", i)] = true;
  }
  for (size_t i = 0; i < kMaxConsents; ++i)
    profile.consents.push_back({"email", absl::StrCat("p", i), true, {}});
  EXPECT_THAT(Faults(profile), IsEmpty());
  profile.attributes["one more"] = true;
  profile.consents.push_back({"email", "one more", true, {}});
  EXPECT_THAT(Faults(profile), ElementsAre("member.attributes TOO_MANY", "member.consents TOO_MANY"));
}

TEST(Profile, ABirthdayIsADayOfSomeYear) {
  EXPECT_THAT(Faults(BornOn(2, 29)), IsEmpty());
  EXPECT_THAT(Faults(BornOn(2, 30)), ElementsAre("member.birthday MALFORMED"));
  EXPECT_THAT(Faults(BornOn(4, 31)), ElementsAre("member.birthday MALFORMED"));
  EXPECT_THAT(Faults(BornOn(0, 5)), ElementsAre("member.birthday.month NOT_POSITIVE"));
  EXPECT_THAT(Faults(BornOn(13, 0)),
              ElementsAre("member.birthday.month TOO_LARGE", "member.birthday.day NOT_POSITIVE"));
}

TEST(Profile, TellsAllThatIsWrong) {
  Profile profile;
  profile.segment = Bytes(101);
  profile.referrer_member_id = "a\nb";
  profile.attributes = {
      {"", true}, {"day", absl::CivilDay(0, 1, 1)}, {"shoes", Bytes(501)}, {Bytes(101), int64_t{1}}};
  profile.consents = {
      {"email", "marketing", true, {}}, {"", "x", true, {}}, {"email", "marketing", false, {}}};
  EXPECT_THAT(
      Faults(profile),
      ElementsAre("member.segment TOO_LONG", "member.referrer_member_id MALFORMED",
                  "member.attributes.key FIELD_REQUIRED", "member.attributes[\"day\"] TIME_OUT_OF_RANGE",
                  "member.attributes[\"shoes\"] TOO_LONG", "member.attributes.key TOO_LONG",
                  "member.consents[1].channel FIELD_REQUIRED", "member.consents[2] DUPLICATE"));
}

}  // namespace
}  // namespace loyalty::points
