// Tokens of invitations.
#pragma once

#include <absl/status/statusor.h>

#include <string>

namespace loyalty::surveys {

// A new one, from the cryptographic random source. INTERNAL if that fails.
absl::StatusOr<std::string> NewToken();

}  // namespace loyalty::surveys
