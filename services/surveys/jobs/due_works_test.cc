// What happens because its time has come.
#include "services/surveys/jobs/due_works.h"

#include "common/work/schema.h"
#include "loyalty/admin/v1/due_service.grpc.pb.h"
#include "services/surveys/service/test_client.h"
#include "surveys_sql.h"

namespace loyalty::surveys {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

constexpr char kNine[] = "{question_id: 'nps', score: 9}";

class DueWorks : public ServerTest {
 protected:
  void SetUp() override { PublishVisit(); }

  // "<type> <member> <actor> <seconds after noon>" of the events about what became late.
  std::string LateEvents() const {
    return server_.database().Exec(
        "SELECT coalesce(string_agg(concat_ws(' ', split_part(type, '.', 4), member_id, actor, extract(epoch "
        "FROM "
        "occurred_time - '2026-05-01 12:00Z')::int), ', ' ORDER BY position), '') FROM surveys.outbox WHERE "
        "type "
        "LIKE '%Expired' OR type LIKE '%Escalated'");
  }
  std::string States() const {
    return server_.database().Exec(
        "SELECT string_agg(state::text, ' ' ORDER BY invitation_id) FROM surveys.invitation");
  }

  metrics::Registry registry_;
  postgres::Pool pool_{{.url = server_.database().url(),
                        .size = 2,
                        .statements = work::StatementsWith(sql::Statements()),
                        .schema = "surveys"},
                       registry_};
  work::Runner runner_{pool_, server_.clock(), "surveys"};
};

TEST_F(DueWorks, InvitationsExpireOnceAtTheirTime) {
  Invite("anna", ", validity: '60s'");
  Invite("bert", ", validity: '120s'");
  const std::string answered = Invite("carl", ", validity: '60s'");
  ASSERT_TRUE(Submit(answered, kNine).ok());
  EXPECT_EQ(server_.RunDue("shop"), 1) << "carl's points, nothing else";
  server_.clock().Advance(absl::Seconds(90));
  EXPECT_EQ(server_.RunDue("shop"), 1);
  EXPECT_EQ(LateEvents(), "InvitationExpired anna loyalty-surveys 60")
      << "when its time was over, not when it ran";
  EXPECT_EQ(States(), "3 1 2");
  EXPECT_EQ(server_.RunDue("shop"), 0);
  server_.clock().Advance(absl::Seconds(30));
  EXPECT_EQ(server_.RunDue("shop"), 1);
  EXPECT_EQ(States(), "3 3 2");
}

TEST_F(DueWorks, LateCasesAreEscalatedOnce) {
  const int64_t late = CaseOf(3, "anna"), answered = CaseOf(3, "bert");
  Made(&Cases::AddCaseNote, absl::StrCat("case_id: ", answered, ", kind: 'NOTE_KIND_CONTACT', text: 'x'"));
  server_.RunDue("shop");
  server_.clock().Advance(absl::Minutes(100));
  EXPECT_EQ(server_.RunDue("shop"), 1);
  EXPECT_EQ(server_.RunDue("shop"), 0);
  EXPECT_EQ(LateEvents(), "CaseEscalated anna loyalty-surveys 3600");
  const auto c = Made(&Cases::GetCase, absl::StrCat("case_id: ", late)).case_();
  EXPECT_TRUE(c.overdue());
  EXPECT_EQ(c.state(), v1::CASE_STATE_NEW);
  EXPECT_THAT(LastEvent<v1::CaseEscalated>().case_(), IsMessage(c));
  Made(&Cases::AssignCase, absl::StrCat("case_id: ", late, ", owner: 'eve'"));
  EXPECT_EQ(LateEvents(), "CaseEscalated anna loyalty-surveys 3600") << "told already";
}

TEST_F(DueWorks, MoreThanOneTransactionHoldsAreDoneInPieces) {
  const std::string token = Invite("anna", ", validity: '60s'");
  server_.database().Exec(
      "INSERT INTO surveys.invitation (program_key, survey_key, member_id, token, channel, segment, "
      "create_time, "
      "create_date, expire_time, state, answer_time) SELECT program_key, survey_key, member_id, token || n, "
      "channel, "
      "segment, create_time, create_date, expire_time, state, answer_time FROM surveys.invitation, "
      "generate_series(1, 449) AS n");
  server_.clock().Advance(absl::Minutes(1));
  InvitationExpiry expiry(pool_, runner_);
  std::vector<int64_t> pieces;
  do {
    pieces.push_back(*expiry.RunDue(1, server_.clock().Now()));
  } while (pieces.back() > 0 && pieces.size() < 10);
  EXPECT_THAT(pieces, ElementsAre(200, 200, 50, 0));
  EXPECT_EQ(server_.database().Exec("SELECT count(*) FROM surveys.outbox WHERE type LIKE '%Expired'"), "450");
}

TEST_F(DueWorks, TheNextTimeIsKnown) {
  const auto stub = admin::v1::DueService::NewStub(server_.channel());
  const auto next = [&]() -> int64_t {
    admin::v1::NextDueRequest request;
    admin::v1::NextDueResponse response;
    request.set_program_id("shop");
    grpc::ClientContext context;
    EXPECT_TRUE(stub->NextDue(&context, request, &response).ok());
    return response.has_due_time() ? response.due_time().seconds() - absl::ToUnixSeconds(testing::kTestStart)
                                   : -1;
  };
  EXPECT_EQ(next(), -1);
  const std::string token = Invite("anna", ", validity: '7200s'");
  EXPECT_EQ(next(), 7200);
  ASSERT_TRUE(Submit(token, "{question_id: 'nps', score: 0}").ok());
  EXPECT_EQ(next(), 3600) << "the reply";
}

TEST_F(DueWorks, AProgramWithATestClockIsDueByItsOwnTime) {
  const int32_t other = server_.database().AddProgram("other");
  Made(&Surveys::CreateSurvey, std::string(kVisit) + ", program_id: 'other'");
  Made(&Surveys::PublishSurvey, "survey_id: 'visit', program_id: 'other'");
  const auto invitation =
      Made(&Responses::CreateInvitation, "survey_id: 'visit', member_id: 'anna', program_id: 'other'")
          .invitation();
  Made(&Responses::SubmitResponse,
       "program_id: 'other', token: '" + invitation.token() + "', answers: [{question_id: 'nps', score: 0}]");
  Made(&Responses::CreateInvitation,
       "survey_id: 'visit', member_id: 'anna', program_id: 'other', validity: '60s'");
  InvitationExpiry expiry(pool_, runner_);
  CaseEscalation escalation(pool_, runner_);
  const absl::Time now = testing::kTestStart, later = now + absl::Hours(2);
  EXPECT_THAT(*expiry.ProgramsDue(now, 9), ElementsAre());
  EXPECT_THAT(*expiry.ProgramsDue(later, 9), ElementsAre(other));
  EXPECT_THAT(*escalation.ProgramsDue(now, 9), ElementsAre());
  EXPECT_THAT(*escalation.ProgramsDue(later, 9), ElementsAre(other));
  EXPECT_THAT(*expiry.NextDue(other), Optional(now + absl::Minutes(1)));
  const auto set_clock = [&](const char* time) {
    server_.database().Exec("DELETE FROM platform.test_clock");
    server_.database().Exec(
        absl::StrCat("INSERT INTO platform.test_clock VALUES (", other, ", '", time, "', '", time, "')"));
  };
  set_clock("2026-05-01 12:00:59Z");
  EXPECT_THAT(*expiry.ProgramsDue(later, 9), ElementsAre()) << "it stands still";
  EXPECT_THAT(*escalation.ProgramsDue(later, 9), ElementsAre());
  set_clock("2026-05-01 13:00Z");
  EXPECT_THAT(*expiry.ProgramsDue(now, 9), ElementsAre(other));
  EXPECT_THAT(*escalation.ProgramsDue(now, 9), ElementsAre(other));
}

}  // namespace
}  // namespace loyalty::surveys
