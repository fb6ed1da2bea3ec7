// One line of a member's ledger.
//
// An entry changes four numbers of an account: the points that can be spent, those that are pending, those
// that are held, and what the member owes. `points + pending + held − debt` is what it brought in (above
// zero) or took out; entries that only move points from one to the other come to 0.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/points/domain/earn_rule.h"
#include "services/points/domain/labels.h"
#include "services/points/domain/purchase.h"

namespace loyalty::points {

enum class EntryKind {
  kPurchase = 1,
  kEarn = 2,
  kSpend = 3,
  kAdjust = 4,
  kReversal = 5,  // points of an award are taken back
  kReturn = 6,    // an order, or a part of it
  kLabel = 7,     // no points move
  kActivity = 8,  // a deed that is no purchase
  kMaturity = 9,  // pending points can be spent
  kHold = 10,     // points are set aside
  kCapture = 11,  // held points are spent; the rest of the hold is released
  kRelease = 12,  // held points can be spent again
  kExpiry = 13,   // points lapse
  kRestore = 14,  // spent points are given back
  kTier = 15,     // the tier changes; no points move
  kTransferOut = 16,
  kTransferIn = 17,
  kFee = 18,           // of a transfer
  kDonation = 19,      // to a charity's account, by a rule or a reward
  kRedemption = 20,    // points are used for a reward
  kFulfillment = 21,   // the reward of a redemption was handed over; no points move
  kProfile = 22,       // what is known of the member; no points move
  kForfeit = 23,       // the member left: the points that are given up
  kMergeOut = 24,      // to the account of another member, who is the same person
  kMergeIn = 25,       // from there
  kExpiryChange = 26,  // points lapse at another time; none move
};
inline constexpr int kEntryKinds = 26;

// What one rule gave for a deed.
struct Award {
  std::string rule_id;
  int64_t points = 0;
  Maturity maturity;
  std::vector<int64_t> lines;  // its share of each line; empty: the order has fewer than two
  bool operator==(const Award&) const = default;
};

// Points of one lot that an entry took; below zero: that it gave back.
struct LotUse {
  int64_t lot_sequence = 0;  // of the entry that brought the lot in
  int64_t points = 0;
  absl::Time earned_time;
  absl::Time expire_time = absl::InfiniteFuture();
  int32_t part = 0;
  bool operator==(const LotUse&) const = default;
};

// A lot that an entry brought in.
struct NewLot {
  int64_t points = 0;
  absl::Time earned_time;
  absl::Time expire_time = absl::InfiniteFuture();
  absl::Time mature_time =
      absl::InfinitePast();  // later: pending; the infinite future: until it is confirmed
  // Which lot it was, of an account that was merged into this one, or before its expiry changed; 0: none.
  int64_t from_sequence = 0;
  int32_t from_part = 0;
  bool operator==(const NewLot&) const = default;
};

// The other side of an entry that concerns two accounts.
struct Counterpart {
  int64_t account_id = 0;
  int64_t sequence = 0;
  bool operator==(const Counterpart&) const = default;
};

// A change of tier.
struct TierChange {
  std::string from_tier_id;                          // empty: none
  std::string to_tier_id;                            // empty: none
  absl::Time override_until = absl::InfinitePast();  // later: by hand, until then
  bool operator==(const TierChange&) const = default;
};

struct Entry {
  int64_t sequence = 0;
  EntryKind kind = EntryKind::kEarn;
  int64_t points = 0;         // the change of what can be spent
  int64_t pending = 0;        // the change of what is pending
  int64_t held = 0;           // the change of what is held
  int64_t debt = 0;           // the change of what is owed
  int64_t balance_after = 0;  // what can be spent
  absl::Time occurred_time;
  absl::Time recorded_time;
  std::string request_id;
  std::string order_id;
  std::string rule_id;
  std::string reason;
  std::string actor;
  std::string channel;
  std::string location;
  std::vector<NewLot> lots;  // that it brought in; part i is lots[i]
  std::vector<LotUse> lot_uses;
  std::string cause;
  std::vector<Award> awards;           // of a deed that more than the base rate gave to: all, the base first
  std::vector<Considered> considered;  // every rule that a deed was held against, by id
  int64_t corrected_sequence =
      0;  // the entry of the account that it takes back from, gives back, matures, ends
  int64_t corrected_account =
      0;                       // where that stands: an account that was merged into this one; 0: in this one
  int64_t shortfall = 0;       // points that it should have taken, and the member did not have
  std::string return_id;       // of a return
  int64_t returned_minor = 0;  // of a return
  int64_t paid_minor = 0;      // of a spending: what the points are worth as payment of its order
  std::vector<ReturnedLine> returned_lines;      // of a return by lines
  std::optional<MemberLabel> label;              // of a label
  std::optional<TierChange> tier;                // of a tier
  std::optional<Counterpart> counterpart;        // of a transfer, a donation, a merger
  absl::Time hold_until = absl::InfinitePast();  // of a hold
  std::string activity_type, activity_id;        // of an activity
  std::string reward_id;         // of a redemption, its fulfillment, its restoring, and a reward's donation
  std::string code;              // that the redemption handed out
  bool counts_for_tier = false;  // of an award: the program had tiers then
  std::optional<Purchase> purchase;  // only in lists

  // What came in, or went out.
  int64_t Net() const { return points + pending + held - debt; }
};

}  // namespace loyalty::points
