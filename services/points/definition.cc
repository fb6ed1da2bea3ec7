#include "services/points/definition.h"

#include <absl/random/random.h>

#include "common/due/clock_service.h"
#include "common/status/status.h"
#include "points_sql.h"
#include "services/points/jobs/audience_awards.h"
#include "services/points/jobs/due_accounts.h"
#include "services/points/jobs/ledger_sampler.h"
#include "services/points/service/audience_service.h"
#include "services/points/service/earn_rule_service.h"
#include "services/points/service/events.h"
#include "services/points/service/ledger_service.h"
#include "services/points/service/member_service.h"
#include "services/points/service/points_moved.h"
#include "services/points/service/points_service.h"
#include "services/points/service/program_service.h"
#include "services/points/service/reward_service.h"
#include "services/points/storage/figures.h"
#include "services/points/storage/posting_store.h"

namespace loyalty::points {
namespace {

const metrics::Histogram::BucketBoundaries kStatementBuckets = {1, 5, 10, 15, 20, 25, 31};

std::unique_ptr<JobLoop> SampleLedger(const rpc::Runtime& runtime) {
  absl::BitGen random;
  const auto sampler =
      std::make_shared<LedgerSampler>(runtime.pool, runtime.clock, runtime.registry,
                                      absl::Uniform(random, 0.0, 1.0), absl::Uniform(random, 0.0, 1.0));
  return std::make_unique<JobLoop>("sample_ledger", runtime.options.sample_interval, runtime.registry,
                                   [sampler]() -> absl::StatusOr<int64_t> {
                                     LOYALTY_RETURN_IF_ERROR(sampler->Step().status());
                                     return 0;  // the next ones at the next interval
                                   });
}

rpc::Parts Build(rpc::Runtime& runtime) {
  metrics::Histogram& batch_statements =
      prometheus::BuildHistogram()
          .Name("loyalty_points_batch_statements")
          .Help("SQL statements of a batch, whatever the number of its commands.")
          .Register(runtime.registry)
          .Add({}, kStatementBuckets);
  const auto store = std::make_shared<PostingStore>(
      runtime.pool, runtime.clock, TellEnrolled,
      [&batch_statements, moved = std::make_shared<PointsMoved>(runtime.registry)](
          const std::string& program_id, const std::deque<Posting>& postings, int statements) {
        moved->Count(program_id, postings);
        batch_statements.Observe(statements);
      },
      TellMerged);
  auto committer = std::make_unique<PostingCommitter>(
      runtime.options.batch, runtime.executor, runtime.system_clock, runtime.registry,
      [store](const std::string& lane, std::span<const Command> commands) {
        return store->Apply(ProgramOf(lane), commands);
      });
  PostingCommitter& postings = *committer;  // which the points service owns
  const auto due_accounts = std::make_shared<DueAccounts>(runtime.pool, store);
  rpc::Parts parts;
  parts.services.push_back(std::make_unique<ProgramServiceImpl>(
      runtime.adapter, runtime.pool, runtime.work, runtime.clock,
      [due_accounts](int32_t key, absl::Time now) { return due_accounts->RunDue(key, now).status(); }));
  parts.services.push_back(std::make_unique<EarnRuleServiceImpl>(runtime.adapter, runtime.work));
  parts.services.push_back(std::make_unique<PointsServiceImpl>(runtime.adapter, std::move(committer),
                                                               MemberStore(runtime.pool, runtime.clock),
                                                               runtime.work, runtime.clock));
  parts.services.push_back(std::make_unique<RewardServiceImpl>(runtime.adapter, postings, runtime.work));
  parts.services.push_back(std::make_unique<MemberServiceImpl>(runtime.adapter, postings,
                                                               MemberStore(runtime.pool, runtime.clock)));
  parts.services.push_back(std::make_unique<AudienceServiceImpl>(
      runtime.adapter, runtime.pool, MemberStore(runtime.pool, runtime.clock), runtime.work));
  parts.services.push_back(std::make_unique<LedgerServiceImpl>(runtime.adapter, runtime.pool, runtime.clock));
  parts.services.push_back(std::make_unique<due::ClockServiceImpl>(
      runtime.adapter, runtime.pool, due::ConnectDue(runtime.options.due_addresses)));
  parts.due_works.push_back(std::make_unique<DueAccounts>(runtime.pool, store));
  parts.due_works.push_back(std::make_unique<AudienceAwards>(
      runtime.pool, store, MemberStore(runtime.pool, runtime.clock), runtime.work));
  parts.event_source = std::make_unique<LedgerSource>();
  parts.figures = Figures();
  if (runtime.options.background) parts.jobs.push_back(SampleLedger(runtime));
  return parts;
}

}  // namespace

rpc::ServiceDefinition Definition() {
  return {
      .name = "points",
      .schema = "points",
      .statements = sql::Statements(),
      .migrations = sql::Migrations(),
      .services = {v1::ProgramService::service_full_name(), v1::EarnRuleService::service_full_name(),
                   v1::PointsService::service_full_name(), v1::LedgerService::service_full_name(),
                   v1::RewardService::service_full_name(), v1::MemberService::service_full_name(),
                   v1::AudienceService::service_full_name(), admin::v1::ClockService::service_full_name()},
      .build = Build};
}

}  // namespace loyalty::points
