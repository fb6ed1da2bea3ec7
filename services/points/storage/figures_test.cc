#include "services/points/storage/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/figures_shown.h"
#include "services/points/storage/test_store.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

auto Shown(const TestStore& store) {
  return testing::FiguresShown(store.database, sql::Statements(), Figures(), kNoon);
}

TEST(PointsFigures, ProgramsHaveMembersPointsAndNoImbalance) {
  TestStore store;
  Program other = DollarProgram();
  other.id = "other";
  store.Create(other);
  store.Seed({EarnCommand("r1", "anna", 100), EarnCommand("r2", "bert", 50), SpendCommand("r3", "anna", 30)});
  EXPECT_THAT(Shown(store), ElementsAre(Pair("loyalty_ledger_imbalance_points{program=other}", 0),
                                        Pair("loyalty_ledger_imbalance_points{program=shop}", 0),
                                        Pair("loyalty_points_members{program=other}", 0),
                                        Pair("loyalty_points_members{program=shop}", 2),
                                        Pair("loyalty_points_outstanding{program=other}", 0),
                                        Pair("loyalty_points_outstanding{program=shop}", 120)));
}

TEST(PointsFigures, ABalanceWithoutLotsAndALotWithoutABalanceAreAnImbalance) {
  TestStore store;
  store.Seed({EarnCommand("r1", "anna", 100)});
  store.database.Exec("UPDATE points.account SET balance = balance + 7 WHERE program_key > 0");
  EXPECT_EQ(Shown(store).at("loyalty_ledger_imbalance_points{program=shop}"), 7);
  store.database.Exec("UPDATE points.lot SET remaining = remaining + 8 WHERE program_key > 0");
  EXPECT_EQ(Shown(store).at("loyalty_ledger_imbalance_points{program=shop}"), 1);
  store.database.Exec("DELETE FROM points.account WHERE program_key > 0");
  EXPECT_EQ(Shown(store).at("loyalty_ledger_imbalance_points{program=shop}"), 108);
}

TEST(PointsFigures, FaultsOfTwoAccountsDoNotHideEachOther) {
  TestStore store;
  store.Seed({EarnCommand("r1", "anna", 100), EarnCommand("r2", "bert", 100)});
  store.database.Exec(
      "UPDATE points.account SET balance = balance + CASE WHEN account_id = (SELECT min(account_id) "
      "FROM points.account WHERE program_key > 0) THEN 7 ELSE -7 END WHERE program_key > 0");
  EXPECT_EQ(Shown(store).at("loyalty_ledger_imbalance_points{program=shop}"), 14);
}

}  // namespace
}  // namespace loyalty::points
