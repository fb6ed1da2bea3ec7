// What a failure of PostgreSQL means to the caller. The only place that looks at SQLSTATEs and at the types
// of libpqxx's exceptions; no exception leaves common/postgres or a storage/ room.
//
//   kAborted      lost against other transactions (40001, 40P01) more often than is retried, or waited too
//                 long for a lock (55P03). Nothing is done.
//   kUnavailable  no connection, or it broke before the commit. Nothing is done.
//   kUnknown      the connection broke during the commit: done or not, and only a look will tell.
//   kInternal     the database refused a statement: a fault of ours. Nothing is done. Metadata: sqlstate.
#pragma once

#include <absl/status/status.h>

namespace loyalty::postgres {

// The status of the exception that is being handled; call it in a catch block only. `committing`: it came out
// of COMMIT, which a lost connection leaves in doubt.
absl::Status StatusOfCurrentException(bool committing);

// 40001 or 40P01: the very same transaction may go through when it is tried again.
bool IsConflict(const absl::Status& status);
// The transaction may have been committed, or not.
inline bool IsInDoubt(const absl::Status& status) { return status.code() == absl::StatusCode::kUnknown; }
// A statement was refused.
inline bool IsRefusedStatement(const absl::Status& status) {
  return status.code() == absl::StatusCode::kInternal;
}
// A statement was refused, and would be again: not for want of room, memory or time.
bool IsRefusedForGood(const absl::Status& status);
// A statement was refused because another transaction inserted the same key first.
bool IsUniqueViolation(const absl::Status& status);
// A statement raised LY001: what it was to rest on has been changed by another transaction. Read again.
bool IsOutdated(const absl::Status& status);

}  // namespace loyalty::postgres
