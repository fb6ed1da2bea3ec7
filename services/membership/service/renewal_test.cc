// What time brings about, by the due work: renewals, failed payments, charges that nobody answered.
#include <algorithm>
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
    return response.has_due_time() ? ToTime(response.due_time()) : absl::InfiniteFuture();
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

// Begins of periods; see tests/membership/period_starts.py.
struct Row {
  int months = 0;  // of a period
  std::vector<absl::Time> begins;
};

std::vector<Row> Table(const std::string& zone_name) {
  const auto utc = [](const std::string& text) {
    absl::Time time;
    std::string error;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << error;
    return time;
  };
  const auto root = std::filesystem::path(__FILE__).parent_path() / "../../..";
  std::ifstream file(root / "tests/membership/period_starts.txt");
  EXPECT_TRUE(file) << "no table";
  std::vector<Row> table;
  std::string zone, local, anchor, begin;
  int months = 0, k = 0;
  while (file >> zone >> local >> anchor >> months >> k >> begin) {
    if (zone != zone_name) continue;
    if (k == 0) table.push_back({months, {}});
    table.back().begins.push_back(utc(begin));
  }
  return table;
}

// A member who lives by a row of the table.
struct Liver {
  absl::Time join;
  std::string plan;
  const Row* row;
  int64_t id = 0;
};

class ThreeYears : public Renewal, public ::testing::WithParamInterface<const char*> {
 protected:
  static constexpr int kTrialDays = 120;  // so that a clock change lies in it

  void AddPlans() {
    const auto add = [&](const std::string& id, const std::string& billing, const std::string& more = "") {
      AddPlan(id,
              absl::StrCat("display_name: 'Plain', billing: {kind: 'BILLING_KIND_", billing,
                           "}, prices: [{currency_code: 'EUR', amount_minor: 500}]", more),
              "world");
    };
    add("month", "MONTHLY', count: 1");
    add("trial", "MONTHLY', count: 1", absl::StrCat(", trial_days: ", kTrialDays));
    add("quarter", "MONTHLY', count: 3");
    add("year", "YEARLY', count: 1");
    add("once", "ONE_TIME', count: 12");
    add("life", "ONE_TIME'");
  }

  // Each kind of plan, in the order in which they join.
  static std::vector<Liver> LiversOf(const std::vector<Row>& table) {
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone(GetParam(), &zone));
    std::vector<Liver> livers;
    for (const Row& row : table) {
      const absl::Time anchor = row.begins[0];
      if (row.months == 3) livers.push_back({anchor, "quarter", &row});
      for (const char* plan : {"year", "once", "life"})
        if (row.months == 12) livers.push_back({anchor, plan, &row});
      if (row.months != 1) continue;
      livers.push_back({anchor, "month", &row});
      const absl::CivilSecond local = absl::ToCivilSecond(anchor, zone);
      const absl::CivilDay day = absl::CivilDay(local) - kTrialDays;
      livers.push_back({absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), local.hour(),
                                                          local.minute(), local.second()),
                                        zone),
                        "trial", &row});
    }
    std::stable_sort(livers.begin(), livers.end(),
                     [](const Liver& a, const Liver& b) { return a.join < b.join; });
    return livers;
  }

  // Of one that renews.
  void CheckPeriods(const Liver& liver, const v1::ListInvoicesResponse& list) {
    const std::vector<absl::Time>& begins = liver.row->begins;
    ASSERT_GE(list.invoices_size(), static_cast<int>(begins.size()) - 1) << liver.plan;
    for (int i = 0; i < list.invoices_size(); ++i) {
      const v1::InvoiceLine& line = list.invoices(i).lines(0);
      EXPECT_EQ(list.invoices(i).state(), v1::INVOICE_STATE_PAID);
      EXPECT_EQ(line.period_index(), list.invoices_size() - 1 - i) << "each period once";
      const auto k = static_cast<size_t>(line.period_index());
      if (k + 1 >= begins.size()) continue;
      EXPECT_EQ(ToTime(line.period_start_time()), begins[k]) << liver.plan << " " << begins[0] << " + " << k;
      EXPECT_EQ(ToTime(line.period_end_time()), begins[k + 1])
          << liver.plan << " " << begins[0] << " + " << k;
    }
  }
  // Of one that does not.
  void CheckOnce(const Liver& liver, const v1::Membership& m, const v1::ListInvoicesResponse& list) {
    ASSERT_EQ(list.invoices_size(), 1) << liver.plan;
    const v1::InvoiceLine& line = list.invoices(0).lines(0);
    EXPECT_EQ(ToTime(line.period_start_time()), liver.row->begins[0]);
    if (liver.plan == "life") {
      EXPECT_EQ(m.state(), v1::MEMBERSHIP_STATE_ACTIVE);
      EXPECT_FALSE(line.has_period_end_time());
      return;
    }
    EXPECT_EQ(m.state(), v1::MEMBERSHIP_STATE_EXPIRED);
    EXPECT_EQ(ToTime(m.end_time()), liver.row->begins[1]);
    EXPECT_EQ(ToTime(line.period_end_time()), liver.row->begins[1]);
  }
};

// A membership of each kind for each anchor of the table: three years and more, leap years and all clock
// changes.
TEST_P(ThreeYears, EveryPeriodBeginsWhereTheIndependentTableSays) {
  const std::vector<Row> table = Table(GetParam());
  ASSERT_GE(table.size(), 10);
  server_.database().AddProgram("world", GetParam(), "EUR");
  AddPlans();
  std::vector<Liver> livers = LiversOf(table);
  server_.clock().Set(livers.front().join);
  for (Liver& liver : livers) {
    LiveUntil(liver.join, "world");
    const auto joined = Call(&Memberships::Subscribe,
                             absl::StrCat("program_id: 'world', plan_id: '", liver.plan, "', member_id: '",
                                          liver.plan, absl::ToUnixSeconds(liver.row->begins[0]), "'"));
    ASSERT_THAT(joined, IsOk());
    liver.id = joined->membership().membership_id();
  }
  absl::Time end;
  for (const Row& row : table) end = std::max(end, row.begins.back());
  LiveUntil(end, "world");
  for (const Liver& liver : livers) {
    const auto found =
        Call(&Memberships::GetMembership, absl::StrCat("program_id: 'world', membership_id: ", liver.id));
    const auto list =
        Call(&Billings::ListInvoices, absl::StrCat("program_id: 'world', page_size: 1000, member_id: '",
                                                   found->membership().member_id(), "'"));
    if (liver.plan == "once" || liver.plan == "life") {
      CheckOnce(liver, found->membership(), *list);
      continue;
    }
    EXPECT_EQ(found->membership().state(), v1::MEMBERSHIP_STATE_ACTIVE);
    if (liver.plan == "trial") {
      EXPECT_EQ(ToTime(found->membership().trial_end_time()), liver.row->begins[0]);
    }
    CheckPeriods(liver, *list);
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
  EXPECT_EQ(ToTime(Get(id).history(0).occurred_time()), At(2026, 8, 1, 14));
  EXPECT_EQ(ToTime(Get(id).history(0).recorded_time()), At(2026, 8, 2));
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
  EXPECT_EQ(ToTime(Get(id).membership().end_time()), At(2026, 5, 22, 14));
  EXPECT_EQ(Invoice(1).state(), v1::INVOICE_STATE_UNCOLLECTIBLE);
  EXPECT_THAT(Invoice(1).charges(), SizeIs(5));
  EXPECT_EQ(provider_.held(), 0);
  EXPECT_THAT(points_.awards(), IsEmpty());
  ASSERT_THAT(points_.labels(), SizeIs(2)) << "from the trial on; its end";
  EXPECT_EQ(ToTime(points_.labels()[1].until_time()), At(2026, 5, 15, 14));
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

TEST_F(Renewal, WhatTheProviderNeverHeardOfIsChargedOnlyWhileItIsWanted) {
  AddPlan();
  const int64_t anna = Subscribe("anna", "away:1")->membership().membership_id();
  const int64_t bert = Subscribe("bert", "away:1")->membership().membership_id();
  EXPECT_THAT(provider_.charges(), IsEmpty());
  EXPECT_THAT(Call(&Memberships::CancelMembership,
                   absl::StrCat("membership_id: ", bert, ", when: 'CANCEL_WHEN_NOW'")),
              IsOk());
  LiveUntil(testing::kTestStart + absl::Hours(24 * 7));
  EXPECT_EQ(StateOf(anna), v1::MEMBERSHIP_STATE_ACTIVE);
  EXPECT_THAT(provider_.charges(), SizeIs(1)) << "anna's";
  EXPECT_EQ(Invoice(2).state(), v1::INVOICE_STATE_VOID);
  EXPECT_EQ(Invoice(2).charges(0).outcome(), v1::PAYMENT_OUTCOME_UNKNOWN);
  EXPECT_TRUE(Invoice(2).charges(0).given_up());
}

TEST_F(Renewal, WhoCancelsNowIsNotChargedForAPeriodThatNoJobHasBilledYet) {
  AddPlan();
  const int64_t id = Join("anna");
  server_.clock().Set(At(2026, 6, 1, 15));
  EXPECT_THAT(
      Call(&Memberships::CancelMembership, absl::StrCat("membership_id: ", id, ", when: 'CANCEL_WHEN_NOW'")),
      IsOk());
  LiveUntil(At(2026, 7, 1));
  EXPECT_EQ(Invoice(2).state(), v1::INVOICE_STATE_VOID);
  EXPECT_THAT(provider_.charges(), SizeIs(1));
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
  EXPECT_EQ(ToTime(Get(anna).history(0).occurred_time()), At(2026, 6, 1, 14));
  EXPECT_EQ(provider_.held(), 4 * 990);
}

// The provider charges, and does not answer before the call's deadline.
TEST(Timeout, AfterChargingIsChargedOnce) {
  TestProvider provider;
  testing::FakePoints points;
  testing::InProcessServer server(
      Definition(provider.address(), absl::Milliseconds(200)),
      rpc::ServerOptions{.points_address = points.address(), .background = false});
  server.database().AddProgram("shop", "Europe/Rome", "EUR");
  Client client(server.channel(), testing::Fill::kChange);
  ASSERT_THAT(client.Call(&Plans::CreatePlan,
                          std::string("plan: {program_id: 'shop', plan_id: 'plain', ") + kPlain + "}"),
              IsOk());
  const std::string anna = "member_id: 'anna', plan_id: 'plain', payment_method: 'timeout:1'";
  const auto joined = client.Call(&Memberships::Subscribe, anna);
  EXPECT_EQ(joined->membership().state(), v1::MEMBERSHIP_STATE_PENDING_PAYMENT) << joined;
  EXPECT_EQ(joined->invoice().charges(0).outcome(), v1::PAYMENT_OUTCOME_UNKNOWN);
  EXPECT_EQ(provider.held(), 500);
  EXPECT_THAT(client.Call(&Memberships::Subscribe, anna),
              Refused(StatusCode::ALREADY_EXISTS, "ALREADY_SUBSCRIBED"));
  server.clock().Advance(absl::Minutes(5));
  server.RunDue("shop");
  const auto found = client.Call(&Memberships::GetMembership,
                                 absl::StrCat("membership_id: ", joined->membership().membership_id()));
  EXPECT_EQ(found->membership().state(), v1::MEMBERSHIP_STATE_ACTIVE);
  EXPECT_THAT(provider.charges(), SizeIs(1));
  EXPECT_EQ(provider.held(), 500);
}

TEST(NoProvider, NothingIsChargedAndTheJobTriesAgain) {
  testing::InProcessServer server(Definition(""));
  server.database().AddProgram("shop", "Europe/Rome", "EUR");
  Client client(server.channel(), testing::Fill::kChange);
  ASSERT_THAT(client.Call(&Plans::CreatePlan,
                          std::string("plan: {program_id: 'shop', plan_id: 'plain', ") + kPlain + "}"),
              IsOk());
  const auto reply = client.Call(&Memberships::Subscribe, "member_id: 'anna', plan_id: 'plain'");
  EXPECT_EQ(reply->membership().state(), v1::MEMBERSHIP_STATE_PENDING_PAYMENT) << reply;
  EXPECT_EQ(reply->invoice().charges(0).outcome(), v1::PAYMENT_OUTCOME_NOT_ATTEMPTED);
  EXPECT_EQ(ToTime(reply->invoice().charges(0).next_look_time()), testing::kTestStart + absl::Minutes(5));
  server.clock().Advance(absl::Minutes(5));
  server.RunDue("shop");
  EXPECT_EQ(client.Call(&Billings::GetInvoice, "invoice_number: 1")->invoice().charges_size(), 2);
}

}  // namespace
}  // namespace loyalty::membership
