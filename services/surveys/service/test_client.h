// A surveys server with one program, "shop", beside a points service of the test's own, and short names for
// its stubs and for what tests of it use of common/testing/client.h:
//
//   const auto created = Call(&Surveys::CreateSurvey, kVisit);
//   EXPECT_THAT(Call(&Surveys::PublishSurvey, "survey_id: 'x'"),
//               Refused(StatusCode::NOT_FOUND, "SURVEY_NOT_FOUND"));
//
// A request gets the program, a new request id and the actor "bob", where it names none.
#pragma once

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <string>

#include "common/testing/client.h"
#include "common/testing/service_test.h"
#include "loyalty/surveys/v1/case_service.grpc.pb.h"
#include "loyalty/surveys/v1/event.pb.h"
#include "loyalty/surveys/v1/response_service.grpc.pb.h"
#include "loyalty/surveys/v1/result_service.grpc.pb.h"
#include "loyalty/surveys/v1/survey_service.grpc.pb.h"
#include "services/surveys/definition.h"

namespace loyalty::surveys {

using namespace testing;  // that of loyalty

using Surveys = v1::SurveyService::StubInterface;
using Responses = v1::ResponseService::StubInterface;
using Results = v1::ResultService::StubInterface;
using Cases = v1::CaseService::StubInterface;
using Client = testing::Client<v1::SurveyService, v1::ResponseService, v1::ResultService, v1::CaseService>;

inline auto Refused(StatusCode code, const std::string& reason) {
  return testing::RefusedBy("loyalty.surveys.v1", code, reason);
}

// A survey with a question of each type; 50 points for completing it.
inline constexpr char kVisit[] =
    "survey: {survey_id: 'visit', display_name: 'Your visit', completion_points: 50, questions: ["
    "{question_id: 'nps', type: 'QUESTION_TYPE_NPS', text: 'Would you recommend us?', required: true,"
    " follow_up: {promoter: 'What do you like?', detractor: 'What went wrong?'}},"
    "{question_id: 'csat', type: 'QUESTION_TYPE_CSAT', text: 'Are you satisfied?'},"
    "{question_id: 'cli', type: 'QUESTION_TYPE_CLI', text: 'How likely is it?'},"
    "{question_id: 'color', type: 'QUESTION_TYPE_SINGLE_CHOICE', text: 'Which one?',"
    " choices: [{choice_id: 'red', text: 'Red'}, {choice_id: 'blue', text: 'Blue'}]},"
    "{question_id: 'why', type: 'QUESTION_TYPE_TEXT', text: 'Why?'}],"
    "case_policy: {make_good_limit_points: 500}}";

// See testing::ServiceTest.
class ServerTest : protected testing::BesidePoints, public testing::ServiceTest<Client> {
 protected:
  ServerTest() : ServiceTest(Definition(), Options(), testing::Fill::kChange) {
    server_.database().AddProgram("shop");
  }

  void PublishVisit(const std::string& survey = kVisit) {
    const auto created = Made(&Surveys::CreateSurvey, survey);
    Made(&Surveys::PublishSurvey, absl::StrCat("survey_id: '", created.survey().survey_id(), "'"));
  }
  // The token of a new invitation to "visit".
  std::string Invite(const std::string& member = "anna", const std::string& more = "") {
    const std::string json = absl::StrCat("survey_id: 'visit', member_id: '", member, "'", more);
    return Made(&Responses::CreateInvitation, json).invitation().token();
  }
  auto Submit(const std::string& token, const std::string& answers, const std::string& more = "") {
    return Call(&Responses::SubmitResponse,
                absl::StrCat("token: '", token, "', answers: [", answers, "]", more));
  }
  // The case that a new response with this NPS score opens; 0: none.
  int64_t CaseOf(int nps, const std::string& member = "anna") {
    const auto reply = Submit(Invite(member), absl::StrCat("{question_id: 'nps', score: ", nps, "}"));
    EXPECT_TRUE(reply.ok()) << reply;
    return reply->case_id();
  }

  // "<type> <member> <cause> <actor>" of each event, in order.
  std::string Events() const {
    return Ask(
        "SELECT coalesce(string_agg(concat_ws(' ', replace(type, 'loyalty.surveys.v1.', ''), "
        "nullif(member_id, "
        "''), cause, actor), ', ' ORDER BY position), '') FROM surveys.outbox");
  }
  template <class Message>
  Message LastEvent() const {
    Message message;
    EXPECT_TRUE(message.ParseFromString(absl::HexStringToBytes(
        Ask("SELECT encode(payload, 'hex') FROM surveys.outbox WHERE type = '" +
            Message::descriptor()->full_name() + "' ORDER BY position DESC LIMIT 1"))));
    return message;
  }
  // "<cause> <part> <member> <points>" of what is owed to points.
  std::string Deliveries() const {
    return Ask(
        "SELECT coalesce(string_agg(concat_ws(' ', cause, part, member_id, points), ', ' ORDER BY "
        "delivery_id), "
        "'') FROM surveys.delivery");
  }
  // A summary of all that is written.
  std::string Written() const {
    std::string text;
    for (const char* table : {"survey", "invitation", "response", "answer", "member_case", "case_note",
                              "outbox", "delivery", "request"}) {
      absl::StrAppend(&text, " ",
                      Ask(absl::StrCat(
                          "SELECT md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM surveys.",
                          table, " AS t")));
    }
    return text;
  }
};

}  // namespace loyalty::surveys
