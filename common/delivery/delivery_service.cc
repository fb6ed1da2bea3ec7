#include "common/delivery/delivery_service.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include <limits>

#include "common/rpc/check.h"
#include "common/rpc/page_token.h"
#include "common/status/status.h"

namespace loyalty::delivery {
namespace {

namespace v1 = events::v1;
using work::Delivery;
using work::DeliveryState;

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 500;

void Set(google::protobuf::Timestamp* to, absl::Time time) {
  *to = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

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
  if (in.from_time) Set(out.mutable_from_time(), *in.from_time);
  if (in.until_time) Set(out.mutable_until_time(), *in.until_time);
  out.set_reversed_delivery_id(in.reversed_id.value_or(0));
  out.set_reason(in.reason);
  Set(out.mutable_occurred_time(), in.occurred_time);
  out.set_state(static_cast<v1::DeliveryState>(in.state));
  out.set_attempts(in.attempts);
  if (in.state == DeliveryState::kPending) Set(out.mutable_next_attempt_time(), in.next_attempt_time);
  Set(out.mutable_create_time(), in.create_time);
  if (in.end_time) Set(out.mutable_end_time(), *in.end_time);
  out.set_refusal_reason(in.refusal_reason);
  out.set_refusal_message(in.refusal_message);
  return out;
}

absl::StatusOr<int64_t> BeforeId(const Digest& filter, const std::string& token) {
  if (token.empty()) return std::numeric_limits<int64_t>::max();
  const auto cursor = rpc::ReadPageToken(filter, token);
  LOYALTY_RETURN_IF_ERROR(cursor.status());
  int64_t id = 0;
  if (!absl::SimpleAtoi(*cursor, &id)) return absl::InternalError("a page token without an id");
  return id;
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
  rpc::CheckText(violations, "program_id", in.program_id(), rpc::kMaxIdBytes, true);
  rpc::CheckText(violations, "member_id", in.member_id(), rpc::kMaxIdBytes, false);
  if (!v1::DeliveryState_IsValid(in.state())) violations.Add("state", "MALFORMED", "is not a known state.");
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const auto size = rpc::PageSize(in.page_size(), kDefaultPage, kMaxPage);
  LOYALTY_RETURN_IF_ERROR(size.status());
  work::DeliveryFilter filter{.member_id = in.member_id()};
  if (in.state() != v1::DELIVERY_STATE_UNSPECIFIED) filter.state = static_cast<DeliveryState>(in.state());
  const Digest digest = Fingerprint()
                            .Add("ListDeliveries")
                            .Add(in.program_id())
                            .Add(static_cast<int64_t>(in.state()))
                            .Add(in.member_id())
                            .Finish();
  const auto before = BeforeId(digest, in.page_token());
  LOYALTY_RETURN_IF_ERROR(before.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) {
    out.Clear();
    const auto deliveries = work::ListDeliveries(work.tx(), work.program().key, filter, *before, *size);
    for (const Delivery& delivery : deliveries) *out.add_deliveries() = ToProto(delivery);
    if (static_cast<int>(deliveries.size()) == *size) {
      out.set_next_page_token(rpc::MakePageToken(digest, absl::StrCat(deliveries.back().id)));
    }
    return absl::OkStatus();
  });
}

absl::Status DeliveryServiceImpl::Retry(rpc::Call& call, const v1::RetryDeliveryRequest& in,
                                        v1::RetryDeliveryResponse& out) {
  Violations violations;
  rpc::CheckText(violations, "program_id", in.program_id(), rpc::kMaxIdBytes, true);
  rpc::CheckText(violations, "request_id", in.request_id(), rpc::kMaxRequestIdBytes, false);
  rpc::CheckText(violations, "actor", in.actor(), rpc::kMaxIdBytes, false);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const auto done = runner_.Mutate(
      work::MutationOf(in), out, [&](work::Work& work, v1::RetryDeliveryResponse& answer) -> absl::Status {
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
  if (done.ok() && done->replayed) call.SetReplayed();
  return done.status();
}

}  // namespace loyalty::delivery
