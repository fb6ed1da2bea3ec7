// A membership server with one program, "shop" in Rome, beside a points service and a payment provider of the
// test's own, and short names for its stubs and for what tests of it use of common/testing/client.h:
//
//   const auto joined = Call(&Memberships::Subscribe, "member_id: 'anna', plan_id: 'prime'");
//   EXPECT_THAT(Call(&Memberships::GetMembership, "membership_id: 7"),
//               Refused(StatusCode::NOT_FOUND, "MEMBERSHIP_NOT_FOUND"));
//
// A request gets the program, a new request id and the actor "bob", where it names none.
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <string>
#include <vector>

#include "common/rpc/time.h"
#include "common/testing/client.h"
#include "common/testing/service_test.h"
#include "loyalty/membership/v1/billing_service.grpc.pb.h"
#include "loyalty/membership/v1/event.pb.h"
#include "loyalty/membership/v1/membership_service.grpc.pb.h"
#include "loyalty/membership/v1/plan_service.grpc.pb.h"
#include "sandbox/payments/provider.h"
#include "services/membership/definition.h"

namespace loyalty::membership {

using namespace testing;  // that of loyalty
using rpc::ToTime;

using Plans = v1::PlanService::StubInterface;
using Memberships = v1::MembershipService::StubInterface;
using Billings = v1::BillingService::StubInterface;
using Client = testing::Client<v1::PlanService, v1::MembershipService, v1::BillingService>;

inline auto Refused(StatusCode code, const std::string& reason) {
  return testing::RefusedBy("loyalty.membership.v1", code, reason);
}

// The sandbox provider on a free port.
class TestProvider {
 public:
  TestProvider() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&provider_);
    server_ = builder.BuildAndStart();
  }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  // In the order in which they were made.
  std::vector<payments::v1::Charge> charges() const { return provider_.charges(); }
  // The money that it holds, in minor units.
  int64_t held() const {
    int64_t sum = 0;
    for (const payments::v1::Charge& charge : charges()) {
      const bool paid = charge.outcome() == payments::v1::CHARGE_OUTCOME_SUCCEEDED && !charge.refunded();
      sum += paid ? charge.amount_minor() : 0;
    }
    return sum;
  }

 private:
  sandbox::PaymentProvider provider_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// 9.90 a month; four visits to the lounge, points twice, 500 points for joining; retries on days 1, 3, 5, 7.
inline constexpr char kPrime[] =
    "display_name: 'Prime', billing: {kind: 'BILLING_KIND_MONTHLY', count: 1}, "
    "prices: [{currency_code: 'EUR', amount_minor: 990}, {currency_code: 'USD', amount_minor: 1090}], "
    "benefits: [{benefit_id: 'shipping', kind: 'BENEFIT_KIND_FLAG'}, "
    "{benefit_id: 'lounge', kind: 'BENEFIT_KIND_QUOTA', quota: 4}, "
    "{benefit_id: 'double', kind: 'BENEFIT_KIND_POINTS_MULTIPLIER', multiplier: {numerator: 2, denominator: "
    "1}}, "
    "{benefit_id: 'welcome', kind: 'BENEFIT_KIND_SIGN_UP_POINTS', points: 500}], "
    "dunning: {retry_days: [1, 3, 5, 7]}";

// In Rome.
inline absl::Time At(int year, int month, int day, int hour = 10, int minute = 0) {
  absl::TimeZone rome;
  EXPECT_TRUE(absl::LoadTimeZone("Europe/Rome", &rome));
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, 0), rome);
}

// There before the server is.
struct Neighbours : testing::BesidePoints {
  TestProvider provider_;
};

// See testing::ServiceTest.
class ServerTest : protected Neighbours, public testing::ServiceTest<Client> {
 protected:
  ServerTest() : ServiceTest(Definition(provider_.address()), Options(), testing::Fill::kChange) {}
  void SetUp() override { server_.database().AddProgram("shop", "Europe/Rome", "EUR"); }

  void AddPlan(const std::string& id = "prime", const std::string& settings = kPrime,
               const std::string& program = "shop") {
    const auto reply = Call(&Plans::CreatePlan, absl::StrCat("plan: {program_id: '", program, "', plan_id: '",
                                                             id, "', ", settings, "}"));
    ASSERT_THAT(reply, IsOk());
  }
  // Of the plan "prime".
  Reply<v1::SubscribeResponse> Subscribe(const std::string& member, const std::string& method = "card",
                                         const std::string& more = "") {
    return Call(&Memberships::Subscribe,
                absl::StrCat("member_id: '", member, "', plan_id: 'prime', payment_method: '", method, "'",
                             more.empty() ? "" : ", ", more));
  }
  // A member who has paid. Returns the membership's id.
  int64_t Join(const std::string& member, const std::string& method = "card") {
    const auto reply = Subscribe(member, method);
    EXPECT_EQ(reply->membership().state(), v1::MEMBERSHIP_STATE_ACTIVE) << reply;
    return reply->membership().membership_id();
  }
  v1::GetMembershipResponse Get(int64_t id) {
    const auto reply = Call(&Memberships::GetMembership, absl::StrCat("membership_id: ", id));
    EXPECT_THAT(reply, IsOk());
    return *reply;
  }
  v1::MembershipState StateOf(int64_t id) { return Get(id).membership().state(); }
  v1::Invoice Invoice(int64_t number) {
    const auto reply = Call(&Billings::GetInvoice, absl::StrCat("invoice_number: ", number));
    EXPECT_THAT(reply, IsOk());
    return reply->invoice();
  }
  // "SUBSCRIBE ACTIVATE", the oldest first.
  std::string Path(int64_t id) {
    const auto found = Get(id);
    std::vector<std::string> names;
    for (int i = found.history_size() - 1; i >= 0; --i) {
      names.push_back(v1::MembershipTransition_Name(found.history(i).transition())
                          .substr(std::string("MEMBERSHIP_TRANSITION_").size()));
    }
    return absl::StrJoin(names, " ");
  }
  // Moves the clock, and does what is due there.
  void GoTo(absl::Time time) {
    server_.clock().Set(time);
    server_.RunDue("shop");
  }
  // A summary of all that is written.
  std::string Written() const {
    std::string text = Ask(
        "SELECT concat_ws(' ', (SELECT sum(history_count + state) FROM membership.membership WHERE "
        "program_key > 0), "
        "(SELECT sum(last_number) FROM membership.invoice_counter), (SELECT sum(used) FROM "
        "membership.benefit_use "
        "WHERE program_key > 0), (SELECT count(*) FROM membership.plan WHERE archive_time < 'infinity'))");
    for (const char* table : {"plan", "plan_benefit", "membership", "membership_history", "invoice", "charge",
                              "benefit_use", "outbox", "delivery", "request"}) {
      text += " " + Count(table);
    }
    return text;
  }
  // How many events of a type there are: "MembershipChanged".
  std::string Events(const std::string& type) const {
    return Count("outbox", "type = 'loyalty.membership.v1." + type + "'");
  }
};

}  // namespace loyalty::membership
