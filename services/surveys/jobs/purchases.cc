#include "services/surveys/jobs/purchases.h"

#include "loyalty/points/v1/event.pb.h"
#include "services/surveys/service/convert.h"
#include "services/surveys/service/tell.h"
#include "services/surveys/service/token_source.h"
#include "services/surveys/storage/invitation_store.h"
#include "services/surveys/storage/survey_store.h"

namespace loyalty::surveys {
namespace {

// An invitation that an order brings about.
absl::Status InviteFor(work::Work& work, const Survey& survey, const std::string& member_id,
                       const std::string& order_id) {
  absl::StatusOr<std::string> token = NewToken();
  LOYALTY_RETURN_IF_ERROR(token.status());
  InvitationRequest request;
  request.member_id = member_id;
  request.order_id = order_id;
  absl::StatusOr<Invitation> invitation =
      Invite(survey, request, *std::move(token), work.now(), work.program().Zone());
  LOYALTY_RETURN_IF_ERROR(invitation.status());
  InsertInvitation(work.tx(), work.program().key, *invitation);
  TellInvited(work, *invitation);
  return absl::OkStatus();
}

}  // namespace

absl::Status InviteAfterPurchase(work::Work& work, const events::v1::Event& event) {
  if (event.type() != kEntryPosted) return absl::OkStatus();
  points::v1::EntryPosted posted;
  if (!event.payload().UnpackTo(&posted)) {
    return absl::InvalidArgumentError("The payload is no EntryPosted.");
  }
  const points::v1::Entry& entry = posted.entry();
  if (entry.kind() != points::v1::ENTRY_KIND_PURCHASE) return absl::OkStatus();
  const int32_t program = work.program().key;
  const absl::Time purchase_time = ToTime(entry.purchase().purchase_time());
  for (const Survey& survey : ListSurveysWaitingForPurchases(work.tx(), program)) {
    if (!Counts(survey, entry.purchase().total_minor(), purchase_time)) continue;
    const int64_t purchases = CountPurchase(work.tx(), program, survey.key, entry.member_id());
    if (!Fires(survey, purchases)) continue;
    LOYALTY_RETURN_IF_ERROR(InviteFor(work, survey, entry.member_id(), entry.purchase().order_id()));
  }
  return absl::OkStatus();
}

}  // namespace loyalty::surveys
