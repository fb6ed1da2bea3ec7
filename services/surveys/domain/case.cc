#include "services/surveys/domain/case.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "services/surveys/domain/survey.h"
#include "services/surveys/domain/validate.h"

namespace loyalty::surveys {
namespace {

absl::Status StateForbids(const Case& c, absl::string_view what) {
  return Refuse(absl::StatusCode::kFailedPrecondition, reason::kCaseStateForbids,
                absl::StrCat("The case is ", NameOf(c.state), " and cannot be ", what, "."),
                {{"case_id", absl::StrCat(c.id)}, {"state", NameOf(c.state)}});
}

void Enter(Case& c, CaseState to, absl::Time now) {
  c.state = to;
  c.state_time = now;
}

absl::Status Move(Case& c, CaseState to, absl::string_view what, absl::Time now) {
  if (!MayFollow(c.state, to)) return StateForbids(c, what);
  Enter(c, to, now);
  return absl::OkStatus();
}

}  // namespace

const char* NameOf(CaseState state) {
  switch (state) {
    case CaseState::kNew:
      return "NEW";
    case CaseState::kAcknowledged:
      return "ACKNOWLEDGED";
    case CaseState::kInProgress:
      return "IN_PROGRESS";
    case CaseState::kWaiting:
      return "WAITING";
    case CaseState::kResolved:
      return "RESOLVED";
    case CaseState::kClosed:
      return "CLOSED";
    case CaseState::kReopened:
      break;
  }
  return "REOPENED";
}

bool IsActive(CaseState state) { return state != CaseState::kResolved && state != CaseState::kClosed; }

bool MayFollow(CaseState from, CaseState to) {
  switch (to) {
    case CaseState::kNew:
      return false;
    case CaseState::kAcknowledged:
      return from == CaseState::kNew || from == CaseState::kReopened;
    case CaseState::kInProgress:
    case CaseState::kWaiting:
      return IsActive(from) && from != to;
    case CaseState::kResolved:
      return IsActive(from);
    case CaseState::kClosed:
      return from == CaseState::kResolved;
    case CaseState::kReopened:
      break;
  }
  return !IsActive(from);
}

bool IsOverdue(const Case& c, absl::Time now) {
  return IsActive(c.state) && c.first_reply_time == absl::InfiniteFuture() && now >= c.first_reply_due_time;
}

bool EscalateIfLate(Case& c, absl::Time now) {
  if (!IsOverdue(c, now) || c.escalate_time != absl::InfiniteFuture()) return false;
  c.escalate_time = std::max(c.first_reply_due_time, c.state_time);
  return true;
}

void ValidateNote(const std::string& text, Violations& violations) {
  CheckFreeText(violations, "text", text, kMaxFreeTextBytes, Presence::kRequired);
}

void ValidateTarget(CaseState to, Violations& violations) {
  if (to == CaseState::kAcknowledged || to == CaseState::kInProgress || to == CaseState::kWaiting) return;
  violations.Add("state", reason::kOutOfRange,
                 "must be ACKNOWLEDGED, IN_PROGRESS or WAITING; other states have calls of their own.");
}

void ValidateOwner(const std::string& owner, Violations& violations) {
  CheckText(violations, "owner", owner, kMaxNameBytes, Presence::kRequired);
}

void ValidateResolution(const std::string& resolution, int64_t make_good_points, Violations& violations) {
  CheckFreeText(violations, "resolution", resolution, kMaxFreeTextBytes, Presence::kRequired);
  CheckWithin(violations, "make_good_points", make_good_points, 0, kMaxPoints);
}

absl::StatusOr<CaseNote> AddNote(Case& c, NoteKind kind, const std::string& text, const std::string& actor,
                                 absl::Time now) {
  if (c.state == CaseState::kClosed) return StateForbids(c, "noted on; reopen it first");
  if (c.note_count >= kMaxNotes) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kCaseNotesFull,
                  absl::StrCat("The case has ", kMaxNotes, " notes, no more are allowed."),
                  {{"case_id", absl::StrCat(c.id)}, {"limit", absl::StrCat(kMaxNotes)}});
  }
  EscalateIfLate(c, now);
  if (kind == NoteKind::kContact) {
    c.first_reply_time = std::min(c.first_reply_time, now);
    const bool begins =
        c.state == CaseState::kNew || c.state == CaseState::kAcknowledged || c.state == CaseState::kReopened;
    if (begins) Enter(c, CaseState::kInProgress, now);
  }
  return CaseNote{c.id, ++c.note_count, kind, text, actor, now};
}

absl::Status Assign(Case& c, const std::string& owner, absl::Time now) {
  if (!IsActive(c.state)) return StateForbids(c, "assigned; reopen it first");
  EscalateIfLate(c, now);
  c.owner = owner;
  if (MayFollow(c.state, CaseState::kAcknowledged)) Enter(c, CaseState::kAcknowledged, now);
  return absl::OkStatus();
}

absl::Status SetState(Case& c, CaseState to, absl::Time now) {
  EscalateIfLate(c, now);
  return Move(c, to, absl::StrCat("set to ", NameOf(to)), now);
}

absl::Status Resolve(Case& c, const std::string& resolution, int64_t make_good_points, int64_t limit_points,
                     absl::Time now) {
  if (!IsActive(c.state)) return StateForbids(c, "resolved");
  if (make_good_points > limit_points) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kMakeGoodAboveLimit,
                  absl::StrCat("The survey allows at most ", limit_points,
                               " points to make good for a case, ", make_good_points, " were asked."),
                  {{"limit", absl::StrCat(limit_points)}, {"asked", absl::StrCat(make_good_points)}});
  }
  if (make_good_points > 0 && c.make_good_points > 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kMakeGoodAlreadyGiven,
                  absl::StrCat("The case was made good with ", c.make_good_points, " points before."),
                  {{"case_id", absl::StrCat(c.id)}, {"points", absl::StrCat(c.make_good_points)}});
  }
  EscalateIfLate(c, now);
  Enter(c, CaseState::kResolved, now);
  c.resolve_time = now;
  c.resolution = resolution;
  c.make_good_points += make_good_points;
  return absl::OkStatus();
}

absl::Status Close(Case& c, absl::Time now) {
  LOYALTY_RETURN_IF_ERROR(Move(c, CaseState::kClosed, "closed; resolve it first", now));
  c.close_time = now;
  return absl::OkStatus();
}

absl::Status Reopen(Case& c, absl::Time now) {
  LOYALTY_RETURN_IF_ERROR(Move(c, CaseState::kReopened, "reopened", now));
  EscalateIfLate(c, now);
  return absl::OkStatus();
}

}  // namespace loyalty::surveys
