// A change of the expiry policy that holds for points that are there.
#include "services/points/domain/expiry_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr ExpiryPolicy kTenDays{.kind = ExpiryKind::kRolling, .days = 10};
constexpr ExpiryPolicy kThirtyDays{.kind = ExpiryKind::kRolling, .days = 30};

// From now on the policy holds, for points that are there too.
void Apply(Story& story, const ExpiryPolicy& policy) {
  Program program = story.store.program();
  program.policies.expiry = policy;
  ASSERT_TRUE(ApplyExpiryToExisting(story.now, program).ok());
  story.store.Change(program, story.now);
}

TEST(ExpiryChanges, HoldForPointsThatAreThereByTheDayOnWhichTheyWereEarned) {
  Story story(ShopWithExpiry(kThirtyDays));
  story.Do(EarnedAt(At(2026, 4, 25), "r1", "anna", 5));
  story.Do(EarnedAt(At(2026, 4, 28), "r2", "anna", 7));
  Apply(story, kTenDays);
  const auto entries = story.CatchUpAt(story.now, "anna");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].kind, EntryKind::kExpiryChange);
  EXPECT_EQ(entries[0].Net(), 0);
  EXPECT_EQ(entries[0].occurred_time, kNoon);
  EXPECT_THAT(entries[0].lots,
              ElementsAre(NewLot{5, At(2026, 4, 25), At(2026, 5, 6), absl::InfinitePast(), 1, 0},
                          NewLot{7, At(2026, 4, 28), At(2026, 5, 9), absl::InfinitePast(), 2, 0}));
  EXPECT_EQ(story.CatchUpAt(At(2026, 5, 6), "anna").front().points, -5);
  EXPECT_EQ(story.CatchUpAt(At(2026, 5, 9), "anna").front().points, -7);
}

TEST(ExpiryChanges, LapseAtOnceWhatWouldHaveLapsed) {
  Story story(ShopWithExpiry({}));
  story.Do(EarnedAt(At(2026, 3, 1), "r1", "anna", 5));
  story.Do(EarnCommand("r2", "anna", 7));
  Apply(story, kTenDays);
  EXPECT_THAT(story.Try(SpendCommand("r3", "anna", 12)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_POINTS"));
  const auto entries = story.store.EntriesOf("anna");
  EXPECT_EQ(entries.back().kind, EntryKind::kExpiry);
  EXPECT_EQ(entries.back().points, -5);
  EXPECT_EQ(entries.back().occurred_time, kNoon) << "not before the change";
}

TEST(ExpiryChanges, LapseAtTheChangeWhatInactivityWouldHaveLetLapseBefore) {
  Story story(ShopWithExpiry({}));
  story.Do(EarnedAt(At(2026, 3, 1), "r1", "anna", 5));
  Apply(story, {.kind = ExpiryKind::kInactivity, .months = 1});
  const auto entries = story.CatchUpAt(At(2026, 5, 3), "anna");
  ASSERT_THAT(KindsOf(entries), ElementsAre(EntryKind::kExpiry));
  EXPECT_EQ(entries[0].points, -5);
  EXPECT_EQ(entries[0].occurred_time, kNoon) << "not before the change";
}

TEST(ExpiryChanges, WhatInactivityLetLapseBeforeThePolicyChangedIsGone) {
  Story story(ShopWithExpiry({.kind = ExpiryKind::kInactivity, .months = 1}));
  story.Do(EarnCommand("r1", "anna", 5));
  story.now = At(2026, 7, 1);
  Program never = story.store.program();
  never.policies.expiry = {};
  story.store.Change(never, story.now);
  const auto entries = story.store.EntriesOf("anna");
  ASSERT_THAT(KindsOf(entries), ElementsAre(EntryKind::kEarn, EntryKind::kExpiry));
  EXPECT_EQ(entries[1].occurred_time, At(2026, 6, 2));
}

TEST(ExpiryChanges, AreMadeOneAfterTheOtherWhateverHappensInBetween) {
  Story story(ShopWithExpiry(kTenDays));
  story.Do(EarnCommand("r1", "anna", 5));
  Apply(story, kThirtyDays);
  story.now = At(2026, 5, 20);
  Apply(story, {});
  story.store.program().policies.expiry = kTenDays;  // of new points only
  // Nobody looked at the account until now: it would have lapsed on the 12th by the first policy.
  story.CatchUpAt(At(2027, 1, 1), "anna");
  const auto entries = story.store.EntriesOf("anna");
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[1].lots.front().expire_time, At(2026, 6, 1));
  EXPECT_EQ(entries[2].lots.front().expire_time, absl::InfiniteFuture());
  EXPECT_EQ(story.Of("anna").balance, 5);
  EXPECT_THAT(story.CatchUpAt(At(2027, 1, 2), "anna"), IsEmpty()) << "once each";
}

TEST(ExpiryChanges, DoNotConcernWhoCameLater) {
  Story story(ShopWithExpiry(kTenDays));
  Apply(story, {});
  story.store.program().policies.expiry = kTenDays;
  story.now += absl::Hours(1);
  story.Do(EarnCommand("r1", "anna", 5));
  EXPECT_EQ(story.CatchUpAt(At(2026, 5, 12), "anna").front().points, -5);
}

TEST(ExpiryChanges, PostNothingWhereNothingChanges) {
  Story story(ShopWithExpiry(kTenDays));
  story.Do(EarnCommand("r1", "anna", 5));
  Apply(story, kTenDays);
  EXPECT_THAT(story.CatchUpAt(story.now, "anna"), IsEmpty());
  EXPECT_EQ(story.Of("anna").state->expiry_changes, 1);
}

TEST(ExpiryChanges, LeaveWhatIsHeldAsItIs) {
  Story story(ShopWithExpiry(kThirtyDays));
  story.Do(EarnCommand("r1", "anna", 5));
  story.Do(CommandFor("h", "anna", ReservePoints{3, absl::Hours(1), ""}));
  Apply(story, kTenDays);
  story.CatchUpAt(story.now, "anna");
  story.Do(CommandFor("x", "anna", ReleasePoints{"h"}));
  EXPECT_EQ(story.CatchUpAt(At(2026, 5, 12), "anna").front().points, -2);
  EXPECT_EQ(story.CatchUpAt(At(2026, 6, 1), "anna").front().points, -3);
}

TEST(ExpiryChanges, ConcernPendingPointsToo) {
  Program program = ShopWithRules({FixedRule("gift", 5, {MaturityKind::kConfirmation, 0})});
  program.policies.expiry = kThirtyDays;
  Story story(program);
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 1000));
  Apply(story, kTenDays);
  const Entry confirmed = story.Do(CommandFor("c", "", ConfirmPurchase{"o1"}));
  EXPECT_EQ(confirmed.points, 5);
  EXPECT_EQ(story.Of("anna").pending, 0);
  EXPECT_EQ(story.CatchUpAt(At(2026, 5, 12), "anna").front().points, -15);
}

// Under this policy a return takes nothing but the order's own points.
TEST(ExpiryChanges, AnOrdersPointsStayItsOwn) {
  Program program = ShopWithRules({FixedRule("gift", 5, {MaturityKind::kConfirmation, 0})});
  program.policies.returns = ReturnPolicy::kPendingOnly;
  for (const bool merged : {false, true}) {
    Story story(program);
    story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 1000));
    story.Do(EarnCommand("r2", "anna", 50));
    story.Do(EarnCommand("r3", "bert", 50));
    Apply(story, kThirtyDays);
    if (merged) story.Do(CommandFor("m", "bert", MergeMembers{"anna"}));
    story.now += absl::Hours(1);
    Apply(story, kTenDays);
    // In the batch that makes the change, and again later.
    const Entry some = story.Do(ReturnCommand("b1", "", "o1", "b1", 400));
    EXPECT_EQ(some.Net(), -6);
    EXPECT_EQ(some.shortfall, 0);
    story.now += absl::Hours(1);
    const Entry rest = story.Do(ReturnCommand("b2", "", "o1", "b2"));
    EXPECT_EQ(rest.Net(), -9);
    EXPECT_EQ(rest.shortfall, 0);
    EXPECT_EQ(story.Of("anna").balance, merged ? 100 : 50);
  }
}

// What an order earned may pay for it: after a change, a merger and its return it comes back as the order's
// own.
TEST(ExpiryChanges, AnOrdersPointsThatPaidForItComeBackAsItsOwnAfterAMerger) {
  Program program = DollarProgram();
  program.policies.returns = ReturnPolicy::kPendingOnly;
  for (const bool changed : {false, true}) {
    Story story(program);
    story.Do(EarnCommand("r0", "bert", 25));
    story.Do(EarnCommand("r1", "carl", 25));
    story.Do(BoughtAt(kNoon, "r2", "anna", "o1", 500));
    if (changed) Apply(story, kThirtyDays);
    if (!changed) story.Do(CommandFor("m1", "bert", MergeMembers{"anna"}));
    story.Do(CommandFor("s", "anna", Spend{5, "o1", 0}));
    story.Do(CommandFor("m2", "carl", MergeMembers{changed ? "anna" : "bert"}));
    const Entry returned = story.Do(ReturnCommand("b", "", "o1", "b"));
    EXPECT_EQ(returned.points, -5);
    EXPECT_EQ(returned.shortfall, 0);
  }
}

// A clock that goes back, or another replica's.
TEST(ExpiryChanges, AreNotMissedByAnAccountThatIsMergedIntoOneThatHasBeenThroughThem) {
  Story story(ShopWithExpiry({}));
  story.Do(EarnCommand("r0", "bert", 25));
  story.Do(EarnCommand("r1", "anna", 5));
  story.now += absl::Hours(1);
  Apply(story, kTenDays);
  story.CatchUpAt(story.now, "bert");
  story.now -= absl::Minutes(2);
  story.Do(CommandFor("m", "bert", MergeMembers{"anna"}));
  EXPECT_EQ(story.CatchUpAt(At(2026, 5, 12), "bert").front().points, -30);
}

TEST(ExpiryChanges, WhatComesBackHasTheTimeThatItHad) {
  Story story(ShopWithExpiry(kThirtyDays));
  story.Do(EarnCommand("r1", "anna", 5));
  story.Do(SpendCommand("s", "anna", 5));
  Apply(story, kTenDays);
  story.Do(ReverseCommand("v", "anna", "s"));
  EXPECT_EQ(story.CatchUpAt(At(2026, 6, 1), "anna").front().points, -5);
}

TEST(ExpiryChanges, HaveAnEnd) {
  Program program;
  for (size_t i = 0; i < kMaxExpiryChanges; ++i) EXPECT_TRUE(ApplyExpiryToExisting(kNoon, program).ok());
  EXPECT_THAT(ApplyExpiryToExisting(kNoon, program),
              IsRefused(absl::StatusCode::kFailedPrecondition, "TOO_MANY_EXPIRY_CHANGES"));
}

TEST(ExpiryPreviews, SayWhatLapsesWhenBeforeAndAfter) {
  const absl::TimeZone zone = DollarProgram().zone;
  ExpiryPreview preview(kTenDays, zone, kNoon);
  preview.Add({absl::CivilDay(2026, 3, 1), absl::InfiniteFuture(), 100});  // lapses at once
  preview.Add({absl::CivilDay(2026, 4, 25), At(2026, 5, 26), 20});         // on 5 May, not on the 25th
  preview.Add({absl::CivilDay(2026, 4, 30), At(2026, 6, 30), 3});
  preview.Add({absl::CivilDay(2026, 4, 30), At(2026, 5, 11), 7});  // as it is
  EXPECT_EQ(preview.changed_points(), 123);
  EXPECT_EQ(preview.lapsing_points(), 100);
  EXPECT_THAT(preview.months(), ElementsAre(Pair(absl::CivilMonth(2026, 5), ExpiryPreview::Month{27, 30}),
                                            Pair(absl::CivilMonth(2026, 6), ExpiryPreview::Month{3, 0})));
}

TEST(ExpiryPreviews, NothingLapsesBeforeItMatures) {
  const absl::TimeZone zone = DollarProgram().zone;
  ExpiryPreview preview(kTenDays, zone, kNoon);
  const absl::CivilDay day(2026, 4, 25);
  preview.Add({day, At(2026, 5, 26), 20, At(2026, 5, 20)});          // lapses as soon as it matures
  preview.Add({day, At(2026, 5, 26), 3, At(2026, 7, 20)});           // did so before, too
  preview.Add({day, At(2026, 5, 26), 400, absl::InfiniteFuture()});  // may never mature
  EXPECT_EQ(preview.changed_points(), 20);
  EXPECT_EQ(preview.lapsing_points(), 0);
  EXPECT_THAT(preview.months(), ElementsAre(Pair(absl::CivilMonth(2026, 5), ExpiryPreview::Month{20, 20}),
                                            Pair(absl::CivilMonth(2026, 7), ExpiryPreview::Month{3, 3})));
}

}  // namespace
}  // namespace loyalty::points
