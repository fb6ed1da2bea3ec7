// Checks of single fields. Field names are those of the contract.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>

#include "common/status/status.h"
#include "services/surveys/domain/reason.h"

namespace loyalty::surveys {

inline constexpr size_t kMaxSurveyIdBytes = 64;  // surveys, questions, choices
inline constexpr size_t kMaxMemberIdBytes = 100;
inline constexpr size_t kMaxNameBytes = 100;  // channels, segments, owners, actors
inline constexpr size_t kMaxDisplayNameBytes = 200;
inline constexpr size_t kMaxQuestionTextBytes = 500;  // questions, choices, follow-ups
inline constexpr size_t kMaxFreeTextBytes = 4000;     // what respondents and agents write

enum class Presence { kOptional, kRequired };

// Each adds what is wrong with one field and returns true if nothing is.

// Missing, too long, or with control characters.
bool CheckText(Violations& violations, std::string field, absl::string_view text, size_t limit,
               Presence presence);
// The same, but tabs and line ends are allowed.
bool CheckFreeText(Violations& violations, std::string field, absl::string_view text, size_t limit,
                   Presence presence);
// An id that a caller chooses: 1 to 64 of a-z, 0-9, '-' and '_', beginning with a letter or a digit.
bool CheckId(Violations& violations, std::string field, absl::string_view id);
bool CheckRange(Violations& violations, std::string field, int64_t value, int64_t least, int64_t most);
// Out of range, or with a fraction of a second.
bool CheckDuration(Violations& violations, const std::string& field, absl::Duration value,
                   absl::Duration least, absl::Duration most);
// A list with more than `limit` elements.
bool CheckCount(Violations& violations, std::string field, size_t count, size_t limit);

}  // namespace loyalty::surveys
