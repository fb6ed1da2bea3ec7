#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class EarnRuleService : public ServerTest {
 protected:
  // A rule that multiplies by `numerator`, for members with a label.
  static std::string Rule(const std::string& id, int numerator, const std::string& label = "plus") {
    return "rule: {program_id: 'shop', rule_id: '" + id +
           "', display_name: 'x', conditions: {member_label: '" + label +
           "'}, effect: {multiplier: {numerator: " + std::to_string(numerator) +
           ", denominator: 1}}}, actor: 'ann', request_id: ";
  }
  auto Buy(const std::string& order, const std::string& time = "2026-05-01T10:00:00Z") {
    return Call(&Points::RecordPurchase, "member_id: 'anna', request_id: '" + order +
                                             "', purchase: {order_id: '" + order + "', purchase_time: '" +
                                             time + "', total_minor: 1000}");
  }
};

TEST_F(EarnRuleService, ARuleMultipliesWhatAMemberWithItsLabelEarns) {
  Made(&Rules::CreateEarnRule, Rule("plus", 3) + "'c1'");
  EXPECT_EQ(Buy("o1")->entry().points(), 10);
  Made(&Points::SetMemberLabel,
       "member_id: 'anna', request_id: 'l1', label: 'plus', from_time: '2026-05-01T00:00:00Z', until_time: "
       "'2026-05-01T11:00:00Z'");
  const auto with = Buy("o2");
  EXPECT_EQ(with->entry().points(), 30);
  ASSERT_EQ(with->entry().awards_size(), 2);
  EXPECT_EQ(with->entry().awards(0).rule_id(), "base");
  EXPECT_EQ(with->entry().awards(1).rule_id(), "plus");
  EXPECT_EQ(with->entry().awards(1).points(), 20);
  EXPECT_EQ(Buy("o3", "2026-05-01T11:00:00Z")->entry().points(), 10) << "the label is over";
  const auto member = Call(&Points::GetMember, "member_id: 'anna'");
  ASSERT_EQ(member->member().labels_size(), 1);
  EXPECT_EQ(member->member().labels(0).label(), "plus");
  const auto again = Buy("o2");
  EXPECT_TRUE(again.replayed);
  EXPECT_THAT(*again, IsMessage(*with));
  ExpectCleanLedger();
}

TEST_F(EarnRuleService, AnArchivedRuleGivesNothingMore) {
  Made(&Rules::CreateEarnRule, Rule("all", 2, "") + "'c1'");
  EXPECT_EQ(Buy("o1")->entry().points(), 20);
  const auto archived = Call(&Rules::ArchiveEarnRule, "rule_id: 'all', actor: 'ann', request_id: 'a1'");
  ASSERT_THAT(archived, IsOk());
  EXPECT_TRUE(archived->rule().has_archive_time());
  EXPECT_EQ(Buy("o2")->entry().points(), 10);
  const auto twice = Call(&Rules::ArchiveEarnRule, "rule_id: 'all', actor: 'ann', request_id: 'a2'");
  EXPECT_THAT(*twice, IsMessage(*archived));
  EXPECT_EQ(Call(&Rules::ListEarnRules, "")->rules_size(), 0);
  EXPECT_EQ(Call(&Rules::ListEarnRules, "include_archived: true")->rules_size(), 1);
}

TEST_F(EarnRuleService, IdsOfRulesAndRequestsAreGivenOnce) {
  const auto first = Call(&Rules::CreateEarnRule, Rule("plus", 3) + "'c1'");
  ASSERT_THAT(first, IsOk());
  EXPECT_FALSE(first.replayed);
  server_.clock().Advance(absl::Hours(1));
  for (const std::string request : {"'c1'", "'c2'"}) {
    const auto again = Call(&Rules::CreateEarnRule, Rule("plus", 3) + request);
    EXPECT_TRUE(again.replayed) << again;
    EXPECT_THAT(*again, IsMessage(*first));
  }
  EXPECT_THAT(Call(&Rules::CreateEarnRule, Rule("plus", 4) + "'c1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  const auto other = Call(&Rules::CreateEarnRule, Rule("plus", 4) + "'c3'");
  EXPECT_THAT(other, Refused(StatusCode::ALREADY_EXISTS, "EARN_RULE_ALREADY_EXISTS"));
  EXPECT_THAT(other.error.metadata, ElementsAre(Pair("rule_id", "plus")));
  EXPECT_THAT(*Call(&Rules::GetEarnRule, "rule_id: 'plus'"),
              ::testing::Property(&v1::GetEarnRuleResponse::rule, IsMessage(first->rule())));
}

TEST_F(EarnRuleService, ATrialWritesNothing) {
  const std::string before = Written();
  EXPECT_THAT(Call(&Rules::CreateEarnRule, Rule("plus", 3) + "'c1', validate_only: true"), IsOk());
  EXPECT_EQ(Written(), before);
}

TEST_F(EarnRuleService, PagesAreInTheOrderOfIds) {
  std::vector<std::string> ids;
  for (const std::string id : {"b", "a", "c"}) Made(&Rules::CreateEarnRule, Rule(id, 2) + "'" + id + "'");
  std::string token;
  do {
    const auto page = Call(&Rules::ListEarnRules, "page_size: 2, page_token: '" + token + "'");
    for (const auto& rule : page->rules()) ids.push_back(rule.rule_id());
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(ids, ElementsAre("a", "b", "c"));
}

TEST_F(EarnRuleService, WhatIsNotThereIsNotFound) {
  EXPECT_THAT(Call(&Rules::GetEarnRule, "rule_id: 'x'"),
              Refused(StatusCode::NOT_FOUND, "EARN_RULE_NOT_FOUND"));
  EXPECT_THAT(Call(&Rules::ArchiveEarnRule, "rule_id: 'x', actor: 'ann', request_id: 'a1'"),
              Refused(StatusCode::NOT_FOUND, "EARN_RULE_NOT_FOUND"));
  EXPECT_THAT(Call(&Rules::ListEarnRules, "program_id: 'nowhere'"),
              Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
}

TEST_F(EarnRuleService, AProgramHasAtMostAHundredInForce) {
  for (int i = 0; i < 100; ++i) {
    Made(&Rules::CreateEarnRule, Rule("r" + std::to_string(i), 2) + "'c" + std::to_string(i) + "'");
  }
  const auto more = Call(&Rules::CreateEarnRule, Rule("more", 2) + "'more'");
  EXPECT_THAT(more, Refused(StatusCode::FAILED_PRECONDITION, "TOO_MANY_EARN_RULES"));
  EXPECT_THAT(more.error.metadata, ElementsAre(Pair("limit", "100")));
  Made(&Rules::ArchiveEarnRule, "rule_id: 'r7', actor: 'ann', request_id: 'a1'");
  EXPECT_THAT(Call(&Rules::CreateEarnRule, Rule("more", 2) + "'more'"), IsOk());
}

}  // namespace
}  // namespace loyalty::points
