#include "services/surveys/domain/response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "services/surveys/domain/test_kit.h"
#include "services/surveys/domain/validate.h"

namespace loyalty::surveys {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> WrongWith(const std::vector<Answer>& answers, const Survey& survey = FullSurvey()) {
  Violations violations;
  ValidateAnswers(survey, answers, violations);
  return ViolationsOf(violations.ToStatus());
}

std::vector<Answer> FullAnswers() {
  return {{"why", FreeText{"It was\nfine."}, ""},
          {"color", ChoiceId{"green"}, ""},
          {"cli", CliScores{{6, 1, 4}}, ""},
          ScoreOf("csat", 5),
          ScoreOf("nps", 9, "The tea.")};
}

absl::StatusOr<Submission> SubmitTo(const Survey& survey, const std::vector<Answer>& answers) {
  return Submit(survey, InvitationTo(survey), answers, kNoon + absl::Hours(1), absl::UTCTimeZone());
}

TEST(Answers, OfEveryTypeAreTaken) { EXPECT_THAT(WrongWith(FullAnswers()), IsEmpty()); }

TEST(Answers, OnlyRequiredQuestionsNeedOne) {
  EXPECT_THAT(WrongWith({ScoreOf("nps", 0)}), IsEmpty());
  EXPECT_THAT(WrongWith({ScoreOf("csat", 3)}), ElementsAre("answers ANSWER_MISSING"));
}

TEST(Answers, NoneAtAllIsNoResponse) {
  Survey survey = FullSurvey();
  survey.questions[0].required = false;
  EXPECT_THAT(WrongWith({}, survey), ElementsAre("answers FIELD_REQUIRED"));
}

TEST(Answers, ScoresHaveTheRangeOfTheirQuestion) {
  EXPECT_THAT(WrongWith({ScoreOf("nps", -1)}), ElementsAre("answers[0].score OUT_OF_RANGE"));
  EXPECT_THAT(WrongWith({ScoreOf("nps", 11)}), ElementsAre("answers[0].score OUT_OF_RANGE"));
  EXPECT_THAT(WrongWith({ScoreOf("nps", 10), ScoreOf("csat", 0)}),
              ElementsAre("answers[1].score OUT_OF_RANGE"));
  EXPECT_THAT(WrongWith({ScoreOf("nps", 10), ScoreOf("csat", 6)}),
              ElementsAre("answers[1].score OUT_OF_RANGE"));
  EXPECT_THAT(
      WrongWith({ScoreOf("nps", 10), {"cli", CliScores{{0, 6, 7}}, ""}}),
      ElementsAre("answers[1].cli.recommend OUT_OF_RANGE", "answers[1].cli.try_other_products OUT_OF_RANGE"));
}

TEST(Answers, EverythingThatIsWrongIsToldAtOnce) {
  EXPECT_THAT(WrongWith({ScoreOf("why", 3),
                         {"color", ChoiceId{"black"}, ""},
                         {"csat", ChoiceId{"red"}, ""},
                         {"color", ChoiceId{"red"}, ""},
                         ScoreOf("who", 1),
                         {"cli", {}, ""}}),
              UnorderedElementsAre("answers[0] WRONG_KIND", "answers[1].choice_id UNKNOWN_CHOICE",
                                   "answers[2] WRONG_KIND", "answers[3].question_id DUPLICATE",
                                   "answers[4].question_id UNKNOWN_QUESTION", "answers[5] FIELD_REQUIRED",
                                   "answers ANSWER_MISSING"));
}

TEST(Answers, ACommentIsTakenWhereTheFollowUpOfTheGroupAsksForIt) {
  EXPECT_THAT(WrongWith({ScoreOf("nps", 3, "Cold tea.")}), IsEmpty());
  EXPECT_THAT(WrongWith({ScoreOf("nps", 8, "So so.")}), ElementsAre("answers[0].comment NOT_APPLICABLE"))
      << "passives are asked nothing";
  EXPECT_THAT(WrongWith({ScoreOf("nps", 9), ScoreOf("csat", 1, "Bad.")}),
              ElementsAre("answers[1].comment NOT_APPLICABLE"));
}

TEST(Answers, TextsHaveALimitAndNoControlCharacters) {
  const auto text = [](const std::string& text) {
    return std::vector<Answer>{ScoreOf("nps", 9), {"why", FreeText{text}, ""}};
  };
  EXPECT_THAT(WrongWith(text(std::string(kMaxFreeTextBytes, 'x'))), IsEmpty());
  EXPECT_THAT(WrongWith(text(std::string(kMaxFreeTextBytes + 1, 'x'))),
              ElementsAre("answers[1].text TOO_LONG"));
  EXPECT_THAT(WrongWith(text("a\x01")), ElementsAre("answers[1].text MALFORMED"));
  EXPECT_THAT(WrongWith(text("")), ElementsAre("answers[1].text FIELD_REQUIRED"));
}

TEST(Response, HoldsTheAnswersInTheOrderOfTheSurvey) {
  const Survey survey = FullSurvey();
  const auto submission = SubmitTo(survey, FullAnswers());
  ASSERT_TRUE(submission.ok()) << submission.status();
  const Response& response = submission->response;
  std::vector<std::string> order;
  for (const Answer& answer : response.answers) order.push_back(answer.question_id);
  EXPECT_THAT(order, ElementsAre("nps", "csat", "cli", "color", "why"));
  EXPECT_EQ(response.points, 50);
  EXPECT_EQ(response.member_id, "anna");
  EXPECT_EQ(response.channel, "mail");
  EXPECT_EQ(response.segment, "gold");
  EXPECT_EQ(response.submit_time, kNoon + absl::Hours(1));
  EXPECT_FALSE(submission->opened);
}

TEST(Response, IsTheSameInWhateverOrderTheAnswersCome) {
  const auto submission = SubmitTo(FullSurvey(), FullAnswers());
  std::vector<Answer> answers = FullAnswers();
  std::reverse(answers.begin(), answers.end());
  EXPECT_TRUE(CheckSameAnswers(submission->response, answers).ok());
  for (size_t i = 0; i < answers.size(); ++i) {
    std::vector<Answer> fewer = answers;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_THAT(CheckSameAnswers(submission->response, fewer),
                IsRefused(absl::StatusCode::kAlreadyExists, "INVITATION_ANSWERED"));
  }
  answers[0].comment = "The cake.";
  EXPECT_THAT(CheckSameAnswers(submission->response, answers),
              IsRefused(absl::StatusCode::kAlreadyExists, "INVITATION_ANSWERED"));
}

TEST(Response, IsRefusedAfterTheInvitationHasExpired) {
  const Survey survey = FullSurvey();
  const Invitation invitation = InvitationTo(survey);
  EXPECT_THAT(Submit(survey, invitation, {}, invitation.expire_time, absl::UTCTimeZone()),
              IsRefused(absl::StatusCode::kFailedPrecondition, "INVITATION_EXPIRED"));
}

TEST(Response, OfADetractorOpensACase) {
  for (int score = 0; score <= 10; ++score) {
    const auto submission = SubmitTo(FullSurvey(), {ScoreOf("nps", score)});
    ASSERT_EQ(submission->opened.has_value(), score <= 6) << score;
    if (score > 6) continue;
    const Case& opened = *submission->opened;
    EXPECT_EQ(opened.severity, score <= 2 ? CaseSeverity::kHigh : CaseSeverity::kNormal) << score;
    EXPECT_EQ(opened.state, CaseState::kNew);
    EXPECT_EQ(opened.open_time, kNoon + absl::Hours(1));
    EXPECT_EQ(opened.first_reply_due_time, kNoon + absl::Hours(2));
    EXPECT_EQ(opened.member_id, "anna");
  }
}

TEST(Response, OfALowSatisfactionOpensACaseByTheSurveysThreshold) {
  Survey survey = FullSurvey();
  const auto opened = [&](int score) {
    return SubmitTo(survey, {ScoreOf("nps", 10), ScoreOf("csat", score)})->opened;
  };
  EXPECT_EQ(opened(1)->severity, CaseSeverity::kHigh);
  EXPECT_EQ(opened(2)->severity, CaseSeverity::kNormal);
  EXPECT_FALSE(opened(3));
  survey.cases.csat_at_most = 3;
  EXPECT_TRUE(opened(3));
  survey.cases.csat_at_most = 0;
  EXPECT_FALSE(opened(1));
}

TEST(Response, OpensOneCaseWithTheWorstSeverity) {
  Survey survey = FullSurvey();
  EXPECT_EQ(SubmitTo(survey, {ScoreOf("nps", 5), ScoreOf("csat", 1)})->opened->severity, CaseSeverity::kHigh);
  survey.cases.for_detractors = false;
  EXPECT_FALSE(SubmitTo(survey, {ScoreOf("nps", 0)})->opened);
}

}  // namespace
}  // namespace loyalty::surveys
