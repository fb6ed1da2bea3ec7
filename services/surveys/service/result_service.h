// loyalty.surveys.v1.ResultService.
#pragma once

#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/surveys/v1/result_service.grpc.pb.h"

namespace loyalty::surveys {

class ResultServiceImpl final : public v1::ResultService::CallbackService {
 public:
  ResultServiceImpl(rpc::Adapter& adapter, work::Runner& runner) : adapter_(adapter), runner_(runner) {}

  grpc::ServerUnaryReactor* GetScores(grpc::CallbackServerContext* context,
                                      const v1::GetScoresRequest* request,
                                      v1::GetScoresResponse* response) override;

 private:
  absl::Status Scores(const v1::GetScoresRequest& in, v1::GetScoresResponse& out);

  rpc::Adapter& adapter_;
  work::Runner& runner_;
};

}  // namespace loyalty::surveys
