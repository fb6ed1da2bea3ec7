#include "common/status/fingerprint.h"

#include <openssl/sha.h>

#include <algorithm>

namespace loyalty {

Digest Fingerprint::Finish() const {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> full;
  SHA256(reinterpret_cast<const uint8_t*>(bytes_.data()), bytes_.size(), full.data());
  Digest digest;
  std::copy_n(full.begin(), digest.size(), digest.begin());
  return digest;
}

std::string ToHex(const Digest& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const uint8_t byte : digest) {
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

Digest DigestFromHex(absl::string_view hex) {
  Digest digest{};
  size_t digits = 0;
  for (const char c : hex) {
    if (c == '-' || digits == 2 * digest.size()) continue;
    const int value = c <= '9' ? c - '0' : c - 'a' + 10;
    digest[digits / 2] = static_cast<uint8_t>(digest[digits / 2] << 4 | value);
    ++digits;
  }
  return digest;
}

}  // namespace loyalty
