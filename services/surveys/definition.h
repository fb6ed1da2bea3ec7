// The surveys service as a whole: what its program serves and what tests start.
#pragma once

#include "common/server/server.h"

namespace loyalty::surveys {

rpc::ServiceDefinition Definition();

}  // namespace loyalty::surveys
