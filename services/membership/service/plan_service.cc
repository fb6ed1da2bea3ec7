#include "services/membership/service/plan_service.h"

#include <absl/strings/str_cat.h>

#include "loyalty/membership/v1/event.pb.h"
#include "services/membership/service/convert.h"
#include "services/membership/service/handler.h"
#include "services/membership/storage/plan_store.h"

namespace loyalty::membership {
namespace {

constexpr int kMaxPlans = 100;  // of a page

absl::Status PlanAlreadyExists(const std::string& plan_id) {
  return Refuse(absl::StatusCode::kAlreadyExists, reason::kPlanAlreadyExists,
                absl::StrCat("A plan ", plan_id, " with other settings exists. Choose another id."),
                {{"plan_id", plan_id}});
}

void Emit(const v1::Plan& plan, work::Work& work) {
  v1::PlanChanged event;
  *event.mutable_plan() = plan;
  work.Emit(event);
}

}  // namespace

PlanServiceImpl::Unary* PlanServiceImpl::CreatePlan(Context* context, const v1::CreatePlanRequest* request,
                                                    v1::CreatePlanResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Create(call, in, out);
  });
}

PlanServiceImpl::Unary* PlanServiceImpl::GetPlan(Context* context, const v1::GetPlanRequest* request,
                                                 v1::GetPlanResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return Get(in, out); });
}

PlanServiceImpl::Unary* PlanServiceImpl::ListPlans(Context* context, const v1::ListPlansRequest* request,
                                                   v1::ListPlansResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return List(in, out); });
}

PlanServiceImpl::Unary* PlanServiceImpl::ArchivePlan(Context* context, const v1::ArchivePlanRequest* request,
                                                     v1::ArchivePlanResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Archive(call, in, out);
  });
}

absl::Status PlanServiceImpl::Create(rpc::Call& call, const v1::CreatePlanRequest& in,
                                     v1::CreatePlanResponse& out) {
  Violations violations;
  CheckText(violations, "plan.program_id", in.plan().program_id(), kMaxIdBytes, Presence::kRequired);
  CheckChange(in, Presence::kRequired, Presence::kRequired, violations);
  const Plan asked = ToPlan(in.plan(), violations);
  ValidatePlan(asked, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  work::Mutation mutation = work::MutationOf(in);
  mutation.program_id = in.plan().program_id();
  bool existed = false;
  const auto done =
      runner_.Mutate(mutation, out, [&](work::Work& work, v1::CreatePlanResponse& answer) -> absl::Status {
        Plan plan = asked;
        plan.create_time = work.now();
        existed = !InsertPlan(work.tx(), work.program().key, plan);
        if (existed) {
          const absl::StatusOr<Plan> existing = LoadPlan(work.tx(), work.program().key, plan.id);
          LOYALTY_RETURN_IF_ERROR(existing.status());
          if (!SameSettings(*existing, plan)) return PlanAlreadyExists(plan.id);
          plan = *existing;
        }
        *answer.mutable_plan() = ToProto(plan, work.program().id);
        if (!existed) Emit(answer.plan(), work);
        return absl::OkStatus();
      });
  if (done.ok() && (done->replayed || existed)) call.SetReplayed();
  return done.status();
}

absl::Status PlanServiceImpl::Get(const v1::GetPlanRequest& in, v1::GetPlanResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "plan_id", in.plan_id(), kMaxSlugBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return runner_.Read(in.program_id(), [&](work::Work& work) {
    const absl::StatusOr<Plan> plan = LoadPlan(work.tx(), work.program().key, in.plan_id());
    if (plan.ok()) *out.mutable_plan() = ToProto(*plan, work.program().id);
    return plan.status();
  });
}

absl::Status PlanServiceImpl::List(const v1::ListPlansRequest& in, v1::ListPlansResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckProgram(in));
  const absl::StatusOr<Page> page = PageOf(in, kMaxPlans);
  LOYALTY_RETURN_IF_ERROR(page.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) {
    out.Clear();
    FillPage(
        out, *page,
        membership::ListPlans(work.tx(), work.program().key, page->cursor, in.show_archived(),
                              page->size + 1),
        [&](const Plan& plan) { return AddTo(*out.mutable_plans(), ToProto(plan, work.program().id)); },
        [](const Plan& plan) { return plan.id; });
    return absl::OkStatus();
  });
}

absl::Status PlanServiceImpl::Archive(rpc::Call& call, const v1::ArchivePlanRequest& in,
                                      v1::ArchivePlanResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kRequired, violations);
  CheckText(violations, "plan_id", in.plan_id(), kMaxSlugBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Change(runner_, call, in, out,
                [&](work::Work& work, v1::ArchivePlanResponse& answer) -> absl::Status {
                  const int32_t program = work.program().key;
                  const bool changed = membership::ArchivePlan(work.tx(), program, in.plan_id(), work.now());
                  const absl::StatusOr<Plan> plan = LoadPlan(work.tx(), program, in.plan_id());
                  LOYALTY_RETURN_IF_ERROR(plan.status());
                  *answer.mutable_plan() = ToProto(*plan, work.program().id);
                  if (changed) Emit(answer.plan(), work);
                  return absl::OkStatus();
                });
}

}  // namespace loyalty::membership
