// Awards to audiences on PostgreSQL: in pages, by several processes, and broken off in the middle.
#include "services/points/jobs/audience_awards.h"

#include <gmock/gmock.h>

#include <pqxx/pqxx>
#include <thread>

#include "common/work/schema.h"
#include "services/points/storage/ledger_verifier.h"
#include "services/points/storage/test_store.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

constexpr int32_t kKey = 1;

AudienceAward CustomerDay(Audience audience = {}) {
  AudienceAward award;
  award.id = "day";
  award.points = 100;
  award.time = award.create_time = kNoon;
  award.audience = std::move(audience);
  award.reason = "customer day";
  award.actor = "ann";
  return award;
}

Program WithTiers() {
  Program program = DollarProgram();
  program.policies.tiers.tiers = {{.id = "silver", .display_name = "Silver", .threshold = 500'00}};
  return program;
}

Command MergeOf(const char* from, const char* into) {
  Command merge = CommandFor(absl::StrCat("merge-", from), into, MergeMembers{from});
  merge.reason = "asked";
  merge.actor = "ann";
  return merge;
}

class AudienceAwardsJob : public ::testing::Test {
 protected:
  explicit AudienceAwardsJob(const Program& program = DollarProgram()) : store_(program) {}

  // As one process has it.
  AudienceAwards Job(int page) {
    auto postings = std::make_shared<PostingStore>(
        pool_, store_.clock, [](auto&, auto&, auto&, absl::Time) {}, [](auto&, auto&, int) {});
    return {pool_, std::move(postings), MemberStore(pool_, store_.clock), runner_, page};
  }
  void Plan(const AudienceAward& award) {
    const absl::Status status = pool_.Run([&](postgres::Transaction& tx) {
      InsertAudienceAward(tx, kKey, award);
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  AudienceAward Award() {
    std::optional<AudienceAward> award;
    EXPECT_TRUE(pool_
                    .Read([&](postgres::Transaction& tx) {
                      award = FindAudienceAward(tx, kKey, "day");
                      return absl::OkStatus();
                    })
                    .ok());
    return award.value_or(AudienceAward());
  }
  int64_t Run(AudienceAwards& job) {
    const auto done = job.RunDue(kKey, store_.clock.Now());
    EXPECT_TRUE(done.ok()) << done.status();
    return done.value_or(0);
  }
  void RunAll(AudienceAwards& job) {
    while (Run(job) > 0) continue;
  }
  // m0, m1, …, each with a point; the earlier the lower is the account.
  void EnrollMany(int count) {
    for (int i = 0; i < count; ++i) {
      store_.EnrollMember(absl::StrCat("m", i));
      store_.Seed({EarnCommand(absl::StrCat("e", i), absl::StrCat("m", i), 1)});
    }
  }
  // "<member> <how often>" of those who were given the award.
  std::string Given() const {
    return store_.Rows(
        "SELECT member_id, count(*) FROM points.entry JOIN points.member USING (program_key, account_id) "
        "WHERE "
        "cause = 'audience:day' GROUP BY 1");
  }
  void ExpectClean() {
    const auto report = VerifyLedger(store_.pool, "shop", store_.clock.Now());
    ASSERT_TRUE(report.ok()) << report.status();
    for (const auto& difference : report->differences) ADD_FAILURE() << difference.description;
  }

  TestStore store_;
  metrics::Registry registry_;
  postgres::Pool pool_{{.url = store_.database.url(),
                        .size = 4,
                        .statements = work::StatementsWith(sql::Statements()),
                        .schema = "points"},
                       registry_};
  work::Runner runner_{pool_, store_.clock, "points"};
};

TEST_F(AudienceAwardsJob, BeginsAtItsTime) {
  EnrollMany(1);
  AudienceAward later = CustomerDay();
  later.time = kNoon + absl::Hours(1);
  AudienceAwards job = Job(10);
  EXPECT_THAT(*job.NextDue(kKey), ::testing::Eq(std::nullopt));
  Plan(later);
  EXPECT_THAT(*job.NextDue(kKey), Optional(later.time));
  EXPECT_THAT(*job.ProgramsDue(later.time - absl::Microseconds(1), 10), IsEmpty());
  EXPECT_EQ(Run(job), 0);
  EXPECT_THAT(*job.ProgramsDue(later.time, 10), ElementsAre(kKey));
  store_.clock.Advance(absl::Hours(1));
  RunAll(job);
  EXPECT_EQ(Given(), "(m0,1)");
  EXPECT_THAT(*job.NextDue(kKey), ::testing::Eq(std::nullopt)) << "it is done";
  EXPECT_THAT(*job.ProgramsDue(later.time, 10), IsEmpty());
}

TEST_F(AudienceAwardsJob, GivesThePagesToWhomItIsFor) {
  EnrollMany(7);
  store_.Seed({LabelCommand("l1", "m1", "plus", kNoon - absl::Hours(1)),
               LabelCommand("l2", "m2", "plus", kNoon - absl::Hours(2), kNoon),
               LabelCommand("l5", "m5", "plus", kNoon), LabelCommand("l6", "m6", "plus", kNoon)});
  Plan(CustomerDay({.member_label = "plus"}));
  store_.EnrollMember("late", kNoon + absl::Seconds(1));
  store_.Seed({LabelCommand("l7", "late", "plus", kNoon)});
  AudienceAwards job = Job(2);
  EXPECT_EQ(Run(job), 2);
  EXPECT_EQ(Award().state, AudienceAwardState::kRunning);
  EXPECT_EQ(Award().awarded_members, 1);
  EXPECT_FALSE(Award().done_time.has_value());
  RunAll(job);
  EXPECT_EQ(Given(), "(m1,1)\n(m5,1)\n(m6,1)");
  const AudienceAward award = Award();
  EXPECT_EQ(award.state, AudienceAwardState::kDone);
  EXPECT_EQ(award.awarded_members, 3);
  EXPECT_EQ(award.skipped_members, 0);
  EXPECT_EQ(award.done_time, kNoon);
  EXPECT_EQ(store_.Rows("SELECT points, reason, actor, occurred_time = '2026-05-01 12:00Z', request_id = "
                        "'audience:day:' || account_id FROM points.entry WHERE cause = 'audience:day'"),
            "(100,\"customer day\",ann,t,t)\n(100,\"customer day\",ann,t,t)\n(100,\"customer day\",ann,t,t)");
  EXPECT_EQ(store_.Rows("SELECT split_part(type, '.', 4), cause, actor FROM points.outbox WHERE type LIKE "
                        "'%AudienceAward%'"),
            "(AudienceAwardDone,audience:day,loyalty-points)");
  ExpectClean();
}

TEST_F(AudienceAwardsJob, WhoLeftOrWasMergedIsLeftOut) {
  EnrollMany(4);
  Command leave = CommandFor("c1", "m1", CloseMember{});
  leave.reason = "asked";
  leave.actor = "ann";
  store_.Seed({leave, MergeOf("m2", "m3")});
  Plan(CustomerDay());
  AudienceAwards job = Job(10);
  RunAll(job);
  EXPECT_EQ(Given(), "(m0,1)\n(m3,1)");
  EXPECT_EQ(Award().awarded_members, 2);
  EXPECT_EQ(Award().skipped_members, 0) << "they were not meant";
  ExpectClean();
}

TEST_F(AudienceAwardsJob, WhoIsMergedAfterGettingItDoesNotGetItAgain) {
  EnrollMany(4);
  store_.Seed({LabelCommand("l0", "m0", "plus", kNoon - absl::Hours(1)),
               LabelCommand("l2", "m2", "plus", kNoon - absl::Hours(1))});
  AudienceAward award = CustomerDay();
  award.audience.member_label = "plus";
  Plan(award);
  AudienceAwards job = Job(1);
  EXPECT_EQ(Run(job), 1);
  store_.Seed({MergeOf("m0", "m3")});  // and with m0 the label
  RunAll(job);
  EXPECT_EQ(Given(), "(m0,1)\n(m2,1)");
  EXPECT_EQ(Award().awarded_members, 2);
  ExpectClean();
}

TEST_F(AudienceAwardsJob, WhoIsMergedWhileAPageIsGivenDoesNotGetItAgain) {
  EnrollMany(3);
  Plan(CustomerDay());
  AudienceAwards job = Job(1), other = Job(10);
  EXPECT_EQ(Run(job), 1);
  // The other job has read its page, and waits for the account of m1.
  pqxx::connection connection(store_.database.url());
  pqxx::work busy(connection);
  busy.exec(
      "SELECT FROM points.account JOIN points.member USING (program_key, account_id) WHERE member_id = 'm1' "
      "FOR "
      "UPDATE OF account");
  std::thread rival([&] { EXPECT_GT(Run(other), 0); });
  while (!store_.database.SomebodyWaits()) std::this_thread::yield();
  store_.Seed({MergeOf("m0", "m2")});
  busy.commit();
  rival.join();
  EXPECT_EQ(Given(), "(m0,1)") << "the page is to be read again";
  RunAll(job);
  EXPECT_EQ(Given(), "(m0,1)\n(m1,1)");
  EXPECT_EQ(Award().awarded_members, 2);
  ExpectClean();
}

TEST_F(AudienceAwardsJob, WhoIsJustBeingEnrolledIsWaitedFor) {
  EnrollMany(1);
  Plan(CustomerDay());
  AudienceAwards job = Job(10);
  std::thread rival;
  const absl::Status enrolled = store_.pool.Run([&](postgres::Transaction& tx) {
    EXPECT_TRUE(Enroll(tx, "shop", kKey, "m1", kNoon).ok());
    rival = std::thread([&] { RunAll(job); });
    while (!store_.database.SomebodyWaits()) std::this_thread::yield();
    return absl::OkStatus();
  });
  rival.join();
  ASSERT_TRUE(enrolled.ok()) << enrolled;
  EXPECT_EQ(Given(), "(m0,1)\n(m1,1)");
}

TEST_F(AudienceAwardsJob, WhoIsMergedIntoSomebodyReachedBeforeIsReachedThere) {
  EnrollMany(6);
  for (const char* member : {"m1", "m3", "m4", "m5"}) {
    store_.Seed({LabelCommand(absl::StrCat("l", member), member, "plus", kNoon - absl::Hours(1))});
  }
  Plan(CustomerDay({.member_label = "plus"}));
  AudienceAwards job = Job(2);
  EXPECT_EQ(Run(job), 2);
  EXPECT_EQ(Given(), "(m1,1)");
  // With m3 and m4 comes the label to m0, who was passed by; m1 has the award already.
  store_.Seed({MergeOf("m3", "m0"), MergeOf("m4", "m0"), MergeOf("m5", "m1")});
  RunAll(job);
  EXPECT_EQ(Given(), "(m0,1)\n(m1,1)");
  EXPECT_EQ(Award().awarded_members, 2);
  EXPECT_EQ(Award().skipped_members, 0);
  ExpectClean();
}

TEST_F(AudienceAwardsJob, WhatIsBrokenOffLeavesNothingHalfDone) {
  EnrollMany(6);
  Plan(CustomerDay());
  AudienceAwards first = Job(3);
  EXPECT_EQ(Run(first), 3);
  // The page is posted, but how far the award has come cannot be noted any more.
  store_.database.Exec(
      "CREATE FUNCTION points.broken() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''broken''; END' LANGUAGE "
      "plpgsql");
  store_.database.Exec(
      "CREATE TRIGGER broken BEFORE UPDATE ON points.audience_award FOR EACH ROW EXECUTE FUNCTION "
      "points.broken()");
  EXPECT_FALSE(first.RunDue(kKey, kNoon).ok());
  EXPECT_EQ(Given(), "(m0,1)\n(m1,1)\n(m2,1)");
  EXPECT_EQ(Award().awarded_members, 3);
  store_.database.Exec("DROP TRIGGER broken ON points.audience_award");
  AudienceAwards restarted = Job(3);
  RunAll(restarted);
  EXPECT_EQ(Given(), "(m0,1)\n(m1,1)\n(m2,1)\n(m3,1)\n(m4,1)\n(m5,1)");
  EXPECT_EQ(Award().awarded_members, 6);
  EXPECT_EQ(Award().skipped_members, 0);
  ExpectClean();
}

TEST_F(AudienceAwardsJob, NobodyIsSkippedForWantOfRoom) {
  EnrollMany(3);
  Plan(CustomerDay());
  AudienceAwards job = Job(3);
  store_.database.Exec(
      "CREATE FUNCTION points.broken() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''full'' USING ERRCODE = "
      "''53100''; END' LANGUAGE plpgsql");
  store_.database.Exec(
      "CREATE TRIGGER broken BEFORE INSERT ON points.entry FOR EACH ROW EXECUTE FUNCTION points.broken()");
  EXPECT_FALSE(job.RunDue(kKey, kNoon).ok());
  EXPECT_EQ(Award().skipped_members, 0);
  store_.database.Exec("DROP TRIGGER broken ON points.entry");
  RunAll(job);
  EXPECT_EQ(Given(), "(m0,1)\n(m1,1)\n(m2,1)");
}

TEST_F(AudienceAwardsJob, TwoReplicasAtOnceGiveEachMemberOnce) {
  EnrollMany(40);
  Plan(CustomerDay());
  AudienceAwards jobs[] = {Job(3), Job(4)};
  std::vector<std::thread> threads;
  for (AudienceAwards& job : jobs) threads.emplace_back([&] { RunAll(job); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Award().state, AudienceAwardState::kDone);
  EXPECT_EQ(Award().awarded_members, 40);
  EXPECT_EQ(Award().skipped_members, 0);
  EXPECT_EQ(store_.Rows("SELECT count(*), count(DISTINCT account_id) FROM points.entry WHERE cause = "
                        "'audience:day'"),
            "(40,40)");
  EXPECT_EQ(store_.Rows("SELECT count(*) FROM points.outbox WHERE type LIKE '%AudienceAwardDone'"), "(1)");
  ExpectClean();
}

TEST_F(AudienceAwardsJob, WhoCannotTakeThePointsIsSkippedAndCounted) {
  EnrollMany(5);
  store_.Seed({EarnCommand("much", "m1", INT64_MAX - 50)});
  // The database refuses whatever is posted to m3.
  const std::string account =
      store_.database.Exec("SELECT account_id FROM points.member WHERE member_id = 'm3'");
  store_.database.Exec("ALTER TABLE points.entry ADD CONSTRAINT never CHECK (account_id <> " + account +
                       ") NOT VALID");
  Plan(CustomerDay());
  AudienceAwards job = Job(10);
  RunAll(job);
  EXPECT_EQ(Given(), "(m0,1)\n(m2,1)\n(m4,1)");
  EXPECT_EQ(Award().state, AudienceAwardState::kDone);
  EXPECT_EQ(Award().awarded_members, 3);
  EXPECT_EQ(Award().skipped_members, 2);
}

TEST_F(AudienceAwardsJob, NothingIsGivenAfterACancellation) {
  EnrollMany(4);
  Plan(CustomerDay());
  AudienceAwards job = Job(2);
  EXPECT_EQ(Run(job), 2);
  ASSERT_TRUE(pool_
                  .Run([&](postgres::Transaction& tx) {
                    EXPECT_TRUE(EndAudienceAward(tx, kKey, "day", AudienceAwardState::kCancelled, kNoon));
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(Run(job), 0);
  EXPECT_EQ(Given(), "(m0,1)\n(m1,1)");
  EXPECT_EQ(Award().state, AudienceAwardState::kCancelled);
  EXPECT_EQ(Award().awarded_members, 2);
}

TEST_F(AudienceAwardsJob, APageThatWasReadBeforeACancellationIsNotGiven) {
  EnrollMany(2);
  Plan(CustomerDay());
  const DueAudienceAward read{"shop", Award()};
  ASSERT_TRUE(pool_
                  .Run([&](postgres::Transaction& tx) {
                    EXPECT_TRUE(EndAudienceAward(tx, kKey, "day", AudienceAwardState::kCancelled, kNoon));
                    EXPECT_FALSE(AdvanceAudienceAward(tx, kKey, read.award, 1, 1, 0));
                    EXPECT_FALSE(EndAudienceAward(tx, kKey, "day", AudienceAwardState::kDone, kNoon));
                    return absl::OkStatus();
                  })
                  .ok());
  const std::vector<Command> earns = {EarnOf(read.award, "m0", 1)};
  const auto answers =
      store_.postings.ApplyWith("shop", earns, [](postgres::Transaction&, const Ledger&, const auto&) {
        return absl::AbortedError("The award is over.");
      });
  EXPECT_EQ(answers.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Given(), "");
  EXPECT_EQ(Award().awarded_members, 0);
}

class AudienceAwardsByTier : public AudienceAwardsJob {
 protected:
  AudienceAwardsByTier() : AudienceAwardsJob(WithTiers()) {}
};

TEST_F(AudienceAwardsByTier, TheTierIsTheOneThatIsShownThen) {
  EnrollMany(3);
  store_.Seed({PurchaseCommand("p0", "m0", "o0", 500'00)});
  store_.clock.Advance(absl::Hours(24 * 365 * 2));  // in 2028 the spend of 2026 is nothing any more
  Command bought = PurchaseCommand("p2", "m2", "o2", 500'00);
  PurchaseOf(bought).purchase_time = store_.clock.Now();
  store_.Seed({bought});
  AudienceAward award = CustomerDay({.tier_ids = {"silver"}});
  award.time = store_.clock.Now();
  Plan(award);
  AudienceAwards job = Job(10);
  RunAll(job);
  EXPECT_EQ(Given(), "(m2,1)") << "though nothing has brought m0's account up to date";
  ExpectClean();
}

}  // namespace
}  // namespace loyalty::points
