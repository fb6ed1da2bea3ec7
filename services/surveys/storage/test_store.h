// A surveys database of a test's own, with two programs, 1 and 2.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "common/testing/test_database.h"
#include "services/surveys/domain/test_kit.h"
#include "services/surveys/storage/case_store.h"
#include "services/surveys/storage/invitation_store.h"
#include "services/surveys/storage/response_store.h"
#include "services/surveys/storage/survey_store.h"
#include "surveys_sql.h"

namespace loyalty::surveys {

inline constexpr int32_t kShop = 1;
inline constexpr int32_t kOther = 2;

struct TestStore {
  // Runs `body` in a transaction that has to commit, and returns what it returns.
  template <class Body>
  auto In(Body body) {
    decltype(body(std::declval<postgres::Transaction&>())) result{};
    const absl::Status status = pool.Run([&](postgres::Transaction& tx) {
      result = body(tx);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return result;
  }

  Survey Store(Survey survey, int32_t program = kShop) {
    return In([&](postgres::Transaction& tx) {
      const absl::Status status = InsertSurvey(tx, program, survey);
      EXPECT_TRUE(status.ok()) << status;
      return survey;
    });
  }
  Invitation Store(Invitation invitation, int32_t program = kShop) {
    return In([&](postgres::Transaction& tx) {
      InsertInvitation(tx, program, invitation);
      return invitation;
    });
  }
  // An invitation of `survey` and its response, with the case that it opens.
  Submission StoreResponse(const Survey& survey, const std::string& token, const std::vector<Answer>& answers,
                           absl::Time now = kNoon,
                           const InvitationRequest& request = {"anna", "", "", {}, ""}) {
    Invitation invitation = Store(*Invite(survey, request, token, now, absl::UTCTimeZone()));
    return In([&](postgres::Transaction& tx) {
      absl::StatusOr<Submission> submission = Submit(survey, invitation, answers, now, absl::UTCTimeZone());
      EXPECT_TRUE(submission.ok()) << submission.status();
      InsertResponse(tx, kShop, survey, submission->response);
      if (submission->opened) {
        submission->opened->response_id = submission->response.id;
        InsertCase(tx, kShop, *submission->opened);
      }
      return *submission;
    });
  }

  testing::TestDatabase database{"surveys", sql::Migrations()};
  metrics::Registry registry;
  postgres::Pool pool{{.url = database.url(), .size = 8, .statements = sql::Statements()}, registry};
};

}  // namespace loyalty::surveys
