#include "services/referral/domain/guess_limit.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/status/status.h"
#include "services/referral/domain/reason.h"

namespace loyalty::referral {
namespace {

std::string KeyOf(absl::string_view program_id, absl::string_view code) {
  return absl::StrCat(program_id, "/", code.substr(0, GuessLimit::kPrefixBytes));
}

}  // namespace

absl::Status GuessLimit::Admit(absl::string_view program_id, absl::string_view code, absl::Time now) const {
  const auto full_time = full_times_.find(KeyOf(program_id, code));
  if (full_time == full_times_.end() || full_time->second - now <= (kBurst - 1) * kRefill) {
    return absl::OkStatus();
  }
  const std::string prefix(code.substr(0, kPrefixBytes));
  return Refuse(absl::StatusCode::kResourceExhausted, reason::kTooManyGuesses,
                absl::StrCat("Too many unknown codes that begin with '", prefix,
                             "' were asked for. Try again in some seconds."),
                {{"prefix", prefix}});
}

void GuessLimit::Missed(absl::string_view program_id, absl::string_view code, absl::Time now) {
  if (full_times_.size() >= kMostPrefixes) full_times_.clear();
  absl::Time& full_time = full_times_.try_emplace(KeyOf(program_id, code), now).first->second;
  full_time = std::max(full_time, now) + kRefill;
}

}  // namespace loyalty::referral
