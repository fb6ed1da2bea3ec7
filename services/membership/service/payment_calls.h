// Calls of the payment provider (loyalty.payments.v1).
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "services/membership/domain/membership_record.h"

namespace loyalty::membership {

// A call that a decision asks for, with all that it needs. `key` is its idempotency key.
struct PaymentCall {
  ProviderCall::Kind kind = ProviderCall::Kind::kCharge;
  bool may_charge = true;  // of kLook: what the provider never heard of
  std::string program_id;
  int64_t membership_id = 0;
  int64_t invoice_number = 0;
  int attempt = 0;
  std::string key;
  std::string member_id;
  std::string payment_method;
  int64_t amount_minor = 0;
  std::string currency_code;
  std::string description;
};

// What it was answered.
struct PaymentAnswer {
  News news;                     // of kCharge and kLook; UNKNOWN: no answer
  std::optional<bool> refunded;  // of kRefund; nothing: no answer
};

// A call of the provider that takes longer counts as not answered. A look may be two of them.
inline constexpr absl::Duration kProviderDeadline = absl::Seconds(10);

class PaymentCalls {
 public:
  using Done = std::function<void(const PaymentAnswer&)>;

  virtual ~PaymentCalls() = default;
  // Calls `done` once, on any thread.
  virtual void Send(const PaymentCall& call, Done done) = 0;
};

// `address`: host:port of the provider. Empty: there is none, so that no charge is attempted.
std::unique_ptr<PaymentCalls> MakePaymentCalls(const std::string& address,
                                               absl::Duration deadline = kProviderDeadline);

}  // namespace loyalty::membership
