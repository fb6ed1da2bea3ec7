#include "common/server/backbone.h"

#include <absl/strings/str_cat.h>

#include <cassert>

#include "common/status/status.h"

namespace loyalty::rpc {
namespace {

constexpr absl::Duration kFollow = absl::Milliseconds(150);
constexpr absl::Duration kDeliver = absl::Milliseconds(100);
constexpr absl::Duration kMeasure = absl::Seconds(5);
constexpr absl::Duration kDue = absl::Seconds(1);
constexpr absl::Duration kPurge = absl::Minutes(10);
constexpr int kPurgedAtOnce = 1'000;

std::vector<events::Follower*> Pointers(const std::vector<std::unique_ptr<events::Follower>>& followers) {
  std::vector<events::Follower*> out;
  for (const auto& follower : followers) out.push_back(follower.get());
  return out;
}

std::vector<std::unique_ptr<events::Follower>> MakeFollowers(const Runtime& runtime, Parts& parts) {
  std::vector<std::unique_ptr<events::Follower>> out;
  for (events::Followed& followed : parts.followers) {
    out.push_back(std::make_unique<events::Follower>(std::move(followed), runtime.work, runtime.pool,
                                                     runtime.registry));
  }
  return out;
}

std::unique_ptr<delivery::Deliverer> MakeDeliverer(const ServiceDefinition& definition,
                                                   const Runtime& runtime) {
  if (!definition.calls_points) return nullptr;
  return std::make_unique<delivery::Deliverer>(
      runtime.pool, runtime.work, runtime.clock,
      delivery::MakePointsCalls(runtime.points, absl::StrCat("loyalty-", definition.name)), runtime.registry);
}

}  // namespace

std::vector<std::string> Backbone::ServiceNames(const ServiceDefinition& definition) {
  std::vector<std::string> names = {events::v1::EventService::service_full_name(),
                                    admin::v1::DueService::service_full_name()};
  if (definition.calls_points) {
    names.push_back(events::v1::DeliveryService::service_full_name());
    names.push_back(events::v1::FollowerService::service_full_name());
  }
  return names;
}

Backbone::Backbone(const ServiceDefinition& definition, const Runtime& runtime, Parts& parts)
    : runtime_(runtime),
      events_(runtime.adapter, runtime.pool, runtime.executor, runtime.registry, definition.name,
              std::move(parts.event_source)),
      followers_(MakeFollowers(runtime, parts)),
      deliverer_(MakeDeliverer(definition, runtime)),
      due_(std::make_unique<due::DueRunner>(runtime.work, runtime.clock, std::move(parts.due_works),
                                            Pointers(followers_), deliverer_.get(), runtime.registry)),
      due_service_(runtime.adapter, runtime.work, *due_) {
  if (!parts.figures.empty()) {
    figures_.emplace(runtime.pool, runtime.clock, runtime.registry, std::move(parts.figures));
  }
  assert(definition.calls_points || followers_.empty());
  if (!definition.calls_points) return;
  delivery_service_ = std::make_unique<delivery::DeliveryServiceImpl>(runtime.adapter, runtime.work);
  follower_service_ =
      std::make_unique<events::FollowerServiceImpl>(runtime.adapter, runtime.work, Pointers(followers_));
}

Backbone::~Backbone() = default;

std::vector<grpc::Service*> Backbone::services() {
  std::vector<grpc::Service*> services = {&events_, &due_service_};
  if (delivery_service_) services.push_back(delivery_service_.get());
  if (follower_service_) services.push_back(follower_service_.get());
  return services;
}

void Backbone::Loop(std::string name, absl::Duration interval, JobLoop::Job job) {
  loops_.push_back(std::make_unique<JobLoop>(std::move(name), interval, runtime_.registry, std::move(job)));
}

void Backbone::StartLoops() {
  for (const auto& work : due_->works()) {
    Loop(due::DueRunner::JobName(*work), kDue, [this, &work] { return due_->RunTurn(*work); });
  }
  for (const auto& follower : followers_) {
    Loop(absl::StrCat("follow_", follower->source()), kFollow, [&follower] { return follower->RunOnce(); });
  }
  if (deliverer_) {
    Loop("deliver", kDeliver, [this] { return deliverer_->RunOnce(); });
    Loop("measure_deliveries", kMeasure, [this]() -> absl::StatusOr<int64_t> {
      LOYALTY_RETURN_IF_ERROR(deliverer_->Measure());
      return 0;
    });
  }
  if (figures_) {
    Loop("figures", runtime_.options.figures_interval, [this]() -> absl::StatusOr<int64_t> {
      LOYALTY_RETURN_IF_ERROR(figures_->Refresh());
      return 0;
    });
  }
  Loop("purge_requests", kPurge, [this] { return runtime_.work.PurgeRequests(kPurgedAtOnce); });
}

}  // namespace loyalty::rpc
