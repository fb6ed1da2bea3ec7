#include "services/surveys/domain/survey.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/str_cat.h>

#include "services/surveys/domain/validate.h"

namespace loyalty::surveys {
namespace {

// Adds a field that belongs to another type of question.
void CheckApplicable(Violations& violations, std::string field, bool given, bool applicable,
                     const char* type) {
  if (!given || applicable) return;
  violations.Add(std::move(field), reason::kNotApplicable,
                 absl::StrCat("belongs to questions of the type ", type, " only."));
}

void CheckChoices(Violations& violations, const std::string& field, const std::vector<Choice>& choices) {
  if (!CheckCount(violations, field, choices.size(), kMaxChoices)) return;
  absl::flat_hash_set<std::string> ids;
  for (size_t i = 0; i < choices.size(); ++i) {
    const std::string at = absl::StrCat(field, "[", i, "]");
    CheckSlug(violations, at + ".choice_id", choices[i].id);
    CheckText(violations, at + ".text", choices[i].text, kMaxQuestionTextBytes, Presence::kRequired);
    if (!ids.insert(choices[i].id).second) {
      violations.Add(at + ".choice_id", reason::kDuplicate, "is the id of an earlier choice.");
    }
  }
}

void CheckQuestion(Violations& violations, const std::string& field, const Question& question) {
  const auto optional_text = [&](const std::string& name, const std::string& text) {
    CheckText(violations, field + name, text, kMaxQuestionTextBytes, Presence::kOptional);
  };
  CheckSlug(violations, field + ".question_id", question.id);
  optional_text(".text", question.text);
  CheckChoices(violations, field + ".choices", question.choices);
  CheckApplicable(violations, field + ".choices", !question.choices.empty(),
                  question.type == QuestionType::kSingleChoice, "SINGLE_CHOICE");
  optional_text(".follow_up.promoter", question.follow_up.promoter);
  optional_text(".follow_up.passive", question.follow_up.passive);
  optional_text(".follow_up.detractor", question.follow_up.detractor);
  CheckApplicable(violations, field + ".follow_up", question.follow_up != FollowUp(),
                  question.type == QuestionType::kNps, "NPS");
  std::string texts;
  for (size_t item = 0; item < kCliItems; ++item) {
    optional_text(absl::StrCat(".cli_texts.", kCliItemNames[item]), question.cli_texts[item]);
    texts += question.cli_texts[item];
  }
  CheckApplicable(violations, field + ".cli_texts", !texts.empty(), question.type == QuestionType::kCli,
                  "CLI");
}

void CheckTrigger(Violations& violations, const Trigger& trigger) {
  if (trigger.kind == TriggerKind::kManual) return;
  CheckWithin(violations, "survey.trigger.after_purchase.nth", trigger.nth, 1, kMaxNth);
  CheckWithin(violations, "survey.trigger.after_purchase.min_amount_minor", trigger.min_amount_minor, 0,
              INT64_MAX);
}

absl::Status CheckState(const Survey& survey, SurveyState wanted) {
  if (survey.state == wanted) return absl::OkStatus();
  return Refuse(
      absl::StatusCode::kFailedPrecondition, reason::kSurveyStateForbids,
      absl::StrCat("The survey ", survey.id, " is ", NameOf(survey.state), ", not ", NameOf(wanted), "."),
      {{"survey_id", survey.id}, {"state", NameOf(survey.state)}});
}

}  // namespace

NpsGroup GroupOf(int64_t nps_score) {
  if (nps_score >= 9) return NpsGroup::kPromoter;
  return nps_score >= 7 ? NpsGroup::kPassive : NpsGroup::kDetractor;
}

const std::string& FollowUp::For(NpsGroup group) const {
  switch (group) {
    case NpsGroup::kPromoter:
      return promoter;
    case NpsGroup::kPassive:
      return passive;
    case NpsGroup::kDetractor:
      break;
  }
  return detractor;
}

const char* NameOf(SurveyState state) {
  switch (state) {
    case SurveyState::kDraft:
      return "DRAFT";
    case SurveyState::kPublished:
      return "PUBLISHED";
    case SurveyState::kClosed:
      break;
  }
  return "CLOSED";
}

const Question* Survey::FindQuestion(absl::string_view question_id) const {
  for (const Question& question : questions) {
    if (question.id == question_id) return &question;
  }
  return nullptr;
}

void FillDefaults(Survey& survey) {
  for (Question& question : survey.questions) {
    if (question.type != QuestionType::kCli) continue;
    for (size_t item = 0; item < kCliItems; ++item) {
      if (question.cli_texts[item].empty()) question.cli_texts[item] = kCliStandardTexts[item];
    }
  }
}

void ValidateSurvey(const Survey& survey, Violations& violations) {
  CheckSlug(violations, "survey.survey_id", survey.id);
  CheckText(violations, "survey.display_name", survey.display_name, kMaxDisplayNameBytes,
            Presence::kRequired);
  if (CheckCount(violations, "survey.questions", survey.questions.size(), kMaxQuestions)) {
    absl::flat_hash_set<std::string> ids;
    for (size_t i = 0; i < survey.questions.size(); ++i) {
      const std::string field = absl::StrCat("survey.questions[", i, "]");
      CheckQuestion(violations, field, survey.questions[i]);
      if (!ids.insert(survey.questions[i].id).second) {
        violations.Add(field + ".question_id", reason::kDuplicate, "is the id of an earlier question.");
      }
    }
  }
  CheckWithin(violations, "survey.completion_points", survey.completion_points, 0, kMaxPoints);
  CheckTrigger(violations, survey.trigger);
  CheckDuration(violations, "survey.invitation_validity", survey.invitation_validity, kMinValidity,
                kMaxValidity);
  CheckWithin(violations, "survey.case_policy.csat_at_most", survey.cases.csat_at_most, 0,
              kCsatRange.most - 1);
  CheckDuration(violations, "survey.case_policy.first_reply_within", survey.cases.first_reply_within,
                kMinFirstReply, kMaxFirstReply);
  CheckWithin(violations, "survey.case_policy.make_good_limit_points", survey.cases.make_good_limit_points, 0,
              kMaxPoints);
  CheckWithin(violations, "survey.min_group_size", survey.min_group_size, 1, kMaxGroupSize);
}

absl::Status CheckComplete(const Survey& survey) {
  Violations violations;
  if (survey.questions.empty()) {
    violations.Add("survey.questions", reason::kFieldRequired, "needs at least one question.");
  }
  for (size_t i = 0; i < survey.questions.size(); ++i) {
    const Question& question = survey.questions[i];
    const std::string field = absl::StrCat("survey.questions[", i, "]");
    if (question.text.empty()) violations.Add(field + ".text", reason::kFieldRequired, "is required.");
    if (question.type == QuestionType::kSingleChoice && question.choices.size() < 2) {
      violations.Add(field + ".choices", reason::kFieldRequired, "needs at least two choices.");
    }
  }
  if (violations.empty()) return absl::OkStatus();
  const absl::Status status = violations.ToStatus();
  Refusal refusal = *RefusalOf(status);
  refusal.reason = reason::kSurveyIncomplete;
  refusal.metadata = {{"survey_id", survey.id}};
  return WithRefusal(absl::StatusCode::kFailedPrecondition,
                     absl::StrCat("The survey cannot be published yet. ", status.message()), refusal);
}

absl::Status Publish(Survey& survey, absl::Time now) {
  LOYALTY_RETURN_IF_ERROR(CheckState(survey, SurveyState::kDraft));
  LOYALTY_RETURN_IF_ERROR(CheckComplete(survey));
  survey.state = SurveyState::kPublished;
  survey.publish_time = now;
  return absl::OkStatus();
}

absl::Status Close(Survey& survey, absl::Time now) {
  LOYALTY_RETURN_IF_ERROR(CheckPublished(survey));
  survey.state = SurveyState::kClosed;
  survey.close_time = now;
  return absl::OkStatus();
}

absl::Status ReplaceDraft(Survey& survey, const Survey& definition) {
  LOYALTY_RETURN_IF_ERROR(CheckState(survey, SurveyState::kDraft));
  Survey replaced = definition;
  replaced.key = survey.key;
  replaced.id = survey.id;
  replaced.state = survey.state;
  replaced.create_time = survey.create_time;
  replaced.publish_time = survey.publish_time;
  replaced.close_time = survey.close_time;
  survey = std::move(replaced);
  return absl::OkStatus();
}

absl::Status CheckPublished(const Survey& survey) { return CheckState(survey, SurveyState::kPublished); }

bool Counts(const Survey& survey, int64_t amount_minor, absl::Time purchase_time) {
  return survey.state == SurveyState::kPublished && survey.trigger.kind == TriggerKind::kAfterPurchase &&
         amount_minor >= survey.trigger.min_amount_minor && purchase_time >= survey.publish_time;
}

}  // namespace loyalty::surveys
