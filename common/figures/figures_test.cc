#include "common/figures/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/postgres/values.h"
#include "common/testing/figures_shown.h"

namespace loyalty::figures {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr postgres::Statement kStock{"stock", "SELECT shelf, pieces, price FROM stock"};
constexpr postgres::Statement kOld{"old", "SELECT count(*) AS old FROM stock WHERE bought < $1::timestamptz"};
constexpr postgres::Statement kSettings{"settings",
                                        "SELECT current_setting('enable_seqscan') AS scans, "
                                        "current_setting('statement_timeout') AS limit, 1 AS on"};

const absl::Time kNoon = absl::FromUnixSeconds(1'777'636'800);

Figure Stock() {
  return {.statement = kStock,
          .gauges = {{"pieces", "stock_pieces", "Pieces."}, {"price", "stock_price", "Price."}}};
}

class FiguresTest : public ::testing::Test {
 protected:
  FiguresTest() {
    database_.Exec("CREATE TABLE stock (shelf text, pieces bigint, price numeric, bought timestamptz)");
    database_.Exec("INSERT INTO stock VALUES ('a', 3, 1.5, '2026-01-01'), ('b', 0, NULL, '2026-08-01')");
  }
  auto Shown() const { return testing::GaugesIn(registry_, "stock_"); }

  testing::TestDatabase database_{"figures", {}};
  ManualClock clock_{kNoon};
  metrics::Registry pool_registry_, registry_;
  postgres::Pool pool_{
      {.url = database_.url(), .size = 1, .statements = {kStock, kOld, kSettings, Statements().at(0)}},
      pool_registry_};
};

TEST_F(FiguresTest, EachRowGivesASeriesOfEachGaugeAndNullGivesNone) {
  Figures figures(pool_, clock_, registry_, {Stock()});
  EXPECT_THAT(Shown(), IsEmpty()) << "not read yet";
  ASSERT_TRUE(figures.Refresh().ok());
  EXPECT_THAT(Shown(), ElementsAre(Pair("stock_pieces{shelf=a}", 3), Pair("stock_pieces{shelf=b}", 0),
                                   Pair("stock_price{shelf=a}", 1.5)));
}

TEST_F(FiguresTest, WhatChangedChangesAndWhatVanishedVanishes) {
  Figures figures(pool_, clock_, registry_, {Stock()});
  ASSERT_TRUE(figures.Refresh().ok());
  database_.Exec("DELETE FROM stock WHERE shelf = 'a'");
  database_.Exec("UPDATE stock SET pieces = 7");
  database_.Exec("INSERT INTO stock VALUES ('c', 1, NULL, NULL)");
  ASSERT_TRUE(figures.Refresh().ok());
  EXPECT_THAT(Shown(), ElementsAre(Pair("stock_pieces{shelf=b}", 7), Pair("stock_pieces{shelf=c}", 1)));
}

TEST_F(FiguresTest, AFigureByTimeGetsTheClocks) {
  Figures figures(pool_, clock_, registry_,
                  {{.statement = kOld, .gauges = {{"old", "stock_old", "Old."}}, .by_time = true}});
  ASSERT_TRUE(figures.Refresh().ok());
  EXPECT_THAT(Shown(), ElementsAre(Pair("stock_old{}", 1)));
  clock_.Advance(absl::Hours(24 * 365));
  ASSERT_TRUE(figures.Refresh().ok());
  EXPECT_THAT(Shown(), ElementsAre(Pair("stock_old{}", 2)));
}

TEST_F(FiguresTest, ItMayScanButNotForLong) {
  Figures figures(pool_, clock_, registry_,
                  {{.statement = kSettings, .gauges = {{"on", "stock_on", "On."}}}});
  ASSERT_TRUE(figures.Refresh().ok());
  EXPECT_THAT(Shown(), ElementsAre(Pair("stock_on{limit=30s,scans=on}", 1)));
}

TEST_F(FiguresTest, AnErrorIsTheAnswerAndLeavesTheOthersAlone) {
  Figures figures(pool_, clock_, registry_,
                  {Stock(), {.statement = kOld, .gauges = {{"old", "stock_old", "Old."}}, .by_time = true}});
  ASSERT_TRUE(figures.Refresh().ok());
  database_.Exec("ALTER TABLE stock RENAME shelf TO rack");
  database_.Exec("INSERT INTO stock VALUES ('d', 1, NULL, '2026-01-02')");
  EXPECT_FALSE(figures.Refresh().ok());
  EXPECT_EQ(Shown().at("stock_old{}"), 2);
  EXPECT_EQ(Shown().at("stock_pieces{shelf=a}"), 3) << "for a moment the old ones stay";
}

TEST_F(FiguresTest, WhatCannotBeReadAgainAndAgainIsNotShownAnyMoreUntilItCan) {
  Figures figures(pool_, clock_, registry_, {Stock()});
  ASSERT_TRUE(figures.Refresh().ok());
  database_.Exec("ALTER TABLE stock RENAME TO stack");
  for (int failed = 1; failed < Figures::kFailures; ++failed) {
    EXPECT_FALSE(figures.Refresh().ok());
    EXPECT_EQ(Shown().size(), 3u);
  }
  EXPECT_FALSE(figures.Refresh().ok());
  EXPECT_THAT(Shown(), IsEmpty());
  database_.Exec("ALTER TABLE stack RENAME TO stock");
  ASSERT_TRUE(figures.Refresh().ok());
  EXPECT_EQ(Shown().size(), 3u);
}

// Time passes whenever somebody looks: a second, unless told otherwise.
class PassingClock final : public Clock {
 public:
  absl::Time Now() override { return now_ += step_; }
  void Advance(absl::Duration by) { now_ += by; }
  void SetStep(absl::Duration step) { step_ = step; }

 private:
  absl::Time now_ = kNoon;
  absl::Duration step_ = absl::Seconds(1);
};

TEST_F(FiguresTest, ItRestsAsMuchLongerAsItTook) {
  PassingClock clock;
  Figures figures(pool_, clock, registry_, {Stock()});  // takes a second
  ASSERT_TRUE(figures.Refresh().ok());
  database_.Exec("UPDATE stock SET pieces = 9");
  clock.Advance(absl::Seconds(Figures::kRest - 2));
  ASSERT_TRUE(figures.Refresh().ok());
  EXPECT_EQ(Shown().at("stock_pieces{shelf=a}"), 3) << "it still rests";
  clock.Advance(absl::Seconds(1));
  ASSERT_TRUE(figures.Refresh().ok());
  EXPECT_EQ(Shown().at("stock_pieces{shelf=a}"), 9);
}

TEST_F(FiguresTest, AClockThatJumpsDuringAReadingCostsTwoMinutesOfRestAtMost) {
  PassingClock clock;
  Figures figures(pool_, clock, registry_, {Stock()});
  clock.SetStep(absl::Hours(5));
  ASSERT_TRUE(figures.Refresh().ok());
  database_.Exec("UPDATE stock SET pieces = 9");
  clock.SetStep(absl::ZeroDuration());
  clock.Advance(Figures::kMostRest - absl::Seconds(1));
  ASSERT_TRUE(figures.Refresh().ok());
  EXPECT_EQ(Shown().at("stock_pieces{shelf=a}"), 3) << "it still rests";
  clock.Advance(absl::Seconds(1));
  ASSERT_TRUE(figures.Refresh().ok());
  EXPECT_EQ(Shown().at("stock_pieces{shelf=a}"), 9);
}

TEST_F(FiguresTest, AClockThatIsTurnedBackAfterAReadingEndsTheRest) {
  PassingClock clock;
  Figures figures(pool_, clock, registry_, {Stock()});
  ASSERT_TRUE(figures.Refresh().ok());
  database_.Exec("UPDATE stock SET pieces = 9");
  clock.Advance(absl::Hours(-5));
  ASSERT_TRUE(figures.Refresh().ok());
  EXPECT_EQ(Shown().at("stock_pieces{shelf=a}"), 9);
}

}  // namespace
}  // namespace loyalty::figures
