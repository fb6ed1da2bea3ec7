#include "services/referral/definition.h"

#include "referral_sql.h"
#include "services/referral/jobs/due_works.h"
#include "services/referral/jobs/purchases.h"
#include "services/referral/service/campaign_service.h"
#include "services/referral/service/referral_service.h"
#include "services/referral/storage/figures.h"

namespace loyalty::referral {
namespace {

rpc::Parts Build(rpc::Runtime& runtime) {
  rpc::Parts parts;
  parts.services.push_back(std::make_unique<CampaignServiceImpl>(runtime.adapter, runtime.work));
  parts.services.push_back(
      std::make_unique<ReferralServiceImpl>(runtime.adapter, runtime.work, runtime.system_clock));
  parts.due_works.push_back(std::make_unique<DueReferrals>(runtime.pool, runtime.work));
  parts.followers.push_back({.source = "points",
                             .channel = runtime.points,
                             .types = {kEntryPosted},
                             .handle = TakePurchaseOrReturn,
                             .events_in_transaction = 1});
  parts.figures = Figures();
  return parts;
}

}  // namespace

rpc::ServiceDefinition Definition() {
  return {.name = "referral",
          .schema = "referral",
          .statements = sql::Statements(),
          .migrations = sql::Migrations(),
          .services = {v1::CampaignService::service_full_name(), v1::ReferralService::service_full_name()},
          .build = Build,
          .calls_points = true};
}

}  // namespace loyalty::referral
