// Surveys that ask after a purchase: what the points service's events bring about.
#pragma once

#include "common/work/work.h"
#include "loyalty/events/v1/event.pb.h"

namespace loyalty::surveys {

// The type of event that matters here.
inline constexpr char kEntryPosted[] = "loyalty.points.v1.EntryPosted";

// Counts a purchase for every survey that waits for purchases, and invites the member where it is the one
// that invites. Other events change nothing. INVALID_ARGUMENT for a payload that cannot be read.
absl::Status InviteAfterPurchase(work::Work& work, const events::v1::Event& event);

}  // namespace loyalty::surveys
