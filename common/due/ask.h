// A question to the database outside a transaction, for works that look for what is due.
//
//   return due::Ask<std::vector<int32_t>>(pool_, [&](postgres::Transaction& tx) { return ProgramsWithDue(tx,
//   now); });
#pragma once

#include <absl/status/statusor.h>

#include "common/postgres/pool.h"

namespace loyalty::due {

// What `query` finds. Errors: those of common/postgres/errors.h.
template <class Value, class Query>
absl::StatusOr<Value> Ask(postgres::Pool& pool, Query query) {
  Value found = {};
  const absl::Status status = pool.Read([&](postgres::Transaction& tx) {
    found = query(tx);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return found;
}

}  // namespace loyalty::due
