#include "services/points/domain/validate.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "services/points/domain/audience.h"

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
class CheckAction {
 public:
  explicit CheckAction(Violations& violations) : violations_(violations) {}

  void operator()(const Earn& earn) const {
    CheckPositive(violations_, "points", earn.points);
    CheckText(violations_, "cause", earn.cause, kMaxNameBytes, Presence::kOptional);
  }
  void operator()(const Spend& spend) const {
    CheckPositive(violations_, "points", spend.points);
    CheckText(violations_, "order_id", spend.order_id, kMaxIdBytes, Presence::kOptional);
    CheckNotNegative(violations_, "order_total_minor", spend.order_total_minor);
  }
  void operator()(const Adjust& adjust) const {
    if (adjust.points == 0) violations_.Add("points", reason::kZero, "must not be zero.");
    // The one value whose opposite an int64 does not hold.
    if (adjust.points == INT64_MIN) {
      violations_.Add("points", reason::kTooLarge, "must be above -9,223,372,036,854,775,808.",
                      {{"value", absl::StrCat(INT64_MIN)}, {"limit", absl::StrCat(INT64_MIN + 1)}});
    }
  }
  void operator()(const RecordPurchase& record) const {
    const Purchase& purchase = record.purchase;
    CheckText(violations_, "purchase.order_id", purchase.order_id, kMaxIdBytes, Presence::kRequired);
    CheckRequiredTime(violations_, "purchase.purchase_time", purchase.purchase_time);
    CheckText(violations_, "purchase.channel", purchase.channel, kMaxNameBytes, Presence::kOptional);
    CheckText(violations_, "purchase.location", purchase.location, kMaxNameBytes, Presence::kOptional);
    CheckCount(violations_, "purchase.lines", purchase.lines.size(), kMaxLines);
    for (size_t i = 0; i < std::min(purchase.lines.size(), kMaxLines); ++i) {
      CheckLine(violations_, absl::StrCat("purchase.lines[", i, "]"), purchase.lines[i]);
    }
    CheckCount(violations_, "purchase.labels", purchase.labels.size(), kMaxLabels);
    for (size_t i = 0; i < std::min(purchase.labels.size(), kMaxLabels); ++i) {
      CheckText(violations_, absl::StrCat("purchase.labels[", i, "]"), purchase.labels[i], kMaxNameBytes,
                Presence::kRequired);
    }
    CheckTotal(violations_, purchase);
  }
  void operator()(const ReverseEntry& reverse) const {
    CheckText(violations_, "reversed_request_id", reverse.reversed_request_id, kMaxRequestIdBytes,
              Presence::kRequired);
    CheckNotNegative(violations_, "points", reverse.points);
  }
  void operator()(const RecordReturn& record) const {
    CheckText(violations_, "order_id", record.order_id, kMaxIdBytes, Presence::kRequired);
    CheckText(violations_, "return_id", record.return_id, kMaxIdBytes, Presence::kRequired);
    CheckNotNegative(violations_, "amount_minor", record.amount_minor);
    if (record.amount_minor > 0 && !record.lines.empty()) {
      violations_.Add("amount_minor", reason::kNotApplicable, "must be 0 beside lines, which say it.");
    }
    if (!CheckCount(violations_, "lines", record.lines.size(), kMaxLines)) return;
    for (size_t i = 0; i < record.lines.size(); ++i) {
      CheckNotNegative(violations_, absl::StrCat("lines[", i, "].line"), record.lines[i].line);
      CheckRange(violations_, absl::StrCat("lines[", i, "].quantity"), record.lines[i].quantity, 1,
                 kMaxQuantity);
    }
  }
  void operator()(const ConfirmPurchase& confirm) const { CheckOrder(confirm.order_id); }
  void operator()(const CancelPurchase& cancel) const { CheckOrder(cancel.order_id); }
  void operator()(const RecordActivity& record) const {
    const Activity& activity = record.activity;
    CheckText(violations_, "activity.type", activity.type, kMaxNameBytes, Presence::kRequired);
    CheckText(violations_, "activity.activity_id", activity.activity_id, kMaxIdBytes, Presence::kRequired);
    CheckRequiredTime(violations_, "activity.activity_time", activity.time);
    CheckText(violations_, "activity.channel", activity.channel, kMaxNameBytes, Presence::kOptional);
    CheckText(violations_, "activity.location", activity.location, kMaxNameBytes, Presence::kOptional);
  }
  void operator()(const ReservePoints& reserve) const {
    CheckPositive(violations_, "points", reserve.points);
    CheckText(violations_, "order_id", reserve.order_id, kMaxIdBytes, Presence::kOptional);
    CheckNotNegative(violations_, "order_total_minor", reserve.order_total_minor);
    CheckRange(violations_, "time_to_live.seconds", absl::ToInt64Seconds(reserve.time_to_live),
               absl::ToInt64Seconds(kLeastHold), absl::ToInt64Seconds(kLongestHold));
  }
  void operator()(const CapturePoints& capture) const {
    CheckHold(capture.hold_request_id);
    CheckNotNegative(violations_, "points", capture.points);
  }
  void operator()(const ReleasePoints& release) const { CheckHold(release.hold_request_id); }
  void operator()(const TransferPoints& transfer) const {
    CheckPositive(violations_, "points", transfer.points);
    CheckText(violations_, "to_member_id", transfer.to_member_id, kMaxIdBytes, Presence::kRequired);
  }
  void operator()(const SetTier& set) const {
    if (!set.override_) return;
    CheckText(violations_, "tier_id", set.override_->tier_id, kMaxSlugBytes, Presence::kOptional);
    CheckTime(violations_, "until_time", set.override_->until);
  }
  void operator()(const CatchUp&) const {}
  void operator()(const RedeemReward& redeem) const {
    CheckText(violations_, "reward_id", redeem.reward_id, kMaxSlugBytes, Presence::kRequired);
    CheckText(violations_, "order_id", redeem.order_id, kMaxIdBytes, Presence::kOptional);
    CheckNotNegative(violations_, "order_total_minor", redeem.order_total_minor);
  }
  void operator()(const FulfillRedemption& fulfill) const { CheckRedemption(fulfill.redemption_request_id); }
  void operator()(const CancelRedemption& cancel) const { CheckRedemption(cancel.redemption_request_id); }
  void operator()(const UpdateProfile& update) const {
    ValidateProfile(update.profile, "profile", violations_);
  }
  void operator()(const SetConsent& set) const {
    CheckText(violations_, "channel", set.channel, kMaxNameBytes, Presence::kRequired);
    CheckText(violations_, "purpose", set.purpose, kMaxNameBytes, Presence::kRequired);
  }
  void operator()(const CloseMember&) const {}
  void operator()(const MergeMembers& merge) const {
    CheckText(violations_, "from_member_id", merge.from_member_id, kMaxIdBytes, Presence::kRequired);
  }
  void operator()(const SetMemberLabel& set) const {
    const MemberLabel& label = set.label;
    CheckText(violations_, "label", label.label, kMaxNameBytes, Presence::kRequired);
    CheckRequiredTime(violations_, "from_time", label.from);
    if (label.until == absl::InfiniteFuture() || !CheckTime(violations_, "until_time", label.until)) return;
    if (label.until < label.from) {
      violations_.Add("until_time", reason::kTimeOrder, "must not be before from_time.");
    }
  }

 private:
  void CheckOrder(const std::string& order_id) const {
    CheckText(violations_, "order_id", order_id, kMaxIdBytes, Presence::kRequired);
  }
  void CheckHold(const std::string& request_id) const {
    CheckText(violations_, "hold_request_id", request_id, kMaxRequestIdBytes, Presence::kRequired);
  }

  void CheckRedemption(const std::string& request_id) const {
    CheckText(violations_, "redemption_request_id", request_id, kMaxRequestIdBytes, Presence::kRequired);
  }

  Violations& violations_;
};

// True for those whose order says whose it is.
bool NamesAnOrder(const Command& command) {
  return std::holds_alternative<RecordReturn>(command.action) ||
         std::holds_alternative<ConfirmPurchase>(command.action) ||
         std::holds_alternative<CancelPurchase>(command.action);
}

// True for what a person decides, and has to answer for.
bool IsByHand(const Command& command) {
  return std::holds_alternative<Adjust>(command.action) || std::holds_alternative<SetTier>(command.action) ||
         std::holds_alternative<CloseMember>(command.action) ||
         std::holds_alternative<MergeMembers>(command.action);
}

// By the names of the contract.
const char* FieldOfMember(const Command& command) {
  return std::holds_alternative<MergeMembers>(command.action) ? "into_member_id" : "member_id";
}
const char* FieldOfOccurredTime(const Command& command) {
  return std::holds_alternative<RecordReturn>(command.action) ? "return_time" : "occurred_time";
}

}  // namespace

void ValidateCommand(const Command& command, Presence request_id, Violations& violations) {
  const Presence member = NamesAnOrder(command) ? Presence::kOptional : Presence::kRequired;
  const Presence explained = IsByHand(command) ? Presence::kRequired : Presence::kOptional;
  CheckText(violations, FieldOfMember(command), command.member_id, kMaxIdBytes, member);
  CheckText(violations, "request_id", command.request_id, kMaxRequestIdBytes, request_id);
  if (absl::StartsWith(command.request_id, kAudienceRequests)) {
    violations.Add(
        "request_id", reason::kMalformed,
        absl::StrCat("must not begin with ", kAudienceRequests, ", as those of AwardAudience do."));
  }
  CheckText(violations, "reason", command.reason, kMaxReasonBytes, explained);
  CheckText(violations, "actor", command.actor, kMaxNameBytes, explained);
  CheckText(violations, "channel", command.channel, kMaxNameBytes, Presence::kOptional);
  CheckText(violations, "location", command.location, kMaxNameBytes, Presence::kOptional);
  if (command.occurred_time) CheckTime(violations, FieldOfOccurredTime(command), *command.occurred_time);
  std::visit(CheckAction(violations), command.action);
}

void CheckNotAhead(const Command& command, absl::Time now, Violations& violations) {
  if (command.occurred_time) {
    loyalty::CheckNotAhead(violations, FieldOfOccurredTime(command), *command.occurred_time, now);
  }
  if (const auto* record = std::get_if<RecordPurchase>(&command.action)) {
    loyalty::CheckNotAhead(violations, "purchase.purchase_time", record->purchase.purchase_time, now);
  }
  if (const auto* record = std::get_if<RecordActivity>(&command.action)) {
    loyalty::CheckNotAhead(violations, "activity.activity_time", record->activity.time, now);
  }
}

}  // namespace loyalty::points
