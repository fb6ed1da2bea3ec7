// An invitation: one member may answer one survey once, with a token that nobody can guess.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <array>
#include <cstdint>
#include <string>

#include "common/status/status.h"
#include "services/surveys/domain/survey.h"

namespace loyalty::surveys {

enum class InvitationState { kOpen = 1, kAnswered = 2, kExpired = 3 };

struct Invitation {
  int64_t id = 0;  // unique in the program; storage gives it
  int64_t survey_key = 0;
  std::string survey_id;
  std::string member_id;
  // Kept as it is, not as a hash: the event that a mailer reads, and the answer of a repeated call, hold it
  // anyway.
  std::string token;
  std::string channel;  // through which it is sent; the caller's word
  std::string segment;  // the label by which scores are grouped; the caller's word
  absl::Time create_time;
  absl::CivilDay create_date;  // in the program's zone
  absl::Time expire_time;      // from then on it takes no answer
  InvitationState state = InvitationState::kOpen;
  absl::Time answer_time = absl::InfiniteFuture();  // which stands for: not answered
  std::string order_id;                             // the purchase that triggered it; empty: made by a call
  bool operator==(const Invitation&) const = default;
};

// The state that holds at `now`, whether or not the job that stores the expiry has run.
InvitationState StateAt(const Invitation& invitation, absl::Time now);

inline constexpr size_t kTokenBytes = 20;
// 32 characters of a-z and 2-7 (base 32): 160 bits, which the caller takes from the system's random source.
std::string MakeToken(const std::array<uint8_t, kTokenBytes>& random);

struct InvitationRequest {
  std::string member_id;
  std::string channel;
  std::string segment;
  absl::Duration validity = absl::ZeroDuration();  // zero: the survey's
  std::string order_id;                            // of a triggered one
};

// Adds everything that is wrong with a request.
void ValidateInvitation(const InvitationRequest& request, Violations& violations);

// A new invitation. FAILED_PRECONDITION, reason SURVEY_STATE_FORBIDS, unless the survey is published.
absl::StatusOr<Invitation> Invite(const Survey& survey, const InvitationRequest& request, std::string token,
                                  absl::Time now, absl::TimeZone zone);

// OK if an invitation that was not answered may be answered now; FAILED_PRECONDITION with reason
// INVITATION_EXPIRED (`expire_time`) or SURVEY_STATE_FORBIDS.
absl::Status CheckAnswerable(const Survey& survey, const Invitation& invitation, absl::Time now);

}  // namespace loyalty::surveys
