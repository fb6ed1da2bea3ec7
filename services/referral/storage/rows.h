// Rows of this schema as domain values. Columns are named as in the tables, but where a statement joins two.
#pragma once

#include <pqxx/pqxx>
#include <string>

#include "services/referral/domain/campaign.h"
#include "services/referral/domain/code.h"
#include "services/referral/domain/referral.h"

namespace loyalty::referral {

// Of campaign_version, in whatever the row joins it with.
Terms ReadTerms(const pqxx::row& row);
// Of campaign (its state as `campaign_state`) and campaign_version.
Campaign ReadCampaign(const pqxx::row& row);
// Of code (its time as `code_create_time`).
Code ReadCode(const pqxx::row& row);
// Of referral (its friend_points as `friend_points_promised`).
Referral ReadReferral(const pqxx::row& row);
// Of referrer, without its milestones.
Referrer ReadReferrer(const pqxx::row& row);

// [[1, 100], [4, 200]], and {"2026-05": 3}.
std::string BracketsToJson(const std::vector<Bracket>& brackets);
std::string MilestonesToJson(const std::vector<Milestone>& milestones);
std::string MonthsToJson(const std::map<absl::CivilMonth, int64_t>& counts);

// "" for a time that is not there.
std::string FormatOptional(const std::optional<absl::Time>& time);

}  // namespace loyalty::referral
