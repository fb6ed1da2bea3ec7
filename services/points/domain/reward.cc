#include "services/points/domain/reward.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "common/validate/check.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

bool IsCodeCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
}

struct CheckKind {
  Violations& violations;

  void operator()(std::monostate) const {
    violations.Add("reward.kind", reason::kFieldRequired, "is required.");
  }
  void operator()(const DiscountAmount& discount) const {
    CheckRange(violations, "reward.discount_amount.amount_minor", discount.amount_minor, 1, INT64_MAX);
  }
  void operator()(const DiscountPercent& discount) const {
    CheckRange(violations, "reward.discount_percent.percent", discount.percent, 1, 100);
  }
  void operator()(const FreeProduct& product) const {
    CheckText(violations, "reward.free_product.sku", product.sku, kMaxNameBytes, Presence::kRequired);
  }
  void operator()(const Voucher& voucher) const {
    if (!voucher.generated) return;
    const std::string prefix = "reward.voucher.generated.prefix";
    if (CheckText(violations, prefix, voucher.prefix, kMaxPrefixBytes, Presence::kOptional) &&
        !std::all_of(voucher.prefix.begin(), voucher.prefix.end(), IsCodeCharacter)) {
      violations.Add(prefix, reason::kMalformed, "must be of A-Z, a-z, 0-9, '-' and '_' only.");
    }
    CheckRange(violations, "reward.voucher.generated.length", voucher.length, kLeastCodeLength,
               kMostCodeLength);
  }
  void operator()(const ServiceReward&) const {}
  void operator()(const DonationReward& donation) const {
    CheckText(violations, "reward.donation.charity_member_id", donation.charity_member_id, kMaxIdBytes,
              Presence::kRequired);
  }
};

void CheckTiers(Violations& violations, const Reward& reward) {
  if (CheckCount(violations, "reward.tier_prices", reward.tier_prices.size(), kMaxRewardTiers)) {
    for (const auto& [tier, price] : reward.tier_prices) {
      const std::string field = absl::StrCat("reward.tier_prices[", tier, "]");
      CheckText(violations, field, tier, kMaxSlugBytes, Presence::kRequired);
      CheckRange(violations, field, price, 1, kMaxRewardPrice);
    }
  }
  if (!CheckCount(violations, "reward.tier_ids", reward.tier_ids.size(), kMaxRewardTiers)) return;
  std::set<absl::string_view> seen;
  for (size_t i = 0; i < reward.tier_ids.size(); ++i) {
    const std::string field = absl::StrCat("reward.tier_ids[", i, "]");
    CheckText(violations, field, reward.tier_ids[i], kMaxSlugBytes, Presence::kRequired);
    if (!seen.insert(reward.tier_ids[i]).second) violations.Add(field, reason::kDuplicate, "is named twice.");
  }
}

void CheckValidity(Violations& violations, const Reward& reward) {
  const bool from = reward.start != absl::InfinitePast(), until = reward.end != absl::InfiniteFuture();
  const bool start_fits = !from || CheckTime(violations, "reward.start_time", reward.start);
  const bool end_fits = !until || CheckTime(violations, "reward.end_time", reward.end);
  if (start_fits && end_fits && reward.end <= reward.start) {
    violations.Add("reward.end_time", reason::kTimeOrder, "must be after start_time.");
  }
}

absl::Status Refused(absl::string_view reason, const std::string& message,
                     std::map<std::string, std::string> metadata) {
  return Refuse(absl::StatusCode::kFailedPrecondition, reason, message, std::move(metadata));
}

std::string Shown(absl::Time time) { return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone()); }

absl::Status CheckTime(const Reward& reward, absl::Time now) {
  if (reward.archive_time) {
    return Refused(reason::kRewardArchived, absl::StrCat("The reward ", reward.id, " is archived."),
                   {{"reward_id", reward.id}});
  }
  if (now < reward.start) {
    return Refused(
        reason::kRewardNotValid,
        absl::StrCat("The reward ", reward.id, " can be redeemed from ", Shown(reward.start), " on."),
        {{"reward_id", reward.id}, {"start_time", Shown(reward.start)}});
  }
  if (now >= reward.end) {
    return Refused(
        reason::kRewardNotValid,
        absl::StrCat("The reward ", reward.id, " could be redeemed until ", Shown(reward.end), "."),
        {{"reward_id", reward.id}, {"end_time", Shown(reward.end)}});
  }
  return absl::OkStatus();
}

absl::Status CheckMember(const Reward& reward, const RedeemFacts& facts) {
  const bool any = reward.tier_ids.empty();
  if (!any && std::count(reward.tier_ids.begin(), reward.tier_ids.end(), facts.tier_id) == 0) {
    const std::string tiers = absl::StrJoin(reward.tier_ids, ",");
    return Refused(reason::kRewardTierMissing,
                   absl::StrCat("The reward is for members of the tiers ", tiers, "."),
                   {{"reward_id", reward.id}, {"tier_ids", tiers}, {"tier_id", facts.tier_id}});
  }
  const std::string& label = reward.member_label;
  const bool by_tier = std::count(facts.tier_labels.begin(), facts.tier_labels.end(), label) > 0;
  if (!label.empty() && !by_tier && !Holds(facts.labels, label, facts.now)) {
    return Refused(reason::kRewardLabelMissing,
                   absl::StrCat("The reward is for members with the label ", reward.member_label, "."),
                   {{"reward_id", reward.id}, {"label", reward.member_label}});
  }
  return absl::OkStatus();
}

}  // namespace

void ValidateReward(const Reward& reward, Violations& violations) {
  CheckSlug(violations, "reward.reward_id", reward.id);
  CheckText(violations, "reward.display_name", reward.display_name, kMaxDisplayNameBytes,
            Presence::kRequired);
  std::visit(CheckKind{violations}, reward.kind);
  CheckRange(violations, "reward.price_points", reward.price_points, 1, kMaxRewardPrice);
  CheckTiers(violations, reward);
  CheckRange(violations, "reward.stock", reward.stock, 0, kMaxStock);
  CheckRange(violations, "reward.limit.most", reward.limit.most, 0, kMaxRedemptionsOfMember);
  if (reward.limit.window < LimitWindow::kDay || reward.limit.window > LimitWindow::kLifetime) {
    violations.Add("reward.limit.window", reason::kMalformed, "is not one of the values.");
  }
  CheckText(violations, "reward.member_label", reward.member_label, kMaxNameBytes, Presence::kOptional);
  CheckValidity(violations, reward);
  CheckRange(violations, "reward.minimum_order_minor", reward.minimum_order_minor, 0, INT64_MAX);
}

bool SameReward(const Reward& a, const Reward& b) {
  const auto content = [](const Reward& reward) {
    return std::tie(reward.id, reward.display_name, reward.kind, reward.price_points, reward.tier_prices,
                    reward.stock, reward.limit, reward.tier_ids, reward.member_label, reward.start,
                    reward.end, reward.minimum_order_minor);
  };
  return content(a) == content(b);
}

bool SameKind(const Reward& a, const Reward& b) {
  if (a.kind.index() != b.kind.index()) return false;
  if (const auto* donation = std::get_if<DonationReward>(&a.kind)) {
    return *donation == std::get<DonationReward>(b.kind);
  }
  return NeedsUploadedCode(a) == NeedsUploadedCode(b);
}

int64_t PriceFor(const Reward& reward, const std::string& tier_id) {
  const auto found = reward.tier_prices.find(tier_id);
  return found == reward.tier_prices.end() ? reward.price_points : found->second;
}

int64_t HighestPrice(const Reward& reward) {
  int64_t highest = reward.price_points;
  for (const auto& [tier, price] : reward.tier_prices) highest = std::max(highest, price);
  return highest;
}

bool NeedsUploadedCode(const Reward& reward) {
  const auto* voucher = std::get_if<Voucher>(&reward.kind);
  return voucher != nullptr && !voucher->generated;
}

bool NeedsGeneratedCode(const Reward& reward) {
  const auto* voucher = std::get_if<Voucher>(&reward.kind);
  return voucher != nullptr && voucher->generated;
}

std::string GeneratedCode(const Reward& reward, absl::string_view random) {
  if (!NeedsGeneratedCode(reward)) return "";
  const auto& voucher = std::get<Voucher>(reward.kind);
  return absl::StrCat(voucher.prefix, random.substr(0, static_cast<size_t>(voucher.length)));
}

std::string StockCounter(absl::string_view reward_id) { return absl::StrCat("stock:", reward_id); }

std::string RewardUse(absl::string_view reward_id) { return absl::StrCat("reward:", reward_id); }

absl::Status CheckRedeemable(const Reward& reward, const RedeemFacts& facts) {
  LOYALTY_RETURN_IF_ERROR(CheckTime(reward, facts.now));
  LOYALTY_RETURN_IF_ERROR(CheckMember(reward, facts));
  if (facts.order_total_minor < reward.minimum_order_minor) {
    return Refused(reason::kOrderTooSmall,
                   absl::StrCat("The reward is for orders of ", reward.minimum_order_minor,
                                " minor units and more; this one is ", facts.order_total_minor, "."),
                   {{"minimum_minor", absl::StrCat(reward.minimum_order_minor)},
                    {"order_total_minor", absl::StrCat(facts.order_total_minor)}});
  }
  const RewardLimit& limit = reward.limit;
  if (limit.most > 0 && facts.uses.Used(RewardUse(reward.id), limit.window, facts.today) >= limit.most) {
    return Refused(reason::kRewardLimitReached,
                   absl::StrCat("The member has redeemed the reward ", limit.most,
                                " times in the period, which is all that it allows."),
                   {{"reward_id", reward.id}, {"limit", absl::StrCat(limit.most)}});
  }
  if (reward.stock > 0 && facts.stock_used >= reward.stock) {
    return Refused(reason::kOutOfStock, absl::StrCat("Nothing is left of the reward ", reward.id, "."),
                   {{"reward_id", reward.id}, {"stock", absl::StrCat(reward.stock)}});
  }
  return absl::OkStatus();
}

}  // namespace loyalty::points
