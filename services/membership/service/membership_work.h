// What happens to memberships, in one unit of work: it stores what the domain decided, and notes the events,
// points and labels that follow from it. RPCs, answers of the payment provider and the due work all come
// here.
//
//   MembershipWork memberships(work);
//   auto record = memberships.Load(id);
//   record->CatchUp(work.now());
//   … record->Cancel(…) …
//   memberships.Save(*record);
//   … after the commit: payments.Make(memberships.TakeCalls())
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/work/work.h"
#include "services/membership/domain/membership_record.h"
#include "services/membership/service/payment_calls.h"

namespace loyalty::membership {

// "membership:17": what its events, awards and labels name as their cause.
std::string CauseOfMembership(int64_t membership_id);

class MembershipWork {
 public:
  explicit MembershipWork(work::Work& work) : work_(work) {}

  // Locks it; with the invoice `invoice_number` if it is one of its own. MEMBERSHIP_NOT_FOUND.
  absl::StatusOr<MembershipRecord> Load(int64_t membership_id, int64_t invoice_number = 0);
  // Up to `limit` memberships that are due now, locked.
  absl::StatusOr<std::vector<MembershipRecord>> TakeDue(int limit);
  // Locks the memberships of a member that are not over, and brings those up to date that are due.
  absl::Status CatchUpMember(const std::string& member_id);

  // False, and nothing written, if the member has a living membership of the plan by now.
  bool Insert(MembershipRecord& record);
  void Save(MembershipRecord& record);

  // The calls of the payment provider that all of it asks for, once it is committed.
  std::vector<PaymentCall> TakeCalls() { return std::exchange(calls_, {}); }

  work::Work& work() { return work_; }

 private:
  template <class Store>
  void Keep(MembershipRecord& record, Store store);
  void EmitHistory(const MembershipRecord& record);
  void OwePoints(const MembershipRecord& record);

  work::Work& work_;
  std::vector<PaymentCall> calls_;
};

}  // namespace loyalty::membership
