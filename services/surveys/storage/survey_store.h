// Surveys in PostgreSQL. Like all of this room, it works inside the caller's transaction; what PostgreSQL
// refuses leaves as an exception of libpqxx, which postgres::Pool turns into a status.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/surveys/domain/survey.h"

namespace loyalty::surveys {

// Gives the survey its key. ALREADY_EXISTS, reason SURVEY_ALREADY_EXISTS (`survey_id`), if the id is taken.
absl::Status InsertSurvey(postgres::Transaction& tx, int32_t program_key, Survey& survey);
// Writes everything but id and key.
void UpdateSurvey(postgres::Transaction& tx, int32_t program_key, const Survey& survey);

// NOT_FOUND, reason SURVEY_NOT_FOUND (`survey_id`).
absl::StatusOr<Survey> LoadSurvey(postgres::Transaction& tx, int32_t program_key,
                                  const std::string& survey_id);
// The same, locked until the transaction ends.
absl::StatusOr<Survey> LockSurvey(postgres::Transaction& tx, int32_t program_key,
                                  const std::string& survey_id);
// For a key that an invitation, response or case names: there is such a survey.
Survey LoadSurveyByKey(postgres::Transaction& tx, int32_t program_key, int64_t survey_key);

// Up to `limit` surveys with ids after `after`, in their order.
std::vector<Survey> ListSurveys(postgres::Transaction& tx, int32_t program_key, const std::string& after,
                                int limit);
// The published surveys that invite after a purchase.
std::vector<Survey> ListSurveysWaitingForPurchases(postgres::Transaction& tx, int32_t program_key);
// Counts one more purchase of a member for a survey and returns how many there are now.
int64_t CountPurchase(postgres::Transaction& tx, int32_t program_key, int64_t survey_key,
                      const std::string& member_id);

}  // namespace loyalty::surveys
