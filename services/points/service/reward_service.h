// loyalty.points.v1.RewardService.
#pragma once

#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/points/v1/reward_service.grpc.pb.h"
#include "services/points/service/posting_committer.h"

namespace loyalty::points {

class RewardServiceImpl final : public v1::RewardService::CallbackService {
 public:
  // `committer` outlives the last call.
  RewardServiceImpl(rpc::Adapter& adapter, PostingCommitter& committer, work::Runner& runner)
      : adapter_(adapter), committer_(committer), runner_(runner) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  // Rewards: one transaction each.
  Unary* CreateReward(Context* context, const v1::CreateRewardRequest* request,
                      v1::CreateRewardResponse* response) override;
  Unary* GetReward(Context* context, const v1::GetRewardRequest* request,
                   v1::GetRewardResponse* response) override;
  Unary* ListRewards(Context* context, const v1::ListRewardsRequest* request,
                     v1::ListRewardsResponse* response) override;
  Unary* UpdateReward(Context* context, const v1::UpdateRewardRequest* request,
                      v1::UpdateRewardResponse* response) override;
  Unary* ArchiveReward(Context* context, const v1::ArchiveRewardRequest* request,
                       v1::ArchiveRewardResponse* response) override;
  Unary* UploadRewardCodes(Context* context, const v1::UploadRewardCodesRequest* request,
                           v1::UploadRewardCodesResponse* response) override;

  // Redemptions: through the committer.
  Unary* RedeemReward(Context* context, const v1::RedeemRewardRequest* request,
                      v1::RedeemRewardResponse* response) override;
  Unary* FulfillRedemption(Context* context, const v1::FulfillRedemptionRequest* request,
                           v1::FulfillRedemptionResponse* response) override;
  Unary* CancelRedemption(Context* context, const v1::CancelRedemptionRequest* request,
                          v1::CancelRedemptionResponse* response) override;

  // Reading.
  Unary* GetRedemption(Context* context, const v1::GetRedemptionRequest* request,
                       v1::GetRedemptionResponse* response) override;
  Unary* ListRedemptions(Context* context, const v1::ListRedemptionsRequest* request,
                         v1::ListRedemptionsResponse* response) override;
  Unary* GetDonationStatement(Context* context, const v1::GetDonationStatementRequest* request,
                              v1::GetDonationStatementResponse* response) override;

 private:
  template <class Request, class Response>
  Unary* Post(Context* context, const Request* request, Response* response);
  absl::Status Create(rpc::Call& call, const v1::CreateRewardRequest& in, v1::CreateRewardResponse& out);
  absl::Status Get(const v1::GetRewardRequest& in, v1::GetRewardResponse& out);
  absl::Status List(const v1::ListRewardsRequest& in, v1::ListRewardsResponse& out);
  absl::Status Update(rpc::Call& call, const v1::UpdateRewardRequest& in, v1::UpdateRewardResponse& out);
  absl::Status Archive(rpc::Call& call, const v1::ArchiveRewardRequest& in, v1::ArchiveRewardResponse& out);
  absl::Status Upload(rpc::Call& call, const v1::UploadRewardCodesRequest& in,
                      v1::UploadRewardCodesResponse& out);
  absl::Status Find(const v1::GetRedemptionRequest& in, v1::GetRedemptionResponse& out);
  absl::Status ListOf(const v1::ListRedemptionsRequest& in, v1::ListRedemptionsResponse& out);
  absl::Status Sum(const v1::GetDonationStatementRequest& in, v1::GetDonationStatementResponse& out);

  rpc::Adapter& adapter_;
  PostingCommitter& committer_;
  work::Runner& runner_;
};

}  // namespace loyalty::points
