// What can be asked of the ledger, and what it answers.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/status/fingerprint.h"
#include "services/points/domain/labels.h"

namespace loyalty::points {

struct PurchaseLine {
  std::string sku;
  std::string category;
  int64_t quantity = 1;
  int64_t amount_minor = 0;  // the whole line's
};

struct Purchase {
  std::string order_id;
  absl::Time purchase_time = absl::InfinitePast();  // which stands for: not given
  std::string currency_code;                        // empty: the program's
  int64_t total_minor = 0;
  std::vector<PurchaseLine> lines;
  std::string channel;
  std::string location;
  std::vector<std::string> labels;
};

// The kinds of command. Points are above zero, where nothing else is said.
struct Earn {
  int64_t points = 0;
  std::string cause;  // in another service: "referral:17"
};
struct Spend {
  int64_t points = 0;
  std::string order_id;
};
struct Adjust {
  int64_t points = 0;  // with a sign
};
struct RecordPurchase {
  Purchase purchase;
};
// Takes back points of an award.
struct ReverseEntry {
  std::string reversed_request_id;
  int64_t points = 0;  // 0: all that was not taken back
};
struct RecordReturn {
  std::string order_id;
  std::string return_id;
  int64_t amount_minor = 0;  // 0: all that is left of the order
};
struct SetMemberLabel {
  MemberLabel label;
};

struct Command {
  std::string member_id;   // empty only for a return, whose order says it
  std::string request_id;  // empty only for an imported purchase, which its order id identifies
  bool validate_only = false;
  std::optional<absl::Time> occurred_time;  // of an award or a return; otherwise the purchase's time, or now
  std::string reason;
  std::string actor;
  std::string channel;   // of a purchase: in the purchase
  std::string location;  // of a purchase: in the purchase
  std::variant<Earn, Spend, Adjust, RecordPurchase, ReverseEntry, RecordReturn, SetMemberLabel> action;
};

// Tells a repeated request from another one under the same id: all that the command says but its request id.
Digest ContentOf(const Command& command);

enum class EntryKind {
  kPurchase = 1,
  kEarn = 2,
  kSpend = 3,
  kAdjust = 4,
  kReversal = 5,
  kReturn = 6,
  kLabel = 7
};

// What one rule gave for an order.
struct Award {
  std::string rule_id;
  int64_t points = 0;
  bool operator==(const Award&) const = default;
};

struct LotUse {
  int64_t lot_sequence = 0;
  int64_t points = 0;
  absl::Time earned_time;
  bool operator==(const LotUse&) const = default;
};

// One line of a member's ledger.
struct Entry {
  int64_t sequence = 0;
  EntryKind kind = EntryKind::kEarn;
  int64_t points = 0;
  int64_t balance_after = 0;
  absl::Time occurred_time;
  absl::Time recorded_time;
  std::string request_id;
  std::string order_id;
  std::string rule_id;
  std::string reason;
  std::string actor;
  std::string channel;
  std::string location;
  std::vector<LotUse> lot_uses;
  std::string cause;
  std::vector<Award> awards;       // of a purchase that more than the base rate gave to: all, the base first
  int64_t corrected_sequence = 0;  // of a reversal or return: the entry that it takes back from
  int64_t shortfall = 0;           // points that it should have taken, and the member did not have
  std::string return_id;           // of a return
  int64_t returned_minor = 0;      // of a return
  std::optional<MemberLabel> label;  // of a label
  std::optional<Purchase> purchase;  // only in lists
};

// The answer to a command.
struct Receipt {
  Entry entry;
  bool replayed = false;  // the entry is that of an earlier request
  std::string member_id;  // whose it is, if the command did not say
};

}  // namespace loyalty::points
