#include "services/points/domain/lots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/test_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kMonday = kNoon;
const absl::Time kTuesday = kNoon + absl::Hours(24);
const absl::Time kFriday = kNoon + absl::Hours(96);

// Lots that never lapse, where nothing else is said.
void Add(Lots& lots, int64_t sequence, absl::Time earned, int64_t points,
         absl::Time expires = absl::InfiniteFuture(), int32_t part = 0) {
  lots.Add(sequence, part, {points, earned, expires});
}
void Load(Lots& lots, int64_t sequence, absl::Time earned, int64_t points,
          absl::Time expires = absl::InfiniteFuture()) {
  lots.Load({sequence, 0, earned, expires, points, points});
}

std::vector<LotUse> Take(Lots& lots, int64_t points) {
  std::vector<LotUse> uses = lots.Plan(points);
  lots.Use(uses);
  return uses;
}

int64_t Remaining(const Lots& lots) {
  int64_t sum = 0;
  for (const Lot& lot : lots.all()) sum += lot.remaining;
  return sum;
}

TEST(Lots, TheOldestPaysFirstAndTheLastOnlyInPart) {
  Lots lots;
  Add(lots, 1, kTuesday, 10);
  Add(lots, 2, kMonday, 20);
  Add(lots, 3, kFriday, 30);
  EXPECT_THAT(lots.Plan(35),
              ElementsAre(LotUse{2, 20, kMonday}, LotUse{1, 10, kTuesday}, LotUse{3, 5, kFriday}));
}

TEST(Lots, WhatWasEarnedAtTheSameTimeIsUsedInTheOrderOfTheLedger) {
  Lots lots;
  Add(lots, 7, kMonday, 10);
  Add(lots, 3, kMonday, 10);
  Add(lots, 5, kMonday, 10);
  EXPECT_THAT(lots.Plan(25),
              ElementsAre(LotUse{3, 10, kMonday}, LotUse{5, 10, kMonday}, LotUse{7, 5, kMonday}));
}

TEST(Lots, APlanTakesNothing) {
  Lots lots;
  Add(lots, 1, kMonday, 10);
  EXPECT_EQ(lots.Plan(10), lots.Plan(10));
  EXPECT_EQ(Remaining(lots), 10);
}

TEST(Lots, AnOlderLotThatArrivesLatePaysNext) {
  Lots lots;
  Add(lots, 1, kTuesday, 10);
  Add(lots, 2, kFriday, 10);
  EXPECT_THAT(Take(lots, 4), ElementsAre(LotUse{1, 4, kTuesday}));
  Add(lots, 3, kMonday, 5);
  EXPECT_THAT(Take(lots, 8), ElementsAre(LotUse{3, 5, kMonday}, LotUse{1, 3, kTuesday}));
}

TEST(Lots, AnOlderLotThatArrivesAfterAllBeforeItAreUsedUpStillPaysNext) {
  Lots lots;
  Add(lots, 1, kMonday, 10);
  Add(lots, 2, kTuesday, 10);
  Add(lots, 3, kFriday, 10);
  Take(lots, 20);
  Add(lots, 4, kMonday - absl::Hours(1), 1);
  Add(lots, 5, kTuesday, 2);  // as old as one that is used up, but later in the ledger
  EXPECT_THAT(Take(lots, 5), ElementsAre(LotUse{4, 1, kMonday - absl::Hours(1)}, LotUse{5, 2, kTuesday},
                                         LotUse{3, 2, kFriday}));
}

TEST(Lots, AUsedUpLotPaysNoMore) {
  Lots lots;
  Add(lots, 1, kMonday, 10);
  Add(lots, 2, kTuesday, 10);
  EXPECT_THAT(Take(lots, 10), ElementsAre(LotUse{1, 10, kMonday}));
  EXPECT_THAT(Take(lots, 1), ElementsAre(LotUse{2, 1, kTuesday}));
  EXPECT_THAT(Take(lots, 9), ElementsAre(LotUse{2, 9, kTuesday}));
  EXPECT_EQ(Remaining(lots), 0);
}

TEST(Lots, UsedUpOnesStayInTheListSoThatStorageCanRemoveThem) {
  Lots lots;
  Load(lots, 1, kMonday, 10);
  Add(lots, 2, kTuesday, 10);
  Take(lots, 15);
  ASSERT_EQ(lots.all().size(), 2u);
  EXPECT_EQ(lots.all()[0].sequence, 1);
  EXPECT_EQ(lots.all()[0].remaining, 0);
  EXPECT_EQ(lots.all()[0].stored, 10);
  EXPECT_EQ(lots.all()[1].remaining, 5);
  EXPECT_EQ(lots.all()[1].stored, 0) << "a new lot is not in storage";
}

TEST(Lots, LoadedAndEarnedLotsPayInOneOrder) {
  Lots lots;
  Load(lots, 1, kMonday, 10);
  Load(lots, 2, kFriday, 10);
  Add(lots, 3, kTuesday, 10);
  EXPECT_THAT(lots.Plan(25),
              ElementsAre(LotUse{1, 10, kMonday}, LotUse{3, 10, kTuesday}, LotUse{2, 5, kFriday}));
}

TEST(Lots, WhatLapsesFirstPaysFirstAndWhatNeverDoesPaysLast) {
  Lots lots;
  Add(lots, 1, kMonday, 10);
  Add(lots, 2, kTuesday, 10, kFriday);
  Add(lots, 3, kMonday, 10, kFriday);
  Add(lots, 4, kFriday, 10, kFriday - absl::Hours(1));
  EXPECT_THAT(lots.Plan(35),
              ElementsAre(LotUse{4, 10, kFriday, kFriday - absl::Hours(1)}, LotUse{3, 10, kMonday, kFriday},
                          LotUse{2, 10, kTuesday, kFriday}, LotUse{1, 5, kMonday}));
}

TEST(Lots, ThePreferredEntrysLotsPayFirstButAreListedInTheOrderOfUse) {
  Lots lots;
  Add(lots, 1, kMonday, 10);
  Add(lots, 2, kTuesday, 3);
  Add(lots, 2, kTuesday, 4, kFriday, 1);
  EXPECT_EQ(lots.LeftOf(2), 7);
  EXPECT_THAT(lots.Plan(9, 2),
              ElementsAre(LotUse{2, 4, kTuesday, kFriday, 1}, LotUse{1, 2, kMonday}, LotUse{2, 3, kTuesday}));
  EXPECT_THAT(lots.Plan(2, 7), ElementsAre(LotUse{2, 2, kTuesday, kFriday, 1})) << "of which there are none";
}

TEST(Lots, AllThatLapseFirstLapseTogether) {
  Lots lots;
  Add(lots, 1, kMonday, 10);
  EXPECT_EQ(lots.NextExpiry(), absl::InfiniteFuture());
  Add(lots, 2, kTuesday, 5, kFriday);
  Add(lots, 3, kMonday, 5, kFriday);
  Add(lots, 4, kMonday, 5, kFriday + absl::Hours(1));
  EXPECT_EQ(lots.NextExpiry(), kFriday);
  EXPECT_THAT(lots.PlanFirstToLapse(),
              ElementsAre(LotUse{3, 5, kMonday, kFriday}, LotUse{2, 5, kTuesday, kFriday}));
  lots.Use(lots.PlanFirstToLapse());
  EXPECT_EQ(lots.NextExpiry(), kFriday + absl::Hours(1));
}

TEST(Lots, PointsComeBackToTheirLotBeItUsedUpOrNotThere) {
  Lots lots;
  Add(lots, 1, kMonday, 10);
  Add(lots, 2, kTuesday, 10);
  Take(lots, 15);
  lots.Use({{1, -4, kMonday}});
  EXPECT_THAT(lots.Plan(5), ElementsAre(LotUse{1, 4, kMonday}, LotUse{2, 1, kTuesday}));
  lots.Use({{9, -1, kMonday - absl::Hours(1)}});
  EXPECT_THAT(lots.Plan(2), ElementsAre(LotUse{9, 1, kMonday - absl::Hours(1)}, LotUse{1, 1, kMonday}));
}

TEST(Lots, ALotThatIsLoadedTwiceIsThereOnce) {
  Lots lots;
  Load(lots, 1, kMonday, 10);
  Take(lots, 4);
  Load(lots, 1, kMonday, 10);
  EXPECT_EQ(Remaining(lots), 6);
}

TEST(Lots, NothingIsPaidWithNothing) {
  Lots lots;
  Add(lots, 1, kMonday, 10);
  EXPECT_THAT(lots.Plan(0), IsEmpty());
}

}  // namespace
}  // namespace loyalty::points
