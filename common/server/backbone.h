// What every service of the suite has besides its own RPCs, and binds it to the others: it serves its events,
// follows those of others, sends what it owes to points, does what is due, shows its figures, and forgets old
// answers.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/delivery/deliverer.h"
#include "common/delivery/delivery_service.h"
#include "common/due/due_runner.h"
#include "common/due/due_service.h"
#include "common/events/event_service.h"
#include "common/events/follower.h"
#include "common/events/follower_service.h"
#include "common/figures/figures.h"
#include "common/jobs/job_loop.h"
#include "common/server/server.h"

namespace loyalty::rpc {

class Backbone {
 public:
  // Full names of what it serves.
  static std::vector<std::string> ServiceNames(const ServiceDefinition& definition);

  // Takes source, followers, due works and figures out of `parts`.
  Backbone(const ServiceDefinition& definition, const Runtime& runtime, Parts& parts);
  // Waits for the end of the runs that are under way.
  ~Backbone();

  std::vector<grpc::Service*> services();
  void StartLoops();
  void EndWatches() { events_.Drain(); }

 private:
  void Loop(std::string name, absl::Duration interval, JobLoop::Job job);

  const Runtime runtime_;
  events::EventServiceImpl events_;
  std::vector<std::unique_ptr<events::Follower>> followers_;
  std::unique_ptr<delivery::Deliverer> deliverer_;
  std::unique_ptr<due::DueRunner> due_;
  due::DueServiceImpl due_service_;
  std::unique_ptr<delivery::DeliveryServiceImpl> delivery_service_;
  std::unique_ptr<events::FollowerServiceImpl> follower_service_;
  std::optional<figures::Figures> figures_;
  std::vector<std::unique_ptr<JobLoop>> loops_;  // last: they use the others
};

}  // namespace loyalty::rpc
