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
  lots.Add(1, kTuesday, 10);
  lots.Add(2, kMonday, 20);
  lots.Add(3, kFriday, 30);
  EXPECT_THAT(lots.Plan(35),
              ElementsAre(LotUse{2, 20, kMonday}, LotUse{1, 10, kTuesday}, LotUse{3, 5, kFriday}));
}

TEST(Lots, WhatWasEarnedAtTheSameTimeIsUsedInTheOrderOfTheLedger) {
  Lots lots;
  lots.Add(7, kMonday, 10);
  lots.Add(3, kMonday, 10);
  lots.Add(5, kMonday, 10);
  EXPECT_THAT(lots.Plan(25),
              ElementsAre(LotUse{3, 10, kMonday}, LotUse{5, 10, kMonday}, LotUse{7, 5, kMonday}));
}

TEST(Lots, APlanTakesNothing) {
  Lots lots;
  lots.Add(1, kMonday, 10);
  EXPECT_EQ(lots.Plan(10), lots.Plan(10));
  EXPECT_EQ(Remaining(lots), 10);
}

TEST(Lots, AnOlderLotThatArrivesLatePaysNext) {
  Lots lots;
  lots.Add(1, kTuesday, 10);
  lots.Add(2, kFriday, 10);
  EXPECT_THAT(Take(lots, 4), ElementsAre(LotUse{1, 4, kTuesday}));
  lots.Add(3, kMonday, 5);
  EXPECT_THAT(Take(lots, 8), ElementsAre(LotUse{3, 5, kMonday}, LotUse{1, 3, kTuesday}));
}

TEST(Lots, AnOlderLotThatArrivesAfterAllBeforeItAreUsedUpStillPaysNext) {
  Lots lots;
  lots.Add(1, kMonday, 10);
  lots.Add(2, kTuesday, 10);
  lots.Add(3, kFriday, 10);
  Take(lots, 20);
  lots.Add(4, kMonday - absl::Hours(1), 1);
  lots.Add(5, kTuesday, 2);  // as old as one that is used up, but later in the ledger
  EXPECT_THAT(Take(lots, 5), ElementsAre(LotUse{4, 1, kMonday - absl::Hours(1)}, LotUse{5, 2, kTuesday},
                                         LotUse{3, 2, kFriday}));
}

TEST(Lots, AUsedUpLotPaysNoMore) {
  Lots lots;
  lots.Add(1, kMonday, 10);
  lots.Add(2, kTuesday, 10);
  EXPECT_THAT(Take(lots, 10), ElementsAre(LotUse{1, 10, kMonday}));
  EXPECT_THAT(Take(lots, 1), ElementsAre(LotUse{2, 1, kTuesday}));
  EXPECT_THAT(Take(lots, 9), ElementsAre(LotUse{2, 9, kTuesday}));
  EXPECT_EQ(Remaining(lots), 0);
}

TEST(Lots, UsedUpOnesStayInTheListSoThatStorageCanRemoveThem) {
  Lots lots;
  lots.Load(1, kMonday, 10);
  lots.Add(2, kTuesday, 10);
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
  lots.Load(1, kMonday, 10);
  lots.Load(2, kFriday, 10);
  lots.Add(3, kTuesday, 10);
  EXPECT_THAT(lots.Plan(25),
              ElementsAre(LotUse{1, 10, kMonday}, LotUse{3, 10, kTuesday}, LotUse{2, 5, kFriday}));
}

TEST(Lots, NothingIsPaidWithNothing) {
  Lots lots;
  lots.Add(1, kMonday, 10);
  EXPECT_THAT(lots.Plan(0), IsEmpty());
}

}  // namespace
}  // namespace loyalty::points
