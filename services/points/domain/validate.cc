#include "services/points/domain/validate.h"

#include <absl/strings/str_cat.h>

namespace loyalty::points {
namespace {

void CheckTime(Violations& violations, std::string field, absl::Time time, absl::Time now) {
  static const absl::Time earliest = absl::FromCivil(absl::CivilYear(1900), absl::UTCTimeZone());
  if (time < earliest || time == absl::InfiniteFuture()) {
    violations.Add(std::move(field), reason::kTimeOutOfRange, "must be a valid time from the year 1900 on.");
  } else if (time > now + kClockTolerance) {
    violations.Add(std::move(field), reason::kTimeInFuture,
                   "lies more than five minutes ahead of the server's clock.");
  }
}

void CheckPositive(Violations& violations, std::string field, int64_t value) {
  if (value <= 0) violations.Add(std::move(field), reason::kNotPositive, "must be above zero.");
}

void CheckNotNegative(Violations& violations, std::string field, int64_t value) {
  if (value < 0) violations.Add(std::move(field), reason::kNegative, "must be 0 or more.");
}

void CheckLine(Violations& violations, const std::string& field, const PurchaseLine& line) {
  CheckText(violations, field + ".sku", line.sku, kMaxNameBytes, Presence::kOptional);
  CheckText(violations, field + ".category", line.category, kMaxNameBytes, Presence::kOptional);
  CheckPositive(violations, field + ".quantity", line.quantity);
  CheckAtMost(violations, field + ".quantity", line.quantity, kMaxQuantity);
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
  absl::Time now;

  void operator()(const Earn& earn) const { CheckPositive(violations, "points", earn.points); }
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
    if (purchase.purchase_time == absl::InfinitePast()) {
      violations.Add("purchase.purchase_time", reason::kFieldRequired, "is required.");
    } else {
      CheckTime(violations, "purchase.purchase_time", purchase.purchase_time, now);
    }
    CheckText(violations, "purchase.channel", purchase.channel, kMaxNameBytes, Presence::kOptional);
    CheckText(violations, "purchase.location", purchase.location, kMaxNameBytes, Presence::kOptional);
    if (purchase.lines.size() > kMaxLines) {
      return AddTooMany(violations, "purchase.lines", purchase.lines.size(), kMaxLines);
    }
    for (size_t i = 0; i < purchase.lines.size(); ++i) {
      CheckLine(violations, absl::StrCat("purchase.lines[", i, "]"), purchase.lines[i]);
    }
    if (purchase.labels.size() > kMaxLabels) {
      return AddTooMany(violations, "purchase.labels", purchase.labels.size(), kMaxLabels);
    }
    for (size_t i = 0; i < purchase.labels.size(); ++i) {
      CheckText(violations, absl::StrCat("purchase.labels[", i, "]"), purchase.labels[i], kMaxNameBytes,
                Presence::kRequired);
    }
    CheckTotal(violations, purchase);
  }
};

}  // namespace

void CheckAtMost(Violations& violations, std::string field, int64_t value, int64_t limit) {
  if (value <= limit) return;
  violations.Add(std::move(field), reason::kTooLarge,
                 absl::StrCat("is ", value, ", at most ", limit, " is allowed."),
                 {{"value", absl::StrCat(value)}, {"limit", absl::StrCat(limit)}});
}

void AddTooMany(Violations& violations, std::string field, size_t count, size_t limit) {
  violations.Add(std::move(field), reason::kTooMany,
                 absl::StrCat("has ", count, " elements, at most ", limit, " are allowed."),
                 {{"count", absl::StrCat(count)}, {"limit", absl::StrCat(limit)}});
}

bool CheckText(Violations& violations, std::string field, absl::string_view text, size_t limit,
               Presence presence) {
  if (text.empty()) {
    if (presence == Presence::kOptional) return true;
    violations.Add(std::move(field), reason::kFieldRequired, "is required.");
    return false;
  }
  if (text.size() > limit) {
    violations.Add(std::move(field), reason::kTooLong,
                   absl::StrCat("has ", text.size(), " bytes, at most ", limit, " are allowed."),
                   {{"length", absl::StrCat(text.size())}, {"limit", absl::StrCat(limit)}});
    return false;
  }
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      violations.Add(std::move(field), reason::kMalformed, "must not hold control characters.");
      return false;
    }
  }
  return true;
}

void ValidateCommand(const Command& command, absl::Time now, Presence request_id, Violations& violations) {
  const bool adjusts = std::holds_alternative<Adjust>(command.action);
  const Presence explained = adjusts ? Presence::kRequired : Presence::kOptional;
  CheckText(violations, "member_id", command.member_id, kMaxIdBytes, Presence::kRequired);
  CheckText(violations, "request_id", command.request_id, kMaxRequestIdBytes, request_id);
  CheckText(violations, "reason", command.reason, kMaxReasonBytes, explained);
  CheckText(violations, "actor", command.actor, kMaxNameBytes, explained);
  CheckText(violations, "channel", command.channel, kMaxNameBytes, Presence::kOptional);
  CheckText(violations, "location", command.location, kMaxNameBytes, Presence::kOptional);
  if (command.occurred_time) CheckTime(violations, "occurred_time", *command.occurred_time, now);
  std::visit(CheckAction{violations, now}, command.action);
}

}  // namespace loyalty::points
