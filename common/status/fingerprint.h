// A fingerprint of a command's content, by which a repeated request is told from another one that uses its
// id.
//
// Fields are added in a fixed order, each with its length, so that no two different contents run together.
// Stored fingerprints come from little-endian machines. The first 128 bits of SHA-256: with 10^12 contents
// the chance of one false match is below 10^-14.
#pragma once

#include <absl/strings/string_view.h>

#include <array>
#include <cstdint>
#include <string>

namespace loyalty {

using Digest = std::array<uint8_t, 16>;

class Fingerprint {
 public:
  Fingerprint& Add(absl::string_view text) {
    Add(static_cast<int64_t>(text.size()));
    bytes_.append(text.data(), text.size());
    return *this;
  }
  Fingerprint& Add(int64_t number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof(number));
    return *this;
  }
  Digest Finish() const;

 private:
  std::string bytes_;
};

// 32 hexadecimal digits; the reverse also takes the dashes that PostgreSQL's uuid prints.
std::string ToHex(const Digest& digest);
Digest DigestFromHex(absl::string_view hex);

}  // namespace loyalty
