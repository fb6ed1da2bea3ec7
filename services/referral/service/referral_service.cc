#include "services/referral/service/referral_service.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "common/status/status.h"
#include "loyalty/referral/v1/event.pb.h"
#include "services/referral/domain/reason.h"
#include "services/referral/service/convert.h"
#include "services/referral/service/random.h"
#include "services/referral/service/referral_work.h"
#include "services/referral/storage/campaign_store.h"
#include "services/referral/storage/code_store.h"
#include "services/referral/storage/referral_reader.h"

namespace loyalty::referral {
namespace {

template <class Store>
Store In(work::Work& work) {
  return Store(work.tx(), work.program().key);
}

// Whether a time that a request names has come, by the program's clock, which only its unit of work knows.
absl::Status CheckHasCome(std::string field, absl::Time time, absl::Time now) {
  Violations violations;
  CheckNotAhead(violations, std::move(field), time, now);
  return violations.ToStatus();
}

// An optional bound of a period.
template <class Timestamp>
absl::Time ToBound(Violations& violations, std::string field, bool given, const Timestamp& in,
                   absl::Time unbounded) {
  if (!given) return unbounded;
  const absl::Time time = ToTime(in);
  if (time == absl::InfiniteFuture()) {
    violations.Add(std::move(field), reason::kTimeOutOfRange, "must be a valid time.");
  }
  return time;
}

void EmitIssued(work::Work& work, const v1::Code& code) {
  v1::CodeIssued event;
  *event.mutable_code() = code;
  work.Emit(event, {.member_id = code.member_id(), .cause = "", .actor = "", .occurred_time = {}});
}

}  // namespace

ReferralServiceImpl::Unary* ReferralServiceImpl::GetOrCreateCode(Context* context,
                                                                 const v1::GetOrCreateCodeRequest* request,
                                                                 v1::GetOrCreateCodeResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return GetOrCreate(call, in, out);
  });
}

ReferralServiceImpl::Unary* ReferralServiceImpl::CreateVanityCode(Context* context,
                                                                  const v1::CreateVanityCodeRequest* request,
                                                                  v1::CreateVanityCodeResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return CreateVanity(call, in, out);
  });
}

ReferralServiceImpl::Unary* ReferralServiceImpl::LookUpCode(Context* context,
                                                            const v1::LookUpCodeRequest* request,
                                                            v1::LookUpCodeResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return LookUp(in, out); });
}

ReferralServiceImpl::Unary* ReferralServiceImpl::ClaimReferral(Context* context,
                                                               const v1::ClaimReferralRequest* request,
                                                               v1::ClaimReferralResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Claim(call, in, out);
  });
}

ReferralServiceImpl::Unary* ReferralServiceImpl::RecordSignUp(Context* context,
                                                              const v1::RecordSignUpRequest* request,
                                                              v1::RecordSignUpResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return SignUp(call, in, out);
  });
}

ReferralServiceImpl::Unary* ReferralServiceImpl::RecordQualifyingEvent(
    Context* context, const v1::RecordQualifyingEventRequest* request,
    v1::RecordQualifyingEventResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Qualify(call, in, out);
  });
}

ReferralServiceImpl::Unary* ReferralServiceImpl::GetReferral(Context* context,
                                                             const v1::GetReferralRequest* request,
                                                             v1::GetReferralResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return Get(in, out); });
}

ReferralServiceImpl::Unary* ReferralServiceImpl::ListReferrals(Context* context,
                                                               const v1::ListReferralsRequest* request,
                                                               v1::ListReferralsResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return List(in, out); });
}

ReferralServiceImpl::Unary* ReferralServiceImpl::GetReferrerStats(Context* context,
                                                                  const v1::GetReferrerStatsRequest* request,
                                                                  v1::GetReferrerStatsResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return GetStats(in, out); });
}

ReferralServiceImpl::Unary* ReferralServiceImpl::GetLeaderboard(Context* context,
                                                                const v1::GetLeaderboardRequest* request,
                                                                v1::GetLeaderboardResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return GetBoard(in, out); });
}

absl::Status ReferralServiceImpl::GetOrCreate(rpc::Call& call, const v1::GetOrCreateCodeRequest& in,
                                              v1::GetOrCreateCodeResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kOptional, Presence::kOptional, violations);
  CheckSlug(violations, "campaign_id", in.campaign_id());
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  work::Mutation mutation = work::MutationOf(in);
  mutation.request_id.clear();  // campaign and member are the key
  bool stood = false;
  const auto done = runner_.Mutate(
      mutation, out, [&](work::Work& work, v1::GetOrCreateCodeResponse& answer) -> absl::Status {
        CodeStore codes = In<CodeStore>(work);
        const auto own = codes.Find(in.campaign_id(), in.member_id(), CodeKind::kGenerated);
        if ((stood = own.has_value())) {
          *answer.mutable_code() = ToProto(*own);
          return absl::OkStatus();
        }
        const std::optional<Campaign> campaign = In<CampaignStore>(work).Get(in.campaign_id());
        if (!campaign) return CampaignNotFound(in.campaign_id());
        LOYALTY_RETURN_IF_ERROR(CheckGivesCodes(*campaign, work.now()));
        const auto issued = codes.GetOrCreate(
            campaign->id, in.member_id(), {.length = campaign->terms.code_length}, SecureRandom, work.now());
        LOYALTY_RETURN_IF_ERROR(issued.status());
        *answer.mutable_code() = ToProto(issued->code);
        stood = !issued->is_new;
        if (issued->is_new) EmitIssued(work, answer.code());
        return absl::OkStatus();
      });
  if (done.ok() && stood) call.SetReplayed();
  return done.status();
}

absl::Status ReferralServiceImpl::CreateVanity(rpc::Call& call, const v1::CreateVanityCodeRequest& in,
                                               v1::CreateVanityCodeResponse& out) {
  const std::string code = NormalizeCode(in.code());
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kOptional, violations);
  CheckSlug(violations, "campaign_id", in.campaign_id());
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kRequired);
  CheckVanityCode(violations, "code", code);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Change(runner_, call, in, out,
                [&](work::Work& work, v1::CreateVanityCodeResponse& answer) -> absl::Status {
                  const std::optional<Campaign> campaign = In<CampaignStore>(work).Get(in.campaign_id());
                  if (!campaign) return CampaignNotFound(in.campaign_id());
                  CodeStore codes = In<CodeStore>(work);
                  const auto own = codes.Find(campaign->id, in.member_id(), CodeKind::kVanity);
                  if (own && own->code == code) {
                    *answer.mutable_code() = ToProto(*own);
                    return absl::OkStatus();
                  }
                  LOYALTY_RETURN_IF_ERROR(CheckNotBlocked(code));
                  LOYALTY_RETURN_IF_ERROR(CheckGivesCodes(*campaign, work.now()));
                  const auto issued =
                      codes.AddVanity({code, CodeKind::kVanity, campaign->id, in.member_id(), work.now()});
                  LOYALTY_RETURN_IF_ERROR(issued.status());
                  *answer.mutable_code() = ToProto(issued->code);
                  if (issued->is_new) EmitIssued(work, answer.code());
                  return absl::OkStatus();
                });
}

absl::Status ReferralServiceImpl::LookUp(const v1::LookUpCodeRequest& in, v1::LookUpCodeResponse& out) {
  const std::string code = NormalizeCode(in.code());
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "code", code, kMaxIdBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Guarded(in.program_id(), code, [&] {
    return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
      const auto found = In<CodeStore>(work).LookUp(code);
      if (!found) return CodeNotFound(code);
      *out.mutable_code() = ToProto(found->code);
      out.set_campaign_state(static_cast<v1::CampaignState>(StateAt(found->campaign, work.now())));
      return absl::OkStatus();
    });
  });
}

template <class Body>
absl::Status ReferralServiceImpl::Guarded(const std::string& program_id, const std::string& code, Body body) {
  {
    absl::MutexLock lock(&mutex_);
    LOYALTY_RETURN_IF_ERROR(guesses_.Admit(program_id, code, clock_.Now()));
  }
  const absl::Status status = body();
  if (const auto refusal = RefusalOf(status); refusal && refusal->reason == reason::kCodeNotFound) {
    absl::MutexLock lock(&mutex_);
    guesses_.Missed(program_id, code, clock_.Now());
  }
  return status;
}

absl::Status ReferralServiceImpl::Claim(rpc::Call& call, const v1::ClaimReferralRequest& in,
                                        v1::ClaimReferralResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kOptional, violations);
  CheckText(violations, "friend_id", in.friend_id(), kMaxIdBytes, Presence::kRequired);
  const std::string code = NormalizeCode(in.code());
  CheckText(violations, "code", code, kMaxIdBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Guarded(in.program_id(), code, [&] {
    bool stood = false;
    const auto done = runner_.Mutate(
        work::MutationOf(in), out, [&](work::Work& work, v1::ClaimReferralResponse& answer) -> absl::Status {
          const auto claimed = ReferralWork(work).Claim(in.friend_id(), code);
          LOYALTY_RETURN_IF_ERROR(claimed.status());
          *answer.mutable_referral() = ToProto(claimed->referral, work.program().id);
          stood = claimed->stood;
          return absl::OkStatus();
        });
    if (done.ok() && (stood || done->replayed)) call.SetReplayed();
    return done.status();
  });
}

absl::Status ReferralServiceImpl::SignUp(rpc::Call& call, const v1::RecordSignUpRequest& in,
                                         v1::RecordSignUpResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kOptional, violations);
  CheckText(violations, "friend_id", in.friend_id(), kMaxIdBytes, Presence::kRequired);
  if (in.has_sign_up_time()) CheckTime(violations, "sign_up_time", ToTime(in.sign_up_time()));
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Change(runner_, call, in, out,
                [&](work::Work& work, v1::RecordSignUpResponse& answer) -> absl::Status {
                  const absl::Time time = in.has_sign_up_time() ? ToTime(in.sign_up_time()) : work.now();
                  LOYALTY_RETURN_IF_ERROR(CheckHasCome("sign_up_time", time, work.now()));
                  const std::optional<Referral> referral = ReferralWork(work).SignUp(in.friend_id(), time);
                  if (!referral) return ReferralNotFound("friend_id", in.friend_id());
                  *answer.mutable_referral() = ToProto(*referral, work.program().id);
                  return absl::OkStatus();
                });
}

absl::Status ReferralServiceImpl::Qualify(rpc::Call& call, const v1::RecordQualifyingEventRequest& in,
                                          v1::RecordQualifyingEventResponse& out) {
  const Purchase purchase{in.order_id(), in.amount_minor(), ToTime(in.purchase_time())};
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kOptional, violations);
  CheckText(violations, "friend_id", in.friend_id(), kMaxIdBytes, Presence::kRequired);
  CheckText(violations, "order_id", in.order_id(), kMaxIdBytes, Presence::kRequired);
  CheckRange(violations, "amount_minor", in.amount_minor(), 0, kMaxAmountMinor);
  if (in.has_purchase_time()) {
    CheckTime(violations, "purchase_time", purchase.time);
  } else {
    violations.Add("purchase_time", reason::kFieldRequired, "is required.");
  }
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Change(runner_, call, in, out,
                [&](work::Work& work, v1::RecordQualifyingEventResponse& answer) -> absl::Status {
                  LOYALTY_RETURN_IF_ERROR(CheckHasCome("purchase_time", purchase.time, work.now()));
                  const auto referral = ReferralWork(work).Buy(in.friend_id(), purchase);
                  LOYALTY_RETURN_IF_ERROR(referral.status());
                  if (!*referral) return ReferralNotFound("friend_id", in.friend_id());
                  *answer.mutable_referral() = ToProto(**referral, work.program().id);
                  return absl::OkStatus();
                });
}

absl::Status ReferralServiceImpl::Get(const v1::GetReferralRequest& in, v1::GetReferralResponse& out) {
  int64_t id = 0;
  Violations violations;
  CheckProgram(in, violations);
  if (in.by_case() == v1::GetReferralRequest::kFriendId) {
    CheckText(violations, "friend_id", in.friend_id(), kMaxIdBytes, Presence::kRequired);
  } else if (in.referral_id().empty()) {
    violations.Add("referral_id", reason::kFieldRequired, "or friend_id is required.");
  } else if (!absl::SimpleAtoi(in.referral_id(), &id)) {
    violations.Add("referral_id", reason::kMalformed, "must be decimal digits.");
  }
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    ReferralReader reader = In<ReferralReader>(work);
    const auto found = in.has_friend_id() ? reader.GetByFriend(in.friend_id()) : reader.Get(id);
    if (!found) {
      return in.has_friend_id() ? ReferralNotFound("friend_id", in.friend_id())
                                : ReferralNotFound("referral_id", in.referral_id());
    }
    *out.mutable_referral() = ToProto(found->referral, work.program().id);
    for (const Transition& transition : found->history) *out.add_transitions() = ToProto(transition);
    return absl::OkStatus();
  });
}

absl::Status ReferralServiceImpl::List(const v1::ListReferralsRequest& in, v1::ListReferralsResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  if (!in.campaign_id().empty()) CheckSlug(violations, "campaign_id", in.campaign_id());
  CheckText(violations, "referrer_id", in.referrer_id(), kMaxIdBytes, Presence::kOptional);
  ReferralFilter wanted{in.campaign_id(), in.referrer_id(), {}};
  for (const int state : in.states()) {
    if (!v1::ReferralState_IsValid(state) || state == v1::REFERRAL_STATE_UNSPECIFIED) {
      violations.Add("states", reason::kMalformed, absl::StrCat(state, " is not a state of a referral."));
    }
    wanted.states.push_back(static_cast<ReferralState>(state));
  }
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const absl::StatusOr<Page> page = PageByNumber(in, kMaxPageSize, kNewest);
  LOYALTY_RETURN_IF_ERROR(page.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    FillPage(
        out, *page, In<ReferralReader>(work).List(wanted, page->number, page->size + 1),
        [&](const Referral& referral) {
          return AddTo(*out.mutable_referrals(), ToProto(referral, work.program().id));
        },
        [](const Referral& referral) { return referral.id; });
    return absl::OkStatus();
  });
}

absl::Status ReferralServiceImpl::GetStats(const v1::GetReferrerStatsRequest& in,
                                           v1::GetReferrerStatsResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckSlug(violations, "campaign_id", in.campaign_id());
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    const auto standing = In<ReferralReader>(work).GetReferrer(in.campaign_id(), in.member_id());
    if (!standing) return CampaignNotFound(in.campaign_id());
    *out.mutable_stats() = ToProto(*standing);
    return absl::OkStatus();
  });
}

absl::Status ReferralServiceImpl::GetBoard(const v1::GetLeaderboardRequest& in,
                                           v1::GetLeaderboardResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckSlug(violations, "campaign_id", in.campaign_id());
  const absl::Time start =
      ToBound(violations, "start_time", in.has_start_time(), in.start_time(), absl::InfinitePast());
  const absl::Time end =
      ToBound(violations, "end_time", in.has_end_time(), in.end_time(), absl::InfiniteFuture());
  if (violations.empty() && end <= start) {
    violations.Add("end_time", reason::kTimeOutOfRange, "must be after start_time.");
  }
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const absl::StatusOr<Page> page = PageOf(in, kMaxPageSize);
  LOYALTY_RETURN_IF_ERROR(page.status());
  LeaderboardCursor after;
  if (!page->cursor.empty()) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(page->cursor, absl::MaxSplits(' ', 1));
    if (!absl::SimpleAtoi(parts.first, &after.referrals)) return rpc::PageTokenInvalid();
    after.referrer_id = std::string(parts.second);
  }
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    const auto board =
        In<ReferralReader>(work).Leaderboard(in.campaign_id(), start, end, after, page->size + 1);
    if (board.empty() && !In<CampaignStore>(work).Get(in.campaign_id()))
      return CampaignNotFound(in.campaign_id());
    FillPage(
        out, *page, board,
        [&](const LeaderboardRow& row) { return AddTo(*out.mutable_entries(), ToProto(row)); },
        [](const LeaderboardRow& row) { return absl::StrCat(row.referrals, " ", row.referrer_id); });
    return absl::OkStatus();
  });
}

}  // namespace loyalty::referral
