#include "services/points/domain/earn_rule.h"

#include <tuple>

#include "services/points/domain/command.h"
#include "services/points/domain/validate.h"

namespace loyalty::points {
namespace {

constexpr char kMultiplier[] = "rule.effect.multiplier";

void CheckRuleId(Violations& violations, const std::string& id) {
  if (!CheckSlug(violations, "rule.rule_id", id)) return;
  if (id == kBaseRule) {
    violations.Add("rule.rule_id", reason::kMalformed, "must not be 'base', which is the program's rate.");
  }
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
};

}  // namespace

bool SameRule(const EarnRule& a, const EarnRule& b) {
  const auto content = [](const EarnRule& rule) {
    return std::tie(rule.id, rule.display_name, rule.conditions, rule.effect);
  };
  return content(a) == content(b);
}

void ValidateRule(const EarnRule& rule, Violations& violations) {
  CheckRuleId(violations, rule.id);
  CheckText(violations, "rule.display_name", rule.display_name, kMaxDisplayNameBytes, Presence::kRequired);
  CheckText(violations, "rule.conditions.member_label", rule.conditions.member_label, kMaxNameBytes,
            Presence::kOptional);
  std::visit(CheckEffect{violations}, rule.effect);
}

bool Applies(const EarnRule& rule, const Purchase& purchase, const MemberLabels& labels) {
  const std::string& label = rule.conditions.member_label;
  return label.empty() || Holds(labels, label, purchase.purchase_time);
}

}  // namespace loyalty::points
