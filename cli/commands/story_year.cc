#include <sstream>

#include "absl/strings/str_cat.h"
#include "cli/commands/statement.h"
#include "cli/commands/story_chapters.h"
#include "cli/commands/story_scenes.h"
#include "loyalty/membership/v1/billing_service.grpc.pb.h"
#include "loyalty/membership/v1/membership_service.grpc.pb.h"
#include "loyalty/points/v1/ledger_service.grpc.pb.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"

namespace loyalty::cli::story {
namespace {

using membership::v1::BillingService;
using membership::v1::MembershipService;
using points::v1::LedgerService;
using points::v1::PointsService;

constexpr int64_t kBagPoints = 300;
constexpr int64_t kAdaAtTheEnd = 434;

void Redeem(Teller& teller) {
  auto request = teller.Make<points::v1::SpendRequest>("till 2");
  request.set_member_id(kAda);
  request.set_points(kBagPoints);
  request.set_reason("a weekend bag");
  const auto entry = teller.Call<PointsService>(&PointsService::Stub::Spend, request).entry();
  teller.Expect("the points spent", entry.points(), -kBagPoints);
  teller.Expect("the balance", entry.balance_after(), kAdaAtTheEnd);
  teller.Say(absl::StrCat("Ada redeems a reward: ", teller.Points(kBagPoints), " spent on ", entry.reason(),
                          ". The oldest points pay: ", LotsText(entry), ". She has ",
                          Thousands(entry.balance_after()), "."));
}

void SeeRenewed(Teller& teller) {
  auto list = teller.Make<membership::v1::ListMembershipsRequest>();
  list.set_member_id(kAda);
  const auto memberships = teller.Call<MembershipService>(&MembershipService::Stub::ListMemberships, list);
  teller.Expect("Ada's memberships", memberships.memberships_size(), 1);
  const auto& membership = memberships.memberships(0);
  teller.Expect("the membership is active", membership.state() == membership::v1::MEMBERSHIP_STATE_ACTIVE);
  teller.Expect("the period", membership.period_index(), 1);
  teller.Say(absl::StrCat("The plan has renewed itself at ", teller.Time(membership.period_start_time()),
                          ", for another year until ", teller.Time(membership.period_end_time()), "."));

  auto invoices = teller.Make<membership::v1::ListInvoicesRequest>();
  invoices.set_member_id(kAda);
  const auto billed = teller.Call<BillingService>(&BillingService::Stub::ListInvoices, invoices);
  teller.Expect("Ada's invoices", billed.invoices_size(), 2);
  int64_t paid = 0;
  for (const auto& invoice : billed.invoices()) paid += invoice.paid_minor();
  teller.Expect("what Ada paid for the plan", paid, 2 * kPlanPriceCents);
  teller.Say(absl::StrCat("Both invoices are paid, ", Money(paid, teller.program()), " together."));

  auto check = teller.Make<membership::v1::CheckBenefitRequest>();
  check.set_member_id(kAda);
  check.set_benefit_id(kLoungeId);
  const auto lounge = teller.Call<MembershipService>(&MembershipService::Stub::CheckBenefit, check);
  teller.Expect("the visits left", lounge.left(), kLoungeVisits);
  teller.Say(absl::StrCat("A new year, ", lounge.left(), " new visits to the lounge."));
}

}  // namespace

void EndTheYear(Teller& teller) {
  teller.AdvanceTo(absl::CivilMinute(2025, 6, 15, 13, 0));
  Redeem(teller);
  teller.AdvanceTo(absl::CivilMinute(2026, 1, 25, 12, 0));
  SeeRenewed(teller);
}

nlohmann::ordered_json CloseTheBooks(Teller& teller) {
  auto statement = teller.Make<points::v1::ListEntriesRequest>();
  statement.set_member_id(kAda);
  const auto listed = teller.Call<PointsService>(&PointsService::Stub::ListEntries, statement);
  int64_t sum = 0;
  for (const auto& entry : listed.entries()) sum += entry.points();
  teller.Expect("the sum of Ada's entries", sum, kAdaAtTheEnd);
  teller.Say(
      absl::StrCat("Ada reads her statement: ", Counted(listed.entries_size(), "entry", "entries"), "."));
  std::ostringstream lines;
  PrintStatement(listed.entries(), teller.program(), lines);
  teller.Block(lines.str());

  auto both = teller.Make<points::v1::BatchGetBalancesRequest>();
  both.add_member_ids(kAda);
  both.add_member_ids(kBob);
  const auto balances = teller.Call<PointsService>(&PointsService::Stub::BatchGetBalances, both);
  teller.Expect("the number of balances", balances.balances_size(), 2);
  const int64_t ada = balances.balances(0).available_points();
  const int64_t bob = balances.balances(1).available_points();
  teller.Expect("Ada's balance", ada, kAdaAtTheEnd);
  teller.Expect("Bob's balance", bob, kReferrerPoints);
  teller.Say(absl::StrCat("In the end Ada has ", teller.Points(ada), " and Bob ", Thousands(bob), "."));

  const auto verify = teller.Make<points::v1::VerifyLedgerRequest>();
  const auto ledger = teller.Call<LedgerService>(&LedgerService::Stub::VerifyLedger, verify);
  teller.Expect("the differences in the ledger", ledger.differences_size(), 0);
  teller.Expect("all available points", ledger.available_points(), ada + bob);
  teller.Expect("all issued points", ledger.issued_points(), ada + bob + kBagPoints);
  teller.Say(absl::StrCat("The ledger is recomputed from its ", ledger.entry_count(),
                          " entries: ", teller.Points(ledger.issued_points()), " issued, ",
                          Thousands(ledger.spent_points()), " spent, ", Thousands(ledger.available_points()),
                          " available; no difference."));
  return {{"ada_points", ada},
          {"bob_points", bob},
          {"issued_points", ledger.issued_points()},
          {"spent_points", ledger.spent_points()},
          {"available_points", ledger.available_points()}};
}

}  // namespace loyalty::cli::story
