// How much a member got by rules that have a limit for each member, by period.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/civil_time.h>

#include <cstdint>
#include <string>
#include <vector>

namespace loyalty::points {

enum class LimitWindow { kDay = 1, kWeek = 2, kMonth = 3, kLifetime = 4 };

// The first day of the period that holds `day`: weeks begin on Monday; of kLifetime 1970-01-01.
absl::CivilDay PeriodStartOf(LimitWindow window, absl::CivilDay day);

struct RuleUse {
  std::string rule_id;
  LimitWindow window = LimitWindow::kDay;
  absl::CivilDay start;
  int64_t points = 0;
  bool operator==(const RuleUse&) const = default;
};

// Of one member. Of each rule and window the newest kMaxPeriods are kept.
class RuleUses {
 public:
  static constexpr size_t kMaxPeriods = 60;

  RuleUses() = default;
  // As they were stored.
  explicit RuleUses(std::vector<RuleUse> uses) : uses_(std::move(uses)) {}

  // What was used in the period that holds `day`. A period that is older than all kept ones, when kMaxPeriods
  // are kept, counts as used up: nobody knows any more. Then it is the largest int64.
  int64_t Used(absl::string_view rule_id, LimitWindow window, absl::CivilDay day) const;
  // Adds points (below zero: takes back, down to 0) in the period that holds `day`.
  void Add(absl::string_view rule_id, LimitWindow window, absl::CivilDay day, int64_t points);

  // By rule, window and start.
  const std::vector<RuleUse>& all() const { return uses_; }
  bool operator==(const RuleUses&) const = default;

 private:
  std::vector<RuleUse> uses_;
};

}  // namespace loyalty::points
