// For tests that read as stories: a shop in New York, its clock, and what happens there.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/points/domain/memory_store.h"

namespace loyalty::points {

// A local time of the shop's; kNoon is 1 May 2026, 08:00.
inline absl::Time At(int year, int month, int day, int hour = 0, int minute = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, 0), DollarProgram().zone);
}

inline EarnRule FixedRule(std::string id, int64_t points, Maturity maturity = {}) {
  EarnRule rule = MultiplierRule(std::move(id), "", {});
  rule.effect = FixedPoints{points};
  rule.maturity = maturity;
  return rule;
}

inline Program ShopWithRules(std::vector<EarnRule> rules) {
  Program program = DollarProgram();
  program.rules = std::move(rules);
  return program;
}

inline Program ShopWithExpiry(ExpiryPolicy expiry) {
  Program program = DollarProgram();
  program.policies.expiry = expiry;
  return program;
}

inline Command BoughtAt(absl::Time time, std::string request, std::string member, std::string order,
                        int64_t total_minor) {
  Command command = PurchaseCommand(std::move(request), std::move(member), std::move(order), total_minor);
  PurchaseOf(command).purchase_time = time;
  return command;
}

inline Command WithLines(Command command, std::vector<PurchaseLine> lines) {
  Purchase& purchase = PurchaseOf(command);
  purchase.total_minor = 0;
  for (const PurchaseLine& line : lines) purchase.total_minor += line.amount_minor;
  purchase.lines = std::move(lines);
  return command;
}

class Story {
 public:
  explicit Story(Program program = DollarProgram()) : store(std::move(program)) {}

  absl::StatusOr<Receipt> Try(const Command& command) {
    auto answer = store.Apply(command, now);
    EXPECT_EQ(store.Imbalance(), "");
    return answer;
  }
  // What has to be accepted; its entry.
  Entry Do(const Command& command) {
    const auto answer = Try(command);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->entry : Entry{};
  }
  // The due entries until then.
  std::vector<Entry> CatchUpAt(absl::Time time, const std::string& member) {
    now = time;
    const size_t before = store.EntriesOf(member).size();
    Do(CommandFor("", member, CatchUp{}));
    const std::vector<Entry> entries = store.EntriesOf(member);
    return {entries.begin() + static_cast<std::ptrdiff_t>(before), entries.end()};
  }
  const Account& Of(const std::string& member) const { return store.AccountOf(member); }
  std::string TierOf(const std::string& member) const {
    return StateOf(store.AccountOf(member)).standing.tier_id;
  }

  MemoryStore store;
  absl::Time now = kNoon;
};

inline std::vector<EntryKind> KindsOf(const std::vector<Entry>& entries) {
  std::vector<EntryKind> kinds;
  for (const Entry& entry : entries) kinds.push_back(entry.kind);
  return kinds;
}

}  // namespace loyalty::points
