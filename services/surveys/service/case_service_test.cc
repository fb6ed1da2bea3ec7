// Somebody answers for each unhappy member: cases, their clock, and what is told of them.
#include "services/surveys/service/test_client.h"

namespace loyalty::surveys {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CaseServiceTest : public ServerTest {
 protected:
  void SetUp() override { PublishVisit(); }

  // A case's field in JSON, to begin a request with.
  static std::string Of(int64_t case_id) { return absl::StrCat("case_id: ", case_id); }
  v1::Case Get(int64_t case_id) { return Made(&Cases::GetCase, Of(case_id)).case_(); }
  // Of the events, those of cases: "CaseOpened", …
  std::string CaseEvents() const {
    return server_.database().Exec(
        "SELECT string_agg(concat_ws(' ', split_part(type, '.', 4), actor), ', ' ORDER BY position) FROM "
        "surveys.outbox WHERE type LIKE '%.Case%'");
  }
  std::vector<int64_t> List(const std::string& filter) {
    std::vector<int64_t> ids;
    const auto list = Made(&Cases::ListCases, filter);
    for (const v1::Case& c : list.cases()) ids.push_back(c.case_id());
    return ids;
  }
};

TEST_F(CaseServiceTest, ADetractorOpensOneThatIsDueInAnHour) {
  EXPECT_EQ(CaseOf(7), 0);
  const int64_t id = CaseOf(6);
  ASSERT_GT(id, 0);
  const v1::Case c = Get(id);
  EXPECT_EQ(c.state(), v1::CASE_STATE_NEW);
  EXPECT_EQ(c.severity(), v1::CASE_SEVERITY_NORMAL);
  EXPECT_EQ(c.member_id(), "anna");
  EXPECT_EQ(c.survey_id(), "visit");
  EXPECT_EQ(c.first_reply_due_time().seconds() - c.open_time().seconds(), 3600);
  EXPECT_FALSE(c.has_first_reply_time());
  EXPECT_FALSE(c.overdue());
  EXPECT_EQ(Get(CaseOf(2)).severity(), v1::CASE_SEVERITY_HIGH);
}

// The whole loop. The reply comes late; nobody else noticed, so that the call itself tells of the escalation.
TEST_F(CaseServiceTest, TheLoopIsClosed) {
  const int64_t id = CaseOf(3);
  server_.clock().Advance(absl::Minutes(90));
  EXPECT_TRUE(Get(id).overdue());
  EXPECT_FALSE(Get(id).has_escalate_time());
  EXPECT_THAT(List("overdue_only: true"), ElementsAre(id));

  const auto assigned = Made(&Cases::AssignCase, Of(id) + ", owner: 'eve'").case_();
  EXPECT_EQ(assigned.owner(), "eve");
  EXPECT_EQ(assigned.state(), v1::CASE_STATE_ACKNOWLEDGED);
  EXPECT_EQ(assigned.escalate_time().seconds(), absl::ToUnixSeconds(testing::kTestStart) + 3600);
  const auto noted =
      Made(&Cases::AddCaseNote,
           Of(id) + ", kind: 'NOTE_KIND_CONTACT', text: 'We called.\\nShe is sorry.', actor: 'eve'");
  EXPECT_EQ(noted.case_().state(), v1::CASE_STATE_IN_PROGRESS);
  EXPECT_FALSE(noted.case_().overdue());
  EXPECT_EQ(noted.case_().first_reply_time().seconds(), absl::ToUnixSeconds(testing::kTestStart) + 5400);
  EXPECT_EQ(noted.note().number(), 1);
  EXPECT_EQ(noted.note().actor(), "eve");
  Made(&Cases::SetCaseState, Of(id) + ", state: 'CASE_STATE_WAITING'");
  const auto resolved =
      Made(&Cases::ResolveCase, Of(id) + ", resolution: 'A new one was sent.', make_good_points: 200")
          .case_();
  EXPECT_EQ(resolved.state(), v1::CASE_STATE_RESOLVED);
  EXPECT_EQ(resolved.make_good_points(), 200);
  EXPECT_EQ(resolved.resolution(), "A new one was sent.");
  const auto closed = Made(&Cases::CloseCase, Of(id)).case_();
  EXPECT_EQ(closed.state(), v1::CASE_STATE_CLOSED);
  EXPECT_TRUE(closed.has_close_time());

  EXPECT_EQ(
      CaseEvents(),
      "CaseOpened bob, CaseEscalated loyalty-surveys, CaseUpdated bob, CaseUpdated eve, CaseUpdated bob, "
      "CaseResolved bob, CaseClosed bob");
  EXPECT_EQ(LastEvent<v1::CaseUpdated>().note_kind(), v1::NOTE_KIND_UNSPECIFIED);
  EXPECT_THAT(LastEvent<v1::CaseResolved>().case_(), IsMessage(resolved));
  EXPECT_EQ(
      server_.database().Exec("SELECT extract(epoch FROM occurred_time - '2026-05-01 12:00Z')::int FROM "
                              "surveys.outbox WHERE type LIKE '%CaseEscalated'"),
      "3600")
      << "when it became late, not when it was noticed";
  EXPECT_EQ(LastEvent<v1::CaseEscalated>().case_().state(), v1::CASE_STATE_NEW)
      << "as it was before the change";
  EXPECT_THAT(Deliveries(), HasSubstr(absl::StrCat(", case:", id, " make-good anna 200")));
  EXPECT_EQ(Made(&Cases::GetCase, Of(id)).notes(0).text(), "We called.\nShe is sorry.");
}

TEST_F(CaseServiceTest, AReopenedOneThatWasNeverAnsweredIsLateAtOnce) {
  const int64_t id = CaseOf(3);
  Made(&Cases::ResolveCase, Of(id) + ", resolution: 'Nothing to do.'");
  server_.clock().Advance(absl::Hours(2));
  EXPECT_FALSE(Get(id).overdue());
  const auto reopened = Made(&Cases::ReopenCase, Of(id)).case_();
  EXPECT_EQ(reopened.state(), v1::CASE_STATE_REOPENED);
  EXPECT_TRUE(reopened.overdue());
  EXPECT_THAT(reopened.escalate_time(), IsMessage(reopened.state_time()));
  EXPECT_EQ(CaseEvents(),
            "CaseOpened bob, CaseResolved bob, CaseReopened bob, CaseEscalated loyalty-surveys");
  EXPECT_THAT(LastEvent<v1::CaseEscalated>().case_(), IsMessage(reopened));
}

TEST_F(CaseServiceTest, PointsToMakeGoodHaveALimitAndAreGivenOnce) {
  const int64_t id = CaseOf(3);
  const auto too_many = Call(&Cases::ResolveCase, Of(id) + ", resolution: 'x', make_good_points: 501");
  EXPECT_THAT(too_many, Refused(StatusCode::FAILED_PRECONDITION, "MAKE_GOOD_ABOVE_LIMIT"));
  EXPECT_EQ(too_many.error.metadata.at("limit"), "500");
  Made(&Cases::ResolveCase, Of(id) + ", resolution: 'x', make_good_points: 500");
  Made(&Cases::ReopenCase, Of(id));
  EXPECT_THAT(Call(&Cases::ResolveCase, Of(id) + ", resolution: 'y', make_good_points: 1"),
              Refused(StatusCode::FAILED_PRECONDITION, "MAKE_GOOD_ALREADY_GIVEN"));
  EXPECT_THAT(Call(&Cases::ResolveCase, Of(id) + ", resolution: 'y'"), IsOk());
  EXPECT_EQ(server_.database().Exec("SELECT count(*) FROM surveys.delivery WHERE part = 'make-good'"), "1");
}

TEST_F(CaseServiceTest, TheSameRequestAgainGetsTheSameAnswerAndGivesOnce) {
  const int64_t id = CaseOf(3);
  const std::string resolve = Of(id) + ", resolution: 'x', make_good_points: 5, request_id: 'r1'";
  const auto first = Call(&Cases::ResolveCase, resolve);
  ASSERT_THAT(first, IsOk());
  Made(&Cases::ReopenCase, Of(id));
  const std::string before = Written();
  const auto again = Call(&Cases::ResolveCase, resolve);
  EXPECT_THAT(again, IsReplayed());
  EXPECT_THAT(*again, IsMessage(*first));
  EXPECT_THAT(Call(&Cases::ResolveCase, Of(id) + ", resolution: 'y', request_id: 'r1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_THAT(Call(&Cases::CloseCase, Of(id) + ", request_id: 'r1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_EQ(Written(), before);
  const std::string note = Of(id) + ", kind: 'NOTE_KIND_NOTE', text: 'n', request_id: 'r2'";
  EXPECT_THAT(Call(&Cases::AddCaseNote, note), IsOk());
  EXPECT_THAT(Call(&Cases::AddCaseNote, note), IsReplayed());
  EXPECT_EQ(Get(id).note_count(), 1);
}

TEST_F(CaseServiceTest, WhatTheStateForbidsIsRefusedAndWritesNothing) {
  const int64_t id = CaseOf(3);
  Made(&Cases::ResolveCase, Of(id) + ", resolution: 'x'");
  const std::string before = Written();
  const auto assign = Call(&Cases::AssignCase, Of(id) + ", owner: 'eve'");
  EXPECT_THAT(assign, Refused(StatusCode::FAILED_PRECONDITION, "CASE_STATE_FORBIDS"));
  EXPECT_EQ(assign.error.metadata.at("state"), "RESOLVED");
  EXPECT_THAT(Call(&Cases::SetCaseState, Of(id) + ", state: 'CASE_STATE_WAITING'"),
              Refused(StatusCode::FAILED_PRECONDITION, "CASE_STATE_FORBIDS"));
  EXPECT_THAT(Call(&Cases::ResolveCase, Of(id) + ", resolution: 'x'"),
              Refused(StatusCode::FAILED_PRECONDITION, "CASE_STATE_FORBIDS"));
  EXPECT_EQ(Written(), before);
  Made(&Cases::CloseCase, Of(id));
  EXPECT_THAT(Call(&Cases::AddCaseNote, Of(id) + ", kind: 'NOTE_KIND_NOTE', text: 'x'"),
              Refused(StatusCode::FAILED_PRECONDITION, "CASE_STATE_FORBIDS"));
  EXPECT_THAT(Call(&Cases::CloseCase, Of(id)),
              Refused(StatusCode::FAILED_PRECONDITION, "CASE_STATE_FORBIDS"));
  const auto unknown = Call(&Cases::CloseCase, "case_id: 99999");
  EXPECT_THAT(unknown, Refused(StatusCode::NOT_FOUND, "CASE_NOT_FOUND"));
  EXPECT_EQ(unknown.error.metadata.at("case_id"), "99999");
  EXPECT_THAT(Call(&Cases::GetCase, "case_id: 99999"), Refused(StatusCode::NOT_FOUND, "CASE_NOT_FOUND"));
}

TEST_F(CaseServiceTest, ValidateOnlyDecidesAndWritesNothing) {
  const int64_t id = CaseOf(3);
  server_.clock().Advance(absl::Hours(2));
  const std::string before = Written(), dry = Of(id) + ", validate_only: true";
  EXPECT_THAT(Call(&Cases::AssignCase, dry + ", owner: 'eve'"), IsOk());
  EXPECT_THAT(Call(&Cases::SetCaseState, dry + ", state: 'CASE_STATE_WAITING'"), IsOk());
  EXPECT_THAT(Call(&Cases::AddCaseNote, dry + ", kind: 'NOTE_KIND_CONTACT', text: 'x'"), IsOk());
  EXPECT_THAT(Call(&Cases::ResolveCase, dry + ", resolution: 'x', make_good_points: 5"), IsOk());
  EXPECT_THAT(Call(&Cases::CloseCase, dry), Refused(StatusCode::FAILED_PRECONDITION, "CASE_STATE_FORBIDS"));
  EXPECT_THAT(Call(&Cases::ReopenCase, dry), Refused(StatusCode::FAILED_PRECONDITION, "CASE_STATE_FORBIDS"));
  EXPECT_EQ(Written(), before);
}

TEST_F(CaseServiceTest, AreListedNewestFirstByStateOwnerAndMember) {
  const int64_t a = CaseOf(3, "anna"), b = CaseOf(3, "bert"), c = CaseOf(3, "anna");
  Made(&Cases::AssignCase, Of(b) + ", owner: 'eve'");
  EXPECT_THAT(List(""), ElementsAre(c, b, a));
  EXPECT_THAT(List("member_id: 'anna'"), ElementsAre(c, a));
  EXPECT_THAT(List("owner: 'eve'"), ElementsAre(b));
  EXPECT_THAT(List("states: ['CASE_STATE_NEW', 'CASE_STATE_CLOSED']"), ElementsAre(c, a));
  EXPECT_THAT(List("overdue_only: true"), ElementsAre());
  const auto page = Made(&Cases::ListCases, "page_size: 2");
  EXPECT_THAT(List("page_size: 2, page_token: '" + page.next_page_token() + "'"), ElementsAre(a));
  EXPECT_THAT(Call(&Cases::ListCases, "owner: 'eve', page_token: '" + page.next_page_token() + "'"),
              Refused(StatusCode::INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"));
}

}  // namespace
}  // namespace loyalty::surveys
