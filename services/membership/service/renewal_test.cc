// What time brings about, by the due work: renewals, failed payments, charges that nobody answered.
#include <filesystem>
#include <fstream>

#include "loyalty/admin/v1/due_service.grpc.pb.h"
#include "services/membership/service/test_client.h"

namespace loyalty::membership {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPlain[] =
    "display_name: 'Plain', billing: {kind: 'BILLING_KIND_MONTHLY', count: 1}, "
    "prices: [{currency_code: 'EUR', amount_minor: 500}]";

class Renewal : public ServerTest {
 protected:
  int64_t StartTrial(const std::string& member, const std::string& method) {
    const auto reply = Subscribe(member, method);
    EXPECT_EQ(reply->membership().state(), v1::MEMBERSHIP_STATE_TRIALING) << reply;
    return reply->membership().membership_id();
  }
  absl::Time NextDue(const std::string& program) {
    const auto stub = admin::v1::DueService::NewStub(server_.channel());
    admin::v1::NextDueRequest request;
    admin::v1::NextDueResponse response;
    request.set_program_id(program);
    grpc::ClientContext context;
    EXPECT_TRUE(stub->NextDue(&context, request, &response).ok());
    return response.has_due_time() ? TimeOf(response.due_time()) : absl::InfiniteFuture();
  }
  // From due time to due time, as a job that never sleeps would.
  void LiveUntil(absl::Time end, const std::string& program = "shop") {
    for (absl::Time due = NextDue(program); due <= end; due = NextDue(program)) {
      server_.clock().Set(std::max(due, server_.clock().Now()));
      server_.RunDue(program);
    }
    server_.clock().Set(end);
  }
};

// Begins of periods by their anchors; see tests/membership/period_starts.py.
std::map<absl::Time, std::vector<absl::Time>> Table(const std::string& zone_name) {
  const auto utc = [](const std::string& text) {
    absl::Time time;
    std::string error;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << error;
    return time;
  };
  const auto root = std::filesystem::path(__FILE__).parent_path() / "../../..";
  std::ifstream file(root / "tests/membership/period_starts.txt");
  EXPECT_TRUE(file) << "no table";
  std::map<absl::Time, std::vector<absl::Time>> table;
  std::string zone, local, anchor, begin;
  int months = 0, k = 0;
  while (file >> zone >> local >> anchor >> months >> k >> begin) {
    if (zone == zone_name && months == 1) table[utc(anchor)].push_back(utc(begin));
  }
  return table;
}

class ThreeYears : public Renewal, public ::testing::WithParamInterface<const char*> {};

// A member for each anchor of the table, through a leap year and all clock changes of three years.
TEST_P(ThreeYears, EveryPeriodBeginsWhereTheIndependentTableSays) {
  const auto table = Table(GetParam());
  ASSERT_GE(table.size(), 8);
  server_.database().AddProgram("world", GetParam(), "EUR");
  AddPlan("plain", kPlain, "world");
  std::map<absl::Time, int64_t> members;
  server_.clock().Set(table.begin()->first);
  absl::Time end;
  for (const auto& [anchor, begins] : table) {
    LiveUntil(anchor, "world");
    const auto joined =
        Call(&Memberships::Subscribe,
             absl::StrCat("program_id: 'world', plan_id: 'plain', member_id: 'member-", members.size(), "'"));
    ASSERT_THAT(joined, IsOk());
    members[anchor] = joined->membership().membership_id();
    end = begins[36];
  }
  LiveUntil(end, "world");
  size_t number = 0;
  for (const auto& [anchor, begins] : table) {
    const auto found = Call(&Memberships::GetMembership,
                            absl::StrCat("program_id: 'world', membership_id: ", members[anchor]));
    EXPECT_EQ(found->membership().state(), v1::MEMBERSHIP_STATE_ACTIVE);
    const auto list =
        Call(&Billings::ListInvoices, absl::StrCat("program_id: 'world', page_size: 1000, member_id: "
                                                   "'member-",
                                                   number++, "'"));
    ASSERT_GE(list->invoices_size(), 37);
    for (int i = 0; i < list->invoices_size(); ++i) {
      const v1::Invoice& invoice = list->invoices(i);
      const v1::InvoiceLine& line = invoice.lines(0);
      EXPECT_EQ(invoice.state(), v1::INVOICE_STATE_PAID);
      EXPECT_EQ(line.period_index(), list->invoices_size() - 1 - i) << "each period once";
      const auto k = static_cast<size_t>(line.period_index());
      if (k + 1 >= begins.size()) continue;
      EXPECT_EQ(TimeOf(line.period_start_time()), begins[k]) << anchor << " + " << k;
      EXPECT_EQ(TimeOf(line.period_end_time()), begins[k + 1]) << anchor << " + " << k;
    }
  }
  EXPECT_EQ(provider_.held(), 500 * static_cast<int64_t>(provider_.charges().size()));
  EXPECT_EQ(Count("invoice"), absl::StrCat(provider_.charges().size()));
}

INSTANTIATE_TEST_SUITE_P(Zones, ThreeYears,
                         ::testing::Values("Europe/Rome", "America/New_York", "Asia/Kathmandu"),
                         [](const auto& info) { return absl::StrCat("Zone", info.index); });

TEST_F(Renewal, AJobThatWasAwayBillsEveryPeriodOnce) {
  AddPlan();
  const int64_t id = Join("anna");
  GoTo(At(2026, 8, 2));
  EXPECT_EQ(Path(id), "SUBSCRIBE ACTIVATE RENEW RENEW RENEW");
  EXPECT_EQ(provider_.held(), 4 * 990);
  EXPECT_EQ(TimeOf(Get(id).history(0).occurred_time()), At(2026, 8, 1, 14));
  EXPECT_EQ(TimeOf(Get(id).history(0).recorded_time()), At(2026, 8, 2));
  server_.RunDue("shop");
  EXPECT_EQ(Count("invoice"), "4");
  EXPECT_EQ(NextDue("shop"), At(2026, 9, 1, 14));
}

TEST_F(Renewal, ARenewalThatIsDeclinedIsTriedAgainUntilItIsPaid) {
  AddPlan("prime", kPrime + std::string(", trial_days: 14"));
  const int64_t id = StartTrial("anna", "decline:3");
  LiveUntil(At(2026, 5, 15, 14));
  EXPECT_EQ(StateOf(id), v1::MEMBERSHIP_STATE_GRACE);
  EXPECT_TRUE(Get(id).membership().in_arrears());
  EXPECT_FALSE(Call(&Memberships::CheckBenefit, "member_id: 'anna', benefit_id: 'shipping'")->allowed());
  EXPECT_THAT(provider_.charges(), SizeIs(1));
  LiveUntil(At(2026, 5, 16, 14));
  EXPECT_THAT(provider_.charges(), SizeIs(2)) << "after a day";
  LiveUntil(At(2026, 5, 18, 14));
  EXPECT_THAT(provider_.charges(), SizeIs(3)) << "after three";
  LiveUntil(At(2026, 5, 20, 14));
  EXPECT_EQ(Path(id), "SUBSCRIBE END_TRIAL ENTER_GRACE RECOVER");
  EXPECT_EQ(StateOf(id), v1::MEMBERSHIP_STATE_ACTIVE);
  EXPECT_EQ(Invoice(1).state(), v1::INVOICE_STATE_PAID);
  EXPECT_THAT(Invoice(1).charges(), SizeIs(4));
  EXPECT_EQ(provider_.held(), 990);
  EXPECT_TRUE(Call(&Memberships::CheckBenefit, "member_id: 'anna', benefit_id: 'shipping'")->allowed());
  LiveUntil(At(2026, 6, 16));
  EXPECT_EQ(provider_.held(), 2 * 990) << "the next period";
}

TEST_F(Renewal, WhoNeverPaysIsGivenUpAfterTheLastRetry) {
  AddPlan("prime", kPrime + std::string(", trial_days: 14"));
  const int64_t id = StartTrial("anna", "decline");
  LiveUntil(At(2026, 7, 1));
  EXPECT_EQ(Path(id), "SUBSCRIBE END_TRIAL ENTER_GRACE GIVE_UP");
  EXPECT_EQ(StateOf(id), v1::MEMBERSHIP_STATE_EXPIRED);
  EXPECT_EQ(TimeOf(Get(id).membership().end_time()), At(2026, 5, 22, 14));
  EXPECT_EQ(Invoice(1).state(), v1::INVOICE_STATE_UNCOLLECTIBLE);
  EXPECT_THAT(Invoice(1).charges(), SizeIs(5));
  EXPECT_EQ(provider_.held(), 0);
  EXPECT_THAT(points_.awards(), IsEmpty());
  ASSERT_THAT(points_.labels(), SizeIs(2)) << "from the trial on; its end";
  EXPECT_EQ(TimeOf(points_.labels()[1].until_time()), At(2026, 5, 15, 14));
  EXPECT_EQ(NextDue("shop"), absl::InfiniteFuture());
}

TEST_F(Renewal, AnAnswerThatIsLostIsLookedForAndNeverChargedAgain) {
  AddPlan();
  const auto lost = Subscribe("anna", "lost:1", "request_id: 'r1'");
  EXPECT_EQ(lost->membership().state(), v1::MEMBERSHIP_STATE_PENDING_PAYMENT) << lost;
  EXPECT_EQ(lost->invoice().charges(0).outcome(), v1::PAYMENT_OUTCOME_UNKNOWN);
  EXPECT_EQ(provider_.held(), 990);
  EXPECT_THAT(Subscribe("anna"), Refused(StatusCode::ALREADY_EXISTS, "ALREADY_SUBSCRIBED"))
      << "it may be paid";
  LiveUntil(testing::kTestStart + absl::Minutes(5));
  EXPECT_EQ(StateOf(lost->membership().membership_id()), v1::MEMBERSHIP_STATE_ACTIVE);
  EXPECT_THAT(provider_.charges(), SizeIs(1));
  EXPECT_THAT(points_.awards(), SizeIs(1));
  const auto again = Subscribe("anna", "lost:1", "request_id: 'r1'");
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again->membership().state(), v1::MEMBERSHIP_STATE_ACTIVE) << "as it is by now";
}

TEST_F(Renewal, WhatTheProviderDidNotAttemptIsMadeUpFor) {
  AddPlan();
  const int64_t id = Subscribe("anna", "not-attempted:2")->membership().membership_id();
  LiveUntil(testing::kTestStart + absl::Minutes(5));
  EXPECT_EQ(StateOf(id), v1::MEMBERSHIP_STATE_PENDING_PAYMENT);
  LiveUntil(testing::kTestStart + absl::Minutes(65));
  EXPECT_EQ(StateOf(id), v1::MEMBERSHIP_STATE_ACTIVE);
  EXPECT_EQ(provider_.held(), 990);
}

TEST_F(Renewal, AMembershipThatCannotBeRenewedIsPutOffAndTheOthersAreNot) {
  AddPlan();
  const int64_t anna = Join("anna"), bert = Join("bert");
  server_.database().Exec(
      "CREATE FUNCTION membership.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "RAISE EXCEPTION 'no'; END $$");
  server_.database().Exec(
      "CREATE TRIGGER refuse BEFORE UPDATE ON membership.membership FOR EACH ROW WHEN (new.member_id = "
      "'anna' AND "
      "new.period_index > 0) EXECUTE FUNCTION membership.refuse()");
  GoTo(At(2026, 6, 1, 14));
  EXPECT_EQ(Path(bert), "SUBSCRIBE ACTIVATE RENEW");
  EXPECT_EQ(Path(anna), "SUBSCRIBE ACTIVATE");
  EXPECT_EQ(NextDue("shop"), At(2026, 6, 1, 15));
  server_.database().Exec("DROP TRIGGER refuse ON membership.membership");
  LiveUntil(At(2026, 6, 1, 15));
  EXPECT_EQ(Path(anna), "SUBSCRIBE ACTIVATE RENEW");
  EXPECT_EQ(TimeOf(Get(anna).history(0).occurred_time()), At(2026, 6, 1, 14));
  EXPECT_EQ(provider_.held(), 4 * 990);
}

TEST(NoProvider, NothingIsChargedAndTheJobTriesAgain) {
  testing::InProcessServer server(Definition(""));
  server.database().AddProgram("shop", "Europe/Rome", "EUR");
  Client client(server.channel());
  ASSERT_THAT(client.Call(&Plans::CreatePlan,
                          std::string("plan: {program_id: 'shop', plan_id: 'plain', ") + kPlain + "}"),
              IsOk());
  const auto reply = client.Call(&Memberships::Subscribe, "member_id: 'anna', plan_id: 'plain'");
  EXPECT_EQ(reply->membership().state(), v1::MEMBERSHIP_STATE_PENDING_PAYMENT) << reply;
  EXPECT_EQ(reply->invoice().charges(0).outcome(), v1::PAYMENT_OUTCOME_NOT_ATTEMPTED);
  EXPECT_EQ(TimeOf(reply->invoice().charges(0).next_look_time()), testing::kTestStart + absl::Minutes(5));
  server.clock().Advance(absl::Minutes(5));
  server.RunDue("shop");
  EXPECT_EQ(client.Call(&Billings::GetInvoice, "invoice_number: 1")->invoice().charges_size(), 2);
}

}  // namespace
}  // namespace loyalty::membership
