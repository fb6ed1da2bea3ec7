// The membership service as a whole: what its program serves and what tests start.
#pragma once

#include "common/rpc/server.h"

namespace loyalty::membership {

rpc::ServiceDefinition Definition();

}  // namespace loyalty::membership
