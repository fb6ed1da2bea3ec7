#include "services/points/domain/rule_use.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace loyalty::points {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr absl::CivilDay kFriday(2026, 5, 1);

TEST(PeriodStart, IsTheFirstDayOfThePeriod) {
  EXPECT_EQ(PeriodStartOf(LimitWindow::kDay, kFriday), kFriday);
  EXPECT_EQ(PeriodStartOf(LimitWindow::kWeek, kFriday), absl::CivilDay(2026, 4, 27));
  EXPECT_EQ(PeriodStartOf(LimitWindow::kMonth, absl::CivilDay(2024, 2, 29)), absl::CivilDay(2024, 2, 1));
  EXPECT_EQ(PeriodStartOf(LimitWindow::kLifetime, kFriday), absl::CivilDay(1970, 1, 1));
}

TEST(PeriodStart, AWeekRunsFromMondayToSundayOverTheYearsEnd) {
  const absl::CivilDay monday(2025, 12, 29);
  EXPECT_EQ(PeriodStartOf(LimitWindow::kWeek, monday), monday);
  EXPECT_EQ(PeriodStartOf(LimitWindow::kWeek, absl::CivilDay(2026, 1, 4)), monday);
  EXPECT_EQ(PeriodStartOf(LimitWindow::kWeek, absl::CivilDay(2026, 1, 5)), absl::CivilDay(2026, 1, 5));
}

TEST(RuleUses, CountEachRuleWindowAndPeriodForItself) {
  RuleUses uses;
  uses.Add("tea", LimitWindow::kWeek, kFriday, 10);
  uses.Add("tea", LimitWindow::kWeek, kFriday + 2, 5);
  uses.Add("tea", LimitWindow::kWeek, kFriday + 3, 7);
  uses.Add("tea", LimitWindow::kDay, kFriday, 10);
  uses.Add("cup", LimitWindow::kWeek, kFriday, 1);
  EXPECT_EQ(uses.Used("tea", LimitWindow::kWeek, kFriday - 4), 15) << "Monday of the same week";
  EXPECT_EQ(uses.Used("tea", LimitWindow::kWeek, kFriday + 3), 7);
  EXPECT_EQ(uses.Used("tea", LimitWindow::kDay, kFriday), 10);
  EXPECT_EQ(uses.Used("tea", LimitWindow::kDay, kFriday + 1), 0);
  EXPECT_EQ(uses.Used("cup", LimitWindow::kWeek, kFriday), 1);
  EXPECT_EQ(uses.Used("tea", LimitWindow::kMonth, kFriday), 0);
  EXPECT_EQ(RuleUses(uses.all()), uses) << "as it was stored";
}

TEST(RuleUses, WhatIsTakenBackIsFreeAgainAndNoMore) {
  RuleUses uses;
  uses.Add("tea", LimitWindow::kDay, kFriday, 10);
  uses.Add("tea", LimitWindow::kDay, kFriday, -4);
  EXPECT_EQ(uses.Used("tea", LimitWindow::kDay, kFriday), 6);
  uses.Add("tea", LimitWindow::kDay, kFriday, -100);
  EXPECT_EQ(uses.Used("tea", LimitWindow::kDay, kFriday), 0);
  uses.Add("tea", LimitWindow::kDay, kFriday + 1, -1);
  EXPECT_EQ(uses.all().size(), 1u) << "nothing was used on that day";
}

TEST(RuleUses, SumsStopAtTheLargestNumber) {
  RuleUses uses;
  uses.Add("tea", LimitWindow::kLifetime, kFriday, kMax);
  uses.Add("tea", LimitWindow::kLifetime, kFriday, 1);
  EXPECT_EQ(uses.Used("tea", LimitWindow::kLifetime, kFriday), kMax);
}

TEST(RuleUses, OfAPeriodThatIsForgottenNothingIsLeft) {
  RuleUses uses;
  constexpr int kKept = static_cast<int>(RuleUses::kMaxPeriods);
  for (int i = 0; i < kKept; ++i) uses.Add("tea", LimitWindow::kDay, kFriday + i, 1);
  uses.Add("cup", LimitWindow::kDay, kFriday, 1);
  EXPECT_EQ(uses.Used("tea", LimitWindow::kDay, kFriday), 1);
  EXPECT_EQ(uses.Used("tea", LimitWindow::kDay, kFriday - 1), kMax) << "it may have been dropped";
  uses.Add("tea", LimitWindow::kDay, kFriday - 1, 5);
  EXPECT_EQ(uses.Used("tea", LimitWindow::kDay, kFriday - 1), kMax) << "and is not kept any more";
  uses.Add("tea", LimitWindow::kDay, kFriday + kKept, 1);
  EXPECT_EQ(uses.Used("tea", LimitWindow::kDay, kFriday), kMax);
  EXPECT_EQ(uses.Used("tea", LimitWindow::kDay, kFriday + 1), 1);
  EXPECT_EQ(uses.Used("cup", LimitWindow::kDay, kFriday), 1) << "another rule's";
  uses.Add("tea", LimitWindow::kDay, kFriday + 1, -1);
  EXPECT_EQ(uses.Used("tea", LimitWindow::kDay, kFriday), kMax) << "forgotten for ever";
}

RC_GTEST_PROP(RuleUses, AreWhatAMapOfThePeriodsSays, ()) {
  RuleUses uses;
  std::map<std::tuple<std::string, LimitWindow, absl::CivilDay>, int64_t> model;
  const int changes = *rc::gen::inRange(0, 60);
  for (int i = 0; i < changes; ++i) {
    const std::string rule = *rc::gen::element<std::string>("a", "b");
    const auto window = *rc::gen::element(LimitWindow::kDay, LimitWindow::kWeek, LimitWindow::kMonth);
    const absl::CivilDay day = kFriday + *rc::gen::inRange(0, 40);
    const auto points = *rc::gen::inRange<int64_t>(-20, 100);
    uses.Add(rule, window, day, points);
    const auto key = std::tuple(rule, window, PeriodStartOf(window, day));
    if (points > 0 || model.count(key) == 1) model[key] = std::max<int64_t>(0, model[key] + points);
  }
  std::vector<RuleUse> expected;
  for (const auto& [key, points] : model) {
    const auto& [rule, window, start] = key;
    expected.push_back({rule, window, start, points});
    RC_ASSERT(uses.Used(rule, window, start) == points);
  }
  RC_ASSERT(uses.all() == expected);
}

}  // namespace
}  // namespace loyalty::points
