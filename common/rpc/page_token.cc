#include "common/rpc/page_token.h"

#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/status/status.h"

namespace loyalty::rpc {
namespace {

// Half of the filter's fingerprint is enough to tell a mistake.
std::string Prefix(const Digest& filter) { return ToHex(filter).substr(0, 16); }

}  // namespace

std::string MakePageToken(const Digest& filter, absl::string_view cursor) {
  return absl::WebSafeBase64Escape(absl::StrCat(Prefix(filter), cursor));
}

absl::StatusOr<std::string> ReadPageToken(const Digest& filter, absl::string_view token) {
  std::string text;
  const std::string prefix = Prefix(filter);
  if (absl::WebSafeBase64Unescape(token, &text) && absl::StartsWith(text, prefix))
    return text.substr(prefix.size());
  return PageTokenInvalid();
}

absl::Status PageTokenInvalid() {
  Violations violations;
  violations.Add("page_token", "PAGE_TOKEN_INVALID",
                 "is not from this list with this filter. Begin again without a token.");
  return violations.ToStatus();
}

absl::StatusOr<int> PageSize(int asked, int fallback, int cap) {
  if (asked < 0) {
    Violations violations;
    violations.Add("page_size", "NEGATIVE", "must be 0 or more.");
    return violations.ToStatus();
  }
  return asked == 0 ? fallback : std::min(asked, cap);
}

}  // namespace loyalty::rpc
