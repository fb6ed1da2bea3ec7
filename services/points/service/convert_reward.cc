#include "services/points/service/convert_reward.h"

#include "common/rpc/time.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

Voucher ToVoucher(const v1::Voucher& in, Violations& violations) {
  switch (in.source_case()) {
    case v1::Voucher::kUploaded:
      return {};
    case v1::Voucher::kGenerated:
      return {true, in.generated().prefix(), in.generated().length()};
    case v1::Voucher::SOURCE_NOT_SET:
      violations.Add("reward.voucher.source", reason::kFieldRequired, "is required: uploaded or generated.");
  }
  return {};
}

decltype(Reward::kind) ToKind(const v1::Reward& in, Violations& violations) {
  switch (in.kind_case()) {
    case v1::Reward::kDiscountAmount:
      return DiscountAmount{in.discount_amount().amount_minor()};
    case v1::Reward::kDiscountPercent:
      return DiscountPercent{in.discount_percent().percent()};
    case v1::Reward::kFreeProduct:
      return FreeProduct{in.free_product().sku()};
    case v1::Reward::kVoucher:
      return ToVoucher(in.voucher(), violations);
    case v1::Reward::kService:
      return ServiceReward{};
    case v1::Reward::kDonation:
      return DonationReward{in.donation().charity_member_id()};
    case v1::Reward::KIND_NOT_SET:
      break;
  }
  return {};
}

struct FillKind {
  v1::Reward& out;

  void operator()(std::monostate) const {}
  void operator()(const DiscountAmount& discount) const {
    out.mutable_discount_amount()->set_amount_minor(discount.amount_minor);
  }
  void operator()(const DiscountPercent& discount) const {
    out.mutable_discount_percent()->set_percent(discount.percent);
  }
  void operator()(const FreeProduct& product) const { out.mutable_free_product()->set_sku(product.sku); }
  void operator()(const Voucher& voucher) const {
    if (!voucher.generated) {
      out.mutable_voucher()->mutable_uploaded();
      return;
    }
    out.mutable_voucher()->mutable_generated()->set_prefix(voucher.prefix);
    out.mutable_voucher()->mutable_generated()->set_length(voucher.length);
  }
  void operator()(const ServiceReward&) const { out.mutable_service(); }
  void operator()(const DonationReward& donation) const {
    out.mutable_donation()->set_charity_member_id(donation.charity_member_id);
  }
};

// What all requests about redemptions have in common.
template <class Request>
Command CommandOf(const Request& in) {
  Command command;
  command.member_id = in.member_id();
  command.request_id = in.request_id();
  command.validate_only = in.validate_only();
  command.reason = in.reason();
  command.actor = in.actor();
  return command;
}

}  // namespace

Reward ToReward(const v1::Reward& in, Violations& violations) {
  Reward reward;
  reward.id = in.reward_id();
  reward.display_name = in.display_name();
  reward.kind = ToKind(in, violations);
  reward.price_points = in.price_points();
  reward.tier_prices = {in.tier_prices().begin(), in.tier_prices().end()};
  reward.stock = in.stock();
  reward.limit.most = in.limit().most();
  if (in.limit().window() != v1::REWARD_LIMIT_WINDOW_UNSPECIFIED) {
    reward.limit.window = static_cast<LimitWindow>(in.limit().window());
  }
  reward.tier_ids = {in.tier_ids().begin(), in.tier_ids().end()};
  reward.member_label = in.member_label();
  if (in.has_start_time()) reward.start = rpc::ToTime(in.start_time());
  if (in.has_end_time()) {
    reward.end = rpc::ToTime(in.end_time());
    // What is no time would be no end, and so be accepted.
    if (reward.end == absl::InfiniteFuture()) reward.end = absl::InfinitePast();
  }
  reward.minimum_order_minor = in.minimum_order_minor();
  return reward;
}

v1::Reward ToProto(const RewardStatus& status, const std::string& program_id) {
  const Reward& reward = status.reward;
  v1::Reward out;
  out.set_program_id(program_id);
  out.set_reward_id(reward.id);
  out.set_display_name(reward.display_name);
  std::visit(FillKind{out}, reward.kind);
  out.set_price_points(reward.price_points);
  for (const auto& [tier, price] : reward.tier_prices) (*out.mutable_tier_prices())[tier] = price;
  out.set_stock(reward.stock);
  if (reward.limit.most > 0) {
    out.mutable_limit()->set_most(reward.limit.most);
    out.mutable_limit()->set_window(static_cast<v1::RewardLimitWindow>(reward.limit.window));
  }
  for (const std::string& tier : reward.tier_ids) out.add_tier_ids(tier);
  out.set_member_label(reward.member_label);
  if (reward.start != absl::InfinitePast()) *out.mutable_start_time() = rpc::ToProto(reward.start);
  if (reward.end != absl::InfiniteFuture()) *out.mutable_end_time() = rpc::ToProto(reward.end);
  out.set_minimum_order_minor(reward.minimum_order_minor);
  *out.mutable_create_time() = rpc::ToProto(reward.create_time);
  *out.mutable_update_time() = rpc::ToProto(reward.update_time);
  if (reward.archive_time) *out.mutable_archive_time() = rpc::ToProto(*reward.archive_time);
  out.set_redeemed_count(status.redeemed);
  out.set_free_code_count(status.free_codes);
  return out;
}

v1::Redemption ToProto(const RedemptionView& view) {
  v1::Redemption out;
  out.set_member_id(view.member_id);
  out.set_sequence(view.sequence);
  out.set_redemption_request_id(view.request_id);
  out.set_reward_id(view.reward_id);
  out.set_price_points(view.price_points);
  out.set_state(static_cast<v1::RedemptionState>(view.state));
  out.set_code(view.code);
  out.set_order_id(view.order_id);
  *out.mutable_redeem_time() = rpc::ToProto(view.redeem_time);
  return out;
}

v1::DonationSum ToProto(const DonationSum& sum) {
  v1::DonationSum out;
  sum.reward_id.empty() ? out.set_rule_id(sum.rule_id) : out.set_reward_id(sum.reward_id);
  out.set_points(sum.points);
  out.set_donation_count(sum.donations);
  return out;
}

Command ToCommand(const v1::RedeemRewardRequest& in) {
  Command command = CommandOf(in);
  command.channel = in.channel();
  command.location = in.location();
  command.action = RedeemReward{in.reward_id(), in.order_id(), in.order_total_minor(), ""};
  return command;
}

Command ToCommand(const v1::FulfillRedemptionRequest& in) {
  Command command = CommandOf(in);
  command.action = FulfillRedemption{in.redemption_request_id()};
  return command;
}

Command ToCommand(const v1::CancelRedemptionRequest& in) {
  Command command = CommandOf(in);
  command.action = CancelRedemption{in.redemption_request_id()};
  return command;
}

}  // namespace loyalty::points
