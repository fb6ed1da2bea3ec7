// What can be asked of the ledger, and what it answers.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/status/fingerprint.h"

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

// The kinds of command. Points are above zero, but for Adjust, where they have a sign.
struct Earn {
  int64_t points = 0;
};
struct Spend {
  int64_t points = 0;
  std::string order_id;
};
struct Adjust {
  int64_t points = 0;
};
struct RecordPurchase {
  Purchase purchase;
};

struct Command {
  std::string member_id;
  std::string request_id;  // empty only for an imported purchase, which its order id identifies
  bool validate_only = false;
  std::optional<absl::Time> occurred_time;  // of Earn; otherwise the purchase's time, or now
  std::string reason;
  std::string actor;
  std::string channel;   // of a purchase: in the purchase
  std::string location;  // of a purchase: in the purchase
  std::variant<Earn, Spend, Adjust, RecordPurchase> action;
};

// Tells a repeated request from another one under the same id: all that the command says but its request id.
Digest ContentOf(const Command& command);

enum class EntryKind { kPurchase = 1, kEarn = 2, kSpend = 3, kAdjust = 4 };

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
  std::optional<Purchase> purchase;  // only in lists
};

// The answer to a command.
struct Receipt {
  Entry entry;
  bool replayed = false;  // the entry is that of an earlier request
};

}  // namespace loyalty::points
