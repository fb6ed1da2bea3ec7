#include "common/events/reader.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/rpc/time.h"
#include "common/status/status.h"

namespace loyalty::events {
namespace {

constexpr int64_t kMaxStretch = 10'000;  // positions that one page looks through
// Of one page, unless a single event has more: well below what clients of gRPC take by default (4 MiB).
constexpr size_t kMaxPageBytes = 1'000'000;

v1::Event ToProto(work::StoredEvent&& event, const std::string& service, const std::string& program_id) {
  v1::Event out;
  out.set_event_id(absl::StrCat(service, "/", program_id, "/", event.position));
  out.set_position(event.position);
  out.mutable_payload()->set_type_url(absl::StrCat("type.googleapis.com/", event.type));
  out.mutable_payload()->set_value(std::move(event.payload));
  out.set_type(std::move(event.type));
  out.set_program_id(program_id);
  out.set_member_id(std::move(event.member_id));
  out.set_cause(std::move(event.cause));
  out.set_actor(std::move(event.actor));
  *out.mutable_occurred_time() = rpc::ToProto(event.occurred_time);
  *out.mutable_recorded_time() = rpc::ToProto(event.recorded_time);
  return out;
}

absl::Status PositionAhead(int64_t after, int64_t head) {
  return Refuse(absl::StatusCode::kOutOfRange, "POSITION_AHEAD",
                absl::StrCat("The newest event is number ", head, ", which is before the position ", after,
                             ". Begin at a position that was answered."),
                {{"after_position", absl::StrCat(after)}, {"head_position", absl::StrCat(head)}});
}

absl::StatusOr<Reader::Start> FindStart(postgres::Transaction& tx, const std::string& program_id,
                                        int64_t after) {
  auto program = platform::FindProgram(tx, program_id);
  LOYALTY_RETURN_IF_ERROR(program.status());
  const int64_t head = work::FindHead(tx, program->key);
  if (after > head) return PositionAhead(after, head);
  return Reader::Start{*std::move(program), head};
}

}  // namespace

absl::StatusOr<Page> Reader::Read(const std::string& program_id, int64_t after, int limit,
                                  const Filter& filter) {
  Page page;
  const absl::Status status = pool_.Read([&](postgres::Transaction& tx) -> absl::Status {
    page = {};
    const auto start = FindStart(tx, program_id, after);
    LOYALTY_RETURN_IF_ERROR(start.status());
    page.head = start->head;
    page.position = std::min(page.head, after + kMaxStretch);
    if (page.position == after) return absl::OkStatus();
    auto stored =
        source_.Read(tx, {start->program.key, after, page.position, filter.types, filter.member_id}, limit);
    if (static_cast<int>(stored.size()) == limit) page.position = stored.back().position;
    size_t bytes = 0;
    for (work::StoredEvent& event : stored) {
      bytes += event.payload.size();
      if (bytes > kMaxPageBytes && !page.events.empty()) {
        page.position = page.events.back().position();
        break;
      }
      page.events.push_back(ToProto(std::move(event), service_, program_id));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return page;
}

absl::StatusOr<Reader::Start> Reader::Find(const std::string& program_id, int64_t after) {
  absl::StatusOr<Start> start;
  const absl::Status status = pool_.Read([&](postgres::Transaction& tx) {
    start = FindStart(tx, program_id, after);
    return start.status();
  });
  if (!status.ok()) return status;
  return start;
}

}  // namespace loyalty::events
