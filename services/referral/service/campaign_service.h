// loyalty.referral.v1.CampaignService.
#pragma once

#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/referral/v1/campaign_service.grpc.pb.h"

namespace loyalty::referral {

class CampaignServiceImpl final : public v1::CampaignService::CallbackService {
 public:
  CampaignServiceImpl(rpc::Adapter& adapter, work::Runner& runner) : adapter_(adapter), runner_(runner) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* CreateCampaign(Context* context, const v1::CreateCampaignRequest* request,
                        v1::CreateCampaignResponse* response) override;
  Unary* GetCampaign(Context* context, const v1::GetCampaignRequest* request,
                     v1::GetCampaignResponse* response) override;
  Unary* ListCampaigns(Context* context, const v1::ListCampaignsRequest* request,
                       v1::ListCampaignsResponse* response) override;
  Unary* UpdateCampaign(Context* context, const v1::UpdateCampaignRequest* request,
                        v1::UpdateCampaignResponse* response) override;
  Unary* ActivateCampaign(Context* context, const v1::ActivateCampaignRequest* request,
                          v1::ActivateCampaignResponse* response) override;
  Unary* EndCampaign(Context* context, const v1::EndCampaignRequest* request,
                     v1::EndCampaignResponse* response) override;

 private:
  absl::Status Create(rpc::Call& call, const v1::CreateCampaignRequest& in, v1::CreateCampaignResponse& out);
  absl::Status Get(const v1::GetCampaignRequest& in, v1::GetCampaignResponse& out);
  absl::Status List(const v1::ListCampaignsRequest& in, v1::ListCampaignsResponse& out);
  absl::Status Update(rpc::Call& call, const v1::UpdateCampaignRequest& in, v1::UpdateCampaignResponse& out);
  // Runs `change(Campaign&, now) -> StatusOr<bool>` on the locked campaign, and notes the event if it did
  // something.
  template <class Event, class Request, class Response, class Do>
  absl::Status Apply(rpc::Call& call, const Request& in, Response& out, Do change);

  rpc::Adapter& adapter_;
  work::Runner& runner_;
};

}  // namespace loyalty::referral
