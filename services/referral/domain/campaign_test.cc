#include "services/referral/domain/campaign.h"

#include <functional>

#include "services/referral/domain/reason.h"
#include "services/referral/domain/test_kit.h"

namespace loyalty::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<std::pair<std::string, std::string>> Faults(const std::function<void(Campaign&)>& change) {
  Campaign campaign = ActiveCampaign(ThreeBrackets());
  change(campaign);
  Violations violations;
  ValidateCampaign(campaign, violations);
  std::vector<std::pair<std::string, std::string>> faults;
  const auto refusal = RefusalOf(violations.ToStatus());
  if (!refusal) return faults;
  for (const Violation& violation : refusal->violations) {
    faults.emplace_back(violation.field, violation.reason);
  }
  return faults;
}

std::vector<Milestone> ManyMilestones(int count) {
  std::vector<Milestone> milestones;
  for (int i = 1; i <= count; ++i) milestones.push_back({i, 1});
  return milestones;
}

TEST(Terms, EveryLimitIsReachedBeforeItIsPassed) {
  const std::function<void(Campaign&)> accepted[] = {
      [](Campaign&) {},
      [](Campaign& c) { c.id = std::string(64, 'a'); },
      [](Campaign& c) { c.terms.display_name = std::string(200, 'a'); },
      [](Campaign& c) { c.terms.attribution_days = 1; },
      [](Campaign& c) { c.terms.attribution_days = 3650; },
      [](Campaign& c) { c.terms.hold_days = 365; },
      [](Campaign& c) { c.terms.code_length = 6; },
      [](Campaign& c) { c.terms.code_length = 12; },
      [](Campaign& c) { c.terms.friend_points = kMaxPoints; },
      [](Campaign& c) {
        c.terms.brackets = {{1, 0}, {kMaxReferrals, kMaxPoints}};
      },
      [](Campaign& c) { c.terms.brackets.clear(); },
      [](Campaign& c) { c.terms.milestones = ManyMilestones(20); },
      [](Campaign& c) {
        c.terms.caps = {kMaxCap, kMaxCap, kMaxCap};
      },
      [](Campaign& c) { c.terms.end_time = (c.terms.start_time = kNoon) + absl::Microseconds(1); },
  };
  for (size_t i = 0; i < std::size(accepted); ++i) EXPECT_THAT(Faults(accepted[i]), IsEmpty()) << i;
}

TEST(Terms, WhatIsWrongIsNamed) {
  const auto terms = [](const char* field) { return std::string("campaign.terms.") + field; };
  const struct {
    std::function<void(Campaign&)> change;
    std::string field;
    const char* reason;
  } refused[] = {
      {[](Campaign& c) { c.id = ""; }, "campaign.campaign_id", reason::kFieldRequired},
      {[](Campaign& c) { c.id = std::string(65, 'a'); }, "campaign.campaign_id", reason::kTooLong},
      {[](Campaign& c) { c.id = "Spring"; }, "campaign.campaign_id", reason::kMalformed},
      {[](Campaign& c) { c.id = "-a"; }, "campaign.campaign_id", reason::kMalformed},
      {[](Campaign& c) { c.terms.display_name = ""; }, terms("display_name"), reason::kFieldRequired},
      {[](Campaign& c) { c.terms.display_name = "a\nb"; }, terms("display_name"), reason::kMalformed},
      {[](Campaign& c) { c.terms.minimum_amount_minor = -1; }, terms("minimum_amount_minor"),
       reason::kNegative},
      {[](Campaign& c) { c.terms.trigger = Trigger::kSignUp; }, terms("minimum_amount_minor"),
       reason::kNotApplicable},
      {[](Campaign& c) { c.terms.end_time = c.terms.start_time = kNoon; }, terms("end_time"),
       reason::kTimeOutOfRange},
      {[](Campaign& c) { c.terms.start_time = absl::InfiniteFuture(); }, terms("start_time"),
       reason::kTimeOutOfRange},
      {[](Campaign& c) { c.terms.attribution_days = 0; }, terms("attribution_days"), reason::kNotPositive},
      {[](Campaign& c) { c.terms.attribution_days = 3651; }, terms("attribution_days"), reason::kTooLarge},
      {[](Campaign& c) { c.terms.hold_days = 366; }, terms("hold_days"), reason::kTooLarge},
      {[](Campaign& c) { c.terms.caps.referrals_per_month = -1; }, terms("caps.referrals_per_month"),
       reason::kNegative},
      {[](Campaign& c) { c.terms.friend_points = kMaxPoints + 1; }, terms("friend_reward.points"),
       reason::kTooLarge},
      {[](Campaign& c) { c.terms.brackets[0].from_referral = 2; }, terms("brackets[0].from_referral"),
       reason::kTooLarge},
      {[](Campaign& c) { c.terms.brackets[1].from_referral = 1; }, terms("brackets[1].from_referral"),
       reason::kNotAscending},
      {[](Campaign& c) { c.terms.brackets[2].points = -1; }, terms("brackets[2].reward.points"),
       reason::kNegative},
      {[](Campaign& c) { c.terms.milestones[0].points = 0; }, terms("milestones[0].reward.points"),
       reason::kNotPositive},
      {[](Campaign& c) { c.terms.milestones = ManyMilestones(21); }, terms("milestones"), reason::kTooMany},
      {[](Campaign& c) { c.terms.code_length = 5; }, terms("code_length"), reason::kTooSmall},
      {[](Campaign& c) { c.terms.code_length = 13; }, terms("code_length"), reason::kTooLarge},
  };
  for (const auto& [change, field, reason] : refused) {
    EXPECT_THAT(Faults(change), ElementsAre(Pair(field, reason)));
  }
}

TEST(Campaign, TakesClaimsFromItsStartToBeforeItsEndAndOnlyWhenActivated) {
  Campaign campaign = ActiveCampaign(ThreeBrackets());
  campaign.state = CampaignState::kDraft;
  campaign.terms.start_time = Day(1);
  campaign.terms.end_time = Day(2);
  EXPECT_EQ(StateAt(campaign, Day(1)), CampaignState::kDraft);
  EXPECT_THAT(CheckGivesCodes(campaign, Day(1)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "CAMPAIGN_NOT_ACTIVE"));
  EXPECT_TRUE(Activate(campaign, kNoon).value());
  EXPECT_FALSE(Activate(campaign, kNoon).value()) << "it is already";
  const absl::Duration moment = absl::Microseconds(1);
  EXPECT_EQ(StateAt(campaign, Day(1) - moment), CampaignState::kScheduled);
  EXPECT_TRUE(CheckGivesCodes(campaign, Day(1) - moment).ok());
  EXPECT_THAT(CheckTakesClaims(campaign, Day(1) - moment),
              IsRefused(absl::StatusCode::kFailedPrecondition, "CAMPAIGN_NOT_ACTIVE"));
  EXPECT_TRUE(CheckTakesClaims(campaign, Day(1)).ok());
  EXPECT_TRUE(CheckTakesClaims(campaign, Day(2) - moment).ok());
  EXPECT_EQ(StateAt(campaign, Day(2)), CampaignState::kEnded);
  EXPECT_THAT(CheckGivesCodes(campaign, Day(2)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "CAMPAIGN_NOT_ACTIVE"));
}

TEST(Campaign, EndsForGood) {
  Campaign campaign = ActiveCampaign(ThreeBrackets());
  EXPECT_TRUE(End(campaign, Day(1)));
  EXPECT_EQ(campaign.update_time, Day(1));
  EXPECT_FALSE(End(campaign, Day(2)));
  EXPECT_EQ(StateAt(campaign, Day(1)), CampaignState::kEnded);
  EXPECT_THAT(Activate(campaign, Day(2)), IsRefused(absl::StatusCode::kFailedPrecondition, "CAMPAIGN_ENDED"));
  EXPECT_THAT(Update(campaign, {}, Day(2)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "CAMPAIGN_ENDED"));
}

TEST(Campaign, AnUpdateIsANewVersionUnlessNothingChanges) {
  Campaign campaign = ActiveCampaign(ThreeBrackets());
  EXPECT_FALSE(Update(campaign, ThreeBrackets(), Day(1)).value());
  EXPECT_EQ(campaign.version, 1);
  Terms terms = ThreeBrackets();
  terms.brackets[2].points += 1;
  EXPECT_TRUE(Update(campaign, terms, Day(1)).value());
  EXPECT_EQ(campaign.version, 2);
  EXPECT_EQ(campaign.terms, terms);
  EXPECT_EQ(campaign.update_time, Day(1));
}

TEST(Bracket, IsTheLastThatBeginsAtTheReferralOrBefore) {
  const Terms terms = ThreeBrackets();
  std::vector<int64_t> points;
  for (const int64_t n : {1, 3, 4, 9, 10, 1'000'000}) points.push_back(BracketOf(terms, n)->points);
  EXPECT_THAT(points, ElementsAre(100, 100, 200, 200, 400, 400));
  EXPECT_EQ(BracketOf(Terms(), 1), nullptr);
}

}  // namespace
}  // namespace loyalty::referral
