#include "services/points/storage/reward_json.h"

#include <nlohmann/json.hpp>

#include "common/postgres/values.h"

namespace loyalty::points {
namespace {

using nlohmann::json;

// What is stored has these names, so they never change.
struct AddKind {
  json& out;

  void operator()(std::monostate) const {}
  void operator()(const DiscountAmount& discount) const {
    out["kind"] = "discount_amount";
    out["amount"] = discount.amount_minor;
  }
  void operator()(const DiscountPercent& discount) const {
    out["kind"] = "discount_percent";
    out["percent"] = discount.percent;
  }
  void operator()(const FreeProduct& product) const {
    out["kind"] = "free_product";
    out["sku"] = product.sku;
  }
  void operator()(const Voucher& voucher) const {
    out["kind"] = voucher.generated ? "generated_voucher" : "uploaded_voucher";
    if (!voucher.generated) return;
    if (!voucher.prefix.empty()) out["prefix"] = voucher.prefix;
    out["length"] = voucher.length;
  }
  void operator()(const ServiceReward&) const { out["kind"] = "service"; }
  void operator()(const DonationReward& donation) const {
    out["kind"] = "donation";
    out["charity"] = donation.charity_member_id;
  }
};

decltype(Reward::kind) KindOf(const json& in) {
  const auto kind = in.at("kind").get<std::string>();
  if (kind == "discount_amount") return DiscountAmount{in.at("amount").get<int64_t>()};
  if (kind == "discount_percent") return DiscountPercent{in.at("percent").get<int32_t>()};
  if (kind == "free_product") return FreeProduct{in.at("sku").get<std::string>()};
  if (kind == "uploaded_voucher") return Voucher{};
  if (kind == "generated_voucher")
    return Voucher{true, in.value("prefix", ""), in.at("length").get<int32_t>()};
  if (kind == "service") return ServiceReward{};
  if (kind == "donation") return DonationReward{in.at("charity").get<std::string>()};
  return {};
}

}  // namespace

std::string RewardToJson(const Reward& reward) {
  json out = json::object();
  std::visit(AddKind{out}, reward.kind);
  out["price"] = reward.price_points;
  if (!reward.tier_prices.empty()) out["tier_prices"] = reward.tier_prices;
  if (reward.stock != 0) out["stock"] = reward.stock;
  if (reward.limit.most != 0) out["most"] = reward.limit.most;
  if (reward.limit.window != RewardLimit().window) out["window"] = static_cast<int>(reward.limit.window);
  if (!reward.tier_ids.empty()) out["tiers"] = reward.tier_ids;
  if (!reward.member_label.empty()) out["label"] = reward.member_label;
  if (reward.start != absl::InfinitePast()) out["start"] = postgres::FormatTimestamp(reward.start);
  if (reward.end != absl::InfiniteFuture()) out["end"] = postgres::FormatTimestamp(reward.end);
  if (reward.minimum_order_minor != 0) out["minimum_order"] = reward.minimum_order_minor;
  return out.dump();
}

void ReadRewardJson(absl::string_view text, Reward& reward) {
  const json in = json::parse(text);
  reward.kind = KindOf(in);
  reward.price_points = in.at("price").get<int64_t>();
  if (in.contains("tier_prices"))
    reward.tier_prices = in.at("tier_prices").get<std::map<std::string, int64_t>>();
  reward.stock = in.value("stock", int64_t{0});
  reward.limit.most = in.value("most", int64_t{0});
  if (in.contains("window")) reward.limit.window = static_cast<LimitWindow>(in.at("window").get<int>());
  if (in.contains("tiers")) reward.tier_ids = in.at("tiers").get<std::vector<std::string>>();
  reward.member_label = in.value("label", "");
  if (in.contains("start")) reward.start = postgres::ParseTimestamp(in.at("start").get<std::string>());
  if (in.contains("end")) reward.end = postgres::ParseTimestamp(in.at("end").get<std::string>());
  reward.minimum_order_minor = in.value("minimum_order", int64_t{0});
}

}  // namespace loyalty::points
