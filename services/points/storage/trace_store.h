// From spent points to the orders that earned them, and back; and what will lapse.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/postgres/pool.h"
#include "services/points/domain/entry.h"

namespace loyalty::points {

// An entry that brought in points that another used. Points that came by a transfer or a merger are those of
// the entries that the other member had them from.
struct TraceSource {
  std::string member_id;
  int64_t sequence = 0;
  EntryKind kind = EntryKind::kEarn;
  std::string order_id, request_id, activity_id, cause;
  absl::Time occurred_time;
  int64_t points = 0;  // of them, the traced entry used so many
};

// An entry that used points which the traced one brought in; below zero: it gave them back. A merger or a
// change of expiry is none: what the points were used for after it is.
struct TraceUse {
  std::string member_id;  // the traced one's, or of who it was merged into
  int64_t sequence = 0;
  EntryKind kind = EntryKind::kSpend;
  std::string order_id, request_id;
  absl::Time occurred_time;
  int64_t points = 0;
};

struct Trace {
  std::vector<TraceSource> sources;
  std::vector<TraceUse> uses;  // with what is left, they add up to the lots that the entry brought in
  int64_t open = 0;            // of what it brought in, so many can be spent
  int64_t pending = 0;         // and so many are pending
};

// NOT_FOUND, reason PROGRAM_NOT_FOUND, MEMBER_NOT_FOUND or ENTRY_NOT_FOUND.
absl::StatusOr<Trace> TraceEntry(postgres::Pool& pool, const std::string& program_id,
                                 const std::string& member_id, int64_t sequence);

// Points that lapse at a time.
struct ExpiringPoints {
  absl::Time expire_time;
  int64_t points = 0;
};
// The earliest first. Under INACTIVITY, all that never lapses otherwise lapses if the member does nothing.
absl::StatusOr<std::vector<ExpiringPoints>> ExpiringOf(postgres::Pool& pool, Clock& clock,
                                                       const std::string& program_id,
                                                       const std::string& member_id);

// Points whose last day lies in a month.
struct ExpiringMonth {
  absl::CivilMonth month;
  int64_t points = 0;
  int64_t members = 0;
};
// The earliest first. Reads all lots of the program. Not what INACTIVITY lets lapse.
absl::StatusOr<std::vector<ExpiringMonth>> ExpiringByMonth(postgres::Pool& pool, Clock& clock,
                                                           const std::string& program_id);

}  // namespace loyalty::points
