// loyalty.membership.v1.PlanService.
#pragma once

#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/membership/v1/plan_service.grpc.pb.h"

namespace loyalty::membership {

class PlanServiceImpl final : public v1::PlanService::CallbackService {
 public:
  PlanServiceImpl(rpc::Adapter& adapter, work::Runner& runner) : adapter_(adapter), runner_(runner) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* CreatePlan(Context* context, const v1::CreatePlanRequest* request,
                    v1::CreatePlanResponse* response) override;
  Unary* GetPlan(Context* context, const v1::GetPlanRequest* request, v1::GetPlanResponse* response) override;
  Unary* ListPlans(Context* context, const v1::ListPlansRequest* request,
                   v1::ListPlansResponse* response) override;
  Unary* ArchivePlan(Context* context, const v1::ArchivePlanRequest* request,
                     v1::ArchivePlanResponse* response) override;

 private:
  absl::Status Create(rpc::Call& call, const v1::CreatePlanRequest& in, v1::CreatePlanResponse& out);
  absl::Status Get(const v1::GetPlanRequest& in, v1::GetPlanResponse& out);
  absl::Status List(const v1::ListPlansRequest& in, v1::ListPlansResponse& out);
  absl::Status Archive(rpc::Call& call, const v1::ArchivePlanRequest& in, v1::ArchivePlanResponse& out);

  rpc::Adapter& adapter_;
  work::Runner& runner_;
};

}  // namespace loyalty::membership
