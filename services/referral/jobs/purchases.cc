#include "services/referral/jobs/purchases.h"

#include "loyalty/points/v1/event.pb.h"
#include "services/referral/service/convert.h"
#include "services/referral/service/referral_work.h"

namespace loyalty::referral {

absl::Status TakePurchaseOrReturn(work::Work& work, const events::v1::Event& event) {
  if (event.type() != kEntryPosted) return absl::OkStatus();
  points::v1::EntryPosted posted;
  if (!event.payload().UnpackTo(&posted)) {
    return absl::InvalidArgumentError("The payload is no EntryPosted.");
  }
  const points::v1::Entry& entry = posted.entry();
  const bool is_purchase = entry.kind() == points::v1::ENTRY_KIND_PURCHASE;
  if (!is_purchase && entry.kind() != points::v1::ENTRY_KIND_RETURN) return absl::OkStatus();
  if (is_purchase) {
    if (!entry.has_purchase()) return absl::InvalidArgumentError("The entry does not say what was bought.");
    const points::v1::Purchase& bought = entry.purchase();
    const auto referral = ReferralWork(work).Buy(
        entry.member_id(), {bought.order_id(), bought.total_minor(), ToTime(bought.purchase_time())});
    // The shop reported the order by RecordQualifyingEvent, for somebody else: only that one counts.
    return absl::IsAlreadyExists(referral.status()) ? absl::OkStatus() : referral.status();
  }
  ReferralWork(work).TakeReturn({entry.order_id(), entry.return_id(), entry.returned_minor()});
  return absl::OkStatus();
}

}  // namespace loyalty::referral
