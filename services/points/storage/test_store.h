// A points database of a test's own, with everything of this room on it and one program, "shop".
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/postgres/pool.h"
#include "common/testing/test_database.h"
#include "points_sql.h"
#include "services/points/domain/test_kit.h"
#include "services/points/storage/due_store.h"
#include "services/points/storage/earn_rule_store.h"
#include "services/points/storage/member_store.h"
#include "services/points/storage/posting_store.h"
#include "services/points/storage/program_store.h"
#include "services/points/storage/reward_store.h"

namespace loyalty::points {

struct TestStore {
  explicit TestStore(const Program& program = DollarProgram()) { Create(program); }

  // Returns its key.
  int32_t Create(const Program& program) {
    std::optional<int32_t> key;
    const absl::Status created = pool.Run([&](postgres::Transaction& tx) {
      key = InsertProgram(tx, program);
      return absl::OkStatus();
    });
    if (!created.ok() || !key) ADD_FAILURE() << "The program is not there: " << created;
    return key.value_or(0);
  }
  // Changes the program "shop", after what is due was posted.
  void Update(const std::function<absl::Status(Program&)>& change) {
    PostDue();
    const absl::Status updated =
        pool.Run([&](postgres::Transaction& tx) { return UpdateProgram(tx, "shop", change).status(); });
    if (!updated.ok()) ADD_FAILURE() << updated;
  }
  // Puts a rule in force in the program "shop", or takes it out.
  void AddRule(const EarnRule& rule) {
    ChangeRules([&](postgres::Transaction& tx, int32_t key) { InsertEarnRule(tx, key, rule); });
  }
  void ArchiveRule(const std::string& rule_id) {
    ChangeRules([&](postgres::Transaction& tx, int32_t key) { ArchiveEarnRule(tx, key, rule_id, kNoon); });
  }
  // Makes the program "shop", which is `before`, another: its policies, base rate and rules.
  void Become(const Program& before, const Program& after) {
    Update([&](Program& program) {
      program.base_earn_rate = after.base_earn_rate;
      program.policies = after.policies;
      program.update_time = clock.Now();
      return absl::OkStatus();
    });
    ChangeRules([&](postgres::Transaction& tx, int32_t key) {
      for (const EarnRule& rule : before.rules) {
        const auto now = std::find_if(after.rules.begin(), after.rules.end(),
                                      [&](const EarnRule& one) { return one.id == rule.id; });
        if (now == after.rules.end()) {
          ArchiveEarnRule(tx, key, rule.id, clock.Now());
        } else if (now->version != rule.version) {
          EarnRule newer = *now;
          newer.create_time = clock.Now();
          ReplaceEarnRule(tx, key, newer);
        }
      }
    });
  }
  // All that is due in the program "shop".
  void PostDue() {
    for (;;) {
      DueMembers due;
      const absl::Status found = pool.Read([&](postgres::Transaction& tx) {
        due = MembersDue(tx, LoadProgram(tx, "shop")->key, clock.Now(), 1000);
        return absl::OkStatus();
      });
      if (!found.ok()) ADD_FAILURE() << found;
      if (due.member_ids.empty()) return;
      std::vector<Command> commands;
      for (const std::string& id : due.member_ids) commands.push_back(CommandFor("", id, CatchUp{}));
      Apply(commands);
    }
  }
  // Puts a reward of the program "shop" on offer.
  void Offer(const Reward& reward, const std::vector<std::string>& codes = {}) {
    const absl::Status status = pool.Run([&](postgres::Transaction& tx) -> absl::Status {
      const absl::StatusOr<Program> program = LoadProgram(tx, "shop");
      LOYALTY_RETURN_IF_ERROR(program.status());
      InsertReward(tx, program->key, reward);
      if (!codes.empty()) InsertRewardCodes(tx, program->key, reward.id, codes);
      return absl::OkStatus();
    });
    if (!status.ok()) ADD_FAILURE() << status;
  }
  Enrollment EnrollMember(const std::string& member_id, absl::Time now = kNoon) {
    absl::StatusOr<Enrollment> enrolled;
    const absl::Status status = pool.Run([&](postgres::Transaction& tx) -> absl::Status {
      const absl::StatusOr<Program> program = LoadProgram(tx, "shop");
      LOYALTY_RETURN_IF_ERROR(program.status());
      enrolled = Enroll(tx, "shop", program->key, member_id, now);
      return enrolled.status();
    });
    if (!status.ok()) ADD_FAILURE() << status;
    return *std::move(enrolled);
  }

  // All in one batch, but for what comes after a merger; the batch itself has to go through.
  PostingStore::Answers Apply(const std::vector<Command>& commands) {
    PostingStore::Answers answers;
    while (answers.size() < commands.size()) {
      const auto some = postings.Apply("shop", std::span(commands).subspan(answers.size()));
      if (!some.ok() || some->empty()) {
        ADD_FAILURE() << "The batch failed: " << some.status();
        return PostingStore::Answers(commands.size(), absl::InternalError("the batch failed"));
      }
      answers.insert(answers.end(), some->begin(), some->end());
    }
    return answers;
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
  std::vector<std::string> enrolled;  // whom the postings told of
  PostingStore postings{pool, clock,
                        [this](auto&, auto&, const std::vector<std::string>& ids, absl::Time) {
                          enrolled.insert(enrolled.end(), ids.begin(), ids.end());
                        },
                        [](auto&, auto&, int) {}};
  MemberStore members{pool, clock};

 private:
  void ChangeRules(const std::function<void(postgres::Transaction&, int32_t)>& change) {
    const absl::Status changed = pool.Run([&](postgres::Transaction& tx) -> absl::Status {
      const absl::StatusOr<Program> program = LoadProgram(tx, "shop");
      LOYALTY_RETURN_IF_ERROR(program.status());
      TouchProgram(tx, program->key, clock.Now());
      change(tx, program->key);
      return absl::OkStatus();
    });
    if (!changed.ok()) ADD_FAILURE() << changed;
  }
};

// Makes a return or a reversal name an order or an award of its member that came before.
inline void AimAtAnEarlier(Command& command, const std::vector<Command>& before, size_t start) {
  for (size_t i = 0; i < before.size(); ++i) {
    const Command& other = before[(start + i) % before.size()];
    auto* back = std::get_if<RecordReturn>(&command.action);
    const auto* bought = std::get_if<RecordPurchase>(&other.action);
    auto* reverse = std::get_if<ReverseEntry>(&command.action);
    if (back != nullptr && bought != nullptr) {
      back->order_id = bought->purchase.order_id;
    } else if (reverse != nullptr && std::holds_alternative<Earn>(other.action)) {
      reverse->reversed_request_id = other.request_id;
    } else {
      continue;
    }
    if (!command.member_id.empty()) command.member_id = other.member_id;
    return;
  }
}

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
    switch (below(10)) {
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
      case 7:
        commands.push_back(ReturnCommand(request, below(2) == 0 ? "" : member, order,
                                         absl::StrCat("b", below(count)), below(3) == 0 ? 0 : points * 30));
        break;
      case 8:
        commands.push_back(ReverseCommand(request, member, absl::StrCat("r", below(2 * count)),
                                          below(3) == 0 ? 0 : points / 2));
        break;
      case 9:
        commands.push_back(LabelCommand(request, member, below(2) == 0 ? "plus" : "gold", then,
                                        then + absl::Minutes(below(900))));
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
    Command last = std::move(commands.back());
    commands.pop_back();
    if (below(4) != 0 && !commands.empty()) {
      AimAtAnEarlier(last, commands, static_cast<size_t>(below(static_cast<int>(commands.size()))));
    }
    last.validate_only = below(20) == 0;
    commands.push_back(std::move(last));
  }
  return commands;
}

}  // namespace loyalty::points
