// Who members are, as a caller sees it.
#include "loyalty/points/v1/event.pb.h"
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class MemberCalls : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    Made(&Points::Earn, "member_id: 'anna', request_id: 'e1', points: 100");
    Made(&Points::Earn, "member_id: 'bert', request_id: 'e2', points: 20");
  }
  auto Update(const std::string& request, const std::string& more) {
    return Call(&Members::UpdateMember,
                "member_id: 'anna', actor: 'app', request_id: '" + request + "', " + more);
  }
  auto Consent(const std::string& request, const std::string& more) {
    return Call(&Members::SetConsent,
                "member_id: 'anna', channel: 'email', request_id: '" + request + "', " + more);
  }
  auto Close(const std::string& request, const std::string& more = "") {
    return Call(
        &Members::CloseMember,
        "member_id: 'anna', actor: 'ann', reason: 'asked for it', request_id: '" + request + "'" + more);
  }
  auto Merge(const std::string& request, const std::string& more = "") {
    return Call(
        &Members::MergeMembers,
        "from_member_id: 'anna', into_member_id: 'bert', actor: 'ann', reason: 'one person', request_id: '" +
            request + "'" + more);
  }
  v1::Member Member(const std::string& id) {
    return Made(&Points::GetMember, "member_id: '" + id + "'").member();
  }
};

TEST_F(MemberCalls, AProfileIsShownWithTheMember) {
  const std::string profile =
      "birthday: {month: 5, day: 17}, segment: 'vip', referrer_member_id: 'bert', attributes: {size: "
      "{number: 38}, born: {day: '1990-02-28'}, vegan: {flag: true}, city: {text: 'Rome'}}";
  const auto updated =
      Update("u1", "profile: {" + profile + "}, update_mask: 'birthday,segment,referrerMemberId,attributes'");
  ASSERT_THAT(updated, IsOk());
  EXPECT_THAT(
      updated->entry(),
      IsMessage(Parse<v1::Entry>(
          "member_id: 'anna', sequence: 2, kind: 'ENTRY_KIND_PROFILE', balance_after: 100, occurred_time: "
          "'2026-05-01T12:00:00Z', recorded_time: '2026-05-01T12:00:00Z', request_id: 'u1', actor: 'app'")));
  EXPECT_THAT(Member("anna").profile(), IsMessage(Parse<v1::MemberProfile>(profile)));
  EXPECT_EQ(Member("anna").state(), v1::MEMBER_STATE_ACTIVE);
  EXPECT_FALSE(Member("bert").has_profile());
  ASSERT_THAT(Update("u2", "profile: {segment: 'staff'}, update_mask: 'segment,birthday'"), IsOk());
  EXPECT_EQ(Member("anna").profile().segment(), "staff");
  EXPECT_FALSE(Member("anna").profile().has_birthday());
  EXPECT_EQ(Member("anna").profile().attributes_size(), 4);
  ExpectCleanLedger();
}

TEST_F(MemberCalls, AllThatIsWrongWithAProfileIsToldAtOnce) {
  const auto reply = Update("",
                            "actor: '', profile: {birthday: {month: 2, day: 30}, attributes: {a: {day: "
                            "'2026-2-1'}, b: {}}}, update_mask: 'labels'");
  EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, "MALFORMED"));
  EXPECT_THAT(reply.error.violations,
              UnorderedElementsAre("profile.attributes MALFORMED", "profile.attributes MALFORMED",
                                   "update_mask UPDATE_MASK_INVALID", "request_id FIELD_REQUIRED",
                                   "profile.birthday MALFORMED"));
  EXPECT_THAT(Update("u1", "profile: {segment: 'vip'}").error.violations,
              ElementsAre("update_mask FIELD_REQUIRED"));
  EXPECT_THAT(Update("u1", "member_id: 'carl', update_mask: 'segment'"),
              Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(Update("u1", "program_id: 'nowhere', update_mask: 'segment'"),
              Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
}

TEST_F(MemberCalls, ConsentsAreListedByChannelAndPurpose) {
  EXPECT_THAT(Call(&Members::GetConsents, "member_id: 'anna'")->consents(), IsEmpty());
  ASSERT_THAT(Consent("c1", "purpose: 'surveys', granted: true"), IsOk());
  ASSERT_THAT(Consent("c2", "purpose: 'marketing', granted: true"), IsOk());
  ASSERT_THAT(Consent("c3", "purpose: 'surveys', granted: false"), IsOk());
  EXPECT_THAT(
      *Call(&Members::GetConsents, "member_id: 'anna'"),
      IsMessage(Parse<v1::GetConsentsResponse>(
          "consents: [{channel: 'email', purpose: 'marketing', granted: true, update_time: "
          "'2026-05-01T12:00:00Z'}, "
          "{channel: 'email', purpose: 'surveys', granted: false, update_time: '2026-05-01T12:00:00Z'}]")));
  EXPECT_THAT(Call(&Members::GetConsents, "member_id: 'carl'"),
              Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(Consent("c4", "channel: ''").error.violations,
              UnorderedElementsAre("channel FIELD_REQUIRED", "purpose FIELD_REQUIRED"));
  Merge("m1");
  EXPECT_EQ(Call(&Members::GetConsents, "member_id: 'bert'")->consents_size(), 2);
  EXPECT_EQ(Call(&Members::GetConsents, "member_id: 'anna'")->consents_size(), 2);
}

TEST_F(MemberCalls, WhoLeavesGivesUpThePointsAndIsAskedForNothingMore) {
  const auto closed = Close("x1");
  ASSERT_THAT(closed, IsOk());
  EXPECT_EQ(closed->entry().kind(), v1::ENTRY_KIND_FORFEIT);
  EXPECT_EQ(closed->entry().points(), -100);
  EXPECT_THAT(Close("x1"), IsReplayed());
  const auto refused = Call(&Points::Earn, "member_id: 'anna', request_id: 'e3', points: 1");
  EXPECT_THAT(refused, Refused(StatusCode::FAILED_PRECONDITION, "MEMBER_CLOSED"));
  EXPECT_THAT(refused.error.metadata, ::testing::Contains(Pair("member_id", "anna")));
  EXPECT_THAT(Call(&Points::Earn, "member_id: 'anna', request_id: 'e1', points: 100"), IsReplayed());
  const auto member = Member("anna");
  EXPECT_EQ(member.state(), v1::MEMBER_STATE_CLOSED);
  EXPECT_TRUE(member.has_close_time());
  EXPECT_EQ(member.available_points(), 0);
  const auto report = Call(&Ledgers::VerifyLedger, "");
  EXPECT_EQ(report->forfeited_points(), 100);
  ExpectCleanLedger();
}

TEST_F(MemberCalls, WhoLeavesKeepsThePointsIfThePolicySaysSo) {
  Made(&Programs::UpdateProgram,
       "program: {program_id: 'shop', policies: {closure: 'CLOSURE_POLICY_KEEP'}}, update_mask: "
       "'policies.closure'");
  EXPECT_EQ(Close("x1")->entry().points(), 0);
  EXPECT_EQ(Member("anna").available_points(), 100);
}

TEST_F(MemberCalls, BirthdaysAndAnniversariesBringPointsThoughNobodyCalls) {
  SetPolicy("celebrations", "{birthday_points: 20, anniversary_points: 50}");
  Made(&Points::EnrollMember, "member_id: 'carl'");
  ASSERT_THAT(Update("u1", "profile: {birthday: {month: 5, day: 17}}, update_mask: 'birthday'"), IsOk());
  server_.clock().Advance(absl::Hours(24 * 16));
  EXPECT_EQ(Balance("anna"), 120);
  server_.clock().Advance(absl::Hours(24 * 350));
  EXPECT_EQ(Balance("anna"), 170);
  EXPECT_EQ(Balance("carl"), 50);
  EXPECT_THAT(Update("u2", "profile: {birthday: {month: 5, day: 20}}, update_mask: 'birthday'"), IsOk());
  const auto page = Call(&Points::ListEntries, "member_id: 'anna', kinds: ['ENTRY_KIND_EARN']");
  ASSERT_EQ(page->entries_size(), 3);
  EXPECT_EQ(page->entries(0).reason(), "anniversary");
  EXPECT_EQ(page->entries(1).reason(), "birthday");
  EXPECT_EQ(page->entries(1).occurred_time().seconds(), 1778990400) << "17 May 2026, 00:00 in New York";
  ExpectCleanLedger();
}

TEST_F(MemberCalls, CelebrationsHaveLimits) {
  const auto reply = Call(&Programs::UpdateProgram,
                          "program: {program_id: 'shop', policies: {celebrations: {birthday_points: -1, "
                          "anniversary_points: 1000000001}}}, update_mask: 'policies.celebrations'");
  EXPECT_THAT(reply.error.violations,
              UnorderedElementsAre("program.policies.celebrations.birthday_points NEGATIVE",
                                   "program.policies.celebrations.anniversary_points TOO_LARGE"));
}

TEST_F(MemberCalls, ClosingAndMergingNeedAReasonAndAName) {
  EXPECT_THAT(
      Close("", ", actor: '', reason: ''").error.violations,
      UnorderedElementsAre("request_id FIELD_REQUIRED", "actor FIELD_REQUIRED", "reason FIELD_REQUIRED"));
  EXPECT_THAT(
      Merge("", ", actor: '', reason: '', from_member_id: '', into_member_id: ''").error.violations,
      UnorderedElementsAre("request_id FIELD_REQUIRED", "actor FIELD_REQUIRED", "reason FIELD_REQUIRED",
                           "from_member_id FIELD_REQUIRED", "into_member_id FIELD_REQUIRED"));
}

TEST_F(MemberCalls, TwoWhoAreOnePersonBecomeOneMember) {
  Made(&Points::RecordPurchase,
       "member_id: 'anna', request_id: 'o1', purchase: {order_id: 'o1', purchase_time: "
       "'2026-05-01T10:00:00Z', "
       "total_minor: 1000}");
  const auto merged = Merge("m1");
  ASSERT_THAT(merged, IsOk());
  EXPECT_EQ(merged->entry().member_id(), "bert");
  EXPECT_EQ(merged->entry().kind(), v1::ENTRY_KIND_MERGE_IN);
  EXPECT_EQ(merged->entry().points(), 110);
  EXPECT_EQ(merged->entry().balance_after(), 130);
  EXPECT_EQ(merged->entry().lots_size(), 2);
  EXPECT_EQ(merged->entry().lots(0).from_sequence(), 2);
  EXPECT_THAT(Merge("m1"), IsReplayed());
  auto anna = Member("anna"), bert = Member("bert");
  EXPECT_EQ(anna.merged_into_member_id(), "bert");
  anna.clear_merged_into_member_id();
  anna.set_member_id("bert");
  EXPECT_THAT(anna, IsMessage(bert));
  EXPECT_EQ(Balance("anna"), 130);
  EXPECT_EQ(Newest("anna").kind(), v1::ENTRY_KIND_MERGE_OUT) << "the ledger of before is still to be seen";
  const auto back =
      Call(&Points::RecordReturn, "order_id: 'o1', return_id: 'b1', request_id: 'b1', amount_minor: 500");
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->entry().member_id(), "bert");
  EXPECT_EQ(back->entry().points(), -5);
  EXPECT_EQ(back->entry().corrected_sequence(), 2);
  EXPECT_TRUE(back->entry().corrects_merged_member());
  EXPECT_THAT(Newest("bert"), IsMessage(back->entry()));
  const auto report = Call(&Ledgers::VerifyLedger, "");
  EXPECT_EQ(report->merged_in_points(), 110);
  EXPECT_EQ(report->merged_out_points(), 110);
  EXPECT_EQ(report->member_count(), 1);
  ExpectCleanLedger();
}

TEST_F(MemberCalls, TheOtherServicesAreToldOfAMerger) {
  Merge("m1", ", validate_only: true");
  Merge("m1");
  Merge("m1");
  const auto events = Call(&Events::ListEvents, "types: ['loyalty.points.v1.MembersMerged']");
  ASSERT_EQ(events->events_size(), 1);
  EXPECT_EQ(events->events(0).member_id(), "bert");
  EXPECT_EQ(events->events(0).actor(), "ann");
  v1::MembersMerged merged;
  ASSERT_TRUE(events->events(0).payload().UnpackTo(&merged));
  EXPECT_THAT(merged, IsMessage(Parse<v1::MembersMerged>("from_member_id: 'anna', into_member_id: 'bert'")));
}

// By ids that stand for somebody already, too.
TEST_F(MemberCalls, AMergerIsToldWithTheMembersOwnIds) {
  Made(&Points::EnrollMember, "member_id: 'carl'");
  Made(&Points::EnrollMember, "member_id: 'dora'");
  Merge("m1");  // anna into bert
  ASSERT_THAT(Merge("m2", ", into_member_id: 'carl'"), IsOk());
  ASSERT_THAT(Merge("m3", ", from_member_id: 'dora', into_member_id: 'bert'"), IsOk());
  const auto events = Call(&Events::ListEvents, "types: ['loyalty.points.v1.MembersMerged']");
  ASSERT_EQ(events->events_size(), 3);
  const auto merged = [&](int i) {
    v1::MembersMerged event;
    EXPECT_TRUE(events->events(i).payload().UnpackTo(&event));
    EXPECT_EQ(events->events(i).member_id(), event.into_member_id());
    return std::pair(event.from_member_id(), event.into_member_id());
  };
  EXPECT_THAT(merged(1), Pair("bert", "carl"));
  EXPECT_THAT(merged(2), Pair("dora", "carl"));
}

TEST_F(MemberCalls, NobodyIsBroughtByOneself) {
  Made(&Points::EnrollMember, "member_id: 'carl'");
  Made(&Members::UpdateMember,
       "member_id: 'carl', profile: {referrer_member_id: 'anna'}, update_mask: 'referrer_member_id', "
       "request_id: 'p1', actor: 'ann'");
  Merge("m1");  // anna into bert
  ASSERT_THAT(Merge("m2", ", from_member_id: 'carl'"), IsOk());
  EXPECT_EQ(Made(&Points::GetMember, "member_id: 'bert'").member().profile().referrer_member_id(), "");
}

TEST_F(MemberCalls, WhatCannotBeMergedIsRefused) {
  const auto same = Merge("m1", ", into_member_id: 'anna'");
  EXPECT_THAT(same, Refused(StatusCode::FAILED_PRECONDITION, "SAME_MEMBER"));
  EXPECT_THAT(same.error.metadata, ElementsAre(Pair("member_id", "anna")));
  for (const std::string field : {"from_member_id", "into_member_id"}) {
    const auto unknown = Merge("m1", ", " + field + ": 'carl'");
    EXPECT_THAT(unknown, Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
    EXPECT_THAT(unknown.error.metadata,
                UnorderedElementsAre(Pair("program_id", "shop"), Pair("member_id", "carl")));
  }
  Close("x1");
  EXPECT_THAT(Merge("m1"), Refused(StatusCode::FAILED_PRECONDITION, "MEMBER_CLOSED"));
  EXPECT_THAT(Merge("m1", ", from_member_id: 'bert', into_member_id: 'anna'"),
              Refused(StatusCode::FAILED_PRECONDITION, "MEMBER_CLOSED"));
}

TEST_F(MemberCalls, TrialsWriteNothing) {
  const std::string before = Written();
  const std::string trial = ", validate_only: true";
  EXPECT_EQ(Merge("m1", trial)->entry().balance_after(), 120);
  EXPECT_EQ(Close("x1", trial)->entry().points(), -100);
  EXPECT_THAT(Update("u1", "profile: {segment: 'vip'}, update_mask: 'segment'" + trial), IsOk());
  EXPECT_THAT(Consent("c1", "purpose: 'surveys'" + trial), IsOk());
  EXPECT_EQ(Written(), before);
}

TEST_F(MemberCalls, ARepeatWithOtherContentIsRefused) {
  ASSERT_THAT(Update("u1", "profile: {segment: 'vip'}, update_mask: 'segment'"), IsOk());
  EXPECT_THAT(Update("u1", "profile: {segment: 'vip'}, update_mask: 'segment'"), IsReplayed());
  EXPECT_THAT(Update("u1", "profile: {segment: 'staff'}, update_mask: 'segment'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_THAT(Update("u1", "profile: {segment: 'vip'}, update_mask: 'segment,birthday'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
}

}  // namespace
}  // namespace loyalty::points
