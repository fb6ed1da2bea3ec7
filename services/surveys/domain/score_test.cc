#include "services/surveys/domain/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "services/surveys/domain/test_kit.h"
#include "services/surveys/domain/test_property.h"

namespace loyalty::surveys {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kTenth = 0.05;  // a figure given to one digit after the point

TEST(Nps, OfFiftyPromotersAndSeventeenDetractorsOfAHundred) {
  EXPECT_EQ(Nps(50, 17, 100), 33);
  const Interval wald = WaldInterval(50, 17, 100);
  EXPECT_THAT(wald.score, DoubleNear(33.0, kTenth));
  EXPECT_THAT(wald.margin, DoubleNear(14.7, kTenth));
  EXPECT_THAT(wald.low, DoubleNear(18.3, kTenth));
  EXPECT_THAT(wald.high, DoubleNear(47.7, kTenth));
  const Interval adjusted = AdjustedWaldInterval(50, 17, 100);
  EXPECT_THAT(adjusted.score, DoubleNear(32.0, kTenth));
  EXPECT_THAT(adjusted.margin, DoubleNear(14.5, kTenth));
}

TEST(Nps, OfFivePromotersOfFive) {
  EXPECT_EQ(Nps(5, 0, 5), 100);
  const Interval wald = WaldInterval(5, 0, 5);
  EXPECT_EQ(wald.score, 100);
  EXPECT_EQ(wald.margin, 0);
  const Interval adjusted = AdjustedWaldInterval(5, 0, 5);
  EXPECT_THAT(adjusted.score, DoubleNear(62.5, kTenth));
  EXPECT_THAT(adjusted.margin, DoubleNear(45.0, kTenth));
  EXPECT_THAT(adjusted.low, DoubleNear(17.5, kTenth));
  EXPECT_EQ(adjusted.high, 100) << "clamped";
}

// The variance of a variable that is 1, 0 or −1, computed score by score.
void IntervalsOfRandomScores() {
  const auto scores = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 11)));
  int64_t promoters = 0, detractors = 0;
  for (const int score : scores) {
    promoters += score >= 9 ? 1 : 0;
    detractors += score <= 6 ? 1 : 0;
  }
  const auto expect = [](const Interval& interval,
                         const std::vector<std::pair<long double, long double>>& parts) {
    long double n = 0, sum = 0, squares = 0;
    for (const auto& [value, weight] : parts) {
      n += weight;
      sum += value * weight;
    }
    const long double mean = sum / n;
    for (const auto& [value, weight] : parts) squares += (value - mean) * (value - mean) * weight;
    const long double margin = 1.959963984540054L * std::sqrt(squares / n / n);
    RC_ASSERT(std::abs(interval.score - static_cast<double>(100 * mean)) < 1e-9);
    RC_ASSERT(std::abs(interval.margin - static_cast<double>(100 * margin)) < 1e-6);
    RC_ASSERT(interval.low >= -100 && interval.high <= 100);
    RC_ASSERT(interval.low <= interval.score && interval.score <= interval.high);
    RC_ASSERT(interval.low == std::max(-100.0, interval.score - interval.margin));
    RC_ASSERT(interval.high == std::min(100.0, interval.score + interval.margin));
  };
  std::vector<std::pair<long double, long double>> parts;
  for (const int score : scores) parts.emplace_back(score >= 9 ? 1 : score <= 6 ? -1 : 0, 1);
  const auto n = static_cast<int64_t>(scores.size());
  expect(WaldInterval(promoters, detractors, n), parts);
  parts.insert(parts.end(), {{1, 0.75L}, {0, 1.5L}, {-1, 0.75L}});
  expect(AdjustedWaldInterval(promoters, detractors, n), parts);
}

TEST(NpsProperty, IntervalsEqualAStraightforwardComputation) {
  ExpectProperty("NpsProperty/IntervalsEqualAStraightforwardComputation", 3000, IntervalsOfRandomScores);
}

CountRow AnswerRow(int64_t question, int64_t value, int64_t count, int64_t item = 0, GroupKey key = {}) {
  return {CountRow::Kind::kAnswer, std::move(key), question, item, value, count};
}
CountRow ResponseRow(int64_t count, GroupKey key = {}) {
  return {CountRow::Kind::kResponse, std::move(key), 0, 0, 0, count};
}
CountRow InvitationRow(bool answered, int64_t count, GroupKey key = {}) {
  return {CountRow::Kind::kInvitation, std::move(key), 0, 0, answered ? 1 : 0, count};
}

TEST(Scores, OfEveryTypeOfQuestion) {
  const Scores scores = ComputeScores(
      FullSurvey(), {ResponseRow(10), InvitationRow(true, 10), InvitationRow(false, 30), AnswerRow(0, 10, 4),
                     AnswerRow(0, 9, 1), AnswerRow(0, 8, 2), AnswerRow(0, 6, 2), AnswerRow(0, 0, 1),
                     AnswerRow(1, 5, 2), AnswerRow(1, 4, 4), AnswerRow(1, 1, 2), AnswerRow(2, 6, 5, 0),
                     AnswerRow(2, 3, 5, 1), AnswerRow(2, 1, 4, 2), AnswerRow(2, 2, 1, 2), AnswerRow(3, 0, 1),
                     AnswerRow(3, 2, 6), AnswerRow(4, 0, 9)});
  ASSERT_EQ(scores.groups.size(), 1u);
  const ScoreGroup& group = scores.groups[0];
  EXPECT_EQ(group.response_count, 10);
  EXPECT_EQ(group.invitation_count, 40);
  EXPECT_EQ(group.answered_count, 10);
  EXPECT_EQ(group.response_rate, 0.25);
  ASSERT_EQ(group.questions.size(), 5u);

  const auto& nps = std::get<NpsScore>(group.questions[0].score);
  EXPECT_EQ(nps.promoters, 5);
  EXPECT_EQ(nps.passives, 2);
  EXPECT_EQ(nps.detractors, 3);
  EXPECT_EQ(nps.nps, 20);
  EXPECT_EQ(nps.wald.score, WaldInterval(5, 3, 10).score);
  EXPECT_EQ(nps.adjusted.margin, AdjustedWaldInterval(5, 3, 10).margin);
  EXPECT_THAT(nps.counts, ElementsAre(1, 0, 0, 0, 0, 0, 2, 0, 2, 1, 4));

  EXPECT_EQ(group.questions[1].answered, 8);
  EXPECT_EQ(std::get<CsatScore>(group.questions[1].score).top_two_share, 0.75);
  EXPECT_THAT(std::get<CsatScore>(group.questions[1].score).counts, ElementsAre(2, 0, 0, 4, 2));

  const auto& cli = std::get<CliScore>(group.questions[2].score);
  EXPECT_EQ(group.questions[2].answered, 5) << "responses, not scores";
  EXPECT_EQ(cli.mean, 51.0 / 15.0);
  EXPECT_THAT(cli.item_means, ElementsAre(6.0, 3.0, 1.2));
  EXPECT_THAT(cli.counts[2], ElementsAre(4, 1, 0, 0, 0, 0));

  EXPECT_EQ(group.questions[3].question_id, "color");
  EXPECT_THAT(std::get<ChoiceScore>(group.questions[3].score).counts, ElementsAre(1, 0, 6));
  EXPECT_EQ(group.questions[4].answered, 9);
}

TEST(Scores, OfSmallGroupsAreNotShown) {
  const GroupKey small{absl::CivilDay(2026, 5, 1), "mail", ""}, large{absl::CivilDay(2026, 5, 1), "app", ""};
  const Scores scores = ComputeScores(
      FullSurvey(), {ResponseRow(4, small), AnswerRow(0, 9, 4, 0, small), InvitationRow(true, 9, small),
                     ResponseRow(5, large), AnswerRow(0, 9, 5, 0, large)});
  EXPECT_EQ(scores.hidden_group_count, 1);
  ASSERT_EQ(scores.groups.size(), 1u);
  EXPECT_EQ(scores.groups[0].key, large);
}

TEST(Scores, OfQuestionsThatFewAnswerAreNotShown) {
  const Scores scores = ComputeScores(FullSurvey(), {ResponseRow(9), AnswerRow(0, 9, 9), AnswerRow(1, 5, 4)});
  ASSERT_EQ(scores.groups[0].questions.size(), 1u);
  EXPECT_EQ(scores.groups[0].questions[0].question_id, "nps");
}

TEST(Scores, GroupsComeInTheOrderOfPeriodChannelAndSegment) {
  Survey survey = FullSurvey();
  survey.min_group_size = 1;
  const absl::CivilDay may(2026, 5, 1), june(2026, 6, 1);
  const Scores scores =
      ComputeScores(survey, {ResponseRow(1, {june, "app", "a"}), ResponseRow(1, {may, "mail", "b"}),
                             ResponseRow(1, {may, "mail", "a"}), ResponseRow(1, {may, "app", "b"})});
  std::vector<std::string> order;
  for (const ScoreGroup& group : scores.groups)
    order.push_back(absl::StrCat(group.key.period_start.month(), group.key.channel, group.key.segment));
  EXPECT_THAT(order, ElementsAre("5appb", "5maila", "5mailb", "6appa"));
}

TEST(Scores, OfNothingAreNone) { EXPECT_THAT(ComputeScores(FullSurvey(), {}).groups, IsEmpty()); }

}  // namespace
}  // namespace loyalty::surveys
