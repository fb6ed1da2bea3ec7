#include "common/events/follower_service.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <google/protobuf/util/time_util.h>

#include "common/log/log.h"
#include "common/rpc/check.h"
#include "common/rpc/page_token.h"
#include "common/status/status.h"

namespace loyalty::events {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 500;

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
  rpc::CheckText(violations, "program_id", in.program_id(), rpc::kMaxIdBytes, true);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const auto size = rpc::PageSize(in.page_size(), kDefaultPage, kMaxPage);
  LOYALTY_RETURN_IF_ERROR(size.status());
  const Digest filter = Fingerprint().Add("ListSetAsideEvents").Add(in.program_id()).Finish();
  std::string source;
  int64_t position = 0;
  if (!in.page_token().empty()) {  // position and source
    const auto cursor = rpc::ReadPageToken(filter, in.page_token());
    LOYALTY_RETURN_IF_ERROR(cursor.status());
    const std::pair<std::string, std::string> parts = absl::StrSplit(*cursor, absl::MaxSplits(' ', 1));
    if (!absl::SimpleAtoi(parts.first, &position))
      return absl::InternalError("a page token without a position");
    source = parts.second;
  }
  return runner_.Read(in.program_id(), [&](work::Work& work) {
    out.Clear();
    const auto events = work::ListSetAside(work.tx(), work.program().key, source, position, *size);
    for (const work::SetAside& event : events) {
      auto& to = *out.add_events();
      to.set_source(event.source);
      to.mutable_event()->ParseFromString(event.event);
      to.set_error(event.error);
      to.set_attempts(event.attempts);
      *to.mutable_create_time() =
          google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(event.create_time));
    }
    if (static_cast<int>(events.size()) == *size) {
      out.set_next_page_token(
          rpc::MakePageToken(filter, absl::StrCat(events.back().position, " ", events.back().source)));
    }
    return absl::OkStatus();
  });
}

absl::Status FollowerServiceImpl::Retry(rpc::Call& call, const v1::RetrySetAsideEventRequest& in,
                                        v1::RetrySetAsideEventResponse& out) {
  Violations violations;
  rpc::CheckText(violations, "program_id", in.program_id(), rpc::kMaxIdBytes, true);
  rpc::CheckText(violations, "request_id", in.request_id(), rpc::kMaxRequestIdBytes, false);
  rpc::CheckText(violations, "source", in.source(), rpc::kMaxIdBytes, true);
  rpc::CheckText(violations, "actor", in.actor(), rpc::kMaxIdBytes, false);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  Follower* follower = nullptr;
  for (Follower* one : followers_) {
    if (one->source() == in.source()) follower = one;
  }
  if (follower == nullptr) return NotSetAside(in);

  absl::Status error;  // of the event
  const auto done = runner_.Mutate(work::MutationOf(in), out, [&](work::Work& work, auto&) -> absl::Status {
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
  if (done.ok() && done->replayed) call.SetReplayed();
  if (error.ok() || done.ok()) return done.status();
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
