// A survey's questions as JSON.
#pragma once

#include <string>
#include <vector>

#include "services/surveys/domain/survey.h"

namespace loyalty::surveys {

// [{"id", "type", "text", "required", "choices": [{"id", "text"}], "follow_up": [promoter, passive,
// detractor],
//   "cli_texts": [recommend, buy again, try other products]}], the last three only where the type has them.
std::string QuestionsToJson(const std::vector<Question>& questions);
std::vector<Question> QuestionsFromJson(const char* json);

}  // namespace loyalty::surveys
