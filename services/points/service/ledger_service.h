// loyalty.points.v1.LedgerService.
#pragma once

#include "common/clock/clock.h"
#include "common/rpc/adapter.h"
#include "loyalty/points/v1/ledger_service.grpc.pb.h"
#include "services/points/storage/ledger_verifier.h"

namespace loyalty::points {

class LedgerServiceImpl final : public v1::LedgerService::CallbackService {
 public:
  LedgerServiceImpl(rpc::Adapter& adapter, postgres::Pool& pool, Clock& clock)
      : adapter_(adapter), pool_(pool), clock_(clock) {}

  grpc::ServerUnaryReactor* VerifyLedger(grpc::CallbackServerContext* context,
                                         const v1::VerifyLedgerRequest* request,
                                         v1::VerifyLedgerResponse* response) override;
  grpc::ServerUnaryReactor* TraceEntry(grpc::CallbackServerContext* context,
                                       const v1::TraceEntryRequest* request,
                                       v1::TraceEntryResponse* response) override;
  grpc::ServerUnaryReactor* ListExpiringPoints(grpc::CallbackServerContext* context,
                                               const v1::ListExpiringPointsRequest* request,
                                               v1::ListExpiringPointsResponse* response) override;

 private:
  absl::Status ListExpiring(const v1::ListExpiringPointsRequest& in, v1::ListExpiringPointsResponse& out);

  rpc::Adapter& adapter_;
  postgres::Pool& pool_;
  Clock& clock_;
};

}  // namespace loyalty::points
