// Checks of single fields that only surveys make. Field names are those of the contract.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>

#include "common/validate/check.h"
#include "services/surveys/domain/reason.h"

namespace loyalty::surveys {

inline constexpr size_t kMaxQuestionTextBytes = 500;  // questions, choices, follow-ups
inline constexpr size_t kMaxFreeTextBytes = 4000;     // what respondents and agents write

// Each adds what is wrong with one field and returns true if nothing is.

// OUT_OF_RANGE (`value`, `least`, `most`), on both sides.
bool CheckWithin(Violations& violations, std::string field, int64_t value, int64_t least, int64_t most);
// OUT_OF_RANGE, in seconds; MALFORMED with a fraction of a second.
bool CheckDuration(Violations& violations, const std::string& field, absl::Duration value,
                   absl::Duration least, absl::Duration most);

}  // namespace loyalty::surveys
