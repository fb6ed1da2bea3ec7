// What rules give to charities.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;

EarnRule Give(int64_t points, int64_t budget = 0) {
  EarnRule rule = FixedRule("give", 0);
  rule.effect = Donation{"unicef", points, 0, 1};
  rule.limits.budget = budget;
  return rule;
}

TEST(Donations, ComeInAtTheCharityBesideWhatTheMemberEarns) {
  Story story(ShopWithRules({Give(5)}));
  story.Do(EarnCommand("r1", "unicef", 1));
  const Entry bought = story.Do(BoughtAt(kNoon, "r2", "anna", "o1", 1000));
  EXPECT_EQ(bought.points, 10);
  const Entry given = story.store.Last("unicef");
  EXPECT_EQ(given.kind, EntryKind::kDonation);
  EXPECT_EQ(given.points, 5);
  EXPECT_EQ(given.rule_id, "give");
  EXPECT_EQ(given.order_id, "o1");
  EXPECT_EQ(story.store.NameOf(given.counterpart->account_id), "anna");
  EXPECT_EQ(given.counterpart->sequence, bought.sequence);
}

TEST(Donations, NeverLapse) {
  Program program = ShopWithRules({Give(5)});
  program.policies.expiry = {.kind = ExpiryKind::kRolling, .days = 10};
  Story story(program);
  story.Do(EarnCommand("r1", "unicef", 1));
  story.Do(BoughtAt(kNoon, "r2", "anna", "o1", 1000));
  story.CatchUpAt(At(2030, 1, 1), "unicef");
  EXPECT_EQ(story.Of("unicef").balance, 5);
}

TEST(Donations, OfADeedThatIsToldTooLateForAnInactiveCharityLapseAtOnce) {
  Program program = ShopWithRules({Give(5)});
  program.policies.expiry = {.kind = ExpiryKind::kInactivity, .months = 1};
  Story story(program);
  story.Do(EarnCommand("r1", "unicef", 1));
  story.now = At(2026, 9, 1);
  story.Do(BoughtAt(At(2026, 7, 1), "r2", "anna", "o1", 1000));
  EXPECT_EQ(story.Of("unicef").balance, 0);
  EXPECT_EQ(story.store.Last("unicef").occurred_time, At(2026, 8, 2));
}

TEST(Donations, GoNowhereIfTheCharityIsNoMember) {
  Story story(ShopWithRules({Give(5, 100)}));
  const Entry bought = story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 1000));
  EXPECT_EQ(bought.points, 10);
  EXPECT_THAT(bought.considered, ElementsAre(Considered{"give", 1, RuleOutcome::kNoCharity}));
  EXPECT_FALSE(story.store.HasMember("unicef"));
  EXPECT_EQ(story.store.Budget("give"), 0);
}

TEST(Donations, OfAGroupGoToTheBestCharityThatIsAMember) {
  EarnRule most = Give(9), other = Give(5);
  most.id = "most";
  most.effect = Donation{"nobody", 9, 0, 1};
  most.group = other.group = "charities";
  Story story(ShopWithRules({other, most}));
  story.Do(EarnCommand("r1", "unicef", 1));
  story.Do(BoughtAt(kNoon, "r2", "anna", "o1", 1000));
  EXPECT_EQ(story.Of("unicef").balance, 6);
}

TEST(Donations, EndWithTheirBudget) {
  Story story(ShopWithRules({Give(5, 12)}));
  story.Do(EarnCommand("r0", "unicef", 1));
  for (const char* order : {"o1", "o2", "o3", "o4"}) story.Do(BoughtAt(kNoon, order, "anna", order, 1000));
  EXPECT_EQ(story.store.Budget("give"), 10);
  EXPECT_EQ(story.Of("unicef").balance, 11);
}

TEST(Donations, AreNotTakenBackFromTheCharityByAReturn) {
  Story story(ShopWithRules({Give(5)}));
  story.Do(EarnCommand("r1", "unicef", 1));
  story.Do(BoughtAt(kNoon, "r2", "anna", "o1", 1000));
  EXPECT_EQ(story.Do(ReturnCommand("r3", "anna", "o1", "b1")).points, -10);
  EXPECT_EQ(story.Of("unicef").balance, 6);
}

TEST(Donations, ThatTheCharityHasNoRoomForRefuseThePurchase) {
  Story story(ShopWithRules({Give(5)}));
  story.Do(EarnCommand("r1", "unicef", INT64_MAX - 4));
  EXPECT_THAT(story.Try(BoughtAt(kNoon, "r2", "anna", "o1", 1000)),
              IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW"));
  EXPECT_FALSE(story.store.HasMember("anna"));
}

TEST(Donations, OfTheCharitysOwnPurchaseNeedRoomTogether) {
  Story story(ShopWithRules({Give(5)}));
  story.Do(EarnCommand("r1", "unicef", INT64_MAX - 14));
  EXPECT_THAT(story.Try(BoughtAt(kNoon, "r2", "unicef", "o1", 1000)),
              IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW"));
  EXPECT_EQ(story.Do(BoughtAt(kNoon, "r3", "unicef", "o1", 900)).points, 9);
}

}  // namespace
}  // namespace loyalty::points
