// Points that are set aside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kDay = absl::Hours(24);

Command Reserve(std::string request, int64_t points, absl::Duration time_to_live = absl::Hours(24)) {
  return CommandFor(std::move(request), "anna", ReservePoints{points, time_to_live, "o1"});
}
Command Capture(std::string request, int64_t points = 0) {
  return CommandFor(std::move(request), "anna", CapturePoints{"hold", points});
}
Command Release(std::string request) { return CommandFor(std::move(request), "anna", ReleasePoints{"hold"}); }

class HoldStory : public ::testing::Test {
 protected:
  HoldStory() : story_(ShopWithExpiry({.kind = ExpiryKind::kRolling, .days = 10})) {
    story_.Do(EarnCommand("r1", "anna", 30));
    story_.Do(EarnedAt(kNoon - kDay, "r2", "anna", 20));
  }
  const absl::Time first_ = At(2026, 5, 11), second_ = At(2026, 5, 12);  // when the points lapse
  Story story_;
};

TEST_F(HoldStory, HeldPointsCannotBeSpent) {
  const Entry hold = story_.Do(Reserve("hold", 35));
  EXPECT_EQ(hold.points, -35);
  EXPECT_EQ(hold.held, 35);
  EXPECT_EQ(hold.hold_until, kNoon + kDay);
  EXPECT_THAT(hold.lot_uses, ElementsAre(LotUse{2, 20, kNoon - kDay, first_}, LotUse{1, 15, kNoon, second_}));
  EXPECT_THAT(story_.Try(SpendCommand("r4", "anna", 16)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_POINTS"));
  EXPECT_THAT(story_.Try(Reserve("r5", 16)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_POINTS"));
}

TEST_F(HoldStory, CapturedAsAWhole) {
  story_.Do(Reserve("hold", 35));
  const Entry captured = story_.Do(Capture("r4"));
  EXPECT_EQ(captured.kind, EntryKind::kCapture);
  EXPECT_EQ(captured.points, 0);
  EXPECT_EQ(captured.held, -35);
  EXPECT_EQ(captured.order_id, "o1") << "the order of the hold";
  EXPECT_EQ(story_.Of("anna").balance, 15);
  EXPECT_THAT(story_.Try(Capture("r5")), IsRefused(absl::StatusCode::kFailedPrecondition, "HOLD_NOT_OPEN"));
  EXPECT_THAT(story_.Try(Release("r6")), IsRefused(absl::StatusCode::kFailedPrecondition, "HOLD_NOT_OPEN"));
}

TEST_F(HoldStory, CapturedInPartReleasesTheRestWhatWouldBeUsedLast) {
  story_.Do(Reserve("hold", 35));
  EXPECT_THAT(story_.Try(Capture("r4", 36)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "CAPTURE_EXCEEDS_HOLD"));
  const Entry captured = story_.Do(Capture("r5", 12));
  EXPECT_EQ(captured.points, 23);
  EXPECT_EQ(captured.held, -35);
  EXPECT_THAT(captured.lot_uses,
              ElementsAre(LotUse{2, -8, kNoon - kDay, first_}, LotUse{1, -15, kNoon, second_}));
  EXPECT_EQ(story_.Of("anna").balance, 38);
}

TEST_F(HoldStory, ReleasedByHand) {
  story_.Do(Reserve("hold", 35));
  EXPECT_EQ(story_.Do(Release("r4")).points, 35);
  EXPECT_EQ(story_.Of("anna").held, 0);
  EXPECT_EQ(story_.Of("anna").balance, 50);
}

TEST_F(HoldStory, ReleasedWhenTheirTimeIsOver) {
  story_.Do(Reserve("hold", 35));
  EXPECT_THAT(story_.CatchUpAt(kNoon + kDay - absl::Seconds(1), "anna"), IsEmpty());
  story_.now = kNoon + kDay;
  EXPECT_THAT(story_.Try(Capture("r4")), IsRefused(absl::StatusCode::kFailedPrecondition, "HOLD_NOT_OPEN"));
  EXPECT_EQ(story_.store.Last("anna").kind, EntryKind::kRelease);
  EXPECT_EQ(story_.Of("anna").balance, 50);
}

TEST_F(HoldStory, ALotThatLapsesWhileItIsHeldStaysUsableForTheHold) {
  story_.Do(Reserve("hold", 35, 30 * kDay));
  const auto entries = story_.CatchUpAt(At(2026, 5, 20), "anna");
  ASSERT_THAT(KindsOf(entries), ElementsAre(EntryKind::kExpiry));
  EXPECT_EQ(entries[0].points, -15) << "only what is not held";
  EXPECT_EQ(story_.Do(Capture("r4")).held, -35);
}

TEST_F(HoldStory, WhatLapsedMeanwhileLapsesRightAfterItsRelease) {
  story_.Do(Reserve("hold", 35, 30 * kDay));
  story_.CatchUpAt(At(2026, 5, 20), "anna");
  const Entry released = story_.Do(Release("r4"));
  EXPECT_EQ(released.balance_after, 35);
  EXPECT_EQ(story_.Of("anna").balance, 0);
  EXPECT_EQ(story_.store.Last("anna").occurred_time, second_);
}

TEST_F(HoldStory, WhatIsReleasedInPartLapsesToo) {
  story_.Do(Reserve("hold", 35, 30 * kDay));
  story_.now = At(2026, 5, 20);
  EXPECT_EQ(story_.Do(Capture("r4", 20)).balance_after, 15);
  EXPECT_EQ(story_.Of("anna").balance, 0);
}

TEST_F(HoldStory, OnlyAHoldOfTheMemberIsCaptured) {
  story_.Do(Reserve("hold", 5));
  story_.Do(EarnCommand("r4", "bert", 5));
  EXPECT_THAT(story_.Try(CommandFor("r5", "bert", CapturePoints{"hold", 0})),
              IsRefused(absl::StatusCode::kNotFound, "ENTRY_NOT_FOUND"));
  EXPECT_THAT(story_.Try(CommandFor("r6", "anna", CapturePoints{"r1", 0})),
              IsRefused(absl::StatusCode::kFailedPrecondition, "HOLD_NOT_OPEN"));
  EXPECT_THAT(story_.Try(ReverseCommand("r7", "anna", "hold")),
              IsRefused(absl::StatusCode::kFailedPrecondition, "ENTRY_NOT_REVERSIBLE"));
}

TEST_F(HoldStory, ACaptureIsReversedLikeASpending) {
  story_.Do(Reserve("hold", 35));
  story_.Do(Capture("r4", 25));
  const Entry back = story_.Do(ReverseCommand("r5", "anna", "r4", 10));
  EXPECT_EQ(back.kind, EntryKind::kRestore);
  EXPECT_THAT(back.lot_uses, ElementsAre(LotUse{2, -5, kNoon - kDay, first_}, LotUse{1, -5, kNoon, second_}));
  EXPECT_EQ(story_.Do(ReverseCommand("r6", "anna", "r4")).points, 15);
  EXPECT_EQ(story_.Of("anna").balance, 50);
}

TEST_F(HoldStory, AllInOneBatch) {
  const auto answers = story_.store.Apply(
      {Reserve("hold", 35), Capture("r4", 25), ReverseCommand("r5", "anna", "r4"), Capture("r6")}, kNoon);
  EXPECT_EQ(answers[2]->entry.points, 25);
  EXPECT_THAT(answers[3], IsRefused(absl::StatusCode::kFailedPrecondition, "HOLD_NOT_OPEN"));
  EXPECT_EQ(story_.store.Imbalance(), "");
  EXPECT_EQ(story_.Of("anna").balance, 50);
}

}  // namespace
}  // namespace loyalty::points
