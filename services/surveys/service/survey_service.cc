#include "services/surveys/service/survey_service.h"

#include <functional>

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "loyalty/surveys/v1/event.pb.h"
#include "services/surveys/service/convert.h"
#include "services/surveys/service/tell.h"
#include "services/surveys/storage/survey_store.h"

namespace loyalty::surveys {
namespace {

constexpr int kMaxSurveys = 100;  // of a page

// The definition that a request brings.
template <class Request>
Survey DefinitionOf(const Request& in, Violations& violations) {
  CheckChange(in, Presence::kRequired, Presence::kOptional, violations);
  Survey survey = ToSurvey(in.survey(), violations);
  FillDefaults(survey);
  ValidateSurvey(survey, violations);
  return survey;
}

// Locks the survey and lets `change` change it.
template <class Response>
absl::Status ChangeSurvey(work::Work& work, const std::string& survey_id, Response& out,
                          const std::function<absl::Status(Survey&)>& change) {
  absl::StatusOr<Survey> survey = LockSurvey(work.tx(), work.program().key, survey_id);
  LOYALTY_RETURN_IF_ERROR(survey.status());
  LOYALTY_RETURN_IF_ERROR(change(*survey));
  surveys::UpdateSurvey(work.tx(), work.program().key, *survey);
  *out.mutable_survey() = ToProto(*survey);
  return absl::OkStatus();
}

template <class Request>
absl::Status CheckStep(const Request& in) {
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kOptional, violations);
  CheckText(violations, "survey_id", in.survey_id(), kMaxSlugBytes, Presence::kRequired);
  return violations.ToStatus();
}

}  // namespace

SurveyServiceImpl::Unary* SurveyServiceImpl::CreateSurvey(Context* context,
                                                          const v1::CreateSurveyRequest* request,
                                                          v1::CreateSurveyResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return CreateOne(call, in, out);
  });
}

SurveyServiceImpl::Unary* SurveyServiceImpl::UpdateSurvey(Context* context,
                                                          const v1::UpdateSurveyRequest* request,
                                                          v1::UpdateSurveyResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return UpdateOne(call, in, out);
  });
}

SurveyServiceImpl::Unary* SurveyServiceImpl::GetSurvey(Context* context, const v1::GetSurveyRequest* request,
                                                       v1::GetSurveyResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return GetOne(in, out); });
}

SurveyServiceImpl::Unary* SurveyServiceImpl::ListSurveys(Context* context,
                                                         const v1::ListSurveysRequest* request,
                                                         v1::ListSurveysResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return ListAll(in, out); });
}

SurveyServiceImpl::Unary* SurveyServiceImpl::PublishSurvey(Context* context,
                                                           const v1::PublishSurveyRequest* request,
                                                           v1::PublishSurveyResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return PublishOne(call, in, out);
  });
}

SurveyServiceImpl::Unary* SurveyServiceImpl::CloseSurvey(Context* context,
                                                         const v1::CloseSurveyRequest* request,
                                                         v1::CloseSurveyResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return CloseOne(call, in, out);
  });
}

absl::Status SurveyServiceImpl::CreateOne(rpc::Call& call, const v1::CreateSurveyRequest& in,
                                          v1::CreateSurveyResponse& out) {
  Violations violations;
  const Survey definition = DefinitionOf(in, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Change(runner_, call, in, out, [&](work::Work& work, auto& answer) -> absl::Status {
    Survey survey = definition;
    survey.create_time = work.now();
    LOYALTY_RETURN_IF_ERROR(InsertSurvey(work.tx(), work.program().key, survey));
    *answer.mutable_survey() = ToProto(survey);
    return absl::OkStatus();
  });
}

absl::Status SurveyServiceImpl::UpdateOne(rpc::Call& call, const v1::UpdateSurveyRequest& in,
                                          v1::UpdateSurveyResponse& out) {
  Violations violations;
  const Survey definition = DefinitionOf(in, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Change(runner_, call, in, out, [&](work::Work& work, auto& answer) {
    return ChangeSurvey(work, definition.id, answer,
                        [&](Survey& survey) { return ReplaceDraft(survey, definition); });
  });
}

absl::Status SurveyServiceImpl::GetOne(const v1::GetSurveyRequest& in, v1::GetSurveyResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "survey_id", in.survey_id(), kMaxSlugBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return runner_.Read(in.program_id(), [&](work::Work& work) {
    const absl::StatusOr<Survey> survey = LoadSurvey(work.tx(), work.program().key, in.survey_id());
    if (survey.ok()) *out.mutable_survey() = ToProto(*survey);
    return survey.status();
  });
}

absl::Status SurveyServiceImpl::ListAll(const v1::ListSurveysRequest& in, v1::ListSurveysResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const absl::StatusOr<Page> page = PageOf(in, kMaxSurveys);
  LOYALTY_RETURN_IF_ERROR(page.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) {
    out.Clear();
    const std::vector<Survey> found =
        surveys::ListSurveys(work.tx(), work.program().key, page->cursor, page->size + 1);
    FillPage(
        out, *page, found,
        [&](const Survey& survey) { return AddTo(*out.mutable_surveys(), ToProto(survey)); },
        [](const Survey& survey) { return survey.id; });
    return absl::OkStatus();
  });
}

absl::Status SurveyServiceImpl::PublishOne(rpc::Call& call, const v1::PublishSurveyRequest& in,
                                           v1::PublishSurveyResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckStep(in));
  return Change(runner_, call, in, out, [&](work::Work& work, auto& answer) -> absl::Status {
    LOYALTY_RETURN_IF_ERROR(ChangeSurvey(work, in.survey_id(), answer,
                                         [&](Survey& survey) { return Publish(survey, work.now()); }));
    v1::SurveyPublished event;
    *event.mutable_survey() = answer.survey();
    work.Emit(event, {.cause = CauseOfSurvey(in.survey_id())});
    return absl::OkStatus();
  });
}

absl::Status SurveyServiceImpl::CloseOne(rpc::Call& call, const v1::CloseSurveyRequest& in,
                                         v1::CloseSurveyResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckStep(in));
  return Change(runner_, call, in, out, [&](work::Work& work, auto& answer) -> absl::Status {
    LOYALTY_RETURN_IF_ERROR(ChangeSurvey(work, in.survey_id(), answer,
                                         [&](Survey& survey) { return Close(survey, work.now()); }));
    v1::SurveyClosed event;
    event.set_survey_id(in.survey_id());
    work.Emit(event, {.cause = CauseOfSurvey(in.survey_id())});
    return absl::OkStatus();
  });
}

}  // namespace loyalty::surveys
