// A server and the adapter in it, through a real channel, with a service of the test's own.
#include "common/server/server.h"

#include <absl/strings/str_cat.h>
#include <absl/synchronization/mutex.h>
#include <absl/time/clock.h>
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/support/sync_stream.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <map>
#include <optional>
#include <thread>

#include "common/log/log.h"
#include "common/server/backbone.h"
#include "common/status/status.h"
#include "common/testing/in_process_server.h"

namespace loyalty::rpc {
namespace {

using google::protobuf::BytesValue;
using google::protobuf::Empty;
using google::protobuf::Int64Value;
using google::protobuf::StringValue;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kEchoService[] = "loyalty.test.v1.EchoService";
constexpr char kEcho[] = "/loyalty.test.v1.EchoService/Echo";            // blocking
constexpr char kEchoAsync[] = "/loyalty.test.v1.EchoService/EchoAsync";  // async

// The contract of EchoService, made here so that the common folder needs no .proto for its tests.
const bool kContractIsKnown = [] {
  google::protobuf::FileDescriptorProto file;
  file.set_name("loyalty/test/v1/echo_service.proto");
  file.set_package("loyalty.test.v1");
  file.add_dependency("google/protobuf/wrappers.proto");
  auto& service = *file.add_service();
  service.set_name("EchoService");
  for (const auto& [name, type] :
       std::map<std::string, std::string>{{"Echo", "StringValue"}, {"EchoAsync", "BytesValue"}}) {
    auto& method = *service.add_method();
    method.set_name(name);
    method.set_input_type(absl::StrCat(".google.protobuf.", type));
    method.set_output_type(absl::StrCat(".google.protobuf.", type));
  }
  static const std::string* const bytes = new std::string(file.SerializeAsString());
  google::protobuf::DescriptorPool::InternalAddGeneratedFile(bytes->data(), static_cast<int>(bytes->size()));
  return true;
}();

using Handler = std::function<absl::Status(const std::string&)>;

// What protoc would generate, and the two ways in which a handler is run.
class EchoService final : public grpc::Service {
 public:
  EchoService(Adapter& adapter, Handler handler) : adapter_(adapter), handler_(std::move(handler)) {
    using grpc::CallbackServerContext;
    using grpc::internal::CallbackUnaryHandler;
    using grpc::internal::RpcMethod;
    using grpc::internal::RpcServiceMethod;
    AddMethod(new RpcServiceMethod(kEcho, RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodCallback(
        0, new CallbackUnaryHandler<StringValue, StringValue>(
               [this](CallbackServerContext* context, const StringValue* request, StringValue* response) {
                 return adapter_.Blocking(context, request, response,
                                          [this](Call&, const auto& in, auto& out) {
                                            out = in;
                                            return handler_(in.value());
                                          });
               }));
    AddMethod(new RpcServiceMethod(kEchoAsync, RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodCallback(
        1, new CallbackUnaryHandler<BytesValue, BytesValue>(
               [this](CallbackServerContext* context, const BytesValue* request, BytesValue* response) {
                 return adapter_.Async(context, request, response,
                                       [this](Call& call, const auto& in, auto& out, Adapter::Done done) {
                                         out = in;
                                         call.SetReplayed();
                                         done(handler_(in.value()));
                                       });
               }));
  }

 private:
  Adapter& adapter_;
  const Handler handler_;
};

ServiceDefinition Definition(Handler handler = [](const std::string&) { return absl::OkStatus(); }) {
  return {.name = "echo",
          .schema = "echo",
          .services = {kEchoService},
          .build = [handler = std::move(handler)](Runtime& runtime) {
            Parts parts;
            parts.services.push_back(std::make_unique<EchoService>(runtime.adapter, handler));
            return parts;
          }};
}

template <class Message>
grpc::Status CallMethod(const std::shared_ptr<grpc::Channel>& channel, const char* method,
                        const std::string& text, grpc::ClientContext& context) {
  Message request, response;
  request.set_value(text);
  return grpc::internal::BlockingUnaryCall<Message, Message>(
      channel.get(), grpc::internal::RpcMethod(method, grpc::internal::RpcMethod::NORMAL_RPC), &context,
      request, &response);
}
grpc::Status Echo(const std::shared_ptr<grpc::Channel>& channel, const std::string& text) {
  grpc::ClientContext context;
  return CallMethod<StringValue>(channel, kEcho, text, context);
}

// grpc.health.v1 in well-known messages of the same wire format: the service's name in, the status out.
constexpr int kServing = 1, kNotServing = 2;
using HealthWatch = grpc::ClientReader<Int64Value>;
std::unique_ptr<HealthWatch> WatchHealth(grpc::Channel& channel, grpc::ClientContext& context) {
  static const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Watch",
                                                grpc::internal::RpcMethod::SERVER_STREAMING);
  return std::unique_ptr<HealthWatch>(
      grpc::internal::ClientReaderFactory<Int64Value>::Create(&channel, method, &context, StringValue()));
}

// A handler's door: those who come wait until it is opened.
class Door {
 public:
  absl::Status Enter(const std::string& who) {
    absl::MutexLock lock(&mutex_);
    entered_.push_back(who);
    mutex_.Await(absl::Condition(&open_));
    return absl::OkStatus();
  }
  void AwaitEntered(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return entered_.size() >= count; };
    mutex_.Await(absl::Condition(&enough));
  }
  void Open() {
    absl::MutexLock lock(&mutex_);
    open_ = true;
  }
  std::vector<std::string> entered() {
    absl::MutexLock lock(&mutex_);
    return entered_;
  }

 private:
  absl::Mutex mutex_;
  bool open_ = false;
  std::vector<std::string> entered_;
};

// The metric with all these labels.
std::optional<prometheus::ClientMetric> Metric(Server& server, const std::string& name,
                                               const std::map<std::string, std::string>& labels) {
  for (const auto& family : server.registry().Collect()) {
    if (family.name != name) continue;
    for (const auto& metric : family.metric) {
      size_t matching = 0;
      for (const auto& label : metric.label) {
        const auto it = labels.find(label.name);
        if (it != labels.end() && it->second == label.value) ++matching;
      }
      if (matching == labels.size()) return metric;
    }
  }
  return std::nullopt;
}
double Handled(Server& server, const std::string& method, const std::string& code) {
  const auto metric =
      Metric(server, "grpc_server_handled_total", {{"grpc_method", method}, {"grpc_code", code}});
  return metric ? metric->counter.value : -1;
}

TEST(Server, HealthSaysServing) {
  testing::InProcessServer server(Definition());
  grpc::ClientContext context;
  const auto watch = WatchHealth(*server.channel(), context);
  Int64Value status;
  ASSERT_TRUE(watch->Read(&status));
  EXPECT_EQ(status.value(), kServing);
  context.TryCancel();
}

TEST(Server, ReflectionListsAndDescribesTheServices) {
  testing::InProcessServer server(Definition());
  grpc::ClientContext context;
  const grpc::internal::RpcMethod method("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                         grpc::internal::RpcMethod::BIDI_STREAMING);
  const auto channel = server.channel();
  std::unique_ptr<grpc::ClientReaderWriter<Empty, Empty>> stream(
      grpc::internal::ClientReaderWriterFactory<Empty, Empty>::Create(channel.get(), method, &context));
  const auto ask = [&](int field,
                       const std::string& text) {  // the contract's messages, by the numbers of their fields
    Empty request, response;
    request.GetReflection()->MutableUnknownFields(&request)->AddLengthDelimited(field, text);
    EXPECT_TRUE(stream->Write(request));
    EXPECT_TRUE(stream->Read(&response));
    return response.SerializeAsString();
  };
  constexpr int kListServices = 7, kFileContainingSymbol = 4;
  const std::string list = ask(kListServices, "");
  EXPECT_THAT(list, HasSubstr(kEchoService));
  EXPECT_THAT(list, HasSubstr("grpc.health.v1.Health"));
  EXPECT_THAT(ask(kFileContainingSymbol, kEchoService), HasSubstr("echo_service.proto"));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(Server, EveryServiceServesItsEventsAndWhatIsDueAndThoseThatCallPointsMore) {
  const auto base = Backbone::ServiceNames({.calls_points = false});
  EXPECT_THAT(base, ::testing::ElementsAre("loyalty.events.v1.EventService", "loyalty.admin.v1.DueService"));
  EXPECT_EQ(Backbone::ServiceNames({.calls_points = true}).size(), 4u);
  testing::InProcessServer server(Definition());
  EXPECT_TRUE(
      Metric(server.server(), "grpc_server_started_total", {{"grpc_method", "WatchEvents"}}).has_value());
  server.database().AddProgram("shop");
  EXPECT_EQ(server.RunDue("shop"), 0);
}

TEST(Server, UnknownMethodsAreUnimplemented) {
  testing::InProcessServer server(Definition());
  for (const char* method : {"/loyalty.test.v1.EchoService/Shout", "/loyalty.test.v1.NoService/Echo"}) {
    grpc::ClientContext context;
    EXPECT_EQ(CallMethod<StringValue>(server.channel(), method, "", context).error_code(),
              grpc::UNIMPLEMENTED);
  }
}

TEST(Server, EveryMethodAndCodeHasItsMetricFromTheStart) {
  testing::InProcessServer server(Definition());
  for (const std::string method : {"Echo", "EchoAsync"}) {
    const std::map<std::string, std::string> labels = {
        {"grpc_service", kEchoService}, {"grpc_method", method}, {"grpc_type", "unary"}};
    EXPECT_TRUE(Metric(server.server(), "grpc_server_started_total", labels).has_value());
    EXPECT_TRUE(Metric(server.server(), "grpc_server_handling_seconds", labels).has_value());
    for (const char* code :
         {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
          "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
          "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}) {
      EXPECT_EQ(Handled(server.server(), method, code), 0) << method << " " << code;
    }
  }
  EXPECT_EQ(Metric(server.server(), "loyalty_build_info", {{"service", "echo"}})->gauge.value, 1);
}

TEST(Adapter, ACallIsAnsweredCountedAndMarkedAsReplayed) {
  testing::InProcessServer server(Definition());
  EXPECT_TRUE(Echo(server.channel(), "hello").ok());
  grpc::ClientContext context;
  EXPECT_TRUE(CallMethod<BytesValue>(server.channel(), kEchoAsync, "hello", context).ok());
  EXPECT_EQ(context.GetServerTrailingMetadata().count("replayed"), 1);
  const auto replays = [&](const std::string& method) {
    return Metric(server.server(), "loyalty_replays_total", {{"grpc_method", method}})->counter.value;
  };
  EXPECT_EQ(replays("EchoAsync"), 1);
  EXPECT_EQ(replays("Echo"), 0);
  for (const std::string method : {"Echo", "EchoAsync"}) {
    EXPECT_EQ(Handled(server.server(), method, "OK"), 1);
    EXPECT_EQ(Metric(server.server(), "grpc_server_started_total", {{"grpc_method", method}})->counter.value,
              1);
    EXPECT_EQ(Metric(server.server(), "grpc_server_handling_seconds", {{"grpc_method", method}})
                  ->histogram.sample_count,
              1);
  }
}

TEST(Adapter, AnErrorIsConvertedCountedByItsCodeAndLoggedByItsReasonOnly) {
  testing::InProcessServer server(Definition([](const std::string& text) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "TOO_LOUD", absl::StrCat("Not so loud: ", text));
  }));
  ::testing::internal::CaptureStderr();
  grpc::ClientContext context;
  context.AddMetadata("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  const grpc::Status status = CallMethod<StringValue>(server.channel(), kEcho, "ann@example.com", context);
  log::Flush();
  const std::string line = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(status.error_code(), grpc::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(), "Not so loud: ann@example.com");
  v1::Status wire;
  v1::ErrorInfo info;
  ASSERT_TRUE(wire.ParseFromString(status.error_details()));
  ASSERT_TRUE(info.ParseFromString(wire.details(0).value()));
  EXPECT_EQ(info.reason(), "TOO_LOUD");
  EXPECT_EQ(info.domain(), "loyalty.test.v1");
  EXPECT_EQ(Handled(server.server(), "Echo", "FAILED_PRECONDITION"), 1);
  EXPECT_EQ(Metric(server.server(), "loyalty_refusals_total",
                   {{"grpc_service", kEchoService}, {"grpc_method", "Echo"}, {"reason", "TOO_LOUD"}})
                ->counter.value,
            1);
  EXPECT_THAT(line, HasSubstr(R"("method":"loyalty.test.v1.EchoService/Echo")"));
  EXPECT_THAT(line, HasSubstr(R"("code":"FAILED_PRECONDITION","reason":"TOO_LOUD")"));
  EXPECT_THAT(line, HasSubstr(R"("trace_id":"0af7651916cd43dd8448eb211c80319c")"));
  EXPECT_THAT(line, Not(HasSubstr("ann@example.com")));
}

// A server whose two threads and one place in the queue are soon taken.
class SmallServerTest : public ::testing::Test {
 protected:
  SmallServerTest() {
    EXPECT_EQ(server_.Start(), absl::OkStatus());
    channel_ =
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_.port()), grpc::InsecureChannelCredentials());
  }
  std::future<grpc::Status> EchoLater(const std::string& text) {
    return std::async(std::launch::async, [this, text] { return Echo(channel_, text); });
  }

  Door door_;
  testing::TestDatabase database_{"echo", {}};
  ManualClock clock_{testing::kTestStart};
  Server server_{Definition([this](const std::string& text) { return door_.Enter(text); }),
                 {.listen_address = "127.0.0.1:0",
                  .database_url = database_.url(),
                  .database_connections = 1,
                  .call_queue_limit = 1},
                 clock_};
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(SmallServerTest, AFullQueueRefusesTheBlockingCallAtOnceAndTheOthersAreServed) {
  auto first = EchoLater("a");
  door_.AwaitEntered(1);  // one after the other: together they could meet in the queue's only place
  auto second = EchoLater("b");
  door_.AwaitEntered(2);
  // Of two more, one finds the place in the queue and the other none; who comes first is theirs to settle.
  absl::Mutex mutex;
  std::vector<grpc::Status> answered;
  std::vector<std::thread> two;
  for (int i = 0; i < 2; ++i) {
    two.emplace_back([&] {
      const grpc::Status status = Echo(channel_, "c");
      absl::MutexLock lock(&mutex);
      answered.push_back(status);
    });
  }
  const auto one = [&] { return !answered.empty(); };
  mutex.LockWhen(absl::Condition(&one));
  mutex.Unlock();
  door_.Open();
  for (std::thread& thread : two) thread.join();
  ASSERT_EQ(answered.size(), 2);
  EXPECT_EQ(answered[0].error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_THAT(answered[0].error_details(), HasSubstr("QUEUE_FULL"));
  EXPECT_TRUE(answered[1].ok());
  EXPECT_TRUE(first.get().ok() && second.get().ok());
  EXPECT_EQ(door_.entered().size(), 3);
}

TEST_F(SmallServerTest, ADeadlineThatPassesInTheQueueNeverReachesTheHandler) {
  constexpr absl::Duration kTimeout = absl::Milliseconds(200);
  auto first = EchoLater("a");
  door_.AwaitEntered(1);
  auto second = EchoLater("b");
  door_.AwaitEntered(2);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kTimeout));
  EXPECT_EQ(CallMethod<StringValue>(channel_, kEcho, "late", context).error_code(), grpc::DEADLINE_EXCEEDED);
  // The server counts the time-out from when the call arrived. The adapter takes real time, so the test has
  // to as well.
  while (Metric(server_, "grpc_server_started_total", {{"grpc_method", "Echo"}})->counter.value < 3) {
    std::this_thread::yield();
  }
  absl::SleepFor(kTimeout + absl::Milliseconds(50));
  door_.Open();
  EXPECT_TRUE(first.get().ok() && second.get().ok());
  server_.Shutdown();
  EXPECT_THAT(door_.entered(), ::testing::UnorderedElementsAre("a", "b"));
  EXPECT_EQ(Handled(server_, "Echo", "DEADLINE_EXCEEDED"), 1);
}

TEST_F(SmallServerTest, ShutdownSaysNotServingAndFinishesTheCallsInFlight) {
  grpc::ClientContext context;
  const auto watch = WatchHealth(*channel_, context);
  Int64Value status;
  ASSERT_TRUE(watch->Read(&status));
  EXPECT_EQ(status.value(), kServing);
  auto in_flight = EchoLater("a");
  door_.AwaitEntered(1);

  std::thread shutdown([this] { server_.Shutdown(absl::Minutes(1)); });
  ASSERT_TRUE(watch->Read(&status));
  EXPECT_EQ(status.value(), kNotServing);
  context.TryCancel();
  EXPECT_EQ(in_flight.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  door_.Open();
  EXPECT_TRUE(in_flight.get().ok());
  shutdown.join();
  EXPECT_EQ(Echo(channel_, "b").error_code(), grpc::UNAVAILABLE);
}

TEST_F(SmallServerTest, AfterTheDrainWhatStillRunsIsCancelledAndShutdownWaitsForItsHandler) {
  auto in_flight = EchoLater("a");
  door_.AwaitEntered(1);
  std::thread shutdown([this] { server_.Shutdown(absl::ZeroDuration()); });
  EXPECT_FALSE(in_flight.get().ok()) << "its handler is still behind the door";
  door_.Open();
  shutdown.join();
}

TEST_F(SmallServerTest, AnOpenHealthWatchDoesNotHoldUpTheDrain) {
  grpc::ClientContext context;
  const auto watch = WatchHealth(*channel_, context);
  Int64Value status;
  ASSERT_TRUE(watch->Read(&status));
  const absl::Time start = absl::Now();
  server_.Shutdown(absl::Seconds(3));
  EXPECT_LT(absl::Now() - start, absl::Seconds(2)) << "nothing but the watch was under way";
}

class StartTest : public ::testing::Test {
 protected:
  absl::Status Start(ServerOptions options, ServiceDefinition definition = Definition()) {
    ManualClock clock(testing::kTestStart);
    return Server(definition, std::move(options), clock).Start();
  }
  testing::TestDatabase database_{"echo", {}};
};

TEST_F(StartTest, ATakenPortIsAnErrorThatNamesTheFlagAndTheAddress) {
  const int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof(address);
  ASSERT_TRUE(bind(taken, reinterpret_cast<sockaddr*>(&address), length) == 0 && listen(taken, 1) == 0);
  ASSERT_EQ(getsockname(taken, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const std::string where = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));

  const absl::Status grpc = Start({.listen_address = where, .database_url = database_.url()});
  EXPECT_EQ(grpc.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(grpc.message()),
              HasSubstr(absl::StrCat("--listen_address: cannot listen on ", where)));
  const absl::Status metrics =
      Start({.listen_address = "127.0.0.1:0", .metrics_address = where, .database_url = database_.url()});
  EXPECT_EQ(metrics.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(metrics.message()),
              HasSubstr(absl::StrCat("--metrics_address: cannot listen on ", where)));
  close(taken);
}

TEST_F(StartTest, AnUnmigratedDatabaseIsAFailedPreconditionThatSaysWhatToDo) {
  ServiceDefinition definition = Definition();
  definition.migrations = {{1, "table", "CREATE TABLE echo.heard (id bigint)"}};
  const absl::Status status =
      Start({.listen_address = "127.0.0.1:0", .database_url = database_.url()}, definition);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("`migrate`"));
}

TEST_F(StartTest, AnUnreachableDatabaseIsUnavailable) {
  const absl::Status status =
      Start({.listen_address = "127.0.0.1:0", .database_url = "postgresql://nobody@127.0.0.1:1/nothing"});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace loyalty::rpc
