// Deeds that are no purchases, as a caller records them.
#include "loyalty/points/v1/event.pb.h"
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kReview[] =
    "member_id: 'anna', activity: {type: 'review', activity_id: 'a1', activity_time: '2026-05-01T10:00:00Z', "
    "channel: 'web', location: 'Rome'}, actor: 'site', request_id: ";

class Activities : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    Made(&Rules::CreateEarnRule,
         "rule: {program_id: 'shop', rule_id: 'review', display_name: 'x', conditions: {activity_type: "
         "'review'}, "
         "effect: {fixed_points: {points: 50}}}, actor: 'ann', request_id: 'c1'");
  }
  auto Record(const std::string& activity, const std::string& more = "") {
    return Call(&Points::RecordActivity,
                "member_id: 'anna', request_id: 'x', activity: {type: 'review', "
                "activity_time: '2026-05-01T10:00:00Z', " +
                    activity + "}" + more);
  }
};

TEST_F(Activities, ADeedEarnsByTheRulesForItsType) {
  const auto recorded = Call(&Points::RecordActivity, kReview + std::string("'r1'"));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_THAT(
      recorded->entry(),
      IsMessage(Parse<v1::Entry>(
          "member_id: 'anna', sequence: 1, kind: 'ENTRY_KIND_ACTIVITY', points: 50, balance_after: 50, "
          "occurred_time: '2026-05-01T10:00:00Z', recorded_time: '2026-05-01T12:00:00Z', request_id: 'r1', "
          "actor: 'site', channel: 'web', location: 'Rome', activity_type: 'review', activity_id: 'a1', "
          "awards: [{rule_id: 'review', points: 50}], "
          "lots: [{points: 50, earned_time: '2026-05-01T10:00:00Z'}]")));
  EXPECT_THAT(Newest("anna"), IsMessage(recorded->entry()));
  const auto events = Call(&Events::ListEvents, "types: ['loyalty.points.v1.EntryPosted']");
  ASSERT_EQ(events->events_size(), 1);
  EXPECT_EQ(events->events(0).cause(), "activity:a1");
  ExpectCleanLedger();
}

TEST_F(Activities, ADeedThatNoRuleRewardsIsRecordedToo) {
  const auto visit = Call(&Points::RecordActivity,
                          "member_id: 'anna', request_id: 'r1', activity: {type: 'visit', activity_id: 'v1', "
                          "activity_time: '2026-05-01T10:00:00Z'}");
  ASSERT_THAT(visit, IsOk());
  EXPECT_EQ(visit->entry().points(), 0);
  EXPECT_EQ(visit->entry().activity_type(), "visit");
  const auto why = Call(&Points::ExplainEntry, "member_id: 'anna', sequence: 1");
  ASSERT_EQ(why->explanations_size(), 1);
  EXPECT_EQ(why->explanations(0).outcome(), v1::RULE_OUTCOME_OTHER_DEED);
}

TEST_F(Activities, ARepeatedDeedGetsTheOriginalAnswerAlsoUnderANewRequestId) {
  const auto first = Call(&Points::RecordActivity, kReview + std::string("'r1'"));
  server_.clock().Advance(absl::Hours(1));
  for (const std::string request : {"'r1'", "'r2'"}) {
    const auto again = Call(&Points::RecordActivity, kReview + request);
    EXPECT_THAT(again, IsReplayed()) << again;
    EXPECT_THAT(*again, IsMessage(*first));
  }
  for (const std::string other : {"activity_id: 'a1'", "activity_id: 'a1', channel: 'app'"}) {
    const auto reply = Record(other);
    EXPECT_THAT(reply, Refused(StatusCode::ALREADY_EXISTS, "ACTIVITY_ID_REUSED"));
    EXPECT_THAT(reply.error.metadata, ElementsAre(Pair("activity_id", "a1")));
  }
  EXPECT_THAT(Record("activity_id: 'a2'", ", request_id: 'r1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_EQ(Balance("anna"), 50);
}

TEST_F(Activities, ATrialWritesNothing) {
  const std::string before = Written();
  const auto trial = Record("activity_id: 'a1'", ", validate_only: true");
  ASSERT_THAT(trial, IsOk());
  EXPECT_EQ(trial->entry().points(), 50);
  EXPECT_EQ(Written(), before);
  EXPECT_THAT(Record("activity_id: 'a1'"), IsOk()) << "the trial took no id";
}

TEST_F(Activities, AnAwardOfADeedCanBeReversed) {
  Made(&Points::RecordActivity, kReview + std::string("'r1'"));
  const auto undone =
      Call(&Points::ReverseEntry, "member_id: 'anna', request_id: 'u1', reversed_request_id: 'r1'");
  ASSERT_THAT(undone, IsOk());
  EXPECT_EQ(undone->entry().points(), -50);
  ExpectCleanLedger();
}

TEST_F(Activities, WhatCannotBeIsRefused) {
  EXPECT_THAT(Record("activity_id: 'a1'", ", program_id: 'nowhere'"),
              Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
  EXPECT_THAT(Record("activity_id: 'a1', activity_time: '2026-05-01T12:05:01Z'"),
              Refused(StatusCode::INVALID_ARGUMENT, "TIME_IN_FUTURE"));
  Made(&Points::Earn, "member_id: 'anna', request_id: 'e1', points: '9223372036854775807'");
  EXPECT_THAT(Record("activity_id: 'a1'"), Refused(StatusCode::OUT_OF_RANGE, "POINTS_OVERFLOW"));
  Made(&Programs::UpdateProgram,
       "program: {program_id: 'shop', enrollment_mode: 'ENROLLMENT_MODE_EXPLICIT'}, update_mask: "
       "'enrollmentMode'");
  EXPECT_THAT(Record("activity_id: 'a1'", ", member_id: 'bert'"),
              Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
}

}  // namespace
}  // namespace loyalty::points
