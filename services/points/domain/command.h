// What can be asked of the ledger.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/status/fingerprint.h"
#include "services/points/domain/entry.h"
#include "services/points/domain/labels.h"
#include "services/points/domain/profile.h"
#include "services/points/domain/purchase.h"
#include "services/points/domain/tier.h"

namespace loyalty::points {

// The kinds of command. Points are above zero, where nothing else is said.
struct Earn {
  int64_t points = 0;
  std::string cause;  // in another service: "referral:17"
};
struct Spend {
  int64_t points = 0;
  std::string order_id;
  int64_t order_total_minor = 0;  // of the order that they pay for; 0: not said, and not checked
};
struct Adjust {
  int64_t points = 0;  // with a sign
};
struct RecordPurchase {
  Purchase purchase;
};
struct RecordActivity {
  Activity activity;
};
// Takes back points of an award, or gives back those of a spending.
struct ReverseEntry {
  std::string reversed_request_id;
  int64_t points = 0;  // 0: all that was not reversed
};
struct RecordReturn {
  std::string order_id;
  std::string return_id;
  int64_t amount_minor = 0;         // 0, and no lines: all that is left of the order
  std::vector<ReturnedLine> lines;  // in place of an amount
};
// The order's pending points can be spent from now on; or they and all else that the order brought is undone.
struct ConfirmPurchase {
  std::string order_id;
};
struct CancelPurchase {
  std::string order_id;
};
struct SetMemberLabel {
  MemberLabel label;
};
struct ReservePoints {
  int64_t points = 0;
  absl::Duration time_to_live;  // kLeastHold to kLongestHold
  std::string order_id;
  int64_t order_total_minor = 0;  // of the order that they are to pay for; 0: not said, and not checked
};
inline constexpr absl::Duration kLeastHold = absl::Seconds(1);
inline constexpr absl::Duration kLongestHold = absl::Hours(24 * 366);
struct CapturePoints {
  std::string hold_request_id;  // the ReservePoints'
  int64_t points = 0;           // 0: all; what is less is released
};
struct ReleasePoints {
  std::string hold_request_id;
};
struct TransferPoints {
  std::string to_member_id;
  int64_t points = 0;  // that arrive
};
// An override of the tier, or its end.
struct SetTier {
  std::optional<Standing::Override> override_;
};
struct RedeemReward {
  std::string reward_id;
  std::string order_id;           // that it is redeemed for, if any
  int64_t order_total_minor = 0;  // of that order; 0: not said
  std::string random;             // kMostCodeLength characters, for a reward that makes its codes
};
// The reward was handed over; or it is taken back, and the points, the piece and the code are free again.
struct FulfillRedemption {
  std::string redemption_request_id;  // the RedeemReward's
};
struct CancelRedemption {
  std::string redemption_request_id;
};
// Only brings the account up to date.
struct CatchUp {};
// What is known of a member; of `profile` only the fields that are named.
struct UpdateProfile {
  Profile profile;
  bool birthday = false, segment = false, referrer = false, attributes = false;
};
// Whether the member may be contacted through a channel for a purpose.
struct SetConsent {
  std::string channel;
  std::string purpose;
  bool granted = false;
};
// The member leaves, for good.
struct CloseMember {};
// Two members are one person: all that `from` has goes to the command's member. Decided alone (StandsAlone).
struct MergeMembers {
  std::string from_member_id;
};

struct Command {
  std::string member_id;   // empty only for a return, whose order says it
  std::string request_id;  // empty only for an imported purchase, which its order id identifies, and CatchUp
  bool validate_only = false;
  std::optional<absl::Time> occurred_time;  // of an award or a return; otherwise the purchase's time, or now
  std::string reason;
  std::string actor;
  std::string channel;   // of a purchase: in the purchase
  std::string location;  // of a purchase: in the purchase
  std::variant<Earn, Spend, Adjust, RecordPurchase, ReverseEntry, RecordReturn, SetMemberLabel,
               RecordActivity, ConfirmPurchase, CancelPurchase, ReservePoints, CapturePoints, ReleasePoints,
               TransferPoints, SetTier, CatchUp, RedeemReward, FulfillRedemption, CancelRedemption,
               UpdateProfile, SetConsent, CloseMember, MergeMembers>
      action;
};

// Tells a repeated request from another one under the same id: all that the command says but its request id.
Digest ContentOf(const Command& command);

// The answer to a command.
struct Receipt {
  Entry entry;            // of a CatchUp: the last that it posted; sequence 0: nothing was due
  bool replayed = false;  // the entry is that of an earlier request
  std::string member_id;  // whose it is, if the command did not say
};

}  // namespace loyalty::points
