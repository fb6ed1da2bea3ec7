#include "sandbox/payments/provider.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>

namespace loyalty::sandbox {
namespace {

using payments::v1::ChargeOutcome;

// "decline:2" as its word and its number; -1 where there is none.
struct Method {
  std::string word;
  int number = -1;
};

Method Parse(const std::string& text) {
  const size_t colon = text.find(':');
  Method method{text.substr(0, colon)};
  if (colon != std::string::npos && !absl::SimpleAtoi(text.substr(colon + 1), &method.number))
    method.number = -1;
  return method;
}

// Among the first N, or any if there is no N. `before`: how many there were before it.
bool IsAmongFirst(const Method& method, int before) { return method.number < 0 || before < method.number; }

std::string PayerOf(const payments::v1::ChargeRequest& request) {
  return absl::StrCat(request.program_id(), "/", request.member_id(), "/", request.payment_method());
}

void WaitUntilGone(const grpc::ServerContext& context) {
  const absl::Time end = absl::Now() + absl::Minutes(1);
  while (!context.IsCancelled() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
}

grpc::Status Error(grpc::StatusCode code, const std::string& message) { return {code, message}; }

bool SameMoney(const payments::v1::ChargeRequest& a, const payments::v1::ChargeRequest& b) {
  return a.program_id() == b.program_id() && a.member_id() == b.member_id() &&
         a.amount_minor() == b.amount_minor() && a.currency_code() == b.currency_code();
}

}  // namespace

void PaymentProvider::Become(payments::v1::Charge& charge, ChargeOutcome outcome) {
  charge.set_outcome(outcome);
  charge.set_event_sequence(charge.event_sequence() + 1);
  charge.mutable_event_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
}

PaymentProvider::Kept& PaymentProvider::Make(const payments::v1::ChargeRequest& request) {
  const Method method = Parse(request.payment_method());
  const bool now = IsAmongFirst(method, made_[PayerOf(request)]++);
  Kept& kept = kept_[request.idempotency_key()];
  order_.push_back(request.idempotency_key());
  kept.request = request;
  kept.charge.set_idempotency_key(request.idempotency_key());
  kept.charge.set_provider_charge_id(absl::StrCat("sandbox-", order_.size()));
  kept.charge.set_amount_minor(request.amount_minor());
  kept.charge.set_currency_code(request.currency_code());
  ChargeOutcome outcome = payments::v1::CHARGE_OUTCOME_SUCCEEDED;
  if (method.word == "decline" && now) {
    outcome = payments::v1::CHARGE_OUTCOME_DECLINED;
    kept.charge.set_decline_code("insufficient_funds");
  }
  if (method.word == "pending" && now) outcome = payments::v1::CHARGE_OUTCOME_PENDING;
  if (method.word == "not-attempted" && now) outcome = payments::v1::CHARGE_OUTCOME_NOT_ATTEMPTED;
  Become(kept.charge, outcome);
  return kept;
}

grpc::Status PaymentProvider::Charge(grpc::ServerContext* context, const payments::v1::ChargeRequest* request,
                                     payments::v1::ChargeResponse* response) {
  if (request->idempotency_key().empty() || request->amount_minor() <= 0 ||
      request->currency_code().empty()) {
    return Error(grpc::INVALID_ARGUMENT,
                 "idempotency_key, amount_minor above zero and currency_code are required.");
  }
  const Method method = Parse(request->payment_method());
  if (method.word == "slow") absl::SleepFor(absl::Milliseconds(method.number));
  absl::ReleasableMutexLock lock(&mutex_);
  const auto known = kept_.find(request->idempotency_key());
  if (known != kept_.end()) {
    if (!SameMoney(known->second.request, *request)) {
      return Error(grpc::ALREADY_EXISTS, "The idempotency key was used for another charge.");
    }
    *response->mutable_charge() = known->second.charge;
    return grpc::Status::OK;
  }
  const std::string payer = PayerOf(*request);
  if (method.word == "away" && IsAmongFirst(method, away_[payer]++)) {
    return Error(grpc::UNAVAILABLE, "Nothing was charged, as the payment method asked.");
  }
  *response->mutable_charge() = Make(*request).charge;
  const bool now = IsAmongFirst(method, made_[payer] - 1);
  lock.Release();
  if (!now || (method.word != "lost" && method.word != "timeout")) return grpc::Status::OK;
  if (method.word == "timeout" && context != nullptr) WaitUntilGone(*context);
  return Error(grpc::UNAVAILABLE, "The answer is lost, as the payment method asked.");
}

grpc::Status PaymentProvider::GetCharge(grpc::ServerContext* /*context*/,
                                        const payments::v1::GetChargeRequest* request,
                                        payments::v1::GetChargeResponse* response) {
  absl::MutexLock lock(&mutex_);
  const auto known = kept_.find(request->idempotency_key());
  if (known == kept_.end()) return Error(grpc::NOT_FOUND, "No charge has this idempotency key.");
  if (known->second.charge.outcome() == payments::v1::CHARGE_OUTCOME_PENDING) {
    Become(known->second.charge, payments::v1::CHARGE_OUTCOME_SUCCEEDED);
  }
  *response->mutable_charge() = known->second.charge;
  return grpc::Status::OK;
}

grpc::Status PaymentProvider::Refund(grpc::ServerContext* /*context*/,
                                     const payments::v1::RefundRequest* request,
                                     payments::v1::RefundResponse* response) {
  absl::MutexLock lock(&mutex_);
  const auto known = kept_.find(request->idempotency_key());
  if (known == kept_.end()) return Error(grpc::NOT_FOUND, "No charge has this idempotency key.");
  payments::v1::Charge& charge = known->second.charge;
  if (charge.outcome() != payments::v1::CHARGE_OUTCOME_SUCCEEDED) {
    return Error(grpc::FAILED_PRECONDITION, "The charge did not succeed, so there is nothing to give back.");
  }
  if (!charge.refunded()) {
    charge.set_refunded(true);
    Become(charge, charge.outcome());
  }
  *response->mutable_charge() = charge;
  return grpc::Status::OK;
}

std::vector<payments::v1::Charge> PaymentProvider::charges() const {
  absl::MutexLock lock(&mutex_);
  std::vector<payments::v1::Charge> charges;
  for (const std::string& key : order_) charges.push_back(kept_.at(key).charge);
  return charges;
}

}  // namespace loyalty::sandbox
