#include "loyalty/points/v1/event.pb.h"
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

TEST_F(EarnRuleService, AChangeIsANewVersionForWhatIsRecordedFromThenOn) {
  const auto first = Call(&Rules::CreateEarnRule, Rule("all", 2, "") + "'c1'");
  EXPECT_EQ(first->rule().version(), 1);
  EXPECT_EQ(Buy("o1")->entry().points(), 20);
  server_.clock().Advance(absl::Hours(1));
  const auto second = Call(&Rules::UpdateEarnRule, Rule("all", 3, "") + "'u1'");
  ASSERT_THAT(second, IsOk());
  EXPECT_FALSE(second.replayed);
  EXPECT_EQ(second->rule().version(), 2);
  EXPECT_EQ(second->rule().create_time().seconds(), first->rule().create_time().seconds() + 3600);
  EXPECT_EQ(Buy("o2")->entry().points(), 30);
  EXPECT_THAT(*Call(&Rules::GetEarnRule, "rule_id: 'all'"),
              ::testing::Property(&v1::GetEarnRuleResponse::rule, IsMessage(second->rule())));
  const auto old = Call(&Rules::GetEarnRule, "rule_id: 'all', version: 1");
  EXPECT_EQ(old->rule().effect().multiplier().numerator(), 2);
  EXPECT_EQ(old->rule().replace_time().seconds(), second->rule().create_time().seconds());
  EXPECT_THAT(Call(&Rules::GetEarnRule, "rule_id: 'all', version: 3"),
              Refused(StatusCode::NOT_FOUND, "EARN_RULE_NOT_FOUND"));
  const auto page = Call(&Rules::ListEarnRules, "");
  ASSERT_EQ(page->rules_size(), 1);
  EXPECT_THAT(page->rules(0), IsMessage(second->rule()));
}

TEST_F(EarnRuleService, AChangeToWhatIsInForceChangesNothing) {
  Made(&Rules::CreateEarnRule, Rule("all", 2, "") + "'c1'");
  const auto second = Call(&Rules::UpdateEarnRule, Rule("all", 3, "") + "'u1'");
  const auto replayed = Call(&Rules::UpdateEarnRule, Rule("all", 3, "") + "'u1'");
  EXPECT_TRUE(replayed.replayed);
  EXPECT_THAT(*replayed, IsMessage(*second));
  EXPECT_THAT(*Call(&Rules::UpdateEarnRule, Rule("all", 3, "") + "'u2'"), IsMessage(*second));
  EXPECT_EQ(Count("earn_rule"), "2");
  EXPECT_THAT(Call(&Rules::UpdateEarnRule, Rule("all", 4, "") + "'u1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
}

TEST_F(EarnRuleService, WhatIsArchivedOrUnknownDoesNotChange) {
  Made(&Rules::CreateEarnRule, Rule("all", 2, "") + "'c1'");
  Made(&Rules::ArchiveEarnRule, "rule_id: 'all', actor: 'ann', request_id: 'a1'");
  const auto archived = Call(&Rules::UpdateEarnRule, Rule("all", 3, "") + "'u1'");
  EXPECT_THAT(archived, Refused(StatusCode::FAILED_PRECONDITION, "EARN_RULE_ARCHIVED"));
  EXPECT_THAT(archived.error.metadata, ElementsAre(Pair("rule_id", "all")));
  EXPECT_THAT(Call(&Rules::UpdateEarnRule, Rule("other", 3, "") + "'u2'"),
              Refused(StatusCode::NOT_FOUND, "EARN_RULE_NOT_FOUND"));
}

TEST_F(EarnRuleService, ATrialOfAChangeWritesNothing) {
  Made(&Rules::CreateEarnRule, Rule("all", 2, "") + "'c1'");
  const std::string before = Written();
  const auto trial = Call(&Rules::UpdateEarnRule, Rule("all", 3, "") + "'u1', validate_only: true");
  EXPECT_EQ(trial->rule().version(), 2);
  EXPECT_EQ(Written(), before);
  EXPECT_EQ(Call(&Rules::GetEarnRule, "rule_id: 'all'")->rule().version(), 1);
}

TEST_F(EarnRuleService, AFilterOfLinesNamesSomething) {
  const auto reply =
      Call(&Rules::CreateEarnRule,
           "rule: {program_id: 'shop', rule_id: 'tea', display_name: 'x', conditions: {lines: {}}, effect: "
           "{fixed_points: {points: 5}}}, actor: 'ann', request_id: 'tea'");
  EXPECT_THAT(reply.error.violations, ::testing::ElementsAre("rule.conditions.lines FIELD_REQUIRED"));
}

TEST_F(EarnRuleService, TellsEverythingThatIsWrongWithAChange) {
  const auto bad =
      Call(&Rules::UpdateEarnRule,
           "rule: {program_id: 'shop', rule_id: 'r', display_name: 'x', conditions: {channels: ['web', "
           "''], weekdays: ['WEEKDAY_UNSPECIFIED'], hours: {start_hour: 24, end_hour: 2}}, effect: "
           "{points_per_unit: {points: 1}}, maturity: {kind: 'MATURITY_KIND_DAYS'}, limits: "
           "{budget_points: -1}}, actor: 'ann'");
  EXPECT_THAT(
      bad.error.violations,
      ElementsAre("request_id FIELD_REQUIRED", "rule.conditions.weekdays[0] MALFORMED",
                  "rule.conditions.hours.start_hour TOO_LARGE", "rule.conditions.channels[1] FIELD_REQUIRED",
                  "rule.effect.points_per_unit.per_major_units NOT_POSITIVE",
                  "rule.maturity.days NOT_POSITIVE", "rule.limits.budget_points NEGATIVE"));
  EXPECT_THAT(Call(&Rules::GetEarnRule, "rule_id: 'r', version: -1").error.violations,
              ElementsAre("version NEGATIVE"));
}

TEST_F(EarnRuleService, ChangesAreEvents) {
  Made(&Rules::CreateEarnRule, Rule("all", 2, "") + "'c1'");
  const auto second = Call(&Rules::UpdateEarnRule, Rule("all", 3, "") + "'u1'");
  Made(&Rules::UpdateEarnRule, Rule("all", 3, "") + "'u2'");
  const auto events = Call(&Events::ListEvents, "");
  ASSERT_EQ(events->events_size(), 3) << "of the program, the rule, and its one change";
  v1::EarnRuleUpdated updated;
  ASSERT_TRUE(events->events(2).payload().UnpackTo(&updated));
  EXPECT_THAT(updated.rule(), IsMessage(second->rule()));
}

}  // namespace
}  // namespace loyalty::points
