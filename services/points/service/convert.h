// Between the contract's messages and the domain's values. Only service/ knows both. What a program follows
// is in convert_policy.h, rules in convert_rule.h, entries in convert_entry.h, members in convert_member.h.
#pragma once

#include "common/rpc/time.h"
#include "common/status/status.h"
#include "loyalty/points/v1/points_service.pb.h"
#include "loyalty/points/v1/program.pb.h"
#include "services/points/domain/command.h"
#include "services/points/domain/program.h"

namespace loyalty::points {

using rpc::ToProto;  // of times
using rpc::ToTime;

// Enums that are not given take their defaults; unknown values are added to the violations.
Program ToProgram(const v1::Program& in, Violations& violations);
v1::Program ToProto(const Program& program);

Purchase ToPurchase(const v1::Purchase& in);
Command ToCommand(const v1::EarnRequest& in);
Command ToCommand(const v1::SpendRequest& in);
Command ToCommand(const v1::AdjustRequest& in);
Command ToCommand(const v1::RecordPurchaseRequest& in);
Command ToCommand(const v1::QuotePurchaseRequest& in);
Command ToCommand(const v1::ConfirmPurchaseRequest& in);
Command ToCommand(const v1::CancelPurchaseRequest& in);
Command ToCommand(const v1::RecordActivityRequest& in);
Command ToCommand(const v1::ReservePointsRequest& in);
Command ToCommand(const v1::CapturePointsRequest& in);
Command ToCommand(const v1::ReleasePointsRequest& in);
Command ToCommand(const v1::TransferPointsRequest& in);
Command ToCommand(const v1::ReverseEntryRequest& in);
Command ToCommand(const v1::RecordReturnRequest& in);
Command ToCommand(const v1::SetMemberLabelRequest& in);
// Without an end it ends the override; a tier without an end is the caller's to refuse.
Command ToCommand(const v1::SetTierRequest& in);
Command ToCommand(const v1::ImportPurchasesRequest::Row& in);

}  // namespace loyalty::points
