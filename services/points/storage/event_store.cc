#include "services/points/storage/event_store.h"

#include "points_sql.h"
#include "services/points/storage/entry_row.h"

namespace loyalty::points {

std::vector<PostedEntry> ReadEntries(postgres::Transaction& tx, int32_t program_key, int64_t after,
                                     int64_t last, const std::string& member_id, int limit) {
  std::vector<PostedEntry> entries;
  for (const pqxx::row& row : tx.Exec(sql::kReadEntries, program_key, after, last, member_id, limit)) {
    PostedEntry posted{row["position"].as<int64_t>(), row["member_id"].c_str(), ReadEntry(row)};
    if (posted.entry.kind == EntryKind::kPurchase) posted.entry.purchase = ReadPurchase(row, posted.entry);
    entries.push_back(std::move(posted));
  }
  return entries;
}

}  // namespace loyalty::points
