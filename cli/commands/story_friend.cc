#include "absl/strings/str_cat.h"
#include "cli/commands/statement.h"
#include "cli/commands/story_chapters.h"
#include "cli/commands/story_scenes.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"
#include "loyalty/referral/v1/referral_service.grpc.pb.h"

namespace loyalty::cli::story {
namespace {

using points::v1::PointsService;
using referral::v1::ReferralService;

void Enroll(Teller& teller, const std::string& member_id, const std::string& name) {
  auto request = teller.Make<points::v1::EnrollMemberRequest>();
  request.set_member_id(member_id);
  const auto member = teller.Call<PointsService>(&PointsService::Stub::EnrollMember, request).member();
  teller.Expect("the points of a new member", member.available_points(), 0);
  teller.Say(absl::StrCat(name, " becomes a member."));
}

// Bob's own code.
std::string GetCode(Teller& teller) {
  auto request = teller.Make<referral::v1::GetOrCreateCodeRequest>();
  request.set_campaign_id(kCampaignId);
  request.set_member_id(kBob);
  const auto code = teller.Call<ReferralService>(&ReferralService::Stub::GetOrCreateCode, request).code();
  teller.Expect("there is a code", !code.code().empty());
  teller.Say(absl::StrCat("Bob gets a code for his friends, ", code.code(), ", and tells Ada."));
  return code.code();
}

void Claim(Teller& teller, const std::string& code) {
  auto request = teller.Make<referral::v1::ClaimReferralRequest>(kAda);
  request.set_friend_id(kAda);
  request.set_code(code);
  const auto referral =
      teller.Call<ReferralService>(&ReferralService::Stub::ClaimReferral, request).referral();
  teller.Expect("Bob is the referrer", referral.referrer_id() == kBob);
  teller.Expect("the referral is claimed", referral.state() == referral::v1::REFERRAL_STATE_CLAIMED);
  teller.Say(absl::StrCat("Ada enters ", code, ": she is the friend of referral ", referral.referral_id(),
                          " and has until ", teller.Time(referral.expire_time()),
                          " for her first purchase."));
}

referral::v1::Referral GetReferral(Teller& teller) {
  auto request = teller.Make<referral::v1::GetReferralRequest>();
  request.set_friend_id(kAda);
  return teller.Call<ReferralService>(&ReferralService::Stub::GetReferral, request).referral();
}

void SeeHeld(Teller& teller, int64_t order_cents) {
  const auto referral = GetReferral(teller);
  teller.Expect("the referral is held", referral.state() == referral::v1::REFERRAL_STATE_HELD);
  teller.Expect("Bob's successful referrals", referral.ordinal(), 1);
  teller.Expect("the order's amount", referral.order_amount_minor(), order_cents);
  teller.Expect("the friend's promise", referral.friend_reward().promised_points(), kFriendPoints);
  teller.Expect("the referrer's promise", referral.referrer_reward().promised_points(), kReferrerPoints);
  teller.Say(absl::StrCat("The purchase qualifies the referral, Bob's first. Promised are ",
                          teller.Points(kFriendPoints), " for Ada and ", Thousands(kReferrerPoints),
                          " for Bob; they wait until ", teller.Time(referral.hold_until_time()), "."));
}

void SeeRewarded(Teller& teller) {
  const auto referral = GetReferral(teller);
  teller.Expect("the referral is rewarded", referral.state() == referral::v1::REFERRAL_STATE_REWARDED);
  teller.Expect("the friend's reward", referral.friend_reward().standing_points(), kFriendPoints);
  teller.Expect("the referrer's reward", referral.referrer_reward().standing_points(), kReferrerPoints);
  teller.Say(absl::StrCat("Ada has returned nothing: the referral is rewarded, at ",
                          teller.Time(referral.reward_time()), "."));
  Receive(teller, kAda, "Ada", kFriendPoints, 42 + kFriendPoints);
  Receive(teller, kBob, "Bob", kReferrerPoints, kReferrerPoints);

  auto request = teller.Make<referral::v1::GetReferrerStatsRequest>();
  request.set_campaign_id(kCampaignId);
  request.set_member_id(kBob);
  const auto stats = teller.Call<ReferralService>(&ReferralService::Stub::GetReferrerStats, request).stats();
  teller.Expect("Bob's rewarded referrals", stats.rewarded_count(), 1);
  teller.Expect("Bob's points by referrals", stats.awarded_points(), kReferrerPoints);
  teller.Say(absl::StrCat(
      "Bob looks at what his code has brought him: ", Counted(stats.rewarded_count(), "friend", "friends"),
      ", ", teller.Points(stats.awarded_points()), "."));
}

}  // namespace

void BringAFriend(Teller& teller) {
  Enroll(teller, kBob, "Bob");
  const std::string code = GetCode(teller);
  teller.AdvanceTo(absl::CivilMinute(2025, 1, 8, 18, 20));
  Claim(teller, code);
  Enroll(teller, kAda, "Ada");

  teller.AdvanceTo(absl::CivilMinute(2025, 1, 10, 17, 30));
  Buy(teller, {.order_id = "order-1",
               .articles = {{"beans-250g", "coffee beans", 1290}, {"hand-grinder", "a hand grinder", 2960}},
               .base_points = 42,
               .balance = 42});
  teller.AdvanceTo(absl::CivilMinute(2025, 1, 10, 17, 40));
  SeeHeld(teller, 4250);
  teller.AdvanceTo(absl::CivilMinute(2025, 1, 24, 18, 0));
  SeeRewarded(teller);
}

}  // namespace loyalty::cli::story
