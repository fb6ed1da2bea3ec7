#include "services/membership/storage/plan_store.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <nlohmann/json.hpp>

#include "common/postgres/values.h"
#include "membership_sql.h"
#include "services/membership/domain/reason.h"

namespace loyalty::membership {
namespace {

using postgres::Transaction;

std::string PricesToJson(const std::vector<Price>& prices) {
  nlohmann::json list = nlohmann::json::array();
  for (const Price& price : prices)
    list.push_back({{"currency_code", price.currency_code}, {"amount_minor", price.amount_minor}});
  return list.dump();
}

Plan ReadPlan(const pqxx::row& row) {
  Plan plan;
  plan.id = row["plan_id"].c_str();
  plan.display_name = row["display_name"].c_str();
  plan.billing.kind = static_cast<BillingKind>(row["billing_kind"].as<int>());
  plan.billing.count = row["billing_count"].as<int>();
  plan.trial_days = row["trial_days"].as<int>();
  for (const absl::string_view day : absl::StrSplit(row["retry_days"].c_str(), ',', absl::SkipEmpty())) {
    int& value = plan.dunning.retry_days.emplace_back();
    (void)absl::SimpleAtoi(day, &value);  // of an integer[]
  }
  plan.dunning.benefits_in_grace = row["benefits_in_grace"].as<bool>();
  plan.dunning.after = static_cast<AfterDunning>(row["after_dunning"].as<int>());
  for (const auto& price : nlohmann::json::parse(row["prices"].c_str()))
    plan.prices.push_back({price["currency_code"].get<std::string>(), price["amount_minor"].get<int64_t>()});
  plan.create_time = postgres::ParseTimestamp(row["create_time"].c_str());
  plan.archive_time = postgres::ParseTimestamp(row["archive_time"].c_str());
  plan.archived = plan.archive_time != absl::InfiniteFuture();
  return plan;
}

// In the order of their plans, as the plans are.
void LoadBenefits(Transaction& tx, int32_t program_key, std::vector<Plan>& plans) {
  postgres::TextArray ids;
  for (const Plan& plan : plans) ids.Add(plan.id);
  auto plan = plans.begin();
  for (const pqxx::row& row : tx.Exec(sql::kLoadPlanBenefits, program_key, ids.Finish())) {
    while (plan->id != row["plan_id"].c_str()) ++plan;
    plan->benefits.push_back({row["benefit_id"].c_str(), static_cast<BenefitKind>(row["kind"].as<int>()),
                              row["quota"].as<int64_t>(), row["numerator"].as<int>(),
                              row["denominator"].as<int>(), row["points"].as<int64_t>()});
  }
}

}  // namespace

absl::Status PlanNotFound(const std::string& plan_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kPlanNotFound,
                absl::StrCat("There is no plan ", plan_id, "."), {{"plan_id", plan_id}});
}

bool InsertPlan(Transaction& tx, int32_t program_key, const Plan& plan) {
  const bool made = !tx.Exec(sql::kInsertPlan, program_key, plan.id, plan.display_name,
                             static_cast<int>(plan.billing.kind), plan.billing.count, plan.trial_days,
                             absl::StrCat("{", absl::StrJoin(plan.dunning.retry_days, ","), "}"),
                             plan.dunning.benefits_in_grace, static_cast<int>(plan.dunning.after),
                             PricesToJson(plan.prices), postgres::FormatTimestamp(plan.create_time))
                         .empty();
  if (!made || plan.benefits.empty()) return made;
  postgres::TextArray ids;
  postgres::BigintArray kinds, quotas, numerators, denominators, points;
  for (const Benefit& benefit : plan.benefits) {
    ids.Add(benefit.id);
    kinds.Add(static_cast<int64_t>(benefit.kind));
    quotas.Add(benefit.quota);
    numerators.Add(benefit.numerator);
    denominators.Add(benefit.denominator);
    points.Add(benefit.points);
  }
  tx.Exec(sql::kInsertPlanBenefits, program_key, plan.id, ids.Finish(), kinds.Finish(), quotas.Finish(),
          numerators.Finish(), denominators.Finish(), points.Finish());
  return true;
}

absl::StatusOr<Plan> LoadPlan(Transaction& tx, int32_t program_key, const std::string& plan_id) {
  const pqxx::result rows = tx.Exec(sql::kLoadPlan, program_key, plan_id);
  if (rows.empty()) return PlanNotFound(plan_id);
  std::vector<Plan> plans = {ReadPlan(rows[0])};
  LoadBenefits(tx, program_key, plans);
  return std::move(plans.front());
}

std::vector<Plan> ListPlans(Transaction& tx, int32_t program_key, const std::string& after,
                            bool show_archived, int limit) {
  std::vector<Plan> plans;
  for (const pqxx::row& row : tx.Exec(sql::kListPlans, program_key, after, show_archived, limit))
    plans.push_back(ReadPlan(row));
  if (!plans.empty()) LoadBenefits(tx, program_key, plans);
  return plans;
}

bool ArchivePlan(Transaction& tx, int32_t program_key, const std::string& plan_id, absl::Time time) {
  return !tx.Exec(sql::kArchivePlan, program_key, plan_id, postgres::FormatTimestamp(time)).empty();
}

}  // namespace loyalty::membership
