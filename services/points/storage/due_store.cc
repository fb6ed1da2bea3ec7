#include "services/points/storage/due_store.h"

#include "common/postgres/values.h"
#include "points_sql.h"

namespace loyalty::points {

std::vector<int32_t> ProgramsWithDueAccounts(postgres::Transaction& tx, absl::Time now, int limit) {
  std::vector<int32_t> keys;
  for (const pqxx::row& row : tx.Exec(sql::kListDuePrograms, postgres::FormatTimestamp(now), limit)) {
    keys.push_back(row[0].as<int32_t>());
  }
  return keys;
}

absl::Time NextDue(postgres::Transaction& tx, int32_t program_key) {
  return postgres::ParseTimestamp(tx.Exec(sql::kGetNextDue, program_key)[0][0].c_str());
}

DueMembers MembersDue(postgres::Transaction& tx, int32_t program_key, absl::Time now, int limit) {
  DueMembers due;
  for (const pqxx::row& row :
       tx.Exec(sql::kListDueMembers, program_key, postgres::FormatTimestamp(now), limit)) {
    due.program_id = row["program_id"].c_str();
    due.member_ids.emplace_back(row["member_id"].c_str());
  }
  return due;
}

void PostponeDue(postgres::Transaction& tx, int32_t program_key, const std::string& member_id, absl::Time due,
                 absl::Time time) {
  tx.Exec(sql::kPostponeDue, program_key, member_id, postgres::FormatTimestamp(time),
          postgres::FormatTimestamp(due));
}

}  // namespace loyalty::points
