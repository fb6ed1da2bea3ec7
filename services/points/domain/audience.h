// Dated awards to an audience: on a customer day, points for every member of whom something holds.
//
// An award reaches the program's accounts one after the other, by their numbers, and gives each that is meant
// an Earn whose request id is the award's and the account's: so no member is given it twice, whatever breaks.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "services/points/domain/command.h"
#include "services/points/domain/labels.h"

namespace loyalty::points {

// All of it has to hold; what is empty asks nothing.
struct Audience {
  std::string member_label;  // of the member's own, at the award's time
  std::string segment;
  std::vector<std::string> tier_ids;  // one of them is shown
  bool operator==(const Audience&) const = default;
};

enum class AudienceAwardState { kScheduled = 1, kRunning = 2, kDone = 3, kCancelled = 4 };

struct AudienceAward {
  std::string id;  // the caller's
  int64_t points = 0;
  absl::Time time = absl::InfinitePast();  // the past: at once, until it is stored
  bool at_once = false;                    // the caller named no time
  Audience audience;
  std::string reason;
  std::string actor;
  AudienceAwardState state = AudienceAwardState::kScheduled;
  int64_t position = 0;  // the last account that was reached
  int64_t awarded_members = 0;
  int64_t skipped_members = 0;  // who could not take the points
  absl::Time create_time;
  std::optional<absl::Time> done_time;
};

// So that the request ids made of it are not longer than those of callers.
inline constexpr size_t kMaxAwardIdBytes = 32;
inline constexpr int64_t kMaxAudiencePoints = 1'000'000'000;
inline constexpr size_t kMaxAudienceTiers = 20;
inline constexpr size_t kMaxOpenAudienceAwards = 100;  // of a program

// Adds everything that is wrong with an award, but that its time may have passed.
void ValidateAudienceAward(const AudienceAward& award, Violations& violations);

// True if both ask for the same; who asked does not count.
bool SameAudienceAward(const AudienceAward& a, const AudienceAward& b);

// A member, as far as audiences ask.
struct Listener {
  const MemberLabels& labels;
  const std::string& segment;
  const std::string& tier_id;
  absl::Time enroll_time;
};

// True if an award of that time is for the member.
bool IsIn(const Audience& audience, const Listener& member, absl::Time time);

// "audience:<award id>": what an entry says it follows from.
std::string CauseOf(const AudienceAward& award);
// What the request ids of its givings begin with; the account follows.
std::string RequestPrefix(const std::string& award_id);
// What all of these begin with, and no other request id does.
inline constexpr char kAudienceRequests[] = "audience:";

// What gives a member the points.
Command EarnOf(const AudienceAward& award, const std::string& member_id, int64_t account_id);

}  // namespace loyalty::points
