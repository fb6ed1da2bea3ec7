#include "absl/strings/str_cat.h"
#include "cli/commands/statement.h"
#include "cli/commands/story_chapters.h"
#include "cli/commands/story_scenes.h"
#include "cli/text/time_text.h"
#include "loyalty/membership/v1/plan_service.grpc.pb.h"
#include "loyalty/points/v1/earn_rule_service.grpc.pb.h"
#include "loyalty/points/v1/program_service.grpc.pb.h"
#include "loyalty/referral/v1/campaign_service.grpc.pb.h"
#include "loyalty/surveys/v1/survey_service.grpc.pb.h"

namespace loyalty::cli::story {
namespace {

using membership::v1::PlanService;
using points::v1::EarnRuleService;
using referral::v1::CampaignService;
using surveys::v1::SurveyService;

void CreateRule(Teller& teller) {
  auto request = teller.Make<points::v1::CreateEarnRuleRequest>();
  auto& rule = *request.mutable_rule();
  rule.set_program_id(teller.program().program_id());
  rule.set_rule_id(kRuleId);
  rule.set_display_name("Plus members earn double");
  rule.mutable_conditions()->set_member_label(absl::StrCat("plan:", kPlanId));
  rule.mutable_effect()->mutable_multiplier()->set_numerator(2);
  rule.mutable_effect()->mutable_multiplier()->set_denominator(1);
  teller.Call<EarnRuleService>(&EarnRuleService::Stub::CreateEarnRule, request);
  teller.Say(absl::StrCat("The rule ", kRuleId, ": who carries the label plan:", kPlanId, " earns double."));
}

void CreateCampaign(Teller& teller) {
  auto request = teller.Make<referral::v1::CreateCampaignRequest>();
  request.mutable_campaign()->set_campaign_id(kCampaignId);
  auto& terms = *request.mutable_campaign()->mutable_terms();
  terms.set_display_name("Bring a friend");
  terms.set_trigger(referral::v1::TRIGGER_FIRST_PURCHASE);
  terms.set_minimum_amount_minor(2000);
  terms.set_attribution_days(30);
  terms.set_hold_days(14);
  terms.mutable_friend_reward()->set_points(kFriendPoints);
  auto& bracket = *terms.add_brackets();
  bracket.set_from_referral(1);
  bracket.mutable_reward()->set_points(kReferrerPoints);
  teller.Call<CampaignService>(&CampaignService::Stub::CreateCampaign, request);
  teller.Say(absl::StrCat("The campaign ", kCampaignId, ": a friend's first purchase of ",
                          Money(terms.minimum_amount_minor(), teller.program()),
                          " or more brings the friend ", teller.Points(kFriendPoints), " and the referrer ",
                          Thousands(kReferrerPoints), ", after 14 days in which it may be returned."));

  auto activate = teller.Make<referral::v1::ActivateCampaignRequest>();
  activate.set_campaign_id(kCampaignId);
  const auto reply = teller.Call<CampaignService>(&CampaignService::Stub::ActivateCampaign, activate);
  teller.Expect("the campaign is active", reply.campaign().state() == referral::v1::CAMPAIGN_STATE_ACTIVE);
  teller.Say("The campaign begins.");
}

void CreatePlan(Teller& teller) {
  auto request = teller.Make<membership::v1::CreatePlanRequest>();
  auto& plan = *request.mutable_plan();
  plan.set_program_id(teller.program().program_id());
  plan.set_plan_id(kPlanId);
  plan.set_display_name("Plus");
  plan.mutable_billing()->set_kind(membership::v1::BILLING_KIND_YEARLY);
  plan.mutable_billing()->set_count(1);
  auto& price = *plan.add_prices();
  price.set_currency_code(teller.program().currency_code());
  price.set_amount_minor(kPlanPriceCents);
  auto& lounge = *plan.add_benefits();
  lounge.set_benefit_id(kLoungeId);
  lounge.set_kind(membership::v1::BENEFIT_KIND_QUOTA);
  lounge.set_quota(kLoungeVisits);
  auto& shipping = *plan.add_benefits();
  shipping.set_benefit_id("free-shipping");
  shipping.set_kind(membership::v1::BENEFIT_KIND_FLAG);
  auto& twice = *plan.add_benefits();
  twice.set_benefit_id("double-points");
  twice.set_kind(membership::v1::BENEFIT_KIND_POINTS_MULTIPLIER);
  twice.mutable_multiplier()->set_numerator(2);
  twice.mutable_multiplier()->set_denominator(1);
  auto& welcome = *plan.add_benefits();
  welcome.set_benefit_id("welcome");
  welcome.set_kind(membership::v1::BENEFIT_KIND_SIGN_UP_POINTS);
  welcome.set_points(kSignUpPoints);
  for (const int day : {1, 3, 5}) plan.mutable_dunning()->add_retry_days(day);
  teller.Call<PlanService>(&PlanService::Stub::CreatePlan, request);
  teller.Say(absl::StrCat("The plan ", kPlanId, " for ", Money(kPlanPriceCents, teller.program()),
                          " a year: ", teller.Points(kSignUpPoints), " to begin with, double points, ",
                          kLoungeVisits, " lounge visits, free shipping."));
}

void CreateSurvey(Teller& teller) {
  auto request = teller.Make<surveys::v1::CreateSurveyRequest>();
  auto& survey = *request.mutable_survey();
  survey.set_survey_id(kSurveyId);
  survey.set_display_name("How was it?");
  auto& question = *survey.add_questions();
  question.set_question_id("recommend");
  question.set_type(surveys::v1::QUESTION_TYPE_NPS);
  question.set_text("How likely are you to recommend us to a friend?");
  question.set_required(true);
  question.mutable_follow_up()->set_detractor("What went wrong?");
  survey.set_completion_points(kCompletionPoints);
  survey.mutable_trigger()->mutable_after_purchase()->set_nth(3);
  survey.mutable_trigger()->mutable_after_purchase()->set_min_amount_minor(500);
  survey.mutable_case_policy()->set_make_good_limit_points(kMakeGoodLimit);
  teller.Call<SurveyService>(&SurveyService::Stub::CreateSurvey, request);
  teller.Say(absl::StrCat("The survey ", kSurveyId, " asks after the third purchase, and thanks with ",
                          teller.Points(kCompletionPoints),
                          ". Who gives 0 to 6 is answered within an hour."));

  auto publish = teller.Make<surveys::v1::PublishSurveyRequest>();
  publish.set_survey_id(kSurveyId);
  const auto reply = teller.Call<SurveyService>(&SurveyService::Stub::PublishSurvey, publish);
  teller.Expect("the survey is published", reply.survey().state() == surveys::v1::SURVEY_STATE_PUBLISHED);
  teller.Say("The survey is published.");
}

}  // namespace

points::v1::CreateProgramRequest NewProgram(const std::string& program_id) {
  points::v1::CreateProgramRequest request;
  auto& program = *request.mutable_program();
  program.set_program_id(program_id);
  program.set_display_name("Trattoria and shop");
  program.set_currency_code("EUR");
  program.set_time_zone("Europe/Rome");
  program.mutable_base_earn_rate()->set_points(1);
  program.mutable_base_earn_rate()->set_per_major_units(1);
  program.set_rounding_mode(points::v1::ROUNDING_MODE_FLOOR);
  program.set_enrollment_mode(points::v1::ENROLLMENT_MODE_EXPLICIT);
  request.set_test_clock(true);
  absl::TimeZone zone = absl::UTCTimeZone();
  absl::LoadTimeZone(program.time_zone(), &zone);
  SetTimestamp(absl::FromCivil(absl::CivilMinute(2025, 1, 7, 9, 0), zone),
               *request.mutable_test_clock_start_time());
  request.set_actor("shop");
  return request;
}

void OpenTheShop(Teller& teller) {
  CreateRule(teller);
  CreateCampaign(teller);
  CreatePlan(teller);
  CreateSurvey(teller);
}

}  // namespace loyalty::cli::story
