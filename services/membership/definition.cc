#include "services/membership/definition.h"

#include "loyalty/membership/v1/membership_service.grpc.pb.h"
#include "membership_sql.h"

namespace loyalty::membership {

rpc::ServiceDefinition Definition() {
  return {.name = "membership",
          .schema = "membership",
          .statements = sql::Statements(),
          .migrations = sql::Migrations(),
          .services = {v1::MembershipService::service_full_name()},
          .build = [](rpc::Runtime&) {
            rpc::Parts parts;
            parts.services.push_back(std::make_unique<v1::MembershipService::Service>());
            return parts;
          }};
}

}  // namespace loyalty::membership
