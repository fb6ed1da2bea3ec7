// loyalty.admin.v1.DueService.
#pragma once

#include "common/due/due_runner.h"
#include "common/rpc/adapter.h"
#include "loyalty/admin/v1/due_service.grpc.pb.h"

namespace loyalty::due {

class DueServiceImpl final : public admin::v1::DueService::CallbackService {
 public:
  DueServiceImpl(rpc::Adapter& adapter, work::Runner& runner, DueRunner& due)
      : adapter_(adapter), runner_(runner), due_(due) {}

  grpc::ServerUnaryReactor* NextDue(grpc::CallbackServerContext* context,
                                    const admin::v1::NextDueRequest* request,
                                    admin::v1::NextDueResponse* response) override;
  grpc::ServerUnaryReactor* RunDue(grpc::CallbackServerContext* context,
                                   const admin::v1::RunDueRequest* request,
                                   admin::v1::RunDueResponse* response) override;

 private:
  rpc::Adapter& adapter_;
  work::Runner& runner_;
  DueRunner& due_;
};

}  // namespace loyalty::due
