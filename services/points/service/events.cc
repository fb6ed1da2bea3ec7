#include "services/points/service/events.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "services/points/service/convert.h"
#include "services/points/storage/event_store.h"

namespace loyalty::points {
namespace {

const std::string& EntryPostedType() { return v1::EntryPosted::descriptor()->full_name(); }

std::string CauseOf(const Entry& entry) {
  if (!entry.cause.empty()) return entry.cause;
  if (entry.kind == EntryKind::kPurchase) return absl::StrCat("order:", entry.order_id);
  if (entry.kind == EntryKind::kReturn) return absl::StrCat("return:", entry.return_id);
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
