// Campaigns of one program, in a transaction of the caller's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/referral/domain/campaign.h"

namespace loyalty::referral {

class CampaignStore {
 public:
  CampaignStore(postgres::Transaction& tx, int32_t program_key) : tx_(tx), program_key_(program_key) {}

  // False if the id is taken.
  bool Insert(const Campaign& campaign);
  // One statement.
  std::optional<Campaign> Get(const std::string& campaign_id);
  // Others who change it wait; claims and codes do not.
  std::optional<Campaign> Lock(const std::string& campaign_id);
  // Writes what came of Activate, End or Update on a locked campaign; its terms if the version is new.
  void Save(const Campaign& campaign, bool new_version);
  // Up to `limit` campaigns with ids after `after`, in their order. One statement.
  std::vector<Campaign> List(const std::string& after, int limit);

 private:
  void InsertVersion(const Campaign& campaign);

  postgres::Transaction& tx_;
  const int32_t program_key_;
};

}  // namespace loyalty::referral
