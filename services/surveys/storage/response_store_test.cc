#include "services/surveys/storage/response_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "common/postgres/errors.h"
#include "services/surveys/storage/test_store.h"

namespace loyalty::surveys {
namespace {

using postgres::Transaction;
using ::testing::ElementsAre;

class Responses : public ::testing::Test {
 protected:
  TestStore store_;
  Survey survey_ = store_.Store(FullSurvey());
};

TEST_F(Responses, AreGivenBackAsTheyWereTaken) {
  const std::vector<Answer> answers = {ScoreOf("nps", 3, "It said \"no\" {so}\nto me."),
                                       ScoreOf("csat", 4),
                                       {"cli", CliScores{{6, 1, 4}}, ""},
                                       {"color", ChoiceId{"blue"}, ""},
                                       {"why", FreeText{"ü"}, ""}};
  const Submission taken =
      store_.StoreResponse(survey_, "t1", answers, kNoon, {"anna", "mail", "gold", {}, ""});
  const Response& response = taken.response;
  EXPECT_EQ(response.answers, answers);
  EXPECT_EQ(
      store_.In([&](Transaction& tx) { return LoadResponseOfInvitation(tx, kShop, response.invitation_id); }),
      response);
  const auto invitation = store_.In([&](Transaction& tx) { return LoadInvitation(tx, kShop, "t1"); });
  EXPECT_EQ(invitation->state, InvitationState::kAnswered);
  EXPECT_EQ(invitation->answer_time, kNoon);
  EXPECT_EQ(store_.database.Exec(
                "SELECT string_agg(question || '.' || item || '=' || value, ' ' ORDER BY question, "
                "item) FROM surveys.answer"),
            "0.0=3 1.0=4 2.0=6 2.1=1 2.2=4 3.0=2 4.0=0");
}

TEST_F(Responses, AreListedNewestFirstInPagesAndByMember) {
  std::vector<int64_t> ids;
  for (const char* member : {"anna", "bert", "anna"}) {
    ids.push_back(store_
                      .StoreResponse(survey_, absl::StrCat("t", ids.size()), {ScoreOf("nps", 9)}, kNoon,
                                     {member, "", "", {}, ""})
                      .response.id);
  }
  const auto list = [&](const std::string& member, int64_t before, int limit) {
    std::vector<int64_t> listed;
    for (const Response& response : store_.In(
             [&](Transaction& tx) { return ListResponses(tx, kShop, survey_.key, member, before, limit); })) {
      listed.push_back(response.id);
    }
    return listed;
  };
  EXPECT_THAT(list("", INT64_MAX, 2), ElementsAre(ids[2], ids[1]));
  EXPECT_THAT(list("", ids[1], 2), ElementsAre(ids[0]));
  EXPECT_THAT(list("anna", INT64_MAX, 9), ElementsAre(ids[2], ids[0]));
}

TEST_F(Responses, ASecondOneOfAnInvitationIsImpossible) {
  Response response = store_.StoreResponse(survey_, "t1", {ScoreOf("nps", 9)}).response;
  const absl::Status status = store_.pool.Run([&](Transaction& tx) {
    InsertResponse(tx, kShop, survey_, response);
    return absl::OkStatus();
  });
  EXPECT_TRUE(postgres::IsUniqueViolation(status)) << status;
}

// What the service will do for SubmitResponse, by many threads at once.
TEST_F(Responses, OfManySubmitsAtOnceOneTakesEffect) {
  store_.Store(InvitationTo(survey_));
  std::atomic<int> taken = 0, replayed = 0, refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&, i] {
      const std::vector<Answer> answers = {ScoreOf("nps", i % 2 == 0 ? 1 : 10)};
      int outcome = 0;
      const absl::Status status = store_.pool.Run([&](Transaction& tx) -> absl::Status {
        const auto invitation = LockInvitation(tx, kShop, "token-of-anna");
        LOYALTY_RETURN_IF_ERROR(invitation.status());
        if (invitation->state == InvitationState::kAnswered) {
          outcome = 2;
          return CheckSameAnswers(LoadResponseOfInvitation(tx, kShop, invitation->id), answers);
        }
        auto submission = Submit(survey_, *invitation, answers, kNoon, absl::UTCTimeZone());
        LOYALTY_RETURN_IF_ERROR(submission.status());
        InsertResponse(tx, kShop, survey_, submission->response);
        outcome = 1;
        return absl::OkStatus();
      });
      if (!status.ok()) {
        EXPECT_EQ(ReasonOf(status), "INVITATION_ANSWERED") << status;
        ++refused;
      } else {
        ++(outcome == 1 ? taken : replayed);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(replayed, 49);
  EXPECT_EQ(refused, 50);
  EXPECT_EQ(store_.database.Exec("SELECT count(*) FROM surveys.response"), "1");
}

}  // namespace
}  // namespace loyalty::surveys
