#include "services/surveys/definition.h"

#include "loyalty/surveys/v1/survey_service.grpc.pb.h"
#include "surveys_sql.h"

namespace loyalty::surveys {

rpc::ServiceDefinition Definition() {
  return {.name = "surveys",
          .schema = "surveys",
          .statements = sql::Statements(),
          .migrations = sql::Migrations(),
          .services = {v1::SurveyService::service_full_name()},
          .build = [](rpc::Runtime&) {
            rpc::Parts parts;
            parts.services.push_back(std::make_unique<v1::SurveyService::Service>());
            return parts;
          }};
}

}  // namespace loyalty::surveys
