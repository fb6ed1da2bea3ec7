// Earn rules in PostgreSQL, in the caller's transaction.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/points/domain/earn_rule.h"
#include "services/points/storage/earn_rule_json.h"

namespace loyalty::points {

// Locks the program until the transaction ends, and moves its update time on, to `now` at least: so batches
// that were decided on its rules as they were do not go through. Before any change of its rules.
void TouchProgram(postgres::Transaction& tx, int32_t program_key, absl::Time now);

// A rule in a version; 0: in its newest.
std::optional<EarnRule> FindEarnRule(postgres::Transaction& tx, int32_t program_key,
                                     const std::string& rule_id, int32_t version = 0);
// The first version of a rule.
void InsertEarnRule(postgres::Transaction& tx, int32_t program_key, const EarnRule& rule);
// Puts a version of a rule in the place of the newest, at its create time.
void ReplaceEarnRule(postgres::Transaction& tx, int32_t program_key, const EarnRule& rule);
void ArchiveEarnRule(postgres::Transaction& tx, int32_t program_key, const std::string& rule_id,
                     absl::Time time);
// How many are in force.
size_t CountEarnRules(postgres::Transaction& tx, int32_t program_key);
// Up to `limit` rules with ids after `after`, in their order, each in its newest version.
std::vector<EarnRule> ListEarnRules(postgres::Transaction& tx, int32_t program_key, const std::string& after,
                                    bool include_archived, int limit);

}  // namespace loyalty::points
