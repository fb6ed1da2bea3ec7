// Checks that the requests of this service share. Field names are those of the contract.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>

#include "common/status/status.h"
#include "services/referral/domain/reason.h"

namespace loyalty::referral {

inline constexpr size_t kMaxIdBytes = 100;  // members, orders
inline constexpr size_t kMaxCampaignIdBytes = 64;
inline constexpr size_t kMaxRequestIdBytes = 64;
inline constexpr size_t kMaxActorBytes = 100;
inline constexpr absl::Duration kClockTolerance = absl::Minutes(5);

enum class Presence { kOptional, kRequired };

// Adds what is wrong with a text: missing, too long, or with control characters. True if nothing is.
bool CheckText(Violations& violations, std::string field, absl::string_view text, size_t limit,
               Presence presence);

// Adds a campaign's id that is not 1 to 64 characters of a-z, 0-9, '-' and '_', beginning with a letter or
// digit.
void CheckCampaignId(Violations& violations, std::string field, absl::string_view id);

// Adds a number that is outside of least..most.
void CheckRange(Violations& violations, std::string field, int64_t value, int64_t least, int64_t most);

// Adds a time before 1900, one that is infinite, and one more than kClockTolerance after `now`.
void CheckPastTime(Violations& violations, std::string field, absl::Time time, absl::Time now);

}  // namespace loyalty::referral
