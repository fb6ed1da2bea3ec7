// loyalty.events.v1.FollowerService: the events that could not be taken in.
#pragma once

#include <memory>
#include <vector>

#include "common/events/follower.h"
#include "common/rpc/adapter.h"
#include "loyalty/events/v1/follower_service.grpc.pb.h"

namespace loyalty::events {

class FollowerServiceImpl final : public v1::FollowerService::CallbackService {
 public:
  // The followers outlive it.
  FollowerServiceImpl(rpc::Adapter& adapter, work::Runner& runner, std::vector<Follower*> followers)
      : adapter_(adapter), runner_(runner), followers_(std::move(followers)) {}

  grpc::ServerUnaryReactor* ListSetAsideEvents(grpc::CallbackServerContext* context,
                                               const v1::ListSetAsideEventsRequest* request,
                                               v1::ListSetAsideEventsResponse* response) override;
  grpc::ServerUnaryReactor* RetrySetAsideEvent(grpc::CallbackServerContext* context,
                                               const v1::RetrySetAsideEventRequest* request,
                                               v1::RetrySetAsideEventResponse* response) override;

 private:
  absl::Status List(const v1::ListSetAsideEventsRequest& in, v1::ListSetAsideEventsResponse& out);
  absl::Status Retry(rpc::Call& call, const v1::RetrySetAsideEventRequest& in,
                     v1::RetrySetAsideEventResponse& out);

  rpc::Adapter& adapter_;
  work::Runner& runner_;
  const std::vector<Follower*> followers_;
};

}  // namespace loyalty::events
