// Earn rules: what purchases earn beyond the program's base rate.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "common/status/status.h"
#include "services/points/domain/labels.h"

namespace loyalty::points {

struct Purchase;

// An exact factor, above 1.
struct Multiplier {
  int64_t numerator = 0;    // above the denominator, at most kMaxMultiplierTerm
  int64_t denominator = 0;  // above zero
  bool operator==(const Multiplier&) const = default;
};
inline constexpr int64_t kMaxMultiplierTerm = 1'000'000;

// All that are given have to hold.
struct EarnConditions {
  std::string member_label;  // the member carries it at the purchase's time; empty: no matter
  bool operator==(const EarnConditions&) const = default;
};

struct EarnRule {
  std::string id;  // the caller's
  std::string display_name;
  EarnConditions conditions;
  std::variant<std::monostate, Multiplier> effect;  // monostate: not given, which ValidateRule refuses
  absl::Time create_time;
  std::optional<absl::Time> archive_time;  // not given: in force
};

inline constexpr char kBaseRule[] = "base";  // the program's base rate
inline constexpr size_t kMaxRulesInForce = 100;

// True if both say the same; times do not count.
bool SameRule(const EarnRule& a, const EarnRule& b);

// Adds everything that is wrong with a rule.
void ValidateRule(const EarnRule& rule, Violations& violations);

// True if all its conditions hold for a purchase.
bool Applies(const EarnRule& rule, const Purchase& purchase, const MemberLabels& labels);

}  // namespace loyalty::points
