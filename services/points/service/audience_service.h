// loyalty.points.v1.AudienceService.
#pragma once

#include "common/postgres/pool.h"
#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/points/v1/audience_service.grpc.pb.h"
#include "services/points/domain/audience.h"
#include "services/points/storage/member_store.h"

namespace loyalty::points {

class AudienceServiceImpl final : public v1::AudienceService::CallbackService {
 public:
  AudienceServiceImpl(rpc::Adapter& adapter, postgres::Pool& pool, MemberStore members, work::Runner& runner)
      : adapter_(adapter), pool_(pool), members_(members), runner_(runner) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* AwardAudience(Context* context, const v1::AwardAudienceRequest* request,
                       v1::AwardAudienceResponse* response) override;
  Unary* GetAudienceAward(Context* context, const v1::GetAudienceAwardRequest* request,
                          v1::GetAudienceAwardResponse* response) override;
  Unary* ListAudienceAwards(Context* context, const v1::ListAudienceAwardsRequest* request,
                            v1::ListAudienceAwardsResponse* response) override;
  Unary* CancelAudienceAward(Context* context, const v1::CancelAudienceAwardRequest* request,
                             v1::CancelAudienceAwardResponse* response) override;

 private:
  absl::Status Award(rpc::Call& call, const v1::AwardAudienceRequest& in, v1::AwardAudienceResponse& out);
  absl::Status Get(const v1::GetAudienceAwardRequest& in, v1::GetAudienceAwardResponse& out);
  absl::Status List(const v1::ListAudienceAwardsRequest& in, v1::ListAudienceAwardsResponse& out);
  absl::Status Cancel(rpc::Call& call, const v1::CancelAudienceAwardRequest& in,
                      v1::CancelAudienceAwardResponse& out);
  // How many members an award would be for if its time were now. DEADLINE_EXCEEDED.
  absl::StatusOr<int64_t> CountMeant(const std::string& program_id, const Audience& audience,
                                     absl::Time deadline);

  rpc::Adapter& adapter_;
  postgres::Pool& pool_;
  MemberStore members_;
  work::Runner& runner_;
};

}  // namespace loyalty::points
