#include "common/rpc/channel.h"

namespace loyalty::rpc {

constexpr int kLongestPauseMs = 5'000;  // between two attempts to connect; gRPC's own is two minutes

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestPauseMs);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace loyalty::rpc
