#include "services/surveys/domain/invitation.h"

#include <absl/strings/str_cat.h>

#include "services/surveys/domain/validate.h"

namespace loyalty::surveys {

InvitationState StateAt(const Invitation& invitation, absl::Time now) {
  const bool late = invitation.state == InvitationState::kOpen && now >= invitation.expire_time;
  return late ? InvitationState::kExpired : invitation.state;
}

std::string MakeToken(const std::array<uint8_t, kTokenBytes>& random) {
  constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string token;
  uint32_t bits = 0;
  int count = 0;
  for (const uint8_t byte : random) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 5; count -= 5) token.push_back(kAlphabet[(bits >> (count - 5)) & 31]);
  }
  return token;
}

void ValidateInvitation(const InvitationRequest& request, Violations& violations) {
  CheckText(violations, "member_id", request.member_id, kMaxIdBytes, Presence::kRequired);
  CheckText(violations, "channel", request.channel, kMaxNameBytes, Presence::kOptional);
  CheckText(violations, "segment", request.segment, kMaxNameBytes, Presence::kOptional);
  if (request.validity == absl::ZeroDuration()) return;
  CheckDuration(violations, "validity", request.validity, kMinValidity, kMaxValidity);
}

absl::StatusOr<Invitation> Invite(const Survey& survey, const InvitationRequest& request, std::string token,
                                  absl::Time now, absl::TimeZone zone) {
  LOYALTY_RETURN_IF_ERROR(CheckPublished(survey));
  Invitation invitation;
  invitation.survey_key = survey.key;
  invitation.survey_id = survey.id;
  invitation.member_id = request.member_id;
  invitation.token = std::move(token);
  invitation.channel = request.channel;
  invitation.segment = request.segment;
  invitation.create_time = now;
  invitation.create_date = absl::ToCivilDay(now, zone);
  invitation.expire_time =
      now + (request.validity == absl::ZeroDuration() ? survey.invitation_validity : request.validity);
  invitation.order_id = request.order_id;
  return invitation;
}

absl::Status CheckAnswerable(const Survey& survey, const Invitation& invitation, absl::Time now) {
  if (StateAt(invitation, now) == InvitationState::kExpired) {
    const std::string expired = absl::FormatTime(invitation.expire_time, absl::UTCTimeZone());
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kInvitationExpired,
                  absl::StrCat("The invitation expired at ", expired, "."), {{"expire_time", expired}});
  }
  return CheckPublished(survey);
}

}  // namespace loyalty::surveys
