#include "common/work/outbox.h"

#include "common/postgres/values.h"
#include "work_sql.h"

namespace loyalty::work {

void AppendEvents(postgres::Transaction& tx, int32_t program_key, const std::vector<NewEvent>& events,
                  absl::Time recorded_time) {
  if (events.empty()) return;
  postgres::TextArray types, members, causes, actors;
  postgres::TimestamptzArray times;
  postgres::ByteaArray payloads;
  for (const NewEvent& event : events) {
    types.Add(event.type);
    members.AddOrNull(event.facts.member_id);
    causes.AddOrNull(event.facts.cause);
    actors.AddOrNull(event.facts.actor);
    times.Add(event.facts.occurred_time.value_or(recorded_time));
    payloads.Add(event.payload);
  }
  tx.Exec(sql::kAppendEvents, program_key, types.Finish(), members.Finish(), causes.Finish(), actors.Finish(),
          times.Finish(), postgres::FormatTimestamp(recorded_time), payloads.Finish());
}

std::vector<StoredEvent> ReadOutbox(postgres::Transaction& tx, const EventRange& range, int limit) {
  postgres::TextArray types;
  for (const std::string& type : range.types) types.Add(type);
  std::vector<StoredEvent> out;
  for (const auto& row : tx.Exec(sql::kReadOutbox, range.program_key, range.after, range.last, types.Finish(),
                                 range.member_id, limit)) {
    out.push_back({.position = row[0].as<int64_t>(),
                   .type = row[1].c_str(),
                   .payload = pqxx::binarystring(row[7]).str(),
                   .member_id = row[2].c_str(),
                   .cause = row[3].c_str(),
                   .actor = row[4].c_str(),
                   .occurred_time = postgres::ParseTimestamp(row[5].c_str()),
                   .recorded_time = postgres::ParseTimestamp(row[6].c_str())});
  }
  return out;
}

int64_t FindHead(postgres::Transaction& tx, int32_t program_key) {
  const pqxx::result rows = tx.Exec(sql::kFindHead, program_key);
  return rows.empty() ? 0 : rows[0][0].as<int64_t>();
}

std::vector<ProgramHead> FindHeads(postgres::Transaction& tx, const std::vector<int32_t>& program_keys) {
  postgres::BigintArray keys;
  for (const int32_t key : program_keys) keys.Add(key);
  std::vector<ProgramHead> out;
  for (const auto& row : tx.Exec(sql::kFindHeads, keys.Finish())) {
    out.push_back({.program_key = row[0].as<int32_t>(), .position = row[1].as<int64_t>()});
  }
  return out;
}

std::vector<ProgramHead> ListHeads(postgres::Transaction& tx, int32_t after_key, int limit) {
  std::vector<ProgramHead> out;
  for (const auto& row : tx.Exec(sql::kListHeads, after_key, limit)) {
    out.push_back({row[0].as<int32_t>(), row[1].c_str(), row[2].as<int64_t>()});
  }
  return out;
}

}  // namespace loyalty::work
