// Transactions of the pool on a real server: what commits, what is tried again, what a lost connection means.
// A connection lost during COMMIT: commit_in_doubt_test.cc.
#include "common/postgres/pool.h"

#include <absl/strings/str_cat.h>
#include <absl/synchronization/barrier.h>
#include <absl/synchronization/notification.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "common/postgres/errors.h"
#include "common/status/status.h"
#include "common/testing/test_database.h"

namespace loyalty::postgres {
namespace {

constexpr Migration kMigrations[] = {
    {1, "note", "CREATE TABLE test.note (id bigint PRIMARY KEY, touched bigint NOT NULL DEFAULT 0)"}};

constexpr Statement kInsert = {"insert_note", "INSERT INTO test.note (id) VALUES ($1)"};
constexpr Statement kTouch = {"touch_note", "UPDATE test.note SET touched = touched + 1 WHERE id = $1"};
constexpr Statement kTouched = {"touched_note", "SELECT touched FROM test.note WHERE id = $1"};
constexpr Statement kLimit = {"limit", "SELECT set_config('statement_timeout', '10ms', true)"};
constexpr Statement kLinger = {"linger", "SELECT pg_sleep(60)"};
constexpr Statement kDivide = {"divide", "SELECT 1 / $1::integer"};
constexpr Statement kHurry = {"hurry", "SELECT set_config('lock_timeout', '20ms', true)"};
constexpr Statement kBackend = {"backend", "SELECT pg_backend_pid()"};

class PoolTest : public ::testing::Test {
 protected:
  Pool::Options Options(int size = 2) const {
    return {database_.url(), size, {kInsert, kTouch, kTouched, kDivide, kHurry, kBackend, kLimit, kLinger}};
  }
  std::string Notes() const { return database_.Exec("SELECT count(*) FROM test.note"); }
  std::string Touched(int id) const {
    return database_.Exec(absl::StrCat("SELECT touched FROM test.note WHERE id = ", id));
  }
  // Ends a backend, and returns when it is gone.
  void Terminate(const std::string& pid) const {
    ASSERT_EQ(database_.Exec(absl::StrCat("SELECT pg_terminate_backend(", pid, ", 20000)")), "t");
  }
  static std::string BackendOf(Transaction& tx) { return tx.Exec(kBackend)[0][0].c_str(); }
  // The pid of an idle connection of the pool.
  static std::string IdleBackend(Pool& pool) {
    std::string pid;
    EXPECT_EQ(pool.Run([&](Transaction& tx) {
      pid = BackendOf(tx);
      return absl::OkStatus();
    }),
              absl::OkStatus());
    return pid;
  }
  prometheus::ClientMetric Metric(const std::string& family, const std::string& statement = "") {
    for (const auto& collected : registry_.Collect()) {
      if (collected.name != family) continue;
      for (const auto& metric : collected.metric) {
        if (statement.empty() || metric.label.at(0).value == statement) return metric;
      }
    }
    ADD_FAILURE() << family << " of " << statement << " is missing";
    return {};
  }

  testing::TestDatabase database_{"test", kMigrations};
  metrics::Registry registry_;
};

TEST_F(PoolTest, OkCommits) {
  Pool pool(Options(), registry_);
  EXPECT_EQ(pool.Run([](Transaction& tx) {
    tx.Exec(kInsert, 1);
    return absl::OkStatus();
  }),
            absl::OkStatus());
  EXPECT_EQ(Notes(), "1");
}

TEST_F(PoolTest, AnyOtherStatusRollsBackIsReturnedAsItIsAndNotTriedAgain) {
  Pool pool(Options(), registry_);
  for (const absl::Status& mine : {absl::FailedPreconditionError("mine"), absl::AbortedError("mine too"),
                                   absl::UnavailableError("and mine"), absl::InternalError("and mine")}) {
    int runs = 0;
    EXPECT_EQ(pool.Run([&](Transaction& tx) {
      ++runs;
      tx.Exec(kInsert, 1);
      return mine;
    }),
              mine);
    EXPECT_EQ(runs, 1);
  }
  EXPECT_EQ(Notes(), "0");
}

TEST_F(PoolTest, ARefusedStatementIsInternalWithItsSqlstateAndRunsOnce) {
  Pool pool(Options(1), registry_);
  int runs = 0;
  const absl::Status refused = pool.Run([&](Transaction& tx) {
    ++runs;
    tx.Exec(kInsert, 1);
    tx.Exec(kDivide, 0);
    return absl::OkStatus();
  });
  EXPECT_TRUE(IsRefusedStatement(refused)) << refused;
  EXPECT_EQ(RefusalOf(refused)->metadata.at("sqlstate"), "22012");
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Notes(), "0");
  const std::string backend = IdleBackend(pool);
  EXPECT_EQ(IdleBackend(pool), backend) << "the connection is still good";
}

TEST_F(PoolTest, WhatTookTooLongIsARefusalThatPasses) {
  Pool pool(Options(1), registry_);
  const absl::Status late = pool.Run([](Transaction& tx) {
    tx.Exec(kLimit);
    tx.Exec(kLinger);
    return absl::OkStatus();
  });
  EXPECT_TRUE(IsRefusedStatement(late)) << late;
  EXPECT_FALSE(IsRefusedForGood(late));
  const absl::Status wrong = pool.Run([](Transaction& tx) {
    tx.Exec(kDivide, 0);
    return absl::OkStatus();
  });
  EXPECT_TRUE(IsRefusedForGood(wrong)) << wrong;
}

TEST_F(PoolTest, AUniqueViolationIsToldFromOtherRefusals) {
  Pool pool(Options(), registry_);
  int runs = 0;
  const absl::Status twice = pool.Run([&](Transaction& tx) {
    ++runs;
    tx.Exec(kInsert, 1);
    tx.Exec(kInsert, 1);
    return absl::OkStatus();
  });
  EXPECT_TRUE(IsUniqueViolation(twice)) << twice;
  EXPECT_TRUE(IsRefusedStatement(twice));
  EXPECT_FALSE(IsConflict(twice));
  EXPECT_EQ(runs, 1);
}

TEST_F(PoolTest, AnExceptionOfTheBodyIsInternalAndRollsBack) {
  Pool pool(Options(), registry_);
  const absl::Status status = pool.Run([](Transaction& tx) -> absl::Status {
    tx.Exec(kInsert, 1);
    throw std::runtime_error("a fault of ours");
  });
  EXPECT_EQ(status, absl::InternalError("a fault of ours"));
  EXPECT_EQ(Notes(), "0");
}

// PostgreSQL answers ROLLBACK to the COMMIT of a transaction in which a statement was refused.
TEST_F(PoolTest, ABodyThatOverlooksARefusedStatementIsNotToldThatItCommitted) {
  Pool pool(Options(), registry_);
  const absl::Status status = pool.Run([](Transaction& tx) {
    tx.Exec(kInsert, 1);
    try {
      tx.Exec(kDivide, 0);
    } catch (const std::exception&) {
    }
    return absl::OkStatus();
  });
  EXPECT_EQ(Notes(), "0");
  EXPECT_NE(status, absl::OkStatus());
}

TEST_F(PoolTest, AConstraintThatIsCheckedAtTheCommitIsARefusalAndNotADoubt) {
  database_.Exec(
      "ALTER TABLE test.note ADD COLUMN parent bigint DEFAULT 0"
      " REFERENCES test.note DEFERRABLE INITIALLY DEFERRED");
  Pool pool(Options(), registry_);
  const absl::Status status = pool.Run([](Transaction& tx) {
    tx.Exec(kInsert, 1);
    return absl::OkStatus();
  });
  EXPECT_TRUE(IsRefusedStatement(status)) << status;
  EXPECT_EQ(Notes(), "0");
}

TEST_F(PoolTest, WhoWaitsTooLongForALockIsAbortedAndNotTriedAgain) {
  database_.Exec("INSERT INTO test.note VALUES (1)");
  pqxx::connection holder(database_.url());
  pqxx::work held(holder);
  held.exec("SELECT FROM test.note WHERE id = 1 FOR UPDATE");
  Pool pool(Options(), registry_);
  int runs = 0;
  const absl::Status status = pool.Run([&](Transaction& tx) {
    ++runs;
    tx.Exec(kHurry);
    tx.Exec(kTouch, 1);
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << status;
  EXPECT_EQ(RefusalOf(status)->reason, "CONFLICT");
  EXPECT_EQ(runs, 1);
}

TEST_F(PoolTest, TheVictimOfADeadlockIsTriedAgain) {
  database_.Exec("INSERT INTO test.note (id) VALUES (1), (2)");
  // The pool's connections look for a deadlock at once, the rival (in this test) never: so the pool is the
  // victim.
  database_.Exec(
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = 1', current_database()); END $$");
  pqxx::connection rival(database_.url());
  pqxx::work rivals(rival);
  rivals.exec("SET LOCAL deadlock_timeout = '300s'");
  const std::string rival_pid = rivals.exec("SELECT pg_backend_pid()")[0][0].c_str();
  rivals.exec(std::string("UPDATE test.note SET touched = touched + 1 WHERE id = 2"));
  std::thread rival_thread;
  std::atomic<bool> rival_done = false;

  Pool pool(Options(), registry_);
  int runs = 0;
  const absl::Status status = pool.Run([&](Transaction& tx) {
    if (++runs == 1) {
      tx.Exec(kTouch, 1);
      rival_thread = std::thread([&] {
        rivals.exec("UPDATE test.note SET touched = touched + 1 WHERE id = 1");
        rivals.commit();
        rival_done = true;
      });
      const std::string waits =
          absl::StrCat("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = ", rival_pid);
      while (database_.Exec(waits) == "0") std::this_thread::yield();
    } else {
      // Who came between the rival and the row again, and looked for a deadlock before the rival waits, would
      // wait for ever: the rival never looks.
      while (!rival_done) std::this_thread::yield();
      tx.Exec(kTouch, 1);
    }
    tx.Exec(kTouch, 2);
    return absl::OkStatus();
  });
  rival_thread.join();
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Touched(1), "2");
  EXPECT_EQ(Touched(2), "2");
}

class SerializationTest : public PoolTest {
 protected:
  SerializationTest() {
    database_.Exec("INSERT INTO test.note (id) VALUES (1)");
    database_.Exec(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = "
        "''repeatable read''', current_database()); END $$");
  }
  // Reads the row, lets another connection update it, and updates it: 40001.
  void LoseAgainstAnother(Transaction& tx) {
    tx.Exec(kTouched, 1);
    database_.Exec("UPDATE test.note SET touched = touched + 100 WHERE id = 1");
    tx.Exec(kTouch, 1);
  }
};

TEST_F(SerializationTest, ASerializationFailureIsTriedAgainOnAFreshLook) {
  Pool pool(Options(), registry_);
  std::vector<std::string> seen;
  EXPECT_EQ(pool.Run([&](Transaction& tx) {
    seen.push_back(tx.Exec(kTouched, 1)[0][0].c_str());
    seen.size() < 3 ? LoseAgainstAnother(tx) : static_cast<void>(tx.Exec(kTouch, 1));
    return absl::OkStatus();
  }),
            absl::OkStatus());
  EXPECT_THAT(seen, ::testing::ElementsAre("0", "100", "200"));
  EXPECT_EQ(Touched(1), "201");
}

TEST_F(SerializationTest, AfterFiveLostRunsItIsAborted) {
  Pool pool(Options(), registry_);
  int runs = 0;
  const absl::Status status = pool.Run([&](Transaction& tx) {
    ++runs;
    LoseAgainstAnother(tx);
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(IsConflict(status));
  EXPECT_EQ(runs, 5);
  EXPECT_EQ(Touched(1), "500") << "only the other one's updates";
}

TEST_F(PoolTest, AConnectionLostBeforeTheCommitIsUnavailableAndNothingIsDone) {
  Pool pool(Options(1), registry_);
  int runs = 0;
  const absl::Status status = pool.Run([&](Transaction& tx) {
    ++runs;
    tx.Exec(kInsert, 1);
    Terminate(BackendOf(tx));
    tx.Exec(kInsert, 2);
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Notes(), "0");
  EXPECT_NE(IdleBackend(pool), "") << "and the pool has its connection back";
}

TEST_F(PoolTest, AConnectionLostAfterTheLastStatementIsNeverOk) {
  Pool pool(Options(1), registry_);
  const absl::Status status = pool.Run([&](Transaction& tx) {
    tx.Exec(kInsert, 1);
    Terminate(BackendOf(tx));
    return absl::OkStatus();
  });
  EXPECT_TRUE(IsInDoubt(status) || status.code() == absl::StatusCode::kUnavailable) << status;
  EXPECT_EQ(Notes(), "0");
}

TEST_F(PoolTest, AnIdleConnectionThatTheServerClosedIsReplacedForTheNextRun) {
  Pool pool(Options(1), registry_);
  Terminate(IdleBackend(pool));
  int runs = 0;
  EXPECT_EQ(pool.Run([&](Transaction& tx) {
    ++runs;
    tx.Exec(kInsert, 1);
    return absl::OkStatus();
  }),
            absl::OkStatus());
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Notes(), "1");
}

TEST_F(PoolTest, AnIdleConnectionThatTheServerClosedIsReplacedForTheNextRead) {
  Pool pool(Options(1), registry_);
  Terminate(IdleBackend(pool));
  EXPECT_EQ(pool.Read([&](Transaction& tx) {
    tx.Exec(kTouched, 1);
    return absl::OkStatus();
  }),
            absl::OkStatus());
}

TEST_F(PoolTest, AnUnreachableDatabaseIsUnavailableAndOnlyWhenItIsNeeded) {
  Pool pool({"postgresql://nobody@127.0.0.1:1/nothing", 1, {kBackend}}, registry_);
  for (int i = 0; i < 2; ++i) {  // a failed attempt costs the pool no connection
    const auto ask = [](Transaction& tx) {
      tx.Exec(kBackend);
      return absl::OkStatus();
    };
    EXPECT_EQ(pool.Run(ask).code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(pool.Read(ask).code(), absl::StatusCode::kUnavailable);
  }
}

TEST_F(PoolTest, MoreThreadsThanConnectionsAreAllServedOneConnectionEach) {
  constexpr int kThreads = 12, kEach = 10, kConnections = 2;
  Pool pool(Options(kConnections), registry_);
  std::atomic<int> inside = 0, most = 0, entered = 0, failures = 0;
  absl::Barrier start(kThreads), all_connections(kConnections);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      start.Block();
      for (int i = 0; i < kEach; ++i) {
        const absl::Status status = pool.Run([&](Transaction& tx) {
          const int now = ++inside;
          for (int before = most; before < now && !most.compare_exchange_weak(before, now);) continue;
          if (entered++ < kConnections) all_connections.Block();  // the first ones wait for each other
          tx.Exec(kInsert, thread * kEach + i);
          --inside;
          return absl::OkStatus();
        });
        if (!status.ok()) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(most, kConnections);
  EXPECT_EQ(Notes(), absl::StrCat(kThreads * kEach));
  EXPECT_EQ(Metric("loyalty_postgres_connections_in_use").gauge.value, 0);
  EXPECT_EQ(Metric("loyalty_postgres_connections_waiting").gauge.value, 0);
}

TEST_F(PoolTest, TheTimeOfAStatementIsCountedUnderItsName) {
  Pool pool(Options(), registry_);
  for (int id = 1; id <= 3; ++id) {
    ASSERT_TRUE(pool.Run([&](Transaction& tx) {
                      tx.Exec(kInsert, id);
                      tx.Exec(kTouch, id);
                      tx.Exec(kTouch, id);
                      return absl::OkStatus();
                    })
                    .ok());
  }
  const std::string family = "loyalty_postgres_statement_seconds";
  EXPECT_EQ(Metric(family, "insert_note").histogram.sample_count, 3);
  EXPECT_EQ(Metric(family, "touch_note").histogram.sample_count, 6);
  EXPECT_EQ(Metric(family, "divide").histogram.sample_count, 0);  // there from the start
  EXPECT_EQ(Metric("loyalty_postgres_commit_seconds").histogram.sample_count, 3);
}

}  // namespace
}  // namespace loyalty::postgres
