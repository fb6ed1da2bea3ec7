// A case: somebody was not satisfied, and somebody of the company has to answer for it.
//
//   NEW          → ACKNOWLEDGED, IN_PROGRESS, WAITING, RESOLVED
//   ACKNOWLEDGED → IN_PROGRESS, WAITING, RESOLVED
//   IN_PROGRESS  → WAITING, RESOLVED
//   WAITING      → IN_PROGRESS, RESOLVED
//   RESOLVED     → CLOSED, REOPENED
//   CLOSED       → REOPENED
//   REOPENED     → ACKNOWLEDGED, IN_PROGRESS, WAITING, RESOLVED
//
// Every change looks first whether the reply is late (EscalateIfLate), so that no outcome depends on when the
// job ran: a caller that finds another `escalate_time` afterwards has to tell of the escalation, too.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>

#include "common/status/status.h"

namespace loyalty::surveys {

enum class CaseState {
  kNew = 1,
  kAcknowledged = 2,
  kInProgress = 3,
  kWaiting = 4,  // for the customer or a third party
  kResolved = 5,
  kClosed = 6,
  kReopened = 7,
};
const char* NameOf(CaseState state);

// By the worst score: NPS 0 to 2 or CSAT 1 is high.
enum class CaseSeverity { kNormal = 1, kHigh = 2 };
inline constexpr int64_t kHighSeverityNps = 2;
inline constexpr int64_t kHighSeverityCsat = 1;

struct Case {
  int64_t id = 0;  // unique in the program; storage gives it
  int64_t survey_key = 0;
  std::string survey_id;
  int64_t response_id = 0;
  std::string member_id;
  CaseState state = CaseState::kNew;
  CaseSeverity severity = CaseSeverity::kNormal;
  std::string owner;  // empty: nobody yet
  absl::Time open_time;
  absl::Time state_time;  // when the state was reached
  absl::Time first_reply_due_time;
  // The infinite future stands for: has not happened.
  absl::Time first_reply_time = absl::InfiniteFuture();
  absl::Time escalate_time = absl::InfiniteFuture();  // when the first reply was found missing
  absl::Time resolve_time = absl::InfiniteFuture();   // the latest
  absl::Time close_time = absl::InfiniteFuture();     // the latest
  std::string resolution;                             // the latest, in the agent's words
  int64_t make_good_points = 0;                       // awarded; at most once for a case
  int64_t note_count = 0;
  bool operator==(const Case&) const = default;
};

// Somebody has still to work on it: all but RESOLVED and CLOSED.
bool IsActive(CaseState state);
bool MayFollow(CaseState from, CaseState to);

// True if the first reply is late at `now`: due, not given, and the case is active. The due time itself is
// late.
bool IsOverdue(const Case& c, absl::Time now);

// Marks a case whose first reply is late, once in its life; the state stays. True if it did. The time is
// when it became late, not when that was noticed.
bool EscalateIfLate(Case& c, absl::Time now);

enum class NoteKind {
  kNote = 1,     // for colleagues
  kContact = 2,  // the customer was answered: the first one is the first reply
};

struct CaseNote {
  int64_t case_id = 0;
  int64_t number = 0;  // 1, 2, 3, … in the case
  NoteKind kind = NoteKind::kNote;
  std::string text;
  std::string actor;
  absl::Time create_time;
  bool operator==(const CaseNote&) const = default;
};
inline constexpr int64_t kMaxNotes = 500;

// Checks of fields.
void ValidateNote(const std::string& text, Violations& violations);
void ValidateTarget(CaseState to, Violations& violations);
void ValidateOwner(const std::string& owner, Violations& violations);
void ValidateResolution(const std::string& resolution, int64_t make_good_points, Violations& violations);

// What people do. Refused with FAILED_PRECONDITION, reason CASE_STATE_FORBIDS (`state`), where the state does
// not allow it.

// Not on a closed case; CASE_NOTES_FULL (`limit`) after kMaxNotes. A contact is the first reply if there was
// none, and moves NEW, ACKNOWLEDGED and REOPENED to IN_PROGRESS.
absl::StatusOr<CaseNote> AddNote(Case& c, NoteKind kind, const std::string& text, const std::string& actor,
                                 absl::Time now);
// Only an active case; moves NEW and REOPENED to ACKNOWLEDGED.
absl::Status Assign(Case& c, const std::string& owner, absl::Time now);
// To ACKNOWLEDGED, IN_PROGRESS or WAITING (ValidateTarget).
absl::Status SetState(Case& c, CaseState to, absl::Time now);
// With points for the member, or 0: at most `limit_points` (the survey's), reason MAKE_GOOD_ABOVE_LIMIT
// (`limit`, `asked`), and in one resolution of a case only, reason MAKE_GOOD_ALREADY_GIVEN.
absl::Status Resolve(Case& c, const std::string& resolution, int64_t make_good_points, int64_t limit_points,
                     absl::Time now);
absl::Status Close(Case& c, absl::Time now);
// A first reply that was never given is due at once.
absl::Status Reopen(Case& c, absl::Time now);

}  // namespace loyalty::surveys
