#include "services/points/service/ledger_service.h"

#include "common/handler/request.h"
#include "common/rpc/time.h"
#include "common/status/status.h"
#include "services/points/storage/trace_store.h"

namespace loyalty::points {
namespace {

using rpc::ToProto;

void Fill(v1::VerifyLedgerResponse& out, const LedgerReport& report) {
  out.set_member_count(report.members);
  out.set_entry_count(report.entries);
  out.set_purchase_count(report.purchases);
  out.set_issued_points(report.issued);
  out.set_spent_points(report.spent);
  out.set_adjusted_up_points(report.adjusted_up);
  out.set_adjusted_down_points(report.adjusted_down);
  out.set_available_points(report.available);
  out.set_reversed_points(report.reversed);
  out.set_clawed_back_points(report.clawed_back);
  out.set_expired_points(report.expired);
  out.set_restored_points(report.restored);
  out.set_transferred_out_points(report.transferred_out);
  out.set_transferred_in_points(report.transferred_in);
  out.set_fee_points(report.fees);
  out.set_forfeited_points(report.forfeited);
  out.set_merged_out_points(report.merged_out);
  out.set_merged_in_points(report.merged_in);
  out.set_pending_points(report.pending);
  out.set_held_points(report.held);
  out.set_debt_points(report.debt);
  for (const LedgerDifference& difference : report.differences) {
    v1::LedgerDifference& out_difference = *out.add_differences();
    out_difference.set_invariant(difference.invariant);
    out_difference.set_member_id(difference.member_id);
    out_difference.set_description(difference.description);
  }
}

template <class Out>
void FillPlace(Out& out, const auto& place) {
  out.set_sequence(place.sequence);
  out.set_kind(static_cast<v1::EntryKind>(place.kind));
  out.set_order_id(place.order_id);
  out.set_request_id(place.request_id);
  *out.mutable_occurred_time() = ToProto(place.occurred_time);
  out.set_points(place.points);
}

void Fill(v1::TraceEntryResponse& out, const Trace& trace) {
  for (const TraceSource& source : trace.sources) {
    v1::TraceSource& out_source = *out.add_sources();
    FillPlace(out_source, source);
    out_source.set_member_id(source.member_id);
    out_source.set_activity_id(source.activity_id);
    out_source.set_cause(source.cause);
  }
  for (const TraceUse& use : trace.uses) {
    v1::TraceUse& out_use = *out.add_uses();
    FillPlace(out_use, use);
    out_use.set_member_id(use.member_id);
  }
  out.set_available_points(trace.open);
  out.set_pending_points(trace.pending);
}

}  // namespace

grpc::ServerUnaryReactor* LedgerServiceImpl::TraceEntry(grpc::CallbackServerContext* context,
                                                        const v1::TraceEntryRequest* request,
                                                        v1::TraceEntryResponse* response) {
  return adapter_.Blocking(
      context, request, response, [this](rpc::Call&, const auto& in, auto& out) -> absl::Status {
        Violations violations;
        CheckProgram(in, violations);
        CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kRequired);
        CheckRange(violations, "sequence", in.sequence(), 1, INT64_MAX);
        LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
        const absl::StatusOr<Trace> trace =
            points::TraceEntry(pool_, in.program_id(), in.member_id(), in.sequence());
        if (trace.ok()) Fill(out, *trace);
        return trace.status();
      });
}

grpc::ServerUnaryReactor* LedgerServiceImpl::ListExpiringPoints(grpc::CallbackServerContext* context,
                                                                const v1::ListExpiringPointsRequest* request,
                                                                v1::ListExpiringPointsResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return ListExpiring(in, out); });
}

absl::Status LedgerServiceImpl::ListExpiring(const v1::ListExpiringPointsRequest& in,
                                             v1::ListExpiringPointsResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kOptional);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  if (!in.member_id().empty()) {
    const auto lapses = ExpiringOf(pool_, clock_, in.program_id(), in.member_id());
    LOYALTY_RETURN_IF_ERROR(lapses.status());
    for (const ExpiringPoints& lapse : *lapses) {
      auto& out_lapse = *out.add_lapses();
      *out_lapse.mutable_expire_time() = ToProto(lapse.expire_time);
      out_lapse.set_points(lapse.points);
    }
    return absl::OkStatus();
  }
  const auto months = ExpiringByMonth(pool_, clock_, in.program_id());
  LOYALTY_RETURN_IF_ERROR(months.status());
  for (const ExpiringMonth& month : *months) {
    auto& out_month = *out.add_months();
    out_month.set_month(absl::FormatCivilTime(month.month));
    out_month.set_points(month.points);
    out_month.set_member_count(month.members);
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* LedgerServiceImpl::VerifyLedger(grpc::CallbackServerContext* context,
                                                          const v1::VerifyLedgerRequest* request,
                                                          v1::VerifyLedgerResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) -> absl::Status {
                             LOYALTY_RETURN_IF_ERROR(CheckProgram(in));
                             const absl::StatusOr<LedgerReport> report =
                                 points::VerifyLedger(pool_, in.program_id(), clock_.Now());
                             if (report.ok()) Fill(out, *report);
                             return report.status();
                           });
}

}  // namespace loyalty::points
