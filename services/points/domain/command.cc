#include "services/points/domain/command.h"

namespace loyalty::points {
namespace {

struct AddValue {
  Fingerprint& out;

  void operator()(const std::string& text) const { out.Add("text").Add(text); }
  void operator()(int64_t number) const { out.Add("number").Add(number); }
  void operator()(bool flag) const { out.Add("flag").Add(flag ? 1 : 0); }
  void operator()(absl::CivilDay day) const { out.Add("day").Add(absl::FormatCivilTime(day)); }
};

struct AddAction {
  Fingerprint& out;

  // The cause only where it is given: commands from before there was one keep their fingerprint.
  void operator()(const Earn& earn) const {
    out.Add("Earn").Add(earn.points);
    if (!earn.cause.empty()) out.Add("cause").Add(earn.cause);
  }
  void operator()(const Spend& spend) const {
    out.Add("Spend").Add(spend.points).Add(spend.order_id);
    if (spend.order_total_minor != 0) out.Add("total").Add(spend.order_total_minor);
  }
  void operator()(const Adjust& adjust) const { out.Add("Adjust").Add(adjust.points); }
  void operator()(const RecordPurchase& record) const {
    const Purchase& purchase = record.purchase;
    out.Add("RecordPurchase").Add(purchase.order_id).Add(absl::ToUnixMicros(purchase.purchase_time));
    // Not the currency: left out or named, it can only be the program's.
    out.Add(purchase.total_minor).Add(purchase.channel).Add(purchase.location);
    out.Add(static_cast<int64_t>(purchase.lines.size()));
    for (const PurchaseLine& line : purchase.lines) {
      out.Add(line.sku).Add(line.category).Add(line.quantity).Add(line.amount_minor);
    }
    for (const std::string& label : purchase.labels) out.Add(label);
  }
  void operator()(const ReverseEntry& reverse) const {
    out.Add("ReverseEntry").Add(reverse.reversed_request_id).Add(reverse.points);
  }
  void operator()(const RecordReturn& record) const {
    out.Add("RecordReturn").Add(record.order_id).Add(record.return_id).Add(record.amount_minor);
    for (const ReturnedLine& line : record.lines) out.Add(line.line).Add(line.quantity);
  }
  void operator()(const SetMemberLabel& set) const {
    out.Add("SetMemberLabel").Add(set.label.label);
    out.Add(absl::ToUnixMicros(set.label.from)).Add(absl::ToUnixMicros(set.label.until));
  }
  void operator()(const RecordActivity& record) const {
    const Activity& activity = record.activity;
    out.Add("RecordActivity").Add(activity.type).Add(activity.activity_id);
    out.Add(absl::ToUnixMicros(activity.time)).Add(activity.channel).Add(activity.location);
  }
  void operator()(const ConfirmPurchase& confirm) const { out.Add("ConfirmPurchase").Add(confirm.order_id); }
  void operator()(const CancelPurchase& cancel) const { out.Add("CancelPurchase").Add(cancel.order_id); }
  void operator()(const ReservePoints& reserve) const {
    out.Add("ReservePoints").Add(reserve.points).Add(absl::ToInt64Seconds(reserve.time_to_live));
    out.Add(reserve.order_id);
    if (reserve.order_total_minor != 0) out.Add("total").Add(reserve.order_total_minor);
  }
  void operator()(const CapturePoints& capture) const {
    out.Add("CapturePoints").Add(capture.hold_request_id).Add(capture.points);
  }
  void operator()(const ReleasePoints& release) const {
    out.Add("ReleasePoints").Add(release.hold_request_id);
  }
  void operator()(const TransferPoints& transfer) const {
    out.Add("TransferPoints").Add(transfer.to_member_id).Add(transfer.points);
  }
  void operator()(const SetTier& set) const {
    out.Add("SetTier");
    if (set.override_) out.Add(set.override_->tier_id).Add(absl::ToUnixMicros(set.override_->until));
  }
  void operator()(const CatchUp&) const { out.Add("CatchUp"); }
  // Not the random characters: a repeated request brings others.
  void operator()(const RedeemReward& redeem) const {
    out.Add("RedeemReward").Add(redeem.reward_id).Add(redeem.order_id).Add(redeem.order_total_minor);
  }
  void operator()(const FulfillRedemption& fulfill) const {
    out.Add("FulfillRedemption").Add(fulfill.redemption_request_id);
  }
  void operator()(const CancelRedemption& cancel) const {
    out.Add("CancelRedemption").Add(cancel.redemption_request_id);
  }
  void operator()(const UpdateProfile& update) const {
    out.Add("UpdateProfile");
    const Profile& profile = update.profile;
    if (update.birthday) out.Add("birthday").Add(profile.birthday.month).Add(profile.birthday.day);
    if (update.segment) out.Add("segment").Add(profile.segment);
    if (update.referrer) out.Add("referrer").Add(profile.referrer_member_id);
    if (!update.attributes) return;
    out.Add("attributes").Add(static_cast<int64_t>(profile.attributes.size()));
    for (const auto& [name, value] : profile.attributes) {
      out.Add(name);
      std::visit(AddValue{out}, value);
    }
  }
  void operator()(const SetConsent& set) const {
    out.Add("SetConsent").Add(set.channel).Add(set.purpose).Add(set.granted ? 1 : 0);
  }
  void operator()(const CloseMember&) const { out.Add("CloseMember"); }
  void operator()(const MergeMembers& merge) const { out.Add("MergeMembers").Add(merge.from_member_id); }
};

}  // namespace

Digest ContentOf(const Command& command) {
  Fingerprint out;
  std::visit(AddAction{out}, command.action);
  out.Add(command.member_id).Add(command.reason).Add(command.channel).Add(command.location);
  // Who recorded a purchase or a return is no part of it: the till and a later import say the same.
  const bool by_its_own_id = std::holds_alternative<RecordPurchase>(command.action) ||
                             std::holds_alternative<RecordReturn>(command.action) ||
                             std::holds_alternative<RecordActivity>(command.action);
  if (!by_its_own_id) out.Add(command.actor);
  if (command.occurred_time) out.Add(absl::ToUnixMicros(*command.occurred_time));
  return out.Finish();
}

}  // namespace loyalty::points
