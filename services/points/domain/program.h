// A loyalty program: the rules that its members' points follow.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "services/points/domain/earn_rule.h"

namespace loyalty::points {

enum class RoundingMode { kFloor = 1, kHalfUp = 2, kHalfEven = 3 };
enum class EnrollmentMode { kOpen = 1, kExplicit = 2 };

// `points` for every `per_major_units` units of the program's currency; an exact fraction.
struct EarnRate {
  int64_t points = 1;           // 0 to kMaxRateTerm
  int64_t per_major_units = 1;  // 1 to kMaxRateTerm
  bool operator==(const EarnRate&) const = default;
};
inline constexpr int64_t kMaxRateTerm = 1'000'000'000;

struct Program {
  int32_t key = 0;  // ours; comes first in every key of the schema
  std::string id;   // the caller's
  std::string display_name;
  std::string currency_code;
  std::string time_zone;
  std::string points_singular = "point";
  std::string points_plural = "points";
  EarnRate base_earn_rate;
  RoundingMode rounding_mode = RoundingMode::kFloor;
  EnrollmentMode enrollment_mode = EnrollmentMode::kOpen;
  absl::Time create_time;
  absl::Time update_time;               // also of the rules
  std::optional<absl::Time> test_time;  // of a program with a test clock: where it stands
  std::vector<EarnRule> rules;          // in force, by id; only where purchases are decided
};

// True if both have the same settings, a test clock included; key, times and rules do not count.
bool SameSettings(const Program& a, const Program& b);

// Adds everything that is wrong with a program.
void ValidateProgram(const Program& program, Violations& violations);

}  // namespace loyalty::points
