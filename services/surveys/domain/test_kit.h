// What tests of the surveys service share.
#pragma once

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/testing/refused.h"
#include "services/surveys/domain/response.h"
#include "services/surveys/domain/survey.h"

namespace loyalty::surveys {

inline const absl::Time kNoon = absl::FromCivil(absl::CivilSecond(2026, 5, 1, 12, 0, 0), absl::UTCTimeZone());

inline Question QuestionOf(QuestionType type, const std::string& id, bool required = false) {
  Question question;
  question.id = id;
  question.type = type;
  question.text = "What about " + id + "?";
  question.required = required;
  if (type == QuestionType::kSingleChoice)
    question.choices = {{"red", "Red"}, {"green", "Green"}, {"blue", "Blue"}};
  if (type == QuestionType::kNps) question.follow_up = {"What do you like?", "", "What went wrong?"};
  return question;
}

// A question of each type, the NPS one required; published at noon.
inline Survey FullSurvey() {
  Survey survey;
  survey.key = 7;
  survey.id = "visit";
  survey.display_name = "Your visit";
  survey.questions = {QuestionOf(QuestionType::kNps, "nps", true), QuestionOf(QuestionType::kCsat, "csat"),
                      QuestionOf(QuestionType::kCli, "cli"), QuestionOf(QuestionType::kSingleChoice, "color"),
                      QuestionOf(QuestionType::kText, "why")};
  survey.completion_points = 50;
  survey.cases.make_good_limit_points = 500;
  survey.state = SurveyState::kPublished;
  survey.create_time = kNoon;
  survey.publish_time = kNoon;
  return survey;
}

inline Invitation InvitationTo(const Survey& survey, const std::string& member = "anna") {
  InvitationRequest request;
  request.member_id = member;
  request.channel = "mail";
  request.segment = "gold";
  Invitation invitation = *Invite(survey, request, "token-of-" + member, kNoon, absl::UTCTimeZone());
  invitation.id = 1;
  return invitation;
}

inline Answer ScoreOf(const std::string& question, int64_t score, const std::string& comment = "") {
  return {question, Score{score}, comment};
}

using testing::IsRefused;
using testing::MetadataOf;
using testing::ReasonOf;
using testing::ViolationsOf;

}  // namespace loyalty::surveys
