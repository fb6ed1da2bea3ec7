#include "services/points/storage/earn_rule_store.h"

#include <gtest/gtest.h>

#include "common/testing/test_database.h"
#include "points_sql.h"

namespace loyalty::points {
namespace {

constexpr int32_t kProgram = 7;
const absl::Time kStart = absl::FromUnixSeconds(1'780'000'000);

class EarnRuleStore : public ::testing::Test {
 protected:
  template <class Body>
  void Run(Body body) {
    const absl::Status status = pool_.Run([&](postgres::Transaction& tx) {
      body(tx);
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  static EarnRule Rule(const std::string& id) {
    EarnRule rule;
    rule.id = rule.display_name = id;
    rule.effect = FixedPoints{5};
    rule.create_time = kStart;
    return rule;
  }

  testing::TestDatabase database_{"points", sql::Migrations()};
  metrics::Registry registry_;
  postgres::Pool pool_{{.url = database_.url(), .statements = sql::Statements(), .schema = "points"},
                       registry_};
};

TEST_F(EarnRuleStore, KeepsARuleAsItIs) {
  EarnRule full = Rule("full");
  full.conditions = {.start = kStart, .weekdays = {5}, .skus = {"tea \"green\""}, .first_purchase = true};
  full.effect = PointsPerUnit{3, 20};
  full.maturity = {MaturityKind::kDays, 14};
  full.limits = {.per_member = 10, .budget = 100, .partial = true};
  full.group = "g";
  full.priority = 3;
  Run([&](postgres::Transaction& tx) {
    for (const EarnRule& rule : {full, Rule("plain")}) {
      InsertEarnRule(tx, kProgram, rule);
      const auto found = FindEarnRule(tx, kProgram, rule.id);
      ASSERT_TRUE(found.has_value());
      EXPECT_TRUE(SameRule(*found, rule));
      EXPECT_EQ(found->version, 1);
      EXPECT_EQ(found->create_time, kStart);
      EXPECT_FALSE(found->replace_time || found->archive_time);
    }
    EXPECT_FALSE(FindEarnRule(tx, kProgram, "other"));
    EXPECT_FALSE(FindEarnRule(tx, kProgram + 1, "full"));
  });
}

TEST_F(EarnRuleStore, ANewVersionTakesThePlaceOfTheNewestWhichStays) {
  EarnRule second = Rule("r");
  second.version = 2;
  second.effect = FixedPoints{9};
  second.create_time = kStart + absl::Hours(1);
  Run([&](postgres::Transaction& tx) {
    InsertEarnRule(tx, kProgram, Rule("r"));
    ReplaceEarnRule(tx, kProgram, second);
    const auto first = FindEarnRule(tx, kProgram, "r", 1), newest = FindEarnRule(tx, kProgram, "r");
    ASSERT_TRUE(first && newest);
    EXPECT_TRUE(SameRule(*first, Rule("r")));
    EXPECT_EQ(first->replace_time, second.create_time);
    EXPECT_TRUE(SameRule(*newest, second));
    EXPECT_EQ(newest->version, 2);
    EXPECT_FALSE(FindEarnRule(tx, kProgram, "r", 3));
    EXPECT_EQ(CountEarnRules(tx, kProgram), 1u);
    EXPECT_EQ(ListEarnRules(tx, kProgram, "", false, 10).size(), 1u);
    ArchiveEarnRule(tx, kProgram, "r", kStart + absl::Hours(2));
    EXPECT_FALSE(FindEarnRule(tx, kProgram, "r", 1)->archive_time) << "of the newest only";
    EXPECT_EQ(FindEarnRule(tx, kProgram, "r", 2)->archive_time, kStart + absl::Hours(2));
    EXPECT_EQ(CountEarnRules(tx, kProgram), 0u);
    EXPECT_EQ(ListEarnRules(tx, kProgram, "", false, 10).size(), 0u);
    EXPECT_EQ(ListEarnRules(tx, kProgram, "", true, 10).size(), 1u);
  });
}

TEST_F(EarnRuleStore, ThoseInForceComeWithTheProgram) {
  const int32_t key = database_.AddProgram("shop");
  EarnRule full = Rule("full");
  full.version = 2;
  full.conditions = {.end = kStart, .excluded_categories = {"gift"}};
  full.effect = Donation{"sea", 0, 1, 10};
  full.limits = {.per_order = 5};
  full.group = "g";
  full.priority = 3;
  EarnRule later = Rule("later");
  later.maturity = {MaturityKind::kConfirmation};
  std::vector<EarnRule> loaded;
  Run([&](postgres::Transaction& tx) {
    for (const std::string id : {"archived", "full"}) InsertEarnRule(tx, key, Rule(id));
    InsertEarnRule(tx, key, later);
    ReplaceEarnRule(tx, key, full);
    ArchiveEarnRule(tx, key, "archived", kStart);
    loaded = RulesFromJson(tx.Exec(sql::kLoadProgram, "shop")[0]["rules"].c_str());
  });
  ASSERT_EQ(loaded.size(), 2u);
  EXPECT_EQ(loaded[0].version, 2);
  for (EarnRule& rule : loaded) rule.display_name = rule.id;  // which no decision needs
  EXPECT_TRUE(SameRule(loaded[0], full));
  EXPECT_TRUE(SameRule(loaded[1], later));
}

}  // namespace
}  // namespace loyalty::points
