#include "services/points/definition.h"

#include "points_sql.h"
#include "services/points/service/ledger_service.h"
#include "services/points/service/points_service.h"
#include "services/points/service/program_service.h"
#include "services/points/storage/posting_store.h"

namespace loyalty::points {
namespace {

rpc::Parts Build(rpc::Runtime& runtime) {
  auto committer = std::make_unique<PostingCommitter>(
      runtime.options.batch, runtime.executor, runtime.system_clock, runtime.registry,
      [store = std::make_shared<PostingStore>(runtime.pool, runtime.clock)](
          const std::string& lane, std::span<const Command> commands) {
        return store->Apply(ProgramOf(lane), commands);
      });
  rpc::Parts parts;
  parts.services.push_back(
      std::make_unique<ProgramServiceImpl>(runtime.adapter, ProgramStore(runtime.pool), runtime.clock));
  parts.services.push_back(std::make_unique<PointsServiceImpl>(runtime.adapter, std::move(committer),
                                                               MemberStore(runtime.pool), runtime.clock));
  parts.services.push_back(std::make_unique<LedgerServiceImpl>(runtime.adapter, runtime.pool));
  return parts;
}

}  // namespace

rpc::ServiceDefinition Definition() {
  return {.name = "points",
          .schema = "points",
          .statements = sql::Statements(),
          .migrations = sql::Migrations(),
          .services = {v1::ProgramService::service_full_name(), v1::PointsService::service_full_name(),
                       v1::LedgerService::service_full_name()},
          .build = Build};
}

}  // namespace loyalty::points
