// Where a service's events are read from. The default is the outbox; points also reads its ledger, whose
// entries are events that no outbox repeats.
#pragma once

#include <vector>

#include "common/postgres/pool.h"
#include "common/work/outbox.h"

namespace loyalty::events {

class Source {
 public:
  virtual ~Source() = default;
  // Up to `limit` of the events that the range asks for, by position. Positions of a program come from its
  // `event_head` alone, so every one in (after, last] is there, in one table or another. Called outside a
  // transaction; exceptions of libpqxx may pass.
  virtual std::vector<work::StoredEvent> Read(postgres::Transaction& tx, const work::EventRange& range,
                                              int limit) = 0;
};

class OutboxSource final : public Source {
 public:
  std::vector<work::StoredEvent> Read(postgres::Transaction& tx, const work::EventRange& range,
                                      int limit) override {
    return work::ReadOutbox(tx, range, limit);
  }
};

}  // namespace loyalty::events
