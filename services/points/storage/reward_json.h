// What a reward says, as JSON; what is not given is left out.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

#include "services/points/domain/reward.h"

namespace loyalty::points {

//   {"kind": "voucher", "prefix": "SUMMER-", "length": 10, "price": 100, "tier_prices": {"gold": 80},
//   "stock": 50, …}
//
// Of a reward that ValidateReward accepts; all but its id, name and times.
std::string RewardToJson(const Reward& reward);
void ReadRewardJson(absl::string_view json, Reward& reward);

}  // namespace loyalty::points
