// Between the contract's earn rules and the domain's.
#pragma once

#include <string>

#include "loyalty/points/v1/earn_rule.pb.h"
#include "services/points/domain/earn_rule.h"

namespace loyalty::points {

// Without its program, which no rule knows, and what is output only. Values that make no sense are left to
// ValidateRule.
EarnRule ToRule(const v1::EarnRule& in);
v1::EarnRule ToProto(const EarnRule& rule, const std::string& program_id);

}  // namespace loyalty::points
