// Opaque page tokens: where the next page begins, bound to the filter that the list was made with.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <string>

#include "common/status/fingerprint.h"

namespace loyalty::rpc {

std::string MakePageToken(const Digest& filter, absl::string_view cursor);

// The cursor. INVALID_ARGUMENT, reason PAGE_TOKEN_INVALID, for a token that was not made for this filter.
absl::StatusOr<std::string> ReadPageToken(const Digest& filter, absl::string_view token);

// The error for a token whose cursor cannot be read.
absl::Status PageTokenInvalid();

// The page size to use: `fallback` for 0, at most `cap`. INVALID_ARGUMENT, reason NEGATIVE, below 0.
absl::StatusOr<int> PageSize(int asked, int fallback, int cap);

}  // namespace loyalty::rpc
