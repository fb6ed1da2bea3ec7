// Tiers, as a caller sees them.
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class Tiers : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    SetPolicy("tiers",
              "{metric: 'TIER_METRIC_MONEY_SPENT', period: 'TIER_PERIOD_CALENDAR_YEAR', tiers: ["
              "{tier_id: 'silver', display_name: 'Silver', threshold: 50000}, "
              "{tier_id: 'gold', display_name: 'Gold', threshold: 200000, multiplier: {numerator: 2, "
              "denominator: 1}}]}");
  }
  auto Buy(const std::string& order, int64_t minor) {
    return Call(&Points::RecordPurchase,
                absl::StrCat("member_id: 'anna', request_id: '", order, "', purchase: {order_id: '", order,
                             "', purchase_time: '2026-05-01T10:00:00Z', total_minor: ", minor, "}"));
  }
  auto Set(const std::string& request, const std::string& more) {
    return Call(&Points::SetTier,
                "member_id: 'anna', actor: 'ann', reason: 'a guest of honour', request_id: '" + request +
                    "', " + more);
  }
  v1::MemberTier TierOf(const std::string& member) {
    return Made(&Points::GetMember, "member_id: '" + member + "'").member().tier();
  }
};

TEST_F(Tiers, AMemberSeesWhereTheNextTierIsAndWhatKeepsThis) {
  Made(&Points::EnrollMember, "member_id: 'anna'");
  EXPECT_THAT(TierOf("anna"),
              IsMessage(Parse<v1::MemberTier>("next_tier_id: 'silver', missing_for_next: 50000")));
  Buy("o1", 60000);
  EXPECT_THAT(
      TierOf("anna"),
      IsMessage(Parse<v1::MemberTier>(
          "tier_id: 'silver', since_time: '2026-05-01T12:00:00Z', until_time: '2028-01-01T05:00:00Z', "
          "progress_points: 600, progress_money_minor: 60000, progress_purchases: 1, next_tier_id: 'gold', "
          "missing_for_next: 140000")));
  const auto change = Newest("anna");
  EXPECT_THAT(change, IsMessage(Parse<v1::Entry>(
                          "member_id: 'anna', sequence: 2, kind: 'ENTRY_KIND_TIER', balance_after: 600, "
                          "occurred_time: '2026-05-01T10:00:00Z', recorded_time: '2026-05-01T12:00:00Z', "
                          "order_id: 'o1', tier_change: {to_tier_id: 'silver'}")));
  const auto events = Call(&Events::ListEvents, "types: ['loyalty.points.v1.EntryPosted']");
  EXPECT_EQ(events->events(1).cause(), "order:o1");
  ExpectCleanLedger();
}

TEST_F(Tiers, TheMultiplierOfATierIsAnAwardOfItsOwn) {
  Buy("o1", 200000);
  const auto bought = Buy("o2", 1000);
  EXPECT_EQ(bought->entry().points(), 20);
  ASSERT_EQ(bought->entry().awards_size(), 2);
  EXPECT_EQ(bought->entry().awards(1).rule_id(), "tier:gold");
}

TEST_F(Tiers, AProgramWithoutTiersTellsNone) {
  SetPolicy("tiers", "{}");
  Made(&Points::EnrollMember, "member_id: 'anna'");
  EXPECT_FALSE(Call(&Points::GetMember, "member_id: 'anna'")->member().has_tier());
}

TEST_F(Tiers, ATierThatTheProgramDropsIsNobodysAnyMore) {
  Buy("o1", 60000);
  SetPolicy("tiers", "{}");
  EXPECT_FALSE(Call(&Points::GetMember, "member_id: 'anna'")->member().has_tier());
  Buy("o2", 100);
  const auto changes = Call(&Points::ListEntries, "member_id: 'anna', kinds: ['ENTRY_KIND_TIER']");
  ASSERT_EQ(changes->entries_size(), 2);
  EXPECT_THAT(changes->entries(0).tier_change(), IsMessage(Parse<v1::TierChange>("from_tier_id: 'silver'")));
  ExpectCleanLedger();
}

TEST_F(Tiers, ALowerThresholdGivesTheTierAtOnce) {
  Buy("o1", 30000);
  EXPECT_EQ(TierOf("anna").tier_id(), "");
  SetPolicy("tiers", "{tiers: [{tier_id: 'silver', display_name: 'Silver', threshold: 20000}]}");
  EXPECT_EQ(TierOf("anna").tier_id(), "silver");
  EXPECT_EQ(TierOf("anna").next_tier_id(), "");
  ExpectCleanLedger();
}

TEST_F(Tiers, ATierIsLostAtTheEndOfTheYearThoughNobodyAsks) {
  Buy("o1", 60000);
  server_.clock().Advance(absl::Hours(24 * 365 * 2));
  EXPECT_EQ(TierOf("anna").tier_id(), "");
  EXPECT_EQ(TierOf("anna").next_tier_id(), "silver");
}

TEST_F(Tiers, ATierIsGivenByHandUntilAnEndAndEnded) {
  Buy("o1", 60000);
  const auto set = Set("t1", "tier_id: 'gold', until_time: '2026-07-01T00:00:00Z'");
  ASSERT_THAT(set, IsOk());
  EXPECT_THAT(
      set->entry(),
      IsMessage(Parse<v1::Entry>(
          "member_id: 'anna', sequence: 3, kind: 'ENTRY_KIND_TIER', balance_after: 600, "
          "occurred_time: '2026-05-01T12:00:00Z', recorded_time: '2026-05-01T12:00:00Z', request_id: 't1', "
          "reason: 'a guest of honour', actor: 'ann', tier_change: {from_tier_id: 'silver', to_tier_id: "
          "'gold', "
          "override_until_time: '2026-07-01T00:00:00Z'}")));
  EXPECT_THAT(Newest("anna"), IsMessage(set->entry()));
  const auto tier = TierOf("anna");
  EXPECT_EQ(tier.tier_id(), "gold");
  EXPECT_EQ(tier.next_tier_id(), "");
  EXPECT_EQ(tier.tier_override().tier_id(), "gold");
  EXPECT_EQ(tier.tier_override().until_time().seconds(), tier.until_time().seconds());
  const auto ended = Set("t2", "validate_only: false");
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->entry().tier_change().from_tier_id(), "gold");
  EXPECT_EQ(ended->entry().tier_change().to_tier_id(), "silver");
  EXPECT_FALSE(ended->entry().tier_change().has_override_until_time());
  EXPECT_FALSE(TierOf("anna").has_tier_override());
  ExpectCleanLedger();
}

TEST_F(Tiers, AnOverrideEndsByItself) {
  Buy("o1", 60000);
  ASSERT_THAT(Set("t1", "tier_id: '', until_time: '2026-05-02T12:00:00Z'"), IsOk());
  EXPECT_EQ(TierOf("anna").tier_id(), "") << "no tier is one too";
  server_.clock().Advance(absl::Hours(24));
  EXPECT_EQ(TierOf("anna").tier_id(), "silver");
  Buy("o2", 100);
  const auto changes = Call(&Points::ListEntries, "member_id: 'anna', kinds: ['ENTRY_KIND_TIER']");
  ASSERT_EQ(changes->entries_size(), 3);
  EXPECT_EQ(changes->entries(0).tier_change().to_tier_id(), "silver");
  EXPECT_EQ(changes->entries(0).request_id(), "");
}

TEST_F(Tiers, WhatCannotBeIsRefused) {
  const std::string july = ", until_time: '2026-07-01T00:00:00Z'";
  EXPECT_THAT(Set("t1", "tier_id: 'gold'" + july), Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(Set("t1", "program_id: 'nowhere'"), Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
  Buy("o1", 100);
  const auto unknown = Set("t1", "tier_id: 'bronze'" + july);
  EXPECT_THAT(unknown, Refused(StatusCode::NOT_FOUND, "TIER_NOT_FOUND"));
  EXPECT_THAT(unknown.error.metadata, ElementsAre(Pair("tier_id", "bronze")));
  const auto past = Set("t1", "tier_id: 'gold', until_time: '2026-05-01T12:00:00Z'");
  EXPECT_THAT(past, Refused(StatusCode::INVALID_ARGUMENT, "TIME_ORDER"));
  EXPECT_THAT(past.error.violations, ElementsAre("until_time TIME_ORDER"));
  EXPECT_EQ(TierOf("anna").tier_id(), "");
}

TEST_F(Tiers, ATrialWritesNothing) {
  Buy("o1", 60000);
  const std::string before = Written();
  const auto trial = Set("t1", "tier_id: 'gold', until_time: '2026-07-01T00:00:00Z', validate_only: true");
  EXPECT_EQ(trial->entry().tier_change().to_tier_id(), "gold");
  EXPECT_EQ(Written(), before);
}

TEST_F(Tiers, ARepeatedRequestGetsTheOriginalAnswer) {
  Buy("o1", 60000);
  const std::string gold = "tier_id: 'gold', until_time: '2026-07-01T00:00:00Z'";
  const auto first = Set("t1", gold);
  const auto again = Set("t1", gold);
  EXPECT_THAT(again, IsReplayed());
  EXPECT_THAT(*again, IsMessage(*first));
  EXPECT_THAT(Set("t1", "tier_id: 'silver', until_time: '2026-07-01T00:00:00Z'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
}

}  // namespace
}  // namespace loyalty::points
