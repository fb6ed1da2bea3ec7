#include "common/work/followed.h"

#include "common/postgres/values.h"
#include "work_sql.h"

namespace loyalty::work {
namespace {

int64_t PositionIn(const pqxx::result& rows) { return rows.empty() ? 0 : rows[0][0].as<int64_t>(); }

}  // namespace

int64_t FindFollowed(postgres::Transaction& tx, int32_t program_key, const std::string& source) {
  return PositionIn(tx.Exec(sql::kFindFollowed, program_key, source));
}

int64_t LockFollowed(postgres::Transaction& tx, int32_t program_key, const std::string& source) {
  pqxx::result rows = tx.Exec(sql::kLockFollowed, program_key, source);
  if (rows.empty()) {
    tx.Exec(sql::kInsertFollowed, program_key, source);
    rows = tx.Exec(sql::kLockFollowed, program_key, source);
  }
  return PositionIn(rows);
}

void SetFollowed(postgres::Transaction& tx, int32_t program_key, const std::string& source,
                 int64_t position) {
  tx.Exec(sql::kSetFollowed, program_key, source, position);
}

void InsertSetAside(postgres::Transaction& tx, int32_t program_key, const SetAside& event) {
  tx.Exec(sql::kInsertSetAside, program_key, event.source, event.position, pqxx::binarystring(event.event),
          event.error, event.attempts, postgres::FormatTimestamp(event.create_time));
}

std::vector<SetAside> ListSetAside(postgres::Transaction& tx, int32_t program_key, const std::string& source,
                                   int64_t position, int limit) {
  std::vector<SetAside> out;
  for (const auto& row : tx.Exec(sql::kListSetAside, program_key, source, position, limit)) {
    out.push_back({.source = row[0].c_str(),
                   .position = row[1].as<int64_t>(),
                   .event = pqxx::binarystring(row[2]).str(),
                   .error = row[3].c_str(),
                   .attempts = row[4].as<int>(),
                   .create_time = postgres::ParseTimestamp(row[5].c_str())});
  }
  return out;
}

std::optional<std::string> LockSetAside(postgres::Transaction& tx, int32_t program_key,
                                        const std::string& source, int64_t position) {
  const pqxx::result rows = tx.Exec(sql::kLockSetAside, program_key, source, position);
  if (rows.empty()) return std::nullopt;
  return pqxx::binarystring(rows[0][0]).str();
}

void NoteSetAsideFailure(postgres::Transaction& tx, int32_t program_key, const std::string& source,
                         int64_t position, const std::string& error) {
  tx.Exec(sql::kNoteSetAsideFailure, program_key, source, position, error);
}

void DeleteSetAside(postgres::Transaction& tx, int32_t program_key, const std::string& source,
                    int64_t position) {
  tx.Exec(sql::kDeleteSetAside, program_key, source, position);
}

}  // namespace loyalty::work
