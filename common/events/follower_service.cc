#include "common/events/follower_service.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "common/log/log.h"
#include "common/rpc/time.h"
#include "common/status/status.h"

namespace loyalty::events {
namespace {

constexpr int kMaxSetAside = 500;  // of a page

v1::SetAsideEvent ToProto(const work::SetAside& event) {
  v1::SetAsideEvent out;
  out.set_source(event.source);
  out.mutable_event()->ParseFromString(event.event);
  out.set_error(event.error);
  out.set_attempts(event.attempts);
  *out.mutable_create_time() = rpc::ToProto(event.create_time);
  return out;
}

absl::Status NotSetAside(const v1::RetrySetAsideEventRequest& in) {
  return Refuse(absl::StatusCode::kNotFound, "SET_ASIDE_EVENT_NOT_FOUND",
                absl::StrCat("No event ", in.position(), " of ", in.source(), " is set aside."),
                {{"source", in.source()}, {"position", absl::StrCat(in.position())}});
}

}  // namespace

grpc::ServerUnaryReactor* FollowerServiceImpl::ListSetAsideEvents(
    grpc::CallbackServerContext* context, const v1::ListSetAsideEventsRequest* request,
    v1::ListSetAsideEventsResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return List(in, out); });
}

grpc::ServerUnaryReactor* FollowerServiceImpl::RetrySetAsideEvent(
    grpc::CallbackServerContext* context, const v1::RetrySetAsideEventRequest* request,
    v1::RetrySetAsideEventResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Retry(call, in, out);
  });
}

absl::Status FollowerServiceImpl::List(const v1::ListSetAsideEventsRequest& in,
                                       v1::ListSetAsideEventsResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const auto page = PageOf(in, kMaxSetAside);
  LOYALTY_RETURN_IF_ERROR(page.status());
  std::string source;
  int64_t position = 0;
  if (!page->cursor.empty()) {  // position and source
    const std::pair<std::string, std::string> parts = absl::StrSplit(page->cursor, absl::MaxSplits(' ', 1));
    if (!absl::SimpleAtoi(parts.first, &position)) return rpc::PageTokenInvalid();
    source = parts.second;
  }
  return runner_.Read(in.program_id(), [&](work::Work& work) {
    out.Clear();
    FillPage(
        out, *page, work::ListSetAside(work.tx(), work.program().key, source, position, page->size + 1),
        [&](const work::SetAside& event) { return AddTo(*out.mutable_events(), ToProto(event)); },
        [](const work::SetAside& event) { return absl::StrCat(event.position, " ", event.source); });
    return absl::OkStatus();
  });
}

absl::Status FollowerServiceImpl::Retry(rpc::Call& call, const v1::RetrySetAsideEventRequest& in,
                                        v1::RetrySetAsideEventResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kOptional, Presence::kOptional, violations);
  CheckText(violations, "source", in.source(), kMaxNameBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  Follower* follower = nullptr;
  for (Follower* one : followers_) {
    if (one->source() == in.source()) follower = one;
  }
  if (follower == nullptr) return NotSetAside(in);

  absl::Status error;  // of the event
  const absl::Status done = Change(runner_, call, in, out, [&](work::Work& work, auto&) -> absl::Status {
    error = absl::OkStatus();
    const int32_t key = work.program().key;
    const auto stored = work::LockSetAside(work.tx(), key, in.source(), in.position());
    if (!stored) return NotSetAside(in);
    v1::Event event;
    event.ParseFromString(*stored);
    error = follower->handler()(work, event);
    LOYALTY_RETURN_IF_ERROR(error);
    work::DeleteSetAside(work.tx(), key, in.source(), in.position());
    return absl::OkStatus();
  });
  if (error.ok() || done.ok()) return done;
  log::Error("an event cannot be taken in",
             {{"position", absl::StrCat(in.position())}, {"error", error.ToString()}});
  if (!in.validate_only()) {
    LOYALTY_RETURN_IF_ERROR(runner_.Do(in.program_id(), in.actor(), [&](work::Work& work) {
      work::NoteSetAsideFailure(work.tx(), work.program().key, in.source(), in.position(), ErrorText(error));
      return absl::OkStatus();
    }));
  }
  return Refuse(absl::StatusCode::kFailedPrecondition, "EVENT_FAILED",
                absl::StrCat("The event cannot be taken in: ", ErrorText(error)),
                {{"error", ErrorText(error)}});
}

}  // namespace loyalty::events
