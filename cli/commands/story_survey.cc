#include "absl/strings/str_cat.h"
#include "cli/commands/story_chapters.h"
#include "cli/commands/story_scenes.h"
#include "cli/text/time_text.h"
#include "loyalty/surveys/v1/case_service.grpc.pb.h"
#include "loyalty/surveys/v1/response_service.grpc.pb.h"

namespace loyalty::cli::story {
namespace {

using surveys::v1::CaseService;
using surveys::v1::ResponseService;

// Returns the invitation's token.
std::string SeeInvited(Teller& teller) {
  auto request = teller.Make<surveys::v1::ListInvitationsRequest>();
  request.set_survey_id(kSurveyId);
  request.set_member_id(kAda);
  const auto reply = teller.Call<ResponseService>(&ResponseService::Stub::ListInvitations, request);
  teller.Expect("the number of invitations", reply.invitations_size(), 1);
  const auto& invitation = reply.invitations(0);
  teller.Expect("the third order invites", invitation.order_id() == "order-3");
  teller.Expect("the invitation is open", invitation.state() == surveys::v1::INVITATION_STATE_OPEN);
  teller.Say(absl::StrCat("That was her third purchase: she is invited to the survey ", kSurveyId,
                          ", and can answer until ", teller.Time(invitation.expire_time()), "."));
  return invitation.token();
}

// Returns the id of the case that it opens.
int64_t Answer(Teller& teller, const std::string& token) {
  auto request = teller.Make<surveys::v1::SubmitResponseRequest>("");
  request.set_token(token);
  auto& answer = *request.add_answers();
  answer.set_question_id("recommend");
  answer.set_score(4);
  answer.set_comment("The grinder broke after a week.");
  const auto reply = teller.Call<ResponseService>(&ResponseService::Stub::SubmitResponse, request);
  teller.Expect("the points for completing it", reply.response().points(), kCompletionPoints);
  teller.Expect("a case is opened", reply.case_id() > 0);
  teller.Say(absl::StrCat("Would Ada recommend the shop? She gives 4 of 10: \"", answer.comment(),
                          "\" That opens case ", reply.case_id(), "."));
  return reply.case_id();
}

void SeeCase(Teller& teller, int64_t case_id) {
  auto request = teller.Make<surveys::v1::ListCasesRequest>();
  request.add_states(surveys::v1::CASE_STATE_NEW);
  const auto reply = teller.Call<CaseService>(&CaseService::Stub::ListCases, request);
  teller.Expect("the number of new cases", reply.cases_size(), 1);
  teller.Expect("the case", reply.cases(0).case_id(), case_id);
  teller.Expect("the case is not overdue", !reply.cases(0).overdue());
  teller.Say(absl::StrCat("Carla sees the case on her list; its first reply is due at ",
                          teller.Time(reply.cases(0).first_reply_due_time()), "."));
}

void Reply(Teller& teller, int64_t case_id) {
  auto request = teller.Make<surveys::v1::AddCaseNoteRequest>(kCarla);
  request.set_case_id(case_id);
  request.set_kind(surveys::v1::NOTE_KIND_CONTACT);
  request.set_text("Called Ada, apologized; a new grinder goes out today.");
  const auto replied = teller.Call<CaseService>(&CaseService::Stub::AddCaseNote, request).case_();
  teller.Expect("the case is in progress", replied.state() == surveys::v1::CASE_STATE_IN_PROGRESS);
  teller.Expect("the case has its first reply", replied.has_first_reply_time());
  const absl::Duration took = FromTimestamp(replied.first_reply_time()) - FromTimestamp(replied.open_time());
  teller.Expect("the first reply is in time",
                replied.first_reply_time().seconds() < replied.first_reply_due_time().seconds());
  teller.Say(absl::StrCat("Carla calls Ada: the first reply, ", absl::ToInt64Minutes(took),
                          " minutes after the answer."));
}

void Resolve(Teller& teller, int64_t case_id) {
  auto request = teller.Make<surveys::v1::ResolveCaseRequest>(kCarla);
  request.set_case_id(case_id);
  request.set_resolution("The new grinder has arrived and works.");
  request.set_make_good_points(kMakeGoodPoints);
  const auto resolved = teller.Call<CaseService>(&CaseService::Stub::ResolveCase, request).case_();
  teller.Expect("the case is resolved", resolved.state() == surveys::v1::CASE_STATE_RESOLVED);
  teller.Say(absl::StrCat("The new grinder works. Carla resolves the case and makes good with ",
                          teller.Points(resolved.make_good_points()), "."));
}

}  // namespace

void AnswerTheSurvey(Teller& teller) {
  teller.AdvanceTo(absl::CivilMinute(2025, 4, 5, 11, 0));
  Buy(teller, {.order_id = "order-3",
               .articles = {{"beans-250g", "coffee beans", 1290}, {"colomba", "an Easter cake", 1830}},
               .base_points = 31,
               .rule_points = 31,
               .balance = 564});
  teller.AdvanceTo(absl::CivilMinute(2025, 4, 5, 11, 10));
  const std::string token = SeeInvited(teller);
  teller.AdvanceTo(absl::CivilMinute(2025, 4, 6, 9, 0));
  const int64_t case_id = Answer(teller, token);
  teller.AdvanceTo(absl::CivilMinute(2025, 4, 6, 9, 25));
  Receive(teller, kAda, "Ada", kCompletionPoints, 584);
  SeeCase(teller, case_id);
  Reply(teller, case_id);
  teller.AdvanceTo(absl::CivilMinute(2025, 4, 8, 16, 0));
  Resolve(teller, case_id);
  teller.AdvanceTo(absl::CivilMinute(2025, 4, 8, 16, 10));
  Receive(teller, kAda, "Ada", kMakeGoodPoints, 734);
}

}  // namespace loyalty::cli::story
