// Surveys are written, published and closed.
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "loyalty/surveys/v1/error_reason.pb.h"
#include "services/surveys/service/test_client.h"

namespace loyalty::surveys {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class SurveyServiceTest : public ServerTest {
 protected:
  std::vector<std::string> Ids(const v1::ListSurveysResponse& list) {
    std::vector<std::string> ids;
    for (const v1::Survey& survey : list.surveys()) ids.push_back(survey.survey_id());
    return ids;
  }
};

TEST_F(SurveyServiceTest, ADraftIsStoredWithItsDefaultsAndGivenBack) {
  const auto created = Call(&Surveys::CreateSurvey, kVisit);
  ASSERT_THAT(created, IsOk());
  const v1::Survey& survey = created->survey();
  EXPECT_EQ(survey.state(), v1::SURVEY_STATE_DRAFT);
  EXPECT_EQ(survey.create_time().seconds(), absl::ToUnixSeconds(testing::kTestStart));
  EXPECT_FALSE(survey.has_publish_time());
  EXPECT_EQ(survey.invitation_validity().seconds(), 14 * 24 * 3600);
  EXPECT_TRUE(survey.case_policy().for_detractors());
  EXPECT_EQ(survey.case_policy().csat_at_most(), 2);
  EXPECT_EQ(survey.case_policy().first_reply_within().seconds(), 3600);
  EXPECT_EQ(survey.min_group_size(), 5);
  EXPECT_EQ(survey.trigger().kind_case(), v1::Trigger::KIND_NOT_SET);
  EXPECT_EQ(survey.questions(2).cli_texts().buy_again(), "How likely are you to buy from us again?");
  EXPECT_EQ(survey.questions(3).choices(1).text(), "Blue");
  EXPECT_THAT(Made(&Surveys::GetSurvey, "survey_id: 'visit'").survey(), IsMessage(survey));
}

TEST_F(SurveyServiceTest, WhatIsGivenIsKept) {
  const auto survey =
      Made(&Surveys::CreateSurvey,
           "survey: {survey_id: 's', display_name: 'S', completion_points: 7, trigger: "
           "{after_purchase: {nth: 3, min_amount_minor: 1000}}, invitation_validity: '60s', "
           "case_policy: {for_detractors: false, csat_at_most: 0, first_reply_within: '120s', "
           "make_good_limit_points: 9}, min_group_size: 1}")
          .survey();
  EXPECT_EQ(survey.trigger().after_purchase().nth(), 3);
  EXPECT_EQ(survey.trigger().after_purchase().min_amount_minor(), 1000);
  EXPECT_EQ(survey.invitation_validity().seconds(), 60);
  EXPECT_FALSE(survey.case_policy().for_detractors());
  EXPECT_TRUE(survey.case_policy().has_csat_at_most());
  EXPECT_EQ(survey.case_policy().csat_at_most(), 0);
  EXPECT_EQ(survey.case_policy().first_reply_within().seconds(), 120);
  EXPECT_EQ(survey.case_policy().make_good_limit_points(), 9);
  EXPECT_EQ(survey.min_group_size(), 1);
  EXPECT_THAT(Made(&Surveys::GetSurvey, "survey_id: 's'").survey(), IsMessage(survey));
}

TEST_F(SurveyServiceTest, TheSameRequestAgainGetsTheSameAnswer) {
  const std::string create = std::string(kVisit) + ", request_id: 'r1'";
  const auto first = Call(&Surveys::CreateSurvey, create);
  ASSERT_THAT(first, IsOk());
  server_.clock().Advance(absl::Hours(1));
  const auto again = Call(&Surveys::CreateSurvey, create);
  EXPECT_THAT(again, IsReplayed());
  EXPECT_THAT(*again, IsMessage(*first));
  EXPECT_THAT(Call(&Surveys::CreateSurvey, "request_id: 'r1', survey: {survey_id: 'x', display_name: 'X'}"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_THAT(Call(&Surveys::PublishSurvey, "request_id: 'r1', survey_id: 'visit'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
}

TEST_F(SurveyServiceTest, AnIdIsTakenOnce) {
  Made(&Surveys::CreateSurvey, kVisit);
  const std::string before = Written();
  const auto again = Call(&Surveys::CreateSurvey, kVisit);
  EXPECT_THAT(again, Refused(StatusCode::ALREADY_EXISTS, "SURVEY_ALREADY_EXISTS"));
  EXPECT_EQ(again.error.metadata.at("survey_id"), "visit");
  EXPECT_EQ(Written(), before);
}

TEST_F(SurveyServiceTest, ADraftIsReplacedAsAWhole) {
  Made(&Surveys::CreateSurvey, kVisit);
  const auto updated = Call(&Surveys::UpdateSurvey, "survey: {survey_id: 'visit', display_name: 'Other'}");
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->survey().display_name(), "Other");
  EXPECT_EQ(updated->survey().completion_points(), 0);
  EXPECT_EQ(updated->survey().questions_size(), 0);
  EXPECT_THAT(Made(&Surveys::GetSurvey, "survey_id: 'visit'").survey(), IsMessage(updated->survey()));
  EXPECT_THAT(Call(&Surveys::UpdateSurvey, "survey: {survey_id: 'x', display_name: 'X'}"),
              Refused(StatusCode::NOT_FOUND, "SURVEY_NOT_FOUND"));
}

TEST_F(SurveyServiceTest, ASurveyIsPublishedAndClosedOnce) {
  Made(&Surveys::CreateSurvey, kVisit);
  EXPECT_THAT(Call(&Surveys::CloseSurvey, "survey_id: 'visit'"),
              Refused(StatusCode::FAILED_PRECONDITION, "SURVEY_STATE_FORBIDS"));
  server_.clock().Advance(absl::Minutes(1));
  const auto published = Call(&Surveys::PublishSurvey, "survey_id: 'visit'");
  ASSERT_THAT(published, IsOk());
  EXPECT_EQ(published->survey().state(), v1::SURVEY_STATE_PUBLISHED);
  EXPECT_EQ(published->survey().publish_time().seconds(), absl::ToUnixSeconds(testing::kTestStart) + 60);
  EXPECT_THAT(LastEvent<v1::SurveyPublished>().survey(), IsMessage(published->survey()));
  EXPECT_THAT(Call(&Surveys::PublishSurvey, "survey_id: 'visit'"),
              Refused(StatusCode::FAILED_PRECONDITION, "SURVEY_STATE_FORBIDS"));
  const auto update = Call(&Surveys::UpdateSurvey, kVisit);
  EXPECT_THAT(update, Refused(StatusCode::FAILED_PRECONDITION, "SURVEY_STATE_FORBIDS"));
  EXPECT_EQ(update.error.metadata.at("state"), "PUBLISHED");

  const auto closed = Call(&Surveys::CloseSurvey, "survey_id: 'visit', actor: 'eve'");
  ASSERT_THAT(closed, IsOk());
  EXPECT_EQ(closed->survey().state(), v1::SURVEY_STATE_CLOSED);
  EXPECT_TRUE(closed->survey().has_close_time());
  EXPECT_EQ(Events(), "SurveyPublished survey:visit bob, SurveyClosed survey:visit eve");
}

TEST_F(SurveyServiceTest, PublishingSaysEverythingThatIsMissing) {
  Made(&Surveys::CreateSurvey,
       "survey: {survey_id: 's', display_name: 'S', questions: [{question_id: 'a', type: "
       "'QUESTION_TYPE_NPS'}, "
       "{question_id: 'b', type: 'QUESTION_TYPE_SINGLE_CHOICE', text: 'B?'}]}");
  const std::string before = Written();
  const auto reply = Call(&Surveys::PublishSurvey, "survey_id: 's'");
  EXPECT_THAT(reply, Refused(StatusCode::FAILED_PRECONDITION, "SURVEY_INCOMPLETE"));
  EXPECT_THAT(reply.error.violations, UnorderedElementsAre("survey.questions[0].text FIELD_REQUIRED",
                                                           "survey.questions[1].choices FIELD_REQUIRED"));
  EXPECT_EQ(Written(), before);
}

TEST_F(SurveyServiceTest, AreListedInPagesByTheirIds) {
  for (const char* id : {"c", "a", "d", "b"})
    Made(&Surveys::CreateSurvey, absl::StrCat("survey: {survey_id: '", id, "', display_name: 'x'}"));
  const auto first = Made(&Surveys::ListSurveys, "page_size: 3");
  EXPECT_THAT(Ids(first), ElementsAre("a", "b", "c"));
  const std::string token = ", page_token: '" + first.next_page_token() + "'";
  const auto second = Made(&Surveys::ListSurveys, "page_size: 3" + token);
  EXPECT_THAT(Ids(second), ElementsAre("d"));
  EXPECT_EQ(second.next_page_token(), "");
  server_.database().AddProgram("other");
  EXPECT_THAT(Ids(Made(&Surveys::ListSurveys, "program_id: 'other'")), ElementsAre());
  EXPECT_THAT(Call(&Surveys::ListSurveys, "program_id: 'other'" + token),
              Refused(StatusCode::INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"));
  EXPECT_THAT(Call(&Surveys::ListSurveys, "page_size: -1"),
              Refused(StatusCode::INVALID_ARGUMENT, "NEGATIVE"));
}

TEST_F(SurveyServiceTest, ValidateOnlyDecidesAndWritesNothing) {
  const std::string before = Written();
  const std::string create = std::string(kVisit) + ", request_id: 'r1'";
  EXPECT_THAT(Call(&Surveys::CreateSurvey, create + ", validate_only: true"), IsOk());
  EXPECT_EQ(Written(), before);
  EXPECT_THAT(Call(&Surveys::CreateSurvey, create), IsOk()) << "the id is free";
  const std::string created = Written();
  const auto published = Call(&Surveys::PublishSurvey, "survey_id: 'visit', validate_only: true");
  ASSERT_THAT(published, IsOk());
  EXPECT_EQ(published->survey().state(), v1::SURVEY_STATE_PUBLISHED);
  EXPECT_THAT(Call(&Surveys::UpdateSurvey, std::string(kVisit) + ", validate_only: true"), IsOk());
  EXPECT_THAT(Call(&Surveys::CloseSurvey, "survey_id: 'visit', validate_only: true"),
              Refused(StatusCode::FAILED_PRECONDITION, "SURVEY_STATE_FORBIDS"));
  EXPECT_EQ(Written(), created);
}

TEST_F(SurveyServiceTest, WhatIsNotThereIsNotFound) {
  const auto survey = Call(&Surveys::GetSurvey, "survey_id: 'x'");
  EXPECT_THAT(survey, Refused(StatusCode::NOT_FOUND, "SURVEY_NOT_FOUND"));
  EXPECT_EQ(survey.error.metadata.at("survey_id"), "x");
  const auto program = Call(&Surveys::GetSurvey, "survey_id: 'x', program_id: 'nowhere'");
  EXPECT_THAT(program, Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
  EXPECT_EQ(program.error.metadata.at("program_id"), "nowhere");
}

TEST(ErrorReason, OfTheContractAndOfTheDomainAreTheSame) {
  std::set<std::string> contract;
  for (int i = 1; i < v1::ErrorReason_descriptor()->value_count(); ++i) {
    contract.insert(
        v1::ErrorReason_descriptor()->value(i)->name().substr(std::string("ERROR_REASON_").size()));
  }
  std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "../domain/reason.h");
  std::stringstream text;
  text << file.rdbuf();
  const std::string source = text.str();
  std::set<std::string> known = {"QUEUE_FULL", "CONFLICT", "DEADLINE_PASSED", "UNAVAILABLE",
                                 "INTERNAL"};  // of all services
  const std::regex name("\\[\\] = \"([A-Z_]+)\"");
  for (std::sregex_iterator it(source.begin(), source.end(), name), end; it != end; ++it)
    known.insert((*it)[1]);
  EXPECT_EQ(known, contract);
}

}  // namespace
}  // namespace loyalty::surveys
