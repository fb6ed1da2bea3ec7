// What the points service tells: its ledger entries, which are their own events, and its outbox.
#pragma once

#include <string>
#include <vector>

#include "common/events/source.h"
#include "common/postgres/pool.h"
#include "loyalty/points/v1/event.pb.h"
#include "services/points/domain/program.h"
#include "services/points/storage/posting_store.h"

namespace loyalty::points {

v1::MemberEnrolled EnrolledEvent(const v1::Member& member);

// Tells that the postings of a batch made members (PostingStore::TellEnrolled).
void TellEnrolled(postgres::Transaction& tx, const Program& program,
                  const std::vector<std::string>& member_ids, absl::Time time);

// Tells that a member was merged into another (PostingStore::TellMerged).
void TellMerged(postgres::Transaction& tx, const Program& program, const PostingStore::Merger& merger,
                absl::Time time);

// Entries (as EntryPosted) and outbox in one order: both have their positions from the same event head.
class LedgerSource final : public events::Source {
 public:
  std::vector<work::StoredEvent> Read(postgres::Transaction& tx, const work::EventRange& range,
                                      int limit) override;
};

}  // namespace loyalty::points
