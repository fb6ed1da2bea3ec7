// loyalty.membership.v1.BillingService.
#pragma once

#include "common/clock/clock.h"
#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/membership/v1/billing_service.grpc.pb.h"

namespace loyalty::membership {

class BillingServiceImpl final : public v1::BillingService::CallbackService {
 public:
  BillingServiceImpl(rpc::Adapter& adapter, work::Runner& runner, Clock& clock)
      : adapter_(adapter), runner_(runner), clock_(clock) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* GetInvoice(Context* context, const v1::GetInvoiceRequest* request,
                    v1::GetInvoiceResponse* response) override;
  Unary* ListInvoices(Context* context, const v1::ListInvoicesRequest* request,
                      v1::ListInvoicesResponse* response) override;
  Unary* RecordPayment(Context* context, const v1::RecordPaymentRequest* request,
                       v1::RecordPaymentResponse* response) override;

 private:
  absl::Status GetOne(const v1::GetInvoiceRequest& in, v1::GetInvoiceResponse& out);
  absl::Status ListAll(const v1::ListInvoicesRequest& in, v1::ListInvoicesResponse& out);
  absl::Status Record(rpc::Call& call, const v1::RecordPaymentRequest& in, v1::RecordPaymentResponse& out);

  rpc::Adapter& adapter_;
  work::Runner& runner_;
  Clock& clock_;
};

}  // namespace loyalty::membership
