// Counts what the payment provider answers: loyalty_payment_answers_total.
#pragma once

#include <memory>

#include "common/metrics/metrics.h"
#include "services/membership/service/payment_calls.h"

namespace loyalty::membership {

// The same calls, counted by what was called (charge, look, refund) and its outcome; "unknown": no answer.
std::unique_ptr<PaymentCalls> CountPayments(std::unique_ptr<PaymentCalls> calls, metrics::Registry& registry);

}  // namespace loyalty::membership
