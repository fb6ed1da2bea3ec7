// loyalty.points.v1.EarnRuleService.
#pragma once

#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/points/v1/earn_rule_service.grpc.pb.h"

namespace loyalty::points {

class EarnRuleServiceImpl final : public v1::EarnRuleService::CallbackService {
 public:
  EarnRuleServiceImpl(rpc::Adapter& adapter, work::Runner& runner) : adapter_(adapter), runner_(runner) {}

  grpc::ServerUnaryReactor* CreateEarnRule(grpc::CallbackServerContext* context,
                                           const v1::CreateEarnRuleRequest* request,
                                           v1::CreateEarnRuleResponse* response) override;
  grpc::ServerUnaryReactor* UpdateEarnRule(grpc::CallbackServerContext* context,
                                           const v1::UpdateEarnRuleRequest* request,
                                           v1::UpdateEarnRuleResponse* response) override;
  grpc::ServerUnaryReactor* GetEarnRule(grpc::CallbackServerContext* context,
                                        const v1::GetEarnRuleRequest* request,
                                        v1::GetEarnRuleResponse* response) override;
  grpc::ServerUnaryReactor* ListEarnRules(grpc::CallbackServerContext* context,
                                          const v1::ListEarnRulesRequest* request,
                                          v1::ListEarnRulesResponse* response) override;
  grpc::ServerUnaryReactor* ArchiveEarnRule(grpc::CallbackServerContext* context,
                                            const v1::ArchiveEarnRuleRequest* request,
                                            v1::ArchiveEarnRuleResponse* response) override;

 private:
  absl::Status Create(rpc::Call& call, const v1::CreateEarnRuleRequest& in, v1::CreateEarnRuleResponse& out);
  absl::Status Update(rpc::Call& call, const v1::UpdateEarnRuleRequest& in, v1::UpdateEarnRuleResponse& out);
  absl::Status Get(const v1::GetEarnRuleRequest& in, v1::GetEarnRuleResponse& out);
  absl::Status List(const v1::ListEarnRulesRequest& in, v1::ListEarnRulesResponse& out);
  absl::Status Archive(rpc::Call& call, const v1::ArchiveEarnRuleRequest& in,
                       v1::ArchiveEarnRuleResponse& out);

  rpc::Adapter& adapter_;
  work::Runner& runner_;
};

}  // namespace loyalty::points
