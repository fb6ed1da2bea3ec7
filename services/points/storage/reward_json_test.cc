#include "services/points/storage/reward_json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace loyalty::points {
namespace {

using Kind = decltype(Reward::kind);

rc::Gen<std::string> Text() { return rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~')); }

Kind AnyKind() {
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      return DiscountAmount{*rc::gen::positive<int64_t>()};
    case 1:
      return DiscountPercent{*rc::gen::inRange(1, 101)};
    case 2:
      return FreeProduct{*Text()};
    case 3:
      return Voucher{};
    case 4:
      return Voucher{true, *Text(), *rc::gen::inRange(8, 33)};
    case 5:
      return ServiceReward{};
    default:
      return DonationReward{*Text()};
  }
}

RC_GTEST_PROP(RewardJson, IsReadAsItWasWritten, ()) {
  Reward reward;
  reward.kind = AnyKind();
  reward.price_points = *rc::gen::positive<int64_t>();
  reward.tier_prices =
      *rc::gen::container<std::map<std::string, int64_t>>(Text(), rc::gen::positive<int64_t>());
  reward.stock = *rc::gen::nonNegative<int64_t>();
  reward.limit = {*rc::gen::nonNegative<int64_t>(), static_cast<LimitWindow>(*rc::gen::inRange(1, 5))};
  reward.tier_ids = *rc::gen::container<std::vector<std::string>>(Text());
  reward.member_label = *Text();
  if (*rc::gen::arbitrary<bool>())
    reward.start = absl::FromUnixMicros(*rc::gen::inRange<int64_t>(0, 1LL << 52));
  if (*rc::gen::arbitrary<bool>())
    reward.end = absl::FromUnixMicros(*rc::gen::inRange<int64_t>(0, 1LL << 52));
  reward.minimum_order_minor = *rc::gen::nonNegative<int64_t>();
  Reward read;
  ReadRewardJson(RewardToJson(reward), read);
  RC_ASSERT(SameReward(read, reward));
}

TEST(RewardJson, OfAPlainRewardIsShort) {
  Reward reward;
  reward.kind = FreeProduct{"mug"};
  reward.price_points = 100;
  EXPECT_EQ(RewardToJson(reward), R"({"kind":"free_product","price":100,"sku":"mug"})");
}

}  // namespace
}  // namespace loyalty::points
