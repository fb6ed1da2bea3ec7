#include "services/surveys/domain/invitation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "services/surveys/domain/test_kit.h"
#include "services/surveys/domain/validate.h"

namespace loyalty::surveys {
namespace {

using ::testing::ElementsAre;

TEST(Token, SpellsEveryBitOfTheRandomBytes) {
  std::array<uint8_t, kTokenBytes> random = {};
  EXPECT_EQ(MakeToken(random), std::string(32, 'a'));
  random.fill(0xff);
  EXPECT_EQ(MakeToken(random), std::string(32, '7'));
  std::set<std::string> tokens;
  for (size_t bit = 0; bit < 8 * kTokenBytes; ++bit) {
    random.fill(0);
    random[bit / 8] = static_cast<uint8_t>(1 << (bit % 8));
    tokens.insert(MakeToken(random));
  }
  EXPECT_EQ(tokens.size(), 8 * kTokenBytes);
}

TEST(Token, IsBase32) {
  std::array<uint8_t, kTokenBytes> random = {};
  for (size_t i = 0; i < random.size(); ++i) random[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(MakeToken(random), "aaaqeayeaudaocajbifqydiob4ibceqt") << "RFC 4648, lower case";
}

TEST(Invitation, IsValidAsLongAsTheSurveyOrTheRequestSays) {
  const Survey survey = FullSurvey();
  InvitationRequest request;
  request.member_id = "anna";
  const absl::TimeZone rome = absl::FixedTimeZone(2 * 3600);
  const auto usual = Invite(survey, request, "t", kNoon + absl::Hours(11), rome);
  ASSERT_TRUE(usual.ok());
  EXPECT_EQ(usual->expire_time, kNoon + absl::Hours(11) + absl::Hours(24 * 14));
  EXPECT_EQ(usual->create_date, absl::CivilDay(2026, 5, 2)) << "past midnight in the program's zone";
  request.validity = absl::Hours(2);
  EXPECT_EQ(Invite(survey, request, "t", kNoon, rome)->expire_time, kNoon + absl::Hours(2));
}

TEST(Invitation, NeedsAPublishedSurvey) {
  Survey survey = FullSurvey();
  for (const SurveyState state : {SurveyState::kDraft, SurveyState::kClosed}) {
    survey.state = state;
    EXPECT_THAT(Invite(survey, {}, "t", kNoon, absl::UTCTimeZone()),
                IsRefused(absl::StatusCode::kFailedPrecondition, "SURVEY_STATE_FORBIDS"));
  }
}

TEST(Invitation, EverythingThatIsWrongWithARequestIsToldAtOnce) {
  InvitationRequest request;
  request.channel = std::string(kMaxNameBytes + 1, 'x');
  request.segment = "a\nb";
  request.validity = absl::Seconds(-1);
  Violations violations;
  ValidateInvitation(request, violations);
  EXPECT_THAT(ViolationsOf(violations.ToStatus()),
              ElementsAre("member_id FIELD_REQUIRED", "channel TOO_LONG", "segment MALFORMED",
                          "validity.seconds OUT_OF_RANGE"));
}

TEST(Invitation, ExpiresAtItsTimeWhetherOrNotAJobHasRun) {
  const Survey survey = FullSurvey();
  Invitation invitation = InvitationTo(survey);
  const absl::Time end = invitation.expire_time;
  EXPECT_EQ(StateAt(invitation, end - absl::Microseconds(1)), InvitationState::kOpen);
  EXPECT_TRUE(CheckAnswerable(survey, invitation, end - absl::Microseconds(1)).ok());
  EXPECT_EQ(StateAt(invitation, end), InvitationState::kExpired);
  EXPECT_THAT(CheckAnswerable(survey, invitation, end),
              IsRefused(absl::StatusCode::kFailedPrecondition, "INVITATION_EXPIRED"));
  invitation.state = InvitationState::kAnswered;
  EXPECT_EQ(StateAt(invitation, end), InvitationState::kAnswered);
}

TEST(Invitation, CannotBeAnsweredOnceTheSurveyIsClosed) {
  Survey survey = FullSurvey();
  const Invitation invitation = InvitationTo(survey);
  ASSERT_TRUE(Close(survey, kNoon).ok());
  EXPECT_THAT(CheckAnswerable(survey, invitation, kNoon),
              IsRefused(absl::StatusCode::kFailedPrecondition, "SURVEY_STATE_FORBIDS"));
}

}  // namespace
}  // namespace loyalty::surveys
