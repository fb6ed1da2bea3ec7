// What a purchase would earn, and why an entry is what it is.
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class Quote : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    const auto make = [&](const std::string& id, const std::string& rest) {
      Made(&Rules::CreateEarnRule, "rule: {program_id: 'shop', rule_id: '" + id + "', display_name: 'x', " +
                                       rest + "}, actor: 'ann', request_id: '" + id + "'");
    };
    make("app", "conditions: {channels: ['app']}, effect: {fixed_points: {points: 5}}");
    make("budget", "effect: {fixed_points: {points: 30}}, limits: {budget_points: 30}");
    make("review", "conditions: {activity_type: 'review'}, effect: {fixed_points: {points: 5}}");
    make("twice", "effect: {multiplier: {numerator: 2, denominator: 1}}");
  }
  static std::string Order(const std::string& order) {
    return "member_id: 'anna', purchase: {order_id: '" + order +
           "', purchase_time: '2026-05-01T10:00:00Z', total_minor: 1000}";
  }
  auto Buy(const std::string& order) {
    return Call(&Points::RecordPurchase, Order(order) + ", request_id: '" + order + "'");
  }
  // "rule outcome", by rule.
  template <class Reply>
  static std::vector<std::string> Outcomes(const Reply& reply) {
    std::vector<std::string> outcomes;
    for (const auto& rule : reply->explanations()) {
      EXPECT_EQ(rule.version(), 1);
      outcomes.push_back(rule.rule_id() + " " +
                         v1::RuleOutcome_Name(rule.outcome()).substr(std::string("RULE_OUTCOME_").size()));
    }
    return outcomes;
  }
};

TEST_F(Quote, TellsWhatAPurchaseWouldEarnAndWritesNothing) {
  Made(&Points::EnrollMember, "member_id: 'anna'");
  const std::string before = Written();
  const auto quote = Call(&Points::QuotePurchase, Order("o1"));
  ASSERT_THAT(quote, IsOk());
  EXPECT_EQ(quote->entry().points(), 50);
  EXPECT_THAT(Outcomes(quote),
              ElementsAre("app CHANNEL", "budget APPLIED", "review OTHER_DEED", "twice APPLIED"));
  EXPECT_EQ(Written(), before);
  auto bought = Buy("o1")->entry();
  bought.clear_request_id();
  EXPECT_THAT(bought, IsMessage(quote->entry())) << "the very answer of the purchase";
}

TEST_F(Quote, OfSomebodyWhoIsNoMemberYetMakesNone) {
  const std::string before = Written();
  EXPECT_THAT(Call(&Points::QuotePurchase, Order("o1")), IsOk());
  EXPECT_EQ(Written(), before);
  EXPECT_THAT(Call(&Points::GetMember, "member_id: 'anna'"),
              Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
}

TEST_F(Quote, OfARecordedOrderIsWhatItEarned) {
  const auto bought = Buy("o1");
  const auto quote = Call(&Points::QuotePurchase, Order("o1"));
  EXPECT_THAT(quote, IsReplayed());
  EXPECT_THAT(quote->entry(), IsMessage(bought->entry()));
  EXPECT_THAT(Outcomes(quote),
              ElementsAre("app CHANNEL", "budget APPLIED", "review OTHER_DEED", "twice APPLIED"));
  EXPECT_THAT(Call(&Points::QuotePurchase, Order("o1") + ", member_id: 'bert'"),
              Refused(StatusCode::ALREADY_EXISTS, "ORDER_ID_REUSED"));
}

TEST_F(Quote, IsRefusedAsThePurchaseWouldBe) {
  EXPECT_THAT(Call(&Points::QuotePurchase, Order("o1") + ", program_id: 'nowhere'"),
              Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
  EXPECT_THAT(Call(&Points::QuotePurchase,
                   "member_id: 'anna', purchase: {order_id: 'o1', purchase_time: '2026-05-01T10:00:00Z', "
                   "total_minor: 1000, currency_code: 'EUR'}"),
              Refused(StatusCode::INVALID_ARGUMENT, "CURRENCY_MISMATCH"));
  Made(&Programs::UpdateProgram,
       "program: {program_id: 'shop', enrollment_mode: 'ENROLLMENT_MODE_EXPLICIT'}, update_mask: "
       "'enrollmentMode'");
  EXPECT_THAT(Call(&Points::QuotePurchase, Order("o1")), Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
}

TEST_F(Quote, AnEntryIsExplainedAsItWasDecided) {
  Buy("o1");
  Buy("o2");
  Made(&Rules::ArchiveEarnRule, "rule_id: 'app', actor: 'ann', request_id: 'a1'");
  const auto first = Call(&Points::ExplainEntry, "member_id: 'anna', sequence: 1");
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->entry().purchase().order_id(), "o1");
  EXPECT_THAT(Outcomes(first),
              ElementsAre("app CHANNEL", "budget APPLIED", "review OTHER_DEED", "twice APPLIED"));
  const auto second = Call(&Points::ExplainEntry, "member_id: 'anna', sequence: 2");
  EXPECT_THAT(Outcomes(second),
              ElementsAre("app CHANNEL", "budget BUDGET", "review OTHER_DEED", "twice APPLIED"));
  EXPECT_THAT(second->entry(), IsMessage(Newest("anna")));
  Made(&Points::Spend, "member_id: 'anna', request_id: 's1', points: 1");
  EXPECT_EQ(Call(&Points::ExplainEntry, "member_id: 'anna', sequence: 3")->explanations_size(), 0);
}

TEST_F(Quote, WhatIsNotThereCannotBeExplained) {
  Buy("o1");
  for (const std::string sequence : {"2", "9223372036854775806"}) {
    const auto reply = Call(&Points::ExplainEntry, "member_id: 'anna', sequence: '" + sequence + "'");
    EXPECT_THAT(reply, Refused(StatusCode::NOT_FOUND, "ENTRY_NOT_FOUND"));
    EXPECT_THAT(reply.error.metadata, ElementsAre(Pair("sequence", sequence)));
  }
  EXPECT_THAT(Call(&Points::ExplainEntry, "member_id: 'bert', sequence: 1"),
              Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(Call(&Points::ExplainEntry, "member_id: 'anna', sequence: 1, program_id: 'nowhere'"),
              Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
}

}  // namespace
}  // namespace loyalty::points
