// The ledger as events: each entry is one, under its position.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/points/domain/command.h"

namespace loyalty::points {

struct PostedEntry {
  int64_t position = 0;
  std::string member_id;
  Entry entry;  // with its purchase
};

// Up to `limit` entries of a program with positions in (after, last], by position; of one member, or of all
// if `member_id` is empty.
std::vector<PostedEntry> ReadEntries(postgres::Transaction& tx, int32_t program_key, int64_t after,
                                     int64_t last, const std::string& member_id, int limit);

}  // namespace loyalty::points
