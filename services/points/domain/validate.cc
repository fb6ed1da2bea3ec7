#include "services/points/domain/validate.h"

#include <absl/strings/str_cat.h>

namespace loyalty::points {
namespace {

void CheckRequiredTime(Violations& violations, std::string field, absl::Time time) {
  if (time == absl::InfinitePast()) {
    violations.Add(std::move(field), reason::kFieldRequired, "is required.");
  } else {
    CheckTime(violations, std::move(field), time);
  }
}

void CheckPositive(Violations& violations, std::string field, int64_t value) {
  CheckRange(violations, std::move(field), value, 1, INT64_MAX);
}

void CheckNotNegative(Violations& violations, std::string field, int64_t value) {
  CheckRange(violations, std::move(field), value, 0, INT64_MAX);
}

void CheckLine(Violations& violations, const std::string& field, const PurchaseLine& line) {
  CheckText(violations, field + ".sku", line.sku, kMaxNameBytes, Presence::kOptional);
  CheckText(violations, field + ".category", line.category, kMaxNameBytes, Presence::kOptional);
  CheckRange(violations, field + ".quantity", line.quantity, 1, kMaxQuantity);
  CheckNotNegative(violations, field + ".amount_minor", line.amount_minor);
}

void CheckTotal(Violations& violations, const Purchase& purchase) {
  CheckNotNegative(violations, "purchase.total_minor", purchase.total_minor);
  if (purchase.lines.empty()) return;
  int64_t sum = 0;
  bool overflow = false;
  for (const PurchaseLine& line : purchase.lines)
    overflow |= __builtin_add_overflow(sum, line.amount_minor, &sum);
  if (overflow || sum != purchase.total_minor) {
    const std::string lines = overflow ? "more than an int64 holds" : absl::StrCat(sum);
    violations.Add("purchase.total_minor", reason::kTotalMismatch,
                   absl::StrCat("is ", purchase.total_minor, ", but the lines add up to ", lines, "."),
                   {{"total_minor", absl::StrCat(purchase.total_minor)}, {"lines_minor", lines}});
  }
}

// Adds what is wrong with the command's action.
struct CheckAction {
  Violations& violations;

  void operator()(const Earn& earn) const {
    CheckPositive(violations, "points", earn.points);
    CheckText(violations, "cause", earn.cause, kMaxNameBytes, Presence::kOptional);
  }
  void operator()(const Spend& spend) const {
    CheckPositive(violations, "points", spend.points);
    CheckText(violations, "order_id", spend.order_id, kMaxIdBytes, Presence::kOptional);
  }
  void operator()(const Adjust& adjust) const {
    if (adjust.points == 0) violations.Add("points", reason::kZero, "must not be zero.");
    // The one value whose opposite an int64 does not hold.
    if (adjust.points == INT64_MIN) {
      violations.Add("points", reason::kTooLarge, "must be above -9,223,372,036,854,775,808.",
                     {{"value", absl::StrCat(INT64_MIN)}, {"limit", absl::StrCat(INT64_MIN + 1)}});
    }
  }
  void operator()(const RecordPurchase& record) const {
    const Purchase& purchase = record.purchase;
    CheckText(violations, "purchase.order_id", purchase.order_id, kMaxIdBytes, Presence::kRequired);
    CheckRequiredTime(violations, "purchase.purchase_time", purchase.purchase_time);
    CheckText(violations, "purchase.channel", purchase.channel, kMaxNameBytes, Presence::kOptional);
    CheckText(violations, "purchase.location", purchase.location, kMaxNameBytes, Presence::kOptional);
    if (!CheckCount(violations, "purchase.lines", purchase.lines.size(), kMaxLines)) return;
    for (size_t i = 0; i < purchase.lines.size(); ++i) {
      CheckLine(violations, absl::StrCat("purchase.lines[", i, "]"), purchase.lines[i]);
    }
    if (!CheckCount(violations, "purchase.labels", purchase.labels.size(), kMaxLabels)) return;
    for (size_t i = 0; i < purchase.labels.size(); ++i) {
      CheckText(violations, absl::StrCat("purchase.labels[", i, "]"), purchase.labels[i], kMaxNameBytes,
                Presence::kRequired);
    }
    CheckTotal(violations, purchase);
  }
  void operator()(const ReverseEntry& reverse) const {
    CheckText(violations, "reversed_request_id", reverse.reversed_request_id, kMaxRequestIdBytes,
              Presence::kRequired);
    CheckNotNegative(violations, "points", reverse.points);
  }
  void operator()(const RecordReturn& record) const {
    CheckText(violations, "order_id", record.order_id, kMaxIdBytes, Presence::kRequired);
    CheckText(violations, "return_id", record.return_id, kMaxIdBytes, Presence::kRequired);
    CheckNotNegative(violations, "amount_minor", record.amount_minor);
  }
  void operator()(const SetMemberLabel& set) const {
    const MemberLabel& label = set.label;
    CheckText(violations, "label", label.label, kMaxNameBytes, Presence::kRequired);
    CheckRequiredTime(violations, "from_time", label.from);
    if (label.until == absl::InfiniteFuture() || !CheckTime(violations, "until_time", label.until)) return;
    if (label.until < label.from) {
      violations.Add("until_time", reason::kTimeOrder, "must not be before from_time.");
    }
  }
};

// By the names of the contract.
const char* FieldOfOccurredTime(const Command& command) {
  return std::holds_alternative<RecordReturn>(command.action) ? "return_time" : "occurred_time";
}

}  // namespace

void ValidateCommand(const Command& command, Presence request_id, Violations& violations) {
  const Presence member =
      std::holds_alternative<RecordReturn>(command.action) ? Presence::kOptional : Presence::kRequired;
  const bool adjusts = std::holds_alternative<Adjust>(command.action);
  const Presence explained = adjusts ? Presence::kRequired : Presence::kOptional;
  CheckText(violations, "member_id", command.member_id, kMaxIdBytes, member);
  CheckText(violations, "request_id", command.request_id, kMaxRequestIdBytes, request_id);
  CheckText(violations, "reason", command.reason, kMaxReasonBytes, explained);
  CheckText(violations, "actor", command.actor, kMaxNameBytes, explained);
  CheckText(violations, "channel", command.channel, kMaxNameBytes, Presence::kOptional);
  CheckText(violations, "location", command.location, kMaxNameBytes, Presence::kOptional);
  if (command.occurred_time) CheckTime(violations, FieldOfOccurredTime(command), *command.occurred_time);
  std::visit(CheckAction{violations}, command.action);
}

void CheckNotAhead(const Command& command, absl::Time now, Violations& violations) {
  if (command.occurred_time) {
    loyalty::CheckNotAhead(violations, FieldOfOccurredTime(command), *command.occurred_time, now);
  }
  if (const auto* record = std::get_if<RecordPurchase>(&command.action)) {
    loyalty::CheckNotAhead(violations, "purchase.purchase_time", record->purchase.purchase_time, now);
  }
}

}  // namespace loyalty::points
