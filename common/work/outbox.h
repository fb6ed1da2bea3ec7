// Events on their way into the outbox.
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

}  // namespace loyalty::work
