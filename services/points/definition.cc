#include "services/points/definition.h"

#include "common/due/clock_service.h"
#include "points_sql.h"
#include "services/points/service/earn_rule_service.h"
#include "services/points/service/events.h"
#include "services/points/service/ledger_service.h"
#include "services/points/service/points_moved.h"
#include "services/points/service/points_service.h"
#include "services/points/service/program_service.h"
#include "services/points/storage/figures.h"
#include "services/points/storage/posting_store.h"

namespace loyalty::points {
namespace {

rpc::Parts Build(rpc::Runtime& runtime) {
  auto committer = std::make_unique<PostingCommitter>(
      runtime.options.batch, runtime.executor, runtime.system_clock, runtime.registry,
      [store = std::make_shared<PostingStore>(runtime.pool, runtime.clock, TellEnrolled),
       moved = std::make_shared<PointsMoved>(runtime.registry)](const std::string& lane,
                                                                std::span<const Command> commands) {
        auto answers = store->Apply(ProgramOf(lane), commands);
        if (answers.ok()) moved->Count(ProgramOf(lane), commands, *answers);
        return answers;
      });
  rpc::Parts parts;
  parts.services.push_back(
      std::make_unique<ProgramServiceImpl>(runtime.adapter, runtime.pool, runtime.work, runtime.clock));
  parts.services.push_back(std::make_unique<EarnRuleServiceImpl>(runtime.adapter, runtime.work));
  parts.services.push_back(std::make_unique<PointsServiceImpl>(
      runtime.adapter, std::move(committer), MemberStore(runtime.pool), runtime.work, runtime.clock));
  parts.services.push_back(std::make_unique<LedgerServiceImpl>(runtime.adapter, runtime.pool));
  parts.services.push_back(std::make_unique<due::ClockServiceImpl>(
      runtime.adapter, runtime.pool, due::ConnectDue(runtime.options.due_addresses)));
  parts.event_source = std::make_unique<LedgerSource>();
  parts.figures = Figures();
  return parts;
}

}  // namespace

rpc::ServiceDefinition Definition() {
  return {.name = "points",
          .schema = "points",
          .statements = sql::Statements(),
          .migrations = sql::Migrations(),
          .services = {v1::ProgramService::service_full_name(), v1::EarnRuleService::service_full_name(),
                       v1::PointsService::service_full_name(), v1::LedgerService::service_full_name(),
                       admin::v1::ClockService::service_full_name()},
          .build = Build};
}

}  // namespace loyalty::points
