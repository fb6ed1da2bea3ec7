// The history of a small coffee shop for `loyalty demo`: plausible, and the same each time.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace loyalty::cli {

// CSV as `loyalty import` reads it: `rows` purchases of about 400 members in the year before `end`, oldest
// first. An order is the same whatever `rows` is.
std::string DemoPurchases(int rows, absl::Time end);

}  // namespace loyalty::cli
