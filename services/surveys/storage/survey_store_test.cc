#include "services/surveys/storage/survey_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/surveys/storage/test_store.h"

namespace loyalty::surveys {
namespace {

using postgres::Transaction;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Ids(const std::vector<Survey>& surveys) {
  std::vector<std::string> ids;
  for (const Survey& survey : surveys) ids.push_back(survey.id);
  return ids;
}

TEST(SurveyStore, GivesBackWhatItTook) {
  TestStore store;
  Survey survey = FullSurvey();
  FillDefaults(survey);
  survey.questions[0].text = "Says \"yes\", {braces}, \\ and ü?";
  survey.trigger = {TriggerKind::kAfterPurchase, 3, 2500};
  survey.cases = {false, 3, absl::Minutes(90), 77};
  survey.invitation_validity = absl::Hours(48);
  survey.min_group_size = 9;
  survey = store.Store(survey);
  EXPECT_GT(survey.key, 0);
  EXPECT_EQ(*store.In([&](Transaction& tx) { return LoadSurvey(tx, kShop, "visit"); }), survey);
  EXPECT_EQ(*store.In([&](Transaction& tx) { return LockSurvey(tx, kShop, "visit"); }), survey);
  EXPECT_EQ(store.In([&](Transaction& tx) { return LoadSurveyByKey(tx, kShop, survey.key); }), survey);
}

TEST(SurveyStore, AnIdBelongsToOneSurveyOfAProgram) {
  TestStore store;
  store.Store(FullSurvey());
  Survey again = FullSurvey();
  EXPECT_THAT(store.In([&](Transaction& tx) { return InsertSurvey(tx, kShop, again); }),
              IsRefused(absl::StatusCode::kAlreadyExists, "SURVEY_ALREADY_EXISTS"));
  store.Store(FullSurvey(), kOther);
}

TEST(SurveyStore, TellsWhatItDoesNotHave) {
  TestStore store;
  store.Store(FullSurvey(), kOther);
  const auto missing = store.In([&](Transaction& tx) { return LoadSurvey(tx, kShop, "visit"); });
  EXPECT_THAT(missing, IsRefused(absl::StatusCode::kNotFound, "SURVEY_NOT_FOUND"));
  EXPECT_EQ(MetadataOf(missing)["survey_id"], "visit");
}

TEST(SurveyStore, WritesEverythingThatChanges) {
  TestStore store;
  Survey survey = FullSurvey();
  survey.state = SurveyState::kDraft;
  survey.publish_time = absl::InfiniteFuture();
  survey = store.Store(survey);
  survey.display_name = "Another name";
  survey.questions.pop_back();
  survey.completion_points = 1;
  ASSERT_TRUE(Publish(survey, kNoon + absl::Hours(1)).ok());
  ASSERT_TRUE(Close(survey, kNoon + absl::Hours(2)).ok());
  store.In([&](Transaction& tx) {
    UpdateSurvey(tx, kShop, survey);
    return true;
  });
  EXPECT_EQ(*store.In([&](Transaction& tx) { return LoadSurvey(tx, kShop, "visit"); }), survey);
}

TEST(SurveyStore, ListsInPagesByIdAndProgram) {
  TestStore store;
  Survey survey = FullSurvey();
  for (const char* id : {"b", "a", "c"}) {
    survey.id = id;
    store.Store(survey);
  }
  survey.id = "d";
  store.Store(survey, kOther);
  const auto list = [&](const std::string& after, int limit) {
    return Ids(store.In([&](Transaction& tx) { return ListSurveys(tx, kShop, after, limit); }));
  };
  EXPECT_THAT(list("", 2), ElementsAre("a", "b"));
  EXPECT_THAT(list("b", 2), ElementsAre("c"));
  EXPECT_THAT(list("c", 2), IsEmpty());
}

TEST(SurveyStore, FindsThePublishedSurveysThatWaitForPurchases) {
  TestStore store;
  Survey survey = FullSurvey();
  survey.trigger = {TriggerKind::kAfterPurchase, 1, 0};
  survey.id = "b";
  store.Store(survey);
  survey.id = "a";
  store.Store(survey);
  survey.id = "closed";
  survey.state = SurveyState::kClosed;
  store.Store(survey);
  store.Store(FullSurvey());
  const auto waiting = store.In([&](Transaction& tx) { return ListSurveysWaitingForPurchases(tx, kShop); });
  EXPECT_THAT(Ids(waiting), ElementsAre("a", "b"));
}

TEST(SurveyStore, CountsPurchasesOfEachMemberAndSurvey) {
  TestStore store;
  const auto count = [&](int64_t survey_key, const std::string& member) {
    return store.In([&](Transaction& tx) { return CountPurchase(tx, kShop, survey_key, member); });
  };
  EXPECT_EQ(count(1, "anna"), 1);
  EXPECT_EQ(count(1, "anna"), 2);
  EXPECT_EQ(count(2, "anna"), 1);
  EXPECT_EQ(count(1, "bert"), 1);
  EXPECT_EQ(count(1, "anna"), 3);
}

}  // namespace
}  // namespace loyalty::surveys
