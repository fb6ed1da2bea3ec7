#include "services/referral/storage/rows.h"

#include <nlohmann/json.hpp>

#include "common/postgres/values.h"

namespace loyalty::referral {
namespace {

using nlohmann::json;

absl::Time TimeOf(const pqxx::field& field) { return postgres::ParseTimestamp(field.c_str()); }

std::optional<absl::Time> OptionalTimeOf(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return TimeOf(field);
}

std::string TextOf(const pqxx::field& field) { return field.is_null() ? "" : field.c_str(); }

int64_t NumberOf(const pqxx::field& field) { return field.is_null() ? 0 : field.as<int64_t>(); }

std::map<absl::CivilMonth, int64_t> MonthsFromJson(const char* text) {
  std::map<absl::CivilMonth, int64_t> counts;
  const json months = json::parse(text);
  for (const auto& [name, count] : months.items()) {
    absl::CivilMonth month;
    if (absl::ParseCivilTime(name, &month)) counts[month] = count.get<int64_t>();
  }
  return counts;
}

}  // namespace

Terms ReadTerms(const pqxx::row& row) {
  Terms terms;
  terms.display_name = row["display_name"].c_str();
  terms.trigger = static_cast<Trigger>(row["trigger"].as<int>());
  terms.minimum_amount_minor = row["minimum_amount_minor"].as<int64_t>();
  terms.start_time = TimeOf(row["start_time"]);
  terms.end_time = TimeOf(row["end_time"]);
  terms.attribution_days = row["attribution_days"].as<int64_t>();
  terms.hold_days = row["hold_days"].as<int64_t>();
  terms.caps = {row["referrals_per_lifetime"].as<int64_t>(), row["referrals_per_month"].as<int64_t>(),
                row["points_per_lifetime"].as<int64_t>()};
  terms.existing_buyers_allowed = row["existing_buyers_allowed"].as<bool>();
  terms.friend_points = row["friend_points"].as<int64_t>();
  for (const json& pair : json::parse(row["brackets"].c_str())) terms.brackets.push_back({pair[0], pair[1]});
  for (const json& pair : json::parse(row["milestones"].c_str())) {
    terms.milestones.push_back({pair[0], pair[1]});
  }
  terms.code_length = row["code_length"].as<int64_t>();
  return terms;
}

Campaign ReadCampaign(const pqxx::row& row) {
  Campaign campaign;
  campaign.id = row["campaign_id"].c_str();
  campaign.version = row["version"].as<int64_t>();
  campaign.state = static_cast<CampaignState>(row["campaign_state"].as<int>());
  campaign.terms = ReadTerms(row);
  campaign.create_time = TimeOf(row["create_time"]);
  campaign.update_time = TimeOf(row["update_time"]);
  return campaign;
}

Code ReadCode(const pqxx::row& row) {
  return {row["code"].c_str(), static_cast<CodeKind>(row["kind"].as<int>()), row["campaign_id"].c_str(),
          row["member_id"].c_str(), TimeOf(row["code_create_time"])};
}

Referral ReadReferral(const pqxx::row& row) {
  Referral referral;
  referral.id = row["referral_id"].as<int64_t>();
  referral.campaign_id = row["campaign_id"].c_str();
  referral.campaign_version = row["campaign_version"].as<int64_t>();
  referral.code = row["code"].c_str();
  referral.referrer_id = row["referrer_id"].c_str();
  referral.friend_id = row["friend_id"].c_str();
  referral.state = static_cast<ReferralState>(row["state"].as<int>());
  referral.claim_time = TimeOf(row["claim_time"]);
  referral.expire_time = TimeOf(row["expire_time"]);
  referral.sign_up_time = OptionalTimeOf(row["sign_up_time"]);
  referral.ordinal = NumberOf(row["ordinal"]);
  referral.qualify_time = OptionalTimeOf(row["qualify_time"]);
  referral.hold_until_time = OptionalTimeOf(row["hold_until_time"]);
  referral.order_id = TextOf(row["order_id"]);
  referral.order_amount_minor = row["order_amount_minor"].as<int64_t>();
  referral.friend_points = row["friend_points_promised"].as<int64_t>();
  referral.referrer_points = row["referrer_points"].as<int64_t>();
  referral.cap = static_cast<Cap>(row["cap"].as<int>());
  referral.returned_share = {row["returned_minor"].as<int64_t>(), row["returned_of_minor"].as<int64_t>()};
  referral.reward_time = OptionalTimeOf(row["reward_time"]);
  referral.friend_awarded = row["friend_awarded"].as<int64_t>();
  referral.referrer_awarded = row["referrer_awarded"].as<int64_t>();
  referral.transition_count = row["transition_count"].as<int64_t>();
  return referral;
}

Referrer ReadReferrer(const pqxx::row& row) {
  Referrer referrer;
  referrer.campaign_id = row["campaign_id"].c_str();
  referrer.member_id = row["referrer_id"].c_str();
  referrer.claimed = row["claimed"].as<int64_t>();
  referrer.qualified = row["qualified"].as<int64_t>();
  referrer.rewarded = row["rewarded"].as<int64_t>();
  referrer.paying = row["paying"].as<int64_t>();
  referrer.promised_points = row["promised_points"].as<int64_t>();
  referrer.awarded_points = row["awarded_points"].as<int64_t>();
  referrer.paying_by_month = MonthsFromJson(row["paying_by_month"].c_str());
  return referrer;
}

std::string BracketsToJson(const std::vector<Bracket>& brackets) {
  json list = json::array();
  for (const Bracket& bracket : brackets) list.push_back({bracket.from_referral, bracket.points});
  return list.dump();
}

std::string MilestonesToJson(const std::vector<Milestone>& milestones) {
  json list = json::array();
  for (const Milestone& milestone : milestones) list.push_back({milestone.referrals, milestone.points});
  return list.dump();
}

std::string MonthsToJson(const std::map<absl::CivilMonth, int64_t>& counts) {
  json months = json::object();
  for (const auto& [month, count] : counts) {
    if (count > 0) months[absl::FormatCivilTime(month)] = count;
  }
  return months.dump();
}

std::string FormatOptional(const std::optional<absl::Time>& time) {
  return time ? postgres::FormatTimestamp(*time) : "";
}

}  // namespace loyalty::referral
