// What a reward may say, and who may redeem it.
#include "services/points/domain/reward.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/test_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Reward Mug() {
  Reward reward;
  reward.id = "mug";
  reward.display_name = "A mug";
  reward.kind = FreeProduct{"sku-1"};
  reward.price_points = 100;
  return reward;
}

std::vector<std::string> WrongWith(const Reward& reward) {
  Violations violations;
  ValidateReward(reward, violations);
  return testing::ViolationsOf(violations.ToStatus());
}

TEST(ValidateReward, AcceptsEachKindAndTheEndsOfEachRange) {
  for (const auto& kind : std::vector<decltype(Reward::kind)>{
           DiscountAmount{1}, DiscountPercent{1}, DiscountPercent{100}, FreeProduct{"s"}, Voucher{},
           Voucher{true, "", kLeastCodeLength}, Voucher{true, "SUMMER-2026_abc", kMostCodeLength},
           ServiceReward{}, DonationReward{"unicef"}}) {
    Reward reward = Mug();
    reward.kind = kind;
    EXPECT_THAT(WrongWith(reward), IsEmpty()) << kind.index();
  }
  Reward full = Mug();
  full.price_points = kMaxRewardPrice;
  full.tier_prices = {{"gold", 1}, {"silver", kMaxRewardPrice}};
  full.stock = kMaxStock;
  full.limit = {kMaxRedemptionsOfMember, LimitWindow::kDay};
  full.tier_ids = {"gold", "silver"};
  full.member_label = "plus";
  full.start = kNoon;
  full.end = kNoon + absl::Microseconds(1);
  full.minimum_order_minor = INT64_MAX;
  EXPECT_THAT(WrongWith(full), IsEmpty());
}

TEST(ValidateReward, TellsEverythingThatIsWrong) {
  Reward bad;
  bad.id = "Mug!";
  bad.tier_prices = {{"", 0}};
  bad.stock = -1;
  bad.limit.most = -1;
  bad.tier_ids = {"gold", "gold"};
  bad.start = bad.end = kNoon;
  bad.minimum_order_minor = -1;
  EXPECT_THAT(
      WrongWith(bad),
      ElementsAre("reward.reward_id MALFORMED", "reward.display_name FIELD_REQUIRED",
                  "reward.kind FIELD_REQUIRED", "reward.price_points NOT_POSITIVE",
                  "reward.tier_prices[] FIELD_REQUIRED", "reward.tier_prices[] NOT_POSITIVE",
                  "reward.tier_ids[1] DUPLICATE", "reward.stock NEGATIVE", "reward.limit.most NEGATIVE",
                  "reward.end_time TIME_ORDER", "reward.minimum_order_minor NEGATIVE"));
}

TEST(ValidateReward, ChecksWhatAKindSays) {
  const auto wrong = [](decltype(Reward::kind) kind) {
    Reward reward = Mug();
    reward.kind = std::move(kind);
    return WrongWith(reward);
  };
  EXPECT_THAT(wrong(DiscountAmount{0}), ElementsAre("reward.discount_amount.amount_minor NOT_POSITIVE"));
  EXPECT_THAT(wrong(DiscountPercent{0}), ElementsAre("reward.discount_percent.percent NOT_POSITIVE"));
  EXPECT_THAT(wrong(DiscountPercent{101}), ElementsAre("reward.discount_percent.percent TOO_LARGE"));
  EXPECT_THAT(wrong(FreeProduct{}), ElementsAre("reward.free_product.sku FIELD_REQUIRED"));
  EXPECT_THAT(wrong(DonationReward{}), ElementsAre("reward.donation.charity_member_id FIELD_REQUIRED"));
  EXPECT_THAT(wrong(Voucher{true, "A B", 7}), ElementsAre("reward.voucher.generated.prefix MALFORMED",
                                                          "reward.voucher.generated.length TOO_SMALL"));
  EXPECT_THAT(
      wrong(Voucher{true, std::string(17, 'A'), 33}),
      ElementsAre("reward.voucher.generated.prefix TOO_LONG", "reward.voucher.generated.length TOO_LARGE"));
}

TEST(RewardPrice, IsThatOfTheTierIfItHasOne) {
  Reward reward = Mug();
  reward.tier_prices = {{"gold", 80}, {"new", 120}};
  EXPECT_EQ(PriceFor(reward, ""), 100);
  EXPECT_EQ(PriceFor(reward, "silver"), 100);
  EXPECT_EQ(PriceFor(reward, "gold"), 80);
  EXPECT_EQ(HighestPrice(reward), 120);
}

TEST(SameKind, LooksAtWhatCodesAndStatementsRestOn) {
  Reward a = Mug(), b = Mug();
  b.kind = FreeProduct{"another"};
  EXPECT_TRUE(SameKind(a, b));
  EXPECT_FALSE(SameReward(a, b));
  b.kind = ServiceReward{};
  EXPECT_FALSE(SameKind(a, b));
  a.kind = Voucher{true, "A", 8};
  b.kind = Voucher{true, "B", 9};
  EXPECT_TRUE(SameKind(a, b));
  b.kind = Voucher{};
  EXPECT_FALSE(SameKind(a, b));
  a.kind = DonationReward{"unicef"};
  b.kind = DonationReward{"msf"};
  EXPECT_FALSE(SameKind(a, b));
}

class Redeemable : public ::testing::Test {
 protected:
  std::string Refusal(const Reward& reward) {
    return ReasonOf(CheckRedeemable(
        reward, {now, absl::CivilDay(2026, 5, 1), tier, tier_labels, labels, uses, total, used}));
  }
  absl::Time now = kNoon;
  std::string tier;
  std::vector<std::string> tier_labels;
  MemberLabels labels;
  RuleUses uses;
  int64_t total = 0, used = 0;
};

TEST_F(Redeemable, FromItsStartUntilBeforeItsEnd) {
  Reward reward = Mug();
  reward.start = kNoon;
  reward.end = kNoon + absl::Hours(1);
  EXPECT_EQ(Refusal(reward), "");
  now = kNoon - absl::Microseconds(1);
  EXPECT_EQ(Refusal(reward), "REWARD_NOT_VALID");
  now = kNoon + absl::Hours(1) - absl::Microseconds(1);
  EXPECT_EQ(Refusal(reward), "");
  now = kNoon + absl::Hours(1);
  EXPECT_EQ(Refusal(reward), "REWARD_NOT_VALID");
  reward.archive_time = kNoon;
  EXPECT_EQ(Refusal(reward), "REWARD_ARCHIVED");
}

TEST_F(Redeemable, ByMembersOfItsTiersWithItsLabel) {
  Reward reward = Mug();
  reward.tier_ids = {"silver", "gold"};
  reward.member_label = "plus";
  EXPECT_EQ(Refusal(reward), "REWARD_TIER_MISSING");
  tier = "gold";
  EXPECT_EQ(Refusal(reward), "REWARD_LABEL_MISSING");
  labels = {{"plus", kNoon - absl::Hours(2), kNoon}};
  EXPECT_EQ(Refusal(reward), "REWARD_LABEL_MISSING") << "it is over";
  labels = {{"plus", kNoon, kNoon + absl::Hours(1)}};
  EXPECT_EQ(Refusal(reward), "");
  labels = {};
  tier_labels = {"early", "plus"};
  EXPECT_EQ(Refusal(reward), "") << "the tier's";
}

TEST_F(Redeemable, ForOrdersOfItsMinimum) {
  Reward reward = Mug();
  reward.minimum_order_minor = 5000;
  EXPECT_EQ(Refusal(reward), "ORDER_TOO_SMALL") << "no order is named";
  total = 4999;
  EXPECT_EQ(Refusal(reward), "ORDER_TOO_SMALL");
  total = 5000;
  EXPECT_EQ(Refusal(reward), "");
}

TEST_F(Redeemable, AsOftenAsTheLimitAndTheStockAllow) {
  Reward reward = Mug();
  reward.limit = {2, LimitWindow::kDay};
  reward.stock = 7;
  const absl::CivilDay today(2026, 5, 1);
  uses.Add(RewardUse("mug"), LimitWindow::kDay, today, 1);
  uses.Add(RewardUse("mug"), LimitWindow::kDay, today - 1, 5);
  used = 6;
  EXPECT_EQ(Refusal(reward), "");
  uses.Add(RewardUse("mug"), LimitWindow::kDay, today, 1);
  EXPECT_EQ(Refusal(reward), "REWARD_LIMIT_REACHED");
  reward.limit = {};
  used = 7;
  EXPECT_EQ(Refusal(reward), "OUT_OF_STOCK");
  reward.stock = 0;
  EXPECT_EQ(Refusal(reward), "") << "there is no end";
}

}  // namespace
}  // namespace loyalty::points
