#include "services/referral/storage/referral_reader.h"

#include "common/postgres/values.h"
#include "referral_sql.h"
#include "services/referral/storage/rows.h"

namespace loyalty::referral {

using postgres::FormatTimestamp;

std::optional<RecordedReferral> ReferralReader::Get(int64_t referral_id) {
  const pqxx::result rows = tx_.Exec(sql::kGetReferral, program_key_, referral_id);
  if (rows.empty()) return std::nullopt;
  RecordedReferral recorded{ReadReferral(rows[0]), {}};
  for (const pqxx::row& row : rows) {
    recorded.history.push_back({row["sequence"].as<int64_t>(),
                                static_cast<ReferralState>(row["transition_state"].as<int>()),
                                static_cast<StateReason>(row["reason"].as<int>()),
                                postgres::ParseTimestamp(row["time"].c_str()), row["actor"].c_str()});
  }
  return recorded;
}

std::optional<RecordedReferral> ReferralReader::GetByFriend(const std::string& friend_id) {
  const pqxx::result rows = tx_.Exec(sql::kFindReferralOfFriend, program_key_, friend_id);
  if (rows.empty()) return std::nullopt;
  return Get(rows[0]["referral_id"].as<int64_t>());
}

std::vector<Referral> ReferralReader::List(const ReferralFilter& filter, int64_t before, int limit) {
  postgres::BigintArray wanted;
  for (const ReferralState state : filter.states) wanted.Add(static_cast<int64_t>(state));
  const pqxx::binarystring states = wanted.Finish();
  const pqxx::result rows =
      !filter.referrer_id.empty() ? tx_.Exec(sql::kListReferralsOfReferrer, program_key_, filter.referrer_id,
                                             before, states, limit, filter.campaign_id)
      : !filter.campaign_id.empty()
          ? tx_.Exec(sql::kListReferralsOfCampaign, program_key_, filter.campaign_id, before, states, limit)
          : tx_.Exec(sql::kListReferrals, program_key_, before, states, limit);
  std::vector<Referral> referrals;
  for (const pqxx::row& row : rows) referrals.push_back(ReadReferral(row));
  return referrals;
}

std::optional<Standing> ReferralReader::GetReferrer(const std::string& campaign_id,
                                                    const std::string& member_id) {
  const pqxx::result rows = tx_.Exec(sql::kGetReferrer, program_key_, campaign_id, member_id);
  if (rows.empty()) return std::nullopt;
  Standing standing{ReadCampaign(rows[0]), {}};
  if (!rows[0]["referrer_id"].is_null()) standing.referrer = ReadReferrer(rows[0]);
  standing.referrer.campaign_id = campaign_id;
  standing.referrer.member_id = member_id;
  return standing;
}

std::vector<LeaderboardRow> ReferralReader::Leaderboard(const std::string& campaign_id, absl::Time start,
                                                        absl::Time end, const LeaderboardCursor& after,
                                                        int limit) {
  std::vector<LeaderboardRow> board;
  for (const pqxx::row& row :
       tx_.Exec(sql::kGetLeaderboard, program_key_, campaign_id, FormatTimestamp(start), FormatTimestamp(end),
                after.referrals, after.referrer_id, limit)) {
    board.push_back({row["place"].as<int64_t>(), row["referrer_id"].c_str(), row["referrals"].as<int64_t>(),
                     row["points"].as<int64_t>()});
  }
  return board;
}

}  // namespace loyalty::referral
