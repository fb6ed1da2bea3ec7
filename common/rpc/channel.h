// How a service of the suite reaches another one.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace loyalty::rpc {

// A channel that connects when it is first used, and spreads its calls over all addresses that the name has:
// with `dns:///name:port` of a headless Kubernetes Service, over all its pods.
std::shared_ptr<grpc::Channel> Connect(const std::string& address);

}  // namespace loyalty::rpc
