#include "services/surveys/domain/response.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "services/surveys/domain/validate.h"

namespace loyalty::surveys {
namespace {

// Adds what is wrong with the value of one answer.
struct CheckValue {
  const Question& question;
  const std::string& field;
  Violations& violations;

  bool Takes(std::initializer_list<QuestionType> types) const {
    if (std::find(types.begin(), types.end(), question.type) != types.end()) return true;
    static constexpr const char* kWanted[] = {"",           "a score",     "a score",
                                              "CLI scores", "a choice_id", "a text"};
    violations.Add(field, reason::kWrongKind,
                   absl::StrCat("is of the wrong kind: the question takes ",
                                kWanted[static_cast<int>(question.type)], "."));
    return false;
  }

  void operator()(std::monostate) const {
    violations.Add(field, reason::kFieldRequired, "has no value; leave the answer out instead.");
  }
  void operator()(const Score& score) const {
    if (!Takes({QuestionType::kNps, QuestionType::kCsat})) return;
    const ScoreRange range = question.type == QuestionType::kNps ? kNpsRange : kCsatRange;
    CheckWithin(violations, field + ".score", score.value, range.least, range.most);
  }
  void operator()(const CliScores& scores) const {
    if (!Takes({QuestionType::kCli})) return;
    for (size_t item = 0; item < kCliItems; ++item) {
      CheckWithin(violations, absl::StrCat(field, ".cli.", kCliItemNames[item]), scores.values[item],
                  kCliRange.least, kCliRange.most);
    }
  }
  void operator()(const ChoiceId& choice) const {
    if (!Takes({QuestionType::kSingleChoice})) return;
    for (const Choice& known : question.choices) {
      if (known.id == choice.id) return;
    }
    violations.Add(field + ".choice_id", reason::kUnknownChoice, "is none of the question's choices.");
  }
  void operator()(const FreeText& text) const {
    if (!Takes({QuestionType::kText})) return;
    CheckFreeText(violations, field + ".text", text.text, kMaxFreeTextBytes, Presence::kRequired);
  }
};

void CheckComment(Violations& violations, const std::string& field, const Question& question,
                  const Answer& answer) {
  if (answer.comment.empty()) return;
  const auto* score = std::get_if<Score>(&answer.value);
  const bool asked = question.type == QuestionType::kNps && score != nullptr &&
                     !question.follow_up.For(GroupOf(score->value)).empty();
  if (!asked) {
    violations.Add(field + ".comment", reason::kNotApplicable,
                   "answers a follow-up that this question does not ask for this score.");
    return;
  }
  CheckFreeText(violations, field + ".comment", answer.comment, kMaxFreeTextBytes, Presence::kOptional);
}

const Answer* Find(const std::vector<Answer>& answers, const std::string& question_id) {
  for (const Answer& answer : answers) {
    if (answer.question_id == question_id) return &answer;
  }
  return nullptr;
}

}  // namespace

void ValidateAnswers(const Survey& survey, const std::vector<Answer>& answers, Violations& violations) {
  if (answers.empty()) violations.Add("answers", reason::kFieldRequired, "needs at least one answer.");
  if (!CheckCount(violations, "answers", answers.size(), kMaxQuestions)) return;
  absl::flat_hash_set<std::string> answered;
  for (size_t i = 0; i < answers.size(); ++i) {
    const Answer& answer = answers[i];
    const std::string field = absl::StrCat("answers[", i, "]");
    const Question* question = survey.FindQuestion(answer.question_id);
    if (question == nullptr) {
      violations.Add(field + ".question_id", reason::kUnknownQuestion,
                     "is the id of no question of the survey.");
      continue;
    }
    if (!answered.insert(answer.question_id).second) {
      violations.Add(field + ".question_id", reason::kDuplicate, "is answered by an earlier answer.");
      continue;
    }
    std::visit(CheckValue{*question, field, violations}, answer.value);
    CheckComment(violations, field, *question, answer);
  }
  for (const Question& question : survey.questions) {
    if (!question.required || answered.contains(question.id)) continue;
    violations.Add("answers", reason::kAnswerMissing,
                   absl::StrCat("the question ", question.id, " has to be answered."),
                   {{"question_id", question.id}});
  }
}

Digest ContentOf(const std::vector<Answer>& answers) {
  std::vector<const Answer*> sorted;
  for (const Answer& answer : answers) sorted.push_back(&answer);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Answer* a, const Answer* b) { return a->question_id < b->question_id; });
  Fingerprint print;
  struct AddValue {
    Fingerprint& print;
    void operator()(std::monostate) const {}
    void operator()(const Score& score) const { print.Add(score.value); }
    void operator()(const CliScores& scores) const {
      for (const int64_t value : scores.values) print.Add(value);
    }
    void operator()(const ChoiceId& choice) const { print.Add(choice.id); }
    void operator()(const FreeText& text) const { print.Add(text.text); }
  };
  for (const Answer* answer : sorted) {
    print.Add(answer->question_id).Add(static_cast<int64_t>(answer->value.index()));
    std::visit(AddValue{print}, answer->value);
    print.Add(answer->comment);
  }
  return print.Finish();
}

std::optional<Case> CaseFor(const Survey& survey, const Response& response) {
  const CasePolicy& policy = survey.cases;
  bool opens = false;
  CaseSeverity severity = CaseSeverity::kNormal;
  for (const Question& question : survey.questions) {
    const Answer* answer = Find(response.answers, question.id);
    const auto* score = answer == nullptr ? nullptr : std::get_if<Score>(&answer->value);
    if (score == nullptr) continue;
    const bool nps = question.type == QuestionType::kNps;
    const bool low = nps ? policy.for_detractors && GroupOf(score->value) == NpsGroup::kDetractor
                         : score->value <= policy.csat_at_most;
    opens |= low;
    if (low && score->value <= (nps ? kHighSeverityNps : kHighSeverityCsat)) severity = CaseSeverity::kHigh;
  }
  if (!opens) return std::nullopt;
  Case opened;
  opened.survey_key = survey.key;
  opened.survey_id = survey.id;
  opened.response_id = response.id;
  opened.member_id = response.member_id;
  opened.severity = severity;
  opened.open_time = response.submit_time;
  opened.state_time = response.submit_time;
  opened.first_reply_due_time = response.submit_time + policy.first_reply_within;
  return opened;
}

absl::StatusOr<Submission> Submit(const Survey& survey, const Invitation& invitation,
                                  const std::vector<Answer>& answers, absl::Time now, absl::TimeZone zone) {
  LOYALTY_RETURN_IF_ERROR(CheckAnswerable(survey, invitation, now));
  Violations violations;
  ValidateAnswers(survey, answers, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  Submission submission;
  Response& response = submission.response;
  response.survey_key = survey.key;
  response.survey_id = survey.id;
  response.invitation_id = invitation.id;
  response.member_id = invitation.member_id;
  response.channel = invitation.channel;
  response.segment = invitation.segment;
  response.submit_time = now;
  response.submit_date = absl::ToCivilDay(now, zone);
  response.points = survey.completion_points;
  response.content = ContentOf(answers);
  for (const Question& question : survey.questions) {
    if (const Answer* answer = Find(answers, question.id)) response.answers.push_back(*answer);
  }
  submission.opened = CaseFor(survey, response);
  return submission;
}

absl::Status CheckSameAnswers(const Response& earlier, const std::vector<Answer>& answers) {
  if (earlier.content == ContentOf(answers)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kAlreadyExists, reason::kInvitationAnswered,
                "The invitation was answered before, with other answers.",
                {{"response_id", absl::StrCat(earlier.id)}});
}

}  // namespace loyalty::surveys
