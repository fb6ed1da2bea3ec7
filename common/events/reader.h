// Reads pages of a service's events.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "common/events/source.h"
#include "common/platform/program.h"
#include "common/postgres/pool.h"
#include "loyalty/events/v1/event.pb.h"

namespace loyalty::events {

// Which events of a program a reader wants.
struct Filter {
  std::vector<std::string> types;  // none: all
  std::string member_id;           // empty: all
};

struct Page {
  std::vector<v1::Event> events;
  int64_t position = 0;  // everything up to here has been looked at
  int64_t head = 0;      // the position of the newest event
};

class Reader {
 public:
  // `service`: its name, the beginning of every event id.
  Reader(postgres::Pool& pool, std::string service, Source& source)
      : pool_(pool), service_(std::move(service)), source_(source) {}

  // Up to `limit` events after a position. Looks through at most 10,000 positions. PROGRAM_NOT_FOUND;
  // OUT_OF_RANGE, reason POSITION_AHEAD.
  absl::StatusOr<Page> Read(const std::string& program_id, int64_t after, int limit, const Filter& filter);

  struct Start {
    platform::Program program;
    int64_t head = 0;
  };
  // The program and its head; the errors of Read.
  absl::StatusOr<Start> Find(const std::string& program_id, int64_t after);

  postgres::Pool& pool() { return pool_; }

 private:
  postgres::Pool& pool_;
  const std::string service_;
  Source& source_;
};

}  // namespace loyalty::events
