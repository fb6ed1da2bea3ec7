#include "services/points/service/ledger_service.h"

#include "common/handler/request.h"
#include "common/status/status.h"

namespace loyalty::points {
namespace {

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
  for (const LedgerDifference& difference : report.differences) {
    v1::LedgerDifference& out_difference = *out.add_differences();
    out_difference.set_invariant(difference.invariant);
    out_difference.set_member_id(difference.member_id);
    out_difference.set_description(difference.description);
  }
}

}  // namespace

grpc::ServerUnaryReactor* LedgerServiceImpl::VerifyLedger(grpc::CallbackServerContext* context,
                                                          const v1::VerifyLedgerRequest* request,
                                                          v1::VerifyLedgerResponse* response) {
  return adapter_.Blocking(
      context, request, response, [this](rpc::Call&, const auto& in, auto& out) -> absl::Status {
        LOYALTY_RETURN_IF_ERROR(CheckProgram(in));
        const absl::StatusOr<LedgerReport> report = points::VerifyLedger(pool_, in.program_id());
        if (report.ok()) Fill(out, *report);
        return report.status();
      });
}

}  // namespace loyalty::points
