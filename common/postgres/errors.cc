#include "common/postgres/errors.h"

#include <absl/strings/match.h>

#include <algorithm>
#include <iterator>
#include <pqxx/pqxx>

#include "common/log/log.h"
#include "common/status/status.h"

namespace loyalty::postgres {
namespace {

constexpr char kSerializationFailure[] = "40001";
constexpr char kDeadlockDetected[] = "40P01";
constexpr char kUniqueViolation[] = "23505";
constexpr char kLockNotAvailable[] = "55P03";  // after lock_timeout
constexpr char kOutdated[] = "LY001";          // ours
constexpr char kConnectionClass[] = "08";
constexpr char kOperatorInterventionShutdown[] = "57P";  // 57P01 admin_shutdown, 57P02 crash_shutdown, 57P03
// Conflicts, insufficient resources, objects in use, operator intervention (with statement_timeout), system
// errors; and LY001.
constexpr const char* kPassingClasses[] = {"40", "53", "55", "57", "58", "LY"};

// The first line of what PostgreSQL or libpq says. The lines after it quote rows, and with them personal
// data.
std::string FirstLine(absl::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

absl::Status Conflict(absl::string_view sqlstate, const char* what) {
  log::Warning("lost against another transaction", {{"sqlstate", sqlstate}, {"error", FirstLine(what)}});
  return Refuse(absl::StatusCode::kAborted, "CONFLICT",
                "Lost against other transactions too often. Nothing was done; try again.",
                {{"sqlstate", std::string(sqlstate)}});
}

absl::Status Lost(bool committing, const char* what) {
  log::Warning("lost the database",
               {{"committing", committing ? "true" : "false"}, {"error", FirstLine(what)}});
  return committing
             ? absl::UnknownError("The commit is in doubt.")
             : Refuse(
                   absl::StatusCode::kUnavailable, "UNAVAILABLE",
                   "The database cannot be reached. Nothing was done; try again with the same request id.");
}

// Empty if it has none.
std::string SqlstateOf(const absl::Status& status) {
  const auto refusal = RefusalOf(status);
  if (!refusal) return "";
  const auto it = refusal->metadata.find("sqlstate");
  return it == refusal->metadata.end() ? "" : it->second;
}

bool HasSqlstate(const absl::Status& status, absl::string_view sqlstate) {
  return SqlstateOf(status) == sqlstate;
}

}  // namespace

absl::Status StatusOfCurrentException(bool committing) {
  try {
    throw;
  } catch (const pqxx::serialization_failure& e) {  // before sql_error: libpqxx 6 gives these no SQLSTATE
    return Conflict(kSerializationFailure, e.what());
  } catch (const pqxx::deadlock_detected& e) {
    return Conflict(kDeadlockDetected, e.what());
  } catch (const pqxx::in_doubt_error& e) {
    return Lost(true, e.what());
  } catch (const pqxx::broken_connection& e) {
    return Lost(committing, e.what());
  } catch (const pqxx::sql_error& e) {
    if (e.sqlstate() == kLockNotAvailable) return Conflict(kLockNotAvailable, e.what());
    if (e.sqlstate().empty() || absl::StartsWith(e.sqlstate(), kConnectionClass) ||
        absl::StartsWith(e.sqlstate(), kOperatorInterventionShutdown)) {
      return Lost(committing, e.what());
    }
    return Refuse(absl::StatusCode::kInternal, "INTERNAL", FirstLine(e.what()), {{"sqlstate", e.sqlstate()}});
  } catch (const std::exception& e) {
    return committing ? Lost(true, e.what()) : absl::InternalError(FirstLine(e.what()));
  }
}

bool IsConflict(const absl::Status& status) {
  return HasSqlstate(status, kSerializationFailure) || HasSqlstate(status, kDeadlockDetected);
}

bool IsUniqueViolation(const absl::Status& status) { return HasSqlstate(status, kUniqueViolation); }

bool IsRefusedForGood(const absl::Status& status) {
  if (!IsRefusedStatement(status)) return false;
  const std::string sqlstate = SqlstateOf(status);
  return std::none_of(std::begin(kPassingClasses), std::end(kPassingClasses),
                      [&](const char* one) { return absl::StartsWith(sqlstate, one); });
}

bool IsOutdated(const absl::Status& status) { return HasSqlstate(status, kOutdated); }

}  // namespace loyalty::postgres
