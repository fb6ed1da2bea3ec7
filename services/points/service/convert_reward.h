// Between the contract's rewards and the domain's.
#pragma once

#include <string>

#include "common/status/status.h"
#include "loyalty/points/v1/reward.pb.h"
#include "loyalty/points/v1/reward_service.pb.h"
#include "services/points/domain/command.h"
#include "services/points/storage/reward_store.h"

namespace loyalty::points {

// Without its program, which no reward knows, and what is output only. A voucher without a source is added to
// the violations; other values that make no sense are left to ValidateReward.
Reward ToReward(const v1::Reward& in, Violations& violations);
v1::Reward ToProto(const RewardStatus& status, const std::string& program_id);
v1::Redemption ToProto(const RedemptionView& view);
v1::DonationSum ToProto(const DonationSum& sum);

// Without random characters.
Command ToCommand(const v1::RedeemRewardRequest& in);
Command ToCommand(const v1::FulfillRedemptionRequest& in);
Command ToCommand(const v1::CancelRedemptionRequest& in);

}  // namespace loyalty::points
