#include "services/referral/domain/referral.h"

#include "services/referral/domain/test_kit.h"

namespace loyalty::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using State = ReferralState;

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone));
  return zone;
}

absl::Time In(const absl::TimeZone& zone, int month, int day, int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilSecond(2026, month, day, hour, minute), zone);
}

std::vector<State> StatesOf(const Decision& decision) {
  std::vector<State> states;
  for (const Transition& transition : decision.transitions) states.push_back(transition.state);
  return states;
}

// As many referrals as `count`, each claimed and bought at `now`.
void Bring(MemoryCampaign& campaign, int count, absl::Time now) {
  for (int i = 0; i < count; ++i) {
    const int64_t id = campaign.Claim(absl::StrCat("friend-", campaign.referrer().claimed + 1), now);
    campaign.Buy(id, 5000, now);
  }
}

TEST(WorkedExample, ThreeBracketsAndAMilestone) {
  MemoryCampaign campaign(ThreeBrackets());
  Bring(campaign, 3, kNoon);
  EXPECT_EQ(campaign.PointsOf("anna"), 300);
  Bring(campaign, 1, kNoon);
  EXPECT_EQ(campaign.PointsOf("anna"), 500);
  Bring(campaign, 1, kNoon);
  EXPECT_EQ(campaign.PointsOf("anna"), 1700) << "200, and 1,000 for five";
  Bring(campaign, 5, kNoon);
  EXPECT_EQ(campaign.PointsOf("anna"), 2900) << "four at 200, the tenth at 400";
  EXPECT_EQ(campaign.PointsOf("friend-7"), 500);

  campaign.Return(10, 2000, 5000, Day(1));
  EXPECT_EQ(campaign.PointsOf("anna"), 2740) << "two fifths of 400";
  EXPECT_EQ(campaign.PointsOf("friend-10"), 300);
  for (const int64_t id : {5, 6, 7, 8, 9, 10}) campaign.Return(id, 5000, 5000, Day(1));
  EXPECT_EQ(campaign.PointsOf("anna"), 500) << "four stand, so the milestone fell";
  EXPECT_EQ(campaign.PointsOf("friend-10"), 0);
  Bring(campaign, 1, Day(2));
  EXPECT_EQ(campaign.referral(11).ordinal, 11) << "no ordinal is given again";
  EXPECT_EQ(campaign.PointsOf("anna"), 1900) << "400, and the milestone is reached again";
}

TEST(Claim, IsRefusedWithItsReason) {
  const Campaign campaign = ActiveCampaign(ThreeBrackets());
  const auto code = absl::StatusCode::kFailedPrecondition;
  EXPECT_THAT(Claim(campaign, CodeOf("anna"), "anna", false, At(kNoon)), IsRefused(code, "SELF_REFERRAL"));
  EXPECT_THAT(Claim(campaign, CodeOf("anna"), "bert", true, At(kNoon)),
              IsRefused(code, "FRIEND_IS_EXISTING_BUYER"));
  Campaign draft = campaign;
  draft.state = CampaignState::kDraft;
  EXPECT_THAT(Claim(draft, CodeOf("anna"), "bert", false, At(kNoon)), IsRefused(code, "CAMPAIGN_NOT_ACTIVE"));
  Campaign open = campaign;
  open.terms.existing_buyers_allowed = true;
  EXPECT_TRUE(Claim(open, CodeOf("anna"), "bert", true, At(kNoon)).ok());
}

TEST(Claim, KeepsTheVersionThatHolds) {
  MemoryCampaign campaign(ThreeBrackets());
  const int64_t before = campaign.Claim("bert", kNoon);
  Terms generous = ThreeBrackets();
  generous.friend_points = 900;
  ASSERT_TRUE(Update(campaign.campaign(), generous, kNoon).value());
  const int64_t after = campaign.Claim("carl", kNoon);
  campaign.Buy(before, 2000, kNoon);
  campaign.Buy(after, 2000, kNoon);
  EXPECT_EQ(campaign.PointsOf("bert"), 500);
  EXPECT_EQ(campaign.PointsOf("carl"), 900);
  EXPECT_EQ(campaign.referral(after).campaign_version, 2);
}

TEST(Purchase, OnlyTheFirstThatReachesTheMinimumCounts) {
  MemoryCampaign campaign(ThreeBrackets());
  const int64_t id = campaign.Claim("bert", kNoon);
  EXPECT_FALSE(campaign.Buy(id, 1999, kNoon).changed);
  const Decision first = campaign.Buy(id, 2000, kNoon);
  EXPECT_THAT(StatesOf(first), ElementsAre(State::kQualified, State::kRewarded));
  EXPECT_THAT(first.awards, ElementsAre(Award{"referral:1", "bert", "friend", 500, kNoon},
                                        Award{"referral:1", "anna", "referrer", 100, kNoon}));
  EXPECT_FALSE(campaign.Buy(id, 9000, kNoon).changed);
  EXPECT_EQ(campaign.referral(id).order_amount_minor, 2000);
}

TEST(Purchase, CountsFromTheClaimToBeforeTheEndOfTheWindow) {
  MemoryCampaign campaign(ThreeBrackets());
  const absl::Duration moment = absl::Microseconds(1);
  const int64_t at_once = campaign.Claim("bert", kNoon), last = campaign.Claim("carl", kNoon),
                late = campaign.Claim("dora", kNoon);
  campaign.Buy(at_once, 2000, kNoon);
  campaign.Buy(last, 2000, Day(30) - moment);
  EXPECT_THAT(StatesOf(campaign.Buy(late, 2000, Day(30))), ElementsAre(State::kExpired));
  EXPECT_EQ(campaign.PointsOf("anna"), 200);
}

TEST(Purchase, OfTheWindowThatComesLateStillCounts) {
  MemoryCampaign campaign(ThreeBrackets());
  const int64_t by_job = campaign.Claim("bert", kNoon), without = campaign.Claim("carl", kNoon);
  EXPECT_THAT(StatesOf(campaign.CatchUp(by_job, Day(30))), ElementsAre(State::kExpired));
  EXPECT_THAT(StatesOf(campaign.Buy(by_job, 2000, Day(29), Day(31))),
              ElementsAre(State::kQualified, State::kRewarded));
  EXPECT_THAT(StatesOf(campaign.Buy(without, 2000, Day(29), Day(31))),
              ElementsAre(State::kExpired, State::kQualified, State::kRewarded))
      << "whether the job ran or not";
}

TEST(Purchase, FromBeforeTheClaimRejectsUnlessBuyersAreAllowed) {
  MemoryCampaign strict(ThreeBrackets());
  const int64_t id = strict.Claim("bert", kNoon);
  const Decision decision = strict.Buy(id, 1, Day(-3), kNoon);
  ASSERT_THAT(StatesOf(decision), ElementsAre(State::kRejected));
  EXPECT_EQ(decision.transitions[0].reason, StateReason::kExistingBuyer);
  EXPECT_EQ(decision.transitions[0].actor, "till");
  EXPECT_FALSE(strict.Buy(id, 2000, Day(1)).changed) << "for good";

  Terms open = ThreeBrackets();
  open.existing_buyers_allowed = true;
  MemoryCampaign lenient(open);
  lenient.Claim("bert", kNoon);
  EXPECT_FALSE(lenient.Buy(1, 9000, Day(-3), kNoon).changed);
  EXPECT_TRUE(lenient.Buy(1, 2000, Day(1)).changed);
}

TEST(Purchase, UpToFiveMinutesBeforeTheClaimCountsAsAtTheClaim) {
  const absl::Time edge = kNoon - absl::Minutes(5);
  MemoryCampaign campaign(ThreeBrackets());
  const int64_t skewed = campaign.Claim("bert", kNoon), small = campaign.Claim("carl", kNoon),
                buyer = campaign.Claim("dora", kNoon);
  EXPECT_THAT(StatesOf(campaign.Buy(skewed, 2000, edge, kNoon)),
              ElementsAre(State::kQualified, State::kRewarded));
  EXPECT_EQ(campaign.referral(skewed).qualify_time, kNoon);
  EXPECT_FALSE(campaign.Buy(small, 1999, edge, kNoon).changed) << "let pass, as after the claim";
  EXPECT_THAT(StatesOf(campaign.Buy(buyer, 2000, edge - absl::Microseconds(1), kNoon)),
              ElementsAre(State::kRejected));
}

TEST(Purchase, AheadOfTheClockQualifiesNow) {
  MemoryCampaign campaign(ThreeBrackets());
  const int64_t id = campaign.Claim("bert", kNoon);
  const Decision decision = campaign.Buy(id, 2000, Day(1) + absl::Minutes(5), Day(1));
  EXPECT_EQ(campaign.referral(id).qualify_time, Day(1));
  EXPECT_EQ(campaign.referral(id).reward_time, Day(1)) << "nothing is granted at a time to come";
  ASSERT_EQ(decision.awards.size(), 2u);
  EXPECT_EQ(decision.awards[0].occurred_time, Day(1));
}

TEST(SignUp, QualifiesOnlyWhereItIsTheTrigger) {
  Terms terms = ThreeBrackets();
  terms.trigger = Trigger::kSignUp;
  terms.minimum_amount_minor = 0;
  MemoryCampaign by_sign_up(terms);
  by_sign_up.Claim("bert", kNoon);
  EXPECT_FALSE(by_sign_up.Buy(1, 9000, kNoon).changed);
  EXPECT_THAT(StatesOf(by_sign_up.SignUp(1, Day(-1), Day(1))),
              ElementsAre(State::kQualified, State::kRewarded));
  EXPECT_EQ(by_sign_up.referral(1).qualify_time, kNoon) << "not before the claim";
  EXPECT_FALSE(by_sign_up.SignUp(1, Day(1), Day(1)).changed);

  MemoryCampaign by_purchase(ThreeBrackets());
  by_purchase.Claim("bert", kNoon);
  const Decision noted = by_purchase.SignUp(1, Day(1), Day(1));
  EXPECT_TRUE(noted.changed);
  EXPECT_THAT(noted.transitions, IsEmpty());
  EXPECT_EQ(by_purchase.referral(1).sign_up_time, Day(1));
}

TEST(Hold, RewardsAreDueWhenItEndsWhoeverNoticesIt) {
  Terms terms = ThreeBrackets();
  terms.hold_days = 14;
  MemoryCampaign campaign(terms);
  campaign.Claim("bert", kNoon);
  EXPECT_THAT(StatesOf(campaign.Buy(1, 2000, Day(1))), ElementsAre(State::kQualified, State::kHeld));
  EXPECT_EQ(DueTime(campaign.referral(1)), Day(15));
  EXPECT_EQ(campaign.referrer().promised_points, 100);
  EXPECT_EQ(campaign.referrer().awarded_points, 0);
  EXPECT_FALSE(campaign.CatchUp(1, Day(15) - absl::Microseconds(1)).changed);
  const Decision decision = campaign.CatchUp(1, Day(20));
  EXPECT_THAT(StatesOf(decision), ElementsAre(State::kRewarded));
  EXPECT_EQ(decision.awards[0].occurred_time, Day(15)) << "when it was due";
  EXPECT_FALSE(campaign.CatchUp(1, Day(21)).changed);
  EXPECT_EQ(DueTime(campaign.referral(1)), std::nullopt);
}

TEST(Return, InAHoldMakesTheAwardSmallerAndLaterOnesTakeItBack) {
  Terms terms = ThreeBrackets();
  terms.hold_days = 14;
  MemoryCampaign campaign(terms);
  campaign.Claim("bert", kNoon);
  campaign.Buy(1, 3000, kNoon);
  EXPECT_THAT(campaign.Return(1, 1000, 3000, Day(1)).reversals, IsEmpty());
  campaign.CatchUp(1, Day(14));
  EXPECT_EQ(campaign.PointsOf("bert"), 334) << "500 − ⌊500 ÷ 3⌋";
  EXPECT_EQ(campaign.PointsOf("anna"), 67);
  const Decision more = campaign.Return(1, 2000, 3000, Day(15));
  EXPECT_THAT(more.reversals, ElementsAre(Reversal{"referral:1", "bert", "friend", 167, 167},
                                          Reversal{"referral:1", "anna", "referrer", 33, 33}));
  EXPECT_EQ(campaign.PointsOf("bert"), 167);
  EXPECT_EQ(campaign.PointsOf("anna"), 34);
  EXPECT_FALSE(campaign.Return(1, 1500, 3000, Day(15)).changed) << "an older report";
  EXPECT_THAT(StatesOf(campaign.Return(1, 3000, 3000, Day(16))), ElementsAre(State::kReversed));
  EXPECT_EQ(campaign.PointsOf("bert"), 0) << "exactly";
  EXPECT_EQ(campaign.PointsOf("anna"), 0);
  EXPECT_EQ(campaign.referrer().promised_points, 0);
}

TEST(Return, OfAllInAHoldLeavesNothingToAward) {
  Terms terms = ThreeBrackets();
  terms.hold_days = 14;
  MemoryCampaign campaign(terms);
  campaign.Claim("bert", kNoon);
  campaign.Buy(1, 3000, kNoon);
  EXPECT_THAT(StatesOf(campaign.Return(1, 4000, 3000, Day(1))), ElementsAre(State::kReversed));
  EXPECT_FALSE(campaign.CatchUp(1, Day(20)).changed);
  EXPECT_EQ(campaign.referrer().paying, 0);
  EXPECT_EQ(campaign.referrer().qualified, 1);
}

TEST(Return, OfAnotherOrderChangesNothing) {
  MemoryCampaign campaign(ThreeBrackets());
  campaign.Claim("bert", kNoon);
  campaign.Buy(1, 3000, kNoon);
  const auto other = [](Case& of) { return RecordReturn(of, {"another", 1, 1}, At(kNoon)); };
  EXPECT_FALSE(campaign.Run(1, other).changed);
  EXPECT_FALSE(campaign.Return(1, 0, 3000, kNoon).changed);
  EXPECT_FALSE(campaign.Return(1, -5, 3000, kNoon).changed);
}

TEST(Return, OfTheLargestNumbersIsExact) {
  Terms terms = ThreeBrackets();
  terms.friend_points = kMaxPoints;
  MemoryCampaign campaign(terms);
  campaign.Claim("bert", kNoon);
  campaign.Buy(1, INT64_MAX, kNoon);
  campaign.Return(1, INT64_MAX - 1, INT64_MAX, kNoon);
  EXPECT_EQ(campaign.PointsOf("bert"), 1);
  campaign.Return(1, INT64_MAX, INT64_MAX, kNoon);
  EXPECT_EQ(campaign.PointsOf("bert"), 0);
}

TEST(Caps, OnReferralsPayTheFriendButNotTheReferrer) {
  Terms terms = ThreeBrackets();
  terms.caps.referrals_per_lifetime = 2;
  terms.milestones = {{3, 1000}};
  MemoryCampaign campaign(terms);
  Bring(campaign, 3, kNoon);
  EXPECT_EQ(campaign.PointsOf("friend-3"), 500);
  EXPECT_EQ(campaign.referral(3).cap, Cap::kReferralsPerLifetime);
  EXPECT_EQ(campaign.PointsOf("anna"), 1200) << "two, and the milestone of three";
  campaign.Return(1, 5000, 5000, kNoon);
  Bring(campaign, 1, kNoon);
  EXPECT_EQ(campaign.referral(4).cap, Cap::kNone) << "there is room again";
  EXPECT_EQ(campaign.referral(3).referrer_points, 0) << "for later ones";
}

TEST(Caps, OfAMonthFollowTheProgramsZone) {
  Terms terms = ThreeBrackets();
  terms.attribution_days = 60;
  terms.caps.referrals_per_month = 1;
  MemoryCampaign campaign(terms);
  const absl::TimeZone zone = Zone("Asia/Tokyo");
  const auto buy = [&](absl::Time time) {
    const int64_t id = campaign.Claim(absl::StrCat("f", campaign.referrer().claimed), kNoon);
    campaign.Run(id, [&](Case& of) {
      return RecordPurchase(of, {absl::StrCat("o", id), 2000, time}, {time, zone, ""});
    });
    return campaign.referral(id).cap;
  };
  EXPECT_EQ(buy(In(zone, 5, 31, 23, 58)), Cap::kNone);
  EXPECT_EQ(buy(In(zone, 5, 31, 23, 59)), Cap::kReferralsPerMonth);
  EXPECT_EQ(buy(In(zone, 6, 1, 0)), Cap::kNone) << "though it is May in UTC";
}

TEST(Caps, OnPointsCutTheAwardThatWouldPassThem) {
  Terms terms = ThreeBrackets();
  terms.caps.points_per_lifetime = 250;
  terms.milestones = {{2, 1000}};
  MemoryCampaign campaign(terms);
  Bring(campaign, 3, kNoon);
  EXPECT_EQ(campaign.PointsOf("anna"), 250) << "100, 100, and 50 of the milestone";
  EXPECT_EQ(campaign.referral(3).cap, Cap::kPointsPerLifetime);
  EXPECT_EQ(campaign.referral(3).referrer_points, 0);
}

TEST(Window, IsCountedInCalendarDaysOfTheZone) {
  const absl::TimeZone rome = Zone("Europe/Rome");
  // Summer time begins on 29 March 2026 at 02:00 and ends on 25 October at 03:00.
  EXPECT_EQ(AddDays(In(rome, 3, 28, 12), 1, rome), In(rome, 3, 29, 12));
  EXPECT_EQ(AddDays(In(rome, 3, 28, 12), 1, rome) - In(rome, 3, 28, 12), absl::Hours(23));
  EXPECT_EQ(AddDays(In(rome, 3, 28, 2, 30), 1, rome), In(rome, 3, 29, 3, 30)) << "02:30 does not exist";
  EXPECT_EQ(AddDays(In(rome, 10, 24, 2, 30), 1, rome) - In(rome, 10, 24, 2, 30), absl::Hours(25))
      << "02:30 comes twice: the second";
  EXPECT_EQ(AddDays(In(rome, 1, 31, 9), 30, rome), In(rome, 3, 2, 9));
  const absl::Time second_half_past_two = In(rome, 10, 25, 2, 30) + absl::Hours(1);
  EXPECT_EQ(AddDays(second_half_past_two - absl::Hours(1), 0, rome), second_half_past_two - absl::Hours(1));
}

TEST(Progress, TellsTheBracketAndWhatIsMissing) {
  Referrer referrer;
  Progress progress = ProgressOf(ThreeBrackets(), referrer);
  EXPECT_EQ(progress.bracket, 1);
  EXPECT_EQ(progress.bracket_points, 100);
  EXPECT_EQ(progress.referrals_to_next_bracket, 3);
  EXPECT_EQ(progress.next_bracket_points, 200);
  EXPECT_EQ(progress.referrals_to_next_milestone, 5);
  referrer.qualified = 3;
  referrer.rewarded = 2;
  progress = ProgressOf(ThreeBrackets(), referrer);
  EXPECT_EQ(progress.bracket, 2) << "the next one pays 200";
  EXPECT_EQ(progress.referrals_to_next_bracket, 6);
  EXPECT_EQ(progress.referrals_to_next_milestone, 3);
  EXPECT_EQ(progress.next_milestone_points, 1000);
  referrer.qualified = referrer.rewarded = 9;
  progress = ProgressOf(ThreeBrackets(), referrer);
  EXPECT_EQ(progress.bracket, 3);
  EXPECT_EQ(progress.referrals_to_next_bracket, 0);
  EXPECT_EQ(progress.referrals_to_next_milestone, 0);
  EXPECT_EQ(ProgressOf(Terms(), referrer).bracket, 0);
}

}  // namespace
}  // namespace loyalty::referral
