// Between the contract's messages and the domain's values. Only service/ knows both.
#pragma once

#include <string>

#include "common/rpc/time.h"
#include "common/status/status.h"
#include "loyalty/points/v1/earn_rule.pb.h"
#include "loyalty/points/v1/points_service.pb.h"
#include "loyalty/points/v1/program.pb.h"
#include "services/points/domain/command.h"
#include "services/points/domain/program.h"
#include "services/points/storage/member_store.h"

namespace loyalty::points {

using rpc::ToProto;  // of times
using rpc::ToTime;

// Enums that are not given take their defaults; unknown values are added to the violations.
Program ToProgram(const v1::Program& in, Violations& violations);
v1::Program ToProto(const Program& program);

// Without its program, which no rule knows.
EarnRule ToRule(const v1::EarnRule& in);
v1::EarnRule ToProto(const EarnRule& rule, const std::string& program_id);

Purchase ToPurchase(const v1::Purchase& in);
Command ToCommand(const v1::EarnRequest& in);
Command ToCommand(const v1::SpendRequest& in);
Command ToCommand(const v1::AdjustRequest& in);
Command ToCommand(const v1::RecordPurchaseRequest& in);
Command ToCommand(const v1::ReverseEntryRequest& in);
Command ToCommand(const v1::RecordReturnRequest& in);
Command ToCommand(const v1::SetMemberLabelRequest& in);
Command ToCommand(const v1::ImportPurchasesRequest::Row& in);

v1::Entry ToProto(const Entry& entry, const std::string& member_id);
v1::Member ToProto(const Member& member, const std::string& program_id);

}  // namespace loyalty::points
