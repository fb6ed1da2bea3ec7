#include "services/referral/service/campaign_service.h"

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "common/status/status.h"
#include "loyalty/referral/v1/event.pb.h"
#include "services/referral/domain/campaign.h"
#include "services/referral/service/convert.h"
#include "services/referral/storage/campaign_store.h"

namespace loyalty::referral {
namespace {

constexpr int kMaxCampaigns = 100;  // of a page

CampaignStore StoreOf(work::Work& work) { return CampaignStore(work.tx(), work.program().key); }

v1::Campaign Show(const Campaign& campaign, work::Work& work) {
  return ToProto(campaign, work.program().id, work.now());
}

template <class Event>
void Emit(const v1::Campaign& campaign, work::Work& work) {
  Event event;
  *event.mutable_campaign() = campaign;
  work.Emit(event);
}

// Of a request that names a campaign.
template <class Request>
Violations CheckNamed(const Request& in) {
  Violations violations;
  if constexpr (requires { in.request_id(); }) {
    CheckChange(in, Presence::kRequired, Presence::kOptional, violations);
  } else {
    CheckProgram(in, violations);
  }
  CheckSlug(violations, "campaign_id", in.campaign_id());
  return violations;
}

}  // namespace

CampaignServiceImpl::Unary* CampaignServiceImpl::CreateCampaign(Context* context,
                                                                const v1::CreateCampaignRequest* request,
                                                                v1::CreateCampaignResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Create(call, in, out);
  });
}

CampaignServiceImpl::Unary* CampaignServiceImpl::GetCampaign(Context* context,
                                                             const v1::GetCampaignRequest* request,
                                                             v1::GetCampaignResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return Get(in, out); });
}

CampaignServiceImpl::Unary* CampaignServiceImpl::ListCampaigns(Context* context,
                                                               const v1::ListCampaignsRequest* request,
                                                               v1::ListCampaignsResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return List(in, out); });
}

CampaignServiceImpl::Unary* CampaignServiceImpl::UpdateCampaign(Context* context,
                                                                const v1::UpdateCampaignRequest* request,
                                                                v1::UpdateCampaignResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Update(call, in, out);
  });
}

CampaignServiceImpl::Unary* CampaignServiceImpl::ActivateCampaign(Context* context,
                                                                  const v1::ActivateCampaignRequest* request,
                                                                  v1::ActivateCampaignResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call& call, const auto& in, auto& out) -> absl::Status {
                             LOYALTY_RETURN_IF_ERROR(CheckNamed(in).ToStatus());
                             return Apply<v1::CampaignActivated>(call, in, out, Activate);
                           });
}

CampaignServiceImpl::Unary* CampaignServiceImpl::EndCampaign(Context* context,
                                                             const v1::EndCampaignRequest* request,
                                                             v1::EndCampaignResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call& call, const auto& in, auto& out) -> absl::Status {
                             LOYALTY_RETURN_IF_ERROR(CheckNamed(in).ToStatus());
                             return Apply<v1::CampaignEnded>(call, in, out, End);
                           });
}

template <class Event, class Request, class Response, class Do>
absl::Status CampaignServiceImpl::Apply(rpc::Call& call, const Request& in, Response& out, Do change) {
  return Change(runner_, call, in, out, [&](work::Work& work, Response& answer) -> absl::Status {
    std::optional<Campaign> campaign = StoreOf(work).Lock(in.campaign_id());
    if (!campaign) return CampaignNotFound(in.campaign_id());
    const int64_t version = campaign->version;
    const absl::StatusOr<bool> changed = change(*campaign, work.now());
    LOYALTY_RETURN_IF_ERROR(changed.status());
    *answer.mutable_campaign() = Show(*campaign, work);
    if (!*changed) return absl::OkStatus();
    StoreOf(work).Save(*campaign, campaign->version != version);
    Emit<Event>(answer.campaign(), work);
    return absl::OkStatus();
  });
}

absl::Status CampaignServiceImpl::Create(rpc::Call& call, const v1::CreateCampaignRequest& in,
                                         v1::CreateCampaignResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kOptional, violations);
  const Campaign asked = ToCampaign(in.campaign(), violations);
  ValidateCampaign(asked, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Change(runner_, call, in, out,
                [&](work::Work& work, v1::CreateCampaignResponse& answer) -> absl::Status {
                  Campaign campaign = asked;
                  campaign.create_time = campaign.update_time = work.now();
                  if (!StoreOf(work).Insert(campaign)) return CampaignAlreadyExists(campaign.id);
                  *answer.mutable_campaign() = Show(campaign, work);
                  Emit<v1::CampaignCreated>(answer.campaign(), work);
                  return absl::OkStatus();
                });
}

absl::Status CampaignServiceImpl::Get(const v1::GetCampaignRequest& in, v1::GetCampaignResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckNamed(in).ToStatus());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    const std::optional<Campaign> campaign = StoreOf(work).Get(in.campaign_id());
    if (!campaign) return CampaignNotFound(in.campaign_id());
    *out.mutable_campaign() = Show(*campaign, work);
    return absl::OkStatus();
  });
}

absl::Status CampaignServiceImpl::List(const v1::ListCampaignsRequest& in, v1::ListCampaignsResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckProgram(in));
  const absl::StatusOr<Page> page = PageOf(in, kMaxCampaigns);
  LOYALTY_RETURN_IF_ERROR(page.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    FillPage(
        out, *page, StoreOf(work).List(page->cursor, page->size + 1),
        [&](const Campaign& campaign) { return AddTo(*out.mutable_campaigns(), Show(campaign, work)); },
        [](const Campaign& campaign) { return campaign.id; });
    return absl::OkStatus();
  });
}

absl::Status CampaignServiceImpl::Update(rpc::Call& call, const v1::UpdateCampaignRequest& in,
                                         v1::UpdateCampaignResponse& out) {
  Violations violations = CheckNamed(in);
  const Terms terms = ToTerms(in.terms(), "terms.", violations);
  ValidateTerms(terms, "terms.", violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Apply<v1::CampaignUpdated>(call, in, out, [&](Campaign& campaign, absl::Time now) {
    return referral::Update(campaign, terms, now);
  });
}

}  // namespace loyalty::referral
