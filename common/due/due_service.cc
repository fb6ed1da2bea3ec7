#include "common/due/due_service.h"

#include <absl/time/clock.h>

#include <algorithm>

#include "common/handler/request.h"
#include "common/rpc/time.h"
#include "common/status/status.h"

namespace loyalty::due {
namespace {

constexpr absl::Duration kLongest = absl::Seconds(20);  // of one RunDue, but for its last round

}  // namespace

grpc::ServerUnaryReactor* DueServiceImpl::NextDue(grpc::CallbackServerContext* context,
                                                  const admin::v1::NextDueRequest* request,
                                                  admin::v1::NextDueResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) -> absl::Status {
                             LOYALTY_RETURN_IF_ERROR(CheckProgram(in));
                             const auto next = due_.NextDue(in.program_id());
                             LOYALTY_RETURN_IF_ERROR(next.status());
                             if (*next) *out.mutable_due_time() = rpc::ToProto(**next);
                             return absl::OkStatus();
                           });
}

grpc::ServerUnaryReactor* DueServiceImpl::RunDue(grpc::CallbackServerContext* context,
                                                 const admin::v1::RunDueRequest* request,
                                                 admin::v1::RunDueResponse* response) {
  return adapter_.Blocking(
      context, request, response, [this](rpc::Call& call, const auto& in, auto& out) -> absl::Status {
        Violations violations;
        CheckProgram(in, violations);
        CheckText(violations, "request_id", in.request_id(), kMaxRequestIdBytes, Presence::kOptional);
        LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
        if (in.validate_only()) return runner_.Find(in.program_id()).status();
        const absl::Time end = std::min(absl::Now() + kLongest, call.deadline() - absl::Seconds(1));
        const auto done = due_.RunAll(in.program_id(), end);
        LOYALTY_RETURN_IF_ERROR(done.status());
        out.set_done_count(*done);
        return absl::OkStatus();
      });
}

}  // namespace loyalty::due
