// The deeds that rules reward.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <vector>

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

// A review, a visit, a completed profile.
struct Activity {
  std::string type;                        // the caller's
  std::string activity_id;                 // unique in the program for ever
  absl::Time time = absl::InfinitePast();  // which stands for: not given
  std::string channel;
  std::string location;
};

// A part of an order's line that was given back.
struct ReturnedLine {
  int64_t line = 0;      // its place in the order, from 0
  int64_t quantity = 0;  // pieces
  bool operator==(const ReturnedLine&) const = default;
};

}  // namespace loyalty::points
