// Plans in PostgreSQL, in the caller's transaction or read.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/membership/domain/plan.h"

namespace loyalty::membership {

// NOT_FOUND, reason PLAN_NOT_FOUND.
absl::Status PlanNotFound(const std::string& plan_id);

// False, and nothing is written, if the id is taken.
bool InsertPlan(postgres::Transaction& tx, int32_t program_key, const Plan& plan);
absl::StatusOr<Plan> LoadPlan(postgres::Transaction& tx, int32_t program_key, const std::string& plan_id);
// Up to `limit` plans with ids after `after`, in their order. Two statements.
std::vector<Plan> ListPlans(postgres::Transaction& tx, int32_t program_key, const std::string& after,
                            bool show_archived, int limit);
// False, and nothing is written, if it is archived already, or not there.
bool ArchivePlan(postgres::Transaction& tx, int32_t program_key, const std::string& plan_id, absl::Time time);

}  // namespace loyalty::membership
