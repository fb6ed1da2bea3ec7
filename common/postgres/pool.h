// A fixed number of PostgreSQL connections, and transactions on them.
//
//   absl::Status status = pool.Run([&](Transaction& tx) -> absl::Status {
//     const pqxx::result rows = tx.Exec(sql::kLockAccounts, program_key, ids);
//     …
//     return absl::OkStatus();   // commits; any other status rolls back and is returned
//   });
//
// The body may run more than once (see Run) and so must build its results anew each time.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/status.h>
#include <absl/synchronization/mutex.h>

#include <functional>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/postgres/statement.h"

namespace loyalty::postgres {

class Pool;

struct Session;

// The statements of one transaction, or of one read. A transaction begins with its first statement.
class Transaction {
 public:
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Runs a prepared statement and observes its time under its name.
  template <class... Args>
  pqxx::result Exec(const Statement& statement, const Args&... args) {
    return Run(Work(/*last=*/false), statement, args...);
  }

  // The last statement of a transaction. One that is its first too is the whole transaction, and commits by
  // itself: one round trip, without BEGIN and COMMIT. What it did cannot be undone by the body then; a
  // statement that finds that it must not take effect has to raise.
  template <class... Args>
  pqxx::result ExecLast(const Statement& statement, const Args&... args) {
    return Run(Work(/*last=*/true), statement, args...);
  }

  // How many statements it has run.
  int statements() const { return statements_; }

 private:
  friend class Pool;
  enum class Kind { kRead, kWrite };
  Transaction(Pool& pool, Kind kind);
  ~Transaction();

  pqxx::transaction_base& Work(bool last);
  template <class T>
  void Begin();
  void Commit();
  metrics::Histogram& TimeOf(const Statement& statement);

  template <class... Args>
  pqxx::result Run(pqxx::transaction_base& work, const Statement& statement, const Args&... args) {
    const metrics::Timer timer(TimeOf(statement));
    ++statements_;
    failed_ = true;  // unless the next line returns
    pqxx::result result = work.exec_prepared(statement.name, args...);
    failed_ = false;
    return result;
  }

  Pool& pool_;
  const Kind kind_;
  std::unique_ptr<Session> session_;
  const bool was_idle_;  // the connection served somebody before
  std::unique_ptr<pqxx::transaction_base> work_;
  int statements_ = 0;
  bool failed_ = false;      // a statement was refused: the transaction cannot commit any more
  bool committing_ = false;  // from now on a lost connection leaves it in doubt
};

class Pool {
 public:
  struct Options {
    std::string url;  // postgresql://… or libpq's key=value form
    int size = 8;
    std::vector<Statement> statements;
    std::string schema;  // where names without a schema are looked for
  };
  using Body = std::function<absl::Status(Transaction&)>;

  // Connects when first needed, so that a server can start before its database.
  Pool(Options options, metrics::Registry& registry);
  ~Pool();

  // One read-write transaction. Tried again, up to 5 times, when it lost against others (40001, 40P01), and
  // never for another reason. Errors: those of common/postgres/errors.h, and what the body returns.
  absl::Status Run(const Body& body);
  // One statement outside a transaction: a read costs one round trip. Tried again when its connection had
  // been closed while it was idle.
  absl::Status Read(const Body& body);

  int size() const { return options_.size; }

 private:
  friend class Transaction;
  std::unique_ptr<Session> Connect();
  std::unique_ptr<Session> Take();
  void Give(std::unique_ptr<Session> session);
  absl::Status RunOnce(const Body& body);
  absl::Status ReadOnce(const Body& body, bool& idle);

  const Options options_;
  absl::flat_hash_map<absl::string_view, metrics::Histogram*> statement_seconds_;
  metrics::Gauge& in_use_;
  metrics::Gauge& waiting_;
  metrics::Histogram& wait_seconds_;
  metrics::Histogram& commit_seconds_;

  absl::Mutex mutex_;
  int free_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Session>> idle_ ABSL_GUARDED_BY(mutex_);
};

// INVALID_ARGUMENT, saying why, if libpq cannot read the URL. Connects to nothing.
absl::Status CheckUrl(const std::string& url);

// Fails unless the server promises that what is committed stays: fsync, full_page_writes and
// synchronous_commit on.
absl::Status CheckDurability(const std::string& url);

}  // namespace loyalty::postgres
