// What a rule asks and gives, as JSON; what is not given is left out.
#pragma once

#include <absl/strings/string_view.h>

#include <string>
#include <vector>

#include "services/points/domain/earn_rule.h"

namespace loyalty::points {

std::string ConditionsToJson(const EarnConditions& conditions);
EarnConditions ConditionsFromJson(absl::string_view json);

// Of a rule that ValidateRule accepts.
std::string EffectToJson(const EarnRule& rule);
decltype(EarnRule::effect) EffectFromJson(absl::string_view json);

// Empty texts stand for: at once, and no limits.
std::string MaturityToJson(const Maturity& maturity);
Maturity MaturityFromJson(absl::string_view json);
std::string LimitsToJson(const EarnLimits& limits);
EarnLimits LimitsFromJson(absl::string_view json);
// {"<rule>": limits}
RuleLimits RuleLimitsFromJson(absl::string_view json);

// Rules as load_program gives them: all that a decision needs.
std::vector<EarnRule> RulesFromJson(absl::string_view json);

}  // namespace loyalty::points
