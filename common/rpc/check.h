// Checks of texts that common services take. Reasons are those of their contracts.
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/strings/string_view.h>

#include <string>

#include "common/status/status.h"

namespace loyalty::rpc {

inline constexpr size_t kMaxIdBytes = 100;  // programs, members, actors, sources
inline constexpr size_t kMaxRequestIdBytes = 64;

// Adds what is wrong with a text: missing, too long, or with a NUL, which PostgreSQL cannot store.
inline void CheckText(Violations& violations, const std::string& field, absl::string_view text, size_t limit,
                      bool required) {
  if (text.empty() && required) violations.Add(field, "FIELD_REQUIRED", "must not be empty.");
  if (text.size() > limit) {
    violations.Add(field, "TOO_LONG",
                   absl::StrCat("has ", text.size(), " bytes, at most ", limit, " are allowed."),
                   {{"length", absl::StrCat(text.size())}, {"limit", absl::StrCat(limit)}});
  }
  if (text.find('\0') != absl::string_view::npos) violations.Add(field, "MALFORMED", "must not contain NUL.");
}

}  // namespace loyalty::rpc
