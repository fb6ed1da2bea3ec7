// Awards to audiences, as a caller sees them.
#include "loyalty/admin/v1/clock_service.grpc.pb.h"
#include "loyalty/points/v1/audience_service.grpc.pb.h"
#include "loyalty/points/v1/event.pb.h"
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

using Audiences = v1::AudienceService::StubInterface;
using Clocks = admin::v1::ClockService::StubInterface;
using AudienceClient = testing::Client<v1::AudienceService, admin::v1::ClockService>;

class AudienceServiceTest : public ServerTest {
 protected:
  template <class Method>
  auto Ask(Method method, const std::string& json) {
    return audiences_.Call(method, json);
  }
  static std::string Day(const std::string& request, const std::string& more = "") {
    return "award_id: 'day', points: 100, reason: 'customer day', actor: 'ann', request_id: '" + request +
           "'" + more;
  }
  auto Award(const std::string& request, const std::string& more = "") {
    return Ask(&Audiences::AwardAudience, Day(request, more));
  }
  auto Cancel(const std::string& request, const std::string& more = "") {
    return Ask(&Audiences::CancelAudienceAward,
               "award_id: 'day', actor: 'bob', request_id: '" + request + "'" + more);
  }
  v1::AudienceAward Get(const std::string& id = "day", const std::string& program = "shop") {
    const auto reply =
        Ask(&Audiences::GetAudienceAward, "program_id: '" + program + "', award_id: '" + id + "'");
    EXPECT_TRUE(reply.ok()) << reply;
    return reply->award();
  }
  void Enroll(const std::string& member, const std::string& segment = "",
              const std::string& program = "shop") {
    Made(&Points::EnrollMember, "program_id: '" + program + "', member_id: '" + member + "'");
    if (segment.empty()) return;
    Made(&Members::UpdateMember, "program_id: '" + program + "', member_id: '" + member +
                                     "', profile: {segment: '" + segment +
                                     "'}, update_mask: 'segment', request_id: 's-" + member + "'");
  }
  std::vector<std::string> Told() {
    const auto page = Call(&Events::ListEvents, "");
    std::vector<std::string> told;
    for (const auto& event : page->events()) {
      if (event.cause() == "audience:day") told.push_back(event.type().substr(event.type().rfind('.') + 1));
    }
    return told;
  }
  std::string AllWritten() const {
    return Written() + " " + Count("audience_award") + " " + Count("audience_award", "state = 4");
  }

  AudienceClient audiences_{server_.channel()};
};

TEST_F(AudienceServiceTest, AnAwardIsGivenAtItsTimeToWhomItIsFor) {
  Enroll("anna", "family");
  Enroll("bert", "family");
  Enroll("carl");
  const auto planned = Award("a1", ", award_time: '2026-05-02T00:00:00Z', audience: {segment: 'family'}");
  ASSERT_THAT(planned, IsOk());
  v1::AudienceAward expected = Parse<v1::AudienceAward>(
      "program_id: 'shop', award_id: 'day', points: 100, award_time: '2026-05-02T00:00:00Z', audience: "
      "{segment: 'family'}, reason: 'customer day', actor: 'ann', state: 'AUDIENCE_AWARD_STATE_SCHEDULED', "
      "create_time: '2026-05-01T12:00:00Z'");
  EXPECT_THAT(planned->award(), IsMessage(expected));
  EXPECT_THAT(Get(), IsMessage(expected));
  EXPECT_EQ(planned->matching_members(), 0) << "is only told when it is asked for";
  EXPECT_EQ(server_.RunDue("shop"), 0);
  EXPECT_EQ(Balance("anna"), 0);
  server_.clock().Advance(absl::Hours(13));
  Enroll("dora", "family");
  EXPECT_GT(server_.RunDue("shop"), 0);
  EXPECT_EQ(Balance("anna"), 100);
  EXPECT_EQ(Balance("bert"), 100);
  EXPECT_EQ(Balance("carl"), 0);
  EXPECT_EQ(Balance("dora"), 0) << "who was no member then";
  const v1::Entry entry = Newest("anna");
  EXPECT_EQ(entry.kind(), v1::ENTRY_KIND_EARN);
  EXPECT_EQ(entry.reason(), "customer day");
  EXPECT_EQ(entry.actor(), "ann");
  EXPECT_THAT(entry.occurred_time(), IsMessage(expected.award_time()));
  expected.set_state(v1::AUDIENCE_AWARD_STATE_DONE);
  expected.set_awarded_members(2);
  expected.set_awarded_points(200);
  *expected.mutable_done_time() = Get().done_time();
  EXPECT_THAT(Get(), IsMessage(expected));
  EXPECT_EQ(server_.RunDue("shop"), 0);
  EXPECT_THAT(Told(), ElementsAre("AudienceAwardCreated", "EntryPosted", "EntryPosted", "AudienceAwardDone"));
  // What a member was given can be taken back like any award.
  EXPECT_THAT(Call(&Points::ReverseEntry,
                   "member_id: 'anna', request_id: 'r1', reversed_request_id: '" + entry.request_id() + "'"),
              IsOk());
  EXPECT_EQ(Balance("anna"), 0);
  ExpectCleanLedger();
}

TEST_F(AudienceServiceTest, TheSameAwardAgainIsReplayed) {
  Enroll("anna");
  ASSERT_THAT(Award("a1"), IsOk());
  EXPECT_THAT(Award("a1"), IsReplayed());
  server_.RunDue("shop");
  server_.clock().Advance(absl::Hours(1));
  const auto again = Award("a2");
  EXPECT_THAT(again, IsReplayed()) << "though its time has passed";
  EXPECT_EQ(again->award().state(), v1::AUDIENCE_AWARD_STATE_DONE) << "as it is now";
  server_.RunDue("shop");
  EXPECT_EQ(Balance("anna"), 100) << "once";
  for (const std::string other : {", points: 101", ", reason: 'else'", ", audience: {tier_ids: ['gold']}",
                                  ", award_time: '2026-05-03T00:00:00Z'"}) {
    std::string json = Day("a3", other);
    if (other.find("points") == 2) json.replace(json.find("points: 100, "), 13, "");
    if (other.find("reason") == 2) json.replace(json.find("reason: 'customer day', "), 24, "");
    const auto reply = Ask(&Audiences::AwardAudience, json);
    EXPECT_THAT(reply, Refused(StatusCode::ALREADY_EXISTS, "AUDIENCE_AWARD_ALREADY_EXISTS")) << other;
    EXPECT_EQ(reply.error.metadata.at("award_id"), "day");
  }
}

TEST_F(AudienceServiceTest, ValidateOnlyTellsHowManyItWouldBeAndWritesNothing) {
  for (const char* member : {"anna", "bert", "carl"}) Enroll(member, "family");
  Enroll("dora");
  Made(&Points::SetMemberLabel,
       "member_id: 'anna', request_id: 'l1', label: 'plus', from_time: '2026-05-01T00:00:00Z'");
  Made(&Points::SetMemberLabel,
       "member_id: 'bert', request_id: 'l2', label: 'plus', from_time: '2026-05-02T00:00:00Z'");
  const std::string before = AllWritten();
  const auto count = [&](const std::string& audience) {
    const auto reply =
        Award("a1", ", validate_only: true, award_time: '2026-06-01T00:00:00Z', audience: " + audience);
    EXPECT_THAT(reply, IsOk());
    EXPECT_EQ(reply->award().state(), v1::AUDIENCE_AWARD_STATE_SCHEDULED);
    return reply->matching_members();
  };
  EXPECT_EQ(count("{}"), 4);
  EXPECT_EQ(count("{segment: 'family'}"), 3);
  EXPECT_EQ(count("{segment: 'family', member_label: 'plus'}"), 1) << "now";
  EXPECT_EQ(count("{tier_ids: ['gold']}"), 0);
  EXPECT_EQ(AllWritten(), before);
  ASSERT_THAT(Award("a1"), IsOk()) << "the request id is free";
  const std::string planned = AllWritten();
  EXPECT_EQ(Cancel("c1", ", validate_only: true")->award().state(), v1::AUDIENCE_AWARD_STATE_CANCELLED);
  EXPECT_EQ(AllWritten(), planned);
}

TEST_F(AudienceServiceTest, WhatIsCancelledIsNotGiven) {
  Enroll("anna");
  EXPECT_THAT(Cancel("c0"), Refused(StatusCode::NOT_FOUND, "AUDIENCE_AWARD_NOT_FOUND"));
  Made(&Points::Earn, "member_id: 'anna', request_id: 'e1', points: 1");
  ASSERT_THAT(Award("a1", ", award_time: '2026-05-02T00:00:00Z'"), IsOk());
  const auto cancelled = Cancel("c1");
  ASSERT_THAT(cancelled, IsOk());
  EXPECT_EQ(cancelled->award().state(), v1::AUDIENCE_AWARD_STATE_CANCELLED);
  EXPECT_TRUE(cancelled->award().has_done_time());
  EXPECT_THAT(Cancel("c1"), IsReplayed());
  EXPECT_THAT(Cancel("c2")->award(), IsMessage(cancelled->award())) << "changes nothing";
  server_.clock().Advance(absl::Hours(24));
  server_.RunDue("shop");
  EXPECT_EQ(Balance("anna"), 1);
  EXPECT_THAT(Told(), ElementsAre("AudienceAwardCreated", "AudienceAwardCancelled"));
}

TEST_F(AudienceServiceTest, WhatIsDoneCannotBeCancelled) {
  Enroll("anna");
  ASSERT_THAT(Award("a1"), IsOk());
  server_.RunDue("shop");
  const auto refused = Cancel("c1");
  EXPECT_THAT(refused, Refused(StatusCode::FAILED_PRECONDITION, "AUDIENCE_AWARD_DONE"));
  EXPECT_EQ(refused.error.metadata.at("award_id"), "day");
  EXPECT_EQ(Balance("anna"), 100);
}

TEST_F(AudienceServiceTest, AllThatIsWrongIsToldAtOnce) {
  const auto bad = Ask(&Audiences::AwardAudience,
                       "award_id: 'Day!', points: 0, actor: '', request_id: '', award_time: "
                       "'0001-01-01T00:00:00Z', audience: {tier_ids: ['a', 'a']}");
  EXPECT_THAT(bad.error.violations,
              UnorderedElementsAre("request_id FIELD_REQUIRED", "actor FIELD_REQUIRED", "award_id MALFORMED",
                                   "points NOT_POSITIVE", "award_time TIME_OUT_OF_RANGE",
                                   "audience.tier_ids[1] DUPLICATE", "reason FIELD_REQUIRED"));
  const auto past = Award("a1", ", award_time: '2026-05-01T11:59:59Z'");
  EXPECT_THAT(past, Refused(StatusCode::INVALID_ARGUMENT, "TIME_PASSED"));
  EXPECT_THAT(past.error.violations, ElementsAre("award_time TIME_PASSED"));
  EXPECT_THAT(Award("a1", ", award_time: '2026-05-01T12:00:00Z'"), IsOk()) << "now is not before now";
  EXPECT_THAT(Cancel("", ", program_id: 'none'").error.violations, ElementsAre("request_id FIELD_REQUIRED"));
  EXPECT_THAT(Ask(&Audiences::GetAudienceAward, "award_id: 'none'"),
              Refused(StatusCode::NOT_FOUND, "AUDIENCE_AWARD_NOT_FOUND"));
  EXPECT_THAT(Award("a2", ", program_id: 'none'"), Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
}

TEST_F(AudienceServiceTest, AreListedInPagesAndHaveALimit) {
  const auto award = [&](int i) {
    return Ask(&Audiences::AwardAudience,
               absl::StrCat("award_id: 'a", 100 + i,
                            "', points: 1, reason: 'x', actor: 'ann', request_id: 'r", i, "'"));
  };
  for (int i = 0; i < 100; ++i) ASSERT_THAT(award(i), IsOk());
  const auto more = award(100);
  EXPECT_THAT(more, Refused(StatusCode::FAILED_PRECONDITION, "TOO_MANY_AUDIENCE_AWARDS"));
  EXPECT_EQ(more.error.metadata.at("limit"), "100");
  auto page = Ask(&Audiences::ListAudienceAwards, "page_size: 60");
  ASSERT_EQ(page->awards_size(), 60);
  EXPECT_EQ(page->awards(0).award_id(), "a100");
  page = Ask(&Audiences::ListAudienceAwards, "page_size: 60, page_token: '" + page->next_page_token() + "'");
  ASSERT_EQ(page->awards_size(), 40);
  EXPECT_EQ(page->awards(39).award_id(), "a199");
  EXPECT_EQ(page->next_page_token(), "");
  server_.RunDue("shop");
  EXPECT_THAT(award(100), IsOk()) << "the others are done";
}

TEST_F(AudienceServiceTest, ATestClockStopsAtTheAwardsTime) {
  rpc::ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  options.database_url = server_.database().url();
  options.due_addresses = {absl::StrCat("127.0.0.1:", server_.server().port())};
  options.background = false;
  rpc::Server second(Definition(), options, server_.clock());
  ASSERT_TRUE(second.Start().ok());
  AudienceClient clock(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", second.port()), grpc::InsecureChannelCredentials()));
  Made(&Programs::CreateProgram,
       "program: {program_id: 'lab', display_name: 'Lab', currency_code: 'USD', time_zone: 'UTC'}, "
       "test_clock: true, test_clock_start_time: '2030-01-01T00:00:00Z'");
  Enroll("anna", "", "lab");
  ASSERT_THAT(Award("a1", ", program_id: 'lab', award_time: '2030-03-01T08:00:00Z'"), IsOk());
  ASSERT_THAT(clock.Call(&Clocks::AdvanceClock, "program_id: 'lab', target_time: '2030-03-01T07:59:59Z'"),
              IsOk());
  EXPECT_EQ(Get("day", "lab").state(), v1::AUDIENCE_AWARD_STATE_SCHEDULED);
  ASSERT_THAT(clock.Call(&Clocks::AdvanceClock, "program_id: 'lab', target_time: '2030-12-31T00:00:00Z'"),
              IsOk());
  const v1::AudienceAward award = Get("day", "lab");
  EXPECT_EQ(award.state(), v1::AUDIENCE_AWARD_STATE_DONE);
  EXPECT_EQ(award.awarded_members(), 1);
  EXPECT_THAT(award.done_time(), IsMessage(award.award_time())) << "the clock stopped there";
  const auto entries = Call(&Points::ListEntries, "program_id: 'lab', member_id: 'anna'");
  ASSERT_EQ(entries->entries_size(), 1);
  EXPECT_THAT(entries->entries(0).recorded_time(), IsMessage(award.award_time()));
}

}  // namespace
}  // namespace loyalty::points
