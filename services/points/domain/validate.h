// Whether a command is well formed, before anything is looked up. Field names are those of the contract.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>

#include "common/status/status.h"
#include "services/points/domain/command.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {

inline constexpr size_t kMaxIdBytes = 100;  // members, orders
inline constexpr size_t kMaxRequestIdBytes = 64;
inline constexpr size_t kMaxNameBytes = 100;  // skus, categories, channels, locations, labels, actors
inline constexpr size_t kMaxReasonBytes = 200;
inline constexpr size_t kMaxLines = 200;
inline constexpr size_t kMaxLabels = 20;
inline constexpr int64_t kMaxQuantity = 1'000'000'000;
inline constexpr absl::Duration kClockTolerance = absl::Minutes(5);

enum class Presence { kOptional, kRequired };

// Adds what is wrong with a text: missing, too long, or with control characters. True if nothing is.
bool CheckText(Violations& violations, std::string field, absl::string_view text, size_t limit,
               Presence presence);

// Adds what is wrong with an id of 1 to 64 characters of a-z, 0-9, '-' and '_', which begins with one of the
// first two kinds. True if nothing is.
bool CheckSlug(Violations& violations, std::string field, absl::string_view id);

// Adds a time that is before the year 1900, or none. True if it is neither.
bool CheckTime(Violations& violations, std::string field, absl::Time time);

// Adds a number above its limit, and a list with more elements than its limit.
void CheckAtMost(Violations& violations, std::string field, int64_t value, int64_t limit);
void AddTooMany(Violations& violations, std::string field, size_t count, size_t limit);

// Adds everything that is wrong with a command, but for a time that lies ahead. An imported purchase needs no
// request id.
void ValidateCommand(const Command& command, Presence request_id, Violations& violations);

// Adds a time of the command's that lies more than kClockTolerance ahead of `now`. The ledger asks with the
// program's clock.
void CheckNotAhead(const Command& command, absl::Time now, Violations& violations);

}  // namespace loyalty::points
