// The stream of a program: everything that changes it, once, in the order of commits.
#include "loyalty/points/v1/event.pb.h"
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EventStream : public ServerTest {
 protected:
  auto List(const std::string& filter = "") { return Call(&Events::ListEvents, filter); }
  // The types without their package.
  std::vector<std::string> Types(const std::string& filter = "") {
    const auto page = List(filter);
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> types;
    for (const auto& event : page->events()) {
      EXPECT_EQ(event.type().find("loyalty.points.v1."), 0u);
      types.push_back(event.type().substr(event.type().rfind('.') + 1));
    }
    return types;
  }
};

TEST_F(EventStream, HoldsEverythingThatChangesAProgramInItsOrder) {
  Made(&Points::EnrollMember, "member_id: 'anna'");
  Made(&Points::EnrollMember, "member_id: 'anna'");
  Made(&Points::RecordPurchase,
       "member_id: 'bert', request_id: 'p1', actor: 'till', purchase: {order_id: 'o1', purchase_time: "
       "'2026-05-01T10:00:00Z', total_minor: 3000, lines: [{sku: 'tea', quantity: 1, amount_minor: 3000}]}");
  Made(&Points::Earn, "member_id: 'anna', request_id: 'e1', points: 5, cause: 'referral:17'");
  Made(&Programs::UpdateProgram,
       "program: {program_id: 'shop', display_name: 'New'}, update_mask: 'displayName'");
  Made(&Rules::CreateEarnRule,
       "rule: {program_id: 'shop', rule_id: 'r', display_name: 'x', effect: {multiplier: {numerator: 2, "
       "denominator: "
       "1}}}, request_id: 'c1', actor: 'ann'");
  Made(&Rules::ArchiveEarnRule, "rule_id: 'r', request_id: 'a1', actor: 'ann'");
  Made(&Points::RecordReturn, "order_id: 'o1', return_id: 'b1', request_id: 'r1', amount_minor: 1000");
  Made(&Points::SetMemberLabel,
       "member_id: 'carl', request_id: 'l1', label: 'plus', from_time: '2026-05-01T10:00:00Z'");
  EXPECT_THAT(Types(), ElementsAre("ProgramCreated", "MemberEnrolled", "MemberEnrolled", "EntryPosted",
                                   "EntryPosted", "ProgramUpdated", "EarnRuleCreated", "EarnRuleArchived",
                                   "EntryPosted", "MemberEnrolled", "EntryPosted"));
  const auto page = List();
  for (int i = 0; i < page->events_size(); ++i)
    EXPECT_EQ(page->events(i).position(), i + 1) << "without gaps";
  EXPECT_EQ(page->head_position(), 11);

  const auto& bought = page->events(3);
  EXPECT_EQ(bought.member_id(), "bert");
  EXPECT_EQ(bought.cause(), "order:o1");
  EXPECT_EQ(bought.actor(), "till");
  v1::EntryPosted posted;
  ASSERT_TRUE(bought.payload().UnpackTo(&posted));
  EXPECT_EQ(posted.entry().member_id(), "bert");
  EXPECT_EQ(posted.entry().points(), 30);
  EXPECT_EQ(posted.entry().purchase().lines(0).sku(), "tea");
  EXPECT_EQ(posted.entry().purchase().currency_code(), "USD");
  EXPECT_EQ(page->events(4).cause(), "referral:17");
  ASSERT_TRUE(page->events(8).payload().UnpackTo(&posted));
  EXPECT_EQ(posted.entry().return_id(), "b1");
  EXPECT_EQ(page->events(8).cause(), "return:b1");
  v1::MemberEnrolled enrolled;
  ASSERT_TRUE(page->events(2).payload().UnpackTo(&enrolled));
  EXPECT_EQ(enrolled.member().member_id(), "bert");
  EXPECT_EQ(enrolled.member().program_id(), "shop");
  ExpectCleanLedger();
}

TEST_F(EventStream, IsReadInPagesByTypeAndByMember) {
  for (const std::string member : {"anna", "bert", "anna", "carl", "anna"}) {
    static int request = 0;
    Made(&Points::Earn,
         "member_id: '" + member + "', points: 1, request_id: 'r" + std::to_string(++request) + "'");
  }
  EXPECT_EQ(Types().size(), 1u + 3 + 5);
  EXPECT_THAT(Types("member_id: 'anna'"),
              ElementsAre("MemberEnrolled", "EntryPosted", "EntryPosted", "EntryPosted"));
  EXPECT_THAT(Types("types: ['loyalty.points.v1.MemberEnrolled']"),
              ElementsAre("MemberEnrolled", "MemberEnrolled", "MemberEnrolled"));
  EXPECT_EQ(Types("types: ['loyalty.points.v1.EntryPosted']").size(), 5u);
  EXPECT_EQ(Types("types: ['loyalty.points.v1.EntryPosted', 'loyalty.points.v1.ProgramCreated']").size(), 6u);
  EXPECT_THAT(Types("member_id: 'nobody'"), IsEmpty());
  std::vector<int64_t> positions;
  for (int64_t after = 0; after < 9;) {
    const auto page = List("page_size: 2, after_position: " + std::to_string(after));
    for (const auto& event : page->events()) positions.push_back(event.position());
    after = page->position();
  }
  EXPECT_THAT(positions, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST_F(EventStream, WhatIsRefusedReplayedOrOnlyTriedIsNoEvent) {
  const std::string earn = "member_id: 'anna', request_id: 'r1', points: 1";
  Made(&Points::Earn, earn);
  const size_t before = Types().size();
  Made(&Points::Earn, earn);
  EXPECT_FALSE(Call(&Points::Spend, "member_id: 'anna', request_id: 'r2', points: 9").ok());
  EXPECT_FALSE(Call(&Points::Spend, "member_id: 'bert', request_id: 'r3', points: 9").ok());
  Made(&Points::EnrollMember, "member_id: 'carl', validate_only: true");
  Made(&Points::Earn, "member_id: 'carl', request_id: 'r4', points: 1, validate_only: true");
  EXPECT_EQ(Types().size(), before);
}

TEST_F(EventStream, OfAProgramWithATestClockBearsItsTime) {
  Made(&Programs::CreateProgram,
       "program: {program_id: 'lab', display_name: 'Lab', currency_code: 'USD', time_zone: 'UTC'}, "
       "test_clock: true, "
       "test_clock_start_time: '1997-01-01T00:00:00Z'");
  server_.database().Exec(
      "UPDATE platform.test_clock SET clock_time = '1998-01-01 00:00:00+00', target_time = '1998-01-01 "
      "00:00:00+00'");
  Made(&Points::RecordPurchase,
       "program_id: 'lab', member_id: 'anna', request_id: 'p1', purchase: {order_id: 'o1', purchase_time: "
       "'1997-12-31T10:00:00Z', total_minor: 3000}");
  EXPECT_THAT(
      Call(
          &Points::RecordPurchase,
          "program_id: 'lab', member_id: 'anna', request_id: 'p2', purchase: {order_id: 'o2', purchase_time: "
          "'1998-01-02T10:00:00Z', total_minor: 3000}"),
      Refused(StatusCode::INVALID_ARGUMENT, "TIME_IN_FUTURE"));
  const auto program = Call(&Programs::GetProgram, "program_id: 'lab'");
  EXPECT_EQ(program->program().test_clock_time().seconds(), 883'612'800);
  const auto page = List("program_id: 'lab'");
  ASSERT_EQ(page->events_size(), 3);
  EXPECT_EQ(page->events(0).recorded_time().seconds(), 852'076'800);
  EXPECT_EQ(page->events(1).recorded_time().seconds(), 883'612'800);
  EXPECT_EQ(page->events(2).recorded_time().seconds(), 883'612'800);
}

}  // namespace
}  // namespace loyalty::points
