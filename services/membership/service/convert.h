// Between the contracts' messages and the domain's values. Only service/ knows both.
#pragma once

#include <string>

#include "common/rpc/time.h"
#include "common/status/status.h"
#include "loyalty/membership/v1/billing_service.pb.h"
#include "loyalty/membership/v1/invoice.pb.h"
#include "loyalty/membership/v1/membership.pb.h"
#include "loyalty/membership/v1/plan.pb.h"
#include "services/membership/domain/invoice.h"
#include "services/membership/domain/membership.h"
#include "services/membership/domain/plan.h"

namespace loyalty::membership {

using rpc::ToProto;  // of times
using rpc::ToTime;

// Enums that are missing or unknown are added to the violations.
Plan ToPlan(const v1::Plan& in, Violations& violations);
v1::Plan ToProto(const Plan& plan, const std::string& program_id);
v1::Multiplier ToMultiplier(const Benefit& benefit);

v1::Membership ToProto(const Membership& membership, const std::string& program_id);
v1::MembershipHistoryEntry ToProto(const HistoryEntry& entry);

v1::Invoice ToProto(const Invoice& invoice, const std::string& program_id);

// What a request tells of a charge; what is missing or cannot be told is added to the violations.
News ToNews(const v1::RecordPaymentRequest& in, Violations& violations);

}  // namespace loyalty::membership
