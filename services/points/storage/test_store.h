// A points database of a test's own, with everything of this room on it and one program, "shop".
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/postgres/pool.h"
#include "common/testing/test_database.h"
#include "points_sql.h"
#include "services/points/domain/test_kit.h"
#include "services/points/storage/member_store.h"
#include "services/points/storage/posting_store.h"
#include "services/points/storage/program_store.h"

namespace loyalty::points {

struct TestStore {
  explicit TestStore(const Program& program = DollarProgram()) {
    const absl::Status created = programs.Create(program);
    if (!created.ok()) ADD_FAILURE() << created;
  }

  // All in one batch; the batch itself has to go through.
  PostingStore::Answers Apply(const std::vector<Command>& commands) {
    auto answers = postings.Apply("shop", commands);
    if (answers.ok() && answers->size() == commands.size()) return *std::move(answers);
    ADD_FAILURE() << "The batch failed: " << answers.status();
    return PostingStore::Answers(commands.size(), absl::InternalError("the batch failed"));
  }
  absl::StatusOr<Receipt> Apply(const Command& command) {
    return Apply(std::vector<Command>{command}).front();
  }
  // For what a test only needs to be there.
  void Seed(const std::vector<Command>& commands) {
    for (const auto& answer : Apply(commands)) EXPECT_TRUE(answer.ok()) << answer.status();
  }

  // Rows of a query, one a line.
  std::string Rows(const std::string& query) const {
    return database.Exec("SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM (" + query +
                         ") t");
  }

  // How many statements ran so far.
  uint64_t Statements() const {
    uint64_t count = 0;
    for (const auto& family : registry.Collect()) {
      if (family.name != "loyalty_postgres_statement_seconds") continue;
      for (const auto& metric : family.metric) count += metric.histogram.sample_count;
    }
    return count;
  }

  testing::TestDatabase database{"points", sql::Migrations()};
  ManualClock clock{kNoon};
  metrics::Registry registry;
  postgres::Pool pool{{.url = database.url(), .size = 4, .statements = sql::Statements()}, registry};
  ProgramStore programs{pool};
  PostingStore postings{pool, clock};
  MemberStore members{pool};
};

// Commands of all kinds for a few members, in which ids collide, contents repeat and some are refused. The
// same seed gives the same commands.
inline std::vector<Command> RandomCommands(uint64_t seed, int count, int members) {
  std::mt19937_64 random(seed);
  const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<uint64_t>(limit)); };
  std::vector<Command> commands;
  for (int i = 0; i < count; ++i) {
    if (!commands.empty() && below(8) == 0) {  // a repeat
      commands.push_back(commands[static_cast<size_t>(below(static_cast<int>(commands.size())))]);
      commands.back().validate_only = false;
      continue;
    }
    const std::string request = absl::StrCat("r", below(2 * count)),
                      member = absl::StrCat("m", below(members));
    const std::string order = absl::StrCat("o", below(count));
    const int64_t points = 1 + below(50);
    const absl::Time then = kNoon - absl::Minutes(below(1000));
    switch (below(7)) {
      case 0:
        commands.push_back(EarnCommand(request, member, points));
        break;
      case 1:
        commands.push_back(EarnedAt(then, request, member, points));
        break;
      case 2:
      case 3:
        commands.push_back(SpendCommand(request, member, points));
        break;
      case 4:
        commands.push_back(AdjustCommand(request, member, points - 25 == 0 ? 1 : points - 25));
        break;
      default:
        commands.push_back(PurchaseCommand(below(2) == 0 ? "" : request, member, order, points * 70));
        PurchaseOf(commands.back()).purchase_time = then;
        PurchaseOf(commands.back()).lines = {{"tea", "drinks", 2, points * 50}, {"cup", "", 1, points * 20}};
        PurchaseOf(commands.back()).labels = {"sale"};
        PurchaseOf(commands.back()).channel = "web";
    }
    commands.back().validate_only = below(20) == 0;
  }
  return commands;
}

}  // namespace loyalty::points
