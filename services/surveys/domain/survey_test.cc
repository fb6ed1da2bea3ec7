#include "services/surveys/domain/survey.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/surveys/domain/test_kit.h"
#include "services/surveys/domain/validate.h"

namespace loyalty::surveys {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Survey Draft() {
  Survey survey = FullSurvey();
  survey.state = SurveyState::kDraft;
  survey.publish_time = absl::InfiniteFuture();
  return survey;
}

std::vector<std::string> WrongWith(const Survey& survey) {
  Violations violations;
  ValidateSurvey(survey, violations);
  return ViolationsOf(violations.ToStatus());
}

TEST(Survey, OfAllTypesOfQuestionsIsGood) { EXPECT_THAT(WrongWith(Draft()), IsEmpty()); }

TEST(Survey, EverythingThatIsWrongIsToldAtOnce) {
  Survey survey = Draft();
  survey.id = "Visit";
  survey.display_name = "";
  survey.questions[1].id = "nps";
  survey.questions[1].choices = {{"a", "A"}};
  survey.questions[2].follow_up.passive = "Why?";
  survey.questions[3].choices = {{"a", "A"}, {"a", ""}};
  survey.questions[4].cli_texts[1] = "Again?";
  survey.completion_points = -1;
  survey.invitation_validity = absl::Seconds(59);
  survey.cases.csat_at_most = 5;
  survey.cases.first_reply_within = absl::Minutes(2) + absl::Milliseconds(1);
  survey.cases.make_good_limit_points = kMaxPoints + 1;
  survey.min_group_size = 0;
  EXPECT_THAT(
      WrongWith(survey),
      UnorderedElementsAre(
          "survey.survey_id MALFORMED", "survey.display_name FIELD_REQUIRED",
          "survey.questions[1].question_id DUPLICATE", "survey.questions[1].choices NOT_APPLICABLE",
          "survey.questions[2].follow_up NOT_APPLICABLE",
          "survey.questions[3].choices[1].choice_id DUPLICATE",
          "survey.questions[3].choices[1].text FIELD_REQUIRED",
          "survey.questions[4].cli_texts NOT_APPLICABLE", "survey.completion_points OUT_OF_RANGE",
          "survey.invitation_validity.seconds OUT_OF_RANGE", "survey.case_policy.csat_at_most OUT_OF_RANGE",
          "survey.case_policy.first_reply_within MALFORMED",
          "survey.case_policy.make_good_limit_points OUT_OF_RANGE", "survey.min_group_size OUT_OF_RANGE"));
}

TEST(Survey, LimitsHoldFromBothSides) {
  Survey survey = Draft();
  survey.id = std::string(kMaxSlugBytes, 'a');
  survey.invitation_validity = kMaxValidity;
  survey.cases.first_reply_within = kMinFirstReply;
  survey.completion_points = kMaxPoints;
  survey.questions[0].text = std::string(kMaxQuestionTextBytes, 'x');
  EXPECT_THAT(WrongWith(survey), IsEmpty());
  survey.id += 'a';
  survey.invitation_validity += absl::Seconds(1);
  survey.cases.first_reply_within -= absl::Seconds(1);
  survey.completion_points += 1;
  survey.questions[0].text += 'x';
  EXPECT_THAT(
      WrongWith(survey),
      UnorderedElementsAre("survey.survey_id TOO_LONG", "survey.invitation_validity.seconds OUT_OF_RANGE",
                           "survey.case_policy.first_reply_within.seconds OUT_OF_RANGE",
                           "survey.completion_points OUT_OF_RANGE", "survey.questions[0].text TOO_LONG"));
}

TEST(Survey, HasAtMostFiftyQuestions) {
  Survey survey = Draft();
  survey.questions.clear();
  for (size_t i = 0; i < kMaxQuestions; ++i) {
    survey.questions.push_back(QuestionOf(QuestionType::kText, absl::StrCat("q", i)));
  }
  EXPECT_THAT(WrongWith(survey), IsEmpty());
  survey.questions.push_back(QuestionOf(QuestionType::kText, "more"));
  EXPECT_THAT(WrongWith(survey), ElementsAre("survey.questions TOO_MANY"));
}

TEST(Survey, ATriggerNamesAPurchaseFromOneToAThousand) {
  Survey survey = Draft();
  survey.trigger = {TriggerKind::kAfterPurchase, 0, -1};
  EXPECT_THAT(WrongWith(survey), ElementsAre("survey.trigger.after_purchase.nth OUT_OF_RANGE",
                                             "survey.trigger.after_purchase.min_amount_minor OUT_OF_RANGE"));
  survey.trigger = {TriggerKind::kAfterPurchase, kMaxNth, 0};
  EXPECT_THAT(WrongWith(survey), IsEmpty());
}

TEST(Survey, CliQuestionsHaveTheStandardTextsUnlessToldOtherwise) {
  Survey survey = Draft();
  survey.questions[2].cli_texts[0] = "Would you tell a friend?";
  FillDefaults(survey);
  EXPECT_THAT(survey.questions[2].cli_texts,
              ElementsAre("Would you tell a friend?", kCliStandardTexts[1], kCliStandardTexts[2]));
  EXPECT_THAT(survey.questions[0].cli_texts, ElementsAre("", "", ""));
}

TEST(Survey, IsPublishedOnceAndClosedOnce) {
  Survey survey = Draft();
  EXPECT_THAT(Close(survey, kNoon), IsRefused(absl::StatusCode::kFailedPrecondition, "SURVEY_STATE_FORBIDS"));
  ASSERT_TRUE(Publish(survey, kNoon).ok());
  EXPECT_EQ(survey.state, SurveyState::kPublished);
  EXPECT_EQ(survey.publish_time, kNoon);
  const absl::Status again = Publish(survey, kNoon);
  EXPECT_THAT(again, IsRefused(absl::StatusCode::kFailedPrecondition, "SURVEY_STATE_FORBIDS"));
  EXPECT_EQ(MetadataOf(again)["state"], "PUBLISHED");
  ASSERT_TRUE(Close(survey, kNoon + absl::Hours(1)).ok());
  EXPECT_EQ(survey.close_time, kNoon + absl::Hours(1));
  EXPECT_THAT(Close(survey, kNoon), IsRefused(absl::StatusCode::kFailedPrecondition, "SURVEY_STATE_FORBIDS"));
}

TEST(Survey, AnIncompleteDraftIsNotPublishedAndEverythingMissingIsTold) {
  Survey survey = Draft();
  survey.questions[1].text = "";
  survey.questions[3].choices.resize(1);
  EXPECT_THAT(WrongWith(survey), IsEmpty()) << "a draft may be incomplete";
  const absl::Status status = Publish(survey, kNoon);
  EXPECT_THAT(status, IsRefused(absl::StatusCode::kFailedPrecondition, "SURVEY_INCOMPLETE"));
  EXPECT_THAT(ViolationsOf(status), ElementsAre("survey.questions[1].text FIELD_REQUIRED",
                                                "survey.questions[3].choices FIELD_REQUIRED"));
  EXPECT_EQ(survey.state, SurveyState::kDraft);
  survey.questions.clear();
  EXPECT_THAT(ViolationsOf(Publish(survey, kNoon)), ElementsAre("survey.questions FIELD_REQUIRED"));
}

TEST(Survey, ADraftIsReplacedAndAPublishedSurveyIsNot) {
  Survey survey = Draft();
  Survey other;
  other.id = "other";
  other.display_name = "Other";
  other.state = SurveyState::kClosed;
  ASSERT_TRUE(ReplaceDraft(survey, other).ok());
  EXPECT_EQ(survey.display_name, "Other");
  EXPECT_THAT(survey.questions, IsEmpty());
  EXPECT_EQ(survey.id, "visit");
  EXPECT_EQ(survey.key, 7);
  EXPECT_EQ(survey.state, SurveyState::kDraft);
  EXPECT_EQ(survey.create_time, kNoon);
  Survey published = FullSurvey();
  EXPECT_THAT(ReplaceDraft(published, other),
              IsRefused(absl::StatusCode::kFailedPrecondition, "SURVEY_STATE_FORBIDS"));
  EXPECT_EQ(published, FullSurvey());
}

TEST(Survey, CountsPurchasesThatAreLargeEnoughAndNotFromBeforeThePublishing) {
  Survey survey = FullSurvey();
  EXPECT_FALSE(Counts(survey, 5000, kNoon)) << "it waits for nobody";
  survey.trigger = {TriggerKind::kAfterPurchase, 3, 2000};
  EXPECT_TRUE(Counts(survey, 2000, kNoon));
  EXPECT_FALSE(Counts(survey, 1999, kNoon));
  EXPECT_FALSE(Counts(survey, 2000, kNoon - absl::Microseconds(1)));
  survey.state = SurveyState::kClosed;
  EXPECT_FALSE(Counts(survey, 2000, kNoon));
  EXPECT_FALSE(Fires(survey, 2));
  EXPECT_TRUE(Fires(survey, 3));
  EXPECT_FALSE(Fires(survey, 4));
}

TEST(NpsGroup, IsPromoterFromNineAndDetractorUpToSix) {
  for (int score = 0; score <= 10; ++score) {
    EXPECT_EQ(GroupOf(score), score >= 9   ? NpsGroup::kPromoter
                              : score >= 7 ? NpsGroup::kPassive
                                           : NpsGroup::kDetractor);
  }
}

}  // namespace
}  // namespace loyalty::surveys
