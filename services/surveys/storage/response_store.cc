#include "services/surveys/storage/response_store.h"

#include <nlohmann/json.hpp>

#include "common/postgres/values.h"
#include "services/surveys/storage/date.h"
#include "surveys_sql.h"

namespace loyalty::surveys {
namespace {

using postgres::Transaction;

// [{"question", "score" | "cli" | "choice" | "text", "comment"}], the comment only if there is one.
struct PutValue {
  nlohmann::json& out;
  void operator()(std::monostate) const {}
  void operator()(const Score& score) const { out["score"] = score.value; }
  void operator()(const CliScores& scores) const { out["cli"] = scores.values; }
  void operator()(const ChoiceId& choice) const { out["choice"] = choice.id; }
  void operator()(const FreeText& text) const { out["text"] = text.text; }
};

std::string AnswersToJson(const std::vector<Answer>& answers) {
  nlohmann::json list = nlohmann::json::array();
  for (const Answer& answer : answers) {
    nlohmann::json out = {{"question", answer.question_id}};
    std::visit(PutValue{out}, answer.value);
    if (!answer.comment.empty()) out["comment"] = answer.comment;
    list.push_back(std::move(out));
  }
  return list.dump();
}

std::vector<Answer> AnswersFromJson(const char* json) {
  std::vector<Answer> answers;
  for (const auto& in : nlohmann::json::parse(json)) {
    Answer& answer = answers.emplace_back();
    answer.question_id = in.at("question").get<std::string>();
    if (in.contains("score")) answer.value = Score{in.at("score").get<int64_t>()};
    if (in.contains("cli")) in.at("cli").get_to(answer.value.emplace<CliScores>().values);
    if (in.contains("choice")) answer.value = ChoiceId{in.at("choice").get<std::string>()};
    if (in.contains("text")) answer.value = FreeText{in.at("text").get<std::string>()};
    answer.comment = in.value("comment", "");
  }
  return answers;
}

// The answers as numbers: see CountRow.
struct Numbers {
  postgres::BigintArray questions, items, values;
  int64_t question = 0;
  const std::vector<Choice>* choices = nullptr;

  void Put(int64_t item, int64_t value) {
    questions.Add(question);
    items.Add(item);
    values.Add(value);
  }
  void operator()(std::monostate) {}
  void operator()(const Score& score) { Put(0, score.value); }
  void operator()(const CliScores& scores) {
    for (size_t item = 0; item < kCliItems; ++item) Put(static_cast<int64_t>(item), scores.values[item]);
  }
  void operator()(const ChoiceId& choice) {
    for (size_t i = 0; i < choices->size(); ++i) {
      if ((*choices)[i].id == choice.id) return Put(0, static_cast<int64_t>(i));
    }
  }
  void operator()(const FreeText&) { Put(0, 0); }
};

Response ReadResponse(const pqxx::row& row) {
  Response response;
  response.id = row["response_id"].as<int64_t>();
  response.survey_key = row["survey_key"].as<int64_t>();
  response.survey_id = row["survey_id"].c_str();
  response.invitation_id = row["invitation_id"].as<int64_t>();
  response.member_id = row["member_id"].c_str();
  response.channel = row["channel"].c_str();
  response.segment = row["segment"].c_str();
  response.submit_time = postgres::ParseTimestamp(row["submit_time"].c_str());
  response.submit_date = ParseDate(row["submit_date"].c_str());
  response.points = row["points"].as<int64_t>();
  response.content = DigestFromHex(row["content"].c_str());
  response.answers = AnswersFromJson(row["answers"].c_str());
  return response;
}

const char* NameOf(Period period) {
  switch (period) {
    case Period::kAll:
      break;
    case Period::kDay:
      return "day";
    case Period::kWeek:
      return "week";
    case Period::kMonth:
      return "month";
  }
  return "all";
}

}  // namespace

void InsertResponse(Transaction& tx, int32_t program_key, const Survey& survey, Response& response) {
  Numbers numbers;
  for (const Answer& answer : response.answers) {
    const Question* question = survey.FindQuestion(answer.question_id);
    numbers.question = question - survey.questions.data();
    numbers.choices = &question->choices;
    std::visit(numbers, answer.value);
  }
  const std::string submit_time = postgres::FormatTimestamp(response.submit_time);
  const pqxx::result rows = tx.Exec(
      sql::kInsertResponse, program_key, response.survey_key, response.invitation_id, response.member_id,
      response.channel, response.segment, submit_time, FormatDate(response.submit_date), response.points,
      ToHex(response.content), AnswersToJson(response.answers), numbers.questions.Finish(),
      numbers.items.Finish(), numbers.values.Finish());
  response.id = rows[0]["response_id"].as<int64_t>();
  tx.Exec(sql::kAnswerInvitation, program_key, response.invitation_id, submit_time);
}

Response LoadResponseOfInvitation(Transaction& tx, int32_t program_key, int64_t invitation_id) {
  return ReadResponse(tx.Exec(sql::kLoadResponseOfInvitation, program_key, invitation_id).at(0));
}

std::vector<Response> ListResponses(Transaction& tx, int32_t program_key, int64_t survey_key,
                                    const std::string& member_id, int64_t before, int limit) {
  const pqxx::result rows =
      member_id.empty()
          ? tx.Exec(sql::kListResponses, program_key, survey_key, before, limit)
          : tx.Exec(sql::kListResponsesOfMember, program_key, survey_key, before, limit, member_id);
  std::vector<Response> responses;
  for (const pqxx::row& row : rows) responses.push_back(ReadResponse(row));
  return responses;
}

std::vector<CountRow> CountScores(Transaction& tx, int32_t program_key, int64_t survey_key, absl::Time start,
                                  absl::Time end, const Grouping& grouping) {
  tx.Exec(sql::kAllowScans);
  std::vector<CountRow> counts;
  for (const pqxx::row& row : tx.Exec(sql::kCountScores, program_key, survey_key,
                                      postgres::FormatTimestamp(start), postgres::FormatTimestamp(end),
                                      NameOf(grouping.period), grouping.by_channel, grouping.by_segment)) {
    CountRow& count = counts.emplace_back();
    count.kind = static_cast<CountRow::Kind>(row["kind"].as<int>());
    count.key = {ParseDate(row["period_start"].c_str()), row["channel"].c_str(), row["segment"].c_str()};
    count.question = row["question"].as<int64_t>();
    count.item = row["item"].as<int64_t>();
    count.value = row["value"].as<int64_t>();
    count.count = row["count"].as<int64_t>();
  }
  return counts;
}

}  // namespace loyalty::surveys
