// What VerifyLedger recomputes beside points: limits, budgets, orders, tiers, and what is known of members.
#include "services/points/storage/state_verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/storage/test_faults.h"

namespace loyalty::points {
namespace {

using ::testing::IsEmpty;

EarnRule GiftRule(EarnLimits limits) {
  EarnRule gift = MultiplierRule("gift", "", {});
  gift.effect = FixedPoints{5};
  gift.limits = limits;
  return gift;
}

Program ShopWithAll() {
  Program program = DollarProgram();
  program.policies.tiers = {
      .metric = TierMetric::kMoneySpent,
      .period = TierPeriod::kCalendarYear,
      .tiers = {{.id = "silver", .threshold = 10'000}, {.id = "gold", .threshold = 50'000}}};
  program.policies.transfers = {.allowed = true, .most_points_day = 100};
  program.policies.celebrations.birthday_points = 20;
  return program;
}

Command Returned(std::string id, std::string member, std::string order, int64_t minor) {
  return ReturnCommand(id, std::move(member), std::move(order), id, minor);
}

// anna has bought, given back, sent, redeemed, celebrated, and holds something; bert got and told something.
class StateVerifier : public ::testing::Test {
 protected:
  void SetUp() override {
    store_.AddRule(GiftRule({.per_member_day = 20, .per_member_month = 1000, .budget = 1000}));
    EarnRule give = MultiplierRule("give", "", {});
    give.effect = Donation{"zoo", 2};
    give.limits.budget = 50;
    store_.AddRule(give);
    Reward mug;
    mug.id = mug.display_name = "mug";
    mug.kind = FreeProduct{"mug-1"};
    mug.price_points = 4;
    mug.limit = {3, LimitWindow::kDay};
    mug.create_time = mug.update_time = kNoon;
    store_.Offer(mug);
    Profile profile;
    profile.birthday = {5, 2};
    store_.Seed({EarnCommand("z", "zoo", 1), EarnCommand("e", "bert", 1),
                 PurchaseCommand("p1", "anna", "o1", 5000), PurchaseCommand("p2", "anna", "o2", 15'000),
                 Returned("b1", "anna", "o1", 1000), CommandFor("t", "anna", TransferPoints{"bert", 7}),
                 CommandFor("m1", "anna", RedeemReward{"mug", "", 0, ""}),
                 CommandFor("m2", "anna", RedeemReward{"mug", "", 0, ""}),
                 CommandFor("m3", "anna", CancelRedemption{"m2"}),
                 CommandFor("n", "anna", UpdateProfile{.profile = profile, .birthday = true}),
                 CommandFor("n2", "bert", UpdateProfile{.profile = profile, .segment = true})});
    store_.clock.Advance(absl::Hours(48));
    EXPECT_TRUE(store_.Apply(CommandFor("", "anna", CatchUp{})).ok());
    store_.Seed({CommandFor("h", "anna", ReservePoints{10, absl::Hours(1), ""})});
  }

  std::vector<LedgerDifference> Differences() {
    auto report = VerifyLedger(store_.pool, "shop", store_.clock.Now());
    if (report.ok()) return std::move(report->differences);
    ADD_FAILURE() << report.status();
    return {};
  }
  void ExpectClean() {
    for (const LedgerDifference& one : Differences()) {
      ADD_FAILURE() << one.invariant << " of " << one.member_id << ": " << one.description;
    }
  }

  TestStore store_{ShopWithAll()};
};

TEST_F(StateVerifier, FindsNothingWhereTheStateIsWhatTheEntriesSay) {
  EXPECT_EQ(store_.Rows("SELECT name, used FROM points.counter WHERE program_key > 0"),
            "(budget:gift,9)\n(budget:give,4)\n(stock:mug,1)");
  EXPECT_EQ(store_.Rows("SELECT state #>> '{tier,id}', state -> 'celebrated' FROM points.account WHERE state "
                        "#>> '{tier,id}' <> ''"),
            "(silver,\"[2026, 0]\")");
  ExpectClean();
}

class StateVerifierFinds : public StateVerifier, public ::testing::WithParamInterface<Fault> {};

TEST_P(StateVerifierFinds, TheFault) {
  Plant(store_, GetParam());
  ExpectFound(Differences(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    , StateVerifierFinds,
    ::testing::Values(
        Fault{"UseRaised",
              "UPDATE points.account SET state = jsonb_set(state, '{uses,0,3}', '10') WHERE $anna", "limit",
              "anna"},
        Fault{"UseRemoved", "UPDATE points.account SET state = state #- '{uses,1}' WHERE $anna", "limit",
              "anna"},
        Fault{"UseOfAnotherDay",
              "UPDATE points.account SET state = jsonb_set(state, '{uses,0,2}', '20000') WHERE $anna",
              "limit", "anna"},
        Fault{"UseInvented",
              "UPDATE points.account SET state = '{\"uses\": [[\"gift\", 1, 20000, 5]]}' WHERE $bert",
              "limit", "bert"},
        Fault{"UsesLost", "UPDATE points.account SET state = state - 'uses' WHERE $anna", "limit", "anna"},
        Fault{"UseOfARewardLost",
              "UPDATE points.account SET state = jsonb_set(state, '{uses,-2,3}', '0') WHERE $anna", "limit",
              "anna"},
        Fault{"UseOfTransfersLowered",
              "UPDATE points.account SET state = jsonb_set(state, '{uses,-1,3}', '6') WHERE $anna", "limit",
              "anna"},
        Fault{"TransferBroughtMore", "UPDATE points.entry SET points = 8 WHERE $bert AND kind = 17",
              "transfer", "bert"},
        Fault{"TransferNeverSent",
              "UPDATE points.entry SET detail = jsonb_set(detail, '{counterpart,1}', '1') WHERE $bert AND "
              "kind = 17",
              "transfer", "bert"},
        Fault{"AwardChanged",
              "UPDATE points.entry SET awards = '[[\"base\", 49], [\"gift\", 6]]' WHERE $anna AND order_id = "
              "'o1' AND kind = 1",
              "limit", "anna"},
        Fault{"BudgetRaised", "UPDATE points.counter SET used = used + 1 WHERE name = 'budget:gift'",
              "budget", ""},
        Fault{"BudgetOfDonationsLowered",
              "UPDATE points.counter SET used = used - 1 WHERE name = 'budget:give'", "budget", ""},
        Fault{"BudgetLost", "DELETE FROM points.counter WHERE name = 'budget:gift'", "budget", ""},
        Fault{"OrderCountedTwice", "UPDATE points.account SET purchases = purchases + 1 WHERE $anna",
              "purchases", "anna"},
        Fault{"TierRaised",
              "UPDATE points.account SET state = jsonb_set(state, '{tier,id}', '\"gold\"') WHERE $anna",
              "tier", "anna"},
        Fault{"ProgressLowered",
              "UPDATE points.account SET state = jsonb_set(state, '{tier,progress,1}', '18999') WHERE $anna",
              "tier", "anna"},
        Fault{"TierLost", "UPDATE points.account SET state = state - 'tier' WHERE $anna", "tier", "anna"},
        Fault{"TierInvented",
              "UPDATE points.account SET state = '{\"tier\": {\"id\": \"gold\", \"since\": \"2026-05-01 "
              "12:00:00+00\", \"carried_id\": \"gold\"}}' WHERE $bert",
              "tier", "bert"},
        Fault{"CelebratedForgotten",
              "UPDATE points.account SET state = jsonb_set(state, '{celebrated,0}', '2025') WHERE $anna",
              "celebration", "anna"},
        Fault{"ProfileSequenceOfTheAccount", "UPDATE points.account SET profile_sequence = 0 WHERE $bert",
              "profile", "bert"},
        Fault{"ProfileSequenceOfTheMember", "UPDATE points.member SET profile_sequence = 9 WHERE $bert",
              "profile", "bert"},
        Fault{"ProfileSequenceOfBoth",
              "UPDATE points.member SET profile_sequence = 99 WHERE $bert; UPDATE points.account SET "
              "profile_sequence = 99 WHERE $bert",
              "profile", "bert"},
        Fault{"ClosedByHand", "UPDATE points.member SET close_time = now() WHERE $bert", "member", "bert"},
        Fault{"MergedByHand", "UPDATE points.account SET merged_into = 1 WHERE $bert", "member", "bert"},
        Fault{"LastActiveLater",
              "UPDATE points.account SET active_time = active_time + interval '1 day' WHERE $anna",
              "activity", "anna"},
        Fault{"NeverLookedAt", "UPDATE points.account SET next_due_time = 'infinity' WHERE $anna", "due",
              "anna"},
        Fault{"RecordedLater",
              "UPDATE points.account SET last_recorded_time = last_recorded_time + interval '1 day' WHERE "
              "$anna",
              "balance", "anna"}),
    [](const auto& info) { return info.param.name; });

TEST_F(StateVerifier, AReturnIsRightWhateverBecameOfItsRule) {
  store_.AddRule([] {
    EarnRule late = GiftRule({.per_member = 50, .budget = 60});
    late.id = "late";
    return late;
  }());
  store_.Seed({PurchaseCommand("p3", "anna", "o3", 1000), PurchaseCommand("p4", "anna", "o4", 1000),
               PurchaseCommand("p5", "bert", "o5", 1000)});
  store_.ArchiveRule("late");
  store_.Seed({Returned("b3", "anna", "o3", 0)});
  ExpectClean();
  store_.clock.Advance(absl::Hours(24));
  EXPECT_EQ(store_.Rows("SELECT used FROM points.counter WHERE name = 'budget:late'"), "(10)");
  store_.Seed({Returned("b4", "anna", "o4", 500), Returned("b5", "bert", "o5", 0)});
  EXPECT_EQ(store_.Rows("SELECT used FROM points.counter WHERE name = 'budget:late'"), "(3)")
      << "an archived rule gets back what counted against it too";
  ExpectClean();
}

TEST_F(StateVerifier, ALimitThatALaterVersionBringsIsNotTakenBackFromWhatWasNeverCounted) {
  EarnRule free = GiftRule({});
  free.id = "free";
  store_.AddRule(free);
  store_.Seed({PurchaseCommand("p3", "anna", "o3", 1000), PurchaseCommand("p4", "bert", "o4", 1000)});
  store_.clock.Advance(absl::Hours(24));
  free.version = 2;
  free.limits = {.per_member = 50, .budget = 60};
  free.create_time = store_.clock.Now();
  const absl::Status replaced = store_.pool.Run([&](postgres::Transaction& tx) -> absl::Status {
    const absl::StatusOr<Program> program = LoadProgram(tx, "shop");
    LOYALTY_RETURN_IF_ERROR(program.status());
    TouchProgram(tx, program->key, store_.clock.Now());
    ReplaceEarnRule(tx, program->key, free);
    return absl::OkStatus();
  });
  ASSERT_TRUE(replaced.ok()) << replaced;
  store_.clock.Advance(absl::Hours(24));
  store_.Seed({PurchaseCommand("p5", "bert", "o5", 1000), Returned("b3", "anna", "o3", 0),
               Returned("b4", "bert", "o4", 0), PurchaseCommand("p6", "anna", "o6", 1000)});
  EXPECT_EQ(store_.Rows("SELECT used FROM points.counter WHERE name = 'budget:free'"), "(10)")
      << "two awards that counted; those that did not give nothing back";
  ExpectClean();
}

TEST_F(StateVerifier, OnlyTheNewestPeriodsOfALimitAreKeptAndCompared) {
  for (int day = 0; day < 70; ++day) {
    store_.clock.Advance(absl::Hours(24));
    Command order = PurchaseCommand(absl::StrCat("d", day), "bert", absl::StrCat("d", day), 100);
    PurchaseOf(order).purchase_time = store_.clock.Now();
    store_.Seed({order});
  }
  ExpectClean();
  store_.database.Exec("UPDATE points.account SET state = state #- '{uses,30}' WHERE purchases = 70");
  EXPECT_THAT(Differences(), ::testing::SizeIs(1));
}

// A period of which nothing is left is one of those that are kept.
TEST_F(StateVerifier, ARedemptionThatWasCancelledKeepsItsPeriod) {
  store_.Seed({EarnCommand("many", "bert", 1000)});
  for (int day = 0; day < 61; ++day) {
    store_.clock.Advance(absl::Hours(24));
    store_.Seed({CommandFor(absl::StrCat("d", day), "bert", RedeemReward{"mug", "", 0, ""})});
  }
  store_.Seed({CommandFor("back", "bert", CancelRedemption{"d30"})});
  ExpectClean();
}

TEST_F(StateVerifier, AChangeOfTiersLeavesOpenWhatWasBeforeAndNothingElse) {
  store_.clock.Advance(absl::Hours(1));
  store_.Update([&](Program& program) {
    program.policies.tiers.tiers[1].threshold = 60'000;
    program.update_time = store_.clock.Now();
    return absl::OkStatus();
  });
  store_.clock.Advance(absl::Hours(1));
  store_.Seed({PurchaseCommand("p3", "dora", "o3", 12'000), PurchaseCommand("p4", "anna", "o4", 1000)});
  ExpectClean();
  const auto lower = [&](const char* member) {
    Plant(store_, {"",
                   absl::StrCat("UPDATE points.account SET state = jsonb_set(state, '{tier,progress,1}', "
                                "'10001') WHERE $",
                                member)
                       .c_str(),
                   "", ""});
  };
  lower("anna");
  EXPECT_THAT(Differences(), IsEmpty()) << "nobody can tell any more";
  lower("dora");
  ExpectFound(Differences(), {"", "", "tier", "dora"});
}

// Who celebrates has a state, and nothing that counts.
TEST_F(StateVerifier, WhoHasEarnedNothingHasNoStandingWhateverTheTiers) {
  store_.EnrollMember("zoe", store_.clock.Now());
  const auto become = [&](auto change) {
    store_.clock.Advance(absl::Hours(24));
    store_.Update([&](Program& program) {
      change(program.policies);
      program.update_time = store_.clock.Now();
      return absl::OkStatus();
    });
    store_.PostDue();
    store_.clock.Advance(absl::Hours(1));
    ExpectClean();
  };
  become([](Policies& p) { p.celebrations.anniversary_points = 5; });
  become([](Policies& p) { p.tiers.period = TierPeriod::kCalendarYear; });
  become([](Policies& p) { p.tiers.grace_days = 3; });
  become([](Policies& p) { p.tiers.period = TierPeriod::kMembershipYear; });
  become([](Policies& p) { p.tiers = {}; });
}

TEST_F(StateVerifier, AMergedMemberHasTheStateOfBothAndTheOtherNone) {
  store_.Seed({PurchaseCommand("p3", "bert", "o3", 2000), CommandFor("merge", "bert", MergeMembers{"anna"}),
               Returned("b3", "bert", "o1", 0), PurchaseCommand("p4", "bert", "o4", 2000)});
  ExpectClean();
  Plant(store_, {"", "UPDATE points.account SET state = '{\"uses\": [[\"gift\", 1, 20574, 5]]}' WHERE $anna",
                 "", ""});
  ExpectFound(Differences(), {"", "", "member", "anna"});
}

TEST_F(StateVerifier, SamplesSayTheSameOfTheirAccounts) {
  Plant(store_, {"", "UPDATE points.account SET purchases = 9, balance = balance + 1 WHERE $anna", "", ""});
  const auto sample = VerifySample(store_.pool, {}, store_.clock.Now());
  ASSERT_TRUE(sample.ok()) << sample.status();
  EXPECT_EQ(sample->program_id, "shop");
  EXPECT_EQ(sample->accounts, 3);
  ExpectFound(sample->differences, {"", "", "purchases", "anna"});
  ExpectFound(sample->differences, {"", "", "balance", "anna"});
  const auto end = VerifySample(store_.pool, sample->last, store_.clock.Now());
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->program_id, "");
}

}  // namespace
}  // namespace loyalty::points
