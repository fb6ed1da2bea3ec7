#include "services/referral/definition.h"

#include "loyalty/referral/v1/referral_service.grpc.pb.h"
#include "referral_sql.h"

namespace loyalty::referral {

rpc::ServiceDefinition Definition() {
  return {.name = "referral",
          .schema = "referral",
          .statements = sql::Statements(),
          .migrations = sql::Migrations(),
          .services = {v1::ReferralService::service_full_name()},
          .build = [](rpc::Runtime&) {
            rpc::Parts parts;
            parts.services.push_back(std::make_unique<v1::ReferralService::Service>());
            return parts;
          }};
}

}  // namespace loyalty::referral
