#include "services/points/storage/reward_store.h"

#include "common/postgres/values.h"
#include "points_sql.h"
#include "services/points/storage/reward_json.h"

namespace loyalty::points {
namespace {

RewardStatus ReadStatus(const pqxx::row& row) {
  return {ReadReward(row), row["redeemed"].as<int64_t>(0), row["free_codes"].as<int64_t>()};
}

// A column that is NULL reads as an empty text.
RedemptionView ReadView(const pqxx::row& row) {
  return {.member_id = row["member_id"].c_str(),
          .sequence = row["sequence"].as<int64_t>(),
          .position = row["position"].as<int64_t>(),
          .request_id = row["request_id"].c_str(),
          .reward_id = row["reward_id"].c_str(),
          .price_points = -row["points"].as<int64_t>(),
          .state = static_cast<RedemptionState>(row["state"].as<int>()),
          .code = row["code"].c_str(),
          .order_id = row["order_id"].c_str(),
          .redeem_time = postgres::ParseTimestamp(row["occurred_time"].c_str())};
}

postgres::TextArray ArrayOf(const std::vector<std::string>& texts) {
  postgres::TextArray array;
  for (const std::string& text : texts) array.Add(text);
  return array;
}

}  // namespace

Reward ReadReward(const pqxx::row& row) {
  Reward reward;
  reward.id = row["reward_id"].c_str();
  reward.display_name = row["display_name"].c_str();
  ReadRewardJson(row["content"].c_str(), reward);
  reward.create_time = postgres::ParseTimestamp(row["create_time"].c_str());
  reward.update_time = postgres::ParseTimestamp(row["update_time"].c_str());
  if (!row["archive_time"].is_null()) {
    reward.archive_time = postgres::ParseTimestamp(row["archive_time"].c_str());
  }
  return reward;
}

void LockRewards(postgres::Transaction& tx, const std::string& program_id) {
  tx.Exec(sql::kLockProgram, program_id);
}

bool LockReward(postgres::Transaction& tx, int32_t program_key, const std::string& reward_id) {
  return !tx.Exec(sql::kLockCounters, program_key, ArrayOf({StockCounter(reward_id)}).Finish()).empty();
}

std::optional<RewardStatus> FindReward(postgres::Transaction& tx, int32_t program_key,
                                       const std::string& reward_id) {
  const pqxx::result rows = tx.Exec(sql::kGetReward, program_key, reward_id);
  if (rows.empty()) return std::nullopt;
  return ReadStatus(rows[0]);
}

void InsertReward(postgres::Transaction& tx, int32_t program_key, const Reward& reward) {
  const auto* donation = std::get_if<DonationReward>(&reward.kind);
  tx.Exec(sql::kInsertReward, program_key, reward.id, reward.display_name, RewardToJson(reward),
          donation == nullptr ? std::string() : donation->charity_member_id,
          postgres::FormatTimestamp(reward.create_time));
}

void UpdateReward(postgres::Transaction& tx, int32_t program_key, const Reward& reward) {
  tx.Exec(sql::kUpdateReward, program_key, reward.id, reward.display_name, RewardToJson(reward),
          postgres::FormatTimestamp(reward.update_time));
}

void ArchiveReward(postgres::Transaction& tx, int32_t program_key, const std::string& reward_id,
                   absl::Time time) {
  tx.Exec(sql::kArchiveReward, program_key, reward_id, postgres::FormatTimestamp(time));
}

size_t CountRewards(postgres::Transaction& tx, int32_t program_key) {
  return tx.Exec(sql::kCountRewards, program_key)[0][0].as<size_t>();
}

std::vector<RewardStatus> ListRewards(postgres::Transaction& tx, int32_t program_key,
                                      const std::string& after, bool include_archived, int limit) {
  std::vector<RewardStatus> rewards;
  for (const pqxx::row& row : tx.Exec(sql::kListRewards, program_key, after, include_archived, limit)) {
    rewards.push_back(ReadStatus(row));
  }
  return rewards;
}

int64_t InsertRewardCodes(postgres::Transaction& tx, int32_t program_key, const std::string& reward_id,
                          const std::vector<std::string>& codes) {
  return tx.Exec(sql::kInsertRewardCodes, program_key, reward_id, ArrayOf(codes).Finish())[0][0]
      .as<int64_t>();
}

std::optional<RedemptionView> FindRedemption(postgres::Transaction& tx, int32_t program_key,
                                             const std::string& request_id) {
  const pqxx::result rows = tx.Exec(sql::kGetRedemption, program_key, request_id);
  if (rows.empty()) return std::nullopt;
  return ReadView(rows[0]);
}

std::optional<std::vector<RedemptionView>> ListRedemptions(postgres::Transaction& tx, int32_t program_key,
                                                           const std::string& member_id, int64_t before,
                                                           int limit) {
  const pqxx::result rows = tx.Exec(sql::kListRedemptions, program_key, member_id, before, limit);
  if (rows.empty()) return std::nullopt;
  std::vector<RedemptionView> redemptions;
  for (const pqxx::row& row : rows) {
    if (!row["position"].is_null()) redemptions.push_back(ReadView(row));
  }
  return redemptions;
}

std::optional<std::vector<DonationSum>> SumDonations(postgres::Transaction& tx, int32_t program_key,
                                                     const std::string& charity_id, absl::Time start,
                                                     absl::Time end) {
  const pqxx::result rows = tx.Exec(sql::kSumDonations, program_key, charity_id,
                                    postgres::FormatTimestamp(start), postgres::FormatTimestamp(end));
  if (rows.empty()) return std::nullopt;
  std::vector<DonationSum> sums;
  for (const pqxx::row& row : rows) {
    if (row["points"].is_null()) continue;
    sums.push_back({row["reward_id"].c_str(), row["rule_id"].c_str(), row["points"].as<int64_t>(),
                    row["donations"].as<int64_t>()});
  }
  return sums;
}

}  // namespace loyalty::points
