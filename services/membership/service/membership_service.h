// loyalty.membership.v1.MembershipService.
#pragma once

#include <memory>

#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/membership/v1/membership_service.grpc.pb.h"
#include "services/membership/service/membership_work.h"
#include "services/membership/service/payments.h"

namespace loyalty::membership {

class MembershipServiceImpl final : public v1::MembershipService::CallbackService {
 public:
  MembershipServiceImpl(rpc::Adapter& adapter, work::Runner& runner, std::shared_ptr<Payments> payments)
      : adapter_(adapter), runner_(runner), payments_(std::move(payments)) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* Subscribe(Context* context, const v1::SubscribeRequest* request,
                   v1::SubscribeResponse* response) override;
  Unary* GetMembership(Context* context, const v1::GetMembershipRequest* request,
                       v1::GetMembershipResponse* response) override;
  Unary* ListMemberships(Context* context, const v1::ListMembershipsRequest* request,
                         v1::ListMembershipsResponse* response) override;
  Unary* CancelMembership(Context* context, const v1::CancelMembershipRequest* request,
                          v1::CancelMembershipResponse* response) override;
  Unary* UndoCancellation(Context* context, const v1::UndoCancellationRequest* request,
                          v1::UndoCancellationResponse* response) override;
  Unary* CheckBenefit(Context* context, const v1::CheckBenefitRequest* request,
                      v1::CheckBenefitResponse* response) override;
  Unary* UseBenefit(Context* context, const v1::UseBenefitRequest* request,
                    v1::UseBenefitResponse* response) override;

 private:
  absl::Status SubscribeOne(rpc::Call& call, const v1::SubscribeRequest& in, v1::SubscribeResponse& out);
  absl::Status GetOne(const v1::GetMembershipRequest& in, v1::GetMembershipResponse& out);
  absl::Status ListAll(const v1::ListMembershipsRequest& in, v1::ListMembershipsResponse& out);
  absl::Status CancelOne(rpc::Call& call, const v1::CancelMembershipRequest& in,
                         v1::CancelMembershipResponse& out);
  absl::Status UndoOne(rpc::Call& call, const v1::UndoCancellationRequest& in,
                       v1::UndoCancellationResponse& out);
  absl::Status CheckOne(const v1::CheckBenefitRequest& in, v1::CheckBenefitResponse& out);
  absl::Status UseOne(rpc::Call& call, const v1::UseBenefitRequest& in, v1::UseBenefitResponse& out);

  // Runs a change (body: absl::Status(MembershipWork&, Response&)) once for its request id. Returns the calls
  // of the payment provider that are to follow.
  template <class Request, class Response, class Body>
  absl::StatusOr<std::vector<PaymentCall>> ChangeMemberships(rpc::Call& call, const Request& in,
                                                             Response& out, Body body);
  // Locks a membership, brings it up to date, and lets `decide(MembershipRecord&, now)` change it.
  template <class Request, class Response, class Decide>
  absl::Status ChangeOne(rpc::Call& call, const Request& in, Response& out, Decide decide);
  // Shows membership and invoice of an answer as they are by now.
  void Refresh(const std::string& program_id, v1::SubscribeResponse& out);

  rpc::Adapter& adapter_;
  work::Runner& runner_;
  const std::shared_ptr<Payments> payments_;
};

}  // namespace loyalty::membership
