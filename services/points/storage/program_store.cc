#include "services/points/storage/program_store.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>

#include "common/postgres/values.h"
#include "common/status/status.h"
#include "points_sql.h"
#include "services/points/domain/reason.h"
#include "services/points/storage/due_store.h"
#include "services/points/storage/earn_rule_store.h"
#include "services/points/storage/policies_json.h"

namespace loyalty::points {
namespace {

constexpr char kBehind[] = "loyalty/points/behind";

Program ReadProgram(const pqxx::row& row) {
  Program program;
  program.key = row["program_key"].as<int32_t>();
  program.id = row["program_id"].c_str();
  program.display_name = row["display_name"].c_str();
  program.currency_code = row["currency_code"].c_str();
  program.time_zone = row["time_zone"].c_str();
  (void)absl::LoadTimeZone(program.time_zone, &program.zone);
  program.points_singular = row["points_singular"].c_str();
  program.points_plural = row["points_plural"].c_str();
  program.base_earn_rate = {row["rate_points"].as<int64_t>(), row["rate_per_units"].as<int64_t>()};
  program.rounding_mode = static_cast<RoundingMode>(row["rounding_mode"].as<int>());
  program.enrollment_mode = static_cast<EnrollmentMode>(row["enrollment_mode"].as<int>());
  program.create_time = postgres::ParseTimestamp(row["create_time"].c_str());
  program.update_time = postgres::ParseTimestamp(row["update_time"].c_str());
  if (!row["policies"].is_null()) program.policies = PoliciesFromJson(row["policies"].c_str());
  const auto changed = [&row](const char* column, absl::Time& time) {
    if (!row[column].is_null()) time = postgres::ParseTimestamp(row[column].c_str());
  };
  changed("tiers_changed", program.tiers_changed);
  changed("celebrations_changed", program.celebrations_changed);
  if (!row["clock_time"].is_null()) program.test_time = postgres::ParseTimestamp(row["clock_time"].c_str());
  return program;
}

absl::StatusOr<Program> TheProgram(const pqxx::result& rows, const std::string& program_id) {
  if (rows.empty()) return ProgramNotFound(program_id);
  return ReadProgram(rows[0]);
}

// Which policies are others than before, with the time.
std::string ChangesToJson(const Policies& before, const Policies& after, absl::Time now) {
  std::vector<std::string> changes;
  const auto tell = [&](const char* policy) {
    changes.push_back(absl::StrCat("\"", policy, "\":\"", postgres::FormatTimestamp(now), "\""));
  };
  if (before.tiers != after.tiers) tell("tiers");
  if (before.transfers != after.transfers) tell("transfers");
  if (before.returns != after.returns) tell("returns");
  if (before.celebrations != after.celebrations) tell("celebrations");
  return absl::StrCat("{", absl::StrJoin(changes, ","), "}");
}

}  // namespace

absl::Status ProgramNotFound(const std::string& program_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kProgramNotFound,
                absl::StrCat("There is no program ", program_id, "."), {{"program_id", program_id}});
}

std::optional<int32_t> InsertProgram(postgres::Transaction& tx, const Program& program) {
  const pqxx::result rows =
      tx.Exec(sql::kInsertProgram, program.id, program.display_name, program.currency_code, program.time_zone,
              program.points_singular, program.points_plural, program.base_earn_rate.points,
              program.base_earn_rate.per_major_units, static_cast<int>(program.rounding_mode),
              static_cast<int>(program.enrollment_mode), postgres::FormatTimestamp(program.create_time),
              PoliciesToJson(program.policies));
  if (rows.empty()) return std::nullopt;
  return rows[0][0].as<int32_t>();
}

absl::StatusOr<Program> LoadProgram(postgres::Transaction& tx, const std::string& program_id) {
  const pqxx::result rows = tx.Exec(sql::kLoadProgram, program_id);
  absl::StatusOr<Program> program = TheProgram(rows, program_id);
  if (program.ok() && !rows[0]["rules"].is_null()) program->rules = RulesFromJson(rows[0]["rules"].c_str());
  return program;
}

absl::StatusOr<Program> UpdateProgram(postgres::Transaction& tx, const std::string& program_id,
                                      const std::function<absl::Status(Program&)>& change) {
  const pqxx::result locked = tx.Exec(sql::kLockProgram, program_id);
  LOYALTY_RETURN_IF_ERROR(TheProgram(locked, program_id).status());
  tx.Exec(sql::kAwaitMembers, locked[0]["program_key"].as<int32_t>());
  // Who waited for the lock has seen the policies and the clock as they were before.
  absl::StatusOr<Program> program = TheProgram(tx.Exec(sql::kLockProgram, program_id), program_id);
  LOYALTY_RETURN_IF_ERROR(program.status());
  const Program before = *program;
  LOYALTY_RETURN_IF_ERROR(change(*program));
  const absl::Time now = program->update_time;
  const bool due_again = !DueAlike(before.policies, program->policies);
  if (due_again && NextDue(tx, program->key) <= now) {
    absl::Status behind =
        Refuse(absl::StatusCode::kAborted, reason::kConflict,
               "Members are still being brought up to date by the policies so far. Send the request again.");
    behind.SetPayload(kBehind, absl::Cord());
    return behind;
  }
  NoteChanges(before, now, *program);
  // By its update time a batch knows whether its program is still the one that it read.
  program->update_time = std::max(program->update_time, before.update_time + absl::Microseconds(1));
  tx.Exec(sql::kUpdateProgram, program->key, program->display_name, program->points_singular,
          program->points_plural, program->base_earn_rate.points, program->base_earn_rate.per_major_units,
          static_cast<int>(program->rounding_mode), static_cast<int>(program->enrollment_mode),
          postgres::FormatTimestamp(program->update_time), PoliciesToJson(program->policies),
          ChangesToJson(before.policies, program->policies, now));
  if (due_again) tx.Exec(sql::kMakeAccountsDue, program->key, postgres::FormatTimestamp(now));
  return program;
}

bool IsBehind(const absl::Status& status) { return status.GetPayload(kBehind).has_value(); }

ExpiryPreview PreviewExpiry(postgres::Transaction& tx, const Program& program, absl::Time now) {
  const ExpiryPolicy& expiry = program.policies.expiry;
  ExpiryPreview preview(expiry, program.zone, now);
  for (const pqxx::row& row :
       tx.Exec(sql::kPreviewExpiry, program.key, postgres::FormatTimestamp(now), program.time_zone,
               expiry.kind == ExpiryKind::kInactivity ? expiry.months : 0)) {
    absl::CivilDay earned;
    (void)absl::ParseCivilTime(row["earned_day"].c_str(), &earned);
    preview.Add({earned, postgres::ParseTimestamp(row["expire_time"].c_str()), row["points"].as<int64_t>(),
                 postgres::ParseTimestamp(row["mature_time"].c_str()), row["inactive"].as<bool>()});
  }
  return preview;
}

std::vector<Program> ListPrograms(postgres::Transaction& tx, const std::string& after, int limit) {
  std::vector<Program> programs;
  for (const pqxx::row& row : tx.Exec(sql::kListPrograms, after, limit)) programs.push_back(ReadProgram(row));
  return programs;
}

}  // namespace loyalty::points
