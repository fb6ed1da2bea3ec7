// Codes: what a referrer hands to friends. Generated ones are short and cannot be mistaken or guessed; vanity
// ones are chosen. Case does not count; codes are kept in lower case.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>

#include "common/status/status.h"

namespace loyalty::referral {

inline constexpr int64_t kMinCodeLength = 6;  // generated: 31^6 = 887 million
inline constexpr int64_t kMaxCodeLength = 12;
inline constexpr size_t kMinVanityBytes = 3;
inline constexpr size_t kMaxVanityBytes = 50;

// Without 0, 1, i, l and o, which are mistaken for each other.
inline constexpr absl::string_view kCodeAlphabet = "23456789abcdefghjkmnpqrstuvwxyz";

enum class CodeKind { kGenerated = 1, kVanity = 2 };

struct Code {
  std::string code;  // normalized
  CodeKind kind = CodeKind::kGenerated;
  std::string campaign_id;
  std::string member_id;  // the referrer
  absl::Time create_time;
};

// Gives that many random bytes, from a cryptographic generator.
using RandomBytes = absl::FunctionRef<std::string(size_t)>;

struct CodeFormat {
  absl::string_view alphabet = kCodeAlphabet;  // 2 to 256 characters
  int64_t length = 7;
};

// A code, each character equally likely (bytes that would favour some are thrown away); never a blocked one.
std::string GenerateCode(const CodeFormat& format, RandomBytes random);

// As codes are kept and compared: without spaces around it, lower case (ASCII).
std::string NormalizeCode(absl::string_view text);

// True if the normalized code holds a word of the block list, also with digits for letters ("455"). A chosen
// one may hold some of them inside of a longer word ("grape").
bool IsBlocked(absl::string_view code, CodeKind kind);

// Adds what is wrong with a normalized vanity code: 3 to 50 characters of a-z, 0-9 and '-'.
void CheckVanityCode(Violations& violations, std::string field, absl::string_view code);
// FAILED_PRECONDITION, reason CODE_BLOCKED, for a vanity code that holds such a word.
absl::Status CheckNotBlocked(absl::string_view code);

// NOT_FOUND, reason CODE_NOT_FOUND.
absl::Status CodeNotFound(absl::string_view code);

}  // namespace loyalty::referral
