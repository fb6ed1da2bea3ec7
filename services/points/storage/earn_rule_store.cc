#include "services/points/storage/earn_rule_store.h"

#include <nlohmann/json.hpp>

#include "common/postgres/values.h"
#include "points_sql.h"

namespace loyalty::points {
namespace {

using nlohmann::json;

// What a rule asks and gives, each with what is not given left out.
json ConditionsToJson(const EarnConditions& conditions) {
  json out = json::object();
  if (!conditions.member_label.empty()) out["member_label"] = conditions.member_label;
  return out;
}

EarnConditions ConditionsFromJson(const json& in) { return {.member_label = in.value("member_label", "")}; }

json EffectToJson(const EarnRule& rule) {
  const auto& factor = std::get<Multiplier>(rule.effect);
  return json{{"multiplier", json::array({factor.numerator, factor.denominator})}};
}

Multiplier EffectFromJson(const json& in) {
  const json& factor = in.at("multiplier");
  return {factor.at(0).get<int64_t>(), factor.at(1).get<int64_t>()};
}

EarnRule ReadRule(const pqxx::row& row) {
  EarnRule rule;
  rule.id = row["rule_id"].c_str();
  rule.display_name = row["display_name"].c_str();
  rule.conditions = ConditionsFromJson(json::parse(row["conditions"].c_str()));
  rule.effect = EffectFromJson(json::parse(row["effect"].c_str()));
  rule.create_time = postgres::ParseTimestamp(row["create_time"].c_str());
  if (!row["archive_time"].is_null())
    rule.archive_time = postgres::ParseTimestamp(row["archive_time"].c_str());
  return rule;
}

}  // namespace

void TouchProgram(postgres::Transaction& tx, int32_t program_key, absl::Time now) {
  tx.Exec(sql::kTouchProgram, program_key, postgres::FormatTimestamp(now));
}

std::optional<EarnRule> FindEarnRule(postgres::Transaction& tx, int32_t program_key,
                                     const std::string& rule_id) {
  const pqxx::result rows = tx.Exec(sql::kGetEarnRule, program_key, rule_id);
  if (rows.empty()) return std::nullopt;
  return ReadRule(rows[0]);
}

void InsertEarnRule(postgres::Transaction& tx, int32_t program_key, const EarnRule& rule) {
  tx.Exec(sql::kInsertEarnRule, program_key, rule.id, rule.display_name,
          ConditionsToJson(rule.conditions).dump(), EffectToJson(rule).dump(),
          postgres::FormatTimestamp(rule.create_time));
}

void ArchiveEarnRule(postgres::Transaction& tx, int32_t program_key, const std::string& rule_id,
                     absl::Time time) {
  tx.Exec(sql::kArchiveEarnRule, program_key, rule_id, postgres::FormatTimestamp(time));
}

size_t CountEarnRules(postgres::Transaction& tx, int32_t program_key) {
  return tx.Exec(sql::kCountEarnRules, program_key)[0][0].as<size_t>();
}

std::vector<EarnRule> ListEarnRules(postgres::Transaction& tx, int32_t program_key, const std::string& after,
                                    bool include_archived, int limit) {
  std::vector<EarnRule> rules;
  for (const pqxx::row& row : tx.Exec(sql::kListEarnRules, program_key, after, include_archived, limit)) {
    rules.push_back(ReadRule(row));
  }
  return rules;
}

std::vector<EarnRule> RulesFromJson(absl::string_view text) {
  std::vector<EarnRule> rules;
  for (const json& in : json::parse(text)) {
    EarnRule& rule = rules.emplace_back();
    rule.id = in.at("rule_id").get<std::string>();
    rule.conditions = ConditionsFromJson(in.at("conditions"));
    rule.effect = EffectFromJson(in.at("effect"));
  }
  return rules;
}

}  // namespace loyalty::points
