// The stream of EventService.WatchEvents. A Watch is busy with one thing at a time: it reads a page, or sends
// it; so a slow reader costs one page of memory. The Hub looks for news of all watched programs with one
// statement.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/synchronization/mutex.h>

#include <memory>
#include <string>
#include <vector>

#include "common/batch/executor.h"
#include "common/events/reader.h"
#include "common/rpc/adapter.h"
#include "loyalty/events/v1/event_service.pb.h"

namespace loyalty::events {

class Watch;

// All watches of a server.
class Hub {
 public:
  static constexpr size_t kMaxWatches = 1'000;

  // `silence`: after which a watch is sent a message without events.
  Hub(postgres::Pool& pool, absl::Duration silence) : pool_(pool), silence_(silence) {}

  absl::Duration silence() const { return silence_; }

  // RESOURCE_EXHAUSTED, reason TOO_MANY_WATCHES; UNAVAILABLE after Drain.
  absl::Status Add(const std::shared_ptr<Watch>& watch);
  void Remove(Watch* watch);

  // Tells the watches how far their programs are, and makes those that have long been silent say something.
  absl::Status Tick();
  // Ends all watches, with OK.
  void Drain();

 private:
  std::vector<std::shared_ptr<Watch>> All();

  postgres::Pool& pool_;
  const absl::Duration silence_;
  absl::Mutex mutex_;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<Watch*, std::shared_ptr<Watch>> watches_ ABSL_GUARDED_BY(mutex_);
};

class Watch final : public grpc::ServerWriteReactor<v1::WatchEventsResponse> {
 public:
  // The watch lives until gRPC is done with it.
  static Watch* Start(const rpc::Method& method, grpc::CallbackServerContext& context,
                      const v1::WatchEventsRequest& request, Reader& reader, Hub& hub, Executor& executor);

  void OnWriteDone(bool ok) override;
  void OnCancel() override { End(absl::CancelledError("The caller is gone.")); }
  void OnDone() override;

  // Of the program; 0 while it is not known yet.
  int32_t program_key();
  // The program's newest event has this position.
  void OnHead(int64_t head);
  // No more events: the stream ends with this status as soon as what is under way is done.
  void End(absl::Status status);

 private:
  Watch(const rpc::Method& method, grpc::CallbackServerContext& context,
        const v1::WatchEventsRequest& request, Reader& reader, Hub& hub, Executor& executor);

  // Begins what can begin now: the end, a page, a sign of life.
  void Step() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Submit(void (Watch::*task)()) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Open();      // on the executor
  void ReadPage();  // on the executor
  void Send() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  rpc::Call call_;
  const std::string program_id_;
  const Filter filter_;
  Reader& reader_;
  Hub& hub_;
  Executor& executor_;
  std::shared_ptr<Watch> self_;

  absl::Mutex mutex_;
  v1::WatchEventsResponse message_ ABSL_GUARDED_BY(mutex_);
  int32_t program_key_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t position_ ABSL_GUARDED_BY(mutex_);  // sent, or on its way
  int64_t head_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time last_sent_ ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;  // a page is being read, or a message sent
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);  // what the stream ends with
};

}  // namespace loyalty::events
