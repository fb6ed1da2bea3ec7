// What is wrong with a request is told completely and precisely, and nothing of it is written.
#include "services/referral/service/test_client.h"

namespace loyalty::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class BadInput : public ServerTest {
 protected:
  // One violation, and the error names the same reason.
  template <class Method>
  void Expect(Method method, const std::string& json, const std::string& field, const std::string& reason) {
    const std::string before = Written();
    const auto reply = Call(method, json);
    EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, reason)) << json;
    EXPECT_THAT(reply.error.violations, ElementsAre(field + " " + reason)) << json;
    EXPECT_EQ(Written(), before) << json;
  }
};

std::string Bytes(int count) { return "'" + std::string(static_cast<size_t>(count), 'x') + "'"; }

const std::string kId = "campaign_id: 'spring'", kRequest = ", request_id: 'r1'",
                  kAnna = ", member_id: 'anna'", kBert = ", friend_id: 'bert'";

TEST_F(BadInput, OfCreateCampaign) {
  const auto expect = [&](const std::string& terms, const std::string& field, const char* reason) {
    Expect(&Campaigns::CreateCampaign, absl::StrCat("campaign: {", kId, ", terms: {", terms, "}}", kRequest),
           "campaign.terms." + field, reason);
  };
  const std::string named = "display_name: 'x', ", base = named + "trigger: 'TRIGGER_FIRST_PURCHASE', ";
  expect("trigger: 'TRIGGER_SIGN_UP'", "display_name", "FIELD_REQUIRED");
  expect("trigger: 'TRIGGER_SIGN_UP', display_name: " + Bytes(201), "display_name", "TOO_LONG");
  expect("display_name: 'x'", "trigger", "FIELD_REQUIRED");
  expect(named + "trigger: 9", "trigger", "MALFORMED");
  expect(named + "trigger: 'TRIGGER_SIGN_UP', minimum_amount_minor: 1", "minimum_amount_minor",
         "NOT_APPLICABLE");
  expect(base + "minimum_amount_minor: -1", "minimum_amount_minor", "NEGATIVE");
  expect(base + "minimum_amount_minor: '1000000000000001'", "minimum_amount_minor", "TOO_LARGE");
  expect(base + "attribution_days: -1", "attribution_days", "NOT_POSITIVE");
  expect(base + "attribution_days: 3651", "attribution_days", "TOO_LARGE");
  expect(base + "hold_days: -1", "hold_days", "NEGATIVE");
  expect(base + "hold_days: 366", "hold_days", "TOO_LARGE");
  expect(base + "code_length: 5", "code_length", "TOO_SMALL");
  expect(base + "code_length: 13", "code_length", "TOO_LARGE");
  expect(base + "start_time: '2026-06-01T00:00:00Z', end_time: '2026-06-01T00:00:00Z'", "end_time",
         "TIME_OUT_OF_RANGE");
  expect(base + "caps: {referrals_per_month: -1}", "caps.referrals_per_month", "NEGATIVE");
  expect(base + "friend_reward: {points: -1}", "friend_reward.points", "NEGATIVE");
  expect(base + "friend_reward: {points: 1000000001}", "friend_reward.points", "TOO_LARGE");
  expect(base + "brackets: [{from_referral: 2}]", "brackets[0].from_referral", "TOO_LARGE");
  expect(base + "brackets: [{from_referral: 1}, {from_referral: 1}]", "brackets[1].from_referral",
         "NOT_ASCENDING");
  expect(base + "milestones: [{referrals: 5}]", "milestones[0].reward.points", "NOT_POSITIVE");
  std::string many = "{referrals: 1, reward: {points: 1}}";
  for (int i = 2; i <= 21; ++i) absl::StrAppend(&many, ", {referrals: ", i, ", reward: {points: 1}}");
  expect(base + "milestones: [" + many + "]", "milestones", "TOO_MANY");

  const std::string terms = ", terms: {" + std::string(kSignUpTerms) + "}}";
  const auto id = [&](const std::string& value) {
    return "campaign: {campaign_id: " + value + terms + kRequest;
  };
  Expect(&Campaigns::CreateCampaign, id("''"), "campaign.campaign_id", "FIELD_REQUIRED");
  Expect(&Campaigns::CreateCampaign, id("'Spring'"), "campaign.campaign_id", "MALFORMED");
  Expect(&Campaigns::CreateCampaign, id("'-a'"), "campaign.campaign_id", "MALFORMED");
  Expect(&Campaigns::CreateCampaign, id(Bytes(65)), "campaign.campaign_id", "TOO_LONG");
}

TEST_F(BadInput, TimestampsThatAreNone) {
  auto request =
      Parse<v1::CreateCampaignRequest>("campaign: {" + kId + ", terms: {" + kSignUpTerms + "}}" + kRequest);
  request.mutable_campaign()->mutable_terms()->mutable_end_time()->set_nanos(-1);
  const auto end = client_.Send(&Campaigns::CreateCampaign, request);
  EXPECT_THAT(end.error.violations, ElementsAre("campaign.terms.end_time TIME_OUT_OF_RANGE"));
  request.mutable_campaign()->mutable_terms()->clear_end_time();
  request.mutable_campaign()->mutable_terms()->mutable_start_time()->set_seconds(INT64_MAX);
  const auto start = client_.Send(&Campaigns::CreateCampaign, request);
  EXPECT_THAT(start.error.violations, ElementsAre("campaign.terms.start_time TIME_OUT_OF_RANGE"));
}

TEST_F(BadInput, EverythingThatIsWrongIsToldAtOnce) {
  const std::string before = Written();
  const auto campaign =
      Call(&Campaigns::CreateCampaign,
           "program_id: '', actor: 'a\\tb', campaign: {terms: {hold_days: -1, brackets: [{from_referral: 0, "
           "reward: {points: -1}}]}}");
  EXPECT_THAT(campaign.error.violations,
              UnorderedElementsAre(
                  "program_id FIELD_REQUIRED", "request_id FIELD_REQUIRED", "actor MALFORMED",
                  "campaign.campaign_id FIELD_REQUIRED", "campaign.terms.display_name FIELD_REQUIRED",
                  "campaign.terms.trigger FIELD_REQUIRED", "campaign.terms.hold_days NEGATIVE",
                  "campaign.terms.brackets[0].from_referral NOT_POSITIVE",
                  "campaign.terms.brackets[0].reward.points NEGATIVE"));
  const auto event =
      Call(&Referrals::RecordQualifyingEvent, "program_id: '', amount_minor: -1, actor: 'a\\nb'");
  EXPECT_THAT(event.error.violations,
              UnorderedElementsAre("program_id FIELD_REQUIRED", "request_id FIELD_REQUIRED",
                                   "actor MALFORMED", "friend_id FIELD_REQUIRED", "order_id FIELD_REQUIRED",
                                   "amount_minor NEGATIVE", "purchase_time FIELD_REQUIRED"));
  const auto claim =
      Call(&Referrals::ClaimReferral, "request_id: " + Bytes(65) + ", friend_id: " + Bytes(101));
  EXPECT_THAT(claim.error.violations,
              UnorderedElementsAre("request_id TOO_LONG", "friend_id TOO_LONG", "code FIELD_REQUIRED"));
  EXPECT_THAT(claim.error.metadata, UnorderedElementsAre(Pair("length", "65"), Pair("limit", "64")));
  EXPECT_EQ(Written(), before);
}

TEST_F(BadInput, OfCampaignsAndReading) {
  AddCampaign();
  Expect(&Campaigns::UpdateCampaign, kId + kRequest + ", terms: {display_name: 'x'}", "terms.trigger",
         "FIELD_REQUIRED");
  Expect(&Campaigns::ActivateCampaign, kId, "request_id", "FIELD_REQUIRED");
  Expect(&Campaigns::ActivateCampaign, "request_id: 'r1'", "campaign_id", "FIELD_REQUIRED");
  Expect(&Campaigns::EndCampaign, kId + kRequest + ", actor: " + Bytes(101), "actor", "TOO_LONG");
  Expect(&Campaigns::GetCampaign, "", "campaign_id", "FIELD_REQUIRED");
  Expect(&Campaigns::ListCampaigns, "page_size: -1", "page_size", "NEGATIVE");
  Expect(&Campaigns::ListCampaigns, "page_token: 'nonsense'", "page_token", "PAGE_TOKEN_INVALID");
  Expect(&Referrals::GetReferral, "", "referral_id", "FIELD_REQUIRED");
  Expect(&Referrals::GetReferral, "referral_id: 'x'", "referral_id", "MALFORMED");
  Expect(&Referrals::GetReferral, "friend_id: ''", "friend_id", "FIELD_REQUIRED");
  Expect(&Referrals::ListReferrals, "states: ['REFERRAL_STATE_CLAIMED', 77]", "states", "MALFORMED");
  Expect(&Referrals::ListReferrals, "campaign_id: 'No'", "campaign_id", "MALFORMED");
  Expect(&Referrals::ListReferrals, "page_size: -1", "page_size", "NEGATIVE");
  Expect(&Referrals::GetReferrerStats, kId, "member_id", "FIELD_REQUIRED");
  Expect(&Referrals::GetLeaderboard, "", "campaign_id", "FIELD_REQUIRED");
  Expect(&Referrals::GetLeaderboard,
         kId + ", start_time: '2026-06-01T00:00:00Z', end_time: '2026-06-01T00:00:00Z'", "end_time",
         "TIME_OUT_OF_RANGE");
  auto board = Parse<v1::GetLeaderboardRequest>(kId);
  board.mutable_end_time()->set_nanos(-1);
  EXPECT_THAT(client_.Send(&Referrals::GetLeaderboard, board).error.violations,
              ElementsAre("end_time TIME_OUT_OF_RANGE"));
}

TEST_F(BadInput, OfCodesClaimsAndEvents) {
  AddCampaign();
  AddCode("anna");
  Claim("bert");
  Expect(&Referrals::GetOrCreateCode, kId, "member_id", "FIELD_REQUIRED");
  Expect(&Referrals::GetOrCreateCode, kId + kAnna + ", request_id: " + Bytes(65), "request_id", "TOO_LONG");
  Expect(&Referrals::CreateVanityCode, kId + kAnna + kRequest + ", code: 'ab'", "code", "TOO_SMALL");
  Expect(&Referrals::CreateVanityCode, kId + kAnna + kRequest + ", code: 'grüezi'", "code", "MALFORMED");
  Expect(&Referrals::CreateVanityCode, kId + kAnna + ", code: 'anna'", "request_id", "FIELD_REQUIRED");
  Expect(&Referrals::LookUpCode, "code: '  '", "code", "FIELD_REQUIRED");
  Expect(&Referrals::LookUpCode, "code: " + Bytes(101), "code", "TOO_LONG");
  Expect(&Referrals::ClaimReferral, "code: 'x'" + kRequest, "friend_id", "FIELD_REQUIRED");
  Expect(&Referrals::ClaimReferral, "code: 'x', request_id: 'r', friend_id: 'a\\u0000b'", "friend_id",
         "MALFORMED");
  const std::string bert = "request_id: 'r1'" + kBert;
  Expect(&Referrals::RecordSignUp, bert + ", sign_up_time: '2026-05-01T12:05:00.000001Z'", "sign_up_time",
         "TIME_IN_FUTURE");
  Expect(&Referrals::RecordSignUp, bert + ", sign_up_time: '1899-12-31T23:59:59Z'", "sign_up_time",
         "TIME_OUT_OF_RANGE");
  const std::string order = bert + ", order_id: 'o1', ";
  Expect(&Referrals::RecordQualifyingEvent, order + "purchase_time: '2026-05-01T12:06:00Z'", "purchase_time",
         "TIME_IN_FUTURE");
  Expect(&Referrals::RecordQualifyingEvent, order + "amount_minor: 5", "purchase_time", "FIELD_REQUIRED");
  EXPECT_THAT(Call(&Referrals::RecordQualifyingEvent, order + "purchase_time: '2026-05-01T12:05:00Z'"),
              IsOk());
}

}  // namespace
}  // namespace loyalty::referral
