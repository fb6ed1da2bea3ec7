#include "services/surveys/storage/survey_store.h"

#include <absl/strings/str_cat.h>

#include "common/postgres/values.h"
#include "common/status/status.h"
#include "services/surveys/domain/reason.h"
#include "services/surveys/storage/survey_row.h"
#include "surveys_sql.h"

namespace loyalty::surveys {
namespace {

using postgres::Transaction;

Survey ReadSurvey(const pqxx::row& row) {
  Survey survey;
  survey.key = row["survey_key"].as<int64_t>();
  survey.id = row["survey_id"].c_str();
  survey.display_name = row["display_name"].c_str();
  survey.questions = QuestionsFromJson(row["questions"].c_str());
  survey.completion_points = row["completion_points"].as<int64_t>();
  survey.trigger.kind = static_cast<TriggerKind>(row["trigger_kind"].as<int>());
  survey.trigger.nth = row["trigger_nth"].as<int64_t>();
  survey.trigger.min_amount_minor = row["trigger_min_amount_minor"].as<int64_t>();
  survey.invitation_validity = absl::Seconds(row["invitation_validity_s"].as<int64_t>());
  survey.cases.for_detractors = row["cases_for_detractors"].as<bool>();
  survey.cases.csat_at_most = row["cases_csat_at_most"].as<int64_t>();
  survey.cases.first_reply_within = absl::Seconds(row["first_reply_within_s"].as<int64_t>());
  survey.cases.make_good_limit_points = row["make_good_limit_points"].as<int64_t>();
  survey.min_group_size = row["min_group_size"].as<int64_t>();
  survey.state = static_cast<SurveyState>(row["state"].as<int>());
  survey.create_time = postgres::ParseTimestamp(row["create_time"].c_str());
  survey.publish_time = postgres::ParseTimestamp(row["publish_time"].c_str());
  survey.close_time = postgres::ParseTimestamp(row["close_time"].c_str());
  return survey;
}

std::vector<Survey> ReadSurveys(const pqxx::result& rows) {
  std::vector<Survey> surveys;
  for (const pqxx::row& row : rows) surveys.push_back(ReadSurvey(row));
  return surveys;
}

absl::StatusOr<Survey> TheSurvey(const pqxx::result& rows, const std::string& survey_id) {
  if (!rows.empty()) return ReadSurvey(rows[0]);
  return Refuse(absl::StatusCode::kNotFound, reason::kSurveyNotFound,
                absl::StrCat("The program has no survey ", survey_id, "."), {{"survey_id", survey_id}});
}

// Both statements take the same columns in the same order.
pqxx::result Write(Transaction& tx, const postgres::Statement& statement, int32_t program_key,
                   const Survey& survey) {
  return tx.Exec(
      statement, program_key, survey.id, survey.display_name, QuestionsToJson(survey.questions),
      survey.completion_points, static_cast<int>(survey.trigger.kind), survey.trigger.nth,
      survey.trigger.min_amount_minor, absl::ToInt64Seconds(survey.invitation_validity),
      survey.cases.for_detractors, survey.cases.csat_at_most,
      absl::ToInt64Seconds(survey.cases.first_reply_within), survey.cases.make_good_limit_points,
      survey.min_group_size, static_cast<int>(survey.state), postgres::FormatTimestamp(survey.create_time),
      postgres::FormatTimestamp(survey.publish_time), postgres::FormatTimestamp(survey.close_time));
}

}  // namespace

absl::Status InsertSurvey(Transaction& tx, int32_t program_key, Survey& survey) {
  const pqxx::result rows = Write(tx, sql::kInsertSurvey, program_key, survey);
  if (rows.empty()) {
    return Refuse(absl::StatusCode::kAlreadyExists, reason::kSurveyAlreadyExists,
                  absl::StrCat("The program has a survey ", survey.id, " already."),
                  {{"survey_id", survey.id}});
  }
  survey.key = rows[0]["survey_key"].as<int64_t>();
  return absl::OkStatus();
}

void UpdateSurvey(Transaction& tx, int32_t program_key, const Survey& survey) {
  Write(tx, sql::kUpdateSurvey, program_key, survey);
}

absl::StatusOr<Survey> LoadSurvey(Transaction& tx, int32_t program_key, const std::string& survey_id) {
  return TheSurvey(tx.Exec(sql::kLoadSurvey, program_key, survey_id), survey_id);
}

absl::StatusOr<Survey> LockSurvey(Transaction& tx, int32_t program_key, const std::string& survey_id) {
  return TheSurvey(tx.Exec(sql::kLockSurvey, program_key, survey_id), survey_id);
}

Survey LoadSurveyByKey(Transaction& tx, int32_t program_key, int64_t survey_key) {
  return ReadSurvey(tx.Exec(sql::kLoadSurveyByKey, program_key, survey_key).at(0));
}

std::vector<Survey> ListSurveys(Transaction& tx, int32_t program_key, const std::string& after, int limit) {
  return ReadSurveys(tx.Exec(sql::kListSurveys, program_key, after, limit));
}

std::vector<Survey> ListSurveysWaitingForPurchases(Transaction& tx, int32_t program_key) {
  return ReadSurveys(tx.Exec(sql::kListSurveysWaitingForPurchases, program_key));
}

int64_t CountPurchase(Transaction& tx, int32_t program_key, int64_t survey_key,
                      const std::string& member_id) {
  return tx.Exec(sql::kCountPurchase, program_key, survey_key, member_id)[0]["purchases"].as<int64_t>();
}

}  // namespace loyalty::surveys
