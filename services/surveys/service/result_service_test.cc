// Scores, by the check values of the specification.
#include "services/surveys/service/test_client.h"

namespace loyalty::surveys {
namespace {

using ::testing::ElementsAre;

class ResultServiceTest : public ServerTest {
 protected:
  void SetUp() override { PublishVisit(); }

  void Answer(int count, int nps, const std::string& more = "", const std::string& labels = "") {
    for (int i = 0; i < count; ++i) {
      const auto reply =
          Submit(Invite("anna", labels), absl::StrCat("{question_id: 'nps', score: ", nps, "}", more));
      ASSERT_TRUE(reply.ok()) << reply;
    }
  }
  v1::GetScoresResponse Scores(const std::string& more = "") {
    return Made(&Results::GetScores, "survey_id: 'visit'" + more);
  }
};

TEST_F(ResultServiceTest, FiftyPromotersAndSeventeenDetractorsOfAHundred) {
  Answer(50, 10);
  Answer(33, 8);
  Answer(17, 0);
  const auto scores = Scores();
  ASSERT_EQ(scores.groups_size(), 1);
  const v1::ScoreGroup& group = scores.groups(0);
  EXPECT_EQ(group.period_start_date(), "");
  EXPECT_EQ(group.response_count(), 100);
  EXPECT_EQ(group.invitation_count(), 100);
  EXPECT_EQ(group.answered_invitation_count(), 100);
  EXPECT_EQ(group.response_rate(), 1.0);
  ASSERT_EQ(group.questions_size(), 1) << "nobody answered the others";
  EXPECT_EQ(group.questions(0).question_id(), "nps");
  EXPECT_EQ(group.questions(0).answered_count(), 100);
  const v1::NpsScore& nps = group.questions(0).nps();
  EXPECT_EQ(nps.promoter_count(), 50);
  EXPECT_EQ(nps.passive_count(), 33);
  EXPECT_EQ(nps.detractor_count(), 17);
  EXPECT_EQ(nps.nps(), 33.0);
  EXPECT_EQ(nps.wald().score(), 33.0);
  EXPECT_NEAR(nps.wald().margin(), 14.7, 0.05);
  EXPECT_NEAR(nps.adjusted_wald().score(), 32.0, 0.05);
  EXPECT_NEAR(nps.adjusted_wald().margin(), 14.5, 0.05);
  EXPECT_THAT(nps.counts(), ElementsAre(17, 0, 0, 0, 0, 0, 0, 0, 33, 0, 50));
  EXPECT_TRUE(scores.incentivized());
  EXPECT_EQ(scores.hidden_group_count(), 0);
}

TEST_F(ResultServiceTest, FivePromotersOfFive) {
  Answer(4, 9);
  const auto hidden = Scores();
  EXPECT_EQ(hidden.groups_size(), 0) << "four are too few to be shown";
  EXPECT_EQ(hidden.hidden_group_count(), 1);
  Answer(1, 9);
  const auto scores = Scores();
  ASSERT_EQ(scores.groups_size(), 1);
  const v1::NpsScore& nps = scores.groups(0).questions(0).nps();
  EXPECT_EQ(nps.nps(), 100.0);
  EXPECT_EQ(nps.wald().margin(), 0.0);
  EXPECT_EQ(nps.adjusted_wald().score(), 62.5);
  EXPECT_NEAR(nps.adjusted_wald().margin(), 45.0, 0.05);
  EXPECT_NEAR(nps.adjusted_wald().low(), 17.5, 0.05);
  EXPECT_EQ(nps.adjusted_wald().high(), 100.0) << "clamped";
}

TEST_F(ResultServiceTest, EveryTypeOfQuestionHasItsScore) {
  Answer(
      4, 9,
      ", {question_id: 'csat', score: 4}, {question_id: 'cli', cli: {recommend: 6, buy_again: 3, "
      "try_other_products: 3}}, {question_id: 'color', choice_id: 'blue'}, {question_id: 'why', text: 'x'}");
  Answer(
      1, 9,
      ", {question_id: 'csat', score: 3}, {question_id: 'cli', cli: {recommend: 1, buy_again: 3, "
      "try_other_products: 3}}, {question_id: 'color', choice_id: 'red'}, {question_id: 'why', text: 'y'}");
  const auto scores = Scores();
  ASSERT_EQ(scores.groups(0).questions_size(), 5);
  const v1::CsatScore& csat = scores.groups(0).questions(1).csat();
  EXPECT_EQ(csat.top_two_share(), 0.8);
  EXPECT_THAT(csat.counts(), ElementsAre(0, 0, 1, 4, 0));
  const v1::CliScore& cli = scores.groups(0).questions(2).cli();
  EXPECT_EQ(cli.recommend().mean(), 5.0);
  EXPECT_THAT(cli.recommend().counts(), ElementsAre(1, 0, 0, 0, 0, 4));
  EXPECT_EQ(cli.buy_again().mean(), 3.0);
  EXPECT_DOUBLE_EQ(cli.mean(), 11.0 / 3);
  const v1::ChoiceScore& choice = scores.groups(0).questions(3).choice();
  EXPECT_EQ(choice.counts(0).choice_id(), "red");
  EXPECT_EQ(choice.counts(0).count(), 1);
  EXPECT_EQ(choice.counts(1).count(), 4);
  EXPECT_EQ(scores.groups(0).questions(4).answered_count(), 5);
  EXPECT_EQ(scores.groups(0).questions(4).score_case(), v1::QuestionScore::SCORE_NOT_SET);
}

TEST_F(ResultServiceTest, GroupsAreByPeriodInTheProgramsZoneAndByLabels) {
  Answer(5, 9, "", ", channel: 'mail', segment: 'gold'");
  server_.clock().Set(absl::FromCivil(absl::CivilSecond(2026, 5, 31, 23, 0, 0), absl::UTCTimeZone()));
  Answer(5, 0, "", ", channel: 'app'");  // the first of June in Rome
  const auto months =
      Scores(", period: 'PERIOD_MONTH', dimensions: ['DIMENSION_CHANNEL', 'DIMENSION_SEGMENT']");
  ASSERT_EQ(months.groups_size(), 2);
  EXPECT_EQ(months.groups(0).period_start_date(), "2026-05-01");
  EXPECT_EQ(months.groups(0).channel(), "mail");
  EXPECT_EQ(months.groups(0).segment(), "gold");
  EXPECT_EQ(months.groups(0).questions(0).nps().nps(), 100.0);
  EXPECT_EQ(months.groups(1).period_start_date(), "2026-06-01");
  EXPECT_EQ(months.groups(1).channel(), "app");
  EXPECT_EQ(months.groups(1).segment(), "");
  EXPECT_EQ(months.groups(1).questions(0).nps().nps(), -100.0);
  EXPECT_EQ(Scores(", period: 'PERIOD_WEEK'").groups(0).period_start_date(), "2026-04-27");
  EXPECT_EQ(
      Scores(", period: 'PERIOD_DAY', start_time: '2026-05-02T00:00:00Z'").groups(0).period_start_date(),
      "2026-06-01");
  const auto may = Scores(", end_time: '2026-05-31T23:00:00Z'");
  ASSERT_EQ(may.groups_size(), 1);
  EXPECT_EQ(may.groups(0).response_count(), 5) << "before the end, not at it";
}

TEST_F(ResultServiceTest, WhatIsNotThereIsNotFound) {
  EXPECT_THAT(Call(&Results::GetScores, "survey_id: 'x'"),
              Refused(StatusCode::NOT_FOUND, "SURVEY_NOT_FOUND"));
  EXPECT_THAT(Call(&Results::GetScores, "survey_id: 'visit', program_id: 'x'"),
              Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
  EXPECT_EQ(Scores().groups_size(), 0);
}

}  // namespace
}  // namespace loyalty::surveys
