#include "common/delivery/points_calls.h"

#include <chrono>
#include <utility>

#include "common/rpc/error.h"
#include "common/rpc/time.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"

namespace loyalty::delivery {
namespace {

using Points = points::v1::PointsService;

// What lives as long as a call is under way.
template <class Request, class Response>
struct Pending {
  grpc::ClientContext context;
  Request request;
  Response response;
  PointsCalls::Done done;
};

class RealCalls final : public PointsCalls {
 public:
  RealCalls(const std::shared_ptr<grpc::Channel>& channel, std::string actor)
      : stub_(Points::NewStub(channel)), actor_(std::move(actor)) {}

  void Send(const work::Delivery& delivery, absl::Duration timeout, Done done) override {
    switch (delivery.kind) {
      case work::DeliveryKind::kAward:
        return Award(delivery, timeout, std::move(done));
      case work::DeliveryKind::kLabel:
        return SetLabel(delivery, timeout, std::move(done));
      case work::DeliveryKind::kReversal:
        return Reverse(delivery, timeout, std::move(done));
    }
  }

 private:
  using Async = Points::StubInterface::async_interface;

  void Award(const work::Delivery& delivery, absl::Duration timeout, Done done) {
    points::v1::EarnRequest request;
    request.set_points(delivery.points);
    request.set_reason(delivery.reason);
    request.set_cause(delivery.cause);
    *request.mutable_occurred_time() = rpc::ToProto(delivery.occurred_time);
    Begin<points::v1::EarnResponse>(&Async::Earn, std::move(request), delivery, timeout, std::move(done));
  }

  void SetLabel(const work::Delivery& delivery, absl::Duration timeout, Done done) {
    points::v1::SetMemberLabelRequest request;
    request.set_label(delivery.label);
    *request.mutable_from_time() = rpc::ToProto(delivery.from_time.value_or(delivery.occurred_time));
    if (delivery.until_time) *request.mutable_until_time() = rpc::ToProto(*delivery.until_time);
    Begin<points::v1::SetMemberLabelResponse>(&Async::SetMemberLabel, std::move(request), delivery, timeout,
                                              std::move(done));
  }

  void Reverse(const work::Delivery& delivery, absl::Duration timeout, Done done) {
    points::v1::ReverseEntryRequest request;
    request.set_reversed_request_id(delivery.reversed_request_id);
    request.set_points(delivery.points);
    request.set_reason(delivery.reason);
    Begin<points::v1::ReverseEntryResponse>(&Async::ReverseEntry, std::move(request), delivery, timeout,
                                            std::move(done));
  }

  template <class Response, class Request>
  void Begin(void (Async::*method)(grpc::ClientContext*, const Request*, Response*,
                                   std::function<void(grpc::Status)>),
             Request request, const work::Delivery& delivery, absl::Duration timeout, Done done) {
    auto pending = std::make_shared<Pending<Request, Response>>();
    pending->request = std::move(request);
    pending->request.set_program_id(delivery.program_id);
    pending->request.set_member_id(delivery.member_id);
    pending->request.set_request_id(delivery.request_id);
    pending->request.set_actor(actor_);
    pending->done = std::move(done);
    pending->context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
    (stub_->async()->*method)(
        &pending->context, &pending->request, &pending->response,
        [pending](const grpc::Status& status) { pending->done(rpc::FromGrpc(status)); });
  }

  const std::unique_ptr<Points::StubInterface> stub_;
  const std::string actor_;
};

}  // namespace

std::unique_ptr<PointsCalls> MakePointsCalls(const std::shared_ptr<grpc::Channel>& channel,
                                             std::string actor) {
  return std::make_unique<RealCalls>(channel, std::move(actor));
}

}  // namespace loyalty::delivery
