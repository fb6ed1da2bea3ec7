// What members can redeem points for.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "common/status/status.h"
#include "services/points/domain/labels.h"
#include "services/points/domain/rule_use.h"

namespace loyalty::points {

// The kinds of reward. What a shop does with one is its own affair, but for codes and donations.
struct DiscountAmount {
  int64_t amount_minor = 0;  // above zero
  bool operator==(const DiscountAmount&) const = default;
};
struct DiscountPercent {
  int32_t percent = 0;  // 1 to 100
  bool operator==(const DiscountPercent&) const = default;
};
struct FreeProduct {
  std::string sku;
  bool operator==(const FreeProduct&) const = default;
};
// A code for each redemption: of those that were uploaded, the lowest number that is free; or a made one, the
// prefix and then so many random characters.
struct Voucher {
  bool generated = false;
  std::string prefix;  // 0 to kMaxPrefixBytes of A-Z, a-z, 0-9, '-' and '_'
  int32_t length = 0;  // kLeastCodeLength to kMostCodeLength, without the prefix
  bool operator==(const Voucher&) const = default;
};
struct ServiceReward {
  bool operator==(const ServiceReward&) const = default;
};
// The points come in at a charity's account, and the redemption is fulfilled at once.
struct DonationReward {
  std::string charity_member_id;
  bool operator==(const DonationReward&) const = default;
};

inline constexpr size_t kMaxPrefixBytes = 16;
inline constexpr int32_t kLeastCodeLength = 8;  // 40 bits of randomness
inline constexpr int32_t kMostCodeLength = 32;
inline constexpr size_t kMaxCodeBytes = 100;
inline constexpr size_t kMaxCodesOfUpload = 10'000;
inline constexpr int64_t kMaxRewardPrice = 1'000'000'000;
inline constexpr int64_t kMaxStock = 1'000'000'000;
inline constexpr int64_t kMaxRedemptionsOfMember = 1'000'000;
inline constexpr size_t kMaxRewardTiers = 20;

// The most redemptions of a member in a period; 0: no limit. Cancelled ones do not count.
struct RewardLimit {
  int64_t most = 0;
  LimitWindow window = LimitWindow::kLifetime;
  bool operator==(const RewardLimit&) const = default;
};

struct Reward {
  std::string id;  // the caller's
  std::string display_name;
  // monostate: not given, which ValidateReward refuses
  std::variant<std::monostate, DiscountAmount, DiscountPercent, FreeProduct, Voucher, ServiceReward,
               DonationReward>
      kind;
  int64_t price_points = 0;                    // 1 to kMaxRewardPrice
  std::map<std::string, int64_t> tier_prices;  // of members of a tier, in place of price_points
  int64_t stock = 0;                           // redemptions in all, less cancelled ones; 0: no end
  RewardLimit limit;
  std::vector<std::string> tier_ids;  // for members of one of them; empty: for all
  std::string member_label;           // that the member has to carry; empty: none
  absl::Time start = absl::InfinitePast();
  absl::Time end = absl::InfiniteFuture();  // redeemed before it
  int64_t minimum_order_minor = 0;          // of the order that it is redeemed for; 0: none is needed
  absl::Time create_time;
  absl::Time update_time;
  std::optional<absl::Time> archive_time;
};

// Adds everything that is wrong with a reward; fields are named below "reward".
void ValidateReward(const Reward& reward, Violations& violations);

// True if both say the same; times of creation, change and archiving do not count.
bool SameReward(const Reward& a, const Reward& b);

// True if both are of one kind, codes of one source and one charity: what a change must leave as it is,
// because redemptions, codes and statements rest on it.
bool SameKind(const Reward& a, const Reward& b);

// What a member of the tier pays; the empty tier is none.
int64_t PriceFor(const Reward& reward, const std::string& tier_id);
// The most that any member pays.
int64_t HighestPrice(const Reward& reward);

bool NeedsUploadedCode(const Reward& reward);
bool NeedsGeneratedCode(const Reward& reward);
// The code that a reward makes of kMostCodeLength random characters; empty for other rewards.
std::string GeneratedCode(const Reward& reward, absl::string_view random);

// The counter of redemptions that stand, and the name under which those of a member are counted.
std::string StockCounter(absl::string_view reward_id);
std::string RewardUse(absl::string_view reward_id);

// What redeeming depends on beside points.
struct RedeemFacts {
  absl::Time now;
  absl::CivilDay today;
  const std::string& tier_id;
  std::span<const std::string> tier_labels;
  const MemberLabels& labels;
  const RuleUses& uses;
  int64_t order_total_minor = 0;
  int64_t stock_used = 0;
};

// FAILED_PRECONDITION, with the first of these reasons that holds: REWARD_ARCHIVED, REWARD_NOT_VALID,
// REWARD_TIER_MISSING, REWARD_LABEL_MISSING, ORDER_TOO_SMALL, REWARD_LIMIT_REACHED, OUT_OF_STOCK.
absl::Status CheckRedeemable(const Reward& reward, const RedeemFacts& facts);

enum class RedemptionState { kPending = 1, kFulfilled = 2, kCancelled = 3 };

// A code that was uploaded for a reward.
struct RewardCode {
  int64_t number = 0;  // in the order of uploading
  std::string code;
  bool operator==(const RewardCode&) const = default;
  bool operator<(const RewardCode& other) const {
    return std::tie(number, code) < std::tie(other.number, other.code);
  }
};

// What became of a redemption.
struct Redemption {
  std::string reward_id;
  RedemptionState state = RedemptionState::kPending;
  std::string code;                    // empty: none
  int64_t code_number = 0;             // of an uploaded one; otherwise 0
  std::optional<LimitWindow> counted;  // where it counts against a member's limit
  bool operator==(const Redemption&) const = default;
};

}  // namespace loyalty::points
