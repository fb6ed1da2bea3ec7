#include "services/points/domain/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "services/points/domain/test_kit.h"

namespace loyalty::points {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using Change = std::function<void(Program&)>;

std::vector<std::pair<std::string, std::string>> Faults(const Change& change) {
  Program program = DollarProgram();
  change(program);
  Violations violations;
  ValidateProgram(program, violations);
  const absl::Status status = violations.ToStatus();
  std::vector<std::pair<std::string, std::string>> faults;
  const auto refusal = RefusalOf(status);
  if (!refusal) return faults;
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  for (const Violation& violation : refusal->violations)
    faults.emplace_back(violation.field, violation.reason);
  return faults;
}

TEST(Program, AWellFormedOneIsAccepted) {
  Violations violations;
  ValidateProgram(DollarProgram(), violations);
  EXPECT_TRUE(violations.empty()) << violations.ToStatus();
}

TEST(Program, EveryLimitIsReachedBeforeItIsPassed) {
  const Change accepted[] = {
      [](Program& p) { p.id = "a"; },
      [](Program& p) { p.id = "7-eleven_2"; },
      [](Program& p) { p.id = std::string(64, 'a'); },
      [](Program& p) { p.display_name = std::string(200, 'a'); },
      [](Program& p) { p.display_name = "Café ☕ & Söhne"; },
      [](Program& p) { p.points_singular = p.points_plural = std::string(50, 'a'); },
      [](Program& p) {
        p.base_earn_rate = {0, 1};
      },
      [](Program& p) {
        p.base_earn_rate = {1'000'000'000, 1'000'000'000};
      },
      [](Program& p) { p.currency_code = "JPY"; },
      [](Program& p) { p.time_zone = "UTC"; },
      [](Program& p) { p.time_zone = "America/Argentina/Buenos_Aires"; },
  };
  for (size_t i = 0; i < std::size(accepted); ++i)
    EXPECT_THAT(Faults(accepted[i]), ::testing::IsEmpty()) << i;
}

TEST(Program, EveryFaultHasItsFieldAndReason) {
  struct Case {
    Change change;
    const char* field;
    const char* reason;
  };
  const Case cases[] = {
      {[](Program& p) { p.id = ""; }, "program.program_id", "FIELD_REQUIRED"},
      {[](Program& p) { p.id = std::string(65, 'a'); }, "program.program_id", "TOO_LONG"},
      {[](Program& p) { p.id = "Shop"; }, "program.program_id", "MALFORMED"},
      {[](Program& p) { p.id = "-shop"; }, "program.program_id", "MALFORMED"},
      {[](Program& p) { p.id = "_shop"; }, "program.program_id", "MALFORMED"},
      {[](Program& p) { p.id = "my shop"; }, "program.program_id", "MALFORMED"},
      {[](Program& p) { p.id = "café"; }, "program.program_id", "MALFORMED"},
      {[](Program& p) { p.display_name = ""; }, "program.display_name", "FIELD_REQUIRED"},
      {[](Program& p) { p.display_name = std::string(201, 'a'); }, "program.display_name", "TOO_LONG"},
      {[](Program& p) { p.display_name = "two\nlines"; }, "program.display_name", "MALFORMED"},
      {[](Program& p) { p.currency_code = ""; }, "program.currency_code", "FIELD_REQUIRED"},
      {[](Program& p) { p.currency_code = "usd"; }, "program.currency_code", "UNKNOWN_CURRENCY"},
      {[](Program& p) { p.currency_code = "DEM"; }, "program.currency_code", "UNKNOWN_CURRENCY"},
      {[](Program& p) { p.time_zone = ""; }, "program.time_zone", "FIELD_REQUIRED"},
      {[](Program& p) { p.time_zone = "Europe/Atlantis"; }, "program.time_zone", "UNKNOWN_TIME_ZONE"},
      {[](Program& p) { p.time_zone = "../../etc/passwd"; }, "program.time_zone", "UNKNOWN_TIME_ZONE"},
      {[](Program& p) { p.time_zone = "/etc/localtime"; }, "program.time_zone", "UNKNOWN_TIME_ZONE"},
      {[](Program& p) { p.points_singular = std::string(51, 'a'); }, "program.points_name.singular",
       "TOO_LONG"},
      {[](Program& p) { p.points_plural = std::string(51, 'a'); }, "program.points_name.plural", "TOO_LONG"},
      {[](Program& p) { p.base_earn_rate.points = -1; }, "program.base_earn_rate.points", "NEGATIVE"},
      {[](Program& p) { p.base_earn_rate.per_major_units = 0; }, "program.base_earn_rate.per_major_units",
       "NOT_POSITIVE"},
      {[](Program& p) { p.base_earn_rate.per_major_units = -3; }, "program.base_earn_rate.per_major_units",
       "NOT_POSITIVE"},
  };
  for (const Case& c : cases) EXPECT_THAT(Faults(c.change), UnorderedElementsAre(Pair(c.field, c.reason)));
}

TEST(Program, ARateAboveItsLimitIsRefused) {
  for (const EarnRate rate : {EarnRate{kMaxRateTerm + 1, 1}, EarnRate{1, kMaxRateTerm + 1}}) {
    const auto faults = Faults([&](Program& p) { p.base_earn_rate = rate; });
    ASSERT_EQ(faults.size(), 1u);
    EXPECT_THAT(faults[0].first, ::testing::StartsWith("program.base_earn_rate"));
  }
}

TEST(Program, AllFaultsAreToldAtOnce) {
  EXPECT_THAT(Faults([](Program& p) {
                p.id = "";
                p.display_name = "";
                p.currency_code = "XXX";
                p.time_zone = "Mars/Olympus";
                p.base_earn_rate = {-1, 0};
              }),
              UnorderedElementsAre(Pair("program.program_id", "FIELD_REQUIRED"),
                                   Pair("program.display_name", "FIELD_REQUIRED"),
                                   Pair("program.currency_code", "UNKNOWN_CURRENCY"),
                                   Pair("program.time_zone", "UNKNOWN_TIME_ZONE"),
                                   Pair("program.base_earn_rate.points", "NEGATIVE"),
                                   Pair("program.base_earn_rate.per_major_units", "NOT_POSITIVE")));
}

TEST(Program, TwoAreTheSameWhenTheirSettingsAre) {
  Program other = DollarProgram();
  other.key = 99;
  other.create_time += absl::Hours(1);
  other.update_time += absl::Hours(2);
  EXPECT_TRUE(SameSettings(DollarProgram(), other)) << "key and times are ours, not the caller's";

  const Change changes[] = {
      [](Program& p) { p.id = "other"; },
      [](Program& p) { p.display_name = "other"; },
      [](Program& p) { p.currency_code = "EUR"; },
      [](Program& p) { p.time_zone = "UTC"; },
      [](Program& p) { p.points_singular = "star"; },
      [](Program& p) { p.points_plural = "stars"; },
      [](Program& p) { p.base_earn_rate.points = 2; },
      [](Program& p) { p.base_earn_rate.per_major_units = 2; },
      [](Program& p) { p.rounding_mode = RoundingMode::kHalfUp; },
      [](Program& p) { p.enrollment_mode = EnrollmentMode::kExplicit; },
  };
  for (size_t i = 0; i < std::size(changes); ++i) {
    Program changed = DollarProgram();
    changes[i](changed);
    EXPECT_FALSE(SameSettings(DollarProgram(), changed)) << i;
  }
}

}  // namespace
}  // namespace loyalty::points
