#include "services/surveys/storage/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/postgres/values.h"
#include "common/testing/figures_shown.h"
#include "services/surveys/storage/test_store.h"

namespace loyalty::surveys {
namespace {

using ::testing::IsEmpty;

class SurveyFigures : public ::testing::Test {
 protected:
  SurveyFigures() { store_.database.AddProgram("shop"); }

  auto Shown(absl::Time now = kNoon) {
    return testing::FiguresShown(store_.database, sql::Statements(), Figures(), now);
  }
  void Respond(int64_t nps, absl::Time now = kNoon) {
    store_.StoreResponse(survey_, absl::StrCat("t", ++responses_), {ScoreOf("nps", nps)}, now);
  }

  TestStore store_;
  Survey survey_ = store_.Store([] {
    Survey survey = FullSurvey();
    survey.min_group_size = 5;
    return survey;
  }());
  int responses_ = 0;
};

TEST_F(SurveyFigures, WithoutAResponseThereIsNothing) { EXPECT_THAT(Shown(), IsEmpty()); }

TEST_F(SurveyFigures, NpsIsThatOfTheLast30DaysAndNotOfSmallGroups) {
  for (const int64_t score : {10, 9, 9, 6}) Respond(score);
  EXPECT_EQ(Shown().at("loyalty_survey_responses{program=shop}"), 4);
  EXPECT_FALSE(Shown().contains("loyalty_survey_nps{program=shop}")) << "fewer than 5";
  Respond(7);
  EXPECT_EQ(Shown().at("loyalty_survey_nps{program=shop}"), 40);
  Respond(0, kNoon - absl::Hours(24 * 30));
  EXPECT_EQ(Shown().at("loyalty_survey_nps{program=shop}"), 40) << "too old by a moment";
  EXPECT_FALSE(Shown(kNoon + absl::Hours(24 * 30)).contains("loyalty_survey_nps{program=shop}"));
  EXPECT_EQ(Shown().at("loyalty_survey_responses{program=shop}"), 6);
}

TEST_F(SurveyFigures, NpsLooksAtNpsQuestionsOnly) {
  for (int i = 0; i < 5; ++i) {
    store_.StoreResponse(survey_, absl::StrCat("c", i), {ScoreOf("nps", 0), ScoreOf("csat", 5)}, kNoon);
  }
  EXPECT_EQ(Shown().at("loyalty_survey_nps{program=shop}"), -100);
}

TEST_F(SurveyFigures, CasesAreOpenUntilTheyAreResolvedAndPastDueFromTheMomentOn) {
  for (int i = 0; i < 3; ++i) Respond(2);
  const absl::Time due = kNoon + survey_.cases.first_reply_within;
  EXPECT_EQ(Shown(due - absl::Microseconds(1)).at("loyalty_survey_cases_past_due{program=shop}"), 0);
  EXPECT_EQ(Shown(due).at("loyalty_survey_cases_past_due{program=shop}"), 3);
  store_.database.Exec("UPDATE surveys.member_case SET state = 5 WHERE case_id = 1");
  store_.database.Exec("UPDATE surveys.member_case SET first_reply_time = now() WHERE case_id = 2");
  EXPECT_EQ(Shown(due).at("loyalty_survey_cases_open{program=shop}"), 2);
  EXPECT_EQ(Shown(due).at("loyalty_survey_cases_past_due{program=shop}"), 1);
}

TEST_F(SurveyFigures, ATestClockIsTheTimeOfItsProgram) {
  for (int i = 0; i < 5; ++i) Respond(2);
  store_.database.Exec(absl::StrCat(
      "INSERT INTO platform.test_clock SELECT program_key, t, t FROM platform.program, (SELECT '",
      postgres::FormatTimestamp(kNoon + absl::Hours(24 * 20)), "'::timestamptz AS t) AS at"));
  const auto shown = Shown(kNoon + absl::Hours(24 * 300));
  EXPECT_EQ(shown.at("loyalty_survey_nps{program=shop}"), -100);
  EXPECT_EQ(shown.at("loyalty_survey_cases_past_due{program=shop}"), 5);
}

}  // namespace
}  // namespace loyalty::surveys
