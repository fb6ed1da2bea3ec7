#include "services/membership/service/payments.h"

#include <absl/synchronization/blocking_counter.h>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/membership/service/membership_work.h"

namespace loyalty::membership {

void Payments::Make(std::vector<PaymentCall> calls) {
  while (!calls.empty()) {
    std::vector<PaymentAnswer> answers(calls.size());
    absl::BlockingCounter pending(static_cast<int>(calls.size()));
    for (size_t i = 0; i < calls.size(); ++i) {
      calls_->Send(calls[i], [&pending, &answer = answers[i]](const PaymentAnswer& told) {
        answer = told;
        pending.DecrementCount();
      });
    }
    pending.Wait();
    std::vector<PaymentCall> next;
    for (size_t i = 0; i < calls.size(); ++i) {
      for (PaymentCall& call : Take(calls[i], answers[i])) next.push_back(std::move(call));
    }
    calls = std::move(next);
  }
}

void Payments::MakeSoon(std::vector<PaymentCall> calls) {
  if (calls.empty()) return;
  // If too much is queued, they count as lost.
  (void)executor_.TrySubmit([this, calls = std::move(calls)] { Make(calls); });
}

std::vector<PaymentCall> Payments::Take(const PaymentCall& call, const PaymentAnswer& answer) {
  std::vector<PaymentCall> next;
  const absl::Status status = runner_.Do(call.program_id, kClockActor, [&](work::Work& work) -> absl::Status {
    MembershipWork memberships(work);
    auto record = memberships.Load(call.membership_id, call.invoice_number);
    LOYALTY_RETURN_IF_ERROR(record.status());
    if (call.kind == ProviderCall::Kind::kRefund) {
      record->ApplyRefund(call.invoice_number, call.attempt, answer.refunded, work.now());
    } else {
      record->ApplyAnswer(call.invoice_number, call.attempt, answer.news, work.now());
    }
    memberships.Save(*record);
    next = memberships.TakeCalls();
    return absl::OkStatus();
  });
  if (status.ok()) return next;
  log::Warning("what the payment provider answered is not stored; it will be asked again",
               {{"idempotency_key", call.key}, {"error", status.ToString()}});
  return {};
}

}  // namespace loyalty::membership
