#include "services/referral/storage/campaign_store.h"

#include "services/referral/storage/test_store.h"

namespace loyalty::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CampaignStore, GivesBackWhatWasWritten) {
  TestStore store;
  Terms terms = ThreeBrackets();
  terms.start_time = kNoon;
  terms.end_time = Day(90);
  terms.attribution_days = 45;
  terms.hold_days = 14;
  terms.caps = {1, 2, 3};
  terms.existing_buyers_allowed = true;
  terms.code_length = 9;
  terms.display_name = "Freunde & \"Söhne\"";
  Campaign campaign = ActiveCampaign(terms, "summer");
  campaign.state = CampaignState::kDraft;
  store.Do([&](postgres::Transaction& tx) { EXPECT_TRUE(CampaignStore(tx, kShop).Insert(campaign)); });
  const auto read = store.Ask([](auto& tx) { return CampaignStore(tx, kShop).Get("summer"); });
  ASSERT_TRUE(read);
  EXPECT_EQ(read->terms, terms);
  EXPECT_EQ(read->state, CampaignState::kDraft);
  EXPECT_EQ(read->version, 1);
  EXPECT_EQ(read->create_time, kNoon);
  EXPECT_EQ(read->update_time, kNoon);
}

TEST(CampaignStore, AnIdIsTakenOnceInAProgram) {
  TestStore store;
  store.Do([&](postgres::Transaction& tx) {
    EXPECT_FALSE(CampaignStore(tx, kShop).Insert(ActiveCampaign(Terms())));
    EXPECT_TRUE(CampaignStore(tx, kOtherShop).Insert(ActiveCampaign(ThreeBrackets())));
    EXPECT_FALSE(CampaignStore(tx, kShop).Get("nothing"));
    EXPECT_FALSE(CampaignStore(tx, kShop).Lock("nothing"));
  });
}

TEST(CampaignStore, KeepsOldVersions) {
  TestStore store;
  Terms changed = ThreeBrackets();
  changed.friend_points = 7;
  store.Do([&](postgres::Transaction& tx) {
    CampaignStore campaigns(tx, kShop);
    Campaign campaign = *campaigns.Lock("spring");
    EXPECT_TRUE(Update(campaign, changed, Day(1)).value());
    campaigns.Save(campaign, true);
  });
  store.Do([&](postgres::Transaction& tx) {
    CampaignStore campaigns(tx, kShop);
    Campaign campaign = *campaigns.Lock("spring");
    EXPECT_EQ(campaign.version, 2);
    EXPECT_EQ(campaign.terms, changed);
    EXPECT_TRUE(End(campaign, Day(2)));
    campaigns.Save(campaign, false);
  });
  const auto ended = store.Ask([](auto& tx) { return CampaignStore(tx, kShop).Get("spring"); });
  EXPECT_EQ(ended->state, CampaignState::kEnded);
  EXPECT_EQ(ended->update_time, Day(2));
  EXPECT_EQ(store.database.Exec("SELECT string_agg(friend_points::text, ' ' ORDER BY version)"
                                " FROM referral.campaign_version WHERE program_key = 1"),
            "500 7");
}

TEST(CampaignStore, ListsPagesInTheOrderOfIds) {
  TestStore store;
  const auto list = [&](const std::string& after, int limit) {
    std::vector<std::string> ids;
    store.Do([&](postgres::Transaction& tx) {
      for (const Campaign& campaign : CampaignStore(tx, kShop).List(after, limit)) ids.push_back(campaign.id);
    });
    return ids;
  };
  store.Do([&](postgres::Transaction& tx) {
    for (const char* id : {"winter", "autumn", "b-2"})
      CampaignStore(tx, kShop).Insert(ActiveCampaign(ThreeBrackets(), id));
    CampaignStore(tx, kOtherShop).Insert(ActiveCampaign(ThreeBrackets(), "other"));
  });
  EXPECT_THAT(list("", 3), ElementsAre("autumn", "b-2", "spring"));
  EXPECT_THAT(list("spring", 3), ElementsAre("winter"));
  EXPECT_THAT(list("winter", 3), IsEmpty());
}

}  // namespace
}  // namespace loyalty::referral
