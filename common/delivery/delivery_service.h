// loyalty.events.v1.DeliveryService: what a service owes to points.
#pragma once

#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/events/v1/delivery_service.grpc.pb.h"

namespace loyalty::delivery {

class DeliveryServiceImpl final : public events::v1::DeliveryService::CallbackService {
 public:
  DeliveryServiceImpl(rpc::Adapter& adapter, work::Runner& runner) : adapter_(adapter), runner_(runner) {}

  grpc::ServerUnaryReactor* ListDeliveries(grpc::CallbackServerContext* context,
                                           const events::v1::ListDeliveriesRequest* request,
                                           events::v1::ListDeliveriesResponse* response) override;
  grpc::ServerUnaryReactor* RetryDelivery(grpc::CallbackServerContext* context,
                                          const events::v1::RetryDeliveryRequest* request,
                                          events::v1::RetryDeliveryResponse* response) override;

 private:
  absl::Status List(const events::v1::ListDeliveriesRequest& in, events::v1::ListDeliveriesResponse& out);
  absl::Status Retry(rpc::Call& call, const events::v1::RetryDeliveryRequest& in,
                     events::v1::RetryDeliveryResponse& out);

  rpc::Adapter& adapter_;
  work::Runner& runner_;
};

}  // namespace loyalty::delivery
