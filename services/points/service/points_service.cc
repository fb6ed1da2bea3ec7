#include "services/points/service/points_service.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_cat.h>

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "common/status/status.h"
#include "services/points/domain/validate.h"
#include "services/points/service/convert.h"
#include "services/points/service/convert_entry.h"
#include "services/points/service/convert_member.h"
#include "services/points/service/events.h"
#include "services/points/service/import_purchases.h"

namespace loyalty::points {
namespace {

constexpr int kMaxBalances = 1'000;

template <class Request>
void CheckMember(const Request& in, Violations& violations) {
  CheckProgram(in, violations);
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kRequired);
}
template <class Request>
absl::Status CheckMember(const Request& in) {
  Violations violations;
  CheckMember(in, violations);
  return violations.ToStatus();
}

EntryFilter ToFilter(const v1::ListEntriesRequest& in, Violations& violations) {
  EntryFilter filter;
  for (const int kind : in.kinds()) {
    if (!v1::EntryKind_IsValid(kind) || kind == v1::ENTRY_KIND_UNSPECIFIED) {
      violations.Add("kinds", reason::kMalformed, absl::StrCat(kind, " is not a kind of entry."));
    }
    filter.kinds.push_back(static_cast<EntryKind>(kind));
  }
  const auto read = [&](const char* field, bool given, const google::protobuf::Timestamp& in_time,
                        absl::Time& time) {
    if (given) time = ToTime(in_time);
    if (given && time == absl::InfiniteFuture())
      violations.Add(field, reason::kTimeOutOfRange, "is not a valid time.");
  };
  read("occurred_start_time", in.has_occurred_start_time(), in.occurred_start_time(), filter.occurred_start);
  read("occurred_end_time", in.has_occurred_end_time(), in.occurred_end_time(), filter.occurred_end);
  read("recorded_start_time", in.has_recorded_start_time(), in.recorded_start_time(), filter.recorded_start);
  read("recorded_end_time", in.has_recorded_end_time(), in.recorded_end_time(), filter.recorded_end);
  return filter;
}

absl::Status NoSuchEntry(const v1::ExplainEntryRequest& in) {
  return Refuse(absl::StatusCode::kNotFound, reason::kEntryNotFound,
                absl::StrCat("The member has no entry with the sequence ", in.sequence(), "."),
                {{"sequence", absl::StrCat(in.sequence())}});
}

// Adds what is wrong with a request and cannot be seen in its command.
template <class Request>
void CheckRequest(const Request&, Violations&) {}
void CheckRequest(const v1::SetTierRequest& in, Violations& violations) {
  if (!in.tier_id().empty() && !in.has_until_time()) {
    violations.Add("until_time", reason::kFieldRequired, "is required with tier_id.");
  }
}

// A quote keeps nothing that would have to be found again.
template <class Request>
constexpr Presence RequestIdOf() {
  return requires(const Request& in) { in.request_id(); }
  ? Presence::kRequired : Presence::kOptional;
}

template <class Request, class Response>
void FillAnswer(Response& out, const Request& in, const Receipt& receipt) {
  *out.mutable_entry() = ToProto(receipt.entry, in.member_id().empty() ? receipt.member_id : in.member_id());
  if constexpr (requires { in.to_member_id(); }) {
    out.mutable_entry()->set_counterpart_member_id(in.to_member_id());
  }
  if constexpr (requires { out.mutable_explanations(); }) {
    Fill(*out.mutable_explanations(), receipt.entry.considered);
  }
}

// The violations, and times that lie ahead too, so that all is told at once. A command without violations is
// for the ledger to refuse for its times: only there the program's clock is known, here just the server's.
absl::Status WithTimesAhead(Violations& violations, const Command& command, absl::Time server_now) {
  CheckNotAhead(command, server_now, violations);
  return violations.ToStatus();
}

}  // namespace

template <class Request, class Response>
grpc::ServerUnaryReactor* PointsServiceImpl::Post(Context* context, const Request* request,
                                                  Response* response) {
  return adapter_.Async(context, request, response,
                        [this](rpc::Call& call, const Request& in, Response& out, rpc::Adapter::Done done) {
                          Violations violations;
                          CheckProgram(in, violations);
                          Command command = ToCommand(in);
                          CheckRequest(in, violations);
                          ValidateCommand(command, RequestIdOf<Request>(), violations);
                          if (!violations.empty())
                            return done(WithTimesAhead(violations, command, clock_.Now()));
                          committer_->Submit(CallLane(in.program_id()), std::move(command), call.deadline(),
                                             [&call, &in, &out, done = std::move(done)](
                                                 const absl::StatusOr<Receipt>& receipt) {
                                               if (receipt.ok()) {
                                                 FillAnswer(out, in, *receipt);
                                                 if (receipt->replayed) call.SetReplayed();
                                               }
                                               done(receipt.status());
                                             });
                        });
}

PointsServiceImpl::Unary* PointsServiceImpl::RecordPurchase(Context* context,
                                                            const v1::RecordPurchaseRequest* request,
                                                            v1::RecordPurchaseResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::QuotePurchase(Context* context,
                                                           const v1::QuotePurchaseRequest* request,
                                                           v1::QuotePurchaseResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::ConfirmPurchase(Context* context,
                                                             const v1::ConfirmPurchaseRequest* request,
                                                             v1::ConfirmPurchaseResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::CancelPurchase(Context* context,
                                                            const v1::CancelPurchaseRequest* request,
                                                            v1::CancelPurchaseResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::RecordActivity(Context* context,
                                                            const v1::RecordActivityRequest* request,
                                                            v1::RecordActivityResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::Earn(Context* context, const v1::EarnRequest* request,
                                                  v1::EarnResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::Spend(Context* context, const v1::SpendRequest* request,
                                                   v1::SpendResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::Adjust(Context* context, const v1::AdjustRequest* request,
                                                    v1::AdjustResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::ReservePoints(Context* context,
                                                           const v1::ReservePointsRequest* request,
                                                           v1::ReservePointsResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::CapturePoints(Context* context,
                                                           const v1::CapturePointsRequest* request,
                                                           v1::CapturePointsResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::ReleasePoints(Context* context,
                                                           const v1::ReleasePointsRequest* request,
                                                           v1::ReleasePointsResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::TransferPoints(Context* context,
                                                            const v1::TransferPointsRequest* request,
                                                            v1::TransferPointsResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::ReverseEntry(Context* context,
                                                          const v1::ReverseEntryRequest* request,
                                                          v1::ReverseEntryResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::RecordReturn(Context* context,
                                                          const v1::RecordReturnRequest* request,
                                                          v1::RecordReturnResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::SetMemberLabel(Context* context,
                                                            const v1::SetMemberLabelRequest* request,
                                                            v1::SetMemberLabelResponse* response) {
  return Post(context, request, response);
}

PointsServiceImpl::Unary* PointsServiceImpl::SetTier(Context* context, const v1::SetTierRequest* request,
                                                     v1::SetTierResponse* response) {
  return Post(context, request, response);
}

grpc::ServerBidiReactor<v1::ImportPurchasesRequest, v1::ImportPurchasesResponse>*
PointsServiceImpl::ImportPurchases(Context* context) {
  return ImportStream::Start(adapter_.MethodOf<v1::ImportPurchasesRequest>(), *context, *committer_, clock_);
}

PointsServiceImpl::Unary* PointsServiceImpl::EnrollMember(Context* context,
                                                          const v1::EnrollMemberRequest* request,
                                                          v1::EnrollMemberResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Enroll(call, in, out);
  });
}

PointsServiceImpl::Unary* PointsServiceImpl::GetMember(Context* context, const v1::GetMemberRequest* request,
                                                       v1::GetMemberResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call&, const auto& in, auto& out) {
    LOYALTY_RETURN_IF_ERROR(CheckMember(in));
    const absl::StatusOr<MemberView> member = members_.View(in.program_id(), in.member_id());
    if (member.ok()) *out.mutable_member() = ToProto(*member, in.program_id());
    return member.status();
  });
}

PointsServiceImpl::Unary* PointsServiceImpl::GetBalance(Context* context,
                                                        const v1::GetBalanceRequest* request,
                                                        v1::GetBalanceResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return ReadBalance(in, out); });
}

PointsServiceImpl::Unary* PointsServiceImpl::BatchGetBalances(Context* context,
                                                              const v1::BatchGetBalancesRequest* request,
                                                              v1::BatchGetBalancesResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return ReadBalances(in, out); });
}

PointsServiceImpl::Unary* PointsServiceImpl::ListEntries(Context* context,
                                                         const v1::ListEntriesRequest* request,
                                                         v1::ListEntriesResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return ReadEntries(in, out); });
}

PointsServiceImpl::Unary* PointsServiceImpl::ExplainEntry(Context* context,
                                                          const v1::ExplainEntryRequest* request,
                                                          v1::ExplainEntryResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return Explain(in, out); });
}

absl::Status PointsServiceImpl::Enroll(rpc::Call& call, const v1::EnrollMemberRequest& in,
                                       v1::EnrollMemberResponse& out) {
  Violations violations;
  CheckMember(in, violations);
  CheckText(violations, "request_id", in.request_id(), kMaxRequestIdBytes, Presence::kOptional);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  bool member_before = false;
  const absl::StatusOr<work::Done> done = runner_.Mutate(
      work::MutationOf(in), out, [&](work::Work& work, v1::EnrollMemberResponse& answer) -> absl::Status {
        const absl::StatusOr<Enrollment> enrollment =
            points::Enroll(work.tx(), in.program_id(), work.program().key, in.member_id(), work.now());
        LOYALTY_RETURN_IF_ERROR(enrollment.status());
        member_before = enrollment->replayed;
        *answer.mutable_member() = ToProto(enrollment->member, in.program_id());
        if (!member_before) work.Emit(EnrolledEvent(answer.member()), {.member_id = in.member_id()});
        return absl::OkStatus();
      });
  if (done.ok() && (done->replayed || member_before)) call.SetReplayed();
  return done.status();
}

absl::Status PointsServiceImpl::ReadBalance(const v1::GetBalanceRequest& in, v1::GetBalanceResponse& out) {
  const absl::Time time = ToTime(in.as_of_time());
  Violations violations;
  CheckMember(in, violations);
  if (in.has_as_of_time()) CheckTime(violations, "as_of_time", time);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  if (in.has_as_of_time()) {
    const absl::StatusOr<Balance> past = members_.BalanceAt(in.program_id(), in.member_id(), time);
    LOYALTY_RETURN_IF_ERROR(past.status());
    v1::Balance& balance = *out.mutable_balance();
    balance.set_member_id(in.member_id());
    balance.set_available_points(past->points);
    balance.set_sequence(past->sequence);
  } else {
    const absl::StatusOr<Member> member = members_.Get(in.program_id(), in.member_id());
    LOYALTY_RETURN_IF_ERROR(member.status());
    *out.mutable_balance() = BalanceOf(*member);
  }
  return absl::OkStatus();
}

absl::Status PointsServiceImpl::ReadBalances(const v1::BatchGetBalancesRequest& in,
                                             v1::BatchGetBalancesResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  if (in.member_ids().empty())
    violations.Add("member_ids", reason::kFieldRequired, "must name at least one member.");
  CheckCount(violations, "member_ids", static_cast<size_t>(in.member_ids_size()), kMaxBalances);
  for (int i = 0; i < std::min(in.member_ids_size(), kMaxBalances); ++i) {
    CheckText(violations, absl::StrCat("member_ids[", i, "]"), in.member_ids(i), kMaxIdBytes,
              Presence::kRequired);
  }
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());

  const std::vector<std::string> ids(in.member_ids().begin(), in.member_ids().end());
  const absl::StatusOr<std::vector<Member>> members = members_.GetAll(in.program_id(), ids);
  LOYALTY_RETURN_IF_ERROR(members.status());
  absl::flat_hash_map<absl::string_view, const Member*> by_id;
  for (const Member& member : *members) by_id.emplace(member.id, &member);
  for (const std::string& id : ids) {
    const auto found = by_id.find(id);
    if (found == by_id.end()) {
      out.add_unknown_member_ids(id);
      continue;
    }
    *out.add_balances() = BalanceOf(*found->second);
  }
  return absl::OkStatus();
}

absl::Status PointsServiceImpl::ReadEntries(const v1::ListEntriesRequest& in, v1::ListEntriesResponse& out) {
  Violations violations;
  CheckMember(in, violations);
  const EntryFilter filter = ToFilter(in, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const absl::StatusOr<Page> page = PageByNumber(in, kMaxPageSize);
  LOYALTY_RETURN_IF_ERROR(page.status());
  const auto entries =
      members_.ListEntries(in.program_id(), in.member_id(), filter, page->number, page->size + 1);
  LOYALTY_RETURN_IF_ERROR(entries.status());
  FillPage(
      out, *page, *entries,
      [&](const Entry& entry) { return AddTo(*out.mutable_entries(), ToProto(entry, in.member_id())); },
      [](const Entry& entry) { return entry.sequence; });
  return absl::OkStatus();
}

absl::Status PointsServiceImpl::Explain(const v1::ExplainEntryRequest& in, v1::ExplainEntryResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kRequired);
  // One below the largest, so that there is one after it.
  CheckRange(violations, "sequence", in.sequence(), 1, INT64_MAX - 1);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const absl::StatusOr<std::vector<Entry>> entries =
      members_.ListEntries(in.program_id(), in.member_id(), EntryFilter(), in.sequence() + 1, 1);
  LOYALTY_RETURN_IF_ERROR(entries.status());
  if (entries->empty() || entries->front().sequence != in.sequence()) return NoSuchEntry(in);
  *out.mutable_entry() = ToProto(entries->front(), in.member_id());
  Fill(*out.mutable_explanations(), entries->front().considered);
  return absl::OkStatus();
}

}  // namespace loyalty::points
