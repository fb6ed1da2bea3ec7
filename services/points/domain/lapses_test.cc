#include "services/points/domain/lapses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

absl::Time Day(int day) {
  return absl::FromCivil(absl::CivilDay(2026, 5, 1) + (day - 1), absl::UTCTimeZone());
}

Account Anna() {
  Account anna;
  anna.lots.Load({.sequence = 1, .expire_time = Day(10), .remaining = 5});
  anna.lots.Load({.sequence = 2, .expire_time = absl::InfiniteFuture(), .remaining = 7});
  anna.lots.Load({.sequence = 3, .expire_time = Day(10), .remaining = 0});
  anna.pending_lots.push_back({.sequence = 4, .expire_time = Day(10), .mature_time = Day(5), .points = 2});
  anna.pending_lots.push_back({.sequence = 5, .expire_time = Day(10), .mature_time = Day(20), .points = 3});
  anna.pending_lots.push_back(
      {.sequence = 6, .expire_time = Day(10), .mature_time = absl::InfiniteFuture(), .points = 100});
  anna.holds.push_back({.sequence = 7,
                        .until = Day(12),
                        .points = 15,
                        .uses = {{1, 11, Day(1), Day(10)}, {8, 4, Day(1), Day(30)}}});
  anna.holds.push_back({.sequence = 9, .until = Day(12), .points = 0, .uses = {{1, 50, Day(1), Day(10)}}});
  return anna;
}

TEST(Lapses, NothingLapsesBeforeItCanBeSpent) {
  EXPECT_THAT(LapsesOf(Anna(), absl::InfiniteFuture()),
              ElementsAre(Pair(Day(10), 7), Pair(Day(12), 11), Pair(Day(20), 3), Pair(Day(30), 4)));
}

TEST(Lapses, InactivityTakesWhatCanBeSpentThenAndTheRestAsItComes) {
  EXPECT_THAT(LapsesOf(Anna(), Day(6)), ElementsAre(Pair(Day(6), 14), Pair(Day(12), 15), Pair(Day(20), 3)));
}

TEST(Lapses, OfWhoHasNothingAreNone) { EXPECT_THAT(LapsesOf(Account(), Day(6)), IsEmpty()); }

}  // namespace
}  // namespace loyalty::points
