// loyalty.referral.v1.ReferralService.
#pragma once

#include <absl/synchronization/mutex.h>

#include <string>

#include "common/clock/clock.h"
#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/referral/v1/referral_service.grpc.pb.h"
#include "services/referral/domain/guess_limit.h"

namespace loyalty::referral {

class ReferralServiceImpl final : public v1::ReferralService::CallbackService {
 public:
  // `clock`: real time, which guesses are counted by.
  ReferralServiceImpl(rpc::Adapter& adapter, work::Runner& runner, Clock& clock)
      : adapter_(adapter), runner_(runner), clock_(clock) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* GetOrCreateCode(Context* context, const v1::GetOrCreateCodeRequest* request,
                         v1::GetOrCreateCodeResponse* response) override;
  Unary* CreateVanityCode(Context* context, const v1::CreateVanityCodeRequest* request,
                          v1::CreateVanityCodeResponse* response) override;
  Unary* LookUpCode(Context* context, const v1::LookUpCodeRequest* request,
                    v1::LookUpCodeResponse* response) override;
  Unary* ClaimReferral(Context* context, const v1::ClaimReferralRequest* request,
                       v1::ClaimReferralResponse* response) override;
  Unary* RecordSignUp(Context* context, const v1::RecordSignUpRequest* request,
                      v1::RecordSignUpResponse* response) override;
  Unary* RecordQualifyingEvent(Context* context, const v1::RecordQualifyingEventRequest* request,
                               v1::RecordQualifyingEventResponse* response) override;
  Unary* GetReferral(Context* context, const v1::GetReferralRequest* request,
                     v1::GetReferralResponse* response) override;
  Unary* ListReferrals(Context* context, const v1::ListReferralsRequest* request,
                       v1::ListReferralsResponse* response) override;
  Unary* GetReferrerStats(Context* context, const v1::GetReferrerStatsRequest* request,
                          v1::GetReferrerStatsResponse* response) override;
  Unary* GetLeaderboard(Context* context, const v1::GetLeaderboardRequest* request,
                        v1::GetLeaderboardResponse* response) override;

 private:
  absl::Status GetOrCreate(rpc::Call& call, const v1::GetOrCreateCodeRequest& in,
                           v1::GetOrCreateCodeResponse& out);
  absl::Status CreateVanity(rpc::Call& call, const v1::CreateVanityCodeRequest& in,
                            v1::CreateVanityCodeResponse& out);
  absl::Status LookUp(const v1::LookUpCodeRequest& in, v1::LookUpCodeResponse& out);
  absl::Status Claim(rpc::Call& call, const v1::ClaimReferralRequest& in, v1::ClaimReferralResponse& out);
  absl::Status SignUp(rpc::Call& call, const v1::RecordSignUpRequest& in, v1::RecordSignUpResponse& out);
  absl::Status Qualify(rpc::Call& call, const v1::RecordQualifyingEventRequest& in,
                       v1::RecordQualifyingEventResponse& out);
  absl::Status Get(const v1::GetReferralRequest& in, v1::GetReferralResponse& out);
  absl::Status List(const v1::ListReferralsRequest& in, v1::ListReferralsResponse& out);
  absl::Status GetStats(const v1::GetReferrerStatsRequest& in, v1::GetReferrerStatsResponse& out);
  absl::Status GetBoard(const v1::GetLeaderboardRequest& in, v1::GetLeaderboardResponse& out);

  // Runs what looks the code up, unless too many codes like it were guessed.
  template <class Body>
  absl::Status Guarded(const std::string& program_id, const std::string& code, Body body);

  rpc::Adapter& adapter_;
  work::Runner& runner_;
  Clock& clock_;
  absl::Mutex mutex_;
  GuessLimit guesses_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace loyalty::referral
