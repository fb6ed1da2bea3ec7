// The events of a service over the wire: in order, without gaps, once, whatever goes on meanwhile.
#include "common/events/event_service.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "common/log/log.h"
#include "common/rpc/error.h"
#include "common/status/status.h"
#include "common/testing/shop.h"

namespace loyalty::events {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string TextOf(const v1::Event& event) {
  google::protobuf::StringValue text;
  EXPECT_TRUE(event.payload().UnpackTo(&text));
  return text.value();
}

class EventServiceTest : public ::testing::Test {
 protected:
  EventServiceTest() { Restart(); }

  void Restart() {
    if (server_) server_->Shutdown();
    server_ = shop_.Serve();
    stub_ = v1::EventService::NewStub(shop_.ChannelTo(*server_));
  }
  absl::StatusOr<v1::ListEventsResponse> List(int64_t after, int page_size = 0,
                                              std::vector<std::string> types = {},
                                              const std::string& member = "",
                                              const std::string& program = "shop") {
    grpc::ClientContext context;
    v1::ListEventsRequest request;
    v1::ListEventsResponse response;
    request.set_program_id(program);
    request.set_after_position(after);
    request.set_page_size(page_size);
    request.mutable_types()->Assign(types.begin(), types.end());
    request.set_member_id(member);
    const absl::Status status = rpc::FromGrpc(stub_->ListEvents(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }
  // Writers that emit a number of events each, two in a transaction now and then.
  std::vector<std::thread> Write(int writers, int events) {
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer) {
      threads.emplace_back([this, writer, events] {
        for (int i = 0; i < events; i += 2) {
          shop_.Do([&](work::Work& work) {
            work.Emit(shop_.Text(absl::StrCat(writer, " ", i)));
            work.Emit(shop_.Text(absl::StrCat(writer, " ", i + 1)));
          });
        }
      });
    }
    return threads;
  }

  testing::Shop shop_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::EventService::Stub> stub_;
};

// Checks that positions count up from 1 and that each writer's events come in its order.
class Order {
 public:
  void Add(const v1::Event& event) {
    EXPECT_EQ(event.position(), ++last_);
    std::istringstream text(TextOf(event));
    int writer = 0, number = 0;
    text >> writer >> number;
    EXPECT_EQ(number, next_[writer]++) << "of writer " << writer;
  }
  int64_t last() const { return last_; }

 private:
  int64_t last_ = 0;
  std::map<int, int> next_;
};

TEST_F(EventServiceTest, AnEventSaysWhatHappenedToWhomWhenAndWhy) {
  shop_.Emit(
      "tea",
      {.member_id = "anna", .cause = "order:A-17", .actor = "till", .occurred_time = testing::kTestStart});
  const auto page = List(0);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->events_size(), 1);
  const v1::Event& event = page->events(0);
  EXPECT_EQ(event.event_id(), "shop/shop/1");
  EXPECT_EQ(event.type(), "google.protobuf.StringValue");
  EXPECT_EQ(TextOf(event), "tea");
  EXPECT_EQ(absl::StrCat(event.program_id(), " ", event.member_id(), " ", event.cause(), " ", event.actor()),
            "shop anna order:A-17 till");
  EXPECT_EQ(event.occurred_time().seconds(), absl::ToUnixSeconds(testing::kTestStart));
  EXPECT_EQ(event.recorded_time().seconds(), absl::ToUnixSeconds(testing::kTestStart));
  EXPECT_EQ(page->position(), 1);
  EXPECT_EQ(page->head_position(), 1);
}

TEST_F(EventServiceTest, AReaderThatResumesSeesAllOnceAndInOrderWhileWritersWrite) {
  constexpr int kWriters = 8, kEvents = 100;
  auto writers = Write(kWriters, kEvents);
  std::mt19937 random(7);
  Order order;
  while (order.last() < kWriters * kEvents) {
    const auto page = List(order.last(), 1 + static_cast<int>(random() % 20));
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Event& event : page->events()) order.Add(event);
    ASSERT_EQ(page->position(), order.last());
    ASSERT_GE(page->head_position(), page->position());
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(List(order.last())->events_size(), 0);
}

TEST_F(EventServiceTest, AWatchSeesAllOnceAndInOrderAcrossRestarts) {
  constexpr int kWriters = 4, kEvents = 200;
  auto writers = Write(kWriters, kEvents);
  Order order;
  int64_t position = 0;
  int restarts = 0;
  while (position < kWriters * kEvents) {
    grpc::ClientContext context;
    v1::WatchEventsRequest request;
    v1::WatchEventsResponse response;
    request.set_program_id("shop");
    request.set_after_position(position);
    const auto watch = stub_->WatchEvents(&context, request);
    const int64_t restart_at = position + 150;
    std::thread restart;
    while (watch->Read(&response)) {
      for (const v1::Event& event : response.events()) order.Add(event);
      position = response.position();
      EXPECT_EQ(position, order.last());
      if (position >= kWriters * kEvents) break;
      if (position >= restart_at && !restart.joinable()) restart = std::thread([&] { server_->Shutdown(); });
    }
    if (restart.joinable()) {
      restart.join();
      const grpc::Status ended = watch->Finish();
      EXPECT_TRUE(ended.ok()) << ended.error_code() << " " << ended.error_message();
      ++restarts;
      Restart();
    }
    context.TryCancel();
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(order.last(), kWriters * kEvents);
  EXPECT_GE(restarts, 1);
}

TEST_F(EventServiceTest, AWatchIsToldOfNewEventsSoonAndFiltersThem) {
  grpc::ClientContext context;
  v1::WatchEventsRequest request;
  v1::WatchEventsResponse response;
  request.set_program_id("shop");
  request.set_member_id("anna");
  request.add_types("google.protobuf.StringValue");
  const auto watch = stub_->WatchEvents(&context, request);
  shop_.Emit("for ben", {.member_id = "ben"});
  shop_.Emit("for anna", {.member_id = "anna"});
  ASSERT_TRUE(watch->Read(&response));
  ASSERT_EQ(response.events_size(), 1);
  EXPECT_EQ(TextOf(response.events(0)), "for anna");
  EXPECT_EQ(response.position(), 2);
  context.TryCancel();
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(EventServiceTest, ASlowReaderGetsEverythingAndHoldsUpNobody) {
  const std::string text(2'000, 'x');
  shop_.Do([&](work::Work& work) {
    for (int i = 0; i < 5'000; ++i) work.Emit(shop_.Text(text));
  });
  grpc::ClientContext slow_context, quick_context;
  v1::WatchEventsRequest request;
  v1::WatchEventsResponse response;
  request.set_program_id("shop");
  const auto slow = stub_->WatchEvents(&slow_context, request);
  const auto quick = stub_->WatchEvents(&quick_context, request);
  int64_t seen = 0;
  while (seen < 5'000 && quick->Read(&response)) seen += response.events_size();
  EXPECT_EQ(seen, 5'000);
  for (seen = 0; seen < 5'000 && slow->Read(&response);) {
    EXPECT_LE(response.events_size(), 500);
    for (const v1::Event& event : response.events()) ASSERT_EQ(event.position(), ++seen);
  }
  EXPECT_EQ(seen, 5'000);
  quick_context.TryCancel();
  slow_context.TryCancel();
}

TEST_F(EventServiceTest, LongEventsComeInPagesThatEveryClientTakes) {
  shop_.Do([&](work::Work& work) {
    for (int i = 0; i < 10; ++i) work.Emit(shop_.Text(std::string(i == 4 ? 3'000'000 : 700'000, 'x')));
  });
  int64_t seen = 0;
  while (seen < 10) {
    const auto page = List(seen, 1'000);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->head_position(), 10);
    for (const v1::Event& event : page->events()) ASSERT_EQ(event.position(), ++seen);
    ASSERT_EQ(page->position(), seen);
  }
  grpc::ClientContext context;
  v1::WatchEventsRequest request;
  v1::WatchEventsResponse response;
  request.set_program_id("shop");
  const auto watch = stub_->WatchEvents(&context, request);
  for (seen = 0; seen < 10;) {
    ASSERT_TRUE(watch->Read(&response)) << "after " << seen;
    for (const v1::Event& event : response.events()) ASSERT_EQ(event.position(), ++seen);
    EXPECT_EQ(response.position(), seen);
  }
  context.TryCancel();
}

TEST_F(EventServiceTest, AFilterLooksThroughAStretchAndSaysHowFarItIs) {
  shop_.Emit("a", {.member_id = "anna"});
  shop_.Emit("b", {.member_id = "ben"});
  shop_.Emit("c", {.member_id = "anna"});
  auto page = List(0, 1, {}, "anna");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->position(), 1);
  page = List(1, 10, {}, "anna");
  EXPECT_EQ(page->events_size(), 1);
  EXPECT_EQ(page->position(), 3);
  page = List(0, 10, {"loyalty.no.Such"});
  EXPECT_THAT(page->events(), IsEmpty());
  EXPECT_EQ(page->position(), 3);
}

TEST_F(EventServiceTest, APositionAheadAndAnUnknownProgramAreClearErrors) {
  shop_.Emit("a");
  const absl::Status ahead = List(2).status();
  EXPECT_EQ(ahead.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(RefusalOf(ahead)->reason, "POSITION_AHEAD");
  EXPECT_EQ(RefusalOf(ahead)->metadata.at("head_position"), "1");
  EXPECT_EQ(RefusalOf(List(0, 0, {}, "", "nowhere").status())->reason, "PROGRAM_NOT_FOUND");

  grpc::ClientContext context;
  v1::WatchEventsRequest request;
  v1::WatchEventsResponse response;
  request.set_program_id("shop");
  request.set_after_position(2);
  const auto watch = stub_->WatchEvents(&context, request);
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::OUT_OF_RANGE);
}

TEST_F(EventServiceTest, BadInputIsRefusedByListAndWatchAlike) {
  EXPECT_EQ(RefusalOf(List(-1).status())->reason, "NEGATIVE");
  EXPECT_EQ(RefusalOf(List(0, -1).status())->reason, "NEGATIVE");
  EXPECT_EQ(RefusalOf(List(0, 0, std::vector<std::string>(51, "a.B")).status())->reason, "TOO_MANY");
  EXPECT_EQ(RefusalOf(List(0, 0, {}, std::string(101, 'x')).status())->reason, "TOO_LONG");
  grpc::ClientContext context;
  v1::WatchEventsResponse response;
  const auto watch = stub_->WatchEvents(&context, v1::WatchEventsRequest());
  EXPECT_FALSE(watch->Read(&response));
  const absl::Status status = rpc::FromGrpc(watch->Finish());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(RefusalOf(status)->reason, "FIELD_REQUIRED");
}

TEST_F(EventServiceTest, HeadsAreListedPageByPage) {
  for (const std::string program : {"a", "b", "c"}) {
    shop_.database().AddProgram(program);
    shop_.Emit("x", {}, program);
  }
  shop_.Emit("y", {}, "c");
  std::vector<std::string> heads;
  v1::ListHeadsRequest request;
  request.set_page_size(2);
  do {
    grpc::ClientContext context;
    v1::ListHeadsResponse response;
    ASSERT_TRUE(stub_->ListHeads(&context, request, &response).ok());
    EXPECT_LE(response.heads_size(), 2);
    for (const auto& head : response.heads())
      heads.push_back(absl::StrCat(head.program_id(), head.position()));
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(heads, ElementsAre("a1", "b1", "c2"));
}

TEST_F(EventServiceTest, OfTheManyLooksAtTheHeadsOnlyThoseThatFailAreLogged) {
  const auto look = [this](int page_size) {
    grpc::ClientContext context;
    v1::ListHeadsRequest request;
    v1::ListHeadsResponse response;
    request.set_page_size(page_size);
    return stub_->ListHeads(&context, request, &response).error_code();
  };
  log::Flush();
  ::testing::internal::CaptureStderr();
  const auto good = look(1), bad = look(-1);
  ASSERT_TRUE(List(0).ok());
  log::Flush();
  const std::string lines = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(good, grpc::StatusCode::OK);
  EXPECT_EQ(bad, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(lines, HasSubstr(R"(EventService/ListHeads","code":"INVALID_ARGUMENT")"));
  EXPECT_THAT(lines, Not(HasSubstr(R"(EventService/ListHeads","code":"OK")")));
  EXPECT_THAT(lines, HasSubstr(R"(EventService/ListEvents","code":"OK")")) << "all other calls are";
}

TEST_F(EventServiceTest, ASilentWatchShowsThatItIsAliveAndHowFarItIs) {
  shop_.Emit("a", {.member_id = "ben"});
  metrics::Registry registry;
  Executor executor(2, 10);
  rpc::Adapter adapter({v1::EventService::service_full_name()}, executor, registry);
  EventServiceImpl service(adapter, shop_.pool(), executor, registry, "shop", nullptr, absl::Milliseconds(1));
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const auto stub = v1::EventService::NewStub(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  v1::WatchEventsRequest request;
  v1::WatchEventsResponse response;
  request.set_program_id("shop");
  request.set_member_id("anna");
  const auto watch = stub->WatchEvents(&context, request);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.events_size(), 0);
  EXPECT_EQ(response.position(), 1) << "the other member's event has been passed over";
  service.Drain();
  while (watch->Read(&response)) continue;
  EXPECT_TRUE(watch->Finish().ok());
  server->Shutdown();
  server->Wait();
}

TEST_F(EventServiceTest, AServerThatHasItsMostWatchesRefusesOneMoreUntilOneEnds) {
  struct Client {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::WatchEventsResponse>> watch;
    v1::WatchEventsResponse response;
    bool first = false;  // whether its first message came
  };
  const auto open = [this] {
    v1::WatchEventsRequest request;
    request.set_program_id("shop");
    auto client = std::make_unique<Client>();
    client->watch = stub_->WatchEvents(&client->context, request);
    return client;
  };
  const auto read = [](Client& client) { return client.first = client.watch->Read(&client.response); };
  shop_.Emit("a");
  std::vector<std::unique_ptr<Client>> clients(Hub::kMaxWatches);
  for (auto& client : clients) client = open();
  for (auto& client : clients) ASSERT_TRUE(read(*client));

  auto refused = open();
  EXPECT_FALSE(read(*refused));
  const absl::Status status = rpc::FromGrpc(refused->watch->Finish());
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RefusalOf(status)->reason, "TOO_MANY_WATCHES");
  EXPECT_EQ(RefusalOf(status)->metadata.at("limit"), absl::StrCat(Hub::kMaxWatches));

  clients.back()->context.TryCancel();
  clients.pop_back();
  auto next = open();  // the server hears of the end a moment later
  for (int tries = 0; tries < 10'000 && !read(*next); ++tries) next = open();
  EXPECT_TRUE(next->first);
  next->context.TryCancel();
  for (auto& client : clients) client->context.TryCancel();
}

TEST_F(EventServiceTest, AfterTheDrainAWatchIsUnavailable) {
  Hub hub(shop_.pool(), absl::Seconds(10));
  hub.Drain();
  EXPECT_TRUE(absl::IsUnavailable(hub.Add(nullptr)));
}

}  // namespace
}  // namespace loyalty::events
