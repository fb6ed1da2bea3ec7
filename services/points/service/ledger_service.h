// loyalty.points.v1.LedgerService.
#pragma once

#include "common/rpc/adapter.h"
#include "loyalty/points/v1/ledger_service.grpc.pb.h"
#include "services/points/storage/ledger_verifier.h"

namespace loyalty::points {

class LedgerServiceImpl final : public v1::LedgerService::CallbackService {
 public:
  LedgerServiceImpl(rpc::Adapter& adapter, postgres::Pool& pool) : adapter_(adapter), pool_(pool) {}

  grpc::ServerUnaryReactor* VerifyLedger(grpc::CallbackServerContext* context,
                                         const v1::VerifyLedgerRequest* request,
                                         v1::VerifyLedgerResponse* response) override;

 private:
  rpc::Adapter& adapter_;
  postgres::Pool& pool_;
};

}  // namespace loyalty::points
