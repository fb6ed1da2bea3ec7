// A referral server with one program, "shop", beside a points service of the test's own, and short names for
// its stubs and for what tests of it use of common/testing/client.h:
//
//   const auto claimed = Call(&Referrals::ClaimReferral, "friend_id: 'bert', code: 'anna', request_id:
//   'r1'"); EXPECT_THAT(Call(&Referrals::LookUpCode, "…"), Refused(StatusCode::NOT_FOUND, "CODE_NOT_FOUND"));
#pragma once

#include <absl/strings/str_cat.h>

#include <string>

#include "common/rpc/time.h"
#include "common/testing/client.h"
#include "common/testing/service_test.h"
#include "loyalty/points/v1/event.pb.h"
#include "loyalty/referral/v1/campaign_service.grpc.pb.h"
#include "loyalty/referral/v1/referral_service.grpc.pb.h"
#include "services/referral/definition.h"

namespace loyalty::referral {

using namespace testing;  // that of loyalty

using Campaigns = v1::CampaignService::StubInterface;
using Referrals = v1::ReferralService::StubInterface;
using Client = testing::Client<v1::CampaignService, v1::ReferralService>;

inline auto Refused(StatusCode code, const std::string& reason) {
  return testing::RefusedBy("loyalty.referral.v1", code, reason);
}

// The worked example of README.md, as terms.
inline constexpr char kThreeBrackets[] =
    "display_name: 'Bring a friend', trigger: 'TRIGGER_FIRST_PURCHASE', minimum_amount_minor: 2000, "
    "friend_reward: {points: 500}, "
    "brackets: [{from_referral: 1, reward: {points: 100}}, {from_referral: 4, reward: {points: 200}}, "
    "{from_referral: 10, reward: {points: 400}}], milestones: [{referrals: 5, reward: {points: 1000}}]";
inline constexpr char kSignUpTerms[] =
    "display_name: 'Come in', trigger: 'TRIGGER_SIGN_UP', friend_reward: {points: 50}, "
    "brackets: [{from_referral: 1, reward: {points: 70}}]";

// See testing::ServiceTest.
class ServerTest : protected testing::BesidePoints, public testing::ServiceTest<Client> {
 protected:
  ServerTest() : ServiceTest(Definition(), Options()) {}
  void SetUp() override { server_.database().AddProgram("shop", "Europe/Rome", "EUR"); }

  // An active campaign.
  void AddCampaign(const std::string& terms = kThreeBrackets, const std::string& id = "spring") {
    Made(&Campaigns::CreateCampaign, absl::StrCat("campaign: {campaign_id: '", id, "', terms: {", terms,
                                                  "}}, request_id: 'create ", id, "'"));
    Made(&Campaigns::ActivateCampaign,
         absl::StrCat("campaign_id: '", id, "', request_id: 'activate ", id, "'"));
  }
  // "anna" gets the code "code-of-anna".
  void AddCode(const std::string& member, const std::string& campaign = "spring") {
    Made(&Referrals::CreateVanityCode,
         absl::StrCat("campaign_id: '", campaign, "', member_id: '", member, "', code: 'code-of-", member,
                      "', request_id: 'code of ", member, " in ", campaign, "'"));
  }
  Reply<v1::ClaimReferralResponse> Claim(const std::string& friend_id, const std::string& referrer = "anna") {
    return Call(&Referrals::ClaimReferral,
                absl::StrCat("friend_id: '", friend_id, "', code: 'code-of-", referrer,
                             "', request_id: 'claim ", friend_id, " ", referrer, "', actor: 'shop'"));
  }
  v1::GetReferralResponse Get(const std::string& friend_id) {
    const auto reply = Call(&Referrals::GetReferral, absl::StrCat("friend_id: '", friend_id, "'"));
    EXPECT_TRUE(reply.ok()) << reply;
    return *reply;
  }

  // What points' event stream tells, now. It is taken in by server_.RunDue("shop").
  void Buy(const std::string& member, const std::string& order_id, int64_t total_minor) {
    Buy(member, order_id, total_minor, server_.clock().Now());
  }
  // The same, at a time by the shop's clock.
  void Buy(const std::string& member, const std::string& order_id, int64_t total_minor, absl::Time time) {
    points::v1::EntryPosted posted;
    points::v1::Entry& entry = *posted.mutable_entry();
    entry.set_member_id(member);
    entry.set_kind(points::v1::ENTRY_KIND_PURCHASE);
    entry.set_order_id(order_id);
    entry.mutable_purchase()->set_order_id(order_id);
    entry.mutable_purchase()->set_total_minor(total_minor);
    *entry.mutable_purchase()->mutable_purchase_time() = rpc::ToProto(time);
    points_.Emit("shop", posted, {member, "", "", server_.clock().Now()});
  }
  void GiveBack(const std::string& member, const std::string& order_id, const std::string& return_id,
                int64_t returned_minor) {
    points::v1::EntryPosted posted;
    points::v1::Entry& entry = *posted.mutable_entry();
    entry.set_member_id(member);
    entry.set_kind(points::v1::ENTRY_KIND_RETURN);
    entry.set_order_id(order_id);
    entry.set_return_id(return_id);
    entry.set_returned_minor(returned_minor);
    points_.Emit("shop", posted, {member, "", "", server_.clock().Now()});
  }

  // What a member has, as the points service would keep it.
  int64_t PointsOf(const std::string& member) const {
    int64_t points = 0;
    for (const auto& award : points_.awards()) points += award.member_id() == member ? award.points() : 0;
    for (const auto& taken : points_.reversals()) points -= taken.member_id() == member ? taken.points() : 0;
    return points;
  }
  // The events so far, in order, without their package.
  std::string Events() const {
    return Ask("SELECT string_agg(split_part(type, '.', 4), ' ' ORDER BY position) FROM referral.outbox");
  }
  // A summary of all that is written. (Program 0 is the planner's.)
  std::string Written() const {
    std::string text;
    for (const char* table : {"campaign", "campaign_version", "code", "member", "referrer", "referral",
                              "transition", "milestone", "outbox", "request", "delivery", "event_head"}) {
      text += Ask(absl::StrCat("SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY "
                               "t::text)), '') FROM referral.",
                               table, " AS t WHERE program_key > 0")) +
              "\n";
    }
    return text;
  }
};

}  // namespace loyalty::referral
