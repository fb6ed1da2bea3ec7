#include "services/points/service/convert_entry.h"

#include <algorithm>
#include <tuple>

#include "common/rpc/time.h"

namespace loyalty::points {
namespace {

void Fill(v1::Purchase& out, const Purchase& purchase) {
  out.set_order_id(purchase.order_id);
  *out.mutable_purchase_time() = rpc::ToProto(purchase.purchase_time);
  out.set_currency_code(purchase.currency_code);
  out.set_total_minor(purchase.total_minor);
  for (const PurchaseLine& line : purchase.lines) {
    v1::PurchaseLine& out_line = *out.add_lines();
    out_line.set_sku(line.sku);
    out_line.set_category(line.category);
    out_line.set_quantity(line.quantity);
    out_line.set_amount_minor(line.amount_minor);
  }
  out.set_channel(purchase.channel);
  out.set_location(purchase.location);
  for (const std::string& label : purchase.labels) out.add_labels(label);
}

void Fill(v1::Award& out, const Award& award) {
  out.set_rule_id(award.rule_id);
  out.set_points(award.points);
  if (award.maturity != Maturity()) {
    out.mutable_maturity()->set_kind(static_cast<v1::MaturityKind>(award.maturity.kind));
    out.mutable_maturity()->set_days(award.maturity.days);
  }
  for (const int64_t points : award.lines) out.add_line_points(points);
}

void Fill(v1::LotUse& out, const LotUse& use) {
  out.set_lot_sequence(use.lot_sequence);
  out.set_points(use.points);
  *out.mutable_earned_time() = rpc::ToProto(use.earned_time);
  if (use.expire_time != absl::InfiniteFuture()) *out.mutable_expire_time() = rpc::ToProto(use.expire_time);
  out.set_part(use.part);
}

void Fill(v1::NewLot& out, const NewLot& lot) {
  out.set_points(lot.points);
  *out.mutable_earned_time() = rpc::ToProto(lot.earned_time);
  if (lot.expire_time != absl::InfiniteFuture()) *out.mutable_expire_time() = rpc::ToProto(lot.expire_time);
  if (lot.mature_time == absl::InfiniteFuture()) {
    out.set_until_confirmed(true);
  } else if (lot.mature_time != absl::InfinitePast()) {
    *out.mutable_mature_time() = rpc::ToProto(lot.mature_time);
  }
  out.set_from_sequence(lot.from_sequence);
}

void Fill(v1::TierChange& out, const TierChange& change) {
  out.set_from_tier_id(change.from_tier_id);
  out.set_to_tier_id(change.to_tier_id);
  if (change.override_until != absl::InfinitePast()) {
    *out.mutable_override_until_time() = rpc::ToProto(change.override_until);
  }
}

// What only some kinds have.
void FillDetail(v1::Entry& out, const Entry& entry) {
  for (const Award& award : entry.awards) Fill(*out.add_awards(), award);
  out.set_corrected_sequence(entry.corrected_sequence);
  out.set_corrects_merged_member(entry.corrected_account != 0);
  out.set_shortfall_points(entry.shortfall);
  out.set_return_id(entry.return_id);
  out.set_returned_minor(entry.returned_minor);
  for (const ReturnedLine& line : entry.returned_lines) {
    v1::ReturnedLine& out_line = *out.add_returned_lines();
    out_line.set_line(line.line);
    out_line.set_quantity(line.quantity);
  }
  if (entry.label) *out.mutable_label() = ToProto(*entry.label);
  if (entry.tier) Fill(*out.mutable_tier_change(), *entry.tier);
  if (entry.counterpart) out.set_counterpart_sequence(entry.counterpart->sequence);
  if (entry.hold_until != absl::InfinitePast()) {
    *out.mutable_hold_until_time() = rpc::ToProto(entry.hold_until);
  }
  out.set_activity_type(entry.activity_type);
  out.set_activity_id(entry.activity_id);
  out.set_paid_minor(entry.paid_minor);
  out.set_reward_id(entry.reward_id);
  out.set_code(entry.code);
}

}  // namespace

v1::MemberLabel ToProto(const MemberLabel& label) {
  v1::MemberLabel out;
  out.set_label(label.label);
  *out.mutable_from_time() = rpc::ToProto(label.from);
  if (label.until != absl::InfiniteFuture()) *out.mutable_until_time() = rpc::ToProto(label.until);
  return out;
}

v1::Entry ToProto(const Entry& entry, const std::string& member_id) {
  v1::Entry out;
  out.set_member_id(member_id);
  out.set_sequence(entry.sequence);
  out.set_kind(static_cast<v1::EntryKind>(entry.kind));
  out.set_points(entry.points);
  out.set_pending_points(entry.pending);
  out.set_held_points(entry.held);
  out.set_debt_points(entry.debt);
  out.set_balance_after(entry.balance_after);
  *out.mutable_occurred_time() = rpc::ToProto(entry.occurred_time);
  *out.mutable_recorded_time() = rpc::ToProto(entry.recorded_time);
  out.set_request_id(entry.request_id);
  out.set_order_id(entry.order_id);
  out.set_rule_id(entry.rule_id);
  out.set_reason(entry.reason);
  out.set_actor(entry.actor);
  out.set_channel(entry.channel);
  out.set_location(entry.location);
  if (entry.purchase) Fill(*out.mutable_purchase(), *entry.purchase);
  for (const NewLot& lot : entry.lots) Fill(*out.add_lots(), lot);
  for (const LotUse& use : entry.lot_uses) Fill(*out.add_lot_uses(), use);
  out.set_cause(entry.cause);
  FillDetail(out, entry);
  return out;
}

void Fill(google::protobuf::RepeatedPtrField<v1::RuleExplanation>& out,
          const std::vector<Considered>& considered) {
  for (const Considered& rule : considered) {
    v1::RuleExplanation& out_rule = *out.Add();
    out_rule.set_rule_id(rule.rule_id);
    out_rule.set_version(rule.version);
    out_rule.set_outcome(static_cast<v1::RuleOutcome>(rule.outcome));
  }
}

}  // namespace loyalty::points
