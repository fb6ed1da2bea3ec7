#include "common/platform/program_clock.h"

#include "common/postgres/values.h"
#include "platform_sql.h"

namespace loyalty::platform {

using postgres::FormatTimestamp;
using postgres::ParseTimestamp;

void CreateTestClock(postgres::Transaction& tx, int32_t program_key, absl::Time time) {
  tx.Exec(sql::kInsertTestClock, program_key, FormatTimestamp(time));
}

std::optional<TestClock> FindTestClock(postgres::Transaction& tx, int32_t program_key) {
  const pqxx::result rows = tx.Exec(sql::kFindTestClock, program_key);
  if (rows.empty()) return std::nullopt;
  return TestClock{ParseTimestamp(rows[0][0].c_str()), ParseTimestamp(rows[0][1].c_str())};
}

void AimTestClock(postgres::Transaction& tx, int32_t program_key, absl::Time target) {
  tx.Exec(sql::kAimTestClock, program_key, FormatTimestamp(target));
}

void MoveTestClock(postgres::Transaction& tx, int32_t program_key, absl::Time time) {
  tx.Exec(sql::kMoveTestClock, program_key, FormatTimestamp(time));
}

}  // namespace loyalty::platform
