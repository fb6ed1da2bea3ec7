#include "services/points/domain/earn_rule.h"

#include <absl/strings/str_cat.h>

#include <tuple>

#include "common/validate/check.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

constexpr char kMultiplier[] = "rule.effect.multiplier";

void CheckRuleId(Violations& violations, const std::string& id) {
  if (!CheckSlug(violations, "rule.rule_id", id)) return;
  if (id == kBaseRule) {
    violations.Add("rule.rule_id", reason::kMalformed, "must not be 'base', which is the program's rate.");
  }
}

// The texts of one list of a condition.
void CheckValues(Violations& violations, const std::string& field, const std::vector<std::string>& values) {
  if (!CheckCount(violations, field, values.size(), kMaxConditionValues)) return;
  for (size_t i = 0; i < values.size(); ++i) {
    CheckText(violations, absl::StrCat(field, "[", i, "]"), values[i], kMaxNameBytes, Presence::kRequired);
  }
}

// What is not of one of an enum's values, as which a caller can send any number.
template <class Enum>
bool CheckEnum(Violations& violations, const std::string& field, Enum value, Enum last) {
  if (Enum(0) <= value && value <= last) return true;
  violations.Add(field, reason::kMalformed, "is not one of the values.");
  return false;
}

void CheckWhen(Violations& violations, const EarnConditions& asked) {
  const std::string start = "rule.conditions.start_time", end = "rule.conditions.end_time";
  const bool from = asked.start != absl::InfinitePast(), until = asked.end != absl::InfiniteFuture();
  const bool start_fits = !from || CheckTime(violations, start, asked.start);
  const bool end_fits = !until || CheckTime(violations, end, asked.end);
  if (start_fits && end_fits && asked.end <= asked.start) {
    violations.Add(end, reason::kTimeOrder, "must be after start_time.");
  }
  if (CheckCount(violations, "rule.conditions.weekdays", asked.weekdays.size(), 7)) {
    for (size_t i = 0; i < asked.weekdays.size(); ++i) {
      if (asked.weekdays[i] >= 1 && asked.weekdays[i] <= 7) continue;
      violations.Add(absl::StrCat("rule.conditions.weekdays[", i, "]"), reason::kMalformed,
                     "must be a day from Monday (1) to Sunday (7).");
    }
  }
  CheckRange(violations, "rule.conditions.hours.start_hour", asked.hour_start, 0, 23);
  CheckRange(violations, "rule.conditions.hours.end_hour", asked.hour_end, 1, 24);
}

void CheckConditions(Violations& violations, const EarnConditions& asked) {
  const std::string conditions = "rule.conditions";
  CheckText(violations, conditions + ".member_label", asked.member_label, kMaxNameBytes, Presence::kOptional);
  CheckWhen(violations, asked);
  CheckValues(violations, conditions + ".channels", asked.channels);
  CheckValues(violations, conditions + ".locations", asked.locations);
  CheckValues(violations, conditions + ".lines.skus", asked.skus);
  CheckValues(violations, conditions + ".lines.categories", asked.categories);
  CheckValues(violations, conditions + ".lines.excluded_skus", asked.excluded_skus);
  CheckValues(violations, conditions + ".lines.excluded_categories", asked.excluded_categories);
  CheckRange(violations, conditions + ".minimum_order_minor", asked.minimum_order_minor, 0, INT64_MAX);
  CheckText(violations, conditions + ".segment", asked.segment, kMaxNameBytes, Presence::kOptional);
  CheckValues(violations, conditions + ".tier_ids", asked.tier_ids);
  CheckEnum(violations, conditions + ".birthday", asked.birthday, BirthdayWindow::kMonth);
  CheckRange(violations, conditions + ".every_nth_purchase", asked.every_nth_purchase, 0, kMaxEveryNth);
  CheckValues(violations, conditions + ".order_labels", asked.order_labels);
  CheckText(violations, conditions + ".activity_type", asked.activity_type, kMaxNameBytes,
            Presence::kOptional);
}

void CheckPoints(Violations& violations, const std::string& field, int64_t points) {
  CheckRange(violations, field, points, 1, kMaxRulePoints);
}

struct CheckEffect {
  Violations& violations;

  void operator()(std::monostate) const {
    violations.Add("rule.effect", reason::kFieldRequired, "is required.");
  }
  void operator()(const Multiplier& factor) const {
    const std::string numerator = std::string(kMultiplier) + ".numerator",
                      denominator = std::string(kMultiplier) + ".denominator";
    // A numerator that is too small is told of as the multiplier.
    CheckRange(violations, numerator, factor.numerator, INT64_MIN, kMaxMultiplierTerm);
    CheckRange(violations, denominator, factor.denominator, 1, kMaxMultiplierTerm);
    if (factor.denominator > 0 && factor.numerator <= factor.denominator) {
      violations.Add(kMultiplier, reason::kMultiplierTooSmall, "must be above 1.");
    }
  }
  void operator()(const PointsPerUnit& rate) const {
    CheckPoints(violations, "rule.effect.points_per_unit.points", rate.points);
    CheckRange(violations, "rule.effect.points_per_unit.per_major_units", rate.per_major_units, 1,
               kMaxRulePoints);
  }
  void operator()(const FixedPoints& fixed) const {
    CheckPoints(violations, "rule.effect.fixed_points.points", fixed.points);
  }
  void operator()(const PointsPerItem& item) const {
    CheckPoints(violations, "rule.effect.points_per_item.points", item.points);
  }
  void operator()(const Donation& gift) const {
    const std::string donation = "rule.effect.donation";
    CheckText(violations, donation + ".charity_id", gift.charity_id, kMaxIdBytes, Presence::kRequired);
    if (gift.points != 0) {
      CheckPoints(violations, donation + ".points", gift.points);
    } else if (gift.share_numerator == 0) {
      violations.Add(donation, reason::kFieldRequired, "needs points or a share above 0.");
    } else if (CheckRange(violations, donation + ".share.denominator", gift.share_denominator, 1,
                          kMaxMultiplierTerm)) {
      CheckRange(violations, donation + ".share.numerator", gift.share_numerator, 1, gift.share_denominator);
    }
  }
};

void CheckMaturity(Violations& violations, const Maturity& maturity) {
  if (!CheckEnum(violations, "rule.maturity.kind", maturity.kind, MaturityKind::kConfirmation)) return;
  if (maturity.kind == MaturityKind::kDays) {
    CheckRange(violations, "rule.maturity.days", maturity.days, 1, kMaxMaturityDays);
  } else if (maturity.days != 0) {
    violations.Add("rule.maturity.days", reason::kNotApplicable, "is only for the kind that counts days.");
  }
}

void CheckLimits(Violations& violations, const EarnLimits& limits) {
  const auto check = [&](const std::string& name, int64_t limit) {
    CheckRange(violations, "rule.limits." + name, limit, 0, INT64_MAX);
  };
  check("points_per_order", limits.per_order);
  check("points_per_member_day", limits.per_member_day);
  check("points_per_member_week", limits.per_member_week);
  check("points_per_member_month", limits.per_member_month);
  check("points_per_member", limits.per_member);
  check("budget_points", limits.budget);
}

// Adds what is given, and means nothing beside the rest of the rule.
class Pointless {
 public:
  Pointless(Violations& violations, std::string why) : violations_(violations), why_(std::move(why)) {}
  Pointless& If(bool given, absl::string_view field) {
    if (given) violations_.Add(absl::StrCat("rule.", field), reason::kNotApplicable, why_);
    return *this;
  }

 private:
  Violations& violations_;
  const std::string why_;
};

void CheckRuleForActivities(Violations& violations, const EarnRule& rule) {
  const EarnConditions& asked = rule.conditions;
  const auto* gift = std::get_if<Donation>(&rule.effect);
  Pointless(violations, "is of purchases only, and the rule has an activity_type. Leave one of the two out.")
      .If(!asked.skus.empty(), "conditions.lines.skus")
      .If(!asked.categories.empty(), "conditions.lines.categories")
      .If(!asked.excluded_skus.empty(), "conditions.lines.excluded_skus")
      .If(!asked.excluded_categories.empty(), "conditions.lines.excluded_categories")
      .If(asked.minimum_order_minor != 0, "conditions.minimum_order_minor")
      .If(asked.first_purchase, "conditions.first_purchase")
      .If(asked.every_nth_purchase != 0, "conditions.every_nth_purchase")
      .If(!asked.order_labels.empty(), "conditions.order_labels")
      .If(std::holds_alternative<Multiplier>(rule.effect), "effect.multiplier")
      .If(std::holds_alternative<PointsPerUnit>(rule.effect), "effect.points_per_unit")
      .If(std::holds_alternative<PointsPerItem>(rule.effect), "effect.points_per_item")
      .If(gift != nullptr && gift->points == 0 && gift->share_numerator != 0, "effect.donation.share");
}

void CheckRuleThatDonates(Violations& violations, const EarnRule& rule) {
  const EarnLimits& limits = rule.limits;
  Pointless(violations, "is of points for members only, and the rule's go to a charity.")
      .If(rule.maturity.kind != MaturityKind::kAtOnce, "maturity")
      .If(limits.per_member_day != 0, "limits.points_per_member_day")
      .If(limits.per_member_week != 0, "limits.points_per_member_week")
      .If(limits.per_member_month != 0, "limits.points_per_member_month")
      .If(limits.per_member != 0, "limits.points_per_member");
}

}  // namespace

bool SameRule(const EarnRule& a, const EarnRule& b) {
  const auto content = [](const EarnRule& rule) {
    return std::tie(rule.id, rule.display_name, rule.conditions, rule.effect, rule.maturity, rule.limits,
                    rule.group, rule.priority);
  };
  return content(a) == content(b);
}

void ValidateRule(const EarnRule& rule, Violations& violations) {
  CheckRuleId(violations, rule.id);
  CheckText(violations, "rule.display_name", rule.display_name, kMaxDisplayNameBytes, Presence::kRequired);
  CheckConditions(violations, rule.conditions);
  std::visit(CheckEffect{violations}, rule.effect);
  CheckMaturity(violations, rule.maturity);
  CheckLimits(violations, rule.limits);
  CheckText(violations, "rule.group", rule.group, kMaxNameBytes, Presence::kOptional);
  CheckRange(violations, "rule.priority", rule.priority, 0, kMaxPriority);
  if (!rule.conditions.activity_type.empty()) CheckRuleForActivities(violations, rule);
  if (std::holds_alternative<Donation>(rule.effect)) CheckRuleThatDonates(violations, rule);
}

}  // namespace loyalty::points
