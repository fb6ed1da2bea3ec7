// A payment provider that moves no money: for development, for tests, and as an example of the contract
// loyalty.payments.v1. It keeps its charges in memory.
//
// What becomes of a charge is said by its payment method:
//   ""                 succeeds, as does every method that is not named here
//   decline            is declined
//   decline:N          the member's first N charges with this method are declined, later ones succeed
//   pending            stays under way; asked again, it has succeeded
//   not-attempted:N    the first N charges are not attempted
//   lost               succeeds, but the answer is lost: the call ends with UNAVAILABLE
//   lost:N             so are the first N
//   timeout            succeeds, but is not answered before the caller's deadline (or for a minute)
//   timeout:N          so do the first N
//   away:N             the first N calls end with UNAVAILABLE, and the charge is not known here
//   slow:MS            succeeds after so many milliseconds
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/synchronization/mutex.h>
#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "loyalty/payments/v1/payment_provider_service.grpc.pb.h"

namespace loyalty::sandbox {

class PaymentProvider final : public payments::v1::PaymentProviderService::Service {
 public:
  grpc::Status Charge(grpc::ServerContext* context, const payments::v1::ChargeRequest* request,
                      payments::v1::ChargeResponse* response) override;
  grpc::Status GetCharge(grpc::ServerContext* context, const payments::v1::GetChargeRequest* request,
                         payments::v1::GetChargeResponse* response) override;
  grpc::Status Refund(grpc::ServerContext* context, const payments::v1::RefundRequest* request,
                      payments::v1::RefundResponse* response) override;

  // All charges, in the order in which they were made; for tests.
  std::vector<payments::v1::Charge> charges() const;

 private:
  struct Kept {
    payments::v1::ChargeRequest request;
    payments::v1::Charge charge;
  };

  // The charge of a request that is new.
  Kept& Make(const payments::v1::ChargeRequest& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void Become(payments::v1::Charge& charge, payments::v1::ChargeOutcome outcome);

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Kept> kept_ ABSL_GUARDED_BY(mutex_);  // by idempotency key
  std::vector<std::string> order_ ABSL_GUARDED_BY(mutex_);               // of the keys
  // How many charges a member made with a method, and how many of its calls found nobody.
  absl::flat_hash_map<std::string, int> made_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, int> away_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace loyalty::sandbox
