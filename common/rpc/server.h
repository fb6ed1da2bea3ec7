// Moved: the server binds what stands on the adapter.
#pragma once

#include "common/server/server.h"  // IWYU pragma: export
