// A program's policies as JSON text, for a column of the program's row.
//
//   {"expiry": {"kind": 2, "months": 12, "round_up": 2}, "returns": 3}
//
// Enums are their numbers. What equals the default is left out, so a program that says nothing has "{}".
#pragma once

#include <absl/strings/string_view.h>

#include <string>

#include "services/points/domain/program.h"

namespace loyalty::points {

std::string PoliciesToJson(const Policies& policies);

// Throws nlohmann::json::exception for what PoliciesToJson did not write. Unknown keys are skipped.
Policies PoliciesFromJson(absl::string_view text);

}  // namespace loyalty::points
