// Members and mergers on PostgreSQL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <regex>
#include <thread>

#include "services/points/domain/memory_store.h"
#include "services/points/domain/test_merging.h"
#include "services/points/storage/ledger_verifier.h"
#include "services/points/storage/state_json.h"
#include "services/points/storage/test_store.h"
#include "services/points/storage/trace_store.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;

Command Merge(std::string request, std::string from, std::string into) {
  return MergingHistory::Merge(std::move(request), std::move(from), std::move(into));
}
Command Close(std::string request, std::string member) {
  return CommandFor(std::move(request), std::move(member), CloseMember{});
}
Command Segment(std::string request, std::string member, std::string segment) {
  Profile profile;
  profile.segment = std::move(segment);
  return CommandFor(std::move(request), std::move(member),
                    UpdateProfile{.profile = profile, .segment = true});
}

void ExpectCleanLedger(TestStore& store) {
  const auto report = VerifyLedger(store.pool, "shop", store.clock.Now());
  ASSERT_TRUE(report.ok()) << report.status();
  for (const auto& difference : report->differences) {
    ADD_FAILURE() << difference.invariant << " of " << difference.member_id << ": " << difference.description;
  }
  EXPECT_EQ(report->merged_in, report->merged_out);
}

// Accounts are numbered otherwise in memory.
std::string WithoutAccounts(const std::string& text) {
  return std::regex_replace(text, std::regex("(with |of account )\\d+"), "$1?");
}

class SameAsInMemory : public ::testing::TestWithParam<uint64_t> {};  // a seed

TEST_P(SameAsInMemory, AreAllAnswersOfAHistoryWithMergers) {
  const Program program = MergingShop();
  TestStore store(program);
  for (const EarnRule& rule : program.rules) store.AddRule(rule);
  store.Offer(MergingReward());
  MemoryStore memory(program);
  memory.AddReward(MergingReward());
  MergingHistory history;
  std::mt19937_64 random(GetParam());
  size_t accepted = 0;
  const auto apply = [&](const Command& command) {
    const auto expected = memory.Apply(command, store.clock.Now());
    const auto answer = store.Apply(command);
    ASSERT_EQ(WithoutAccounts(Describe(answer)), WithoutAccounts(Describe(expected))) << command.request_id;
    if (!answer.ok()) return;
    ++accepted;
    history.Accepted(command);
  };
  for (const Command& command : history.Start()) apply(command);
  for (int i = 0; i < 150 && !HasFatalFailure(); ++i) {
    store.clock.Advance(absl::Minutes(random() % 10));
    apply(history.Next({static_cast<uint32_t>(random())}));
  }
  ExpectCleanLedger(store);
  for (const Command& command : history.UndoAll()) {
    if (HasFatalFailure()) return;
    apply(command);
  }
  EXPECT_GT(accepted, 60u);
  ExpectCleanLedger(store);
  const Member left = *store.members.Get("shop", "m0");
  EXPECT_EQ(left.balance + left.pending + left.held - left.debt, 0);
  EXPECT_EQ(
      store.Rows("SELECT * FROM (SELECT merged_into, count(*) FROM points.account WHERE program_key > 0 "
                 "AND merged_into IS NOT NULL GROUP BY 1) m WHERE count <> 3"),
      "")
      << "all stand for the last one";
}

INSTANTIATE_TEST_SUITE_P(, SameAsInMemory, ::testing::Values(1, 2, 3, 20261122));

TEST(Members, AProfileStandsWithTheMemberAndNotInTheLedger) {
  TestStore store;
  Profile known;
  known.birthday = {2, 29};
  known.segment = "vip";
  known.referrer_member_id = "bert";
  known.attributes = {{"born", absl::CivilDay(1990, 2, 28)},
                      {"size", int64_t{38}},
                      {"vegan", true},
                      {"city", std::string("Rome")}};
  UpdateProfile update{
      .profile = known, .birthday = true, .segment = true, .referrer = true, .attributes = true};
  store.Seed({EarnCommand("r1", "anna", 5), CommandFor("r2", "anna", update),
              CommandFor("r3", "anna", SetConsent{"email", "marketing", true}),
              EarnCommand("r4", "anna", 5)});
  known.consents = {{"email", "marketing", true, kNoon}};
  EXPECT_EQ(store.members.View("shop", "anna")->profile, known);
  EXPECT_EQ(store.Rows(
                "SELECT count(*) FROM points.entry WHERE program_key > 0 AND entry::text ~ 'vip|Rome|email'"),
            "(0)");
  EXPECT_THAT(*store.members.ConsentsOf("shop", "anna"), ElementsAre(known.consents[0]));
  EXPECT_THAT(*store.members.ConsentsOf("shop", "anna"), ElementsAre(known.consents[0]));
  EXPECT_EQ(store.members.ConsentsOf("shop", "carl").status().code(), absl::StatusCode::kNotFound);
  ExpectCleanLedger(store);
}

TEST(Members, WhatOneReplicaRemembersOfAProfileAnotherOneChanges) {
  EarnRule rule = MultiplierRule("vips", "", {2, 1});
  rule.conditions.segment = "vip";
  TestStore store;
  store.AddRule(rule);
  PostingStore other(
      store.pool, store.clock, [](auto&, auto&, auto&, absl::Time) {}, [](auto&, auto&, int) {});
  store.Seed({PurchaseCommand("r1", "anna", "o1", 1000)});  // is remembered now
  ASSERT_TRUE(other.Apply("shop", std::vector{Segment("r2", "anna", "vip")})->front().ok());
  EXPECT_EQ(store.Apply(PurchaseCommand("r3", "anna", "o2", 1000))->entry.points, 20);
  ASSERT_TRUE(other.Apply("shop", std::vector{Close("r4", "anna")})->front().ok());
  EXPECT_THAT(store.Apply(PurchaseCommand("r5", "anna", "o3", 1000)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "MEMBER_CLOSED"));
}

TEST(Members, WhoHasLeftIsShownSo) {
  TestStore store;
  store.Seed({EarnCommand("r1", "anna", 5), CommandFor("c", "anna", SetConsent{"email", "marketing", true}),
              Close("r2", "anna")});
  EXPECT_EQ(store.members.Get("shop", "anna")->close_time, kNoon);
  EXPECT_EQ(store.members.View("shop", "anna")->member.close_time, kNoon);
  EXPECT_FALSE(store.members.ConsentsOf("shop", "anna")->front().granted);
  EXPECT_EQ(store.EnrollMember("anna").member.close_time, kNoon);
  EXPECT_EQ(VerifyLedger(store.pool, "shop", store.clock.Now())->forfeited, 5);
  ExpectCleanLedger(store);
}

TEST(Mergers, TheOldIdResolvesAndItsLedgerStays) {
  TestStore store;
  store.Seed({EarnCommand("r1", "anna", 5), EarnCommand("r2", "bert", 7), Segment("p", "bert", "vip"),
              EarnCommand("r3", "carl", 1), Merge("m1", "anna", "bert"), Merge("m2", "bert", "carl")});
  for (const std::string id : {"anna", "bert", "carl"}) {
    const Member member = *store.members.Get("shop", id);
    EXPECT_EQ(member.id, id);
    EXPECT_EQ(member.balance, 13);
    EXPECT_EQ(member.merged_into, id == "carl" ? "" : "carl");
    const MemberView view = *store.members.View("shop", id);
    EXPECT_EQ(view.member.merged_into, member.merged_into);
    EXPECT_EQ(view.profile.segment, "vip");
  }
  const auto anna = store.members.ListEntries("shop", "anna", {}, 99, 99);
  ASSERT_EQ(anna->size(), 2u);
  EXPECT_EQ(anna->front().kind, EntryKind::kMergeOut);
  EXPECT_EQ(store.members.BalanceAt("shop", "anna", kNoon - absl::Hours(1))->points, 0);
  EXPECT_EQ(VerifyLedger(store.pool, "shop", store.clock.Now())->members, 1);
  ExpectCleanLedger(store);
}

TEST(Mergers, StatementsOfOthersStayAsManyAsTheyWere) {
  TestStore store;
  store.Seed({PurchaseCommand("r1", "anna", "o1", 1000), EarnCommand("r2", "bert", 7)});
  const auto statements = [&](const Command& command) {
    const uint64_t before = store.Statements();
    EXPECT_TRUE(store.Apply(command).ok());
    return store.Statements() - before;
  };
  EXPECT_LE(statements(Merge("m", "anna", "bert")), 31u);
  EXPECT_LE(statements(ReturnCommand("b", "", "o1", "b1", 500)), 31u);
  EXPECT_EQ(statements(EarnCommand("r3", "anna", 1)), 1u) << "whose account is whose is remembered";
}

TEST(Mergers, WhatAProcessRemembersOfTheOldAccountIsNotPostedTo) {
  TestStore store;
  PostingStore other(
      store.pool, store.clock, [](auto&, auto&, auto&, absl::Time) {}, [](auto&, auto&, int) {});
  const auto elsewhere = [&](const Command& command) {
    const auto answers = other.Apply("shop", std::vector{command});
    EXPECT_TRUE(answers.ok() && answers->front().ok());
  };
  store.Seed({EarnCommand("r1", "anna", 5), EarnCommand("r2", "bert", 7), EarnCommand("r3", "carl", 1),
              EarnCommand("r4", "zoe", 1)});
  elsewhere(Merge("m1", "zoe", "anna"));
  elsewhere(EarnCommand("e1", "zoe", 1));
  store.Seed({EarnCommand("r5", "zoe", 1)});
  store.Seed({Merge("m2", "anna", "bert")});
  store.Seed({EarnCommand("r6", "zoe", 1)});
  elsewhere(EarnCommand("e2", "zoe", 1));
  elsewhere(EarnCommand("e3", "anna", 1));
  EXPECT_EQ(store.members.Get("shop", "bert")->balance, 18);
  EXPECT_EQ(store.Rows("SELECT sum(balance) FROM points.account WHERE merged_into IS NOT NULL"), "(0)");
  ExpectCleanLedger(store);
}

TEST(Mergers, WhileOthersPostNothingIsLostAndNothingGoesToADeadAccount) {
  TestStore store;
  store.Seed({EarnCommand("r1", "anna", 5), EarnCommand("r2", "bert", 7), EarnCommand("r3", "carl", 1)});
  std::vector<std::unique_ptr<PostingStore>> replicas;
  for (int i = 0; i < 3; ++i) {
    replicas.push_back(std::make_unique<PostingStore>(
        store.pool, store.clock, [](auto&, auto&, auto&, absl::Time) {}, [](auto&, auto&, int) {}));
  }
  const auto apply = [&](size_t replica, const Command& command) {
    const auto answers = replicas[replica]->Apply("shop", std::vector{command});
    ASSERT_TRUE(answers.ok()) << answers.status();
    EXPECT_TRUE(answers->front().ok()) << answers->front().status();
  };
  std::vector<std::thread> threads;
  for (size_t replica = 0; replica < 2; ++replica) {
    threads.emplace_back([&, replica] {
      for (int i = 0; i < 60; ++i) {
        const std::string member = i % 3 == 0 ? "anna" : i % 3 == 1 ? "bert" : "carl";
        apply(replica, EarnCommand(absl::StrCat("t", replica, "/", i), member, 1));
        if (i % 10 == 0) apply(replica, Segment(absl::StrCat("p", replica, "/", i), member, absl::StrCat(i)));
      }
    });
  }
  threads.emplace_back([&] {
    apply(2, Merge("m1", "anna", "bert"));
    apply(2, Merge("m2", "bert", "carl"));
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store.members.Get("shop", "anna")->balance, 133);
  EXPECT_EQ(store.Rows("SELECT sum(balance) FROM points.account WHERE merged_into IS NOT NULL"), "(0)");
  ExpectCleanLedger(store);
}

TEST(Mergers, AreTracedToTheOrdersOfBefore) {
  Program program = DollarProgram();
  program.policies.transfers.allowed = true;
  TestStore store(program);
  store.Seed({PurchaseCommand("r1", "anna", "o1", 1000), EarnCommand("r2", "bert", 7),
              EarnCommand("g", "dora", 9), EarnCommand("r3", "carl", 1),
              CommandFor("t", "dora", TransferPoints{"anna", 9}), SpendCommand("s0", "anna", 3),
              Merge("m1", "anna", "bert"), Merge("m2", "bert", "carl"), ReverseCommand("v", "carl", "s0"),
              SpendCommand("s1", "carl", 27)});
  const auto spent = store.members.ListEntries("shop", "carl", {}, 99, 1)->front();
  const auto trace = TraceEntry(store.pool, "shop", "carl", spent.sequence);
  ASSERT_TRUE(trace.ok()) << trace.status();
  std::vector<std::string> sources;
  for (const TraceSource& source : trace->sources) {
    sources.push_back(absl::StrCat(source.member_id, " ", source.request_id, " ", source.points));
  }
  EXPECT_THAT(sources, ::testing::UnorderedElementsAre("anna r1 10", "bert r2 7", "dora g 9", "carl r3 1"));
}

TEST(Mergers, LeaveAnOrdersTraceToWhereItsPointsWentWhole) {
  Program program = DollarProgram();
  TestStore store(program);
  store.Seed({EarnCommand("e1", "bert", 1), SpendCommand("e2", "bert", 1), EarnCommand("e3", "carl", 1),
              SpendCommand("e4", "carl", 1), PurchaseCommand("r1", "anna", "o1", 2000),
              SpendCommand("s0", "anna", 3), CommandFor("h", "anna", ReservePoints{5, absl::Hours(9), "", 0}),
              Merge("m1", "anna", "bert"), Merge("m2", "bert", "carl"), ReverseCommand("v", "carl", "s0"),
              SpendCommand("s1", "carl", 4), CommandFor("c", "carl", CapturePoints{"h", 2})});
  const auto trace = TraceEntry(store.pool, "shop", "anna", 1);
  ASSERT_TRUE(trace.ok()) << trace.status();
  std::vector<std::string> uses;
  for (const TraceUse& use : trace->uses) {
    uses.push_back(absl::StrCat(use.member_id, " ", static_cast<int>(use.kind), " ", use.points));
  }
  // Spent 3, which came back; held 5 and captured 2 of them; spent 4. 14 are left.
  EXPECT_THAT(uses, ::testing::ElementsAre("anna 3 3", "carl 25 5", "carl 14 -3", "carl 3 4", "carl 11 -3"));
  EXPECT_EQ(trace->open, 14);
}

TEST(ExpiryChanges, AnOrdersPointsStayItsOwnThroughChangesAndMergers) {
  Program program = DollarProgram();
  program.policies.returns = ReturnPolicy::kPendingOnly;
  TestStore store(program);
  const auto apply = [&](int32_t days) {
    store.clock.Advance(absl::Hours(1));
    store.Update([&](Program& changed) {
      changed.policies.expiry = {.kind = ExpiryKind::kRolling, .days = days};
      changed.update_time = store.clock.Now();
      return ApplyExpiryToExisting(store.clock.Now(), changed);
    });
  };
  store.Seed({PurchaseCommand("r1", "anna", "o1", 1000), EarnCommand("r2", "anna", 50),
              EarnCommand("r3", "bert", 50), SpendCommand("s1", "anna", 3)});
  apply(30);
  EXPECT_EQ(store.Apply(ReturnCommand("b1", "", "o1", "b1", 200))->entry.Net(), -2);
  apply(20);
  store.Seed({Merge("m", "anna", "bert")});
  EXPECT_EQ(store.Apply(ReturnCommand("b2", "", "o1", "b2", 200))->entry.Net(), -2);
  apply(10);
  const Entry rest = store.Apply(ReturnCommand("b3", "", "o1", "b3"))->entry;
  EXPECT_EQ(rest.Net(), -3) << "what is left of its own";
  EXPECT_EQ(rest.shortfall, 3);
  ExpectCleanLedger(store);
  store.Seed({ReverseCommand("v", "bert", "s1")});
  EXPECT_EQ(store.members.Get("shop", "bert")->balance, 103);
  const auto expiring = ExpiringOf(store.pool, store.clock, "shop", "bert");
  ASSERT_TRUE(expiring.ok());
  int64_t points = 0;
  for (const ExpiringPoints& one : *expiring) points += one.points;
  EXPECT_EQ(points, 100) << "and 3 that came back never lapse, as before";
  ExpectCleanLedger(store);
}

TEST(Celebrations, BeginWithTheEnrolmentAndAreKept) {
  Program program = DollarProgram();
  program.policies.celebrations = {0, 50};
  TestStore store(program);
  store.EnrollMember("anna");
  EXPECT_TRUE(store.Apply(CommandFor("", "anna", CatchUp{})).ok());
  EXPECT_EQ(
      store.Rows(
          "SELECT next_due_time AT TIME ZONE 'America/New_York', state -> 'celebrated' FROM points.account "
          "WHERE program_key > 0"),
      "(\"2027-05-01 00:00:00\",\"[0, 2026]\")");
  store.Seed({EarnCommand("r1", "bert", 1)});
  store.clock.Advance(absl::Hours(24 * 365 + 24));
  for (const std::string id : {"anna", "bert"}) EXPECT_TRUE(store.Apply(CommandFor("", id, CatchUp{})).ok());
  EXPECT_EQ(store.members.Get("shop", "anna")->balance, 50);
  EXPECT_EQ(store.members.Get("shop", "bert")->balance, 51);
  ExpectCleanLedger(store);
}

TEST(Mergers, NothingBecomesDueForAnAccountThatWasMerged) {
  TestStore store;
  store.Seed({EarnCommand("r1", "anna", 5), EarnCommand("r2", "bert", 7), Merge("m", "anna", "bert")});
  store.clock.Advance(absl::Hours(1));
  store.Update([&](Program& program) {
    program.policies.celebrations = {20, 50};
    program.update_time = store.clock.Now();
    return absl::OkStatus();
  });
  EXPECT_EQ(
      store.Rows("SELECT merged_into IS NULL FROM points.account WHERE program_key > 0 AND next_due_time < "
                 "'infinity'"),
      "(t)");
}

TEST(Mergers, AFormerStandingSurvivesStorage) {
  Entry entry;
  entry.corrected_account = 5;
  entry.corrected_sequence = 7;
  entry.lots = {{3, kNoon, absl::InfiniteFuture(), absl::InfinitePast(), 9, 2}};
  entry.points = 3;
  entry.occurred_time = kNoon;
  const std::string text = DetailToJson(entry);
  Entry read;
  ReadDetail(text, read);
  EXPECT_EQ(read.corrected_account, 5);
  EXPECT_EQ(read.corrected_sequence, 7);
  EXPECT_EQ(LotsOfDetail(text), entry.lots);
}

TEST(Mergers, ThatAreOnlyTriedOrRefusedWriteNothing) {
  TestStore store;
  store.Seed({EarnCommand("r1", "anna", 5), EarnCommand("r2", "bert", 7)});
  const auto answers = store.Apply({ValidateOnly(Merge("m", "anna", "bert")), Merge("m2", "carl", "bert"),
                                    Merge("m3", "anna", "anna"), EarnCommand("r3", "anna", 1)});
  EXPECT_EQ(answers[0]->entry.points, 5);
  EXPECT_THAT(answers[1], IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(answers[2], IsRefused(absl::StatusCode::kFailedPrecondition, "SAME_MEMBER"));
  EXPECT_TRUE(answers[3].ok());
  EXPECT_EQ(store.members.Get("shop", "anna")->balance, 6);
  EXPECT_EQ(store.members.Get("shop", "anna")->merged_into, "");
  EXPECT_EQ(store.Rows("SELECT 1 FROM points.entry WHERE kind IN (24, 25)"), "");
}

}  // namespace
}  // namespace loyalty::points
