#include "common/rpc/adapter.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>

#include <algorithm>
#include <cstdlib>

#include "common/log/log.h"
#include "common/status/status.h"

namespace loyalty::rpc {
namespace {

constexpr std::array<const char*, Method::kCodes> kCodeNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

const char* TypeOf(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming()) return method.server_streaming() ? "bidi_stream" : "client_stream";
  return method.server_streaming() ? "server_stream" : "unary";
}

// The trace id of a W3C traceparent header, 00-<trace id>-<span id>-<flags>; empty if there is none.
std::string TraceId(const grpc::CallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  if (metadata.empty()) return "";
  const auto it = metadata.find("traceparent");
  if (it == metadata.end() || it->second.size() < 36) return "";
  std::string id(it->second.data() + 3, 32);
  return std::all_of(id.begin(), id.end(), absl::ascii_isxdigit) ? id : "";
}

// An id is at most 64 bytes long; one that is not has been refused, and need not fill the log.
absl::string_view Short(absl::string_view id) { return id.substr(0, 64); }

}  // namespace

Call::Call(const Method& method, grpc::CallbackServerContext& context, std::string program_id,
           std::string request_id)
    : method_(method),
      context_(context),
      program_id_(std::move(program_id)),
      request_id_(std::move(request_id)),
      deadline_(absl::FromChrono(context.deadline())) {
  method_.active->Begin();
  method_.started->Increment();
}

Call::~Call() { method_.active->End(); }

grpc::Status Call::End(const absl::Status& status) {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  method_.seconds->Observe(seconds);
  grpc::Status out = ToGrpc(status, method_.domain);
  const auto code = static_cast<size_t>(out.error_code());
  method_.handled[code]->Increment();

  if (log_only_failures_ && status.ok()) return out;
  const std::string milliseconds = absl::StrCat(static_cast<int64_t>(seconds * 1e6) / 1e3);
  const auto write = status.ok() || !(out.error_code() == grpc::INTERNAL) ? log::Info : log::Error;
  // The message of a refusal may quote what the caller sent; the log gets its reason only.
  const auto refusal = status.ok() ? std::nullopt : RefusalOf(status);
  if (refusal) {
    metrics::Labels labels = method_.labels;
    labels["reason"] = refusal->reason;
    method_.refused->Add(labels).Increment();
  }
  const std::string reason = out.error_code() == grpc::INTERNAL ? status.ToString()
                             : refusal                          ? refusal->reason
                                                                : "";
  write("call", {{"method", method_.name},
                 {"code", kCodeNames[code]},
                 {"reason", reason},
                 {"ms", milliseconds},
                 {"request_id", Short(request_id_)},
                 {"program", Short(program_id_)},
                 {"trace_id", TraceId(context_)}});
  return out;
}

Adapter::Adapter(const std::vector<std::string>& services, Executor& executor, metrics::Registry& registry)
    : executor_(executor) {
  auto& started = prometheus::BuildCounter()
                      .Name("grpc_server_started_total")
                      .Help("RPCs started on the server.")
                      .Register(registry);
  auto& handled = prometheus::BuildCounter()
                      .Name("grpc_server_handled_total")
                      .Help("RPCs completed on the server, by their code.")
                      .Register(registry);
  auto& seconds =
      metrics::SecondsFamily(registry, "grpc_server_handling_seconds", "Time of an RPC on the server.");
  auto& replayed = prometheus::BuildCounter()
                       .Name("loyalty_replays_total")
                       .Help("RPCs answered with the kept answer of an earlier call.")
                       .Register(registry);
  auto& refused = prometheus::BuildCounter()
                      .Name("loyalty_refusals_total")
                      .Help("RPCs that were refused, by the reason.")
                      .Register(registry);
  for (const std::string& name : services) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) {
      log::Error("the program was linked without a contract that it serves", {{"contract", name}});
      std::abort();
    }
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& descriptor = *service->method(i);
      auto method = std::make_unique<Method>();
      method->labels = {{"grpc_service", service->full_name()}, {"grpc_method", descriptor.name()}};
      method->replayed = &replayed.Add(method->labels);
      method->refused = &refused;
      metrics::Labels labels = method->labels;
      labels["grpc_type"] = TypeOf(descriptor);
      method->name = absl::StrCat(service->full_name(), "/", descriptor.name());
      method->domain = service->file()->package();
      method->active = &active_;
      method->started = &started.Add(labels);
      method->seconds = &seconds.Add(labels, metrics::kSecondsBuckets);
      for (int code = 0; code < Method::kCodes; ++code) {
        labels["grpc_code"] = kCodeNames[static_cast<size_t>(code)];
        method->handled[static_cast<size_t>(code)] = &handled.Add(labels);
      }
      methods_.emplace(descriptor.input_type(), std::move(method));
    }
  }
}

absl::Status Adapter::Admit(const Call& call) const {
  if (active_.closed()) {
    return Refuse(absl::StatusCode::kUnavailable, "UNAVAILABLE",
                  "The server is shutting down. Nothing was done; try again with the same request id.");
  }
  if (call.deadline() < absl::Now()) {
    return Refuse(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED",
                  "The deadline passed while the call waited. Nothing was done.");
  }
  return absl::OkStatus();
}

absl::Status Adapter::QueueFull() {
  return Refuse(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                "Too much work is queued. Nothing was done; try again a little later.");
}

}  // namespace loyalty::rpc
