#include "services/points/service/reward_service.h"

#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>

#include <limits>
#include <set>

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "common/rpc/time.h"
#include "common/status/status.h"
#include "loyalty/points/v1/event.pb.h"
#include "services/points/domain/validate.h"
#include "services/points/service/convert_entry.h"
#include "services/points/service/convert_reward.h"
#include "services/points/service/random_characters.h"

namespace loyalty::points {
namespace {

constexpr size_t kMaxRewardsOnOffer = 1'000;
constexpr size_t kMostBadCodes = 20;  // that are told: an answer has room for no more

absl::Status RewardNotFound(const std::string& reward_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kRewardNotFound,
                absl::StrCat("The program has no reward ", reward_id, "."), {{"reward_id", reward_id}});
}

absl::Status RefuseReward(absl::string_view reason, const std::string& reward_id, absl::string_view message) {
  return Refuse(absl::StatusCode::kFailedPrecondition, reason,
                absl::StrCat("The reward ", reward_id, " ", message), {{"reward_id", reward_id}});
}

absl::Status RewardArchived(const std::string& reward_id) {
  return RefuseReward(reason::kRewardArchived, reward_id, "is archived. Create another one.");
}

absl::Status MemberNotFound(const std::string& program_id, const std::string& member_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kMemberNotFound,
                absl::StrCat("The program ", program_id, " has no member ", member_id, "."),
                {{"program_id", program_id}, {"member_id", member_id}});
}

// The reward of a request that creates or changes one.
template <class Request>
Reward CheckedReward(const Request& in, Violations& violations) {
  CheckText(violations, "reward.program_id", in.reward().program_id(), kMaxIdBytes, Presence::kRequired);
  CheckChange(in, Presence::kRequired, Presence::kRequired, violations);
  Reward reward = ToReward(in.reward(), violations);
  ValidateReward(reward, violations);
  return reward;
}

template <class Request>
work::Mutation MutationOf(const Request& in) {
  work::Mutation mutation = work::MutationOf(in);
  mutation.program_id = in.reward().program_id();
  return mutation;
}

// The reward, locked until the transaction ends; nothing if there is none.
std::optional<RewardStatus> Locked(work::Work& work, const std::string& reward_id) {
  if (!LockReward(work.tx(), work.program().key, reward_id)) return std::nullopt;
  return FindReward(work.tx(), work.program().key, reward_id);
}

absl::Status CheckCodes(const v1::UploadRewardCodesRequest& in) {
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kRequired, violations);
  CheckText(violations, "reward_id", in.reward_id(), kMaxSlugBytes, Presence::kRequired);
  if (in.codes().empty()) violations.Add("codes", reason::kFieldRequired, "must have at least one code.");
  if (!CheckCount(violations, "codes", static_cast<size_t>(in.codes_size()), kMaxCodesOfUpload)) {
    return violations.ToStatus();
  }
  std::set<absl::string_view> seen;
  size_t bad = 0;
  for (int i = 0; i < in.codes_size() && bad < kMostBadCodes; ++i) {
    const std::string field = absl::StrCat("codes[", i, "]");
    if (!CheckText(violations, field, in.codes(i), kMaxCodeBytes, Presence::kRequired)) {
      ++bad;
    } else if (!seen.insert(in.codes(i)).second) {
      violations.Add(field, reason::kDuplicate, "is there twice.");
      ++bad;
    }
  }
  return violations.ToStatus();
}

void Prepare(Command& command) {
  if (auto* redeem = std::get_if<RedeemReward>(&command.action)) {
    redeem->random = RandomCharacters(kMostCodeLength);
  }
}

}  // namespace

template <class Request, class Response>
grpc::ServerUnaryReactor* RewardServiceImpl::Post(Context* context, const Request* request,
                                                  Response* response) {
  return adapter_.Async(
      context, request, response,
      [this](rpc::Call& call, const Request& in, Response& out, rpc::Adapter::Done done) {
        Violations violations;
        CheckProgram(in, violations);
        Command command = ToCommand(in);
        ValidateCommand(command, Presence::kRequired, violations);
        if (!violations.empty()) return done(violations.ToStatus());
        Prepare(command);
        committer_.Submit(CallLane(in.program_id()), std::move(command), call.deadline(),
                          [&call, &in, &out, done = std::move(done)](const absl::StatusOr<Receipt>& receipt) {
                            if (receipt.ok()) {
                              *out.mutable_entry() = ToProto(receipt->entry, in.member_id());
                              if (receipt->replayed) call.SetReplayed();
                            }
                            done(receipt.status());
                          });
      });
}

RewardServiceImpl::Unary* RewardServiceImpl::RedeemReward(Context* context,
                                                          const v1::RedeemRewardRequest* request,
                                                          v1::RedeemRewardResponse* response) {
  return Post(context, request, response);
}

RewardServiceImpl::Unary* RewardServiceImpl::FulfillRedemption(Context* context,
                                                               const v1::FulfillRedemptionRequest* request,
                                                               v1::FulfillRedemptionResponse* response) {
  return Post(context, request, response);
}

RewardServiceImpl::Unary* RewardServiceImpl::CancelRedemption(Context* context,
                                                              const v1::CancelRedemptionRequest* request,
                                                              v1::CancelRedemptionResponse* response) {
  return Post(context, request, response);
}

RewardServiceImpl::Unary* RewardServiceImpl::CreateReward(Context* context,
                                                          const v1::CreateRewardRequest* request,
                                                          v1::CreateRewardResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Create(call, in, out);
  });
}

RewardServiceImpl::Unary* RewardServiceImpl::UpdateReward(Context* context,
                                                          const v1::UpdateRewardRequest* request,
                                                          v1::UpdateRewardResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Update(call, in, out);
  });
}

RewardServiceImpl::Unary* RewardServiceImpl::ArchiveReward(Context* context,
                                                           const v1::ArchiveRewardRequest* request,
                                                           v1::ArchiveRewardResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Archive(call, in, out);
  });
}

RewardServiceImpl::Unary* RewardServiceImpl::UploadRewardCodes(Context* context,
                                                               const v1::UploadRewardCodesRequest* request,
                                                               v1::UploadRewardCodesResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Upload(call, in, out);
  });
}

RewardServiceImpl::Unary* RewardServiceImpl::GetReward(Context* context, const v1::GetRewardRequest* request,
                                                       v1::GetRewardResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return Get(in, out); });
}

RewardServiceImpl::Unary* RewardServiceImpl::ListRewards(Context* context,
                                                         const v1::ListRewardsRequest* request,
                                                         v1::ListRewardsResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return List(in, out); });
}

RewardServiceImpl::Unary* RewardServiceImpl::GetRedemption(Context* context,
                                                           const v1::GetRedemptionRequest* request,
                                                           v1::GetRedemptionResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return Find(in, out); });
}

RewardServiceImpl::Unary* RewardServiceImpl::ListRedemptions(Context* context,
                                                             const v1::ListRedemptionsRequest* request,
                                                             v1::ListRedemptionsResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return ListOf(in, out); });
}

RewardServiceImpl::Unary* RewardServiceImpl::GetDonationStatement(
    Context* context, const v1::GetDonationStatementRequest* request,
    v1::GetDonationStatementResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return Sum(in, out); });
}

absl::Status RewardServiceImpl::Create(rpc::Call& call, const v1::CreateRewardRequest& in,
                                       v1::CreateRewardResponse& out) {
  Violations violations;
  const Reward wanted = CheckedReward(in, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const work::Mutation mutation = MutationOf(in);
  bool there_before = false;
  const absl::StatusOr<work::Done> done =
      runner_.Mutate(mutation, out, [&](work::Work& work, v1::CreateRewardResponse& answer) -> absl::Status {
        const int32_t program = work.program().key;
        LockRewards(work.tx(), work.program().id);
        const std::optional<RewardStatus> existing = Locked(work, wanted.id);
        there_before = existing.has_value();
        if (existing && !SameReward(existing->reward, wanted)) {
          return Refuse(absl::StatusCode::kAlreadyExists, reason::kRewardAlreadyExists,
                        absl::StrCat("There is, or was, a reward ", wanted.id, " with another content."),
                        {{"reward_id", wanted.id}});
        }
        if (existing) {
          *answer.mutable_reward() = ToProto(*existing, mutation.program_id);
          return absl::OkStatus();
        }
        if (CountRewards(work.tx(), program) >= kMaxRewardsOnOffer) {
          return Refuse(absl::StatusCode::kFailedPrecondition, reason::kTooManyRewards,
                        absl::StrCat("The program has ", kMaxRewardsOnOffer, " rewards. Archive one first."),
                        {{"limit", absl::StrCat(kMaxRewardsOnOffer)}});
        }
        RewardStatus created{.reward = wanted};
        created.reward.create_time = created.reward.update_time = work.now();
        InsertReward(work.tx(), program, created.reward);
        *answer.mutable_reward() = ToProto(created, mutation.program_id);
        v1::RewardCreated event;
        *event.mutable_reward() = answer.reward();
        work.Emit(event);
        return absl::OkStatus();
      });
  if (done.ok() && (done->replayed || there_before)) call.SetReplayed();
  return done.status();
}

absl::Status RewardServiceImpl::Update(rpc::Call& call, const v1::UpdateRewardRequest& in,
                                       v1::UpdateRewardResponse& out) {
  Violations violations;
  const Reward wanted = CheckedReward(in, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const work::Mutation mutation = MutationOf(in);
  return Change(runner_, call, mutation, out,
                [&](work::Work& work, v1::UpdateRewardResponse& answer) -> absl::Status {
                  std::optional<RewardStatus> status = Locked(work, wanted.id);
                  if (!status) return RewardNotFound(wanted.id);
                  Reward& reward = status->reward;
                  if (reward.archive_time) return RewardArchived(wanted.id);
                  if (!SameKind(reward, wanted)) {
                    return RefuseReward(
                        reason::kRewardKindFixed, wanted.id,
                        "keeps its kind, the source of its codes and its charity. Create another "
                        "one.");
                  }
                  const bool changes = !SameReward(reward, wanted);
                  if (changes) {
                    const absl::Time create_time = reward.create_time;
                    reward = wanted;
                    reward.create_time = create_time;
                    reward.update_time = work.now();
                    points::UpdateReward(work.tx(), work.program().key, reward);
                  }
                  *answer.mutable_reward() = ToProto(*status, mutation.program_id);
                  if (changes) {
                    v1::RewardUpdated event;
                    *event.mutable_reward() = answer.reward();
                    work.Emit(event);
                  }
                  return absl::OkStatus();
                })
      .status();
}

absl::Status RewardServiceImpl::Archive(rpc::Call& call, const v1::ArchiveRewardRequest& in,
                                        v1::ArchiveRewardResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kRequired, violations);
  CheckText(violations, "reward_id", in.reward_id(), kMaxSlugBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Change(runner_, call, in, out,
                [&](work::Work& work, v1::ArchiveRewardResponse& answer) -> absl::Status {
                  std::optional<RewardStatus> status = Locked(work, in.reward_id());
                  if (!status) return RewardNotFound(in.reward_id());
                  Reward& reward = status->reward;
                  const bool on_offer = !reward.archive_time;
                  if (on_offer) {
                    reward.archive_time = reward.update_time = work.now();
                    points::ArchiveReward(work.tx(), work.program().key, reward.id, work.now());
                  }
                  *answer.mutable_reward() = ToProto(*status, in.program_id());
                  if (on_offer) {
                    v1::RewardArchived event;
                    *event.mutable_reward() = answer.reward();
                    work.Emit(event);
                  }
                  return absl::OkStatus();
                });
}

absl::Status RewardServiceImpl::Upload(rpc::Call& call, const v1::UploadRewardCodesRequest& in,
                                       v1::UploadRewardCodesResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckCodes(in));
  const std::vector<std::string> codes(in.codes().begin(), in.codes().end());
  const auto sent = static_cast<int64_t>(codes.size());
  return Change(
      runner_, call, in, out, [&](work::Work& work, v1::UploadRewardCodesResponse& answer) -> absl::Status {
        const std::optional<RewardStatus> status = Locked(work, in.reward_id());
        if (!status) return RewardNotFound(in.reward_id());
        if (status->reward.archive_time) return RewardArchived(in.reward_id());
        if (!NeedsUploadedCode(status->reward)) {
          return RefuseReward(reason::kNoUploadedCodes, in.reward_id(), "has no codes that are uploaded.");
        }
        const int64_t added = InsertRewardCodes(work.tx(), work.program().key, in.reward_id(), codes);
        if (added < sent) {
          return Refuse(
              absl::StatusCode::kAlreadyExists, reason::kRewardCodeExists,
              absl::StrCat(sent - added, " of the codes are in the program already. None was added."),
              {{"count", absl::StrCat(sent - added)}});
        }
        answer.set_added_count(added);
        answer.set_free_code_count(status->free_codes + added);
        return absl::OkStatus();
      });
}

absl::Status RewardServiceImpl::Get(const v1::GetRewardRequest& in, v1::GetRewardResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "reward_id", in.reward_id(), kMaxSlugBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    const std::optional<RewardStatus> status = FindReward(work.tx(), work.program().key, in.reward_id());
    if (!status) return RewardNotFound(in.reward_id());
    *out.mutable_reward() = ToProto(*status, in.program_id());
    return absl::OkStatus();
  });
}

absl::Status RewardServiceImpl::List(const v1::ListRewardsRequest& in, v1::ListRewardsResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckProgram(in));
  const absl::StatusOr<Page> page = PageOf(in, kMaxPageSize);
  LOYALTY_RETURN_IF_ERROR(page.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    out.Clear();
    FillPage(
        out, *page,
        points::ListRewards(work.tx(), work.program().key, page->cursor, in.include_archived(),
                            page->size + 1),
        [&](const RewardStatus& status) {
          return AddTo(*out.mutable_rewards(), ToProto(status, in.program_id()));
        },
        [](const RewardStatus& status) { return status.reward.id; });
    return absl::OkStatus();
  });
}

absl::Status RewardServiceImpl::Find(const v1::GetRedemptionRequest& in, v1::GetRedemptionResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "redemption_request_id", in.redemption_request_id(), kMaxRequestIdBytes,
            Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    const std::optional<RedemptionView> view =
        FindRedemption(work.tx(), work.program().key, in.redemption_request_id());
    if (!view) {
      return Refuse(absl::StatusCode::kNotFound, reason::kRedemptionNotFound,
                    "No redemption stands under the request id that is named.",
                    {{"request_id", in.redemption_request_id()}});
    }
    *out.mutable_redemption() = ToProto(*view);
    return absl::OkStatus();
  });
}

absl::Status RewardServiceImpl::ListOf(const v1::ListRedemptionsRequest& in,
                                       v1::ListRedemptionsResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const absl::StatusOr<Page> page = PageByNumber(in, kMaxPageSize);
  LOYALTY_RETURN_IF_ERROR(page.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    const auto redemptions =
        points::ListRedemptions(work.tx(), work.program().key, in.member_id(), page->number, page->size + 1);
    if (!redemptions) return MemberNotFound(in.program_id(), in.member_id());
    out.Clear();
    FillPage(
        out, *page, *redemptions,
        [&](const RedemptionView& view) { return AddTo(*out.mutable_redemptions(), ToProto(view)); },
        [](const RedemptionView& view) { return view.position; });
    return absl::OkStatus();
  });
}

absl::Status RewardServiceImpl::Sum(const v1::GetDonationStatementRequest& in,
                                    v1::GetDonationStatementResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "charity_member_id", in.charity_member_id(), kMaxIdBytes, Presence::kRequired);
  absl::Time start = absl::InfinitePast(), end = absl::InfiniteFuture();
  if (in.has_start_time()) start = rpc::ToTime(in.start_time());
  if (in.has_end_time()) end = rpc::ToTime(in.end_time());
  bool fits = !in.has_start_time() || CheckTime(violations, "start_time", start);
  fits = (!in.has_end_time() || CheckTime(violations, "end_time", end)) && fits;
  if (fits && end <= start) violations.Add("end_time", reason::kTimeOrder, "must be after start_time.");
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    const auto sums = SumDonations(work.tx(), work.program().key, in.charity_member_id(), start, end);
    if (!sums) return MemberNotFound(in.program_id(), in.charity_member_id());
    out.Clear();
    absl::int128 total = 0;
    for (const DonationSum& sum : *sums) {
      *out.add_sums() = ToProto(sum);
      total += sum.points;
    }
    // What a charity was given in all may be more than it could ever hold at once.
    const absl::int128 most = std::numeric_limits<int64_t>::max();
    out.set_total_points(static_cast<int64_t>(std::min(total, most)));
    return absl::OkStatus();
  });
}

}  // namespace loyalty::points
