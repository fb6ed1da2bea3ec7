// Whether a request is well formed, before anything is looked up. Field names are those of the contract.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>

#include "common/status/status.h"
#include "services/membership/domain/reason.h"

namespace loyalty::membership {

inline constexpr size_t kMaxIdBytes = 100;  // members, the provider's charges
inline constexpr size_t kMaxSlugBytes = 64;
inline constexpr size_t kMaxRequestIdBytes = 64;
inline constexpr size_t kMaxNameBytes = 100;  // actors, decline codes
inline constexpr size_t kMaxDisplayNameBytes = 200;
inline constexpr size_t kMaxReasonBytes = 200;
inline constexpr size_t kMaxPaymentMethodBytes = 200;
inline constexpr size_t kMaxIdempotencyKeyBytes = 200;
inline constexpr int64_t kMaxUses = 1'000'000'000;
inline constexpr absl::Duration kClockTolerance = absl::Minutes(5);

enum class Presence { kOptional, kRequired };

// Adds what is wrong with a text: missing, too long, or with control characters. True if nothing is.
bool CheckText(Violations& violations, std::string field, absl::string_view text, size_t limit,
               Presence presence);

// Adds what is wrong with an id of plans and benefits: 1 to 64 of a-z, 0-9, '-' and '_', a letter or digit
// first.
void CheckSlug(Violations& violations, std::string field, absl::string_view id);

void CheckCurrency(Violations& violations, std::string field, absl::string_view code, Presence presence);

// Adds a number outside `low` (0 or 1) to `high`.
void CheckRange(Violations& violations, std::string field, int64_t value, int64_t low, int64_t high);

// Adds a list with more elements than its limit; true if it has not.
bool CheckCount(Violations& violations, std::string field, size_t count, size_t limit);

// Adds a time before 1900, an invalid one, and one more than five minutes after `now`.
void CheckTime(Violations& violations, std::string field, absl::Time time, absl::Time now);

}  // namespace loyalty::membership
