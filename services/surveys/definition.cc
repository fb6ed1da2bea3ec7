#include "services/surveys/definition.h"

#include "services/surveys/jobs/due_works.h"
#include "services/surveys/jobs/purchases.h"
#include "services/surveys/service/case_service.h"
#include "services/surveys/service/response_service.h"
#include "services/surveys/service/result_service.h"
#include "services/surveys/service/survey_service.h"
#include "services/surveys/storage/figures.h"
#include "surveys_sql.h"

namespace loyalty::surveys {
namespace {

rpc::Parts Build(rpc::Runtime& runtime) {
  rpc::Parts parts;
  parts.services.push_back(std::make_unique<SurveyServiceImpl>(runtime.adapter, runtime.work));
  parts.services.push_back(std::make_unique<ResponseServiceImpl>(runtime.adapter, runtime.work));
  parts.services.push_back(std::make_unique<ResultServiceImpl>(runtime.adapter, runtime.work));
  parts.services.push_back(std::make_unique<CaseServiceImpl>(runtime.adapter, runtime.work));
  parts.due_works.push_back(std::make_unique<InvitationExpiry>(runtime.pool, runtime.work));
  parts.due_works.push_back(std::make_unique<CaseEscalation>(runtime.pool, runtime.work));
  parts.followers.push_back({.source = "points",
                             .channel = runtime.points,
                             .types = {kEntryPosted},
                             .handle = InviteAfterPurchase});
  parts.figures = Figures();
  return parts;
}

}  // namespace

rpc::ServiceDefinition Definition() {
  return {.name = "surveys",
          .schema = "surveys",
          .statements = sql::Statements(),
          .migrations = sql::Migrations(),
          .services = {v1::SurveyService::service_full_name(), v1::ResponseService::service_full_name(),
                       v1::ResultService::service_full_name(), v1::CaseService::service_full_name()},
          .build = Build,
          .calls_points = true};
}

}  // namespace loyalty::surveys
