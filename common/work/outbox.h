// Events on their way into the outbox, and out of it.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"

namespace loyalty::work {

// What an event says beside its payload.
struct EventFacts {
  std::string member_id;                    // whom it concerns; may be empty
  std::string cause;                        // what brought it about: "order:A-17"; may be empty
  std::string actor;                        // who
  std::optional<absl::Time> occurred_time;  // when it happened
};

struct NewEvent {
  std::string type;     // full name of the payload's message
  std::string payload;  // serialized
  EventFacts facts;
};

// Numbers the events and writes them. It locks the program's head until the commit, so it is the last thing
// that a transaction does. Nothing, if there are none.
void AppendEvents(postgres::Transaction& tx, int32_t program_key, const std::vector<NewEvent>& events,
                  absl::Time recorded_time);

// An event as it is stored.
struct StoredEvent {
  int64_t position = 0;
  std::string type;
  std::string payload;
  std::string member_id, cause, actor;
  absl::Time occurred_time, recorded_time;
};

// Which events of a program are asked for: positions in (after, last].
struct EventRange {
  int32_t program_key = 0;
  int64_t after = 0;
  int64_t last = 0;
  std::vector<std::string> types;  // none: all
  std::string member_id;           // empty: all
};

// Up to `limit` events, by position.
std::vector<StoredEvent> ReadOutbox(postgres::Transaction& tx, const EventRange& range, int limit);

// The position of a program's newest event; 0 if it has none.
int64_t FindHead(postgres::Transaction& tx, int32_t program_key);
struct ProgramHead {
  int32_t program_key = 0;
  std::string program_id;  // of ListHeads
  int64_t position = 0;
};
std::vector<ProgramHead> FindHeads(postgres::Transaction& tx, const std::vector<int32_t>& program_keys);
// Of all programs after a key, by key.
std::vector<ProgramHead> ListHeads(postgres::Transaction& tx, int32_t after_key, int limit);

}  // namespace loyalty::work
