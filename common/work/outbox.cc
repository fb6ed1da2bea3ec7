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

}  // namespace loyalty::work
