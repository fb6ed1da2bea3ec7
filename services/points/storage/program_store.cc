#include "services/points/storage/program_store.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/postgres/values.h"
#include "common/status/status.h"
#include "points_sql.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

Program ReadProgram(const pqxx::row& row) {
  Program program;
  program.key = row["program_key"].as<int32_t>();
  program.id = row["program_id"].c_str();
  program.display_name = row["display_name"].c_str();
  program.currency_code = row["currency_code"].c_str();
  program.time_zone = row["time_zone"].c_str();
  program.points_singular = row["points_singular"].c_str();
  program.points_plural = row["points_plural"].c_str();
  program.base_earn_rate = {row["rate_points"].as<int64_t>(), row["rate_per_units"].as<int64_t>()};
  program.rounding_mode = static_cast<RoundingMode>(row["rounding_mode"].as<int>());
  program.enrollment_mode = static_cast<EnrollmentMode>(row["enrollment_mode"].as<int>());
  program.create_time = postgres::ParseTimestamp(row["create_time"].c_str());
  program.update_time = postgres::ParseTimestamp(row["update_time"].c_str());
  return program;
}

absl::Status Taken(const std::string& program_id) {
  return Refuse(absl::StatusCode::kAlreadyExists, reason::kProgramAlreadyExists,
                absl::StrCat("There is a program ", program_id, " with other settings."),
                {{"program_id", program_id}});
}

absl::StatusOr<Program> TheProgram(const pqxx::result& rows, const std::string& program_id) {
  if (rows.empty()) return ProgramNotFound(program_id);
  return ReadProgram(rows[0]);
}

}  // namespace

absl::Status ProgramNotFound(const std::string& program_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kProgramNotFound,
                absl::StrCat("There is no program ", program_id, "."), {{"program_id", program_id}});
}

absl::StatusOr<Program> LoadProgram(postgres::Transaction& tx, const std::string& program_id) {
  return TheProgram(tx.Exec(sql::kLoadProgram, program_id), program_id);
}

absl::Status ProgramStore::Create(const Program& program) {
  return pool_.Run([&](postgres::Transaction& tx) -> absl::Status {
    const pqxx::result rows = tx.Exec(
        sql::kInsertProgram, program.id, program.display_name, program.currency_code, program.time_zone,
        program.points_singular, program.points_plural, program.base_earn_rate.points,
        program.base_earn_rate.per_major_units, static_cast<int>(program.rounding_mode),
        static_cast<int>(program.enrollment_mode), postgres::FormatTimestamp(program.create_time));
    if (!rows.empty()) return absl::OkStatus();
    return Taken(program.id);
  });
}

absl::Status ProgramStore::CheckFree(const std::string& program_id) {
  const absl::Status status = Get(program_id).status();
  if (status.ok()) return Taken(program_id);
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

absl::StatusOr<Program> ProgramStore::Get(const std::string& program_id) {
  absl::StatusOr<Program> program;
  LOYALTY_RETURN_IF_ERROR(pool_.Read([&](postgres::Transaction& tx) {
    program = LoadProgram(tx, program_id);
    return program.status();
  }));
  return program;
}

absl::StatusOr<Program> ProgramStore::Update(const std::string& program_id,
                                             const std::function<absl::Status(Program&)>& change) {
  absl::StatusOr<Program> program;
  LOYALTY_RETURN_IF_ERROR(pool_.Run([&](postgres::Transaction& tx) -> absl::Status {
    program = TheProgram(tx.Exec(sql::kLockProgram, program_id), program_id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    const absl::Time before = program->update_time;
    LOYALTY_RETURN_IF_ERROR(change(*program));
    // By its update time a batch knows whether its program is still the one that it read.
    program->update_time = std::max(program->update_time, before + absl::Microseconds(1));
    tx.Exec(sql::kUpdateProgram, program->key, program->display_name, program->points_singular,
            program->points_plural, program->base_earn_rate.points, program->base_earn_rate.per_major_units,
            static_cast<int>(program->rounding_mode), static_cast<int>(program->enrollment_mode),
            postgres::FormatTimestamp(program->update_time));
    return absl::OkStatus();
  }));
  return program;
}

absl::StatusOr<std::vector<Program>> ProgramStore::List(const std::string& after, int limit) {
  std::vector<Program> programs;
  LOYALTY_RETURN_IF_ERROR(pool_.Read([&](postgres::Transaction& tx) {
    for (const pqxx::row& row : tx.Exec(sql::kListPrograms, after, limit))
      programs.push_back(ReadProgram(row));
    return absl::OkStatus();
  }));
  return programs;
}

}  // namespace loyalty::points
