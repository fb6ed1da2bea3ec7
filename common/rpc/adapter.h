// What every RPC needs, in one place: deadline check, metrics, log line, error mapping. A handler holds none
// of it.
//
//   Unary* GetBalance(Context* context, const GetBalanceRequest* request, GetBalanceResponse* response) {
//     return adapter_.Blocking(context, request, response, [this](Call&, const auto& in, auto& out) {
//       …
//       return status;
//     });
//   }
//
// Blocking: the handler runs on the executor and may wait for the database. Async: the handler runs on gRPC's
// thread, must not block, and calls `done` once, from any thread. A stream makes a Call of its own with
// MethodOf.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/time/clock.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/batch/executor.h"
#include "common/metrics/metrics.h"
#include "common/rpc/error.h"

namespace loyalty::rpc {

// Counts the calls under way, so that a server knows when it may go. Without a lock: every call passes here
// twice.
class ActiveCalls {
 public:
  void Begin() { ++count_; }
  void End() { --count_; }
  bool closed() const { return closed_; }

  // From now on calls are refused. Waits until none is under way, at most so long.
  void Close(absl::Duration patience) {
    closed_ = true;
    const absl::Time end = absl::Now() + patience;
    while (count_ > 0 && absl::Now() < end) absl::SleepFor(absl::Milliseconds(1));
  }

 private:
  std::atomic<int> count_ = 0;
  std::atomic<bool> closed_ = false;
};

// One RPC of the contract, and its metrics.
struct Method {
  static constexpr int kCodes = 17;
  std::string name;    // loyalty.points.v1.PointsService/Earn
  std::string domain;  // loyalty.points.v1
  ActiveCalls* active;
  metrics::Counter* started;
  metrics::Histogram* seconds;
  metrics::Counter* replayed;
  metrics::Family<metrics::Counter>* refused;  // its series: these labels and a reason
  metrics::Labels labels;
  std::array<metrics::Counter*, kCodes> handled;
};

// One call that is under way.
class Call {
 public:
  Call(const Method& method, grpc::CallbackServerContext& context, std::string program_id,
       std::string request_id);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  absl::Time deadline() const { return deadline_; }
  const std::string& request_id() const { return request_id_; }
  const std::string& domain() const { return method_.domain; }

  // Of a stream, whose program comes with its first message.
  void SetProgram(const std::string& program_id) { program_id_ = program_id; }

  // Tells the caller, in the trailing metadata, that this is the answer of an earlier call.
  void SetReplayed() {
    method_.replayed->Increment();
    context_.AddTrailingMetadata("replayed", "true");
  }

  // For what is called so often that a line for each call that goes well would bury the others.
  void LogOnlyFailures() { log_only_failures_ = true; }

  // Counts, logs and converts the outcome. Once.
  grpc::Status End(const absl::Status& status);

 private:
  const Method& method_;
  grpc::CallbackServerContext& context_;
  std::string program_id_;
  const std::string request_id_;
  bool log_only_failures_ = false;
  const absl::Time deadline_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class Adapter {
 public:
  using Done = std::function<void(absl::Status)>;

  // `services`: full names, as in PointsService::service_full_name(). Every method × code has its metric from
  // the start, so that a rate over it has a beginning.
  Adapter(const std::vector<std::string>& services, Executor& executor, metrics::Registry& registry);

  template <class Request>
  std::shared_ptr<Call> Begin(grpc::CallbackServerContext* context, const Request* request) {
    std::string program_id, request_id;
    if constexpr (requires { request->program_id(); }) program_id = request->program_id();
    // Where a thing is created, it names its program itself.
    if constexpr (requires { request->program().program_id(); }) program_id = request->program().program_id();
    if constexpr (requires { request->rule().program_id(); }) program_id = request->rule().program_id();
    if constexpr (requires { request->plan().program_id(); }) program_id = request->plan().program_id();
    if constexpr (requires { request->request_id(); }) request_id = request->request_id();
    return std::make_shared<Call>(MethodOf<Request>(), *context, std::move(program_id),
                                  std::move(request_id));
  }

  template <class Request>
  const Method& MethodOf() const {
    return *methods_.at(Request::descriptor());
  }

  template <class Request, class Response, class Handler>
  grpc::ServerUnaryReactor* Async(grpc::CallbackServerContext* context, const Request* request,
                                  Response* response, Handler handler) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    std::shared_ptr<Call> call = Begin(context, request);
    if (const absl::Status refused = Admit(*call); !refused.ok()) {
      reactor->Finish(call->End(refused));
      return reactor;
    }
    Call& begun = *call;
    handler(begun, *request, *response, Done([reactor, call = std::move(call)](const absl::Status& status) {
              reactor->Finish(call->End(status));
            }));
    return reactor;
  }

  template <class Request, class Response, class Handler>
  grpc::ServerUnaryReactor* Blocking(grpc::CallbackServerContext* context, const Request* request,
                                     Response* response, Handler handler) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    std::shared_ptr<Call> call = Begin(context, request);
    const bool queued = executor_.TrySubmit([this, reactor, call, request, response, handler] {
      const absl::Status refused = Admit(*call);
      reactor->Finish(call->End(refused.ok() ? handler(*call, *request, *response) : refused));
    });
    if (!queued) reactor->Finish(call->End(QueueFull()));
    return reactor;
  }

  // Refuses calls from now on, and waits for those under way, at most so long.
  void Close(absl::Duration patience) { active_.Close(patience); }

 private:
  // OK unless the deadline has passed or the server is going.
  absl::Status Admit(const Call& call) const;
  static absl::Status QueueFull();

  Executor& executor_;
  ActiveCalls active_;
  // By the descriptor of the request, which belongs to one RPC (buf STANDARD: a request message of its own
  // each).
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<Method>> methods_;
};

}  // namespace loyalty::rpc
