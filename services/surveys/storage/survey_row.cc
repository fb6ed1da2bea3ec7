#include "services/surveys/storage/survey_row.h"

#include <nlohmann/json.hpp>

namespace loyalty::surveys {

std::string QuestionsToJson(const std::vector<Question>& questions) {
  nlohmann::json list = nlohmann::json::array();
  for (const Question& question : questions) {
    nlohmann::json out = {{"id", question.id},
                          {"type", static_cast<int>(question.type)},
                          {"text", question.text},
                          {"required", question.required}};
    if (!question.choices.empty()) out["choices"] = nlohmann::json::array();
    for (const Choice& choice : question.choices)
      out["choices"].push_back({{"id", choice.id}, {"text", choice.text}});
    if (question.type == QuestionType::kNps) {
      out["follow_up"] = {question.follow_up.promoter, question.follow_up.passive,
                          question.follow_up.detractor};
    }
    if (question.type == QuestionType::kCli) out["cli_texts"] = question.cli_texts;
    list.push_back(std::move(out));
  }
  return list.dump();
}

std::vector<Question> QuestionsFromJson(const char* json) {
  std::vector<Question> questions;
  for (const auto& in : nlohmann::json::parse(json)) {
    Question& question = questions.emplace_back();
    question.id = in.at("id").get<std::string>();
    question.type = static_cast<QuestionType>(in.at("type").get<int>());
    question.text = in.at("text").get<std::string>();
    question.required = in.at("required").get<bool>();
    for (const auto& choice : in.value("choices", nlohmann::json::array())) {
      question.choices.push_back({choice.at("id").get<std::string>(), choice.at("text").get<std::string>()});
    }
    if (in.contains("follow_up")) {
      const auto texts = in.at("follow_up").get<std::vector<std::string>>();
      question.follow_up = {texts.at(0), texts.at(1), texts.at(2)};
    }
    if (in.contains("cli_texts")) in.at("cli_texts").get_to(question.cli_texts);
  }
  return questions;
}

}  // namespace loyalty::surveys
