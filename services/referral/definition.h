// The referral service as a whole: what its program serves and what tests start.
#pragma once

#include "common/server/server.h"

namespace loyalty::referral {

rpc::ServiceDefinition Definition();

}  // namespace loyalty::referral
