#include "common/postgres/pool.h"

#include <absl/strings/str_cat.h>
#include <libpq-fe.h>

#include "common/postgres/errors.h"
#include "common/status/status.h"

namespace loyalty::postgres {
namespace {

constexpr int kAttempts = 5;

// UTC and ISO are what ParseTimestamp reads. Every statement of the hot path is a look-up by an index;
// without statistics, on fresh tables, the planner would choose scans and keep them in its cached plans. The
// time-outs end a transaction whose client is gone, so that its locks do not outlive it for long.
constexpr char kSessionSettings[] =
    "SET TIME ZONE 'UTC'; SET DateStyle = 'ISO'; SET enable_seqscan = off; SET enable_hashjoin = off;"
    "SET enable_mergejoin = off; SET jit = off; SET lock_timeout = '10s'; SET statement_timeout = '60s';"
    "SET idle_in_transaction_session_timeout = '60s'; SET plan_cache_mode = force_generic_plan;"
    "SET client_min_messages = warning";

metrics::Gauge& GaugeOf(metrics::Registry& registry, const std::string& name, const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

struct Session {
  explicit Session(const std::string& url) : connection(url) {}
  pqxx::connection connection;
};

Transaction::Transaction(Pool& pool, Kind kind)
    : pool_(pool), kind_(kind), session_(pool.Take()), was_idle_(session_ != nullptr) {}

// A session whose connection broke is not kept.
Transaction::~Transaction() {
  work_.reset();
  pool_.Give(std::move(session_));
}

// A connection that turns out to be broken at BEGIN is replaced once: nothing has been sent on it yet.
template <class T>
void Transaction::Begin() {
  if (session_) {
    try {
      work_ = std::make_unique<T>(session_->connection);
      return;
    } catch (const pqxx::failure&) {
      session_.reset();
    }
  }
  session_ = pool_.Connect();
  work_ = std::make_unique<T>(session_->connection);
}

pqxx::transaction_base& Transaction::Work(bool last) {
  if (work_) return *work_;
  if (kind_ == Kind::kWrite && !last) {
    Begin<pqxx::work>();
  } else {
    Begin<pqxx::nontransaction>();
    committing_ = kind_ == Kind::kWrite;
  }
  return *work_;
}

void Transaction::Commit() {
  if (!work_ || committing_) return;
  committing_ = true;
  const metrics::Timer timer(pool_.commit_seconds_);
  work_->commit();
}

Pool::Pool(Options options, metrics::Registry& registry)
    : options_(std::move(options)),
      in_use_(
          GaugeOf(registry, "loyalty_postgres_connections_in_use", "Connections that run a transaction.")),
      waiting_(
          GaugeOf(registry, "loyalty_postgres_connections_waiting", "Callers that wait for a connection.")),
      wait_seconds_(metrics::SecondsFamily(registry, "loyalty_postgres_connection_wait_seconds",
                                           "Time that a transaction waited for a connection.")
                        .Add({}, metrics::kSecondsBuckets)),
      commit_seconds_(metrics::SecondsFamily(registry, "loyalty_postgres_commit_seconds",
                                             "Time of a COMMIT, until it is durable.")
                          .Add({}, metrics::kSecondsBuckets)),
      free_(options_.size) {
  auto& family = metrics::SecondsFamily(registry, "loyalty_postgres_statement_seconds",
                                        "Time of a statement, by its name.");
  for (const Statement& statement : options_.statements) {
    statement_seconds_[statement.name] =
        &family.Add({{"statement", statement.name}}, metrics::kSecondsBuckets);
  }
}

Pool::~Pool() = default;

metrics::Histogram& Transaction::TimeOf(const Statement& statement) {
  return *pool_.statement_seconds_.at(statement.name);
}

std::unique_ptr<Session> Pool::Connect() {
  auto session = std::make_unique<Session>(options_.url);
#if PQXX_VERSION_MAJOR < 7
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  session->connection.inhibit_reactivation(
      true);  // a session that comes back by itself has lost its settings
#pragma GCC diagnostic pop
#endif
  pqxx::nontransaction work(session->connection);
  work.exec(kSessionSettings);
  if (!options_.schema.empty()) work.exec(absl::StrCat("SET search_path = ", options_.schema));
  for (const Statement& statement : options_.statements)
    session->connection.prepare(statement.name, statement.sql);
  return session;
}

std::unique_ptr<Session> Pool::Take() {
  const metrics::Timer timer(wait_seconds_);
  absl::MutexLock lock(&mutex_);
  waiting_.Increment();
  mutex_.Await(absl::Condition(
      +[](int* free) { return *free > 0; }, &free_));
  waiting_.Decrement();
  --free_;
  in_use_.Increment();
  if (idle_.empty()) return nullptr;
  auto session = std::move(idle_.back());
  idle_.pop_back();
  return session;
}

void Pool::Give(std::unique_ptr<Session> session) {
  absl::MutexLock lock(&mutex_);
  ++free_;
  in_use_.Decrement();
  if (session && session->connection.is_open()) idle_.push_back(std::move(session));
}

absl::Status Pool::RunOnce(const Body& body) {
  Transaction transaction(*this, Transaction::Kind::kWrite);
  try {
    LOYALTY_RETURN_IF_ERROR(body(transaction));
    if (transaction.failed_) return absl::InternalError("A refused statement was overlooked.");
    transaction.Commit();
    return absl::OkStatus();
  } catch (...) {
    return StatusOfCurrentException(transaction.committing_);
  }
}

absl::Status Pool::Run(const Body& body) {
  absl::Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    status = RunOnce(body);
    if (!IsConflict(status)) break;
  }
  return status;
}

absl::Status Pool::ReadOnce(const Body& body, bool& idle) {
  Transaction transaction(*this, Transaction::Kind::kRead);
  idle = transaction.was_idle_;
  try {
    return body(transaction);
  } catch (...) {
    return StatusOfCurrentException(false);
  }
}

absl::Status Pool::Read(const Body& body) {
  // After a restart of the database every idle connection is a closed one, and shows it only to a statement.
  absl::Status status;
  bool idle = true;
  for (int attempt = 0; attempt <= options_.size && idle; ++attempt) {
    status = ReadOnce(body, idle);
    if (!absl::IsUnavailable(status)) break;
  }
  return status;
}

absl::Status CheckUrl(const std::string& url) {
  char* error = nullptr;
  PQconninfoOption* const options = PQconninfoParse(url.c_str(), &error);
  absl::Status status;
  if (options == nullptr) status = absl::InvalidArgumentError(error != nullptr ? error : "out of memory");
  PQconninfoFree(options);
  PQfreemem(error);
  return status;
}

absl::Status CheckDurability(const std::string& url) {
  try {
    pqxx::connection connection(url);
    pqxx::nontransaction work(connection);
    for (const char* setting : {"fsync", "full_page_writes", "synchronous_commit"}) {
      const std::string value = work.exec(absl::StrCat("SHOW ", setting))[0][0].c_str();
      if (value == "off") {
        return absl::FailedPreconditionError(absl::StrCat(
            "PostgreSQL runs with ", setting, " = off: what is acknowledged could be lost. Switch it on."));
      }
    }
    return absl::OkStatus();
  } catch (...) {
    return StatusOfCurrentException(false);
  }
}

}  // namespace loyalty::postgres
