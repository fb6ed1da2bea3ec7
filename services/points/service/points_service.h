// loyalty.points.v1.PointsService.
#pragma once

#include "common/clock/clock.h"
#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"
#include "services/points/service/posting_committer.h"
#include "services/points/storage/member_store.h"

namespace loyalty::points {

class PointsServiceImpl final : public v1::PointsService::CallbackService {
 public:
  PointsServiceImpl(rpc::Adapter& adapter, std::unique_ptr<PostingCommitter> committer, MemberStore members,
                    work::Runner& runner, Clock& clock)
      : adapter_(adapter),
        committer_(std::move(committer)),
        members_(members),
        runner_(runner),
        clock_(clock) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  // Moving points: through the committer.
  Unary* RecordPurchase(Context* context, const v1::RecordPurchaseRequest* request,
                        v1::RecordPurchaseResponse* response) override;
  Unary* QuotePurchase(Context* context, const v1::QuotePurchaseRequest* request,
                       v1::QuotePurchaseResponse* response) override;
  Unary* ConfirmPurchase(Context* context, const v1::ConfirmPurchaseRequest* request,
                         v1::ConfirmPurchaseResponse* response) override;
  Unary* CancelPurchase(Context* context, const v1::CancelPurchaseRequest* request,
                        v1::CancelPurchaseResponse* response) override;
  Unary* RecordActivity(Context* context, const v1::RecordActivityRequest* request,
                        v1::RecordActivityResponse* response) override;
  Unary* Earn(Context* context, const v1::EarnRequest* request, v1::EarnResponse* response) override;
  Unary* Spend(Context* context, const v1::SpendRequest* request, v1::SpendResponse* response) override;
  Unary* Adjust(Context* context, const v1::AdjustRequest* request, v1::AdjustResponse* response) override;
  Unary* ReservePoints(Context* context, const v1::ReservePointsRequest* request,
                       v1::ReservePointsResponse* response) override;
  Unary* CapturePoints(Context* context, const v1::CapturePointsRequest* request,
                       v1::CapturePointsResponse* response) override;
  Unary* ReleasePoints(Context* context, const v1::ReleasePointsRequest* request,
                       v1::ReleasePointsResponse* response) override;
  Unary* TransferPoints(Context* context, const v1::TransferPointsRequest* request,
                        v1::TransferPointsResponse* response) override;
  Unary* ReverseEntry(Context* context, const v1::ReverseEntryRequest* request,
                      v1::ReverseEntryResponse* response) override;
  Unary* RecordReturn(Context* context, const v1::RecordReturnRequest* request,
                      v1::RecordReturnResponse* response) override;
  Unary* SetMemberLabel(Context* context, const v1::SetMemberLabelRequest* request,
                        v1::SetMemberLabelResponse* response) override;
  Unary* SetTier(Context* context, const v1::SetTierRequest* request, v1::SetTierResponse* response) override;
  grpc::ServerBidiReactor<v1::ImportPurchasesRequest, v1::ImportPurchasesResponse>* ImportPurchases(
      Context* context) override;

  // Members and reading: one transaction or statement each.
  Unary* EnrollMember(Context* context, const v1::EnrollMemberRequest* request,
                      v1::EnrollMemberResponse* response) override;
  Unary* GetMember(Context* context, const v1::GetMemberRequest* request,
                   v1::GetMemberResponse* response) override;
  Unary* GetBalance(Context* context, const v1::GetBalanceRequest* request,
                    v1::GetBalanceResponse* response) override;
  Unary* BatchGetBalances(Context* context, const v1::BatchGetBalancesRequest* request,
                          v1::BatchGetBalancesResponse* response) override;
  Unary* ListEntries(Context* context, const v1::ListEntriesRequest* request,
                     v1::ListEntriesResponse* response) override;
  Unary* ExplainEntry(Context* context, const v1::ExplainEntryRequest* request,
                      v1::ExplainEntryResponse* response) override;

 private:
  template <class Request, class Response>
  Unary* Post(Context* context, const Request* request, Response* response);
  absl::Status Enroll(rpc::Call& call, const v1::EnrollMemberRequest& in, v1::EnrollMemberResponse& out);
  absl::Status ReadBalance(const v1::GetBalanceRequest& in, v1::GetBalanceResponse& out);
  absl::Status ReadBalances(const v1::BatchGetBalancesRequest& in, v1::BatchGetBalancesResponse& out);
  absl::Status ReadEntries(const v1::ListEntriesRequest& in, v1::ListEntriesResponse& out);
  absl::Status Explain(const v1::ExplainEntryRequest& in, v1::ExplainEntryResponse& out);

  rpc::Adapter& adapter_;
  std::unique_ptr<PostingCommitter> committer_;
  MemberStore members_;
  work::Runner& runner_;
  Clock& clock_;
};

}  // namespace loyalty::points
