#include "services/points/service/events.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "services/points/service/convert.h"
#include "services/points/service/convert_entry.h"
#include "services/points/service/convert_member.h"
#include "services/points/storage/event_store.h"

namespace loyalty::points {
namespace {

const std::string& EntryPostedType() { return v1::EntryPosted::descriptor()->full_name(); }

// What an entry follows from: a deed, what undoes it, or something in another service. What a member or a
// clerk asks for, and what happens by itself, has no cause.
std::string CauseOf(const Entry& entry) {
  if (!entry.cause.empty()) return entry.cause;
  if (!entry.return_id.empty()) return absl::StrCat("return:", entry.return_id);
  if (!entry.activity_id.empty()) return absl::StrCat("activity:", entry.activity_id);
  switch (entry.kind) {
    case EntryKind::kPurchase:
    case EntryKind::kReturn:    // a cancellation
    case EntryKind::kMaturity:  // a confirmation
    case EntryKind::kRestore:
    case EntryKind::kTier:
    case EntryKind::kDonation:
    case EntryKind::kRedemption:
    case EntryKind::kFulfillment:
    case EntryKind::kForfeit:  // of what came back to somebody who had left
      return entry.order_id.empty() ? "" : absl::StrCat("order:", entry.order_id);
    case EntryKind::kEarn:
    case EntryKind::kSpend:
    case EntryKind::kAdjust:
    case EntryKind::kReversal:
    case EntryKind::kLabel:
    case EntryKind::kActivity:
    case EntryKind::kHold:
    case EntryKind::kCapture:
    case EntryKind::kRelease:
    case EntryKind::kExpiry:
    case EntryKind::kTransferOut:
    case EntryKind::kTransferIn:
    case EntryKind::kFee:
    case EntryKind::kProfile:
    case EntryKind::kMergeOut:
    case EntryKind::kMergeIn:
    case EntryKind::kExpiryChange:
      return "";
  }
  return "";
}

work::StoredEvent ToEvent(const PostedEntry& posted) {
  const Entry& entry = posted.entry;
  v1::EntryPosted payload;
  *payload.mutable_entry() = ToProto(entry, posted.member_id);
  return {.position = posted.position,
          .type = EntryPostedType(),
          .payload = payload.SerializeAsString(),
          .member_id = posted.member_id,
          .cause = CauseOf(entry),
          .actor = entry.actor,
          .occurred_time = entry.occurred_time,
          .recorded_time = entry.recorded_time};
}

}  // namespace

v1::MemberEnrolled EnrolledEvent(const v1::Member& member) {
  v1::MemberEnrolled event;
  *event.mutable_member() = member;
  return event;
}

void TellEnrolled(postgres::Transaction& tx, const Program& program,
                  const std::vector<std::string>& member_ids, absl::Time time) {
  std::vector<work::NewEvent> events;
  for (const std::string& id : member_ids) {
    const v1::MemberEnrolled event =
        EnrolledEvent(ToProto(Member{.id = id, .enroll_time = time}, program.id));
    events.push_back({event.GetDescriptor()->full_name(), event.SerializeAsString(), {.member_id = id}});
  }
  work::AppendEvents(tx, program.key, events, time);
}

void TellMerged(postgres::Transaction& tx, const Program& program, const PostingStore::Merger& merger,
                absl::Time time) {
  v1::MembersMerged event;
  event.set_from_member_id(merger.from_member_id);
  event.set_into_member_id(merger.into_member_id);
  work::AppendEvents(tx, program.key,
                     {{event.GetDescriptor()->full_name(),
                       event.SerializeAsString(),
                       {.member_id = merger.into_member_id, .actor = merger.actor}}},
                     time);
}

std::vector<work::StoredEvent> LedgerSource::Read(postgres::Transaction& tx, const work::EventRange& range,
                                                  int limit) {
  const auto asks_for_entries = std::count(range.types.begin(), range.types.end(), EntryPostedType());
  const bool entries = range.types.empty() || asks_for_entries > 0;
  const bool others = range.types.empty() || asks_for_entries < static_cast<int64_t>(range.types.size());
  std::vector<work::StoredEvent> events;
  if (others) events = work::ReadOutbox(tx, range, limit);
  if (entries) {
    for (const PostedEntry& posted :
         ReadEntries(tx, range.program_key, range.after, range.last, range.member_id, limit)) {
      events.push_back(ToEvent(posted));
    }
  }
  std::sort(events.begin(), events.end(),
            [](const auto& a, const auto& b) { return a.position < b.position; });
  if (events.size() > static_cast<size_t>(limit)) events.resize(static_cast<size_t>(limit));
  return events;
}

}  // namespace loyalty::points
