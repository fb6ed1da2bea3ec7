// What is wrong with a request is told completely and precisely, and nothing of it is written.
#include "services/surveys/service/test_client.h"

namespace loyalty::surveys {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::string Bytes(int count) { return "'" + std::string(static_cast<size_t>(count), 'x') + "'"; }

class BadInput : public ServerTest {
 protected:
  void SetUp() override { PublishVisit(); }

  // Exactly these violations; the error names the reason of the first.
  template <class Method>
  void Expect(Method method, const std::string& json, const std::vector<std::string>& violations) {
    const std::string before = Written();
    const auto reply = Call(method, json);
    const std::string first = violations[0].substr(violations[0].find(' ') + 1);
    EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, first)) << json;
    EXPECT_THAT(reply.error.violations, ElementsAreArray(violations)) << json;
    EXPECT_EQ(Written(), before) << json;
  }

  // What every change asks for.
  template <class Method>
  void ExpectWho(Method method, const std::string& good, bool actor_required) {
    Expect(method, good + ", program_id: ''", {"program_id FIELD_REQUIRED"});
    Expect(method, good + ", program_id: " + Bytes(101), {"program_id TOO_LONG"});
    Expect(method, good + ", request_id: ''", {"request_id FIELD_REQUIRED"});
    Expect(method, good + ", request_id: " + Bytes(65), {"request_id TOO_LONG"});
    Expect(method, good + ", request_id: 'a\\u0000b'", {"request_id MALFORMED"});
    Expect(method, good + ", actor: " + Bytes(101), {"actor TOO_LONG"});
    if (actor_required) Expect(method, good + ", actor: ''", {"actor FIELD_REQUIRED"});
  }
};

TEST_F(BadInput, OfWhoAsksForAChange) {
  const std::string one = "case_id: 1";
  ExpectWho(&Surveys::CreateSurvey, "survey: {survey_id: 's', display_name: 'S'}", false);
  ExpectWho(&Surveys::UpdateSurvey, "survey: {survey_id: 's', display_name: 'S'}", false);
  ExpectWho(&Surveys::PublishSurvey, "survey_id: 's'", false);
  ExpectWho(&Surveys::CloseSurvey, "survey_id: 's'", false);
  ExpectWho(&Responses::CreateInvitation, "survey_id: 's', member_id: 'anna'", false);
  ExpectWho(&Cases::AddCaseNote, one + ", kind: 'NOTE_KIND_NOTE', text: 'x'", true);
  ExpectWho(&Cases::AssignCase, one + ", owner: 'eve'", true);
  ExpectWho(&Cases::SetCaseState, one + ", state: 'CASE_STATE_WAITING'", true);
  ExpectWho(&Cases::ResolveCase, one + ", resolution: 'x'", true);
  ExpectWho(&Cases::CloseCase, one, true);
  ExpectWho(&Cases::ReopenCase, one, true);
}

TEST_F(BadInput, OfSurveys) {
  const auto expect = [&](const std::string& survey, const std::vector<std::string>& violations) {
    const std::string json = "survey: {survey_id: 's', display_name: 'S', " + survey + "}";
    Expect(&Surveys::CreateSurvey, json, violations);
    Expect(&Surveys::UpdateSurvey, json, violations);
  };
  expect("questions: [{question_id: 'q'}]", {"survey.questions[0].type FIELD_REQUIRED"});
  expect("questions: [{question_id: 'q', type: 99}]", {"survey.questions[0].type MALFORMED"});
  expect("questions: [{question_id: 'Q', type: 'QUESTION_TYPE_NPS', choices: [{choice_id: 'a', text: 'A'}]}]",
         {"survey.questions[0].question_id MALFORMED", "survey.questions[0].choices NOT_APPLICABLE"});
  expect("completion_points: -1", {"survey.completion_points OUT_OF_RANGE"});
  expect("trigger: {after_purchase: {}}", {"survey.trigger.after_purchase.nth OUT_OF_RANGE"});
  expect("invitation_validity: '59s'", {"survey.invitation_validity.seconds OUT_OF_RANGE"});
  expect("invitation_validity: '60.5s'", {"survey.invitation_validity MALFORMED"});
  expect("case_policy: {csat_at_most: 5, first_reply_within: '1s', make_good_limit_points: -1}",
         {"survey.case_policy.csat_at_most OUT_OF_RANGE",
          "survey.case_policy.first_reply_within.seconds OUT_OF_RANGE",
          "survey.case_policy.make_good_limit_points OUT_OF_RANGE"});
  expect("min_group_size: 0", {"survey.min_group_size OUT_OF_RANGE"});
  Expect(&Surveys::CreateSurvey, "",
         {"survey.survey_id FIELD_REQUIRED", "survey.display_name FIELD_REQUIRED"});
  Expect(&Surveys::GetSurvey, "", {"survey_id FIELD_REQUIRED"});
  Expect(&Surveys::GetSurvey, "survey_id: " + Bytes(65), {"survey_id TOO_LONG"});
  Expect(&Surveys::PublishSurvey, "survey_id: 'a\\u0000'", {"survey_id MALFORMED"});
  Expect(&Surveys::CloseSurvey, "", {"survey_id FIELD_REQUIRED"});
  Expect(&Surveys::ListSurveys, "program_id: ''", {"program_id FIELD_REQUIRED"});
}

TEST_F(BadInput, OfInvitations) {
  const std::string visit = "survey_id: 'visit', ", anna = "member_id: 'anna'";
  Expect(&Responses::CreateInvitation, visit, {"member_id FIELD_REQUIRED"});
  Expect(&Responses::CreateInvitation, visit + "member_id: " + Bytes(101), {"member_id TOO_LONG"});
  Expect(&Responses::CreateInvitation, anna, {"survey_id FIELD_REQUIRED"});
  Expect(&Responses::CreateInvitation, visit + anna + ", channel: " + Bytes(101), {"channel TOO_LONG"});
  Expect(&Responses::CreateInvitation, visit + anna + ", segment: 'a\\nb'", {"segment MALFORMED"});
  Expect(&Responses::CreateInvitation, visit + anna + ", validity: '0s'", {"validity.seconds OUT_OF_RANGE"});
  Expect(&Responses::CreateInvitation, visit + anna + ", validity: '31622401s'",
         {"validity.seconds OUT_OF_RANGE"});
  Expect(&Responses::GetInvitation, "", {"token FIELD_REQUIRED"});
  Expect(&Responses::GetInvitation, "token: " + Bytes(101), {"token TOO_LONG"});
  Expect(&Responses::ListInvitations, visit + "state: 99", {"state MALFORMED"});
  Expect(&Responses::ListInvitations, "member_id: " + Bytes(101),
         {"survey_id FIELD_REQUIRED", "member_id TOO_LONG"});
  Expect(&Responses::ListInvitations, visit + "page_size: -1", {"page_size NEGATIVE"});
  Expect(&Responses::ListResponses, "", {"survey_id FIELD_REQUIRED"});
}

TEST_F(BadInput, OfResponses) {
  const std::string nine = "answers: [{question_id: 'nps', score: 9}]";
  Expect(&Responses::SubmitResponse, nine, {"token FIELD_REQUIRED"});
  Expect(&Responses::SubmitResponse,
         nine + ", token: 't', request_id: " + Bytes(65) + ", actor: " + Bytes(101),
         {"request_id TOO_LONG", "actor TOO_LONG"});
  Expect(&Responses::SubmitResponse, "token: '" + Invite() + "'",
         {"answers FIELD_REQUIRED", "answers ANSWER_MISSING"});
  const auto missing = Submit(Invite(), "{question_id: 'csat', score: 4}");
  EXPECT_THAT(missing, Refused(StatusCode::INVALID_ARGUMENT, "ANSWER_MISSING"));
  EXPECT_THAT(missing.error.metadata, ElementsAre(Pair("question_id", "nps")));
  const auto high = Submit(Invite(), "{question_id: 'nps', score: 11}");
  EXPECT_THAT(high, Refused(StatusCode::INVALID_ARGUMENT, "OUT_OF_RANGE"));
  EXPECT_THAT(high.error.metadata,
              UnorderedElementsAre(Pair("value", "11"), Pair("least", "0"), Pair("most", "10")));
  EXPECT_THAT(Submit("nobody", "{question_id: 'nps', score: 11}"),
              Refused(StatusCode::NOT_FOUND, "INVITATION_NOT_FOUND"));
}

TEST_F(BadInput, OfScores) {
  Expect(&Results::GetScores, "", {"survey_id FIELD_REQUIRED"});
  Expect(&Results::GetScores, "survey_id: 'visit', period: 9, dimensions: ['DIMENSION_CHANNEL', 0, 9]",
         {"period MALFORMED", "dimensions[1] MALFORMED", "dimensions[2] MALFORMED"});
  Expect(&Results::GetScores, "survey_id: 'visit', dimensions: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
         {"dimensions TOO_MANY"});
  auto request = Parse<v1::GetScoresRequest>("survey_id: 'visit'");
  request.mutable_start_time()->set_nanos(-1);
  request.mutable_end_time()->set_seconds(INT64_MAX);
  EXPECT_THAT(client_.Send(&Results::GetScores, request).error.violations,
              ElementsAre("start_time MALFORMED", "end_time MALFORMED"));
}

TEST_F(BadInput, OfCases) {
  const std::string one = "case_id: 1";
  Expect(&Cases::GetCase, "", {"case_id FIELD_REQUIRED"});
  Expect(&Cases::CloseCase, "", {"case_id FIELD_REQUIRED"});
  Expect(&Cases::AddCaseNote, one, {"text FIELD_REQUIRED", "kind FIELD_REQUIRED"});
  Expect(&Cases::AddCaseNote, one + ", kind: 99, text: " + Bytes(4001), {"text TOO_LONG", "kind MALFORMED"});
  Expect(&Cases::AssignCase, one, {"owner FIELD_REQUIRED"});
  Expect(&Cases::SetCaseState, one, {"state OUT_OF_RANGE"});
  Expect(&Cases::SetCaseState, one + ", state: 'CASE_STATE_CLOSED'", {"state OUT_OF_RANGE"});
  Expect(&Cases::ResolveCase, one + ", make_good_points: -1",
         {"resolution FIELD_REQUIRED", "make_good_points OUT_OF_RANGE"});
  Expect(&Cases::ListCases, "states: ['CASE_STATE_NEW', 0, 99], owner: " + Bytes(101),
         {"owner TOO_LONG", "states[1] MALFORMED", "states[2] MALFORMED"});
}

TEST_F(BadInput, TextThatIsNotUtf8IsRefused) {
  auto request = Parse<v1::CreateInvitationRequest>("survey_id: 'visit', member_id: 'anna'");
  request.set_channel("\xff\xfe");
  const std::string before = Written();
  auto stub = v1::ResponseService::NewStub(server_.channel());
  grpc::ClientContext context;
  v1::CreateInvitationResponse response;
  EXPECT_FALSE(stub->CreateInvitation(&context, request, &response).ok());
  EXPECT_EQ(Written(), before);
}

}  // namespace
}  // namespace loyalty::surveys
