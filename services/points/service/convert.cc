#include "services/points/service/convert.h"

#include <absl/strings/str_cat.h>

#include "services/points/domain/reason.h"

namespace loyalty::points {

Program ToProgram(const v1::Program& in, Violations& violations) {
  Program program;
  program.id = in.program_id();
  program.display_name = in.display_name();
  program.currency_code = in.currency_code();
  program.time_zone = in.time_zone();
  if (in.has_points_name()) {
    program.points_singular = in.points_name().singular();
    program.points_plural = in.points_name().plural();
  }
  if (in.has_base_earn_rate()) {
    program.base_earn_rate = {in.base_earn_rate().points(), in.base_earn_rate().per_major_units()};
  }
  if (!v1::RoundingMode_IsValid(in.rounding_mode())) {
    violations.Add("program.rounding_mode", reason::kMalformed, "is not a rounding mode.");
  } else if (in.rounding_mode() != v1::ROUNDING_MODE_UNSPECIFIED) {
    program.rounding_mode = static_cast<RoundingMode>(in.rounding_mode());
  }
  if (!v1::EnrollmentMode_IsValid(in.enrollment_mode())) {
    violations.Add("program.enrollment_mode", reason::kMalformed, "is not an enrollment mode.");
  } else if (in.enrollment_mode() != v1::ENROLLMENT_MODE_UNSPECIFIED) {
    program.enrollment_mode = static_cast<EnrollmentMode>(in.enrollment_mode());
  }
  return program;
}

v1::Program ToProto(const Program& program) {
  v1::Program out;
  out.set_program_id(program.id);
  out.set_display_name(program.display_name);
  out.set_currency_code(program.currency_code);
  out.set_time_zone(program.time_zone);
  out.mutable_points_name()->set_singular(program.points_singular);
  out.mutable_points_name()->set_plural(program.points_plural);
  out.mutable_base_earn_rate()->set_points(program.base_earn_rate.points);
  out.mutable_base_earn_rate()->set_per_major_units(program.base_earn_rate.per_major_units);
  out.set_rounding_mode(static_cast<v1::RoundingMode>(program.rounding_mode));
  out.set_enrollment_mode(static_cast<v1::EnrollmentMode>(program.enrollment_mode));
  *out.mutable_create_time() = ToProto(program.create_time);
  *out.mutable_update_time() = ToProto(program.update_time);
  if (program.test_time) *out.mutable_test_clock_time() = ToProto(*program.test_time);
  return out;
}

EarnRule ToRule(const v1::EarnRule& in) {
  EarnRule rule;
  rule.id = in.rule_id();
  rule.display_name = in.display_name();
  rule.conditions.member_label = in.conditions().member_label();
  switch (in.effect().effect_case()) {
    case v1::EarnRuleEffect::kMultiplier:
      rule.effect = Multiplier{in.effect().multiplier().numerator(), in.effect().multiplier().denominator()};
      break;
    case v1::EarnRuleEffect::EFFECT_NOT_SET:
      break;
  }
  return rule;
}

v1::EarnRule ToProto(const EarnRule& rule, const std::string& program_id) {
  v1::EarnRule out;
  out.set_program_id(program_id);
  out.set_rule_id(rule.id);
  out.set_display_name(rule.display_name);
  if (rule.conditions != EarnConditions()) {
    out.mutable_conditions()->set_member_label(rule.conditions.member_label);
  }
  if (const auto* factor = std::get_if<Multiplier>(&rule.effect)) {
    v1::Multiplier& multiplier = *out.mutable_effect()->mutable_multiplier();
    multiplier.set_numerator(factor->numerator);
    multiplier.set_denominator(factor->denominator);
  }
  *out.mutable_create_time() = ToProto(rule.create_time);
  if (rule.archive_time) *out.mutable_archive_time() = ToProto(*rule.archive_time);
  return out;
}

Purchase ToPurchase(const v1::Purchase& in) {
  Purchase purchase;
  purchase.order_id = in.order_id();
  purchase.purchase_time = in.has_purchase_time() ? ToTime(in.purchase_time()) : absl::InfinitePast();
  purchase.currency_code = in.currency_code();
  purchase.total_minor = in.total_minor();
  purchase.lines.reserve(static_cast<size_t>(in.lines_size()));
  for (const v1::PurchaseLine& line : in.lines()) {
    purchase.lines.push_back({line.sku(), line.category(), line.quantity(), line.amount_minor()});
  }
  purchase.channel = in.channel();
  purchase.location = in.location();
  purchase.labels.assign(in.labels().begin(), in.labels().end());
  return purchase;
}

namespace {

// What all requests that post have in common.
template <class Request>
Command CommandOf(const Request& in) {
  Command command;
  command.member_id = in.member_id();
  command.request_id = in.request_id();
  command.validate_only = in.validate_only();
  command.actor = in.actor();
  if constexpr (requires { in.reason(); }) command.reason = in.reason();
  if constexpr (requires { in.channel(); }) command.channel = in.channel();
  if constexpr (requires { in.location(); }) command.location = in.location();
  return command;
}

}  // namespace

Command ToCommand(const v1::EarnRequest& in) {
  Command command = CommandOf(in);
  if (in.has_occurred_time()) command.occurred_time = ToTime(in.occurred_time());
  command.action = Earn{in.points(), in.cause()};
  return command;
}

Command ToCommand(const v1::SpendRequest& in) {
  Command command = CommandOf(in);
  command.action = Spend{in.points(), in.order_id()};
  return command;
}

Command ToCommand(const v1::AdjustRequest& in) {
  Command command = CommandOf(in);
  command.action = Adjust{in.points()};
  return command;
}

Command ToCommand(const v1::RecordPurchaseRequest& in) {
  Command command = CommandOf(in);
  command.action = RecordPurchase{ToPurchase(in.purchase())};
  return command;
}

Command ToCommand(const v1::ReverseEntryRequest& in) {
  Command command = CommandOf(in);
  command.action = ReverseEntry{in.reversed_request_id(), in.points()};
  return command;
}

Command ToCommand(const v1::RecordReturnRequest& in) {
  Command command = CommandOf(in);
  if (in.has_return_time()) command.occurred_time = ToTime(in.return_time());
  command.action = RecordReturn{in.order_id(), in.return_id(), in.amount_minor()};
  return command;
}

Command ToCommand(const v1::SetMemberLabelRequest& in) {
  Command command = CommandOf(in);
  MemberLabel label{.label = in.label()};
  if (in.has_from_time()) label.from = ToTime(in.from_time());
  if (in.has_until_time()) {
    const absl::Time until = ToTime(in.until_time());
    // The infinite future would be no end, and so be accepted.
    label.until = until == absl::InfiniteFuture() ? absl::InfinitePast() : until;
  }
  command.action = SetMemberLabel{std::move(label)};
  return command;
}

Command ToCommand(const v1::ImportPurchasesRequest::Row& in) {
  Command command;
  command.member_id = in.member_id();
  command.action = RecordPurchase{ToPurchase(in.purchase())};
  return command;
}

namespace {

void Fill(v1::Purchase& out, const Purchase& purchase) {
  out.set_order_id(purchase.order_id);
  *out.mutable_purchase_time() = ToProto(purchase.purchase_time);
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

v1::MemberLabel ToProto(const MemberLabel& label) {
  v1::MemberLabel out;
  out.set_label(label.label);
  *out.mutable_from_time() = points::ToProto(label.from);
  if (label.until != absl::InfiniteFuture()) *out.mutable_until_time() = points::ToProto(label.until);
  return out;
}

}  // namespace

v1::Entry ToProto(const Entry& entry, const std::string& member_id) {
  v1::Entry out;
  out.set_member_id(member_id);
  out.set_sequence(entry.sequence);
  out.set_kind(static_cast<v1::EntryKind>(entry.kind));
  out.set_points(entry.points);
  out.set_balance_after(entry.balance_after);
  *out.mutable_occurred_time() = ToProto(entry.occurred_time);
  *out.mutable_recorded_time() = ToProto(entry.recorded_time);
  out.set_request_id(entry.request_id);
  out.set_order_id(entry.order_id);
  out.set_rule_id(entry.rule_id);
  out.set_reason(entry.reason);
  out.set_actor(entry.actor);
  out.set_channel(entry.channel);
  out.set_location(entry.location);
  if (entry.purchase) Fill(*out.mutable_purchase(), *entry.purchase);
  for (const LotUse& use : entry.lot_uses) {
    v1::LotUse& out_use = *out.add_lot_uses();
    out_use.set_lot_sequence(use.lot_sequence);
    out_use.set_points(use.points);
    *out_use.mutable_earned_time() = ToProto(use.earned_time);
  }
  out.set_cause(entry.cause);
  for (const Award& award : entry.awards) {
    v1::Award& out_award = *out.add_awards();
    out_award.set_rule_id(award.rule_id);
    out_award.set_points(award.points);
  }
  out.set_corrected_sequence(entry.corrected_sequence);
  out.set_shortfall_points(entry.shortfall);
  out.set_return_id(entry.return_id);
  out.set_returned_minor(entry.returned_minor);
  if (entry.label) *out.mutable_label() = ToProto(*entry.label);
  return out;
}

v1::Member ToProto(const Member& member, const std::string& program_id) {
  v1::Member out;
  out.set_program_id(program_id);
  out.set_member_id(member.id);
  *out.mutable_enroll_time() = ToProto(member.enroll_time);
  out.set_available_points(member.balance);
  out.set_entry_count(member.last_sequence);
  for (const MemberLabel& label : member.labels) *out.add_labels() = ToProto(label);
  return out;
}

}  // namespace loyalty::points
