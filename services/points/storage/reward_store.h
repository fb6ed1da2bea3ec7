// Rewards, their codes and their redemptions in PostgreSQL, in the caller's transaction.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/points/domain/reward.h"

namespace loyalty::points {

// A reward with what became of it.
struct RewardStatus {
  Reward reward;
  int64_t redeemed = 0;    // cancelled ones not counted
  int64_t free_codes = 0;  // that were uploaded, and nobody has
};

// Locks the program until the transaction ends: nobody creates a reward meanwhile.
void LockRewards(postgres::Transaction& tx, const std::string& program_id);
// Locks a reward until the transaction ends: nobody redeems it, or takes a code, meanwhile. False if there is
// none.
bool LockReward(postgres::Transaction& tx, int32_t program_key, const std::string& reward_id);

std::optional<RewardStatus> FindReward(postgres::Transaction& tx, int32_t program_key,
                                       const std::string& reward_id);
void InsertReward(postgres::Transaction& tx, int32_t program_key, const Reward& reward);
// Of a reward that is locked.
void UpdateReward(postgres::Transaction& tx, int32_t program_key, const Reward& reward);
void ArchiveReward(postgres::Transaction& tx, int32_t program_key, const std::string& reward_id,
                   absl::Time time);
// How many are on offer.
size_t CountRewards(postgres::Transaction& tx, int32_t program_key);
// Up to `limit` rewards with ids after `after`, in their order.
std::vector<RewardStatus> ListRewards(postgres::Transaction& tx, int32_t program_key,
                                      const std::string& after, bool include_archived, int limit);

// Adds codes, but for those that the program has already. Returns how many were added.
int64_t InsertRewardCodes(postgres::Transaction& tx, int32_t program_key, const std::string& reward_id,
                          const std::vector<std::string>& codes);

// A redemption as it is now, with what its entry says of it.
struct RedemptionView {
  std::string member_id;
  int64_t sequence = 0;  // of its entry
  int64_t position = 0;
  std::string request_id;
  std::string reward_id;
  int64_t price_points = 0;
  RedemptionState state = RedemptionState::kPending;
  std::string code;
  std::string order_id;
  absl::Time redeem_time;
};
std::optional<RedemptionView> FindRedemption(postgres::Transaction& tx, int32_t program_key,
                                             const std::string& request_id);
// Up to `limit` redemptions of a member before a position, the newest first; with those of members who were
// merged into this one. Nothing, if there is no such member.
std::optional<std::vector<RedemptionView>> ListRedemptions(postgres::Transaction& tx, int32_t program_key,
                                                           const std::string& member_id, int64_t before,
                                                           int limit);

// What one reward or rule gave to a charity.
struct DonationSum {
  std::string reward_id;  // empty: a rule
  std::string rule_id;    // empty: a reward
  int64_t points = 0;
  int64_t donations = 0;
};
// What occurred from `start` to before `end`: rewards by id, then rules by id. Nothing, if there is no such
// member.
std::optional<std::vector<DonationSum>> SumDonations(postgres::Transaction& tx, int32_t program_key,
                                                     const std::string& charity_id, absl::Time start,
                                                     absl::Time end);

// Columns reward_id, display_name, content and the three times.
Reward ReadReward(const pqxx::row& row);

}  // namespace loyalty::points
