// What happens to referrals, each in one unit of work: it locks, lets the domain decide, writes, and notes
// the events and the points that are owed. RPCs, the follower of points' events and the due work all come
// here.
//
//   const std::optional<Referral> referral = ReferralWork(work).SignUp("bert", work.now());
//
// One referral a unit of work: see ReferralStore.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>

#include "common/work/work.h"
#include "services/referral/domain/referral.h"
#include "services/referral/storage/referral_store.h"

namespace loyalty::referral {

// Who and when, for the domain.
Context ContextOf(work::Work& work);

class ReferralWork {
 public:
  explicit ReferralWork(work::Work& work);

  struct Claimed {
    Referral referral;
    bool stood = false;  // it was claimed before, with the same code
  };
  // A friend uses a code. Errors: those of ReferralService.ClaimReferral.
  absl::StatusOr<Claimed> Claim(const std::string& friend_id, absl::string_view code);

  // The following give the referral as they leave it, or nothing if there is none.

  std::optional<Referral> SignUp(const std::string& friend_id, absl::Time time);
  // Notes the purchase of any member. ALREADY_EXISTS, reason ORDER_ID_REUSED, if the order has qualified
  // another friend; the purchase is noted all the same, if the caller commits.
  absl::StatusOr<std::optional<Referral>> Buy(const std::string& member_id, const Purchase& purchase);
  // A part of an order came back. To be called once for each return.
  struct Return {
    std::string order_id;
    std::string return_id;
    int64_t returned_minor = 0;  // with this return
  };
  std::optional<Referral> TakeReturn(const Return& returned);
  // Expires or rewards a referral that is due; false if it is not.
  bool CatchUp(int64_t referral_id);

 private:
  // Writes a decision, its events and what it owes. `cause`: "order:A-17".
  void Finish(const Case& of, const Decision& decision, const std::string& cause);
  template <class Event>
  void Emit(const Case& of, const std::string& cause, std::optional<absl::Time> time, StateReason reason);
  void EmitTransition(const Case& of, const Transition& transition, const std::string& cause);
  template <class Event>
  void EmitMilestone(const Referrer& referrer, const ReachedMilestone& milestone, const std::string& cause);

  work::Work& work_;
  const Context context_;
  ReferralStore store_;
};

}  // namespace loyalty::referral
