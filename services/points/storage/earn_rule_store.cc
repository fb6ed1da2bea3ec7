#include "services/points/storage/earn_rule_store.h"

#include "common/postgres/values.h"
#include "points_sql.h"

namespace loyalty::points {
namespace {

std::optional<absl::Time> ReadTime(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return postgres::ParseTimestamp(field.c_str());
}

// A column that is NULL reads as an empty text.
EarnRule ReadRule(const pqxx::row& row) {
  EarnRule rule;
  rule.id = row["rule_id"].c_str();
  rule.version = row["version"].as<int32_t>();
  rule.display_name = row["display_name"].c_str();
  rule.conditions = ConditionsFromJson(row["conditions"].c_str());
  rule.effect = EffectFromJson(row["effect"].c_str());
  rule.maturity = MaturityFromJson(row["maturity"].c_str());
  rule.limits = LimitsFromJson(row["limits"].c_str());
  rule.group = row["rule_group"].c_str();
  rule.priority = row["priority"].as<int32_t>();
  rule.create_time = postgres::ParseTimestamp(row["create_time"].c_str());
  rule.replace_time = ReadTime(row["replace_time"]);
  rule.archive_time = ReadTime(row["archive_time"]);
  return rule;
}

}  // namespace

void TouchProgram(postgres::Transaction& tx, int32_t program_key, absl::Time now) {
  tx.Exec(sql::kTouchProgram, program_key, postgres::FormatTimestamp(now));
}

std::optional<EarnRule> FindEarnRule(postgres::Transaction& tx, int32_t program_key,
                                     const std::string& rule_id, int32_t version) {
  const pqxx::result rows = tx.Exec(sql::kGetEarnRule, program_key, rule_id, version);
  if (rows.empty()) return std::nullopt;
  return ReadRule(rows[0]);
}

void InsertEarnRule(postgres::Transaction& tx, int32_t program_key, const EarnRule& rule) {
  tx.Exec(sql::kInsertEarnRule, program_key, rule.id, rule.version, rule.display_name,
          ConditionsToJson(rule.conditions), EffectToJson(rule), MaturityToJson(rule.maturity),
          LimitsToJson(rule.limits), rule.group, rule.priority, postgres::FormatTimestamp(rule.create_time));
}

void ReplaceEarnRule(postgres::Transaction& tx, int32_t program_key, const EarnRule& rule) {
  tx.Exec(sql::kReplaceEarnRule, program_key, rule.id, postgres::FormatTimestamp(rule.create_time));
  InsertEarnRule(tx, program_key, rule);
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

}  // namespace loyalty::points
