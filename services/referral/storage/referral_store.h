// Referrals of one program and what counts for their referrers, in a transaction of the caller's.
//
//   ReferralStore store(tx, program_key);
//   store.NotePurchase(member_id, purchase.time);               // locks the member
//   if (std::optional<Case> found = store.LockByFriend(member_id)) {
//     const Decision decision = RecordPurchase(*found, purchase, context);
//     store.Save(*found, decision, context);                    // then send decision.awards and .reversals
//   }
//
// Locks are taken in one order: the member, the referral, its referrer. One referral a transaction: two of
// one referrer could wait for each other.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/referral/domain/referral.h"

namespace loyalty::referral {

class ReferralStore {
 public:
  ReferralStore(postgres::Transaction& tx, int32_t program_key) : tx_(tx), program_key_(program_key) {}

  // Locks the member against claims and purchases at the same time; true if a purchase is known.
  bool LockBuyer(const std::string& member_id);
  // The same lock, and notes the purchase.
  void NotePurchase(const std::string& member_id, absl::Time purchase_time);

  // Writes a claim, gives it its id and counts it for the referrer; false, and nothing is written, if the
  // friend was claimed before.
  bool Insert(Referral& claim, const Context& context);

  // With the terms of its version and its referrer's counters, locked.
  std::optional<Case> Lock(int64_t referral_id);
  std::optional<Case> LockByFriend(const std::string& friend_id);
  std::optional<Case> LockByOrder(const std::string& order_id);
  // The id of the referral that the order has qualified; locks nothing.
  std::optional<int64_t> FindByOrder(const std::string& order_id);
  // Writes what a decision changed.
  void Save(const Case& of, const Decision& decision, const Context& context);

  // Referrals on which CatchUp has something to do, the longest due first; not locked: lock, and catch up,
  // one by one. And when there is one next.
  std::vector<int64_t> ListDue(absl::Time now, int limit);
  std::optional<absl::Time> NextDue();

 private:
  void InsertTransitions(int64_t referral_id, const std::vector<Transition>& transitions);

  postgres::Transaction& tx_;
  const int32_t program_key_;
};

// Up to `limit` programs with referrals that are due: at `now`, or by the program's test clock.
std::vector<int32_t> ProgramsWithDueReferrals(postgres::Transaction& tx, absl::Time now, int limit);

}  // namespace loyalty::referral
