// Follows the events of another service: each takes effect here once, in order, program by program. The
// position is stored in the transaction of the effect, so that nothing is lost or doubled when a process
// dies, or when several replicas follow at once.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <absl/synchronization/mutex.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/work/followed.h"
#include "common/work/work.h"
#include "loyalty/events/v1/event_service.grpc.pb.h"

namespace loyalty::events {

// Takes one event in. It may run again for the same event, when its transaction did not commit. An event that
// it returns an error for is tried 5 times and then set aside; UNAVAILABLE, ABORTED, DEADLINE_EXCEEDED and
// RESOURCE_EXHAUSTED do not count: they are tried until they pass. Events that do not matter here get OK.
using Handler = std::function<absl::Status(work::Work&, const v1::Event&)>;

// What a service follows; declared in its definition.
struct Followed {
  std::string source;                      // the other service: "points"
  std::shared_ptr<grpc::Channel> channel;  // to it
  std::vector<std::string> types;          // full names of the payloads that matter; none: all
  Handler handle;
  // 1, if the rows that an event locks must not be locked together with another's.
  int events_in_transaction = 200;
};

class Follower {
 public:
  static constexpr int kAttempts = 5;

  Follower(Followed followed, work::Runner& runner, postgres::Pool& pool, metrics::Registry& registry);

  const std::string& source() const { return followed_.source; }
  const Handler& handler() const { return followed_.handle; }

  // Takes in a page of events of every program that has news. Returns how many events took effect or were set
  // aside.
  absl::StatusOr<int64_t> RunOnce();
  // Takes in all events that a program has now. The same.
  absl::StatusOr<int64_t> Drain(const std::string& program_id);

 private:
  struct Taken {
    int64_t events = 0;    // took effect, or were set aside
    int64_t position = 0;  // followed up to here
    int64_t head = 0;      // as the source said
  };

  absl::StatusOr<std::vector<v1::Head>> Heads();
  absl::StatusOr<int64_t> Position(const std::string& program_id);
  absl::StatusOr<Taken> TakePage(const std::string& program_id, int64_t after);
  // In one transaction. The position reached, which is another than `position` if somebody else was here.
  absl::StatusOr<Taken> Apply(const std::string& program_id, std::span<const v1::Event* const> events,
                              int64_t after, int64_t position);
  absl::StatusOr<Taken> ApplyEach(const std::string& program_id, std::span<const v1::Event* const> events,
                                  int64_t after, int64_t position);
  absl::Status SetAside(const v1::Event& event, const absl::Status& error);
  void Remember(const std::string& program_id, int64_t position);

  const Followed followed_;
  const std::string actor_;
  const std::unique_ptr<v1::EventService::StubInterface> stub_;
  work::Runner& runner_;
  postgres::Pool& pool_;
  metrics::Gauge& lag_;
  metrics::Counter& set_aside_;

  struct Failures {
    int64_t position = 0;
    int count = 0;
  };
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, int64_t> positions_ ABSL_GUARDED_BY(mutex_);  // by program
  absl::flat_hash_map<std::string, Failures> failures_ ABSL_GUARDED_BY(mutex_);  // of the event that is next
};

// What of an error may be shown: nothing of an internal one.
std::string ErrorText(const absl::Status& error);

}  // namespace loyalty::events
