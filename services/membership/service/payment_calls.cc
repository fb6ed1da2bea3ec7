#include "services/membership/service/payment_calls.h"

#include <absl/strings/str_cat.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>

#include "common/log/log.h"
#include "common/rpc/channel.h"
#include "common/validate/check.h"
#include "loyalty/payments/v1/payment_provider_service.grpc.pb.h"
#include "services/membership/service/convert.h"

namespace loyalty::membership {
namespace {

using Provider = payments::v1::PaymentProviderService;

Outcome ToOutcome(payments::v1::ChargeOutcome outcome) {
  switch (outcome) {
    case payments::v1::CHARGE_OUTCOME_SUCCEEDED:
      return Outcome::kSucceeded;
    case payments::v1::CHARGE_OUTCOME_PENDING:
      return Outcome::kPending;
    case payments::v1::CHARGE_OUTCOME_DECLINED:
      return Outcome::kDeclined;
    case payments::v1::CHARGE_OUTCOME_NOT_ATTEMPTED:
      return Outcome::kNotAttempted;
    default:
      return Outcome::kUnknown;
  }
}

// A text of the provider's as it can be stored: of a wrong one, nothing.
std::string Storable(const std::string& text) {
  Violations violations;
  CheckText(violations, "", text, kMaxNameBytes, Presence::kOptional);
  return violations.empty() ? text : "";
}

News ToNews(const payments::v1::Charge& charge) {
  News news;
  news.outcome = ToOutcome(charge.outcome());
  news.sequence = charge.event_sequence();
  if (charge.has_event_time()) news.time = ToTime(charge.event_time());
  if (news.time == absl::InfiniteFuture()) news.time = absl::InfinitePast();
  news.provider_charge_id = Storable(charge.provider_charge_id());
  news.decline_code = Storable(charge.decline_code());
  return news;
}

class RealCalls final : public PaymentCalls {
 public:
  RealCalls(const std::string& address, absl::Duration deadline)
      : stub_(Provider::NewStub(rpc::Connect(address))), deadline_(deadline) {}

  void Send(const PaymentCall& call, Done done) override {
    switch (call.kind) {
      case ProviderCall::Kind::kCharge:
        return Charge(call, std::move(done));
      case ProviderCall::Kind::kLook:
        return Look(call, std::move(done));
      case ProviderCall::Kind::kRefund:
        return Refund(call, std::move(done));
    }
  }

 private:
  using Async = Provider::StubInterface::async_interface;

  void Charge(const PaymentCall& call, Done done) {
    payments::v1::ChargeRequest request;
    request.set_program_id(call.program_id);
    request.set_member_id(call.member_id);
    request.set_payment_method(call.payment_method);
    request.set_amount_minor(call.amount_minor);
    request.set_currency_code(call.currency_code);
    request.set_description(call.description);
    Begin<payments::v1::ChargeResponse>(
        &Async::Charge, std::move(request), call,
        [done = std::move(done)](const grpc::Status& status, const payments::v1::ChargeResponse& response) {
          done({status.ok() ? ToNews(response.charge()) : News(), std::nullopt});
        });
  }

  // A key that the provider never heard of is charged, unless the money is not wanted any more.
  void Look(const PaymentCall& call, Done done) {
    Begin<payments::v1::GetChargeResponse>(
        &Async::GetCharge, payments::v1::GetChargeRequest(), call,
        [this, call, done = std::move(done)](const grpc::Status& status,
                                             const payments::v1::GetChargeResponse& response) {
          if (status.error_code() == grpc::StatusCode::NOT_FOUND && call.may_charge)
            return Charge(call, done);
          done({status.ok() ? ToNews(response.charge()) : News(), std::nullopt});
        });
  }

  void Refund(const PaymentCall& call, Done done) {
    payments::v1::RefundRequest request;
    request.set_reason("Not owed.");
    Begin<payments::v1::RefundResponse>(
        &Async::Refund, std::move(request), call,
        [done = std::move(done)](const grpc::Status& status, const payments::v1::RefundResponse&) {
          PaymentAnswer answer;
          if (status.ok()) answer.refunded = true;
          if (status.error_code() == grpc::StatusCode::FAILED_PRECONDITION) answer.refunded = false;
          done(answer);
        });
  }

  template <class Response, class Request, class Then>
  void Begin(void (Async::*method)(grpc::ClientContext*, const Request*, Response*,
                                   std::function<void(grpc::Status)>),
             Request request, const PaymentCall& call, Then then) {
    // What lives as long as the call is under way.
    struct Pending {
      Pending(Request request, Then then) : request(std::move(request)), then(std::move(then)) {}
      grpc::ClientContext context;
      Request request;
      Response response;
      Then then;
    };
    auto pending = std::make_shared<Pending>(std::move(request), std::move(then));
    pending->request.set_idempotency_key(call.key);
    pending->context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(deadline_));
    (stub_->async()->*method)(&pending->context, &pending->request, &pending->response,
                              [pending, key = call.key](const grpc::Status& status) {
                                if (!status.ok() && status.error_code() != grpc::StatusCode::NOT_FOUND) {
                                  log::Warning("the payment provider does not answer a call",
                                               {{"idempotency_key", key},
                                                {"code", absl::StrCat(status.error_code())},
                                                {"error", status.error_message()}});
                                }
                                pending->then(status, pending->response);
                              });
  }

  const std::unique_ptr<Provider::StubInterface> stub_;
  const absl::Duration deadline_;
};

class NoProvider final : public PaymentCalls {
 public:
  void Send(const PaymentCall& call, Done done) override {
    PaymentAnswer answer;
    if (call.kind == ProviderCall::Kind::kCharge) answer.news.outcome = Outcome::kNotAttempted;
    done(answer);
  }
};

}  // namespace

std::unique_ptr<PaymentCalls> MakePaymentCalls(const std::string& address, absl::Duration deadline) {
  if (!address.empty()) return std::make_unique<RealCalls>(address, deadline);
  log::Warning("no payment provider: nothing is charged until --payment_provider_address is set");
  return std::make_unique<NoProvider>();
}

}  // namespace loyalty::membership
