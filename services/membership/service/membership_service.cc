#include "services/membership/service/membership_service.h"

#include "loyalty/membership/v1/event.pb.h"
#include "services/membership/service/convert.h"
#include "services/membership/service/handler.h"
#include "services/membership/storage/invoice_store.h"
#include "services/membership/storage/membership_store.h"
#include "services/membership/storage/plan_store.h"

namespace loyalty::membership {
namespace {

constexpr int kMaxHistory = 100;
constexpr size_t kMaxPaymentMethodBytes = 200;
constexpr int64_t kMaxUses = 1'000'000'000;

absl::Status Check(const v1::SubscribeRequest& in) {
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kOptional, violations);
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kRequired);
  CheckText(violations, "plan_id", in.plan_id(), kMaxSlugBytes, Presence::kRequired);
  CheckCurrency(violations, "currency_code", in.currency_code(), Presence::kOptional);
  CheckText(violations, "payment_method", in.payment_method(), kMaxPaymentMethodBytes, Presence::kOptional);
  return violations.ToStatus();
}

void Show(const MembershipRecord& record, work::Work& work, v1::SubscribeResponse& answer) {
  *answer.mutable_membership() = ToProto(record.membership(), work.program().id);
  if (record.invoices().empty()) return;  // a trial
  *answer.mutable_invoice() = ToProto(record.invoices().front(), work.program().id);
}

// What would be made has no numbers yet.
void ShowDraft(v1::SubscribeResponse& answer) {
  answer.mutable_membership()->clear_membership_id();
  if (!answer.has_invoice()) return;
  answer.mutable_invoice()->set_state(v1::INVOICE_STATE_DRAFT);
  answer.mutable_invoice()->clear_invoice_number();
  answer.mutable_invoice()->clear_membership_id();
  answer.mutable_invoice()->clear_paid_time();  // of a free plan
  answer.mutable_invoice()->clear_charges();
}

// Subscribes the member anew, or charges a first payment again that failed.
absl::Status SubscribeIn(MembershipWork& memberships, const v1::SubscribeRequest& in,
                         v1::SubscribeResponse& answer) {
  work::Work& work = memberships.work();
  const int32_t program = work.program().key;
  const absl::StatusOr<Plan> plan = LoadPlan(work.tx(), program, in.plan_id());
  LOYALTY_RETURN_IF_ERROR(plan.status());
  const SubscribeCommand command{in.member_id(), in.currency_code(), in.payment_method(), in.actor()};
  while (true) {
    const Subscription found = FindSubscription(work.tx(), program, in.member_id(), in.plan_id());
    if (found.living) {
      absl::StatusOr<MembershipRecord> record = memberships.Load(*found.living);
      LOYALTY_RETURN_IF_ERROR(record.status());
      record->CatchUp(work.now());
      const bool over = record->membership().state == State::kExpired;  // by now
      if (!over) LOYALTY_RETURN_IF_ERROR(record->SubscribeAgain(command, work.now()));
      memberships.Save(*record);
      Show(*record, work, answer);
      if (!over) return absl::OkStatus();
    }
    SubscribeCommand first = command;
    first.had_plan_before = found.any;
    if (first.currency_code.empty()) first.currency_code = work.program().currency_code;
    absl::StatusOr<MembershipRecord> made =
        MembershipRecord::Subscribe(*plan, work.program().Zone(), first, work.now());
    LOYALTY_RETURN_IF_ERROR(made.status());
    if (!memberships.Insert(*made)) continue;  // another call made one at the same time
    answer.Clear();
    Show(*made, work, answer);
    if (in.validate_only()) ShowDraft(answer);
    return absl::OkStatus();
  }
}

template <class Request>
absl::Status CheckNamed(const Request& in) {
  Violations violations;
  if constexpr (requires { in.request_id(); }) {
    CheckChange(in, Presence::kRequired, Presence::kRequired, violations);
  } else {
    CheckProgram(in, violations);
  }
  CheckNumber(violations, "membership_id", in.membership_id());
  if constexpr (requires { in.when(); }) {
    if (in.when() == v1::CANCEL_WHEN_UNSPECIFIED) {
      violations.Add("when", reason::kFieldRequired, "is required.");
    } else if (!v1::CancelWhen_IsValid(in.when())) {
      violations.Add("when", reason::kMalformed, "is not known.");
    }
    CheckText(violations, "reason", in.reason(), kMaxReasonBytes, Presence::kOptional);
  }
  return violations.ToStatus();
}

template <class Request>
void CheckBenefitOf(const Request& in, Violations& violations) {
  if constexpr (requires { in.request_id(); }) {
    CheckChange(in, Presence::kRequired, Presence::kOptional, violations);
  } else {
    CheckProgram(in, violations);
  }
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kRequired);
  CheckText(violations, "benefit_id", in.benefit_id(), kMaxSlugBytes, Presence::kRequired);
}

void Show(const Grant& grant, work::Work& work, v1::CheckBenefitResponse& out) {
  out.set_membership_id(grant.membership.id);
  out.set_plan_id(grant.membership.plan_id);
  out.set_kind(static_cast<v1::BenefitKind>(grant.benefit.kind));
  out.set_allowed(true);
  if (grant.benefit.kind == BenefitKind::kPointsMultiplier) {
    *out.mutable_multiplier() = ToMultiplier(grant.benefit);
  }
  if (grant.benefit.kind != BenefitKind::kQuota) return;
  out.set_quota(grant.benefit.quota);
  out.set_left(Left(grant, work.now()));
  out.set_allowed(out.left() > 0);
  const absl::Time end = QuotaEnd(grant, work.program().Zone(), work.now());
  if (end != absl::InfiniteFuture()) *out.mutable_period_end_time() = ToProto(end);
}

// Under the locks of the member's memberships.
absl::Status UseIn(work::Work& work, const v1::UseBenefitRequest& in, v1::UseBenefitResponse& answer) {
  const int32_t program = work.program().key;
  const int64_t count = in.count() == 0 ? 1 : in.count();
  const absl::StatusOr<Grant> grant = ChooseForUse(
      FindGrants(work.tx(), program, in.member_id(), in.benefit_id()), in.benefit_id(), count, work.now());
  LOYALTY_RETURN_IF_ERROR(grant.status());
  const std::optional<int64_t> left = UseQuota(work.tx(), program, *grant, count);
  if (!left) return QuotaExhausted(Left(*grant, work.now()), count);
  answer.set_membership_id(grant->membership.id);
  answer.set_left(*left);
  const absl::Time end = QuotaEnd(*grant, work.program().Zone(), work.now());
  if (end != absl::InfiniteFuture()) *answer.mutable_period_end_time() = ToProto(end);
  v1::BenefitUsed event;
  event.set_membership_id(grant->membership.id);
  event.set_plan_id(grant->membership.plan_id);
  event.set_benefit_id(in.benefit_id());
  event.set_count(count);
  event.set_left(*left);
  if (answer.has_period_end_time()) *event.mutable_period_end_time() = answer.period_end_time();
  work.Emit(event, {.member_id = in.member_id(), .cause = CauseOfMembership(grant->membership.id)});
  return absl::OkStatus();
}

}  // namespace

MembershipServiceImpl::Unary* MembershipServiceImpl::Subscribe(Context* context,
                                                               const v1::SubscribeRequest* request,
                                                               v1::SubscribeResponse* response) {
  // It waits for the payment provider; the threads that answer the shops' checkouts do not.
  return adapter_.Async(
      context, request, response,
      [this](rpc::Call& call, const auto& in, auto& out, const rpc::Adapter::Done& done) {
        const bool queued =
            payments_->Run([this, &call, &in, &out, done] { done(SubscribeOne(call, in, out)); });
        if (queued) return;
        done(Refuse(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                    "Too much work is queued. Nothing was done; try again a little later."));
      });
}

MembershipServiceImpl::Unary* MembershipServiceImpl::GetMembership(Context* context,
                                                                   const v1::GetMembershipRequest* request,
                                                                   v1::GetMembershipResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return GetOne(in, out); });
}

MembershipServiceImpl::Unary* MembershipServiceImpl::ListMemberships(
    Context* context, const v1::ListMembershipsRequest* request, v1::ListMembershipsResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return ListAll(in, out); });
}

MembershipServiceImpl::Unary* MembershipServiceImpl::CancelMembership(
    Context* context, const v1::CancelMembershipRequest* request, v1::CancelMembershipResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return CancelOne(call, in, out);
  });
}

MembershipServiceImpl::Unary* MembershipServiceImpl::UndoCancellation(
    Context* context, const v1::UndoCancellationRequest* request, v1::UndoCancellationResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return UndoOne(call, in, out);
  });
}

MembershipServiceImpl::Unary* MembershipServiceImpl::CheckBenefit(Context* context,
                                                                  const v1::CheckBenefitRequest* request,
                                                                  v1::CheckBenefitResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return CheckOne(in, out); });
}

MembershipServiceImpl::Unary* MembershipServiceImpl::UseBenefit(Context* context,
                                                                const v1::UseBenefitRequest* request,
                                                                v1::UseBenefitResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return UseOne(call, in, out);
  });
}

template <class Request, class Response, class Body>
absl::StatusOr<std::vector<PaymentCall>> MembershipServiceImpl::ChangeMemberships(rpc::Call& call,
                                                                                  const Request& in,
                                                                                  Response& out, Body body) {
  std::vector<PaymentCall> calls;
  const auto done = Change(runner_, call, work::MutationOf(in), out,
                           [&](work::Work& work, Response& answer) -> absl::Status {
                             MembershipWork memberships(work);
                             LOYALTY_RETURN_IF_ERROR(body(memberships, answer));
                             calls = memberships.TakeCalls();
                             return absl::OkStatus();
                           });
  LOYALTY_RETURN_IF_ERROR(done.status());
  if (done->replayed || in.validate_only()) calls.clear();  // of an attempt that was rolled back
  return calls;
}

template <class Request, class Response, class Decide>
absl::Status MembershipServiceImpl::ChangeOne(rpc::Call& call, const Request& in, Response& out,
                                              Decide decide) {
  auto calls =
      ChangeMemberships(call, in, out, [&](MembershipWork& memberships, Response& answer) -> absl::Status {
        const absl::Time now = memberships.work().now();
        absl::StatusOr<MembershipRecord> record = memberships.Load(in.membership_id());
        LOYALTY_RETURN_IF_ERROR(record.status());
        record->CatchUp(now);
        LOYALTY_RETURN_IF_ERROR(decide(*record, now));
        memberships.Save(*record);
        *answer.mutable_membership() = ToProto(record->membership(), memberships.work().program().id);
        return absl::OkStatus();
      });
  LOYALTY_RETURN_IF_ERROR(calls.status());
  payments_->MakeSoon(*std::move(calls));
  return absl::OkStatus();
}

absl::Status MembershipServiceImpl::SubscribeOne(rpc::Call& call, const v1::SubscribeRequest& in,
                                                 v1::SubscribeResponse& out) {
  if (call.deadline() <= absl::Now()) {  // it may have waited for a thread
    return Refuse(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED",
                  "The deadline had passed before the work was begun. Nothing was done.");
  }
  LOYALTY_RETURN_IF_ERROR(Check(in));
  auto calls = ChangeMemberships(call, in, out, [&](MembershipWork& memberships, auto& answer) {
    return SubscribeIn(memberships, in, answer);
  });
  LOYALTY_RETURN_IF_ERROR(calls.status());
  if (in.validate_only()) return absl::OkStatus();
  payments_->Make(*std::move(calls));
  Refresh(in.program_id(), out);
  return absl::OkStatus();
}

void MembershipServiceImpl::Refresh(const std::string& program_id, v1::SubscribeResponse& out) {
  // What cannot be read stays as it was when it was written.
  (void)runner_.Read(program_id, [&](work::Work& work) -> absl::Status {
    const int32_t program = work.program().key;
    const auto membership = membership::GetMembership(work.tx(), program, out.membership().membership_id());
    LOYALTY_RETURN_IF_ERROR(membership.status());
    if (out.has_invoice()) {
      const auto invoice = GetInvoice(work.tx(), program, out.invoice().invoice_number());
      LOYALTY_RETURN_IF_ERROR(invoice.status());
      *out.mutable_invoice() = ToProto(*invoice, program_id);
    }
    *out.mutable_membership() = ToProto(*membership, program_id);
    return absl::OkStatus();
  });
}

absl::Status MembershipServiceImpl::GetOne(const v1::GetMembershipRequest& in,
                                           v1::GetMembershipResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckNamed(in));
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    const int32_t program = work.program().key;
    out.Clear();
    const auto found = membership::GetMembership(work.tx(), program, in.membership_id());
    LOYALTY_RETURN_IF_ERROR(found.status());
    *out.mutable_membership() = ToProto(*found, work.program().id);
    for (const HistoryEntry& entry : ListHistory(work.tx(), program, in.membership_id(), kMaxHistory)) {
      *out.add_history() = ToProto(entry);
    }
    return absl::OkStatus();
  });
}

absl::Status MembershipServiceImpl::ListAll(const v1::ListMembershipsRequest& in,
                                            v1::ListMembershipsResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  MembershipFilter filter{in.member_id(), in.plan_id(), {}};
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kOptional);
  CheckText(violations, "plan_id", in.plan_id(), kMaxSlugBytes, Presence::kOptional);
  filter.states = StatesOf<State>(in.states(), v1::MembershipState_IsValid, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const absl::StatusOr<Page> page = PageByNumber(in, kMaxPageSize);
  LOYALTY_RETURN_IF_ERROR(page.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) {
    out.Clear();
    FillPage(
        out, *page,
        membership::ListMemberships(work.tx(), work.program().key, filter, page->number, page->size + 1),
        [&](const Membership& m) { return AddTo(*out.mutable_memberships(), ToProto(m, work.program().id)); },
        [](const Membership& m) { return m.id; });
    return absl::OkStatus();
  });
}

absl::Status MembershipServiceImpl::CancelOne(rpc::Call& call, const v1::CancelMembershipRequest& in,
                                              v1::CancelMembershipResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckNamed(in));
  return ChangeOne(call, in, out, [&](MembershipRecord& record, absl::Time now) {
    return record.Cancel(static_cast<CancelWhen>(in.when()), in.actor(), in.reason(), now);
  });
}

absl::Status MembershipServiceImpl::UndoOne(rpc::Call& call, const v1::UndoCancellationRequest& in,
                                            v1::UndoCancellationResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckNamed(in));
  return ChangeOne(call, in, out, [&](MembershipRecord& record, absl::Time now) {
    return record.UndoCancellation(in.actor(), now);
  });
}

absl::Status MembershipServiceImpl::CheckOne(const v1::CheckBenefitRequest& in,
                                             v1::CheckBenefitResponse& out) {
  Violations violations;
  CheckBenefitOf(in, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return runner_.Read(in.program_id(), [&](work::Work& work) {
    out.Clear();
    const std::vector<Grant> grants =
        FindGrants(work.tx(), work.program().key, in.member_id(), in.benefit_id());
    if (const Grant* grant = ChooseGrant(grants, work.now()); grant != nullptr) Show(*grant, work, out);
    return absl::OkStatus();
  });
}

absl::Status MembershipServiceImpl::UseOne(rpc::Call& call, const v1::UseBenefitRequest& in,
                                           v1::UseBenefitResponse& out) {
  Violations violations;
  CheckBenefitOf(in, violations);
  CheckRange(violations, "count", in.count(), 0, kMaxUses);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  auto calls = ChangeMemberships(
      call, in, out, [&](MembershipWork& memberships, v1::UseBenefitResponse& answer) -> absl::Status {
        LOYALTY_RETURN_IF_ERROR(memberships.CatchUpMember(in.member_id()));
        return UseIn(memberships.work(), in, answer);
      });
  LOYALTY_RETURN_IF_ERROR(calls.status());
  payments_->MakeSoon(*std::move(calls));
  return absl::OkStatus();
}

}  // namespace loyalty::membership
