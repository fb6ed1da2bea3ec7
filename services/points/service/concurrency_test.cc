// Many clients at once: what they are answered is what the ledger holds, in one order that explains it all.
#include <absl/synchronization/blocking_counter.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <map>
#include <mutex>
#include <random>

#include "services/points/domain/simple_ledger.h"
#include "services/points/domain/test_kit.h"
#include "services/points/service/convert.h"
#include "services/points/service/convert_entry.h"
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

class Concurrency : public ServerTest {
 protected:
  // Of a counter its value, of a histogram how often it was observed; summed over its labels.
  double Metric(const std::string& name) {
    double sum = 0;
    for (const auto& family : server_.server().registry().Collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric) {
        sum += metric.counter.value + static_cast<double>(metric.histogram.sample_count);
      }
    }
    return sum;
  }

  std::vector<v1::Entry> Ledger(const std::string& member) {
    std::vector<v1::Entry> entries;
    std::string token;
    do {
      const auto page = Call(&Points::ListEntries,
                             "member_id: '" + member + "', page_size: 1000, page_token: '" + token + "'");
      EXPECT_TRUE(page.ok()) << page;
      entries.insert(entries.begin(), page->entries().rbegin(), page->entries().rend());
      token = page->next_page_token();
    } while (!token.empty());
    return entries;
  }

  void RandomTrafficAgreesWithOneThread(const std::vector<std::shared_ptr<grpc::Channel>>& replicas,
                                        int commands);
  void ReplayOnOneThread(const std::string& member, std::map<std::string, v1::Entry>& acknowledged);
};

TEST_F(Concurrency, OfTwentyWhoSpendTheSameHundredPointsOneSucceeds) {
  Made(&Points::Earn, "member_id: 'anna', request_id: 'r0', points: 100");
  std::atomic<int> succeeded = 0, refused = 0;
  InThreads(20, [&](int i) {
    const auto reply =
        Call(&Points::Spend, absl::StrCat("member_id: 'anna', points: 100, request_id: 's", i, "'"));
    if (reply.ok()) {
      ++succeeded;
      EXPECT_EQ(reply->entry().balance_after(), 0);
      return;
    }
    ++refused;
    EXPECT_THAT(reply, Refused(StatusCode::FAILED_PRECONDITION, "INSUFFICIENT_POINTS"));
    EXPECT_EQ(reply.error.metadata.at("balance"), "0");
  });
  EXPECT_EQ(succeeded, 1);
  EXPECT_EQ(refused, 19);
  EXPECT_EQ(Balance("anna"), 0);
  EXPECT_EQ(Ledger("anna").size(), 2u);
  ExpectCleanLedger();
}

TEST_F(Concurrency, OfTwentyWhoSendTheSameRequestOneIsPostedAndAllAreAnsweredTheSame) {
  std::atomic<int> posted = 0;
  std::vector<v1::Entry> answers(20);
  InThreads(20, [&](int i) {
    const auto reply = Call(&Points::Earn, "member_id: 'anna', points: 100, request_id: 'r1'");
    ASSERT_TRUE(reply.ok()) << reply;
    answers[static_cast<size_t>(i)] = reply->entry();
    if (!reply.replayed) ++posted;
  });
  EXPECT_EQ(posted, 1);
  for (const v1::Entry& answer : answers) EXPECT_THAT(answer, IsMessage(answers[0]));
  EXPECT_EQ(Balance("anna"), 100);
}

// Posts the member's entries once more, one by one in the order of their sequence, to the simplest ledger.
void Concurrency::ReplayOnOneThread(const std::string& member,
                                    std::map<std::string, v1::Entry>& acknowledged) {
  SimpleLedger simple(DollarProgram());
  int64_t sequence = 0;
  for (const v1::Entry& entry : Ledger(member)) {
    ASSERT_EQ(entry.sequence(), ++sequence);
    Command command =
        entry.kind() == v1::ENTRY_KIND_EARN
            ? EarnedAt(ToTime(entry.occurred_time()), entry.request_id(), member, entry.points())
            : SpendCommand(entry.request_id(), member, -entry.points());
    const SimpleLedger::Answer answer = simple.Decide(command, ToTime(entry.recorded_time()));
    ASSERT_EQ(answer.reason, "") << entry.ShortDebugString();
    ASSERT_THAT(entry, IsMessage(ToProto(answer.entry, member)));
    const auto answered = acknowledged.find(entry.request_id());
    ASSERT_NE(answered, acknowledged.end()) << "nobody was told of " << entry.ShortDebugString();
    ASSERT_THAT(entry, IsMessage(answered->second));
    acknowledged.erase(answered);
  }
}

void Concurrency::RandomTrafficAgreesWithOneThread(
    const std::vector<std::shared_ptr<grpc::Channel>>& replicas, int commands) {
  std::mutex mutex;
  std::map<std::string, v1::Entry> acknowledged;
  std::atomic<int> refused = 0;
  std::vector<std::unique_ptr<Client>> clients;
  for (const auto& channel : replicas) clients.push_back(std::make_unique<Client>(channel));
  InThreads(64, [&](int thread) {
    Client& client = *clients[static_cast<size_t>(thread) % clients.size()];
    std::mt19937_64 random(static_cast<uint64_t>(thread));
    for (int i = 0; i < commands; ++i) {
      const std::string json = absl::StrCat("member_id: 'hot", random() % 10, "', request_id: '", thread, "-",
                                            i, "', points: ", 1 + random() % 100);
      const std::string time = absl::StrCat(", occurred_time: '2026-04-", 10 + random() % 20, "T12:00:00Z'");
      const bool spend = random() % 2 == 0;
      v1::Entry entry;
      WireError error;
      if (spend) {
        const auto reply = client.Call(&Points::Spend, json);
        entry = reply->entry();
        error = reply.error;
      } else {
        const auto reply = client.Call(&Points::Earn, json + time);
        entry = reply->entry();
        error = reply.error;
      }
      if (error.code != StatusCode::OK) {
        ++refused;
        const bool stranger = error.reason == "MEMBER_NOT_FOUND";
        ASSERT_TRUE(spend && (stranger || error.reason == "INSUFFICIENT_POINTS")) << error;
        continue;
      }
      const std::lock_guard lock(mutex);
      ASSERT_TRUE(acknowledged.emplace(entry.request_id(), entry).second);
      if (acknowledged.size() % 100 == 0) server_.clock().Advance(absl::Seconds(1));
    }
  });
  EXPECT_EQ(static_cast<int>(acknowledged.size()) + refused, 64 * commands);
  EXPECT_GT(acknowledged.size(), static_cast<size_t>(32 * commands));
  for (int member = 0; member < 10; ++member) ReplayOnOneThread(absl::StrCat("hot", member), acknowledged);
  EXPECT_TRUE(acknowledged.empty()) << "lost: " << acknowledged.begin()->second.ShortDebugString();
  ExpectCleanLedger();
}

TEST_F(Concurrency, RandomTrafficOnHotAccountsAgreesWithOneThreadEntryByEntry) {
  RandomTrafficAgreesWithOneThread({server_.channel()}, 100);
}

TEST_F(Concurrency, RandomTrafficOnTwoReplicasAgreesWithOneThreadEntryByEntry) {
  rpc::ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  options.database_url = server_.database().url();
  rpc::Server second(Definition(), options, server_.clock());
  const absl::Status started = second.Start();
  ASSERT_TRUE(started.ok()) << started;
  const auto channel =
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", second.port()), grpc::InsecureChannelCredentials());
  RandomTrafficAgreesWithOneThread({server_.channel(), channel}, 40);
}

TEST_F(Concurrency, TheSameRequestsAtTwoReplicasArePostedOnce) {
  rpc::ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  options.database_url = server_.database().url();
  rpc::Server second(Definition(), options, server_.clock());
  ASSERT_TRUE(second.Start().ok());
  Client other(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", second.port()), grpc::InsecureChannelCredentials()));
  std::atomic<int> posted = 0, replayed = 0;
  InThreads(32, [&](int thread) {
    for (int i = 0; i < 25; ++i) {  // each request comes from two threads, one at each replica
      const std::string json = absl::StrCat("request_id: '", thread / 2, "-", i, "', member_id: 'm",
                                            (thread / 2 + i) % 7, "', points: 1");
      const auto reply = (thread % 2 == 0 ? client_ : other).Call(&Points::Earn, json);
      ASSERT_TRUE(reply.ok()) << reply;
      ++(reply.replayed ? replayed : posted);
    }
  });
  EXPECT_EQ(posted, 16 * 25);
  EXPECT_EQ(replayed, 16 * 25);
  EXPECT_EQ(server_.database().Exec("SELECT sum(balance) FROM points.account WHERE program_key > 0"), "400");
  ExpectCleanLedger();
}

// A call in flight, by the callback API.
struct Pending {
  grpc::ClientContext context;
  v1::EarnRequest request;
  v1::EarnResponse response;
  grpc::Status status;
};

TEST_F(Concurrency, OneCommandThatFailsInSqlFailsAloneAndCostsFewCommits) {
  server_.database().Exec(
      "CREATE FUNCTION points.refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF NEW.reason = "
      "'poison' THEN "
      "RAISE EXCEPTION 'secret internals'; END IF; RETURN NEW; END$$; CREATE TRIGGER poison BEFORE INSERT ON "
      "points.entry "
      "FOR EACH ROW EXECUTE FUNCTION points.refuse_poison()");
  Made(&Points::Earn, "member_id: 'm0', request_id: 'warm up', points: 1");
  const double applied = Metric("loyalty_batch_apply_seconds"), batches = Metric("loyalty_batch_commands");
  const double halvings = Metric("loyalty_batch_halvings_total");
  constexpr int kCommands = 1000;
  std::vector<Pending> calls(kCommands);
  absl::BlockingCounter unfinished(kCommands);
  for (int i = 0; i < kCommands; ++i) {
    Pending& call = calls[static_cast<size_t>(i)];
    call.request =
        Parse<v1::EarnRequest>(absl::StrCat("request_id: '", i, "', member_id: 'm", i % 50, "', points: 1"));
    if (i == 500) call.request.set_reason("poison");
    client_.Stub<Points>().async()->Earn(&call.context, &call.request, &call.response,
                                         [&](grpc::Status status) {
                                           call.status = std::move(status);
                                           unfinished.DecrementCount();
                                         });
  }
  unfinished.Wait();
  for (int i = 0; i < kCommands; ++i) {
    const grpc::Status& status = calls[static_cast<size_t>(i)].status;
    if (i != 500) {
      ASSERT_TRUE(status.ok()) << i << " " << status.error_message();
      continue;
    }
    const WireError error = Decode(status);
    EXPECT_THAT(error, Refused(StatusCode::INTERNAL, "INTERNAL"));
    const std::string all = status.error_message() + status.error_details();
    for (const char* internal :
         {"secret", "poison", "points.entry", "plpgsql", "RAISE", "P0001", "sqlstate"}) {
      EXPECT_EQ(all.find(internal), std::string::npos) << internal;
    }
  }
  const double extra =
      Metric("loyalty_batch_apply_seconds") - applied - (Metric("loyalty_batch_commands") - batches);
  EXPECT_GT(Metric("loyalty_batch_commands") - batches, 0);
  EXPECT_LE(extra, 2 * std::ceil(std::log2(kCommands)));
  EXPECT_LE(Metric("loyalty_batch_halvings_total") - halvings, std::ceil(std::log2(kCommands)));
  EXPECT_EQ(Count("entry"), "1000") << "999 and the warm-up";
  ExpectCleanLedger();
}

}  // namespace
}  // namespace loyalty::points
