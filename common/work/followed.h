// How far a service has followed the events of another one, and the events that it could not take in.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"

namespace loyalty::work {

// Of the last event that took effect; 0 if none has.
int64_t FindFollowed(postgres::Transaction& tx, int32_t program_key, const std::string& source);
// The same; who asks next waits for the commit.
int64_t LockFollowed(postgres::Transaction& tx, int32_t program_key, const std::string& source);
void SetFollowed(postgres::Transaction& tx, int32_t program_key, const std::string& source, int64_t position);

struct SetAside {
  std::string source;
  int64_t position = 0;
  std::string event;  // serialized
  std::string error;
  int attempts = 0;
  absl::Time create_time;
};
void InsertSetAside(postgres::Transaction& tx, int32_t program_key, const SetAside& event);
// After a source and position.
std::vector<SetAside> ListSetAside(postgres::Transaction& tx, int32_t program_key, const std::string& source,
                                   int64_t position, int limit);
// The serialized event.
std::optional<std::string> LockSetAside(postgres::Transaction& tx, int32_t program_key,
                                        const std::string& source, int64_t position);
void NoteSetAsideFailure(postgres::Transaction& tx, int32_t program_key, const std::string& source,
                         int64_t position, const std::string& error);
void DeleteSetAside(postgres::Transaction& tx, int32_t program_key, const std::string& source,
                    int64_t position);

}  // namespace loyalty::work
