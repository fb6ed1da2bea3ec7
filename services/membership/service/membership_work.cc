#include "services/membership/service/membership_work.h"

#include <absl/strings/str_cat.h>

#include "loyalty/membership/v1/event.pb.h"
#include "services/membership/service/convert.h"
#include "services/membership/service/payments.h"
#include "services/membership/storage/membership_store.h"

namespace loyalty::membership {
namespace {

PaymentCall CallOf(const ProviderCall& call, const MembershipRecord& record, const std::string& program_id) {
  const Invoice& invoice = record.invoices()[call.invoice];
  return {.kind = call.kind,
          .may_charge = record.MayCharge(call),
          .program_id = program_id,
          .membership_id = record.membership().id,
          .invoice_number = invoice.number,
          .attempt = call.attempt,
          .key = IdempotencyKey(program_id, invoice.number, call.attempt),
          .member_id = invoice.member_id,
          .payment_method = record.membership().payment_method,
          .amount_minor = invoice.total_minor,
          .currency_code = invoice.currency_code,
          .description = record.plan().display_name};
}

}  // namespace

std::string CauseOfMembership(int64_t membership_id) { return absl::StrCat("membership:", membership_id); }

absl::StatusOr<MembershipRecord> MembershipWork::Load(int64_t membership_id, int64_t invoice_number) {
  const platform::Program& program = work_.program();
  return LoadRecord(work_.tx(), program.key, program.Zone(), membership_id, invoice_number);
}

absl::StatusOr<std::vector<MembershipRecord>> MembershipWork::TakeDue(int limit) {
  const platform::Program& program = work_.program();
  return membership::TakeDue(work_.tx(), program.key, program.Zone(), work_.now(), limit);
}

absl::Status MembershipWork::CatchUpMember(const std::string& member_id) {
  const platform::Program& program = work_.program();
  auto records = LockLiving(work_.tx(), program.key, program.Zone(), member_id);
  LOYALTY_RETURN_IF_ERROR(records.status());
  for (MembershipRecord& record : *records) {
    if (record.membership().next_due_time > work_.now()) continue;
    record.CatchUp(work_.now());
    Save(record);
  }
  return absl::OkStatus();
}

bool MembershipWork::Insert(MembershipRecord& record) {
  bool made = false;
  Keep(record, [&] { return made = InsertRecord(work_.tx(), work_.program().key, record); });
  return made;
}

void MembershipWork::Save(MembershipRecord& record) {
  Keep(record, [&] {
    SaveRecord(work_.tx(), work_.program().key, record);
    return true;
  });
}

// `store`: false if it stored nothing.
template <class Store>
void MembershipWork::Keep(MembershipRecord& record, Store store) {
  std::vector<size_t> changed;  // invoices; those that are new have no number yet
  for (size_t i = 0; i < record.invoices().size(); ++i) {
    if (record.invoices()[i].number == 0 || record.invoices()[i].changed) changed.push_back(i);
  }
  if (!store()) return;
  EmitHistory(record);
  for (const size_t i : changed) {
    v1::InvoiceChanged event;
    *event.mutable_invoice() = ToProto(record.invoices()[i], work_.program().id);
    work_.Emit(event, {.member_id = record.membership().member_id,
                       .cause = CauseOfMembership(record.membership().id)});
  }
  OwePoints(record);
  for (const ProviderCall& call : record.calls()) calls_.push_back(CallOf(call, record, work_.program().id));
}

void MembershipWork::EmitHistory(const MembershipRecord& record) {
  for (const HistoryEntry& entry : record.history()) {
    const v1::MembershipHistoryEntry line = ToProto(entry);
    v1::MembershipChanged event;
    *event.mutable_membership() = ToProto(record.membership(), work_.program().id);
    event.set_transition(line.transition());
    event.set_from_state(line.from_state());
    event.set_to_state(line.to_state());
    event.set_reason(line.reason());
    // A caller may subscribe without a name.
    const bool by_itself = entry.actor.empty() && entry.transition != Transition::kSubscribe;
    work_.Emit(event, {.member_id = record.membership().member_id,
                       .cause = CauseOfMembership(record.membership().id),
                       .actor = by_itself ? kClockActor : entry.actor,
                       .occurred_time = entry.occurred_time});
  }
}

void MembershipWork::OwePoints(const MembershipRecord& record) {
  const Membership& m = record.membership();
  const std::string cause = CauseOfMembership(m.id);
  const std::string& reason = record.plan().display_name;  // for the member's statement
  if (const std::optional<LabelSpan> span = record.label_change()) {
    work::LabelFacts label{
        .cause = cause, .part = absl::StrCat("label:", m.label_count), .member_id = m.member_id};
    label.label = span->label;
    label.from = span->from;
    if (span->until != absl::InfiniteFuture()) label.until = span->until;
    label.reason = reason;
    work_.SetLabel(label);
  }
  if (record.sign_up_points() > 0) {
    work_.Award({.cause = cause,
                 .part = "sign-up",
                 .member_id = m.member_id,
                 .points = record.sign_up_points(),
                 .reason = reason});
  }
}

}  // namespace loyalty::membership
