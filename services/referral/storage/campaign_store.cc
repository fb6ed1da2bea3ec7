#include "services/referral/storage/campaign_store.h"

#include "common/postgres/values.h"
#include "referral_sql.h"
#include "services/referral/storage/rows.h"

namespace loyalty::referral {

bool CampaignStore::Insert(const Campaign& campaign) {
  if (tx_.Exec(sql::kInsertCampaign, program_key_, campaign.id, static_cast<int>(campaign.state),
               campaign.version, postgres::FormatTimestamp(campaign.create_time))
          .empty()) {
    return false;
  }
  InsertVersion(campaign);
  return true;
}

std::optional<Campaign> CampaignStore::Get(const std::string& campaign_id) {
  const pqxx::result rows = tx_.Exec(sql::kGetCampaign, program_key_, campaign_id);
  if (rows.empty()) return std::nullopt;
  return ReadCampaign(rows[0]);
}

std::optional<Campaign> CampaignStore::Lock(const std::string& campaign_id) {
  if (tx_.Exec(sql::kLockCampaign, program_key_, campaign_id).empty()) return std::nullopt;
  return Get(campaign_id);
}

void CampaignStore::Save(const Campaign& campaign, bool new_version) {
  if (new_version) InsertVersion(campaign);
  tx_.Exec(sql::kUpdateCampaign, program_key_, campaign.id, static_cast<int>(campaign.state),
           campaign.version, postgres::FormatTimestamp(campaign.update_time));
}

std::vector<Campaign> CampaignStore::List(const std::string& after, int limit) {
  std::vector<Campaign> campaigns;
  for (const pqxx::row& row : tx_.Exec(sql::kListCampaigns, program_key_, after, limit)) {
    campaigns.push_back(ReadCampaign(row));
  }
  return campaigns;
}

void CampaignStore::InsertVersion(const Campaign& campaign) {
  const Terms& terms = campaign.terms;
  tx_.Exec(sql::kInsertCampaignVersion, program_key_, campaign.id, campaign.version, terms.display_name,
           static_cast<int>(terms.trigger), terms.minimum_amount_minor,
           postgres::FormatTimestamp(terms.start_time), postgres::FormatTimestamp(terms.end_time),
           terms.attribution_days, terms.hold_days, terms.caps.referrals_per_lifetime,
           terms.caps.referrals_per_month, terms.caps.points_per_lifetime, terms.existing_buyers_allowed,
           terms.friend_points, BracketsToJson(terms.brackets), MilestonesToJson(terms.milestones),
           terms.code_length);
}

}  // namespace loyalty::referral
