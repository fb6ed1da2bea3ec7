#include "services/surveys/service/case_service.h"

#include <absl/strings/str_cat.h>

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "loyalty/surveys/v1/event.pb.h"
#include "services/surveys/domain/reason.h"
#include "services/surveys/service/convert.h"
#include "services/surveys/service/tell.h"
#include "services/surveys/storage/case_store.h"
#include "services/surveys/storage/survey_store.h"

namespace loyalty::surveys {
namespace {

constexpr size_t kMaxStates = 20;  // of a filter

void CheckCaseId(int64_t case_id, Violations& violations) {
  if (case_id == 0) violations.Add("case_id", reason::kFieldRequired, "is required.");
}

// Changes a case in a transaction and tells of it with an Event. A first reply that is late is told of, too:
// before the change if it was late already, after it if the change made it so.
// Step: absl::Status(work::Work&, Case&, Response&, Event&).
template <class Event, class Request, class Response, class Step>
absl::Status ChangeCase(work::Runner& runner, rpc::Call& call, const Request& in, Response& out,
                        Violations& violations, Step step) {
  CheckChange(in, Presence::kRequired, Presence::kRequired, violations);
  CheckCaseId(in.case_id(), violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Change(runner, call, in, out, [&](work::Work& work, Response& answer) -> absl::Status {
    absl::StatusOr<Case> c = LockCase(work.tx(), work.program().key, in.case_id());
    LOYALTY_RETURN_IF_ERROR(c.status());
    if (EscalateIfLate(*c, work.now())) TellEscalated(work, *c);
    const absl::Time escalate_time = c->escalate_time;
    Event event;
    LOYALTY_RETURN_IF_ERROR(step(work, *c, answer, event));
    surveys::UpdateCase(work.tx(), work.program().key, *c);
    *answer.mutable_case_() = ToProto(*c, work.now());
    *event.mutable_case_() = answer.case_();
    work.Emit(event, {.member_id = c->member_id, .cause = CauseOfCase(c->id)});
    if (c->escalate_time != escalate_time) TellEscalated(work, *c);
    return absl::OkStatus();
  });
}

// Settles a case, with points that the survey allows.
absl::Status ResolveWithPoints(work::Work& work, const v1::ResolveCaseRequest& in, Case& c) {
  const Survey survey = LoadSurveyByKey(work.tx(), work.program().key, c.survey_key);
  LOYALTY_RETURN_IF_ERROR(
      Resolve(c, in.resolution(), in.make_good_points(), survey.cases.make_good_limit_points, work.now()));
  if (in.make_good_points() == 0) return absl::OkStatus();
  work.Award({.cause = CauseOfCase(c.id),
              .part = "make-good",
              .member_id = c.member_id,
              .points = in.make_good_points(),
              .reason = absl::StrCat("To make good: case ", c.id),
              .occurred_time = {}});
  return absl::OkStatus();
}

CaseFilter FilterOf(const v1::ListCasesRequest& in, Violations& violations) {
  CaseFilter filter;
  CheckText(violations, "owner", in.owner(), kMaxNameBytes, Presence::kOptional);
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kOptional);
  if (CheckCount(violations, "states", static_cast<size_t>(in.states_size()), kMaxStates)) {
    for (int i = 0; i < in.states_size(); ++i) {
      if (!v1::CaseState_IsValid(in.states(i)) || in.states(i) == v1::CASE_STATE_UNSPECIFIED) {
        violations.Add(absl::StrCat("states[", i, "]"), reason::kMalformed, "is not a state of a case.");
      }
      filter.states.push_back(static_cast<CaseState>(in.states(i)));
    }
  }
  filter.owner = in.owner();
  filter.member_id = in.member_id();
  filter.overdue_only = in.overdue_only();
  return filter;
}

}  // namespace

CaseServiceImpl::Unary* CaseServiceImpl::GetCase(Context* context, const v1::GetCaseRequest* request,
                                                 v1::GetCaseResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return GetOne(in, out); });
}

CaseServiceImpl::Unary* CaseServiceImpl::ListCases(Context* context, const v1::ListCasesRequest* request,
                                                   v1::ListCasesResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return ListThem(in, out); });
}

CaseServiceImpl::Unary* CaseServiceImpl::AddCaseNote(Context* context, const v1::AddCaseNoteRequest* request,
                                                     v1::AddCaseNoteResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    Violations violations;
    ValidateNote(in.text(), violations);
    if (in.kind() == v1::NOTE_KIND_UNSPECIFIED) {
      violations.Add("kind", reason::kFieldRequired, "is required.");
    } else if (!v1::NoteKind_IsValid(in.kind())) {
      violations.Add("kind", reason::kMalformed, "is not a kind of note.");
    }
    return ChangeCase<v1::CaseUpdated>(
        runner_, call, in, out, violations,
        [&](work::Work& work, Case& c, auto& answer, auto& event) -> absl::Status {
          const auto note = AddNote(c, static_cast<NoteKind>(in.kind()), in.text(), in.actor(), work.now());
          LOYALTY_RETURN_IF_ERROR(note.status());
          InsertCaseNote(work.tx(), work.program().key, *note);
          *answer.mutable_note() = ToProto(*note);
          event.set_note_kind(in.kind());
          return absl::OkStatus();
        });
  });
}

CaseServiceImpl::Unary* CaseServiceImpl::AssignCase(Context* context, const v1::AssignCaseRequest* request,
                                                    v1::AssignCaseResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    Violations violations;
    ValidateOwner(in.owner(), violations);
    return ChangeCase<v1::CaseUpdated>(
        runner_, call, in, out, violations,
        [&](work::Work& work, Case& c, auto&, auto&) { return Assign(c, in.owner(), work.now()); });
  });
}

CaseServiceImpl::Unary* CaseServiceImpl::SetCaseState(Context* context,
                                                      const v1::SetCaseStateRequest* request,
                                                      v1::SetCaseStateResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    Violations violations;
    const auto to = static_cast<CaseState>(in.state());
    ValidateTarget(to, violations);
    return ChangeCase<v1::CaseUpdated>(
        runner_, call, in, out, violations,
        [&](work::Work& work, Case& c, auto&, auto&) { return SetState(c, to, work.now()); });
  });
}

CaseServiceImpl::Unary* CaseServiceImpl::ResolveCase(Context* context, const v1::ResolveCaseRequest* request,
                                                     v1::ResolveCaseResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    Violations violations;
    ValidateResolution(in.resolution(), in.make_good_points(), violations);
    return ChangeCase<v1::CaseResolved>(
        runner_, call, in, out, violations,
        [&](work::Work& work, Case& c, auto&, auto&) { return ResolveWithPoints(work, in, c); });
  });
}

CaseServiceImpl::Unary* CaseServiceImpl::CloseCase(Context* context, const v1::CloseCaseRequest* request,
                                                   v1::CloseCaseResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    Violations violations;
    return ChangeCase<v1::CaseClosed>(
        runner_, call, in, out, violations,
        [](work::Work& work, Case& c, auto&, auto&) { return Close(c, work.now()); });
  });
}

CaseServiceImpl::Unary* CaseServiceImpl::ReopenCase(Context* context, const v1::ReopenCaseRequest* request,
                                                    v1::ReopenCaseResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    Violations violations;
    return ChangeCase<v1::CaseReopened>(
        runner_, call, in, out, violations,
        [](work::Work& work, Case& c, auto&, auto&) { return Reopen(c, work.now()); });
  });
}

absl::Status CaseServiceImpl::GetOne(const v1::GetCaseRequest& in, v1::GetCaseResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckCaseId(in.case_id(), violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    out.Clear();
    const absl::StatusOr<Case> c = LoadCase(work.tx(), work.program().key, in.case_id());
    LOYALTY_RETURN_IF_ERROR(c.status());
    *out.mutable_case_() = ToProto(*c, work.now());
    for (const CaseNote& note : ListCaseNotes(work.tx(), work.program().key, c->id)) {
      *out.add_notes() = ToProto(note);
    }
    return absl::OkStatus();
  });
}

absl::Status CaseServiceImpl::ListThem(const v1::ListCasesRequest& in, v1::ListCasesResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CaseFilter filter = FilterOf(in, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const absl::StatusOr<Page> page = PageByNumber(in, kMaxPageSize);
  LOYALTY_RETURN_IF_ERROR(page.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    out.Clear();
    filter.now = work.now();
    const std::vector<Case> found =
        surveys::ListCases(work.tx(), work.program().key, filter, page->number, page->size + 1);
    FillPage(
        out, *page, found, [&](const Case& c) { return AddTo(*out.mutable_cases(), ToProto(c, work.now())); },
        [](const Case& c) { return c.id; });
    return absl::OkStatus();
  });
}

}  // namespace loyalty::surveys
