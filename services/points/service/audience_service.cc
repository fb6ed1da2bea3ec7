#include "services/points/service/audience_service.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>

#include <algorithm>

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "common/status/status.h"
#include "loyalty/points/v1/event.pb.h"
#include "services/points/domain/reason.h"
#include "services/points/service/convert_audience.h"
#include "services/points/storage/audience_store.h"

namespace loyalty::points {
namespace {

constexpr int kCountedAtATime = 2'000;

absl::Status AwardNotFound(const std::string& award_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kAudienceAwardNotFound,
                absl::StrCat("The program has no award ", award_id, "."), {{"award_id", award_id}});
}

// Of an award that is not there yet.
absl::Status Schedule(work::Work& work, AudienceAward& award) {
  const int32_t program = work.program().key;
  if (award.at_once) award.time = work.now();
  if (award.time < work.now()) {
    const std::string now = absl::FormatTime(work.now(), absl::UTCTimeZone());
    Violations violations;
    violations.Add("award_time", reason::kTimePassed,
                   absl::StrCat("must not be before now, which is ", now, "."), {{"now", now}});
    return violations.ToStatus();
  }
  if (CountOpenAudienceAwards(work.tx(), program) >= kMaxOpenAudienceAwards) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kTooManyAudienceAwards,
                  absl::StrCat("The program has ", kMaxOpenAudienceAwards,
                               " awards that are not done. Wait for one, or cancel one."),
                  {{"limit", absl::StrCat(kMaxOpenAudienceAwards)}});
  }
  award.create_time = work.now();
  InsertAudienceAward(work.tx(), program, award);
  v1::AudienceAwardCreated event;
  *event.mutable_award() = ToProto(award, work.program().id);
  work.Emit(event, {.cause = CauseOf(award)});
  return absl::OkStatus();
}

template <class Request>
absl::Status CheckAwardNamed(const Request& in, Violations violations) {
  CheckProgram(in, violations);
  CheckText(violations, "award_id", in.award_id(), kMaxIdBytes, Presence::kRequired);
  return violations.ToStatus();
}

}  // namespace

AudienceServiceImpl::Unary* AudienceServiceImpl::AwardAudience(Context* context,
                                                               const v1::AwardAudienceRequest* request,
                                                               v1::AwardAudienceResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Award(call, in, out);
  });
}

AudienceServiceImpl::Unary* AudienceServiceImpl::GetAudienceAward(Context* context,
                                                                  const v1::GetAudienceAwardRequest* request,
                                                                  v1::GetAudienceAwardResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return Get(in, out); });
}

AudienceServiceImpl::Unary* AudienceServiceImpl::ListAudienceAwards(
    Context* context, const v1::ListAudienceAwardsRequest* request,
    v1::ListAudienceAwardsResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return List(in, out); });
}

AudienceServiceImpl::Unary* AudienceServiceImpl::CancelAudienceAward(
    Context* context, const v1::CancelAudienceAwardRequest* request,
    v1::CancelAudienceAwardResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Cancel(call, in, out);
  });
}

absl::Status AudienceServiceImpl::Award(rpc::Call& call, const v1::AwardAudienceRequest& in,
                                        v1::AwardAudienceResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kRequired, violations);
  const AudienceAward wanted = ToAudienceAward(in);
  ValidateAudienceAward(wanted, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  bool there_before = false;
  const absl::StatusOr<work::Done> done = runner_.Mutate(
      work::MutationOf(in), out, [&](work::Work& work, v1::AwardAudienceResponse& answer) -> absl::Status {
        LockAudienceAwards(work.tx(), work.program().id);
        AudienceAward award = wanted;
        const auto existing = FindAudienceAward(work.tx(), work.program().key, wanted.id);
        there_before = existing.has_value();
        if (!existing) {
          LOYALTY_RETURN_IF_ERROR(Schedule(work, award));
        } else if (SameAudienceAward(*existing, wanted)) {
          award = *existing;
        } else {
          return Refuse(absl::StatusCode::kAlreadyExists, reason::kAudienceAwardAlreadyExists,
                        absl::StrCat("There is an award ", wanted.id, " with another content."),
                        {{"award_id", wanted.id}});
        }
        *answer.mutable_award() = ToProto(award, work.program().id);
        return absl::OkStatus();
      });
  LOYALTY_RETURN_IF_ERROR(done.status());
  if (done->replayed || there_before) call.SetReplayed();
  if (!in.validate_only()) return absl::OkStatus();
  // Not in the transaction above: it takes its time, and connections of its own.
  const absl::StatusOr<int64_t> meant = CountMeant(in.program_id(), wanted.audience, call.deadline());
  LOYALTY_RETURN_IF_ERROR(meant.status());
  out.set_matching_members(*meant);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> AudienceServiceImpl::CountMeant(const std::string& program_id,
                                                        const Audience& audience, absl::Time deadline) {
  const auto found = runner_.Find(program_id);
  LOYALTY_RETURN_IF_ERROR(found.status());
  int64_t count = 0, position = 0;
  while (absl::Now() < deadline) {
    const absl::StatusOr<std::vector<Reached>> page = ReadAudience(
        pool_, members_, program_id, found->program.key, "", audience, found->now, position, kCountedAtATime);
    LOYALTY_RETURN_IF_ERROR(page.status());
    if (page->empty()) return count;
    count += std::count_if(page->begin(), page->end(), [](const Reached& one) { return one.meant; });
    position = page->back().account_id;
  }
  return Refuse(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED",
                "The deadline passed while members were counted. Give the call more time.");
}

absl::Status AudienceServiceImpl::Get(const v1::GetAudienceAwardRequest& in,
                                      v1::GetAudienceAwardResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckAwardNamed(in, {}));
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    const auto award = FindAudienceAward(work.tx(), work.program().key, in.award_id());
    if (!award) return AwardNotFound(in.award_id());
    *out.mutable_award() = ToProto(*award, in.program_id());
    return absl::OkStatus();
  });
}

absl::Status AudienceServiceImpl::List(const v1::ListAudienceAwardsRequest& in,
                                       v1::ListAudienceAwardsResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckProgram(in));
  const absl::StatusOr<Page> page = PageOf(in, kMaxPageSize);
  LOYALTY_RETURN_IF_ERROR(page.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    out.Clear();
    FillPage(
        out, *page, points::ListAudienceAwards(work.tx(), work.program().key, page->cursor, page->size + 1),
        [&](const AudienceAward& award) {
          return AddTo(*out.mutable_awards(), ToProto(award, in.program_id()));
        },
        [](const AudienceAward& award) { return award.id; });
    return absl::OkStatus();
  });
}

absl::Status AudienceServiceImpl::Cancel(rpc::Call& call, const v1::CancelAudienceAwardRequest& in,
                                         v1::CancelAudienceAwardResponse& out) {
  Violations violations;
  CheckText(violations, "request_id", in.request_id(), kMaxRequestIdBytes, Presence::kRequired);
  CheckText(violations, "actor", in.actor(), kMaxNameBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(CheckAwardNamed(in, std::move(violations)));
  return Change(
      runner_, call, in, out, [&](work::Work& work, v1::CancelAudienceAwardResponse& answer) -> absl::Status {
        const int32_t program = work.program().key;
        // It waits for a batch that gives points, and then stands where that has come.
        const bool open =
            EndAudienceAward(work.tx(), program, in.award_id(), AudienceAwardState::kCancelled, work.now());
        const auto award = FindAudienceAward(work.tx(), program, in.award_id());
        if (!award) return AwardNotFound(in.award_id());
        if (award->state == AudienceAwardState::kDone) {
          return Refuse(absl::StatusCode::kFailedPrecondition, reason::kAudienceAwardDone,
                        absl::StrCat("The award ", award->id,
                                     " is done. What it gave can be reversed member by member."),
                        {{"award_id", award->id}});
        }
        *answer.mutable_award() = ToProto(*award, in.program_id());
        if (!open) return absl::OkStatus();
        v1::AudienceAwardCancelled event;
        *event.mutable_award() = answer.award();
        work.Emit(event, {.cause = CauseOf(*award)});
        return absl::OkStatus();
      });
}

}  // namespace loyalty::points
