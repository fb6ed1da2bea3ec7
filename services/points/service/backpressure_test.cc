// What happens to calls while the database does not keep up: they wait, are refused at once, or give up; none
// is lost.
#include <absl/synchronization/mutex.h>

#include <chrono>
#include <deque>
#include <pqxx/pqxx>
#include <thread>

#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

// Stops whoever wants to post, until it is released. Reading goes on.
class Roadblock {
 public:
  explicit Roadblock(const testing::TestDatabase& database)
      : database_(database), connection_(database.url()) {
    work_.exec("LOCK TABLE points.event_head IN EXCLUSIVE MODE");
  }
  void WaitUntilSomebodyWaits() const {
    while (!database_.SomebodyWaits()) std::this_thread::yield();
  }
  void Release() { work_.commit(); }

 private:
  const testing::TestDatabase& database_;
  pqxx::connection connection_;
  pqxx::work work_{connection_};
};

struct Pending {
  grpc::ClientContext context;
  v1::EarnRequest request;
  v1::EarnResponse response;
  grpc::Status status;
};

// Calls in flight.
class Calls {
 public:
  explicit Calls(Client& client) : client_(client) {}

  Pending& Earn(const std::string& request, std::chrono::milliseconds timeout = std::chrono::minutes(1)) {
    Pending& call = calls_.emplace_back();
    call.request = Parse<v1::EarnRequest>("member_id: 'anna', points: 1, request_id: '" + request + "'");
    call.context.set_deadline(std::chrono::system_clock::now() + timeout);
    client_.Stub<Points>().async()->Earn(&call.context, &call.request, &call.response,
                                         [this, &call](grpc::Status status) {
                                           absl::MutexLock lock(&mutex_);
                                           call.status = std::move(status);
                                           ++ended_;
                                         });
    return call;
  }
  void WaitForEnds(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ended_ >= count; };
    mutex_.Await(absl::Condition(&enough));
  }
  std::deque<Pending>& all() { return calls_; }

 private:
  Client& client_;
  std::deque<Pending> calls_;
  absl::Mutex mutex_;
  size_t ended_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST(Backpressure, AFullQueueRefusesAtOnceAndLosesNothing) {
  constexpr size_t kQueue = 16, kCalls = 400;
  GroupCommitterOptions options;
  options.queue_limit = kQueue;
  testing::InProcessServer server(Definition(), options);
  Client client(server.channel());
  ASSERT_THAT(client.Call(&Programs::CreateProgram, kShop), IsOk());
  ASSERT_THAT(client.Call(&Points::EnrollMember, "member_id: 'anna'"), IsOk());

  Roadblock roadblock(server.database());
  Calls calls(client);
  for (size_t i = 0; i < kCalls; ++i) calls.Earn(std::to_string(i));
  calls.WaitForEnds(kCalls - 2 * kQueue);  // at most one batch and one queue are under way
  roadblock.Release();
  calls.WaitForEnds(kCalls);

  size_t refused = 0;
  for (Pending& call : calls.all()) {
    if (call.status.ok()) continue;
    ++refused;
    EXPECT_THAT(Decode(call.status), Refused(StatusCode::RESOURCE_EXHAUSTED, "QUEUE_FULL"));
    EXPECT_NE(call.status.error_details().find("google.rpc.RetryInfo"), std::string::npos);
    const auto again = client.Send(&Points::Earn, call.request);
    ASSERT_TRUE(again.ok()) << again;
    EXPECT_FALSE(again.replayed) << "a call that was refused had no effect";
  }
  EXPECT_GE(refused, kCalls - 2 * kQueue);
  EXPECT_EQ(client.Call(&Points::GetBalance, "member_id: 'anna'")->balance().available_points(), kCalls);
}

class Deadline : public ServerTest {};

TEST_F(Deadline, ThatPassesWhileTheCallWaitsCostsNoWork) {
  Made(&Points::EnrollMember, "member_id: 'anna'");
  Roadblock roadblock(server_.database());
  Calls calls(client_);
  const Pending& patient = calls.Earn("patient");
  roadblock.WaitUntilSomebodyWaits();
  Pending& hurried = calls.Earn("hurried", std::chrono::milliseconds(200));
  calls.WaitForEnds(1);
  EXPECT_EQ(hurried.status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  // The server counts from when the call arrived, a little later than the client.
  const auto passed = hurried.context.deadline() + std::chrono::milliseconds(100);
  while (std::chrono::system_clock::now() < passed) EXPECT_EQ(Balance("anna"), 0) << "reading goes on";
  roadblock.Release();
  calls.WaitForEnds(2);
  EXPECT_TRUE(patient.status.ok()) << patient.status.error_message();
  const auto again = client_.Send(&Points::Earn, hurried.request);
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_FALSE(again.replayed) << "nothing was done for the one that had given up";
  EXPECT_EQ(Balance("anna"), 2);
}

}  // namespace
}  // namespace loyalty::points
