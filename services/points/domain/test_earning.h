// What the tests of earning share: a shop, orders and rules in one line, and what is known of a member.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/testing/refused.h"
#include "services/points/domain/earning.h"

namespace loyalty::points {

// Friday, 1 May 2026.
inline const absl::Time kFridayNoon =
    absl::FromCivil(absl::CivilSecond(2026, 5, 1, 12, 0, 0), absl::UTCTimeZone());

// One point for each dollar, floored; its days are those of UTC.
inline Program ShopWith(std::vector<EarnRule> rules) {
  Program program;
  program.id = "shop";
  program.currency_code = "USD";
  program.rules = std::move(rules);
  return program;
}

inline EarnRule RuleOf(std::string id, decltype(EarnRule::effect) effect) {
  EarnRule rule;
  rule.display_name = rule.id = std::move(id);
  rule.effect = std::move(effect);
  return rule;
}

inline Purchase OrderOf(int64_t total_minor, std::vector<PurchaseLine> lines = {}) {
  Purchase purchase;
  purchase.order_id = "o1";
  purchase.purchase_time = kFridayNoon;
  purchase.total_minor = total_minor;
  purchase.lines = std::move(lines);
  return purchase;
}

inline Activity ReviewOf(std::string id) {
  Activity activity;
  activity.type = "review";
  activity.activity_id = std::move(id);
  activity.time = kFridayNoon;
  return activity;
}

// What is known of a member; budgets that are not named are endless.
struct Known {
  MemberLabels labels;
  Profile profile;
  const Tier* tier = nullptr;
  int64_t purchases = 0;
  RuleUses uses;
  std::map<std::string, int64_t> budgets;
  struct Charities {
    bool are_members = true;
    bool operator()(const std::string& /*member_id*/) const { return are_members; }
  } charities;

  int64_t operator()(const EarnRule& rule) const {
    const auto found = budgets.find(rule.id);
    return found == budgets.end() ? std::numeric_limits<int64_t>::max() : found->second;
  }
  // Lives no longer than this.
  EarnFacts Facts() const { return {labels, profile, tier, purchases, uses, *this, charities}; }
};

// "rule outcome" of all that were considered but applied.
inline std::map<std::string, RuleOutcome> NotApplied(const Earned& earned) {
  std::map<std::string, RuleOutcome> outcomes;
  for (const Considered& one : earned.considered) {
    if (one.outcome != RuleOutcome::kApplied) outcomes[one.rule_id] = one.outcome;
  }
  return outcomes;
}

}  // namespace loyalty::points
