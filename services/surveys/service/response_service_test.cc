// Members are invited and answer, each invitation once.
#include "services/surveys/service/test_client.h"

namespace loyalty::surveys {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

constexpr char kAll[] =
    "{question_id: 'why', text: 'Slow\\nand cold.'}, {question_id: 'nps', score: 3, comment: 'The queue.'}, "
    "{question_id: 'csat', score: 2}, {question_id: 'cli', cli: {recommend: 1, buy_again: 6, "
    "try_other_products: 3}}, {question_id: 'color', choice_id: 'blue'}";
constexpr char kNine[] = "{question_id: 'nps', score: 9}";

class ResponseServiceTest : public ServerTest {
 protected:
  void SetUp() override { PublishVisit(); }
};

TEST_F(ResponseServiceTest, AnInvitationHasATokenAndTheSurvey) {
  const auto made = Call(&Responses::CreateInvitation,
                         "survey_id: 'visit', member_id: 'anna', channel: 'mail', segment: 'gold'");
  ASSERT_THAT(made, IsOk());
  const v1::Invitation& invitation = made->invitation();
  EXPECT_THAT(invitation.token(), MatchesRegex("[a-z2-7]{32}"));
  EXPECT_EQ(invitation.state(), v1::INVITATION_STATE_OPEN);
  EXPECT_EQ(invitation.expire_time().seconds() - invitation.create_time().seconds(), 14 * 24 * 3600);
  EXPECT_FALSE(invitation.has_answer_time());
  EXPECT_THAT(LastEvent<v1::InvitationCreated>().invitation(), IsMessage(invitation));
  EXPECT_EQ(Events(), "SurveyPublished survey:visit bob, InvitationCreated anna survey:visit bob");
  const auto shown = Made(&Responses::GetInvitation, "token: '" + invitation.token() + "'");
  EXPECT_THAT(shown.invitation(), IsMessage(invitation));
  EXPECT_EQ(shown.survey().questions(0).text(), "Would you recommend us?");
  EXPECT_NE(Invite("anna"), Invite("anna"));
}

TEST_F(ResponseServiceTest, TheSameInvitationAgainHasTheSameToken) {
  const std::string ask = "survey_id: 'visit', member_id: 'anna', validity: '3600s', request_id: 'r1'";
  const auto first = Call(&Responses::CreateInvitation, ask);
  const auto again = Call(&Responses::CreateInvitation, ask);
  EXPECT_THAT(again, IsReplayed());
  EXPECT_THAT(*again, IsMessage(*first));
  EXPECT_EQ(first->invitation().expire_time().seconds() - first->invitation().create_time().seconds(), 3600);
  EXPECT_THAT(Call(&Responses::CreateInvitation, "survey_id: 'visit', member_id: 'bert', request_id: 'r1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
}

TEST_F(ResponseServiceTest, OnlyAPublishedSurveyInvites) {
  Made(&Surveys::CreateSurvey, "survey: {survey_id: 'draft', display_name: 'D'}");
  EXPECT_THAT(Call(&Responses::CreateInvitation, "survey_id: 'draft', member_id: 'anna'"),
              Refused(StatusCode::FAILED_PRECONDITION, "SURVEY_STATE_FORBIDS"));
  EXPECT_THAT(Call(&Responses::CreateInvitation, "survey_id: 'none', member_id: 'anna'"),
              Refused(StatusCode::NOT_FOUND, "SURVEY_NOT_FOUND"));
  EXPECT_THAT(Call(&Responses::GetInvitation, "token: 'none'"),
              Refused(StatusCode::NOT_FOUND, "INVITATION_NOT_FOUND"));
}

TEST_F(ResponseServiceTest, AResponseIsStoredWithItsPointsAndItsCase) {
  const std::string token = Invite("anna", ", channel: 'mail', segment: 'gold'");
  server_.clock().Advance(absl::Minutes(5));
  const auto taken = Submit(token, kAll);
  ASSERT_THAT(taken, IsOk());
  const v1::Response& response = taken->response();
  EXPECT_EQ(response.answers_size(), 5);
  EXPECT_EQ(response.answers(0).question_id(), "nps") << "in the survey's order";
  EXPECT_EQ(response.answers(0).comment(), "The queue.");
  EXPECT_EQ(response.answers(2).cli().buy_again(), 6);
  EXPECT_EQ(response.answers(3).choice_id(), "blue");
  EXPECT_EQ(response.answers(4).text(), "Slow\nand cold.");
  EXPECT_EQ(response.channel(), "mail");
  EXPECT_EQ(response.segment(), "gold");
  EXPECT_EQ(response.points(), 50);
  EXPECT_EQ(response.submit_time().seconds(), absl::ToUnixSeconds(testing::kTestStart) + 300);
  ASSERT_GT(taken->case_id(), 0);

  const std::string cause = absl::StrCat("survey-response:", response.response_id());
  EXPECT_EQ(Deliveries(), cause + " completion anna 50");
  EXPECT_EQ(Events(),
            absl::StrCat("SurveyPublished survey:visit bob, InvitationCreated anna survey:visit bob, "
                         "ResponseSubmitted anna invitation:",
                         response.invitation_id(), " bob, CaseOpened anna ", cause, " bob"));
  v1::Response told = response;
  told.mutable_answers(0)->clear_comment();
  told.mutable_answers(4)->clear_text();
  EXPECT_THAT(LastEvent<v1::ResponseSubmitted>().response(), IsMessage(told));
  EXPECT_THAT(LastEvent<v1::CaseOpened>().case_(),
              IsMessage(Made(&Cases::GetCase, absl::StrCat("case_id: ", taken->case_id())).case_()));
  EXPECT_THAT(Made(&Responses::ListResponses, "survey_id: 'visit'").responses(0), IsMessage(response));
  const auto invitation = Made(&Responses::GetInvitation, "token: '" + token + "'").invitation();
  EXPECT_EQ(invitation.state(), v1::INVITATION_STATE_ANSWERED);
  EXPECT_THAT(invitation.answer_time(), IsMessage(response.submit_time()));
}

TEST_F(ResponseServiceTest, TheSameAnswersAgainAreReplayedByTheTokenAlone) {
  const std::string token = Invite();
  const auto first = Submit(token, kAll, ", request_id: ''");
  ASSERT_THAT(first, IsOk());
  const std::string before = Written();
  const auto again = Submit(token, kAll, ", request_id: ''");
  EXPECT_THAT(again, IsReplayed());
  EXPECT_THAT(*again, IsMessage(*first));
  EXPECT_EQ(Written(), before);
  const auto turned =
      Submit(token,
             "{question_id: 'color', choice_id: 'blue'}, {question_id: 'csat', score: 2}, "
             "{question_id: 'nps', score: 3, comment: 'The queue.'}, {question_id: 'cli', cli: "
             "{recommend: 1, buy_again: 6, try_other_products: 3}}, {question_id: 'why', text: "
             "'Slow\\nand cold.'}",
             ", request_id: 'r1'");
  EXPECT_THAT(turned, IsReplayed()) << "in another order, under another id";
  EXPECT_THAT(*turned, IsMessage(*first));
  const auto other = Submit(token, kNine);
  EXPECT_THAT(other, Refused(StatusCode::ALREADY_EXISTS, "INVITATION_ANSWERED"));
  EXPECT_EQ(other.error.metadata.at("response_id"), absl::StrCat(first->response().response_id()));
}

TEST_F(ResponseServiceTest, ARequestIdIsOfOneSubmit) {
  const std::string a = Invite(), b = Invite();
  EXPECT_THAT(Submit(a, kNine, ", request_id: 'r1'"), IsOk());
  EXPECT_THAT(Submit(a, kNine, ", request_id: 'r1'"), IsReplayed());
  EXPECT_THAT(Submit(b, kNine, ", request_id: 'r1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
}

TEST_F(ResponseServiceTest, OfAHundredAtOnceOneIsTakenAndRewarded) {
  const std::string token = Invite();
  std::vector<Reply<v1::SubmitResponseResponse>> replies(100);
  InThreads(100, [&](int i) {
    replies[static_cast<size_t>(i)] = Submit(token, kAll, i % 2 == 0 ? ", request_id: ''" : "");
  });
  int taken = 0;
  for (const auto& reply : replies) {
    ASSERT_TRUE(reply.ok()) << reply;
    EXPECT_THAT(*reply, IsMessage(*replies[0]));
    if (!reply.replayed) ++taken;
  }
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(server_.database().Exec("SELECT count(*) FROM surveys.response"), "1");
  EXPECT_EQ(server_.database().Exec("SELECT count(*) FROM surveys.member_case"), "1");
  EXPECT_EQ(Deliveries(),
            absl::StrCat("survey-response:", replies[0]->response().response_id(), " completion anna 50"));
}

TEST_F(ResponseServiceTest, OfManyWhoAnswerDifferentlyOneIsTaken) {
  const std::string token = Invite();
  std::vector<Reply<v1::SubmitResponseResponse>> replies(11);
  InThreads(11, [&](int i) {
    replies[static_cast<size_t>(i)] = Submit(token, absl::StrCat("{question_id: 'nps', score: ", i, "}"));
  });
  int taken = 0;
  for (const auto& reply : replies) {
    if (reply.ok()) {
      ++taken;
    } else {
      EXPECT_THAT(reply, Refused(StatusCode::ALREADY_EXISTS, "INVITATION_ANSWERED"));
    }
  }
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(server_.database().Exec("SELECT count(*) FROM surveys.response"), "1");
}

TEST_F(ResponseServiceTest, ALateOneIsRefusedWhetherOrNotAJobHasRun) {
  const std::string token = Invite("anna", ", validity: '60s'");
  server_.clock().Advance(absl::Seconds(60));
  EXPECT_EQ(Made(&Responses::GetInvitation, "token: '" + token + "'").invitation().state(),
            v1::INVITATION_STATE_EXPIRED);
  const std::string before = Written();
  const auto late = Submit(token, kNine);
  EXPECT_THAT(late, Refused(StatusCode::FAILED_PRECONDITION, "INVITATION_EXPIRED"));
  EXPECT_TRUE(late.error.metadata.contains("expire_time"));
  EXPECT_EQ(Written(), before);
}

TEST_F(ResponseServiceTest, AClosedSurveyTakesNoAnswers) {
  const std::string token = Invite();
  Made(&Surveys::CloseSurvey, "survey_id: 'visit'");
  EXPECT_THAT(Submit(token, kNine), Refused(StatusCode::FAILED_PRECONDITION, "SURVEY_STATE_FORBIDS"));
}

TEST_F(ResponseServiceTest, EverythingThatIsWrongWithAnswersIsToldAtOnce) {
  const std::string token = Invite();
  const std::string before = Written();
  const auto reply =
      Submit(token,
             "{question_id: 'csat', score: 6}, {question_id: 'who', score: 1}, {question_id: "
             "'color', choice_id: 'green'}, {question_id: 'cli', cli: {recommend: 7, buy_again: 1, "
             "try_other_products: 0}}, {question_id: 'why', score: 1}, {question_id: 'csat', score: "
             "1, comment: 'x'}, {question_id: 'why'}");
  EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, "OUT_OF_RANGE"));
  EXPECT_THAT(reply.error.violations,
              ElementsAre("answers[0].score OUT_OF_RANGE", "answers[1].question_id UNKNOWN_QUESTION",
                          "answers[2].choice_id UNKNOWN_CHOICE", "answers[3].cli.recommend OUT_OF_RANGE",
                          "answers[3].cli.try_other_products OUT_OF_RANGE", "answers[4] WRONG_KIND",
                          "answers[5].question_id DUPLICATE", "answers[6].question_id DUPLICATE",
                          "answers ANSWER_MISSING"));
  EXPECT_EQ(Written(), before);
  EXPECT_THAT(Submit(token, kNine), IsOk()) << "a refused one leaves the invitation open";
}

TEST_F(ResponseServiceTest, SixAndAHalfIsNoScore) {
  v1::SubmitResponseRequest request;
  EXPECT_FALSE(
      google::protobuf::util::JsonStringToMessage("{answers: [{question_id: 'nps', score: 6.5}]}", &request)
          .ok());
}

TEST_F(ResponseServiceTest, ValidateOnlyDecidesAndWritesNothing) {
  const std::string token = Invite();
  const std::string before = Written();
  const auto invited =
      Call(&Responses::CreateInvitation, "survey_id: 'visit', member_id: 'anna', validate_only: true");
  ASSERT_THAT(invited, IsOk());
  EXPECT_THAT(Call(&Responses::GetInvitation, "token: '" + invited->invitation().token() + "'"),
              Refused(StatusCode::NOT_FOUND, "INVITATION_NOT_FOUND"));
  const auto submitted = Submit(token, kAll, ", validate_only: true");
  ASSERT_THAT(submitted, IsOk());
  EXPECT_EQ(submitted->response().points(), 50);
  EXPECT_EQ(Written(), before);
}

TEST_F(ResponseServiceTest, InvitationsAreListedNewestFirstByMemberAndState) {
  const std::string t1 = Invite("anna", ", validity: '60s'"), t2 = Invite("bert"), t3 = Invite("anna");
  Submit(t3, kNine);
  server_.clock().Advance(absl::Minutes(1));
  const auto list = [&](const std::string& more) {
    std::vector<std::string> tokens;
    const auto found = Made(&Responses::ListInvitations, "survey_id: 'visit'" + more);
    for (const v1::Invitation& invitation : found.invitations()) tokens.push_back(invitation.token());
    return tokens;
  };
  EXPECT_THAT(list(""), ElementsAre(t3, t2, t1));
  EXPECT_THAT(list(", member_id: 'anna'"), ElementsAre(t3, t1));
  EXPECT_THAT(list(", state: 'INVITATION_STATE_OPEN'"), ElementsAre(t2));
  EXPECT_THAT(list(", state: 'INVITATION_STATE_EXPIRED'"), ElementsAre(t1));
  EXPECT_THAT(list(", state: 'INVITATION_STATE_ANSWERED'"), ElementsAre(t3));
  const auto page = Made(&Responses::ListInvitations, "survey_id: 'visit', page_size: 2");
  EXPECT_EQ(page.invitations_size(), 2);
  EXPECT_THAT(list(", page_size: 2, page_token: '" + page.next_page_token() + "'"), ElementsAre(t1));
  EXPECT_THAT(Call(&Responses::ListInvitations,
                   "survey_id: 'visit', member_id: 'anna', page_token: '" + page.next_page_token() + "'"),
              Refused(StatusCode::INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"));
  EXPECT_THAT(Call(&Responses::ListInvitations, "survey_id: 'x'"),
              Refused(StatusCode::NOT_FOUND, "SURVEY_NOT_FOUND"));
}

TEST_F(ResponseServiceTest, ResponsesAreListedNewestFirstByMember) {
  std::vector<int64_t> ids;
  for (const char* member : {"anna", "bert", "anna"})
    ids.push_back(Submit(Invite(member), kNine)->response().response_id());
  const auto first = Made(&Responses::ListResponses, "survey_id: 'visit', page_size: 2");
  ASSERT_EQ(first.responses_size(), 2);
  EXPECT_EQ(first.responses(0).response_id(), ids[2]);
  const auto second = Made(&Responses::ListResponses,
                           "survey_id: 'visit', page_size: 2, page_token: '" + first.next_page_token() + "'");
  ASSERT_EQ(second.responses_size(), 1);
  EXPECT_EQ(second.responses(0).response_id(), ids[0]);
  EXPECT_EQ(second.next_page_token(), "");
  const auto of_bert = Made(&Responses::ListResponses, "survey_id: 'visit', member_id: 'bert'");
  ASSERT_EQ(of_bert.responses_size(), 1);
  EXPECT_EQ(of_bert.responses(0).member_id(), "bert");
}

TEST_F(ResponseServiceTest, LongResponsesComeInPagesThatEveryClientTakes) {
  std::string questions, answers;
  for (int i = 0; i < 50; ++i) {
    absl::StrAppend(&questions, "{question_id: 'q", i, "', type: 'QUESTION_TYPE_TEXT', text: 'Q'},");
    absl::StrAppend(&answers, "{question_id: 'q", i, "', text: '", std::string(4000, 'x'), "'},");
  }
  PublishVisit("survey: {survey_id: 'long', display_name: 'Long', questions: [" + questions + "]}");
  std::vector<int64_t> ids, listed;
  for (int i = 0; i < 30; ++i) {
    const auto invited = Made(&Responses::CreateInvitation, "survey_id: 'long', member_id: 'anna'");
    ids.insert(ids.begin(), Submit(invited.invitation().token(), answers)->response().response_id());
  }
  std::string token;
  do {
    const auto page =
        Call(&Responses::ListResponses, "survey_id: 'long', page_size: 1000, page_token: '" + token + "'");
    ASSERT_THAT(page, IsOk());
    for (const v1::Response& response : page->responses()) listed.push_back(response.response_id());
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_EQ(listed, ids);
}

}  // namespace
}  // namespace loyalty::surveys
