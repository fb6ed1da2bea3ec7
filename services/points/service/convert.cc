#include "services/points/service/convert.h"

#include "services/points/domain/reason.h"
#include "services/points/service/convert_policy.h"

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
  program.policies = ToPolicies(in.policies(), violations);
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
  *out.mutable_policies() = ToProto(program.policies);
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

Activity ToActivity(const v1::Activity& in) {
  return {.type = in.type(),
          .activity_id = in.activity_id(),
          .time = in.has_activity_time() ? ToTime(in.activity_time()) : absl::InfinitePast(),
          .channel = in.channel(),
          .location = in.location()};
}

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
  command.action = Spend{in.points(), in.order_id(), in.order_total_minor()};
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

Command ToCommand(const v1::QuotePurchaseRequest& in) {
  Command command;
  command.member_id = in.member_id();
  command.validate_only = true;
  command.action = RecordPurchase{ToPurchase(in.purchase())};
  return command;
}

Command ToCommand(const v1::ConfirmPurchaseRequest& in) {
  Command command = CommandOf(in);
  command.action = ConfirmPurchase{in.order_id()};
  return command;
}

Command ToCommand(const v1::CancelPurchaseRequest& in) {
  Command command = CommandOf(in);
  command.action = CancelPurchase{in.order_id()};
  return command;
}

Command ToCommand(const v1::RecordActivityRequest& in) {
  Command command = CommandOf(in);
  command.action = RecordActivity{ToActivity(in.activity())};
  return command;
}

Command ToCommand(const v1::ReservePointsRequest& in) {
  Command command = CommandOf(in);
  // Its seconds tell one request from another, so that there must not be more to it.
  const absl::Duration time_to_live = absl::Trunc(rpc::ToDuration(in.time_to_live()), absl::Seconds(1));
  command.action = ReservePoints{in.points(), time_to_live, in.order_id(), in.order_total_minor()};
  return command;
}

Command ToCommand(const v1::CapturePointsRequest& in) {
  Command command = CommandOf(in);
  command.action = CapturePoints{in.hold_request_id(), in.points()};
  return command;
}

Command ToCommand(const v1::ReleasePointsRequest& in) {
  Command command = CommandOf(in);
  command.action = ReleasePoints{in.hold_request_id()};
  return command;
}

Command ToCommand(const v1::TransferPointsRequest& in) {
  Command command = CommandOf(in);
  command.action = TransferPoints{in.to_member_id(), in.points()};
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
  RecordReturn record{in.order_id(), in.return_id(), in.amount_minor()};
  for (const v1::ReturnedLine& line : in.lines()) record.lines.push_back({line.line(), line.quantity()});
  command.action = std::move(record);
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

Command ToCommand(const v1::SetTierRequest& in) {
  Command command = CommandOf(in);
  SetTier set;
  if (in.has_until_time()) set.override_ = Standing::Override{in.tier_id(), ToTime(in.until_time())};
  command.action = std::move(set);
  return command;
}

Command ToCommand(const v1::ImportPurchasesRequest::Row& in) {
  Command command;
  command.member_id = in.member_id();
  command.action = RecordPurchase{ToPurchase(in.purchase())};
  return command;
}

}  // namespace loyalty::points
