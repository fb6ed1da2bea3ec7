// Calls to the points service that a service owes: rows of the table `delivery`. Work::Award and its like
// write them, common/delivery sends them.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"

namespace loyalty::work {

// What a delivery is known by, besides its program: at most one for each.
struct DeliveryKey {
  std::string cause;      // what brings it about: "referral:17"
  std::string part;       // which of the things that the cause brings: "friend"
  std::string member_id;  // whom
};

// Points for a member.
struct AwardFacts {
  std::string cause, part, member_id;       // see DeliveryKey
  int64_t points = 0;                       // above zero
  std::string reason;                       // for the member's statement; at most 200 bytes
  std::optional<absl::Time> occurred_time;  // default: now, by the program's clock
};

// A label for a member, valid in [from, until). A later one for the same label replaces it.
struct LabelFacts {
  std::string cause, part, member_id;
  std::string label;
  absl::Time from;
  std::optional<absl::Time> until;  // default: for ever
  std::string reason;
};

// Points of an award that are taken back.
struct TakeBackFacts {
  std::string cause, part;  // of the taking back: "return:R-3"; its member is the award's
  int64_t points = 0;       // of this one; with those taken back before at most the award's
  std::string reason;
  DeliveryKey of;  // the award
  std::optional<absl::Time> occurred_time;
};

enum class DeliveryKind { kAward = 1, kLabel = 2, kReversal = 3 };
enum class DeliveryState { kPending = 1, kDelivered = 2, kRefused = 3, kCancelled = 4 };

struct Delivery {
  int32_t program_key = 0;
  std::string program_id;  // of a claimed one
  int64_t id = 0;
  DeliveryKind kind = DeliveryKind::kAward;
  std::string cause, part, member_id;
  std::string request_id;
  int64_t points = 0;
  std::string label;
  std::optional<absl::Time> from_time, until_time;
  std::optional<int64_t> reversed_id;  // of a reversal: the award
  std::string reason;
  absl::Time occurred_time;
  DeliveryState state = DeliveryState::kPending;
  int attempts = 0;
  absl::Time next_attempt_time;  // this and the next two: real time
  absl::Time create_time;
  std::optional<absl::Time> end_time;
  std::string refusal_reason, refusal_message;
  // Of a claimed reversal: the award's request id, and whether the award was made.
  std::string reversed_request_id;
  bool reversed_was_made = false;
};

// The request id under which points gets the call: "<service>-<32 hexadecimal digits>".
std::string DeliveryRequestId(const std::string& service, const std::string& program_id,
                              const DeliveryKey& key);

// Writes a pending or cancelled delivery as of `create_time`, unless there is one with its key. Returns the
// id.
int64_t InsertDelivery(postgres::Transaction& tx, const Delivery& delivery);

// Of a delivery that may be about to end.
struct DeliveryStanding {
  int64_t id = 0;
  DeliveryState state = DeliveryState::kPending;
  int attempts = 0;
  int64_t points = 0;
};
std::optional<DeliveryStanding> LockDeliveryOf(postgres::Transaction& tx, int32_t program_key,
                                               const DeliveryKey& key);
std::vector<DeliveryStanding> LockReversals(postgres::Transaction& tx, int32_t program_key, int64_t award_id);
void CancelDeliveries(postgres::Transaction& tx, int32_t program_key, const std::vector<int64_t>& ids,
                      absl::Time end_time);

// Takes pending deliveries and leaves them to the caller until `until`: those whose time has come at `now`,
// or, with a program, all of that program.
std::vector<Delivery> ClaimDeliveries(postgres::Transaction& tx, absl::Time now, absl::Time until, int limit);
std::vector<Delivery> ClaimDeliveriesOf(postgres::Transaction& tx, int32_t program_key, absl::Time until,
                                        int limit);

// What became of a claimed delivery.
struct DeliveryResult {
  int32_t program_key = 0;
  int64_t id = 0;
  DeliveryState state = DeliveryState::kPending;  // pending: to be tried again
  absl::Time next_attempt_time;
  std::string refusal_reason, refusal_message;
};
struct RecordedDeliveries {
  int64_t delivered = 0, refused = 0, cancelled = 0;
  int64_t ended() const { return delivered + refused + cancelled; }
};
// `claimed_until`: what they were claimed with.
RecordedDeliveries RecordDeliveries(postgres::Transaction& tx, const std::vector<DeliveryResult>& results,
                                    absl::Time claimed_until, absl::Time now);

// Before an id, the newest first.
struct DeliveryFilter {
  std::optional<DeliveryState> state;
  std::string member_id;  // empty: all
};
std::vector<Delivery> ListDeliveries(postgres::Transaction& tx, int32_t program_key,
                                     const DeliveryFilter& filter, int64_t before_id, int limit);
std::optional<Delivery> LockDelivery(postgres::Transaction& tx, int32_t program_key, int64_t id);
// Of a label: the newest later delivery of the same label of the same member.
std::optional<int64_t> FindLaterLabel(postgres::Transaction& tx, const Delivery& delivery);
// Makes them pending, due at once.
void RetryDeliveries(postgres::Transaction& tx, int32_t program_key, const std::vector<int64_t>& ids,
                     absl::Time now);

struct PendingDeliveries {
  int64_t count = 0;
  std::optional<absl::Time> oldest_create_time;
};
PendingDeliveries CountPendingDeliveries(postgres::Transaction& tx);

}  // namespace loyalty::work
