#include "common/due/clock_service.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>

#include <algorithm>

#include "common/handler/request.h"
#include "common/platform/program.h"
#include "common/rpc/channel.h"
#include "common/rpc/error.h"
#include "common/rpc/time.h"
#include "common/status/status.h"

namespace loyalty::due {
namespace {

namespace v1 = admin::v1;

constexpr absl::Duration kFarthest = absl::Hours(24 * 366 * 10);
constexpr absl::Duration kCallTimeout = absl::Seconds(60);
constexpr absl::Duration kPause = absl::Milliseconds(20);
constexpr absl::Duration kStuck = absl::Seconds(10);  // something is due, and nobody does it

void SetClock(v1::Clock& out, const std::string& program_id, const platform::TestClock& clock) {
  out.set_program_id(program_id);
  *out.mutable_clock_time() = rpc::ToProto(clock.clock_time);
  *out.mutable_target_time() = rpc::ToProto(clock.target_time);
}

absl::Status CheckTarget(absl::Time target, absl::Time clock) {
  Violations violations;
  const std::string now = absl::FormatTime(clock, absl::UTCTimeZone());
  if (target < clock) {
    violations.Add("target_time", "TIME_OUT_OF_RANGE",
                   absl::StrCat("must not be before the clock's time, ", now, "."), {{"clock_time", now}});
  } else if (target > clock + kFarthest) {
    const std::string limit = absl::FormatTime(clock + kFarthest, absl::UTCTimeZone());
    violations.Add("target_time", "TIME_OUT_OF_RANGE", absl::StrCat("must be at most ", limit, "."),
                   {{"limit_time", limit}});
  }
  return violations.ToStatus();
}

absl::Status DeadlinePassed() {
  return Refuse(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED",
                "The deadline passed on the way. The same call goes on where this one was.");
}

// An error of another service, as ours: what helps is to call again.
absl::Status Because(const grpc::Status& status) {
  if (status.error_code() == grpc::StatusCode::INTERNAL) return absl::InternalError(status.error_message());
  return Refuse(absl::StatusCode::kUnavailable, "UNAVAILABLE",
                absl::StrCat("A service could not do what is due: ", status.error_message(),
                             " The same call goes on where this one was."));
}

}  // namespace

std::vector<DueStub> ConnectDue(const std::vector<std::string>& addresses) {
  std::vector<DueStub> stubs;
  for (const std::string& address : addresses) {
    stubs.push_back(v1::DueService::NewStub(rpc::Connect(address)));
  }
  return stubs;
}

grpc::ServerUnaryReactor* ClockServiceImpl::GetClock(grpc::CallbackServerContext* context,
                                                     const v1::GetClockRequest* request,
                                                     v1::GetClockResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) -> absl::Status {
                             LOYALTY_RETURN_IF_ERROR(CheckProgram(in));
                             const auto found = Find(in.program_id());
                             LOYALTY_RETURN_IF_ERROR(found.status());
                             SetClock(*out.mutable_clock(), in.program_id(), found->clock);
                             return absl::OkStatus();
                           });
}

grpc::ServerUnaryReactor* ClockServiceImpl::AdvanceClock(grpc::CallbackServerContext* context,
                                                         const v1::AdvanceClockRequest* request,
                                                         v1::AdvanceClockResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Advance(call.deadline(), in, out);
  });
}

absl::StatusOr<ClockServiceImpl::Found> ClockServiceImpl::Find(const std::string& program_id) {
  Found found;
  const absl::Status status = pool_.Read([&](postgres::Transaction& tx) -> absl::Status {
    const auto program = platform::FindProgram(tx, program_id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    const auto clock = platform::FindTestClock(tx, program->key);
    if (!clock) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "NO_TEST_CLOCK",
                    absl::StrCat("The program ", program_id, " was not created with a test clock."),
                    {{"program_id", program_id}});
    }
    found = {program->key, *clock};
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return found;
}

absl::Status ClockServiceImpl::Advance(absl::Time deadline, const v1::AdvanceClockRequest& in,
                                       v1::AdvanceClockResponse& out) {
  const absl::Time target = rpc::ToTime(in.target_time());
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "request_id", in.request_id(), kMaxRequestIdBytes, Presence::kOptional);
  if (!in.has_target_time() || target == absl::InfiniteFuture()) {
    violations.Add("target_time", "FIELD_REQUIRED", "must be a valid time.");
  }
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  auto found = Find(in.program_id());
  LOYALTY_RETURN_IF_ERROR(found.status());
  LOYALTY_RETURN_IF_ERROR(CheckTarget(target, found->clock.clock_time));
  if (services_.empty()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_DUE_ADDRESSES",
                  "Start the points service with --due_addresses, the addresses of all services.");
  }
  SetClock(*out.mutable_clock(), in.program_id(), found->clock);
  if (in.validate_only()) return absl::OkStatus();
  if (!advancing_.TryLock()) {
    return Refuse(absl::StatusCode::kAborted, "CONFLICT",
                  "Another advance is under way. Try again when it is done.");
  }
  const std::unique_ptr<absl::Mutex, void (*)(absl::Mutex*)> unlock(
      &advancing_, [](absl::Mutex* mutex) { mutex->Unlock(); });
  LOYALTY_RETURN_IF_ERROR(pool_.Run([&](postgres::Transaction& tx) {
    platform::AimTestClock(tx, found->program_key, target);
    return absl::OkStatus();
  }));
  absl::Time clock = found->clock.clock_time;
  int64_t done = 0;
  int steps = 0;
  while (true) {
    const auto next = Settle(in.program_id(), clock, deadline, done);
    LOYALTY_RETURN_IF_ERROR(next.status());
    if (clock == target) break;
    if (*next && **next <= target) ++steps;
    clock = std::min(target, next->value_or(target));
    LOYALTY_RETURN_IF_ERROR(Move(found->program_key, clock));
  }
  found = Find(in.program_id());
  LOYALTY_RETURN_IF_ERROR(found.status());
  SetClock(*out.mutable_clock(), in.program_id(), found->clock);
  out.set_step_count(steps);
  out.set_done_count(done);
  return absl::OkStatus();
}

// Looks first when something is due and then has everything done: only if that was nothing, and nothing had
// been due, is nobody in the midst of something (a background job of some replica may be). What such a job
// brought about meanwhile may be due sooner, so it looks once more.
absl::StatusOr<std::optional<absl::Time>> ClockServiceImpl::Settle(const std::string& program_id,
                                                                   absl::Time clock, absl::Time deadline,
                                                                   int64_t& done) {
  absl::Time last_progress = absl::Now();
  while (true) {
    if (absl::Now() > deadline) return DeadlinePassed();
    const auto next = NextDue(program_id, deadline);
    LOYALTY_RETURN_IF_ERROR(next.status());
    const auto count = RunDue(program_id, deadline);
    LOYALTY_RETURN_IF_ERROR(count.status());
    done += *count;
    if (*count > 0) {
      last_progress = absl::Now();
      continue;
    }
    if (!*next || **next > clock) {
      const auto again = NextDue(program_id, deadline);
      LOYALTY_RETURN_IF_ERROR(again.status());
      if (*again == *next) return again;
      continue;
    }
    if (absl::Now() - last_progress > kStuck) {
      return Refuse(absl::StatusCode::kInternal, "DUE_STUCK", "Something is due, and no service does it.",
                    {{"due_time", absl::FormatTime(**next, absl::UTCTimeZone())}});
    }
    absl::SleepFor(kPause);
  }
}

absl::StatusOr<std::optional<absl::Time>> ClockServiceImpl::NextDue(const std::string& program_id,
                                                                    absl::Time deadline) {
  std::optional<absl::Time> next;
  v1::NextDueRequest request;
  request.set_program_id(program_id);
  for (const DueStub& service : services_) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(std::min(deadline, absl::Now() + kCallTimeout)));
    v1::NextDueResponse response;
    const grpc::Status status = service->NextDue(&context, request, &response);
    if (!status.ok()) return Because(status);
    if (!response.has_due_time()) continue;
    const absl::Time due = rpc::ToTime(response.due_time());
    next = next ? std::min(*next, due) : due;
  }
  return next;
}

absl::StatusOr<int64_t> ClockServiceImpl::RunDue(const std::string& program_id, absl::Time deadline) {
  int64_t done = 0;
  v1::RunDueRequest request;
  request.set_program_id(program_id);
  for (const DueStub& service : services_) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(std::min(deadline, absl::Now() + kCallTimeout)));
    v1::RunDueResponse response;
    const grpc::Status status = service->RunDue(&context, request, &response);
    if (!status.ok()) return Because(status);
    done += response.done_count();
  }
  return done;
}

absl::Status ClockServiceImpl::Move(int32_t program_key, absl::Time time) {
  return pool_.Run([&](postgres::Transaction& tx) {
    platform::MoveTestClock(tx, program_key, time);
    return absl::OkStatus();
  });
}

}  // namespace loyalty::due
