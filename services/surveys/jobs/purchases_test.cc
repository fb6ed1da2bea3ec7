// A shop integrates once, with points; surveys follow from its purchases.
#include "loyalty/points/v1/event.pb.h"
#include "services/surveys/service/test_client.h"

namespace loyalty::surveys {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class Purchases : public ServerTest {
 protected:
  // A survey that invites after the n-th purchase of at least so much; published.
  void Publish(const std::string& id, int nth, int least_minor, const std::string& more = "") {
    PublishVisit(absl::StrCat("survey: {survey_id: '", id,
                              "', display_name: 'X', questions: [{question_id: 'nps', ",
                              "type: 'QUESTION_TYPE_NPS', text: 'Q'}], trigger: {after_purchase: {nth: ", nth,
                              ", min_amount_minor: ", least_minor, "}}", more, "}"));
  }
  // Points records a purchase.
  void Buy(const std::string& member, const std::string& order, int64_t total_minor,
           absl::Time time = testing::kTestStart,
           points::v1::EntryKind kind = points::v1::ENTRY_KIND_PURCHASE) {
    points::v1::EntryPosted posted;
    points::v1::Entry& entry = *posted.mutable_entry();
    entry.set_member_id(member);
    entry.set_kind(kind);
    entry.set_order_id(order);
    entry.mutable_purchase()->set_order_id(order);
    entry.mutable_purchase()->set_total_minor(total_minor);
    entry.mutable_purchase()->mutable_purchase_time()->set_seconds(absl::ToUnixSeconds(time));
    points_.Emit("shop", posted, {.member_id = member, .cause = "order:" + order});
  }
  // "<survey> <member> <order>" of each triggered invitation.
  std::vector<std::string> Invited() {
    server_.RunDue("shop");
    std::vector<std::string> invited;
    const auto surveys = Made(&Surveys::ListSurveys, "");
    for (const v1::Survey& survey : surveys.surveys()) {
      const auto list = Made(&Responses::ListInvitations, "survey_id: '" + survey.survey_id() + "'");
      for (const v1::Invitation& invitation : list.invitations()) {
        invited.push_back(
            absl::StrCat(invitation.survey_id(), " ", invitation.member_id(), " ", invitation.order_id()));
      }
    }
    return invited;
  }
};

TEST_F(Purchases, TheSecondOneThatIsLargeEnoughInvites) {
  Publish("second", 2, 1000);
  Buy("anna", "o1", 1000);
  Buy("anna", "o2", 999);
  Buy("bert", "o3", 5000);
  EXPECT_THAT(Invited(), ElementsAre());
  Buy("anna", "o4", 1000);
  EXPECT_THAT(Invited(), ElementsAre("second anna o4"));
  Buy("anna", "o5", 1000);
  Buy("anna", "o6", 1000);
  EXPECT_THAT(Invited(), ElementsAre("second anna o4")) << "once for a member";
  EXPECT_EQ(Events(), "SurveyPublished survey:second bob, InvitationCreated anna order:o4 loyalty-surveys");
  EXPECT_EQ(LastEvent<v1::InvitationCreated>().invitation().order_id(), "o4");
}

TEST_F(Purchases, EachSurveyCountsForItself) {
  Publish("first", 1, 0);
  Publish("second", 2, 0);
  PublishVisit();  // waits for no purchase
  Buy("anna", "o1", 0);
  EXPECT_THAT(Invited(), ElementsAre("first anna o1"));
  Buy("anna", "o2", 0);
  EXPECT_THAT(Invited(), UnorderedElementsAre("first anna o1", "second anna o2"));
}

TEST_F(Purchases, OnlyThoseSinceThePublishingCount) {
  Made(&Surveys::CreateSurvey,
       "survey: {survey_id: 'draft', display_name: 'D', trigger: {after_purchase: {nth: 1}}}");
  Publish("first", 1, 0);
  Publish("closed", 1, 0);
  Made(&Surveys::CloseSurvey, "survey_id: 'closed'");
  Buy("anna", "o1", 100, testing::kTestStart - absl::Seconds(1));
  EXPECT_THAT(Invited(), ElementsAre()) << "an import of the past invites nobody";
  Buy("anna", "o2", 100);
  EXPECT_THAT(Invited(), ElementsAre("first anna o2"));
}

TEST_F(Purchases, OtherEntriesChangeNothing) {
  Publish("first", 1, 0);
  for (const auto kind :
       {points::v1::ENTRY_KIND_EARN, points::v1::ENTRY_KIND_SPEND, points::v1::ENTRY_KIND_ADJUST,
        points::v1::ENTRY_KIND_RETURN, points::v1::ENTRY_KIND_LABEL}) {
    Buy("anna", "o1", 100, testing::kTestStart, kind);
  }
  points_.Emit("shop", points::v1::MemberEnrolled());
  EXPECT_THAT(Invited(), ElementsAre());
  EXPECT_EQ(server_.database().Exec("SELECT count(*) FROM surveys.purchase_count"), "0");
  EXPECT_EQ(server_.database().Exec("SELECT count(*) FROM surveys.set_aside"), "0");
}

// Purchase → invitation → score 3 → case → late → escalated → replied → resolved with points → they arrive
// once.
TEST_F(Purchases, TheWholeStory) {
  Publish("visit", 1, 0, ", completion_points: 50, case_policy: {make_good_limit_points: 500}");
  Buy("anna", "o1", 4200);
  server_.RunDue("shop");
  const auto invitation = Made(&Responses::ListInvitations, "survey_id: 'visit'").invitations(0);
  const auto submitted = Submit(invitation.token(), "{question_id: 'nps', score: 3}");
  ASSERT_TRUE(submitted.ok()) << submitted;
  const std::string c = absl::StrCat("case_id: ", submitted->case_id());

  server_.clock().Advance(absl::Minutes(61));
  server_.RunDue("shop");
  EXPECT_TRUE(Made(&Cases::GetCase, c).case_().has_escalate_time());
  Made(&Cases::AddCaseNote, c + ", kind: 'NOTE_KIND_CONTACT', text: 'We called.'");
  const std::string resolve = c + ", resolution: 'Sent a new one.', make_good_points: 300, request_id: 'r1'";
  Made(&Cases::ResolveCase, resolve);
  Made(&Cases::ResolveCase, resolve);
  Submit(invitation.token(), "{question_id: 'nps', score: 3}");
  server_.RunDue("shop");
  server_.RunDue("shop");

  const auto awards = points_.awards();
  ASSERT_EQ(awards.size(), 2u);
  EXPECT_EQ(awards[0].member_id(), "anna");
  EXPECT_EQ(awards[0].points(), 50);
  EXPECT_EQ(awards[1].member_id(), "anna");
  EXPECT_EQ(awards[1].points(), 300);
  EXPECT_EQ(Events(),
            absl::StrCat("SurveyPublished survey:visit bob, InvitationCreated anna order:o1 loyalty-surveys, "
                         "ResponseSubmitted anna invitation:",
                         invitation.invitation_id(),
                         " bob, CaseOpened anna survey-response:", submitted->response().response_id(),
                         " bob, CaseEscalated anna case:", submitted->case_id(),
                         " loyalty-surveys, CaseUpdated anna case:", submitted->case_id(),
                         " bob, CaseResolved anna case:", submitted->case_id(), " bob"));
}

}  // namespace
}  // namespace loyalty::surveys
