#include "common/delivery/delivery_service.h"

#include <absl/strings/str_cat.h>

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "common/rpc/time.h"
#include "common/status/status.h"

namespace loyalty::delivery {
namespace {

namespace v1 = events::v1;
using work::Delivery;
using work::DeliveryState;

constexpr int kMaxDeliveries = 500;  // of a page

v1::Delivery ToProto(const Delivery& in) {
  v1::Delivery out;
  out.set_delivery_id(in.id);
  out.set_kind(static_cast<v1::DeliveryKind>(in.kind));  // the same numbers
  out.set_cause(in.cause);
  out.set_part(in.part);
  out.set_member_id(in.member_id);
  out.set_request_id(in.request_id);
  out.set_points(in.points);
  out.set_label(in.label);
  if (in.from_time) *out.mutable_from_time() = rpc::ToProto(*in.from_time);
  if (in.until_time) *out.mutable_until_time() = rpc::ToProto(*in.until_time);
  out.set_reversed_delivery_id(in.reversed_id.value_or(0));
  out.set_reason(in.reason);
  *out.mutable_occurred_time() = rpc::ToProto(in.occurred_time);
  out.set_state(static_cast<v1::DeliveryState>(in.state));
  out.set_attempts(in.attempts);
  if (in.state == DeliveryState::kPending)
    *out.mutable_next_attempt_time() = rpc::ToProto(in.next_attempt_time);
  *out.mutable_create_time() = rpc::ToProto(in.create_time);
  if (in.end_time) *out.mutable_end_time() = rpc::ToProto(*in.end_time);
  out.set_refusal_reason(in.refusal_reason);
  out.set_refusal_message(in.refusal_message);
  return out;
}

// The delivery, if it may be tried again.
absl::StatusOr<Delivery> FindRetriable(work::Work& work, int64_t id) {
  const std::map<std::string, std::string> metadata = {{"delivery_id", absl::StrCat(id)}};
  const auto delivery = work::LockDelivery(work.tx(), work.program().key, id);
  if (!delivery) {
    return Refuse(absl::StatusCode::kNotFound, "DELIVERY_NOT_FOUND",
                  absl::StrCat("There is no delivery ", id, "."), metadata);
  }
  if (delivery->state == DeliveryState::kDelivered || delivery->state == DeliveryState::kCancelled) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "DELIVERY_ENDED",
                  absl::StrCat("The delivery ", id, " was delivered or cancelled already."), metadata);
  }
  if (delivery->kind == work::DeliveryKind::kLabel && delivery->state == DeliveryState::kRefused) {
    if (const auto later = work::FindLaterLabel(work.tx(), *delivery)) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "LABEL_SUPERSEDED",
                    absl::StrCat("The delivery ", *later, " has set the label anew."),
                    {{"delivery_id", absl::StrCat(id)}, {"later_delivery_id", absl::StrCat(*later)}});
    }
  }
  return *delivery;
}

}  // namespace

grpc::ServerUnaryReactor* DeliveryServiceImpl::ListDeliveries(grpc::CallbackServerContext* context,
                                                              const v1::ListDeliveriesRequest* request,
                                                              v1::ListDeliveriesResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return List(in, out); });
}

grpc::ServerUnaryReactor* DeliveryServiceImpl::RetryDelivery(grpc::CallbackServerContext* context,
                                                             const v1::RetryDeliveryRequest* request,
                                                             v1::RetryDeliveryResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Retry(call, in, out);
  });
}

absl::Status DeliveryServiceImpl::List(const v1::ListDeliveriesRequest& in, v1::ListDeliveriesResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kOptional);
  if (!v1::DeliveryState_IsValid(in.state())) violations.Add("state", "MALFORMED", "is not a known state.");
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const absl::StatusOr<Page> page = PageByNumber(in, kMaxDeliveries);
  LOYALTY_RETURN_IF_ERROR(page.status());
  work::DeliveryFilter filter{.member_id = in.member_id()};
  if (in.state() != v1::DELIVERY_STATE_UNSPECIFIED) filter.state = static_cast<DeliveryState>(in.state());
  return runner_.Read(in.program_id(), [&](work::Work& work) {
    out.Clear();
    FillPage(
        out, *page, work::ListDeliveries(work.tx(), work.program().key, filter, page->number, page->size + 1),
        [&](const Delivery& delivery) { return AddTo(*out.mutable_deliveries(), ToProto(delivery)); },
        [](const Delivery& delivery) { return delivery.id; });
    return absl::OkStatus();
  });
}

absl::Status DeliveryServiceImpl::Retry(rpc::Call& call, const v1::RetryDeliveryRequest& in,
                                        v1::RetryDeliveryResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kOptional, Presence::kOptional, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Change(runner_, call, in, out,
                [&](work::Work& work, v1::RetryDeliveryResponse& answer) -> absl::Status {
                  const int32_t key = work.program().key;
                  auto delivery = FindRetriable(work, in.delivery_id());
                  LOYALTY_RETURN_IF_ERROR(delivery.status());
                  std::vector<int64_t> ids = {delivery->id};
                  // What was to take it back does so again, once it has arrived.
                  for (const auto& reversal : work::LockReversals(work.tx(), key, delivery->id))
                    ids.push_back(reversal.id);
                  work::RetryDeliveries(work.tx(), key, ids, work.real_now());
                  delivery->state = DeliveryState::kPending;
                  delivery->next_attempt_time = work.real_now();
                  delivery->end_time = std::nullopt;
                  *answer.mutable_delivery() = ToProto(*delivery);
                  return absl::OkStatus();
                });
}

}  // namespace loyalty::delivery
