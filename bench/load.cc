#include "bench/load.h"

#include <absl/strings/str_cat.h>
#include <absl/synchronization/mutex.h>
#include <absl/time/clock.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "loyalty/points/v1/points_service.grpc.pb.h"

namespace loyalty::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

double Milliseconds(SteadyClock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

double Quantile(const std::vector<double>& sorted, double q) {
  return sorted.empty() ? 0
                        : sorted[std::min(sorted.size() - 1,
                                          static_cast<size_t>(q * static_cast<double>(sorted.size())))];
}

LoadResult Summarize(std::vector<double> latencies_ms, int64_t completed, int64_t failed, double seconds) {
  std::sort(latencies_ms.begin(), latencies_ms.end());
  return {static_cast<double>(completed) / seconds,
          completed,
          failed,
          Quantile(latencies_ms, 0.5),
          Quantile(latencies_ms, 0.99),
          Quantile(latencies_ms, 0.999)};
}

// One place in the closed loop.
struct Slot {
  grpc::GenericStub* stub;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
  SteadyClock::time_point begun;

  void Begin(const Call& call, grpc::CompletionQueue& queue) {
    context = std::make_unique<grpc::ClientContext>();
    begun = SteadyClock::now();
    reader = stub->PrepareUnaryCall(context.get(), call.method, call.make(), &queue);
    reader->StartCall();
    reader->Finish(&response, &status, this);
  }
};

}  // namespace

std::vector<std::shared_ptr<grpc::Channel>> Connect(const std::string& address, int connections) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < connections; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own each
    channels.push_back(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  }
  return channels;
}

LoadResult RunUnary(const std::vector<std::shared_ptr<grpc::Channel>>& channels, const Call& call,
                    int in_flight, double seconds) {
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  for (const auto& channel : channels) stubs.push_back(std::make_unique<grpc::GenericStub>(channel));
  grpc::CompletionQueue queue;
  std::vector<Slot> slots(static_cast<size_t>(in_flight));
  const auto start = SteadyClock::now();
  const auto end =
      start + std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(seconds));
  for (size_t i = 0; i < slots.size(); ++i) {
    slots[i].stub = stubs[i % stubs.size()].get();
    slots[i].Begin(call, queue);
  }
  std::vector<double> latencies_ms;
  int64_t completed = 0, failed = 0;
  int open = in_flight;
  void* tag = nullptr;
  bool ok = false;
  while (open > 0 && queue.Next(&tag, &ok)) {
    auto& slot = *static_cast<Slot*>(tag);
    const auto now = SteadyClock::now();
    if (now < end) {
      ++completed;
      if (!slot.status.ok()) ++failed;
      latencies_ms.push_back(Milliseconds(now - slot.begun));
      slot.Begin(call, queue);
    } else {
      --open;
    }
  }
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  return Summarize(std::move(latencies_ms), completed, failed, seconds);
}

namespace {

// Counts the purchases that a stream may still send.
class Window {
 public:
  explicit Window(int size) : free_(size) {}
  void Take(int count) {
    absl::MutexLock lock(&mutex_);
    wanted_ = count;
    mutex_.Await(absl::Condition(
        +[](Window* self)
             ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) { return self->free_ >= self->wanted_; },
        this));
    free_ -= count;
  }
  void Give(int count) {
    absl::MutexLock lock(&mutex_);
    free_ += count;
  }

 private:
  absl::Mutex mutex_;
  int free_ ABSL_GUARDED_BY(mutex_);
  int wanted_ ABSL_GUARDED_BY(mutex_) = 0;
};

void FillRow(points::v1::ImportPurchasesRequest::Row& row, int members, const std::string& run,
             int64_t number, int64_t time, std::mt19937& random) {
  row.set_member_id(absl::StrCat("bench-", 1 + random() % static_cast<unsigned>(members)));
  points::v1::Purchase& purchase = *row.mutable_purchase();
  purchase.set_order_id(absl::StrCat(run, "-", number));
  purchase.mutable_purchase_time()->set_seconds(time);
  purchase.set_total_minor(1'000 + static_cast<int64_t>(random() % 5'000));
  if (purchase.lines_size() == 0) purchase.add_lines();
  purchase.mutable_lines(0)->set_quantity(1);
  purchase.mutable_lines(0)->set_amount_minor(purchase.total_minor());
}

}  // namespace

LoadResult RunImport(const std::shared_ptr<grpc::Channel>& channel, const std::string& program, int members,
                     int rows, int in_flight, double seconds) {
  using points::v1::ImportPurchasesRequest;
  using points::v1::ImportPurchasesResponse;
  auto stub = points::v1::PointsService::NewStub(channel);
  grpc::ClientContext context;
  auto stream = stub->ImportPurchases(&context);
  Window window(in_flight);
  const auto start = SteadyClock::now();
  const auto end =
      start + std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(seconds));

  int64_t completed = 0, failed = 0;
  std::thread reader([&] {
    ImportPurchasesResponse response;
    while (stream->Read(&response)) {
      window.Give(response.results_size());
      if (SteadyClock::now() >= end) continue;
      for (const auto& result : response.results()) {
        ++completed;
        if (result.has_error()) ++failed;
      }
    }
  });
  std::mt19937 random(std::random_device{}());
  const std::string run = absl::StrCat("bench-", absl::ToUnixMicros(absl::Now()));
  const int64_t time = absl::ToUnixSeconds(absl::Now());
  ImportPurchasesRequest request;
  request.set_program_id(program);
  for (int i = 0; i < rows; ++i) request.add_rows();
  int64_t number = 0;
  while (SteadyClock::now() < end) {
    window.Take(rows);
    for (int i = 0; i < rows; ++i) FillRow(*request.mutable_rows(i), members, run, ++number, time, random);
    if (!stream->Write(request)) break;
  }
  stream->WritesDone();
  reader.join();
  if (!stream->Finish().ok()) ++failed;
  return Summarize({}, completed, failed, seconds);
}

}  // namespace loyalty::bench
