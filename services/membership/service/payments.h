// What follows a commit: the payment provider is called, and what it answers becomes part of the memberships.
//
//   MembershipWork memberships(work); …            // in a unit of work
//   payments.Make(memberships.TakeCalls());        // after its commit
//
// A call or an answer that is lost (the server dies, the database is away) costs nothing but time: every
// charge is stored as UNKNOWN before the call, and the due work looks after it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/batch/executor.h"
#include "common/work/work.h"
#include "services/membership/service/payment_calls.h"

namespace loyalty::membership {

inline constexpr char kClockActor[] = "loyalty-membership";  // who does what nobody does: it is time, or paid

class Payments {
 public:
  Payments(work::Runner& runner, std::unique_ptr<PaymentCalls> calls)
      : runner_(runner), calls_(std::move(calls)), executor_(kThreads, kQueueLimit) {}

  // Makes the calls side by side, waits for all answers (at most twice kProviderDeadline), and stores what
  // they tell.
  void Make(std::vector<PaymentCall> calls);
  // The same, on a thread of its own; nobody waits.
  void MakeSoon(std::vector<PaymentCall> calls);
  // Runs something that waits for the provider, where it does not keep a thread from other calls. False if
  // too much is queued.
  [[nodiscard]] bool Run(std::function<void()> task) { return executor_.TrySubmit(std::move(task)); }

 private:
  static constexpr int kThreads = 32;
  static constexpr size_t kQueueLimit = 1'000;

  // Stores an answer. Returns the calls that it asks for.
  std::vector<PaymentCall> Take(const PaymentCall& call, const PaymentAnswer& answer);

  work::Runner& runner_;
  const std::unique_ptr<PaymentCalls> calls_;
  Executor executor_;  // last: its tasks use the others
};

}  // namespace loyalty::membership
