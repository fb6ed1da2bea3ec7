#include "services/referral/storage/referral_reader.h"

#include "services/referral/storage/test_store.h"

namespace loyalty::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Anna brings three friends, Bert two, Carl two and Dora one, each with an order of 5,000 a day after the
// other.
class Board : public ::testing::Test {
 protected:
  void SetUp() override {
    Terms terms = ThreeBrackets();
    terms.milestones = {{2, 1000}};
    store_.Do([&](auto& tx) { CampaignStore(tx, kShop).Insert(ActiveCampaign(terms, "race")); });
    for (const char* member : {"anna", "bert", "carl", "dora"}) {
      store_.AddCode(member, absl::StrCat(member, "-race"), "race");
    }
    for (const char* member : {"anna", "bert", "carl", "dora", "carl", "bert", "anna", "anna"}) {
      const std::string friend_id = absl::StrCat("f", ++friends_);
      const Context then = At(Day(friends_));
      ids_.push_back(store_.Claim(friend_id, absl::StrCat(member, "-race"), then)->id);
      store_.Buy(friend_id, {absl::StrCat("o", friends_), 5000, then.now}, then);
    }
  }

  std::vector<std::string> Leaders(absl::Time start, absl::Time end, const LeaderboardCursor& after = {},
                                   int limit = 100) {
    std::vector<std::string> lines;
    store_.Do([&](postgres::Transaction& tx) {
      for (const LeaderboardRow& row :
           ReferralReader(tx, kShop).Leaderboard("race", start, end, after, limit)) {
        lines.push_back(absl::StrCat(row.place, " ", row.referrer_id, " ", row.referrals, " ", row.points));
      }
    });
    return lines;
  }

  // The friends of the referrals, newest first.
  std::vector<std::string> List(const ReferralFilter& filter, int64_t before = kNewest, int limit = 100) {
    std::vector<std::string> friends;
    store_.Do([&](postgres::Transaction& tx) {
      for (const Referral& referral : ReferralReader(tx, kShop).List(filter, before, limit)) {
        friends.push_back(referral.friend_id);
      }
    });
    return friends;
  }

  TestStore store_;
  int friends_ = 0;
  std::vector<int64_t> ids_;
};

constexpr auto kEver = absl::InfinitePast;

TEST_F(Board, ListsTheMostReferralsFirstThenById) {
  EXPECT_THAT(Leaders(kEver(), absl::InfiniteFuture()),
              ElementsAre("1 anna 3 1300", "2 bert 2 1200", "2 carl 2 1200", "4 dora 1 100"));
}

TEST_F(Board, ComesInPagesWithoutGapOrRepeat) {
  const auto all = absl::InfiniteFuture();
  EXPECT_THAT(Leaders(kEver(), all, {}, 2), ElementsAre("1 anna 3 1300", "2 bert 2 1200"));
  EXPECT_THAT(Leaders(kEver(), all, {2, "bert"}, 2), ElementsAre("2 carl 2 1200", "4 dora 1 100"));
  EXPECT_THAT(Leaders(kEver(), all, {1, "dora"}, 2), IsEmpty());
}

TEST_F(Board, CountsARewardAndAMilestoneInTheirPeriod) {
  EXPECT_THAT(Leaders(Day(4), Day(7)), ElementsAre("1 bert 1 1100", "1 carl 1 1100", "1 dora 1 100"));
  EXPECT_THAT(Leaders(Day(7), Day(8)), ElementsAre("1 anna 1 1100"));
  EXPECT_THAT(Leaders(Day(9), Day(10)), IsEmpty());
}

TEST_F(Board, CountsOnlyWhatStands) {
  store_.Return({"o2", 5000, 5000}, At(Day(20)));
  store_.Return({"o1", 1000, 5000}, At(Day(20)));
  EXPECT_THAT(Leaders(kEver(), absl::InfiniteFuture()),
              ElementsAre("1 anna 3 1280", "2 carl 2 1200", "3 bert 1 100", "3 dora 1 100"));
}

TEST_F(Board, StandingTellsTheCampaignAndTheMembersCounters) {
  const auto read = [&](const std::string& campaign, const std::string& member) {
    return store_.Ask([&](auto& tx) { return ReferralReader(tx, kShop).GetReferrer(campaign, member); });
  };
  const auto anna = read("race", "anna");
  EXPECT_EQ(anna->campaign.id, "race");
  EXPECT_EQ(anna->referrer.claimed, 3);
  EXPECT_EQ(anna->referrer.qualified, 3);
  EXPECT_EQ(anna->referrer.rewarded, 3);
  EXPECT_EQ(anna->referrer.paying, 3);
  EXPECT_EQ(anna->referrer.awarded_points, 1300);
  EXPECT_THAT(anna->referrer.paying_by_month, ElementsAre(::testing::Pair(absl::CivilMonth(2026, 5), 3)));
  const auto nobody = read("race", "nobody");
  EXPECT_EQ(nobody->referrer.member_id, "nobody");
  EXPECT_EQ(nobody->referrer.claimed, 0);
  EXPECT_FALSE(read("nothing", "anna"));
}

TEST_F(Board, ReferralsAreListedNewestFirstInPagesAndByFilter) {
  EXPECT_THAT(List({}, kNewest, 3), ElementsAre("f8", "f7", "f6"));
  EXPECT_THAT(List({}, ids_[5], 3), ElementsAre("f5", "f4", "f3"));
  EXPECT_THAT(List({.referrer_id = "anna"}), ElementsAre("f8", "f7", "f1"));
  EXPECT_THAT(List({.campaign_id = "race", .referrer_id = "bert"}), ElementsAre("f6", "f2"));
  EXPECT_THAT(List({.campaign_id = "spring", .referrer_id = "bert"}), IsEmpty());
  EXPECT_THAT(List({.campaign_id = "spring"}), IsEmpty());
  store_.Return({"o2", 5000, 5000}, At(Day(20)));
  EXPECT_THAT(List({.states = {ReferralState::kReversed}}), ElementsAre("f2"));
  EXPECT_THAT(List({.campaign_id = "race", .states = {ReferralState::kReversed, ReferralState::kClaimed}}),
              ElementsAre("f2"));
  EXPECT_THAT(List({.referrer_id = "anna", .states = {ReferralState::kReversed}}), IsEmpty());
}

TEST_F(Board, WhatIsNotThereIsNotFound) {
  store_.Do([&](postgres::Transaction& tx) {
    EXPECT_FALSE(ReferralReader(tx, kShop).Get(0));
    EXPECT_FALSE(ReferralReader(tx, kShop).GetByFriend("nobody"));
    EXPECT_FALSE(ReferralReader(tx, kOtherShop).Get(ids_[0])) << "another program's";
    EXPECT_FALSE(ReferralStore(tx, kShop).LockByFriend("nobody"));
    EXPECT_FALSE(ReferralStore(tx, kShop).LockByOrder("nothing"));
  });
}

}  // namespace
}  // namespace loyalty::referral
