// Checks of single fields that all services make alike, and their limits. Pure: a domain may use them.
//
//   Violations violations;
//   CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kRequired);
//   LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
//
// Each adds what is wrong with one field, by its path in the contract, and returns true if nothing is. The
// reasons have the same names in every contract; a check serves only contracts that have its reasons.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>

#include "common/status/status.h"

namespace loyalty {

inline constexpr size_t kMaxIdBytes = 100;   // ids of the callers' own: programs, members, orders
inline constexpr size_t kMaxSlugBytes = 64;  // ids that are chosen for us: campaigns, plans, surveys
inline constexpr size_t kMaxRequestIdBytes = 64;
inline constexpr size_t kMaxNameBytes = 100;  // actors, channels, labels, sources
inline constexpr size_t kMaxDisplayNameBytes = 200;
inline constexpr size_t kMaxReasonBytes = 200;
inline constexpr absl::Duration kClockTolerance = absl::Minutes(5);

enum class Presence { kOptional, kRequired };

// FIELD_REQUIRED; TOO_LONG (`length`, `limit`); MALFORMED for control characters.
bool CheckText(Violations& violations, std::string field, absl::string_view text, size_t limit,
               Presence presence);
// The same, but tabs and line ends are allowed.
bool CheckFreeText(Violations& violations, std::string field, absl::string_view text, size_t limit,
                   Presence presence);

// An id that a caller chooses for us: required, 1 to 64 of a-z, 0-9, '-' and '_', a letter or a digit first.
// MALFORMED.
bool CheckSlug(Violations& violations, std::string field, absl::string_view id);

// UNKNOWN_CURRENCY: no active ISO 4217 code.
bool CheckCurrency(Violations& violations, std::string field, absl::string_view code, Presence presence);

// From `least` to `most`. TOO_LARGE (`value`, `limit`); below: NEGATIVE if `least` is 0, NOT_POSITIVE if it
// is 1, else TOO_SMALL (`value`, `limit`).
bool CheckRange(Violations& violations, std::string field, int64_t value, int64_t least, int64_t most);

// Of a list. TOO_MANY (`count`, `limit`).
bool CheckCount(Violations& violations, std::string field, size_t count, size_t limit);

// TIME_OUT_OF_RANGE: before the year 1900, or none (the infinite future: see common/rpc/time.h).
bool CheckTime(Violations& violations, std::string field, absl::Time time);
// TIME_IN_FUTURE: more than kClockTolerance after `now`. A time that is none is left to CheckTime.
bool CheckNotAhead(Violations& violations, std::string field, absl::Time time, absl::Time now);
// Both.
bool CheckPastTime(Violations& violations, const std::string& field, absl::Time time, absl::Time now);

}  // namespace loyalty
