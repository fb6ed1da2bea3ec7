// Between the contract's policies and the domain's.
#pragma once

#include "common/status/status.h"
#include "loyalty/points/v1/policy.pb.h"
#include "services/points/domain/program.h"

namespace loyalty::points {

// What is not given takes its default; unknown values of enums are added to the violations, below
// "program.policies".
Policies ToPolicies(const v1::Policies& in, Violations& violations);

// Defaults filled in.
v1::Policies ToProto(const Policies& policies);

}  // namespace loyalty::points
