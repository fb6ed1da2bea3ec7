#include "common/events/event_service.h"

#include <absl/strings/str_cat.h>

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "common/status/status.h"

namespace loyalty::events {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(50);
constexpr int kDefaultEvents = 100;
constexpr int kMaxEvents = 1'000;
constexpr int kMaxHeads = 1'000;
constexpr int kMaxTypes = 50;
constexpr size_t kMaxTypeBytes = 200;

// What ListEvents and WatchEvents ask alike.
template <class Request>
absl::Status Check(const Request& in) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kOptional);
  if (in.after_position() < 0) violations.Add("after_position", "NEGATIVE", "must be 0 or more.");
  CheckCount(violations, "types", static_cast<size_t>(in.types_size()), kMaxTypes);
  for (int i = 0; i < std::min(in.types_size(), kMaxTypes); ++i) {
    CheckText(violations, absl::StrCat("types[", i, "]"), in.types(i), kMaxTypeBytes, Presence::kRequired);
  }
  return violations.ToStatus();
}

// A stream that only says why there is none.
class RefusedWatch final : public grpc::ServerWriteReactor<v1::WatchEventsResponse> {
 public:
  RefusedWatch(const rpc::Method& method, grpc::CallbackServerContext& context, const std::string& program_id,
               const absl::Status& status)
      : call_(method, context, program_id, "") {
    Finish(call_.End(status));
  }
  void OnDone() override { delete this; }

 private:
  rpc::Call call_;
};

}  // namespace

EventServiceImpl::EventServiceImpl(rpc::Adapter& adapter, postgres::Pool& pool, Executor& executor,
                                   metrics::Registry& registry, const std::string& service,
                                   std::unique_ptr<Source> source, absl::Duration silence)
    : adapter_(adapter),
      executor_(executor),
      source_(source ? std::move(source) : std::make_unique<OutboxSource>()),
      reader_(pool, service, *source_),
      hub_(pool, silence),
      poller_("watch_events", kTick, registry, [this]() -> absl::StatusOr<int64_t> {
        LOYALTY_RETURN_IF_ERROR(hub_.Tick());
        return 0;
      }) {}

grpc::ServerUnaryReactor* EventServiceImpl::ListEvents(grpc::CallbackServerContext* context,
                                                       const v1::ListEventsRequest* request,
                                                       v1::ListEventsResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return List(in, out); });
}

grpc::ServerWriteReactor<v1::WatchEventsResponse>* EventServiceImpl::WatchEvents(
    grpc::CallbackServerContext* context, const v1::WatchEventsRequest* request) {
  const rpc::Method& method = adapter_.MethodOf<v1::WatchEventsRequest>();
  if (const absl::Status bad = Check(*request); !bad.ok()) {
    return new RefusedWatch(method, *context, request->program_id(), bad);
  }
  return Watch::Start(method, *context, *request, reader_, hub_, executor_);
}

grpc::ServerUnaryReactor* EventServiceImpl::ListHeads(grpc::CallbackServerContext* context,
                                                      const v1::ListHeadsRequest* request,
                                                      v1::ListHeadsResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    call.LogOnlyFailures();  // followers ask several times a second
    return Heads(in, out);
  });
}

absl::Status EventServiceImpl::List(const v1::ListEventsRequest& in, v1::ListEventsResponse& out) {
  LOYALTY_RETURN_IF_ERROR(Check(in));
  const auto size = rpc::PageSize(in.page_size(), kDefaultEvents, kMaxEvents);
  LOYALTY_RETURN_IF_ERROR(size.status());
  auto page = reader_.Read(in.program_id(), in.after_position(), *size,
                           {{in.types().begin(), in.types().end()}, in.member_id()});
  LOYALTY_RETURN_IF_ERROR(page.status());
  for (v1::Event& event : page->events) *out.add_events() = std::move(event);
  out.set_position(page->position);
  out.set_head_position(page->head);
  return absl::OkStatus();
}

absl::Status EventServiceImpl::Heads(const v1::ListHeadsRequest& in, v1::ListHeadsResponse& out) {
  const auto page = PageByNumber(in, kMaxHeads, 0, kMaxHeads);  // after the key of a program
  LOYALTY_RETURN_IF_ERROR(page.status());
  std::vector<work::ProgramHead> heads;
  LOYALTY_RETURN_IF_ERROR(reader_.pool().Read([&](postgres::Transaction& tx) {
    heads = work::ListHeads(tx, static_cast<int32_t>(page->number), page->size + 1);
    return absl::OkStatus();
  }));
  FillPage(
      out, *page, heads,
      [&](const work::ProgramHead& head) {
        auto& to = *out.add_heads();
        to.set_program_id(head.program_id);
        to.set_position(head.position);
        return to.ByteSizeLong();
      },
      [](const work::ProgramHead& head) { return head.program_key; });
  return absl::OkStatus();
}

}  // namespace loyalty::events
