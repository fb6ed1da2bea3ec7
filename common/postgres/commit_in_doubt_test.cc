// A connection that is cut while COMMIT is on its way: the client cannot know whether it took effect, and is
// told so. Between the pool and the server stands a TCP proxy that does the cutting.
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/synchronization/mutex.h>
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "common/postgres/errors.h"
#include "common/postgres/pool.h"
#include "common/testing/test_database.h"

namespace loyalty::postgres {
namespace {

constexpr Statement kInsert = {"insert_note", "INSERT INTO test.note (id) VALUES ($1)"};
constexpr Statement kInsertAlone = {"insert_alone", "INSERT INTO test.note (id) VALUES ($1)"};

enum class Cut {
  kNever,
  kBeforeCommit,  // the server never sees what commits
  kAfterCommit,   // the server has committed and answered; the answer is swallowed
};

// Forwards bytes between clients on a loopback port and a PostgreSQL server.
class Proxy {
 public:
  explicit Proxy(const std::string& server_url) {
    pqxx::connection server(server_url);
    server_host_ = server.hostname() == nullptr ? "127.0.0.1" : server.hostname();
    server_port_ = server.port();
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = Loopback(0);
    socklen_t length = sizeof(address);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(listener_, 8) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      ADD_FAILURE() << "the proxy cannot listen: " << strerror(errno);
    }
    url_ = absl::StrCat("host=127.0.0.1 sslmode=disable gssencmode=disable port=", ntohs(address.sin_port),
                        " user=", server.username(), " dbname=", server.dbname());
    acceptor_ = std::thread([this] { Accept(); });
  }
  // Destroy the pool first: the proxy waits for its clients to go.
  ~Proxy() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& thread : connections_) thread.join();
    close(listener_);
  }

  const std::string& url() const { return url_; }
  // What to do with the next COMMIT, once.
  void CutNext(Cut cut) { cut_ = cut; }

 private:
  static sockaddr_in Loopback(int port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  int ConnectToServer() const {
    if (!absl::StartsWith(server_host_, "/")) {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_in address = Loopback(std::stoi(server_port_));
      return connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? fd
                                                                                            : (close(fd), -1);
    }
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    absl::StrCat(server_host_, "/.s.PGSQL.", server_port_)
        .copy(address.sun_path, sizeof(address.sun_path) - 1);
    return connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? fd
                                                                                          : (close(fd), -1);
  }

  void Accept() {
    while (true) {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      connections_.emplace_back([this, client] {
        const int server = ConnectToServer();
        if (server >= 0) {
          Forward(client, server);
          close(server);
        }
        close(client);
      });
    }
  }

  // Until one side closes or a COMMIT is cut.
  void Forward(int client, int server) {
    pollfd sides[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    std::string bytes;
    while (poll(sides, 2, -1) > 0) {
      if (sides[1].revents != 0 && !(Receive(server, bytes) && Send(client, bytes))) return;
      if (sides[0].revents == 0) continue;
      if (!Receive(client, bytes)) return;
      // COMMIT is a simple query of its own: 'Q', length, text, 0. A statement that commits by itself begins
      // with a Bind message, which has its name.
      const bool commit = (bytes[0] == 'Q' && absl::StrContains(bytes, "COMMIT")) ||
                          (bytes[0] == 'B' && absl::StrContains(bytes, kInsertAlone.name));
      const Cut cut = commit ? cut_.exchange(Cut::kNever) : Cut::kNever;
      if (cut == Cut::kBeforeCommit) return;
      if (!Send(server, bytes)) return;
      if (cut == Cut::kAfterCommit) {
        Receive(server, bytes);
        return;
      }
    }
  }

  static bool Receive(int fd, std::string& bytes) {
    bytes.resize(64 * 1024);
    const ssize_t size = recv(fd, bytes.data(), bytes.size(), 0);
    bytes.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return size > 0;
  }
  static bool Send(int fd, const std::string& bytes) {
    return send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  std::string server_host_, server_port_, url_;
  int listener_ = -1;
  std::atomic<Cut> cut_ = Cut::kNever;
  std::vector<std::thread> connections_;  // of the acceptor's thread, until that has ended
  std::thread acceptor_;
};

constexpr Migration kMigrations[] = {
    {1, "note", "CREATE TABLE test.note (id bigint PRIMARY KEY, touched bigint NOT NULL DEFAULT 0)"}};

class CommitInDoubtTest : public ::testing::Test {
 protected:
  absl::Status Insert(int id) {
    ++runs_wanted_;
    return pool_.Run([&](Transaction& tx) {
      ++runs_;
      tx.Exec(kInsert, id);
      return absl::OkStatus();
    });
  }
  // One statement, without BEGIN and COMMIT.
  absl::Status InsertAlone(int id) {
    ++runs_wanted_;
    return pool_.Run([&](Transaction& tx) {
      ++runs_;
      tx.ExecLast(kInsertAlone, id);
      return absl::OkStatus();
    });
  }
  std::string Notes() {
    return database_.Exec("SELECT coalesce(string_agg(id::text, ' ' ORDER BY id), '') FROM test.note");
  }

  int runs_ = 0, runs_wanted_ = 0;
  testing::TestDatabase database_{"test", kMigrations};
  metrics::Registry registry_;
  Proxy proxy_{database_.url()};
  Pool pool_{{proxy_.url(), 1, {kInsert, kInsertAlone}}, registry_};
};

TEST_F(CommitInDoubtTest, ThroughTheProxyACommitThatIsAnsweredIsOk) {
  EXPECT_EQ(Insert(1), absl::OkStatus());
  EXPECT_EQ(Notes(), "1");
}

TEST_F(CommitInDoubtTest, ACommitThatNeverReachedTheServerIsInDoubtAndRunsOnce) {
  ASSERT_EQ(Insert(1), absl::OkStatus());
  proxy_.CutNext(Cut::kBeforeCommit);
  const absl::Status status = Insert(2);
  EXPECT_TRUE(IsInDoubt(status)) << status;
  EXPECT_EQ(Notes(), "1");
  EXPECT_EQ(Insert(3), absl::OkStatus()) << "on a new connection";
  EXPECT_EQ(runs_, runs_wanted_);
}

TEST_F(CommitInDoubtTest, ACommitWhoseAnswerIsLostIsInDoubtAndRunsOnce) {
  ASSERT_EQ(Insert(1), absl::OkStatus());
  proxy_.CutNext(Cut::kAfterCommit);
  const absl::Status status = Insert(2);
  EXPECT_TRUE(IsInDoubt(status)) << status;
  EXPECT_EQ(Notes(), "1 2") << "it did take effect";
  EXPECT_EQ(Insert(3), absl::OkStatus()) << "on a new connection";
  EXPECT_EQ(runs_, runs_wanted_);
}

TEST_F(CommitInDoubtTest, AStatementThatCommitsByItselfIsInDoubtAsACommitIs) {
  ASSERT_EQ(InsertAlone(1), absl::OkStatus());
  proxy_.CutNext(Cut::kBeforeCommit);
  EXPECT_TRUE(IsInDoubt(InsertAlone(2)));
  EXPECT_EQ(Notes(), "1");
  ASSERT_EQ(InsertAlone(3), absl::OkStatus()) << "on a new connection";
  proxy_.CutNext(Cut::kAfterCommit);
  EXPECT_TRUE(IsInDoubt(InsertAlone(4)));
  EXPECT_EQ(Notes(), "1 3 4") << "it did take effect";
  EXPECT_EQ(runs_, runs_wanted_);
}

TEST_F(CommitInDoubtTest, AStatementThatCommitsByItselfAndIsRefusedIsNotInDoubt) {
  ASSERT_EQ(InsertAlone(1), absl::OkStatus());
  EXPECT_TRUE(IsUniqueViolation(InsertAlone(1)));
  EXPECT_EQ(Notes(), "1");
}

TEST_F(CommitInDoubtTest, TheLastOfSeveralStatementsCommitsWithThem) {
  const absl::Status status = pool_.Run([&](Transaction& tx) -> absl::Status {
    tx.Exec(kInsert, 1);
    tx.ExecLast(kInsertAlone, 2);
    return absl::OkStatus();
  });
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(Notes(), "1 2");
  const absl::Status undone = pool_.Run([&](Transaction& tx) -> absl::Status {
    tx.Exec(kInsert, 3);
    tx.ExecLast(kInsertAlone, 4);
    return absl::CancelledError("");
  });
  EXPECT_EQ(undone, absl::CancelledError(""));
  EXPECT_EQ(Notes(), "1 2") << "after others it can be undone";
}

}  // namespace
}  // namespace loyalty::postgres
