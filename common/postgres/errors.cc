#include "common/postgres/errors.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <pqxx/pqxx>

#include "common/status/status.h"

namespace loyalty::postgres {
namespace {

constexpr char kSerializationFailure[] = "40001";
constexpr char kDeadlockDetected[] = "40P01";
constexpr char kUniqueViolation[] = "23505";
constexpr char kConnectionClass[] = "08";
constexpr char kOperatorInterventionShutdown[] = "57P";  // 57P01 admin_shutdown, 57P02 crash_shutdown, 57P03

absl::Status Sql(absl::StatusCode code, absl::string_view reason, absl::string_view sqlstate,
                 absl::string_view message) {
  return Refuse(code, reason, message, {{"sqlstate", std::string(sqlstate)}});
}

absl::Status Lost(bool committing, absl::string_view message) {
  return committing ? absl::UnknownError(absl::StrCat("The commit is in doubt: ", message))
                    : Refuse(absl::StatusCode::kUnavailable, "UNAVAILABLE",
                             absl::StrCat("The database cannot be reached: ", message));
}

bool HasSqlstate(const absl::Status& status, absl::string_view sqlstate) {
  const auto refusal = RefusalOf(status);
  if (!refusal) return false;
  const auto it = refusal->metadata.find("sqlstate");
  return it != refusal->metadata.end() && it->second == sqlstate;
}

}  // namespace

absl::Status StatusOfCurrentException(bool committing) {
  try {
    throw;
  } catch (const pqxx::serialization_failure& e) {  // before sql_error: libpqxx 6 gives these no SQLSTATE
    return Sql(absl::StatusCode::kAborted, "CONFLICT", kSerializationFailure, e.what());
  } catch (const pqxx::deadlock_detected& e) {
    return Sql(absl::StatusCode::kAborted, "CONFLICT", kDeadlockDetected, e.what());
  } catch (const pqxx::in_doubt_error& e) {
    return Lost(true, e.what());
  } catch (const pqxx::broken_connection& e) {
    return Lost(committing, e.what());
  } catch (const pqxx::sql_error& e) {
    if (e.sqlstate().empty() || absl::StartsWith(e.sqlstate(), kConnectionClass) ||
        absl::StartsWith(e.sqlstate(), kOperatorInterventionShutdown)) {
      return Lost(committing, e.what());
    }
    return Sql(absl::StatusCode::kInternal, "INTERNAL", e.sqlstate(), e.what());
  } catch (const std::exception& e) {
    return committing ? Lost(true, e.what()) : absl::InternalError(e.what());
  }
}

bool IsConflict(const absl::Status& status) {
  return HasSqlstate(status, kSerializationFailure) || HasSqlstate(status, kDeadlockDetected);
}

bool IsUniqueViolation(const absl::Status& status) { return HasSqlstate(status, kUniqueViolation); }

}  // namespace loyalty::postgres
