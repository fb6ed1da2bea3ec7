#include "services/referral/service/campaign_service.h"

#include "services/referral/service/test_client.h"

namespace loyalty::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class CampaignService : public ServerTest {
 protected:
  static std::string Create(const std::string& id, const std::string& request = "r1") {
    return absl::StrCat("campaign: {campaign_id: '", id, "', terms: {", kThreeBrackets, "}}, request_id: '",
                        request, "', actor: 'maria'");
  }
};

TEST_F(CampaignService, IsCreatedActivatedChangedEndedAndRead) {
  const auto created = Call(&Campaigns::CreateCampaign, Create("spring"));
  ASSERT_TRUE(created.ok()) << created;
  auto expected = Parse<v1::Campaign>(absl::StrCat(
      "program_id: 'shop', campaign_id: 'spring', version: 1, state: 'CAMPAIGN_STATE_DRAFT', create_time: "
      "'2026-05-01T12:00:00Z', update_time: '2026-05-01T12:00:00Z', terms: {attribution_days: 30, "
      "code_length: "
      "7, caps: {}, ",
      kThreeBrackets, "}"));
  EXPECT_THAT(created->campaign(), IsMessage(expected)) << "with its defaults";

  server_.clock().Advance(absl::Hours(1));
  const auto active =
      Call(&Campaigns::ActivateCampaign, "campaign_id: 'spring', request_id: 'r2', actor: 'maria'");
  ASSERT_TRUE(active.ok()) << active;
  expected.set_state(v1::CAMPAIGN_STATE_ACTIVE);
  expected.mutable_update_time()->set_seconds(expected.create_time().seconds() + 3600);
  EXPECT_THAT(active->campaign(), IsMessage(expected));
  EXPECT_THAT(Call(&Campaigns::GetCampaign, "campaign_id: 'spring'")->campaign(), IsMessage(expected));

  const auto updated = Call(&Campaigns::UpdateCampaign,
                            absl::StrCat("campaign_id: 'spring', request_id: 'r3', terms: {hold_days: 14, "
                                         "end_time: '2026-06-01T00:00:00Z', ",
                                         kThreeBrackets, "}"));
  ASSERT_TRUE(updated.ok()) << updated;
  EXPECT_EQ(updated->campaign().version(), 2);
  EXPECT_EQ(updated->campaign().terms().hold_days(), 14);
  EXPECT_THAT(Call(&Campaigns::ListCampaigns, "")->campaigns(0), IsMessage(updated->campaign()));

  const auto ended = Call(&Campaigns::EndCampaign, "campaign_id: 'spring', request_id: 'r4'");
  ASSERT_TRUE(ended.ok()) << ended;
  EXPECT_EQ(ended->campaign().state(), v1::CAMPAIGN_STATE_ENDED);
  EXPECT_EQ(Events(), "CampaignCreated CampaignActivated CampaignUpdated CampaignEnded");
  EXPECT_EQ(Ask("SELECT actor FROM referral.outbox WHERE position = 2"), "maria");
}

TEST_F(CampaignService, ItsStateIsWhatTheWindowMakesOfIt) {
  AddCampaign(
      absl::StrCat("start_time: '2026-05-02T00:00:00Z', end_time: '2026-05-03T00:00:00Z', ", kThreeBrackets));
  const auto state = [&] {
    return Call(&Campaigns::GetCampaign, "campaign_id: 'spring'")->campaign().state();
  };
  EXPECT_EQ(state(), v1::CAMPAIGN_STATE_SCHEDULED);
  server_.clock().Advance(absl::Hours(12));
  EXPECT_EQ(state(), v1::CAMPAIGN_STATE_ACTIVE);
  server_.clock().Advance(absl::Hours(24));
  EXPECT_EQ(state(), v1::CAMPAIGN_STATE_ENDED);
}

TEST_F(CampaignService, WhatChangesNothingMakesNoVersionAndNoEvent) {
  AddCampaign();
  const std::string events = Events();
  EXPECT_EQ(Call(&Campaigns::ActivateCampaign, "campaign_id: 'spring', request_id: 'r2'")->campaign().state(),
            v1::CAMPAIGN_STATE_ACTIVE);
  const auto same =
      Call(&Campaigns::UpdateCampaign,
           absl::StrCat("campaign_id: 'spring', request_id: 'r3', terms: {", kThreeBrackets, "}"));
  EXPECT_EQ(same->campaign().version(), 1);
  EXPECT_EQ(Events(), events);
}

TEST_F(CampaignService, AnEndIsForGood) {
  AddCampaign();
  Made(&Campaigns::EndCampaign, "campaign_id: 'spring', request_id: 'r2'");
  const auto again = Call(&Campaigns::ActivateCampaign, "campaign_id: 'spring', request_id: 'r3'");
  EXPECT_THAT(again, Refused(StatusCode::FAILED_PRECONDITION, "CAMPAIGN_ENDED"));
  EXPECT_THAT(again.error.metadata, ElementsAre(Pair("campaign_id", "spring")));
  EXPECT_THAT(Call(&Campaigns::UpdateCampaign,
                   absl::StrCat("campaign_id: 'spring', request_id: 'r4', terms: {hold_days: 1, ",
                                kThreeBrackets, "}")),
              Refused(StatusCode::FAILED_PRECONDITION, "CAMPAIGN_ENDED"));
  EXPECT_THAT(Call(&Campaigns::EndCampaign, "campaign_id: 'spring', request_id: 'r5'"), IsOk());
}

TEST_F(CampaignService, ARepeatedRequestGetsTheOriginalAnswer) {
  const auto first = Call(&Campaigns::CreateCampaign, Create("spring"));
  ASSERT_TRUE(first.ok()) << first;
  EXPECT_FALSE(first.replayed);
  Made(&Campaigns::ActivateCampaign, "campaign_id: 'spring', request_id: 'r2'");
  const auto again = Call(&Campaigns::CreateCampaign, Create("spring"));
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_TRUE(again.replayed);
  EXPECT_THAT(*again, IsMessage(*first)) << "also after a change";
  const auto other = Call(&Campaigns::CreateCampaign, Create("summer"));
  EXPECT_THAT(other, Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_THAT(other.error.metadata, ElementsAre(Pair("request_id", "r1")));
  EXPECT_THAT(Call(&Campaigns::EndCampaign, "campaign_id: 'spring', request_id: 'r2'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_TRUE(Call(&Campaigns::ActivateCampaign, "campaign_id: 'spring', request_id: 'r2'").replayed);
  EXPECT_THAT(Call(&Campaigns::CreateCampaign, Create("spring", "r9")),
              Refused(StatusCode::ALREADY_EXISTS, "CAMPAIGN_ALREADY_EXISTS"));
}

TEST_F(CampaignService, ATrialAnswersAsTheRealThingAndWritesNothing) {
  const std::string trial = ", validate_only: true";
  std::string before = Written();
  EXPECT_EQ(Call(&Campaigns::CreateCampaign, Create("spring") + trial)->campaign().campaign_id(), "spring");
  EXPECT_EQ(Written(), before);
  Made(&Campaigns::CreateCampaign, Create("spring"));
  before = Written();
  EXPECT_EQ(Call(&Campaigns::ActivateCampaign, "campaign_id: 'spring', request_id: 'r2'" + trial)
                ->campaign()
                .state(),
            v1::CAMPAIGN_STATE_ACTIVE);
  EXPECT_EQ(Call(&Campaigns::UpdateCampaign,
                 absl::StrCat("campaign_id: 'spring', request_id: 'r2', terms: {hold_days: 3, ",
                              kThreeBrackets, "}", trial))
                ->campaign()
                .version(),
            2);
  EXPECT_EQ(
      Call(&Campaigns::EndCampaign, "campaign_id: 'spring', request_id: 'r2'" + trial)->campaign().state(),
      v1::CAMPAIGN_STATE_ENDED);
  EXPECT_THAT(Call(&Campaigns::CreateCampaign, Create("spring", "r9") + trial),
              Refused(StatusCode::ALREADY_EXISTS, "CAMPAIGN_ALREADY_EXISTS"));
  EXPECT_EQ(Written(), before);
}

TEST_F(CampaignService, ThePagesOfTheListAreInTheOrderOfIds) {
  for (const char* id : {"b", "a-2", "a_1", "zoo", "0"}) Made(&Campaigns::CreateCampaign, Create(id, id));
  const std::vector<std::string> all = {"0", "a-2", "a_1", "b", "zoo"};
  for (const int size : {1, 2, 5, 50}) {
    std::vector<std::string> ids;
    std::string token;
    do {
      const auto page =
          Call(&Campaigns::ListCampaigns, absl::StrCat("page_size: ", size, ", page_token: '", token, "'"));
      ASSERT_TRUE(page.ok()) << page;
      EXPECT_LE(page->campaigns_size(), size);
      for (const auto& campaign : page->campaigns()) ids.push_back(campaign.campaign_id());
      token = page->next_page_token();
    } while (!token.empty());
    EXPECT_EQ(ids, all) << size;
  }
}

TEST_F(CampaignService, AnUnknownProgramOrCampaignIsNotFoundByAnyCall) {
  const std::string id = "campaign_id: 'spring'", request = id + ", request_id: 'r1'";
  const std::string terms = absl::StrCat(", terms: {", kThreeBrackets, "}");
  const auto expect = [](const auto& reply, const char* reason, const char* key, const char* value) {
    EXPECT_THAT(reply, Refused(StatusCode::NOT_FOUND, reason));
    EXPECT_THAT(reply.error.metadata, ElementsAre(Pair(key, value)));
  };
  const std::string nowhere = ", program_id: 'nowhere'";
  expect(Call(&Campaigns::CreateCampaign, Create("spring") + nowhere), "PROGRAM_NOT_FOUND", "program_id",
         "nowhere");
  expect(Call(&Campaigns::GetCampaign, id + nowhere), "PROGRAM_NOT_FOUND", "program_id", "nowhere");
  expect(Call(&Campaigns::ListCampaigns, "program_id: 'nowhere'"), "PROGRAM_NOT_FOUND", "program_id",
         "nowhere");
  expect(Call(&Campaigns::GetCampaign, id), "CAMPAIGN_NOT_FOUND", "campaign_id", "spring");
  expect(Call(&Campaigns::UpdateCampaign, request + terms), "CAMPAIGN_NOT_FOUND", "campaign_id", "spring");
  expect(Call(&Campaigns::ActivateCampaign, request), "CAMPAIGN_NOT_FOUND", "campaign_id", "spring");
  expect(Call(&Campaigns::EndCampaign, request), "CAMPAIGN_NOT_FOUND", "campaign_id", "spring");
}

}  // namespace
}  // namespace loyalty::referral
