#include "services/surveys/service/tell.h"

#include "loyalty/surveys/v1/event.pb.h"
#include "services/surveys/service/convert.h"

namespace loyalty::surveys {

void TellInvited(work::Work& work, const Invitation& invitation) {
  v1::InvitationCreated event;
  *event.mutable_invitation() = ToProto(invitation, work.now());
  const std::string cause = invitation.order_id.empty() ? CauseOfSurvey(invitation.survey_id)
                                                        : absl::StrCat("order:", invitation.order_id);
  work.Emit(event, {.member_id = invitation.member_id, .cause = cause});
}

void TellExpired(work::Work& work, const Invitation& invitation) {
  v1::InvitationExpired event;
  event.set_invitation_id(invitation.id);
  event.set_survey_id(invitation.survey_id);
  work.Emit(event, {.member_id = invitation.member_id,
                    .cause = CauseOfInvitation(invitation.id),
                    .actor = kClockActor,
                    .occurred_time = invitation.expire_time});
}

void TellEscalated(work::Work& work, const Case& c) {
  v1::CaseEscalated event;
  *event.mutable_case_() = ToProto(c, work.now());
  work.Emit(event, {.member_id = c.member_id,
                    .cause = CauseOfCase(c.id),
                    .actor = kClockActor,
                    .occurred_time = c.escalate_time});
}

}  // namespace loyalty::surveys
