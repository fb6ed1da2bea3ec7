// The membership service as a whole: what its program serves and what tests start.
#pragma once

#include <optional>
#include <string>

#include "common/server/server.h"
#include "services/membership/service/payment_calls.h"

namespace loyalty::membership {

// `payment_provider_address`: host:port, or empty for none. Default: the flag of that name.
// `payment_deadline`: of a call of the provider.
rpc::ServiceDefinition Definition(std::optional<std::string> payment_provider_address = std::nullopt,
                                  absl::Duration payment_deadline = kProviderDeadline);

}  // namespace loyalty::membership
