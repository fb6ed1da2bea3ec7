#include "services/surveys/service/response_service.h"

#include <absl/strings/str_cat.h>

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "loyalty/surveys/v1/event.pb.h"
#include "services/surveys/domain/validate.h"
#include "services/surveys/service/convert.h"
#include "services/surveys/service/tell.h"
#include "services/surveys/service/token_source.h"
#include "services/surveys/storage/case_store.h"
#include "services/surveys/storage/invitation_store.h"
#include "services/surveys/storage/response_store.h"
#include "services/surveys/storage/survey_store.h"

namespace loyalty::surveys {
namespace {

InvitationRequest InvitationOf(const v1::CreateInvitationRequest& in, Violations& violations) {
  InvitationRequest request{in.member_id(), in.channel(), in.segment(), ToDuration(in.validity()), ""};
  ValidateInvitation(request, violations);
  if (in.has_validity() && request.validity == absl::ZeroDuration()) {
    CheckDuration(violations, "validity", request.validity, kMinValidity, kMaxValidity);
  }
  return request;
}

// The response that an answered invitation has already, if it is the one that is asked for.
absl::Status Repeat(work::Work& work, const Invitation& invitation, const std::vector<Answer>& answers,
                    v1::SubmitResponseResponse& out) {
  const Response earlier = LoadResponseOfInvitation(work.tx(), work.program().key, invitation.id);
  LOYALTY_RETURN_IF_ERROR(CheckSameAnswers(earlier, answers));
  *out.mutable_response() = ToProto(earlier);
  const std::optional<Case> opened = FindCaseOfResponse(work.tx(), work.program().key, earlier.id);
  if (opened) out.set_case_id(opened->id);
  return absl::OkStatus();
}

// Takes the first response of an invitation: stores it with the case that it opens, tells of both, and owes
// its points.
absl::Status Take(work::Work& work, const Survey& survey, const Invitation& invitation,
                  const std::vector<Answer>& answers, v1::SubmitResponseResponse& out) {
  absl::StatusOr<Submission> taken = Submit(survey, invitation, answers, work.now(), work.program().Zone());
  LOYALTY_RETURN_IF_ERROR(taken.status());
  Response& response = taken->response;
  const int32_t program = work.program().key;
  InsertResponse(work.tx(), program, survey, response);
  *out.mutable_response() = ToProto(response);

  v1::ResponseSubmitted submitted;
  *submitted.mutable_response() = WithoutTexts(response);
  work.Emit(submitted, {.member_id = response.member_id, .cause = CauseOfInvitation(invitation.id)});
  const std::string cause = CauseOfResponse(response.id);
  if (taken->opened) {
    taken->opened->response_id = response.id;
    InsertCase(work.tx(), program, *taken->opened);
    out.set_case_id(taken->opened->id);
    v1::CaseOpened opened;
    *opened.mutable_case_() = ToProto(*taken->opened, work.now());
    work.Emit(opened, {.member_id = response.member_id, .cause = cause});
  }
  if (response.points > 0) {
    work.Award({.cause = cause,
                .part = "completion",
                .member_id = response.member_id,
                .points = response.points,
                .reason = absl::StrCat("Survey completed: ", survey.id),
                .occurred_time = {}});
  }
  return absl::OkStatus();
}

}  // namespace

ResponseServiceImpl::Unary* ResponseServiceImpl::CreateInvitation(Context* context,
                                                                  const v1::CreateInvitationRequest* request,
                                                                  v1::CreateInvitationResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return InviteOne(call, in, out);
  });
}

ResponseServiceImpl::Unary* ResponseServiceImpl::GetInvitation(Context* context,
                                                               const v1::GetInvitationRequest* request,
                                                               v1::GetInvitationResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return GetOne(in, out); });
}

ResponseServiceImpl::Unary* ResponseServiceImpl::ListInvitations(Context* context,
                                                                 const v1::ListInvitationsRequest* request,
                                                                 v1::ListInvitationsResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return ListThem(in, out); });
}

ResponseServiceImpl::Unary* ResponseServiceImpl::SubmitResponse(Context* context,
                                                                const v1::SubmitResponseRequest* request,
                                                                v1::SubmitResponseResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return SubmitOne(call, in, out);
  });
}

ResponseServiceImpl::Unary* ResponseServiceImpl::ListResponses(Context* context,
                                                               const v1::ListResponsesRequest* request,
                                                               v1::ListResponsesResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return ListThem(in, out); });
}

absl::Status ResponseServiceImpl::InviteOne(rpc::Call& call, const v1::CreateInvitationRequest& in,
                                            v1::CreateInvitationResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kOptional, violations);
  CheckText(violations, "survey_id", in.survey_id(), kMaxSlugBytes, Presence::kRequired);
  const InvitationRequest request = InvitationOf(in, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Change(runner_, call, in, out, [&](work::Work& work, auto& answer) -> absl::Status {
    const absl::StatusOr<Survey> survey = LoadSurvey(work.tx(), work.program().key, in.survey_id());
    LOYALTY_RETURN_IF_ERROR(survey.status());
    absl::StatusOr<std::string> token = NewToken();
    LOYALTY_RETURN_IF_ERROR(token.status());
    absl::StatusOr<Invitation> invitation =
        Invite(*survey, request, *std::move(token), work.now(), work.program().Zone());
    LOYALTY_RETURN_IF_ERROR(invitation.status());
    InsertInvitation(work.tx(), work.program().key, *invitation);
    TellInvited(work, *invitation);
    *answer.mutable_invitation() = ToProto(*invitation, work.now());
    return absl::OkStatus();
  });
}

absl::Status ResponseServiceImpl::GetOne(const v1::GetInvitationRequest& in, v1::GetInvitationResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "token", in.token(), kMaxNameBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    const absl::StatusOr<Invitation> invitation = LoadInvitation(work.tx(), work.program().key, in.token());
    LOYALTY_RETURN_IF_ERROR(invitation.status());
    *out.mutable_invitation() = ToProto(*invitation, work.now());
    *out.mutable_survey() = ToProto(LoadSurveyByKey(work.tx(), work.program().key, invitation->survey_key));
    return absl::OkStatus();
  });
}

absl::Status ResponseServiceImpl::ListThem(const v1::ListInvitationsRequest& in,
                                           v1::ListInvitationsResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "survey_id", in.survey_id(), kMaxSlugBytes, Presence::kRequired);
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kOptional);
  if (!v1::InvitationState_IsValid(in.state())) {
    violations.Add("state", reason::kMalformed, "is not a state of an invitation.");
  }
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const absl::StatusOr<Page> page = PageByNumber(in, kMaxPageSize);
  LOYALTY_RETURN_IF_ERROR(page.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    out.Clear();
    const absl::StatusOr<Survey> survey = LoadSurvey(work.tx(), work.program().key, in.survey_id());
    LOYALTY_RETURN_IF_ERROR(survey.status());
    const InvitationFilter filter{survey->key, in.member_id(), in.state(), work.now()};
    const std::vector<Invitation> found =
        surveys::ListInvitations(work.tx(), work.program().key, filter, page->number, page->size + 1);
    FillPage(
        out, *page, found,
        [&](const Invitation& invitation) {
          return AddTo(*out.mutable_invitations(), ToProto(invitation, work.now()));
        },
        [](const Invitation& invitation) { return invitation.id; });
    return absl::OkStatus();
  });
}

absl::Status ResponseServiceImpl::SubmitOne(rpc::Call& call, const v1::SubmitResponseRequest& in,
                                            v1::SubmitResponseResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kOptional, Presence::kOptional, violations);
  CheckText(violations, "token", in.token(), kMaxNameBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const std::vector<Answer> answers = ToAnswers(in.answers());
  bool repeated = false;
  const absl::Status status =
      Change(runner_, call, in, out, [&](work::Work& work, auto& answer) -> absl::Status {
        const absl::StatusOr<Invitation> invitation =
            LockInvitation(work.tx(), work.program().key, in.token());
        LOYALTY_RETURN_IF_ERROR(invitation.status());
        repeated = invitation->state == InvitationState::kAnswered;
        if (repeated) return Repeat(work, *invitation, answers, answer);
        const Survey survey = LoadSurveyByKey(work.tx(), work.program().key, invitation->survey_key);
        return Take(work, survey, *invitation, answers, answer);
      });
  if (status.ok() && repeated) call.SetReplayed();
  return status;
}

absl::Status ResponseServiceImpl::ListThem(const v1::ListResponsesRequest& in,
                                           v1::ListResponsesResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "survey_id", in.survey_id(), kMaxSlugBytes, Presence::kRequired);
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kOptional);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const absl::StatusOr<Page> page = PageByNumber(in, kMaxPageSize);
  LOYALTY_RETURN_IF_ERROR(page.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    out.Clear();
    const absl::StatusOr<Survey> survey = LoadSurvey(work.tx(), work.program().key, in.survey_id());
    LOYALTY_RETURN_IF_ERROR(survey.status());
    const std::vector<Response> found = surveys::ListResponses(work.tx(), work.program().key, survey->key,
                                                               in.member_id(), page->number, page->size + 1);
    FillPage(
        out, *page, found,
        [&](const Response& response) { return AddTo(*out.mutable_responses(), ToProto(response)); },
        [](const Response& response) { return response.id; });
    return absl::OkStatus();
  });
}

}  // namespace loyalty::surveys
