// The membership service as a whole: what its program serves and what tests start.
#pragma once

#include <optional>
#include <string>

#include "common/server/server.h"

namespace loyalty::membership {

// `payment_provider_address`: host:port, or empty for none. Default: the flag of that name.
rpc::ServiceDefinition Definition(std::optional<std::string> payment_provider_address = std::nullopt);

}  // namespace loyalty::membership
