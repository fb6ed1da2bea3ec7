#include "common/platform/program.h"

#include <absl/strings/str_cat.h>

#include "common/postgres/values.h"
#include "common/status/status.h"
#include "platform_sql.h"

namespace loyalty::platform {
namespace {

absl::StatusOr<Program> Read(const pqxx::result& rows, const std::string& asked) {
  if (rows.empty()) return ProgramNotFound(asked);
  const pqxx::row& row = rows[0];
  Program program{.key = row[0].as<int32_t>(),
                  .id = row[1].c_str(),
                  .currency_code = row[2].c_str(),
                  .time_zone = row[3].c_str()};
  if (!row[4].is_null()) program.test_time = postgres::ParseTimestamp(row[4].c_str());
  return program;
}

}  // namespace

absl::TimeZone Program::Zone() const {
  absl::TimeZone zone;
  absl::LoadTimeZone(time_zone, &zone);  // was checked when the program was made; UTC if it is gone
  return zone;
}

absl::Status ProgramNotFound(const std::string& program_id) {
  return Refuse(absl::StatusCode::kNotFound, "PROGRAM_NOT_FOUND",
                absl::StrCat("There is no program ", program_id, "."), {{"program_id", program_id}});
}

absl::StatusOr<Program> FindProgram(postgres::Transaction& tx, const std::string& program_id) {
  return Read(tx.Exec(sql::kFindProgram, program_id), program_id);
}

absl::StatusOr<Program> FindProgram(postgres::Transaction& tx, int32_t program_key) {
  return Read(tx.Exec(sql::kFindProgramByKey, program_key), absl::StrCat("with the key ", program_key));
}

}  // namespace loyalty::platform
