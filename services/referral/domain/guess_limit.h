// Keeps the guessing of codes slow and visible: how many unknown codes with the same first letters may be
// asked for. Who asks for codes that exist is not slowed, unless somebody guesses codes that begin as theirs.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>

namespace loyalty::referral {

// Not safe for several threads at once.
class GuessLimit {
 public:
  static constexpr size_t kPrefixBytes = 2;
  static constexpr int kBurst = 30;
  static constexpr absl::Duration kRefill = absl::Seconds(2);
  // It remembers so many programs and prefixes; past that it forgets all of them.
  static constexpr size_t kMostPrefixes = 100'000;

  // RESOURCE_EXHAUSTED, reason TOO_MANY_GUESSES, while the prefix of this normalized code has no guess left.
  absl::Status Admit(absl::string_view program_id, absl::string_view code, absl::Time now) const;
  // Nobody had this normalized code: that was a guess.
  void Missed(absl::string_view program_id, absl::string_view code, absl::Time now);

 private:
  // By program and prefix: when all guesses are back.
  absl::flat_hash_map<std::string, absl::Time> full_times_;
};

}  // namespace loyalty::referral
