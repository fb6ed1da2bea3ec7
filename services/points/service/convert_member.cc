#include "services/points/service/convert_member.h"

#include "common/rpc/time.h"
#include "services/points/service/convert_entry.h"

namespace loyalty::points {
namespace {

void Fill(v1::MemberTier& out, const Standing& standing, const TierOutlook& outlook) {
  out.set_tier_id(standing.tier_id);
  if (standing.since != absl::InfinitePast()) *out.mutable_since_time() = rpc::ToProto(standing.since);
  if (outlook.until != absl::InfiniteFuture()) *out.mutable_until_time() = rpc::ToProto(outlook.until);
  out.set_progress_points(outlook.progress.points);
  out.set_progress_money_minor(outlook.progress.money_minor);
  out.set_progress_purchases(outlook.progress.purchases);
  out.set_next_tier_id(outlook.next_tier_id);
  out.set_missing_for_next(outlook.missing_for_next);
  out.set_missing_to_keep(outlook.missing_to_keep);
  if (!standing.override_) return;
  out.mutable_tier_override()->set_tier_id(standing.override_->tier_id);
  *out.mutable_tier_override()->mutable_until_time() = rpc::ToProto(standing.override_->until);
}

}  // namespace

v1::Member ToProto(const Member& member, const std::string& program_id) {
  v1::Member out;
  out.set_program_id(program_id);
  out.set_member_id(member.id);
  *out.mutable_enroll_time() = rpc::ToProto(member.enroll_time);
  out.set_available_points(member.balance);
  out.set_pending_points(member.pending);
  out.set_held_points(member.held);
  out.set_debt_points(member.debt);
  out.set_entry_count(member.last_sequence);
  for (const MemberLabel& label : member.labels) *out.add_labels() = ToProto(label);
  return out;
}

v1::Member ToProto(const MemberView& view, const std::string& program_id) {
  v1::Member out = ToProto(view.member, program_id);
  // Who has no tier has a next one, if there are any.
  const bool tiers = !view.standing.tier_id.empty() || !view.outlook.next_tier_id.empty();
  if (tiers) Fill(*out.mutable_tier(), view.standing, view.outlook);
  return out;
}

v1::Balance BalanceOf(const Member& member) {
  v1::Balance out;
  out.set_member_id(member.id);
  out.set_available_points(member.balance);
  out.set_sequence(member.last_sequence);
  out.set_pending_points(member.pending);
  out.set_held_points(member.held);
  out.set_debt_points(member.debt);
  return out;
}

}  // namespace loyalty::points
