// The calls to the points service that deliver something.
#pragma once

#include <absl/status/status.h>
#include <absl/time/time.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "common/work/deliveries.h"

namespace loyalty::delivery {

class PointsCalls {
 public:
  using Done = std::function<void(const absl::Status&)>;
  virtual ~PointsCalls() = default;

  // Begins the call and returns; `done` gets its outcome once, from any thread, at the latest after
  // `timeout`. Errors carry the refusal that points sent (common/status/status.h).
  virtual void Send(const work::Delivery& delivery, absl::Duration timeout, Done done) = 0;
};

// Earn, SetMemberLabel and ReverseEntry of loyalty.points.v1. `actor` is who asks for them:
// "loyalty-referral".
std::unique_ptr<PointsCalls> MakePointsCalls(const std::shared_ptr<grpc::Channel>& channel,
                                             std::string actor);

}  // namespace loyalty::delivery
