// Random answers to random surveys are taken exactly when a simple model of the rules says so.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "services/surveys/domain/test_kit.h"
#include "services/surveys/domain/test_property.h"

namespace loyalty::surveys {
namespace {

struct AnyQuestion {
  int type = 1;
  bool required = false;
  bool asks_detractors = false;
};

// An answer in small numbers, so that good and bad ones are about as frequent.
struct AnyAnswer {
  int question = 0;  // one more than there are: unknown
  int kind = 0;      // nothing, score, CLI, choice, text
  int a = 0, b = 0, c = 0;
  bool comment = false;
};

rc::Gen<AnyQuestion> GenQuestion() {
  return rc::gen::build<AnyQuestion>(rc::gen::set(&AnyQuestion::type, rc::gen::inRange(1, 6)),
                                     rc::gen::set(&AnyQuestion::required, rc::gen::arbitrary<bool>()),
                                     rc::gen::set(&AnyQuestion::asks_detractors, rc::gen::arbitrary<bool>()));
}

// For most answers the kind is that of the question and the values are in range.
AnyAnswer GenAnswer(const std::vector<AnyQuestion>& questions) {
  AnyAnswer answer;
  const int count = static_cast<int>(questions.size());
  answer.question = *rc::gen::inRange(0, *rc::gen::inRange(0, 8) == 7 ? count + 1 : count);
  const int type = answer.question < count ? questions[static_cast<size_t>(answer.question)].type : 1;
  constexpr int kKindOfType[] = {0, 1, 1, 2, 3, 4};
  const bool astray = *rc::gen::inRange(0, 10) == 9;
  answer.kind = astray ? *rc::gen::inRange(0, 5) : kKindOfType[type];
  const int most = type == 1 ? 11 : type == 2 ? 6 : type == 3 ? 7 : type == 4 ? 3 : 2;
  const int least = type == 2 || type == 3 ? 1 : 0;
  const auto value = [&] { return *rc::gen::inRange(least - (astray ? 1 : 0), most + (astray ? 1 : 0)); };
  answer.a = value();
  answer.b = value();
  answer.c = value();
  answer.comment = *rc::gen::inRange(0, 4) == 3;
  return answer;
}

Survey ToSurvey(const std::vector<AnyQuestion>& questions) {
  Survey survey = FullSurvey();
  survey.questions.clear();
  for (size_t i = 0; i < questions.size(); ++i) {
    Question question =
        QuestionOf(static_cast<QuestionType>(questions[i].type), absl::StrCat("q", i), questions[i].required);
    question.follow_up = {};
    if (questions[i].type == 1 && questions[i].asks_detractors) question.follow_up.detractor = "Why?";
    survey.questions.push_back(question);
  }
  return survey;
}

constexpr const char* kChoices[] = {"red", "green", "blue", "black"};

Answer ToAnswer(const AnyAnswer& in) {
  Answer answer;
  answer.question_id = absl::StrCat("q", in.question);
  if (in.kind == 1) answer.value = Score{in.a};
  if (in.kind == 2) answer.value = CliScores{{in.a, in.b, in.c}};
  if (in.kind == 3) answer.value = ChoiceId{kChoices[std::clamp(in.a, 0, 3)]};
  if (in.kind == 4) answer.value = FreeText{in.a == 0 ? "" : "text"};
  if (in.comment) answer.comment = "because";
  return answer;
}

bool Between(int least, int value, int most) { return least <= value && value <= most; }

bool ModelTakes(const AnyQuestion& question, const AnyAnswer& answer) {
  if (answer.comment &&
      !(question.type == 1 && question.asks_detractors && answer.kind == 1 && answer.a <= 6))
    return false;
  switch (question.type) {
    case 1:
      return answer.kind == 1 && Between(0, answer.a, 10);
    case 2:
      return answer.kind == 1 && Between(1, answer.a, 5);
    case 3:
      return answer.kind == 2 && Between(1, answer.a, 6) && Between(1, answer.b, 6) &&
             Between(1, answer.c, 6);
    case 4:
      return answer.kind == 3 && answer.a < 3;
    default:
      return answer.kind == 4 && answer.a != 0;
  }
}

bool ModelTakes(const std::vector<AnyQuestion>& questions, const std::vector<AnyAnswer>& answers) {
  std::vector<int> times(questions.size() + 1);
  for (const AnyAnswer& answer : answers) {
    if (answer.question >= static_cast<int>(questions.size())) return false;
    if (++times[static_cast<size_t>(answer.question)] > 1) return false;
    if (!ModelTakes(questions[static_cast<size_t>(answer.question)], answer)) return false;
  }
  for (size_t i = 0; i < questions.size(); ++i) {
    if (questions[i].required && times[i] == 0) return false;
  }
  return !answers.empty();
}

void AnswersToARandomSurvey() {
  auto questions = *rc::gen::container<std::vector<AnyQuestion>>(GenQuestion());
  if (questions.size() > 8) questions.resize(8);
  std::vector<AnyAnswer> answers;
  if (!questions.empty()) {
    if (*rc::gen::arbitrary<bool>()) {  // nearly complete ones: otherwise few are taken
      for (size_t i = 0; i < questions.size(); ++i) {
        AnyAnswer answer = GenAnswer({questions[i]});
        answer.question = static_cast<int>(i);
        if (questions[i].required || *rc::gen::arbitrary<bool>()) answers.push_back(answer);
      }
    } else {
      const int count = *rc::gen::inRange(0, 5);
      for (int i = 0; i < count; ++i) answers.push_back(GenAnswer(questions));
    }
  }
  const Survey survey = ToSurvey(questions);
  std::vector<Answer> sent;
  for (const AnyAnswer& answer : answers) sent.push_back(ToAnswer(answer));
  const auto submission = Submit(survey, InvitationTo(survey), sent, kNoon, absl::UTCTimeZone());
  const bool taken = ModelTakes(questions, answers);
  RC_CLASSIFY(taken);
  RC_ASSERT(submission.ok() == taken);
  if (!taken) {
    RC_ASSERT(absl::IsInvalidArgument(submission.status()));
    return;
  }
  RC_ASSERT(submission->response.answers.size() == sent.size());
  RC_ASSERT(CheckSameAnswers(submission->response, submission->response.answers).ok());
  const bool low = std::any_of(answers.begin(), answers.end(), [&](const AnyAnswer& answer) {
    const int type = questions[static_cast<size_t>(answer.question)].type;
    return (type == 1 && answer.a <= 6) || (type == 2 && answer.a <= 2);
  });
  RC_ASSERT(submission->opened.has_value() == low);
}

TEST(ResponseProperty, IsTakenExactlyWhenTheModelSaysSo) {
  ExpectProperty("ResponseProperty/IsTakenExactlyWhenTheModelSaysSo", 3000, AnswersToARandomSurvey);
}

}  // namespace
}  // namespace loyalty::surveys
