// A points server with one program, "shop", and short names for its stubs and for what tests of it use of
// common/testing/client.h:
//
//   const auto earned = Call(&Points::Earn, "member_id: 'anna', request_id: 'r1', points: 100");
//   EXPECT_THAT(Call(&Points::Spend, "…"), Refused(StatusCode::FAILED_PRECONDITION, "INSUFFICIENT_POINTS"));
#pragma once

#include <string>

#include "common/testing/client.h"
#include "common/testing/service_test.h"
#include "loyalty/events/v1/event_service.grpc.pb.h"
#include "loyalty/points/v1/earn_rule_service.grpc.pb.h"
#include "loyalty/points/v1/ledger_service.grpc.pb.h"
#include "loyalty/points/v1/member_service.grpc.pb.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"
#include "loyalty/points/v1/program_service.grpc.pb.h"
#include "services/points/definition.h"

namespace loyalty::points {

using namespace testing;  // that of loyalty

using Points = v1::PointsService::StubInterface;
using Programs = v1::ProgramService::StubInterface;
using Rules = v1::EarnRuleService::StubInterface;
using Ledgers = v1::LedgerService::StubInterface;
using Members = v1::MemberService::StubInterface;
using Events = events::v1::EventService::StubInterface;
using Client = testing::Client<v1::PointsService, v1::ProgramService, v1::EarnRuleService, v1::LedgerService,
                               v1::MemberService, events::v1::EventService>;

inline auto Refused(StatusCode code, const std::string& reason) {
  return testing::RefusedBy("loyalty.points.v1", code, reason);
}

inline constexpr char kShop[] =
    "program: {program_id: 'shop', display_name: 'The shop', currency_code: 'USD', time_zone: "
    "'America/New_York'}";

// See testing::ServiceTest.
class ServerTest : public testing::ServiceTest<Client> {
 protected:
  ServerTest() : ServiceTest(Definition()) {}
  void SetUp() override { ASSERT_THAT(Call(&Programs::CreateProgram, kShop), IsOk()); }

  int64_t Balance(const std::string& member) {
    const auto reply = Call(&Points::GetBalance, "member_id: '" + member + "'");
    EXPECT_TRUE(reply.ok()) << reply.error;
    return reply->balance().available_points();
  }
  // Gives the shop a policy: SetPolicy("transfers", "{allowed: true}").
  void SetPolicy(const std::string& name, const std::string& policy) {
    Made(&Programs::UpdateProgram, "program: {program_id: 'shop', policies: {" + name + ": " + policy +
                                       "}}, update_mask: 'policies." + name + "'");
  }
  // Of what a member has; with `fields` of v1::Balance.
  void ExpectBalance(const std::string& member, const std::string& fields) {
    const auto reply = Call(&Points::GetBalance, "member_id: '" + member + "'");
    ASSERT_TRUE(reply.ok()) << reply;
    v1::Balance balance = reply->balance();
    balance.clear_sequence();
    EXPECT_THAT(balance, IsMessage(Parse<v1::Balance>("member_id: '" + member + "', " + fields)));
  }
  // The member's newest entry.
  v1::Entry Newest(const std::string& member) {
    const auto page = Call(&Points::ListEntries, "member_id: '" + member + "', page_size: 1");
    EXPECT_TRUE(page.ok() && page->entries_size() == 1) << page;
    return page->entries_size() == 1 ? page->entries(0) : v1::Entry();
  }
  // A summary of all that is written.
  std::string Written() const {
    std::string text = Ask(
        "SELECT concat_ws(' ', (SELECT count(*) FROM platform.program), (SELECT max(update_time) FROM "
        "platform.program), "
        "(SELECT concat(sum(balance), sum(pending), sum(held), sum(debt), string_agg(state::text, '')) FROM "
        "points.account WHERE program_key > 0))");
    for (const char* table : {"member", "account", "entry", "lot", "lot_use", "pending_lot", "hold",
                              "counter", "earn_rule", "outbox", "request"})
      text += " " + Count(table);
    return text;
  }
  void ExpectCleanLedger() {
    const auto report = Call(&Ledgers::VerifyLedger, "");
    ASSERT_TRUE(report.ok()) << report.error;
    for (const auto& difference : report->differences()) ADD_FAILURE() << difference.ShortDebugString();
  }
};

}  // namespace loyalty::points
