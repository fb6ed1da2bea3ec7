#include "services/membership/service/test_client.h"

namespace loyalty::membership {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class PlanService : public ServerTest {
 protected:
  auto Create(const std::string& id, const std::string& more = "", const std::string& settings = kPrime) {
    return Call(&Plans::CreatePlan, absl::StrCat("plan: {program_id: 'shop', plan_id: '", id, "', ", settings,
                                                 "}", more.empty() ? "" : ", ", more));
  }
  // All pages of a list.
  std::vector<std::string> ListIds(const std::string& json) {
    std::vector<std::string> ids;
    std::string token;
    do {
      const auto page = Call(&Plans::ListPlans, absl::StrCat(json, ", page_token: '", token, "'"));
      EXPECT_THAT(page, IsOk());
      for (const auto& plan : page->plans()) ids.push_back(plan.plan_id());
      token = page->next_page_token();
    } while (!token.empty());
    return ids;
  }
};

TEST_F(PlanService, APlanIsStoredAsItWasGiven) {
  const auto made = Create("prime");
  ASSERT_THAT(made, IsOk());
  v1::Plan expected = Parse<v1::Plan>(std::string("plan_id: 'prime', ") + kPrime);
  expected.set_state(v1::PLAN_STATE_ACTIVE);
  expected.mutable_create_time()->set_seconds(absl::ToUnixSeconds(testing::kTestStart));
  expected.mutable_dunning()->set_after_dunning(v1::AFTER_DUNNING_EXPIRE);
  EXPECT_THAT(made->plan(), IsMessage(expected));
  const auto found = Call(&Plans::GetPlan, "plan_id: 'prime'");
  EXPECT_THAT(found->plan(), IsMessage(expected));
  EXPECT_EQ(Events("PlanChanged"), "1");
}

TEST_F(PlanService, TheSamePlanAgainIsTheSameAndAnotherOneIsRefused) {
  const auto first = Create("prime", "request_id: 'r1'");
  const std::string before = Count("plan") + Count("outbox");
  for (const char* id : {"r1", "r2"}) {
    const auto again = Create("prime", std::string("request_id: '") + id + "'");
    EXPECT_TRUE(again.replayed) << id;
    EXPECT_THAT(*again, IsMessage(*first));
  }
  const auto refused = Create("prime", "", kPrime + std::string(", trial_days: 3"));
  EXPECT_THAT(refused, Refused(StatusCode::ALREADY_EXISTS, "PLAN_ALREADY_EXISTS"));
  EXPECT_THAT(refused.error.metadata, ElementsAre(Pair("plan_id", "prime")));
  const auto reused = Create("other", "request_id: 'r1'");
  EXPECT_THAT(reused, Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_THAT(reused.error.metadata, ElementsAre(Pair("request_id", "r1")));
  EXPECT_EQ(Count("plan") + Count("outbox"), before);
}

TEST_F(PlanService, ValidateOnlyDecidesAndWritesNothing) {
  const std::string before = Written();
  const auto reply = Create("prime", "validate_only: true");
  EXPECT_EQ(reply->plan().plan_id(), "prime") << reply;
  EXPECT_EQ(Written(), before);
  AddPlan();
  const std::string with_plan = Written();
  EXPECT_EQ(Call(&Plans::ArchivePlan, "plan_id: 'prime', validate_only: true")->plan().state(),
            v1::PLAN_STATE_ARCHIVED);
  EXPECT_THAT(Create("prime", "validate_only: true", kPrime + std::string(", trial_days: 3")),
              Refused(StatusCode::ALREADY_EXISTS, "PLAN_ALREADY_EXISTS"));
  EXPECT_EQ(Written(), with_plan);
}

TEST_F(PlanService, AnArchivedPlanTakesNobodyAndItsMembersRenew) {
  AddPlan();
  const int64_t anna = Join("anna");
  server_.clock().Advance(absl::Hours(1));
  const auto archived = Call(&Plans::ArchivePlan, "plan_id: 'prime', request_id: 'a1'");
  EXPECT_EQ(archived->plan().state(), v1::PLAN_STATE_ARCHIVED);
  EXPECT_EQ(ToTime(archived->plan().archive_time()), testing::kTestStart + absl::Hours(1));
  EXPECT_TRUE(Call(&Plans::ArchivePlan, "plan_id: 'prime', request_id: 'a1'").replayed);
  server_.clock().Advance(absl::Hours(1));
  EXPECT_THAT(*Call(&Plans::ArchivePlan, "plan_id: 'prime'"), IsMessage(*archived))
      << "twice changes nothing";
  EXPECT_EQ(Events("PlanChanged"), "2");
  EXPECT_THAT(Subscribe("bert"), Refused(StatusCode::FAILED_PRECONDITION, "PLAN_ARCHIVED"));
  GoTo(At(2026, 6, 2));
  EXPECT_EQ(Path(anna), "SUBSCRIBE ACTIVATE RENEW");
  EXPECT_THAT(Call(&Plans::ArchivePlan, "plan_id: 'none'"), Refused(StatusCode::NOT_FOUND, "PLAN_NOT_FOUND"));
  EXPECT_THAT(Call(&Plans::GetPlan, "plan_id: 'none'"), Refused(StatusCode::NOT_FOUND, "PLAN_NOT_FOUND"));
}

TEST_F(PlanService, ThePagesOfTheListAreInTheOrderOfIds) {
  for (const char* id : {"b", "a-2", "a_1", "zoo", "0"}) AddPlan(id);
  Call(&Plans::ArchivePlan, "plan_id: 'b'");
  for (const int size : {1, 2, 3, 100, 1000}) {
    EXPECT_THAT(ListIds(absl::StrCat("page_size: ", size)), ElementsAre("0", "a-2", "a_1", "zoo")) << size;
  }
  EXPECT_THAT(ListIds("page_size: 2, show_archived: true"), ElementsAre("0", "a-2", "a_1", "b", "zoo"));
  const auto page = Call(&Plans::ListPlans, "page_size: 1");
  EXPECT_THAT(Call(&Plans::ListPlans,
                   absl::StrCat("show_archived: true, page_token: '", page->next_page_token(), "'")),
              Refused(StatusCode::INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"));
}

TEST_F(PlanService, AnUnknownProgramIsNotFound) {
  EXPECT_THAT(Call(&Plans::GetPlan, "program_id: 'x', plan_id: 'prime'"),
              Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
  EXPECT_THAT(
      Call(&Plans::CreatePlan, std::string("plan: {program_id: 'x', plan_id: 'prime', ") + kPrime + "}"),
      Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
}

}  // namespace
}  // namespace loyalty::membership
