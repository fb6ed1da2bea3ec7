// Events that both calls and jobs tell of, and what events name as their causes.
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/strings/string_view.h>

#include <string>

#include "common/work/work.h"
#include "services/surveys/domain/case.h"
#include "services/surveys/domain/invitation.h"

namespace loyalty::surveys {

inline std::string CauseOfSurvey(absl::string_view survey_id) { return absl::StrCat("survey:", survey_id); }
inline std::string CauseOfInvitation(int64_t id) { return absl::StrCat("invitation:", id); }
inline std::string CauseOfResponse(int64_t id) { return absl::StrCat("survey-response:", id); }
inline std::string CauseOfCase(int64_t id) { return absl::StrCat("case:", id); }

inline constexpr char kClockActor[] = "loyalty-surveys";  // of what nobody does: its time has come

// A member is invited, by a call or by a purchase.
void TellInvited(work::Work& work, const Invitation& invitation);
// An invitation was not answered in time.
void TellExpired(work::Work& work, const Invitation& invitation);
// The first reply of a case is late. It happened at the case's escalate_time, and nobody did it.
void TellEscalated(work::Work& work, const Case& c);

}  // namespace loyalty::surveys
