#include "services/points/service/convert.h"

#include <absl/strings/str_cat.h>

#include "services/points/domain/reason.h"

namespace loyalty::points {

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  constexpr int64_t kYear1 = -62'135'596'800, kYear10000 = 253'402'300'800;
  if (timestamp.seconds() < kYear1 || timestamp.seconds() >= kYear10000 || timestamp.nanos() < 0 ||
      timestamp.nanos() > 999'999'999) {
    return absl::InfiniteFuture();
  }
  // The ledger keeps microseconds.
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Microseconds(timestamp.nanos() / 1000);
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp out;
  const int64_t seconds = absl::ToUnixSeconds(time);
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return out;
}

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
  command.action = Earn{in.points()};
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
  return out;
}

v1::Member ToProto(const Member& member, const std::string& program_id) {
  v1::Member out;
  out.set_program_id(program_id);
  out.set_member_id(member.id);
  *out.mutable_enroll_time() = ToProto(member.enroll_time);
  out.set_available_points(member.balance);
  out.set_entry_count(member.last_sequence);
  return out;
}

}  // namespace loyalty::points
