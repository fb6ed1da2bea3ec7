#include "common/rpc/error.h"

#include <absl/strings/str_replace.h>

#include "common/status/status.h"

namespace loyalty::rpc {
namespace {

constexpr char kInternalText[] = "Internal error. The server's log has the details under this request id.";
constexpr int64_t kRetryMilliseconds = 200;
// The trailers of a call hold 8 KiB, in base 64, with the message beside it and in it.
constexpr size_t kMostViolationBytes = 2'500;

// gRPC's own reasons for an error that carries none: a deadline, a cancellation, a fault.
Refusal RefusalOrDefault(const absl::Status& status) {
  if (auto refusal = RefusalOf(status)) return *std::move(refusal);
  return Refusal{status.code() == absl::StatusCode::kUnavailable ? "UNAVAILABLE" : "INTERNAL", {}, {}};
}

}  // namespace

v1::Status ToWire(const absl::Status& status, absl::string_view domain) {
  const bool internal =
      status.code() == absl::StatusCode::kInternal || status.code() == absl::StatusCode::kUnknown;
  const Refusal refusal = internal ? Refusal{"INTERNAL", {}, {}} : RefusalOrDefault(status);

  v1::Status wire;
  wire.set_code(static_cast<int>(internal ? absl::StatusCode::kInternal : status.code()));
  wire.set_message(internal ? kInternalText : std::string(status.message()));
  v1::ErrorInfo info;
  info.set_reason(refusal.reason);
  info.set_domain(std::string(domain));
  info.mutable_metadata()->insert(refusal.metadata.begin(), refusal.metadata.end());
  info.mutable_metadata()->erase("sqlstate");  // ours to decide by, nobody else's
  wire.add_details()->PackFrom(info);
  if (!refusal.violations.empty()) {
    v1::BadRequest bad;
    size_t bytes = 0;
    for (const Violation& violation : refusal.violations) {
      bytes += violation.field.size() + violation.reason.size() + violation.description.size();
      if (bytes > kMostViolationBytes && bad.field_violations_size() > 0) break;
      auto& out = *bad.add_field_violations();
      out.set_field(violation.field);
      out.set_description(violation.description);
      out.set_reason(violation.reason);
    }
    wire.add_details()->PackFrom(bad);
  }
  if (status.code() == absl::StatusCode::kUnavailable ||
      status.code() == absl::StatusCode::kResourceExhausted) {
    v1::RetryInfo retry;
    retry.mutable_retry_delay()->set_nanos(kRetryMilliseconds * 1'000'000);
    wire.add_details()->PackFrom(retry);
  }
  return wire;
}

grpc::Status ToGrpc(const absl::Status& status, absl::string_view domain) {
  if (status.ok()) return grpc::Status::OK;
  v1::Status wire = ToWire(status, domain);
  for (google::protobuf::Any& detail : *wire.mutable_details()) {
    detail.set_type_url(absl::StrReplaceAll(detail.type_url(), {{"/loyalty.rpc.v1.", "/google.rpc."}}));
  }
  return grpc::Status(static_cast<grpc::StatusCode>(wire.code()), wire.message(), wire.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  v1::Status wire;
  if (!wire.ParseFromString(status.error_details())) wire.Clear();
  for (const google::protobuf::Any& detail : wire.details()) {
    v1::ErrorInfo info;
    if (detail.type_url() != "type.googleapis.com/google.rpc.ErrorInfo" ||
        !info.ParseFromString(detail.value()))
      continue;
    return Refuse(code, info.reason(), status.error_message(),
                  {info.metadata().begin(), info.metadata().end()});
  }
  return absl::Status(code, status.error_message());
}

}  // namespace loyalty::rpc
