// loyalty.surveys.v1.ResponseService.
#pragma once

#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/surveys/v1/response_service.grpc.pb.h"

namespace loyalty::surveys {

class ResponseServiceImpl final : public v1::ResponseService::CallbackService {
 public:
  ResponseServiceImpl(rpc::Adapter& adapter, work::Runner& runner) : adapter_(adapter), runner_(runner) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* CreateInvitation(Context* context, const v1::CreateInvitationRequest* request,
                          v1::CreateInvitationResponse* response) override;
  Unary* GetInvitation(Context* context, const v1::GetInvitationRequest* request,
                       v1::GetInvitationResponse* response) override;
  Unary* ListInvitations(Context* context, const v1::ListInvitationsRequest* request,
                         v1::ListInvitationsResponse* response) override;
  Unary* SubmitResponse(Context* context, const v1::SubmitResponseRequest* request,
                        v1::SubmitResponseResponse* response) override;
  Unary* ListResponses(Context* context, const v1::ListResponsesRequest* request,
                       v1::ListResponsesResponse* response) override;

 private:
  absl::Status InviteOne(rpc::Call& call, const v1::CreateInvitationRequest& in,
                         v1::CreateInvitationResponse& out);
  absl::Status GetOne(const v1::GetInvitationRequest& in, v1::GetInvitationResponse& out);
  absl::Status ListThem(const v1::ListInvitationsRequest& in, v1::ListInvitationsResponse& out);
  absl::Status SubmitOne(rpc::Call& call, const v1::SubmitResponseRequest& in,
                         v1::SubmitResponseResponse& out);
  absl::Status ListThem(const v1::ListResponsesRequest& in, v1::ListResponsesResponse& out);

  rpc::Adapter& adapter_;
  work::Runner& runner_;
};

}  // namespace loyalty::surveys
