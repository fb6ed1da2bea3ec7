// loyalty.surveys.v1.SurveyService.
#pragma once

#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/surveys/v1/survey_service.grpc.pb.h"

namespace loyalty::surveys {

class SurveyServiceImpl final : public v1::SurveyService::CallbackService {
 public:
  SurveyServiceImpl(rpc::Adapter& adapter, work::Runner& runner) : adapter_(adapter), runner_(runner) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* CreateSurvey(Context* context, const v1::CreateSurveyRequest* request,
                      v1::CreateSurveyResponse* response) override;
  Unary* UpdateSurvey(Context* context, const v1::UpdateSurveyRequest* request,
                      v1::UpdateSurveyResponse* response) override;
  Unary* GetSurvey(Context* context, const v1::GetSurveyRequest* request,
                   v1::GetSurveyResponse* response) override;
  Unary* ListSurveys(Context* context, const v1::ListSurveysRequest* request,
                     v1::ListSurveysResponse* response) override;
  Unary* PublishSurvey(Context* context, const v1::PublishSurveyRequest* request,
                       v1::PublishSurveyResponse* response) override;
  Unary* CloseSurvey(Context* context, const v1::CloseSurveyRequest* request,
                     v1::CloseSurveyResponse* response) override;

 private:
  absl::Status CreateOne(rpc::Call& call, const v1::CreateSurveyRequest& in, v1::CreateSurveyResponse& out);
  absl::Status UpdateOne(rpc::Call& call, const v1::UpdateSurveyRequest& in, v1::UpdateSurveyResponse& out);
  absl::Status GetOne(const v1::GetSurveyRequest& in, v1::GetSurveyResponse& out);
  absl::Status ListAll(const v1::ListSurveysRequest& in, v1::ListSurveysResponse& out);
  absl::Status PublishOne(rpc::Call& call, const v1::PublishSurveyRequest& in,
                          v1::PublishSurveyResponse& out);
  absl::Status CloseOne(rpc::Call& call, const v1::CloseSurveyRequest& in, v1::CloseSurveyResponse& out);

  rpc::Adapter& adapter_;
  work::Runner& runner_;
};

}  // namespace loyalty::surveys
