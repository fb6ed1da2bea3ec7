#include "services/membership/service/billing_service.h"

#include "services/membership/service/convert.h"
#include "services/membership/service/handler.h"
#include "services/membership/service/membership_work.h"
#include "services/membership/storage/invoice_store.h"

namespace loyalty::membership {
namespace {

constexpr size_t kMaxIdempotencyKeyBytes = 200;

absl::Status ChargeNotFound(const std::string& key) {
  return Refuse(absl::StatusCode::kNotFound, reason::kChargeNotFound,
                "No charge of the program has this idempotency key.", {{"idempotency_key", key}});
}

// Takes the news of a charge.
absl::Status RecordIn(work::Work& work, const std::string& key, const News& news,
                      v1::RecordPaymentResponse& answer) {
  const std::optional<ChargeName> name = ParseIdempotencyKey(work.program().id, key);
  if (!name) return ChargeNotFound(key);
  const auto found = membership::GetInvoice(work.tx(), work.program().key, name->invoice_number);
  const auto attempts = found.ok() ? static_cast<int>(found->charges.size()) : 0;
  if (absl::IsNotFound(found.status()) || name->attempt > attempts) return ChargeNotFound(key);
  LOYALTY_RETURN_IF_ERROR(found.status());
  MembershipWork memberships(work);
  auto record = memberships.Load(found->membership_id, name->invoice_number);
  LOYALTY_RETURN_IF_ERROR(record.status());
  answer.set_changed(record->ApplyNews(name->invoice_number, name->attempt, news, work.now()));
  if (answer.changed()) memberships.Save(*record);
  *answer.mutable_invoice() = ToProto(*record->FindInvoice(name->invoice_number), work.program().id);
  return absl::OkStatus();
}

}  // namespace

BillingServiceImpl::Unary* BillingServiceImpl::GetInvoice(Context* context,
                                                          const v1::GetInvoiceRequest* request,
                                                          v1::GetInvoiceResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return GetOne(in, out); });
}

BillingServiceImpl::Unary* BillingServiceImpl::ListInvoices(Context* context,
                                                            const v1::ListInvoicesRequest* request,
                                                            v1::ListInvoicesResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return ListAll(in, out); });
}

BillingServiceImpl::Unary* BillingServiceImpl::RecordPayment(Context* context,
                                                             const v1::RecordPaymentRequest* request,
                                                             v1::RecordPaymentResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Record(call, in, out);
  });
}

absl::Status BillingServiceImpl::GetOne(const v1::GetInvoiceRequest& in, v1::GetInvoiceResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckNumber(violations, "invoice_number", in.invoice_number());
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return runner_.Read(in.program_id(), [&](work::Work& work) {
    const auto invoice = membership::GetInvoice(work.tx(), work.program().key, in.invoice_number());
    if (invoice.ok()) *out.mutable_invoice() = ToProto(*invoice, work.program().id);
    return invoice.status();
  });
}

absl::Status BillingServiceImpl::ListAll(const v1::ListInvoicesRequest& in, v1::ListInvoicesResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kOptional);
  InvoiceFilter filter{in.member_id(), {}};
  filter.states = StatesOf<InvoiceState>(in.states(), v1::InvoiceState_IsValid, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const absl::StatusOr<Page> page = PageByNumber(in, kMaxPageSize);
  LOYALTY_RETURN_IF_ERROR(page.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) {
    out.Clear();
    FillPage(
        out, *page,
        membership::ListInvoices(work.tx(), work.program().key, filter, page->number, page->size + 1),
        [&](const Invoice& invoice) {
          return AddTo(*out.mutable_invoices(), ToProto(invoice, work.program().id));
        },
        [](const Invoice& invoice) { return invoice.number; });
    return absl::OkStatus();
  });
}

absl::Status BillingServiceImpl::Record(rpc::Call& call, const v1::RecordPaymentRequest& in,
                                        v1::RecordPaymentResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kOptional, violations);
  CheckText(violations, "idempotency_key", in.idempotency_key(), kMaxIdempotencyKeyBytes,
            Presence::kRequired);
  const News news = ToNews(in, violations);
  if (in.event_sequence() < 0) violations.Add("event_sequence", reason::kNegative, "must be 0 or more.");
  if (in.has_event_time()) CheckPastTime(violations, "event_time", news.time, clock_.Now());
  CheckText(violations, "provider_charge_id", in.provider_charge_id(), kMaxIdBytes, Presence::kOptional);
  CheckText(violations, "decline_code", in.decline_code(), kMaxNameBytes, Presence::kOptional);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Change(runner_, call, in, out, [&](work::Work& work, v1::RecordPaymentResponse& answer) {
    return RecordIn(work, in.idempotency_key(), news, answer);
  });
}

}  // namespace loyalty::membership
