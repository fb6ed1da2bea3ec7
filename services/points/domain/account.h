// The state of an account, as a batch has it in memory.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "services/points/domain/labels.h"
#include "services/points/domain/lots.h"
#include "services/points/domain/profile.h"
#include "services/points/domain/rule_use.h"
#include "services/points/domain/tier.h"

namespace loyalty::points {

// Points that were awarded and cannot be spent yet.
struct PendingLot {
  int64_t sequence = 0;  // of the entry that awarded them
  int32_t part = 0;      // which of that entry's lots
  absl::Time earned_time;
  absl::Time expire_time = absl::InfiniteFuture();
  absl::Time mature_time = absl::InfiniteFuture();  // the infinite future: until the order is confirmed
  int64_t points = 0;                               // that are left; 0: it is gone
  int64_t stored = 0;                               // what storage holds; 0: it is not there
};

// Points that are set aside.
struct Hold {
  int64_t sequence = 0;  // of the entry that did it
  absl::Time until;      // then they are released
  int64_t points = 0;    // 0: it is gone
  std::vector<LotUse> uses;
  bool stored = false;
};

// The last local year in which each feast was celebrated, or passed before it was to be; below zero: that
// year, and the program does not celebrate it any more; 0: it never was.
struct Celebrated {
  int32_t birthday_year = 0;
  int32_t anniversary_year = 0;
  bool operator==(const Celebrated&) const = default;
};

// What follows from the entries of a member beside points.
struct MemberState {
  Standing standing;
  RuleUses uses;
  Celebrated celebrated;
  int32_t expiry_changes = 0;  // of the program's that the account has been through
  bool operator==(const MemberState&) const = default;
};

struct Account {
  int64_t id = 0;
  int64_t balance = 0;  // that can be spent
  int64_t pending = 0;
  int64_t held = 0;
  int64_t debt = 0;
  int64_t purchases = 0;                          // recorded and not given back as a whole
  absl::Time active_time = absl::InfinitePast();  // of the last earning or spending
  int64_t last_sequence = 0;
  int64_t stored_sequence = 0;  // last_sequence as storage holds it
  absl::Time last_recorded_time = absl::InfinitePast();
  absl::Time enroll_time = absl::InfinitePast();
  // Nothing is due before it: points that lapse or mature, holds that end, tiers that change.
  absl::Time next_due_time = absl::InfiniteFuture();
  // The same, of what is in storage only.
  absl::Time unloaded_due_time = absl::InfiniteFuture();
  absl::Time stored_due_time = absl::InfiniteFuture();  // next_due_time as storage holds it
  std::shared_ptr<const MemberLabels> labels;           // null: none
  std::shared_ptr<const MemberState> state;             // null: as it begins
  std::shared_ptr<const Profile> profile;               // null: nothing is known
  absl::Time close_time = absl::InfiniteFuture();  // when the member left; the infinite future: still here
  int64_t merged_into = 0;                         // the account that has everything of this one; 0: none
  Lots lots;
  std::vector<PendingLot>
      pending_lots;         // all, where something is due or a command asks; otherwise the new ones
  std::vector<Hold> holds;  // the same
  bool changed = false;
  bool labels_changed = false;
  bool state_changed = false;
  bool member_changed = false;  // the profile, or that the member left, or that the account was merged

  bool IsClosed() const { return close_time != absl::InfiniteFuture(); }

  void DueBy(absl::Time time) { next_due_time = std::min(next_due_time, time); }
};

}  // namespace loyalty::points
