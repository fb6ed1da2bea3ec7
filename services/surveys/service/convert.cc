#include "services/surveys/service/convert.h"

#include <absl/strings/str_cat.h>

#include "services/surveys/domain/reason.h"

namespace loyalty::surveys {

namespace {

// Whether it happened; the infinite future stands for: it has not.
bool Happened(absl::Time time) { return time != absl::InfiniteFuture(); }

Question ToQuestion(const v1::Question& in, const std::string& field, Violations& violations) {
  Question question;
  question.id = in.question_id();
  question.type = static_cast<QuestionType>(in.type());
  if (in.type() == v1::QUESTION_TYPE_UNSPECIFIED) {
    violations.Add(field + ".type", reason::kFieldRequired, "is required.");
  } else if (!v1::QuestionType_IsValid(in.type())) {
    violations.Add(field + ".type", reason::kMalformed, "is not a type of question.");
  }
  question.text = in.text();
  question.required = in.required();
  for (const v1::Choice& choice : in.choices())
    question.choices.push_back({choice.choice_id(), choice.text()});
  question.follow_up = {in.follow_up().promoter(), in.follow_up().passive(), in.follow_up().detractor()};
  question.cli_texts = {in.cli_texts().recommend(), in.cli_texts().buy_again(),
                        in.cli_texts().try_other_products()};
  return question;
}

void Fill(v1::Question& out, const Question& question) {
  out.set_question_id(question.id);
  out.set_type(static_cast<v1::QuestionType>(question.type));
  out.set_text(question.text);
  out.set_required(question.required);
  for (const Choice& choice : question.choices) {
    v1::Choice& out_choice = *out.add_choices();
    out_choice.set_choice_id(choice.id);
    out_choice.set_text(choice.text);
  }
  if (question.type == QuestionType::kNps) {
    v1::FollowUp& follow_up = *out.mutable_follow_up();
    follow_up.set_promoter(question.follow_up.promoter);
    follow_up.set_passive(question.follow_up.passive);
    follow_up.set_detractor(question.follow_up.detractor);
  }
  if (question.type == QuestionType::kCli) {
    v1::CliTexts& texts = *out.mutable_cli_texts();
    texts.set_recommend(question.cli_texts[0]);
    texts.set_buy_again(question.cli_texts[1]);
    texts.set_try_other_products(question.cli_texts[2]);
  }
}

}  // namespace

Survey ToSurvey(const v1::Survey& in, Violations& violations) {
  Survey survey;
  survey.id = in.survey_id();
  survey.display_name = in.display_name();
  for (int i = 0; i < in.questions_size(); ++i) {
    survey.questions.push_back(
        ToQuestion(in.questions(i), absl::StrCat("survey.questions[", i, "]"), violations));
  }
  survey.completion_points = in.completion_points();
  if (in.trigger().has_after_purchase()) {
    const v1::AfterPurchaseTrigger& trigger = in.trigger().after_purchase();
    survey.trigger = {TriggerKind::kAfterPurchase, trigger.nth(), trigger.min_amount_minor()};
  }
  if (in.has_invitation_validity()) survey.invitation_validity = ToDuration(in.invitation_validity());
  const v1::CasePolicy& policy = in.case_policy();
  if (policy.has_for_detractors()) survey.cases.for_detractors = policy.for_detractors();
  if (policy.has_csat_at_most()) survey.cases.csat_at_most = policy.csat_at_most();
  if (policy.has_first_reply_within())
    survey.cases.first_reply_within = ToDuration(policy.first_reply_within());
  survey.cases.make_good_limit_points = policy.make_good_limit_points();
  if (in.has_min_group_size()) survey.min_group_size = in.min_group_size();
  return survey;
}

v1::Survey ToProto(const Survey& survey) {
  v1::Survey out;
  out.set_survey_id(survey.id);
  out.set_display_name(survey.display_name);
  for (const Question& question : survey.questions) Fill(*out.add_questions(), question);
  out.set_completion_points(survey.completion_points);
  if (survey.trigger.kind == TriggerKind::kAfterPurchase) {
    v1::AfterPurchaseTrigger& trigger = *out.mutable_trigger()->mutable_after_purchase();
    trigger.set_nth(survey.trigger.nth);
    trigger.set_min_amount_minor(survey.trigger.min_amount_minor);
  }
  *out.mutable_invitation_validity() = ToProto(survey.invitation_validity);
  v1::CasePolicy& policy = *out.mutable_case_policy();
  policy.set_for_detractors(survey.cases.for_detractors);
  policy.set_csat_at_most(survey.cases.csat_at_most);
  *policy.mutable_first_reply_within() = ToProto(survey.cases.first_reply_within);
  policy.set_make_good_limit_points(survey.cases.make_good_limit_points);
  out.set_min_group_size(survey.min_group_size);
  out.set_state(static_cast<v1::SurveyState>(survey.state));
  *out.mutable_create_time() = ToProto(survey.create_time);
  if (Happened(survey.publish_time)) *out.mutable_publish_time() = ToProto(survey.publish_time);
  if (Happened(survey.close_time)) *out.mutable_close_time() = ToProto(survey.close_time);
  return out;
}

v1::Invitation ToProto(const Invitation& invitation, absl::Time now) {
  v1::Invitation out;
  out.set_invitation_id(invitation.id);
  out.set_survey_id(invitation.survey_id);
  out.set_member_id(invitation.member_id);
  out.set_token(invitation.token);
  out.set_channel(invitation.channel);
  out.set_segment(invitation.segment);
  *out.mutable_create_time() = ToProto(invitation.create_time);
  *out.mutable_expire_time() = ToProto(invitation.expire_time);
  out.set_state(static_cast<v1::InvitationState>(StateAt(invitation, now)));
  if (Happened(invitation.answer_time)) *out.mutable_answer_time() = ToProto(invitation.answer_time);
  out.set_order_id(invitation.order_id);
  return out;
}

namespace {

struct PutValue {
  v1::Answer& out;
  void operator()(std::monostate) const {}
  void operator()(const Score& score) const { out.set_score(score.value); }
  void operator()(const CliScores& scores) const {
    out.mutable_cli()->set_recommend(scores.values[0]);
    out.mutable_cli()->set_buy_again(scores.values[1]);
    out.mutable_cli()->set_try_other_products(scores.values[2]);
  }
  void operator()(const ChoiceId& choice) const { out.set_choice_id(choice.id); }
  void operator()(const FreeText& text) const { out.set_text(text.text); }
};

}  // namespace

std::vector<Answer> ToAnswers(const google::protobuf::RepeatedPtrField<v1::Answer>& in) {
  std::vector<Answer> answers;
  answers.reserve(static_cast<size_t>(in.size()));
  for (const v1::Answer& given : in) {
    Answer& answer = answers.emplace_back();
    answer.question_id = given.question_id();
    answer.comment = given.comment();
    switch (given.value_case()) {
      case v1::Answer::kScore:
        answer.value = Score{given.score()};
        break;
      case v1::Answer::kCli:
        answer.value =
            CliScores{{given.cli().recommend(), given.cli().buy_again(), given.cli().try_other_products()}};
        break;
      case v1::Answer::kChoiceId:
        answer.value = ChoiceId{given.choice_id()};
        break;
      case v1::Answer::kText:
        answer.value = FreeText{given.text()};
        break;
      case v1::Answer::VALUE_NOT_SET:
        break;
    }
  }
  return answers;
}

v1::Response ToProto(const Response& response) {
  v1::Response out;
  out.set_response_id(response.id);
  out.set_survey_id(response.survey_id);
  out.set_invitation_id(response.invitation_id);
  out.set_member_id(response.member_id);
  out.set_channel(response.channel);
  out.set_segment(response.segment);
  *out.mutable_submit_time() = ToProto(response.submit_time);
  for (const Answer& answer : response.answers) {
    v1::Answer& out_answer = *out.add_answers();
    out_answer.set_question_id(answer.question_id);
    std::visit(PutValue{out_answer}, answer.value);
    out_answer.set_comment(answer.comment);
  }
  out.set_points(response.points);
  return out;
}

v1::Response WithoutTexts(const Response& response) {
  v1::Response out = ToProto(response);
  for (v1::Answer& answer : *out.mutable_answers()) {
    if (answer.has_text()) answer.clear_text();
    answer.clear_comment();
  }
  return out;
}

v1::Case ToProto(const Case& c, absl::Time now) {
  v1::Case out;
  out.set_case_id(c.id);
  out.set_survey_id(c.survey_id);
  out.set_response_id(c.response_id);
  out.set_member_id(c.member_id);
  out.set_state(static_cast<v1::CaseState>(c.state));
  out.set_severity(static_cast<v1::CaseSeverity>(c.severity));
  out.set_owner(c.owner);
  *out.mutable_open_time() = ToProto(c.open_time);
  *out.mutable_state_time() = ToProto(c.state_time);
  *out.mutable_first_reply_due_time() = ToProto(c.first_reply_due_time);
  if (Happened(c.first_reply_time)) *out.mutable_first_reply_time() = ToProto(c.first_reply_time);
  out.set_overdue(IsOverdue(c, now));
  if (Happened(c.escalate_time)) *out.mutable_escalate_time() = ToProto(c.escalate_time);
  if (Happened(c.resolve_time)) *out.mutable_resolve_time() = ToProto(c.resolve_time);
  if (Happened(c.close_time)) *out.mutable_close_time() = ToProto(c.close_time);
  out.set_resolution(c.resolution);
  out.set_make_good_points(c.make_good_points);
  out.set_note_count(c.note_count);
  return out;
}

v1::CaseNote ToProto(const CaseNote& note) {
  v1::CaseNote out;
  out.set_number(note.number);
  out.set_kind(static_cast<v1::NoteKind>(note.kind));
  out.set_text(note.text);
  out.set_actor(note.actor);
  *out.mutable_create_time() = ToProto(note.create_time);
  return out;
}

namespace {

v1::ScoreInterval ToProto(const Interval& interval) {
  v1::ScoreInterval out;
  out.set_score(interval.score);
  out.set_margin(interval.margin);
  out.set_low(interval.low);
  out.set_high(interval.high);
  return out;
}

struct PutScore {
  const Question& question;
  v1::QuestionScore& out;

  void operator()(const NpsScore& score) const {
    v1::NpsScore& nps = *out.mutable_nps();
    nps.set_promoter_count(score.promoters);
    nps.set_passive_count(score.passives);
    nps.set_detractor_count(score.detractors);
    nps.set_nps(score.nps);
    *nps.mutable_wald() = ToProto(score.wald);
    *nps.mutable_adjusted_wald() = ToProto(score.adjusted);
    nps.mutable_counts()->Add(score.counts.begin(), score.counts.end());
  }
  void operator()(const CsatScore& score) const {
    out.mutable_csat()->set_top_two_share(score.top_two_share);
    out.mutable_csat()->mutable_counts()->Add(score.counts.begin(), score.counts.end());
  }
  void operator()(const CliScore& score) const {
    v1::CliScore& cli = *out.mutable_cli();
    cli.set_mean(score.mean);
    v1::CliScore::Item* const items[] = {cli.mutable_recommend(), cli.mutable_buy_again(),
                                         cli.mutable_try_other_products()};
    for (size_t i = 0; i < kCliItems; ++i) {
      items[i]->set_mean(score.item_means[i]);
      items[i]->mutable_counts()->Add(score.counts[i].begin(), score.counts[i].end());
    }
  }
  void operator()(const ChoiceScore& score) const {
    for (size_t i = 0; i < score.counts.size(); ++i) {
      v1::ChoiceScore::Count& count = *out.mutable_choice()->add_counts();
      count.set_choice_id(question.choices[i].id);
      count.set_count(score.counts[i]);
    }
  }
  void operator()(const TextScore&) const {}
};

}  // namespace

void Fill(v1::GetScoresResponse& out, const Survey& survey, const Scores& scores, Period period) {
  for (const ScoreGroup& group : scores.groups) {
    v1::ScoreGroup& out_group = *out.add_groups();
    if (period != Period::kAll) {
      out_group.set_period_start_date(absl::FormatCivilTime(group.key.period_start));
    }
    out_group.set_channel(group.key.channel);
    out_group.set_segment(group.key.segment);
    out_group.set_response_count(group.response_count);
    out_group.set_invitation_count(group.invitation_count);
    out_group.set_answered_invitation_count(group.answered_count);
    out_group.set_response_rate(group.response_rate);
    for (const QuestionScore& score : group.questions) {
      v1::QuestionScore& out_score = *out_group.add_questions();
      out_score.set_question_id(score.question_id);
      out_score.set_answered_count(score.answered);
      std::visit(PutScore{*survey.FindQuestion(score.question_id), out_score}, score.score);
    }
  }
  out.set_hidden_group_count(scores.hidden_group_count);
  out.set_incentivized(survey.completion_points > 0);
}

}  // namespace loyalty::surveys
