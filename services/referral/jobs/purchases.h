// Purchases and returns of friends: what the points service's events bring about.
#pragma once

#include "common/work/work.h"
#include "loyalty/events/v1/event.pb.h"

namespace loyalty::referral {

// The type of event that matters here.
inline constexpr char kEntryPosted[] = "loyalty.points.v1.EntryPosted";

// Takes in a purchase of any member, or a return. Other events change nothing. INVALID_ARGUMENT for a payload
// that cannot be read. To be called once for each event.
//
// At most one in a transaction: several would lock members, referrals and referrers across the order in which
// calls lock them.
absl::Status TakePurchaseOrReturn(work::Work& work, const events::v1::Event& event);

}  // namespace loyalty::referral
