#include "common/events/follower.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/log/log.h"
#include "common/postgres/errors.h"
#include "common/rpc/error.h"
#include "common/status/status.h"

namespace loyalty::events {
namespace {

constexpr int kHeadsPage = 1'000;
constexpr std::chrono::seconds kTimeout(5);

// It says nothing about the event: it will pass.
bool WillPass(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:  // the commit is in doubt: the position will tell
      return true;
    default:
      return false;
  }
}

template <class Request, class Response>
absl::Status Call(v1::EventService::StubInterface& stub,
                  grpc::Status (v1::EventService::StubInterface::*method)(grpc::ClientContext*,
                                                                          const Request&, Response*),
                  const Request& request, Response& response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kTimeout);
  return rpc::FromGrpc((stub.*method)(&context, request, &response));
}

}  // namespace

std::string ErrorText(const absl::Status& error) {
  if (error.code() == absl::StatusCode::kInternal || error.code() == absl::StatusCode::kUnknown) {
    return "INTERNAL: see the server's log";
  }
  const auto refusal = RefusalOf(error);
  return absl::StrCat(refusal ? refusal->reason : absl::StatusCodeToString(error.code()), ": ",
                      error.message());
}

Follower::Follower(Followed followed, work::Runner& runner, postgres::Pool& pool, metrics::Registry& registry)
    : followed_(std::move(followed)),
      actor_(absl::StrCat("loyalty-", runner.service())),
      stub_(v1::EventService::NewStub(followed_.channel)),
      runner_(runner),
      pool_(pool),
      lag_(prometheus::BuildGauge()
               .Name("loyalty_follower_lag_events")
               .Help("Events of another service that have not been taken in yet.")
               .Register(registry)
               .Add({{"source", followed_.source}})),
      set_aside_(prometheus::BuildCounter()
                     .Name("loyalty_follower_set_aside_total")
                     .Help("Events of another service that could not be taken in.")
                     .Register(registry)
                     .Add({{"source", followed_.source}})) {}

absl::StatusOr<int64_t> Follower::RunOnce() {
  const auto heads = Heads();
  LOYALTY_RETURN_IF_ERROR(heads.status());
  int64_t done = 0, lag = 0;
  absl::Status failure;
  for (const v1::Head& head : *heads) {
    const auto position = Position(head.program_id());
    if (absl::IsNotFound(position.status())) continue;  // not a program of this database
    LOYALTY_RETURN_IF_ERROR(position.status());
    if (*position >= head.position()) continue;
    const auto taken = TakePage(head.program_id(), *position);
    if (taken.ok()) {
      done += taken->events;
      lag += std::max<int64_t>(0, head.position() - taken->position);
    } else {
      lag += head.position() - *position;
      failure.Update(taken.status());
    }
  }
  lag_.Set(static_cast<double>(lag));
  if (done == 0 && !failure.ok()) return failure;
  return done;
}

absl::StatusOr<int64_t> Follower::Drain(const std::string& program_id) {
  int64_t done = 0;
  while (true) {
    const auto position = Position(program_id);
    LOYALTY_RETURN_IF_ERROR(position.status());
    const auto taken = TakePage(program_id, *position);
    LOYALTY_RETURN_IF_ERROR(taken.status());
    done += taken->events;
    if (taken->position >= taken->head) return done;
  }
}

absl::StatusOr<std::vector<v1::Head>> Follower::Heads() {
  std::vector<v1::Head> heads;
  v1::ListHeadsRequest request;
  v1::ListHeadsResponse response;
  request.set_page_size(kHeadsPage);
  do {
    LOYALTY_RETURN_IF_ERROR(Call(*stub_, &v1::EventService::StubInterface::ListHeads, request, response));
    heads.insert(heads.end(), response.heads().begin(), response.heads().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return heads;
}

absl::StatusOr<int64_t> Follower::Position(const std::string& program_id) {
  {
    absl::MutexLock lock(&mutex_);
    const auto it = positions_.find(program_id);
    if (it != positions_.end()) return it->second;
  }
  int64_t position = 0;
  LOYALTY_RETURN_IF_ERROR(runner_.Read(program_id, [&](work::Work& work) {
    position = work::FindFollowed(work.tx(), work.program().key, followed_.source);
    return absl::OkStatus();
  }));
  return position;
}

void Follower::Remember(const std::string& program_id, int64_t position) {
  absl::MutexLock lock(&mutex_);
  positions_[program_id] = position;
}

absl::StatusOr<Follower::Taken> Follower::TakePage(const std::string& program_id, int64_t after) {
  v1::ListEventsRequest request;
  v1::ListEventsResponse response;
  request.set_program_id(program_id);
  request.set_after_position(after);
  request.set_page_size(followed_.events_in_transaction);
  request.mutable_types()->Assign(followed_.types.begin(), followed_.types.end());
  LOYALTY_RETURN_IF_ERROR(Call(*stub_, &v1::EventService::StubInterface::ListEvents, request, response));
  if (response.position() <= after) return Taken{0, after, response.head_position()};

  std::vector<const v1::Event*> events;
  for (const v1::Event& event : response.events()) events.push_back(&event);
  auto taken = Apply(program_id, events, after, response.position());
  if (!taken.ok() && !WillPass(taken.status())) {
    taken = ApplyEach(program_id, events, after, response.position());
  }
  if (taken.ok()) taken->head = response.head_position();
  return taken;
}

absl::StatusOr<Follower::Taken> Follower::Apply(const std::string& program_id,
                                                std::span<const v1::Event* const> events, int64_t after,
                                                int64_t position) {
  Taken taken;
  const absl::Status status = runner_.Do(program_id, actor_, [&](work::Work& work) -> absl::Status {
    taken = {};
    taken.position = work::LockFollowed(work.tx(), work.program().key, followed_.source);
    if (taken.position < after || taken.position >= position)
      return absl::OkStatus();  // look again from there
    for (const v1::Event* event : events) {
      if (event->position() <= taken.position) continue;
      LOYALTY_RETURN_IF_ERROR(followed_.handle(work, *event));
      ++taken.events;
    }
    work::SetFollowed(work.tx(), work.program().key, followed_.source, position);
    taken.position = position;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  Remember(program_id, taken.position);
  return taken;
}

// One of them cannot be taken in: those before it are, and it is tried once more.
absl::StatusOr<Follower::Taken> Follower::ApplyEach(const std::string& program_id,
                                                    std::span<const v1::Event* const> events, int64_t after,
                                                    int64_t position) {
  Taken all{.position = after};
  for (size_t i = 0; i < events.size(); ++i) {
    const v1::Event& event = *events[i];
    const auto taken = Apply(program_id, events.subspan(i, 1), all.position, event.position());
    if (taken.ok()) {
      all.events += taken->events;
      all.position = taken->position;
      if (taken->position < event.position()) return all;
      continue;
    }
    if (WillPass(taken.status())) return taken.status();
    log::Error(
        "an event cannot be taken in",
        {{"event_id", event.event_id()}, {"type", event.type()}, {"error", taken.status().ToString()}});
    int count;
    {
      absl::MutexLock lock(&mutex_);
      Failures& failures = failures_[program_id];
      if (failures.position != event.position()) failures = {event.position(), 0};
      count = ++failures.count;
    }
    if (count < kAttempts) return all;
    LOYALTY_RETURN_IF_ERROR(SetAside(event, taken.status()));
    ++all.events;
    all.position = event.position();
  }
  const auto rest = Apply(program_id, {}, all.position, position);
  LOYALTY_RETURN_IF_ERROR(rest.status());
  all.position = rest->position;
  return all;
}

absl::Status Follower::SetAside(const v1::Event& event, const absl::Status& error) {
  bool ours = false;
  const absl::Status status = runner_.Do(event.program_id(), actor_, [&](work::Work& work) {
    const int32_t key = work.program().key;
    ours = work::LockFollowed(work.tx(), key, followed_.source) < event.position();
    if (!ours) return absl::OkStatus();
    work::InsertSetAside(work.tx(), key,
                         {.source = followed_.source,
                          .position = event.position(),
                          .event = event.SerializeAsString(),
                          .error = ErrorText(error),
                          .attempts = kAttempts,
                          .create_time = work.real_now()});
    work::SetFollowed(work.tx(), key, followed_.source, event.position());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  Remember(event.program_id(), event.position());
  if (ours) set_aside_.Increment();
  return absl::OkStatus();
}

}  // namespace loyalty::events
