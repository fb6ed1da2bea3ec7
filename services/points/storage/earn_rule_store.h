// Earn rules in PostgreSQL, in the caller's transaction.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/points/domain/earn_rule.h"

namespace loyalty::points {

// Locks the program until the transaction ends, and moves its update time on, to `now` at least: so batches
// that were decided on its rules as they were do not go through. Before any change of its rules.
void TouchProgram(postgres::Transaction& tx, int32_t program_key, absl::Time now);

std::optional<EarnRule> FindEarnRule(postgres::Transaction& tx, int32_t program_key,
                                     const std::string& rule_id);
void InsertEarnRule(postgres::Transaction& tx, int32_t program_key, const EarnRule& rule);
void ArchiveEarnRule(postgres::Transaction& tx, int32_t program_key, const std::string& rule_id,
                     absl::Time time);
// How many are in force.
size_t CountEarnRules(postgres::Transaction& tx, int32_t program_key);
// Up to `limit` rules with ids after `after`, in their order.
std::vector<EarnRule> ListEarnRules(postgres::Transaction& tx, int32_t program_key, const std::string& after,
                                    bool include_archived, int limit);

// Rules as load_program gives them.
std::vector<EarnRule> RulesFromJson(absl::string_view json);

}  // namespace loyalty::points
