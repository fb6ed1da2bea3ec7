// loyalty.events.v1.EventService over a service's events.
#pragma once

#include <memory>
#include <string>

#include "common/events/reader.h"
#include "common/events/watch.h"
#include "common/jobs/job_loop.h"
#include "common/metrics/metrics.h"
#include "common/rpc/adapter.h"
#include "loyalty/events/v1/event_service.grpc.pb.h"

namespace loyalty::events {

class EventServiceImpl final : public v1::EventService::CallbackService {
 public:
  // `source`: null for the outbox. `silence`: after which a watch is sent a message without events.
  EventServiceImpl(rpc::Adapter& adapter, postgres::Pool& pool, Executor& executor,
                   metrics::Registry& registry, const std::string& service, std::unique_ptr<Source> source,
                   absl::Duration silence = absl::Seconds(10));

  // Ends all watches; new ones are refused.
  void Drain() { hub_.Drain(); }

  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context,
                                       const v1::ListEventsRequest* request,
                                       v1::ListEventsResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchEventsResponse>* WatchEvents(
      grpc::CallbackServerContext* context, const v1::WatchEventsRequest* request) override;
  grpc::ServerUnaryReactor* ListHeads(grpc::CallbackServerContext* context,
                                      const v1::ListHeadsRequest* request,
                                      v1::ListHeadsResponse* response) override;

 private:
  absl::Status List(const v1::ListEventsRequest& in, v1::ListEventsResponse& out);
  absl::Status Heads(const v1::ListHeadsRequest& in, v1::ListHeadsResponse& out);

  rpc::Adapter& adapter_;
  Executor& executor_;
  const std::unique_ptr<Source> source_;
  Reader reader_;
  Hub hub_;
  JobLoop poller_;  // last: it uses the hub
};

}  // namespace loyalty::events
