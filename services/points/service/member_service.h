// loyalty.points.v1.MemberService.
#pragma once

#include "common/rpc/adapter.h"
#include "loyalty/points/v1/member_service.grpc.pb.h"
#include "services/points/service/posting_committer.h"
#include "services/points/storage/member_store.h"

namespace loyalty::points {

class MemberServiceImpl final : public v1::MemberService::CallbackService {
 public:
  MemberServiceImpl(rpc::Adapter& adapter, PostingCommitter& committer, MemberStore members)
      : adapter_(adapter), committer_(committer), members_(members) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* UpdateMember(Context* context, const v1::UpdateMemberRequest* request,
                      v1::UpdateMemberResponse* response) override;
  Unary* SetConsent(Context* context, const v1::SetConsentRequest* request,
                    v1::SetConsentResponse* response) override;
  Unary* GetConsents(Context* context, const v1::GetConsentsRequest* request,
                     v1::GetConsentsResponse* response) override;
  Unary* CloseMember(Context* context, const v1::CloseMemberRequest* request,
                     v1::CloseMemberResponse* response) override;
  Unary* MergeMembers(Context* context, const v1::MergeMembersRequest* request,
                      v1::MergeMembersResponse* response) override;

 private:
  template <class Request, class Response>
  Unary* Post(Context* context, const Request* request, Response* response);

  rpc::Adapter& adapter_;
  PostingCommitter& committer_;
  MemberStore members_;
};

}  // namespace loyalty::points
