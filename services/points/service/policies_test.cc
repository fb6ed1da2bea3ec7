// What a program's policies do, and how they change.
#include "services/points/service/convert_policy.h"
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class PoliciesOfAProgram : public ServerTest {
 protected:
  v1::Policies Read() { return Made(&Programs::GetProgram, "program_id: 'shop'").program().policies(); }
  auto Update(const std::string& policies, const std::string& mask, const std::string& more = "") {
    return Call(&Programs::UpdateProgram, "program: {program_id: 'shop', policies: {" + policies +
                                              "}}, update_mask: '" + mask + "'" + more);
  }
  auto Spend(const std::string& request, int points, int64_t total) {
    return Call(&Points::Spend, absl::StrCat("member_id: 'anna', request_id: '", request, "', points: ",
                                             points, ", order_id: 'o1', order_total_minor: ", total));
  }
};

constexpr char kAll[] =
    "expiry: {rolling_months: 12, round_up: 'EXPIRY_ROUND_UP_MONTH_END'}, returns: "
    "'RETURN_POLICY_PENDING_ONLY', "
    "spending: {points: 100, worth_minor: 500, minimum_order_minor: 2000, largest_share_percent: 50, "
    "grace_days: 7}, "
    "tiers: {metric: 'TIER_METRIC_PURCHASES', period: 'TIER_PERIOD_LIFETIME', downgrade: "
    "'TIER_DOWNGRADE_ONE_TIER', grace_days: 3, tiers: [{tier_id: 'gold', display_name: 'Gold', threshold: "
    "10, "
    "multiplier: {numerator: 3, denominator: 2}, labels: ['vip']}]}, "
    "transfers: {allowed: true, most_points: 50, most_points_day: 80, fee_percent: 10}, "
    "closure: 'CLOSURE_POLICY_KEEP'";

TEST_F(PoliciesOfAProgram, HaveDefaultsThatAreTold) {
  EXPECT_THAT(Read(), IsMessage(ToProto(Policies())));
  EXPECT_EQ(Read().returns(), v1::RETURN_POLICY_WITHIN_BALANCE);
}

TEST_F(PoliciesOfAProgram, AreCreatedWithItAndReadAgain) {
  const std::string cafe =
      std::string("program: {program_id: 'cafe', display_name: 'x', currency_code: 'EUR', ") +
      "time_zone: 'UTC', policies: {" + kAll + "}}";
  const auto created = Call(&Programs::CreateProgram, cafe);
  ASSERT_THAT(created, IsOk());
  EXPECT_THAT(created->program().policies(), IsMessage(Parse<v1::Policies>(kAll)));
  EXPECT_THAT(Call(&Programs::GetProgram, "program_id: 'cafe'")->program(), IsMessage(created->program()));
  EXPECT_TRUE(Call(&Programs::CreateProgram, cafe).replayed);
  EXPECT_THAT(
      Call(&Programs::CreateProgram,
           "program: {program_id: 'cafe', display_name: 'x', currency_code: 'EUR', time_zone: 'UTC'}"),
      Refused(StatusCode::ALREADY_EXISTS, "PROGRAM_ALREADY_EXISTS"));
}

TEST_F(PoliciesOfAProgram, InactivityCountsFromTheChangeUnlessItIsApplied) {
  const std::string inactivity = "expiry: {inactivity_months: 12}",
                    apply = ", apply_expiry_to_existing: true";
  Made(&Points::RecordPurchase,
       "member_id: 'anna', request_id: 'p1', purchase: {order_id: 'o1', purchase_time: "
       "'2024-01-20T10:00:00Z', "
       "total_minor: 1000}");
  const auto lapses = [&] { return Made(&Ledgers::ListExpiringPoints, "member_id: 'anna'"); };
  ASSERT_THAT(Update(inactivity, "policies.expiry"), IsOk());
  ASSERT_THAT(Update("expiry: {inactivity_months: 14}", "policies.expiry"), IsOk());
  ASSERT_EQ(lapses().lapses_size(), 1);
  EXPECT_THAT(lapses().lapses(0), IsMessage(Parse<v1::ListExpiringPointsResponse::Lapse>(
                                      "expire_time: '2027-07-02T04:00:00Z', points: 10")));
  const auto months = Made(&Ledgers::ListExpiringPoints, "");
  ASSERT_EQ(months.months_size(), 1);
  EXPECT_THAT(months.months(0), IsMessage(Parse<v1::ListExpiringPointsResponse::Month>(
                                    "month: '2027-07', points: 10, member_count: 1")));

  const auto preview = Update(inactivity, "policies.expiry", apply + ", validate_only: true");
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->expiry_effect().lapsing_points(), 10);
  EXPECT_EQ(lapses().lapses_size(), 1);
  ASSERT_THAT(Update(inactivity, "policies.expiry", apply + ", request_id: 'u9'"), IsOk());
  EXPECT_EQ(lapses().lapses_size(), 0);
  EXPECT_EQ(Made(&Points::GetBalance, "member_id: 'anna'").balance().available_points(), 0);
}

// Nobody has looked since, and no job has run.
TEST_F(PoliciesOfAProgram, LeaveNothingUndoneThatWasDueByTheOldOnes) {
  ASSERT_THAT(Update("expiry: {inactivity_months: 1}, celebrations: {anniversary_points: 7}",
                     "policies.expiry,policies.celebrations"),
              IsOk());
  for (const char* member : {"anna", "bert"}) {
    Made(&Points::Earn, absl::StrCat("member_id: '", member, "', request_id: '", member, "', points: 10"));
  }
  server_.clock().Advance(absl::Hours(24 * 366));
  ASSERT_THAT(Update("", "policies.expiry,policies.celebrations", ", validate_only: true"), IsOk());
  ASSERT_THAT(Update("", "policies.expiry,policies.celebrations"), IsOk());
  for (const char* member : {"anna", "bert"}) {
    ExpectBalance(member, "available_points: 7");
    const auto entries = Made(&Points::ListEntries, absl::StrCat("member_id: '", member, "'"));
    EXPECT_EQ(entries.entries_size(), 3) << "the award, its lapse, the anniversary";
  }
  ExpectCleanLedger();
}

TEST_F(PoliciesOfAProgram, ChangeOneByOne) {
  v1::Policies expected = Read();
  const auto all = Parse<v1::Policies>(kAll);
  const auto* reflection = expected.GetReflection();
  for (const char* name : {"expiry", "returns", "spending", "tiers", "transfers", "closure"}) {
    const auto updated = Update(kAll, std::string("policies.") + name);
    ASSERT_THAT(updated, IsOk()) << name;
    const auto* field = v1::Policies::descriptor()->FindFieldByName(name);
    if (field->message_type() != nullptr) {
      reflection->MutableMessage(&expected, field)->CopyFrom(reflection->GetMessage(all, field));
    } else {
      reflection->SetEnumValue(&expected, field, reflection->GetEnumValue(all, field));
    }
    EXPECT_THAT(updated->program().policies(), IsMessage(expected)) << name;
    EXPECT_THAT(Read(), IsMessage(expected)) << name;
  }
  ASSERT_THAT(Update("", "policies.expiry,policies.tiers"), IsOk());
  EXPECT_FALSE(Read().expiry().has_rolling_months()) << "named and absent: the default";
  EXPECT_EQ(Read().tiers().tiers_size(), 0);
  EXPECT_TRUE(Read().transfers().allowed()) << "not named: as it was";
  EXPECT_THAT(Update(kAll, "policies"), Refused(StatusCode::INVALID_ARGUMENT, "UPDATE_MASK_INVALID"));
  EXPECT_THAT(Update(kAll, "policies.expiry.roundUp"),
              Refused(StatusCode::INVALID_ARGUMENT, "UPDATE_MASK_INVALID"));
}

TEST_F(PoliciesOfAProgram, EverythingThatIsWrongIsToldAtOnceAndNothingIsWritten) {
  const std::string before = Written();
  const auto reply = Update(
      "expiry: {fixed_day: {month: 13, day: 1}}, spending: {points: 100, largest_share_percent: 101}, "
      "tiers: {grace_days: -1, tiers: [{tier_id: 'gold', threshold: 0}]}, transfers: {fee_percent: 101}",
      "policies.expiry,policies.spending,policies.tiers,policies.transfers");
  EXPECT_EQ(reply.error.code, StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(reply.error.violations,
              UnorderedElementsAre("program.policies.expiry.fixed_day.month TOO_LARGE",
                                   "program.policies.spending.worth_minor FIELD_REQUIRED",
                                   "program.policies.spending.largest_share_percent TOO_LARGE",
                                   "program.policies.tiers.grace_days NEGATIVE",
                                   "program.policies.tiers.tiers[0].display_name FIELD_REQUIRED",
                                   "program.policies.tiers.tiers[0].threshold NOT_POSITIVE",
                                   "program.policies.transfers.fee_percent TOO_LARGE"));
  const auto modes = Update("returns: 9, closure: 9", "policies.returns,policies.closure");
  EXPECT_THAT(modes.error.violations, UnorderedElementsAre("program.policies.returns MALFORMED",
                                                           "program.policies.closure MALFORMED"));
  EXPECT_THAT(Update(kAll, "policies.expiry", ", validate_only: true"), IsOk());
  EXPECT_EQ(Written(), before);
  EXPECT_FALSE(Read().expiry().has_rolling_months());
}

TEST_F(PoliciesOfAProgram, PointsLapseAsTheySay) {
  SetPolicy("expiry", "{rolling_days: 1}");
  const auto earned = Call(&Points::Earn, "member_id: 'anna', request_id: 'e1', points: 40");
  EXPECT_EQ(earned->entry().lots(0).expire_time().seconds(),
            absl::ToUnixSeconds(absl::FromCivil(absl::CivilSecond(2026, 5, 3, 4, 0, 0), absl::UTCTimeZone())))
      << "midnight in New York after 2 May";
  SetPolicy("expiry", "{}");
  Made(&Points::Earn, "member_id: 'anna', request_id: 'e2', points: 2");
  server_.clock().Advance(absl::Hours(40));
  ExpectBalance("anna", "available_points: 2");
  EXPECT_THAT(Call(&Points::Spend, "member_id: 'anna', request_id: 's1', points: 3"),
              Refused(StatusCode::FAILED_PRECONDITION, "INSUFFICIENT_POINTS"));
  const auto lapsed = Newest("anna");
  EXPECT_EQ(lapsed.kind(), v1::ENTRY_KIND_EXPIRY) << "it stands there, though the call was refused";
  EXPECT_EQ(lapsed.points(), -40);
  EXPECT_EQ(lapsed.lot_uses(0).lot_sequence(), 1);
  EXPECT_EQ(lapsed.lot_uses(0).expire_time().seconds(), lapsed.occurred_time().seconds());
  EXPECT_EQ(Call(&Ledgers::VerifyLedger, "")->expired_points(), 40);
  ExpectCleanLedger();
}

TEST_F(PoliciesOfAProgram, ANewExpiryHoldsForPointsThatAreThereIfAsked) {
  Made(&Points::Earn, "member_id: 'anna', request_id: 'e1', points: 40");
  server_.clock().Advance(absl::Hours(24 * 3));
  Made(&Points::Earn, "member_id: 'anna', request_id: 'e2', points: 2");
  const std::string before = Written();
  constexpr char kTwoDays[] = "expiry: {rolling_days: 2}";
  const auto tried =
      Update(kTwoDays, "policies.expiry", ", apply_expiry_to_existing: true, validate_only: true");
  ASSERT_THAT(tried, IsOk());
  EXPECT_THAT(tried->expiry_effect(),
              IsMessage(Parse<v1::ExpiryEffect>(
                  "changed_points: 42, lapsing_points: 40, months: [{month: '2026-05', points_after: 2}]")));
  EXPECT_EQ(Written(), before);
  EXPECT_THAT(Update(kTwoDays, "policies.returns", ", apply_expiry_to_existing: true").error.violations,
              ::testing::ElementsAre("apply_expiry_to_existing MALFORMED"));

  const auto done = Update(kTwoDays, "policies.expiry", ", apply_expiry_to_existing: true, request_id: 'u1'");
  ASSERT_THAT(done, IsOk());
  EXPECT_THAT(done->expiry_effect(), IsMessage(tried->expiry_effect()));
  EXPECT_THAT(Update(kTwoDays, "policies.expiry", ", apply_expiry_to_existing: true, request_id: 'u1'")
                  ->expiry_effect(),
              IsMessage(tried->expiry_effect()))
      << "repeated, it does nothing more";
  ExpectBalance("anna", "available_points: 2");
  EXPECT_THAT(Call(&Points::Spend, "member_id: 'anna', request_id: 's1', points: 3"),
              Refused(StatusCode::FAILED_PRECONDITION, "INSUFFICIENT_POINTS"));
  EXPECT_EQ(Newest("anna").kind(), v1::ENTRY_KIND_EXPIRY);
  const auto spent = Made(&Points::Spend, "member_id: 'anna', request_id: 's2', points: 2").entry();
  const auto trace =
      Made(&Ledgers::TraceEntry, "member_id: 'anna', sequence: " + std::to_string(spent.sequence()));
  ASSERT_EQ(trace.sources_size(), 1);
  EXPECT_EQ(trace.sources(0).request_id(), "e2") << "through the change";
  const auto earned = Made(&Ledgers::TraceEntry, "member_id: 'anna', sequence: 2");
  ASSERT_EQ(earned.uses_size(), 1) << earned.DebugString();
  EXPECT_EQ(earned.uses(0).request_id(), "s2") << "and forwards";
  EXPECT_EQ(earned.uses(0).points(), 2);
  ExpectCleanLedger();
}

TEST_F(PoliciesOfAProgram, PointsPayForOrdersAsTheySay) {
  Made(&Points::Earn, "member_id: 'anna', request_id: 'e1', points: 1000");
  EXPECT_EQ(Spend("s0", 10, 100)->entry().paid_minor(), 0) << "points are not tied to amounts";
  SetPolicy("spending",
            "{points: 100, worth_minor: 500, minimum_order_minor: 2000, largest_share_percent: 50}");
  const auto small = Spend("s1", 100, 1999);
  EXPECT_THAT(small, Refused(StatusCode::FAILED_PRECONDITION, "ORDER_TOO_SMALL"));
  EXPECT_THAT(small.error.metadata,
              UnorderedElementsAre(Pair("minimum_minor", "2000"), Pair("order_total_minor", "1999")));
  const auto large = Spend("s1", 291, 3000);
  EXPECT_THAT(large, Refused(StatusCode::FAILED_PRECONDITION, "SHARE_TOO_LARGE"));
  EXPECT_THAT(large.error.metadata, UnorderedElementsAre(Pair("most_minor", "1500"), Pair("points", "291"),
                                                         Pair("used_points", "10")));
  const auto paid = Spend("s1", 290, 3000);
  ASSERT_THAT(paid, IsOk());
  EXPECT_EQ(paid->entry().paid_minor(), 1450);
  EXPECT_THAT(Newest("anna"), IsMessage(paid->entry()));
  EXPECT_EQ(Spend("s2", 1, 0)->entry().paid_minor(), 0) << "an order that is not named is not asked about";
  const auto again = Spend("s1", 290, 3000);
  EXPECT_THAT(again, IsReplayed());
  EXPECT_THAT(*again, IsMessage(*paid));
}

TEST_F(PoliciesOfAProgram, SpentPointsThatLapsedComeBackWithAGrace) {
  SetPolicy("expiry", "{rolling_days: 1}");
  SetPolicy("spending", "{grace_days: 7}");
  Made(&Points::Earn, "member_id: 'anna', request_id: 'e1', points: 40");
  Made(&Points::Spend, "member_id: 'anna', request_id: 's1', points: 30");
  server_.clock().Advance(absl::Hours(24 * 10));
  const auto back =
      Call(&Points::ReverseEntry, "member_id: 'anna', request_id: 'u1', reversed_request_id: 's1'");
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->entry().kind(), v1::ENTRY_KIND_RESTORE);
  EXPECT_EQ(back->entry().points(), 30);
  EXPECT_EQ(back->entry().lot_uses(0).points(), -30);
  EXPECT_THAT(Newest("anna"), IsMessage(back->entry()));
  ExpectBalance("anna", "available_points: 30");
  server_.clock().Advance(absl::Hours(24 * 8));
  ExpectBalance("anna", "available_points: 0");
  ExpectCleanLedger();
}

}  // namespace
}  // namespace loyalty::points
