// Closed-loop load over gRPC: N calls are always in flight, each answer begins the next call.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace loyalty::bench {

struct LoadResult {
  double per_second = 0;
  int64_t completed = 0;
  int64_t failed = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double p999_ms = 0;
};

// What to call. `method` is the full path; `make` gives the next request's bytes.
struct Call {
  std::string method;
  std::function<grpc::ByteBuffer()> make;
};

std::vector<std::shared_ptr<grpc::Channel>> Connect(const std::string& address, int connections);

// Both kinds of unary call, the no-op and the real one, go through this same client.
LoadResult RunUnary(const std::vector<std::shared_ptr<grpc::Channel>>& channels, const Call& call,
                    int in_flight, double seconds);

// ImportPurchases over one stream: messages of `rows` new purchases for members of `program`, at most
// `in_flight` purchases unanswered. Takes no latencies.
LoadResult RunImport(const std::shared_ptr<grpc::Channel>& channel, const std::string& program, int members,
                     int rows, int in_flight, double seconds);

}  // namespace loyalty::bench
