#include "services/membership/storage/invoice_store.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/postgres/values.h"
#include "membership_sql.h"
#include "services/membership/domain/reason.h"

namespace loyalty::membership {
namespace {

using postgres::FormatTimestamp;
using postgres::Transaction;

absl::Time TimeOf(const pqxx::row& row, const char* column) {
  return postgres::ParseTimestamp(row[column].c_str());
}

Invoice ReadInvoice(const pqxx::row& row) {
  Invoice invoice;
  invoice.number = row["invoice_number"].as<int64_t>();
  invoice.membership_id = row["membership_id"].as<int64_t>();
  invoice.member_id = row["member_id"].c_str();
  invoice.state = static_cast<InvoiceState>(row["state"].as<int>());
  invoice.currency_code = row["currency_code"].c_str();
  invoice.total_minor = row["total_minor"].as<int64_t>();
  invoice.issue_time = TimeOf(row, "issue_time");
  invoice.paid_time = TimeOf(row, "paid_time");
  return invoice;
}

InvoiceLine ReadLine(const pqxx::row& row) {
  return {static_cast<LineKind>(row["kind"].as<int>()),
          row["description"].c_str(),
          row["amount_minor"].as<int64_t>(),
          row["period_index"].as<int64_t>(),
          TimeOf(row, "period_start"),
          TimeOf(row, "period_end")};
}

Charge ReadCharge(const pqxx::row& row) {
  Charge charge;
  charge.attempt = row["attempt"].as<int>();
  charge.news = {static_cast<Outcome>(row["outcome"].as<int>()), row["event_sequence"].as<int64_t>(),
                 TimeOf(row, "event_time"), row["provider_charge_id"].c_str(), row["decline_code"].c_str()};
  charge.given_up = row["given_up"].as<bool>();
  charge.refund = static_cast<RefundState>(row["refund"].as<int>());
  charge.looks = row["looks"].as<int>();
  charge.create_time = TimeOf(row, "create_time");
  charge.next_due_time = TimeOf(row, "next_due_time");
  return charge;
}

// Adds lines and charges.
std::vector<Invoice> Complete(Transaction& tx, int32_t program_key, const pqxx::result& rows) {
  std::vector<Invoice> invoices;
  postgres::BigintArray numbers;
  for (const pqxx::row& row : rows) {
    invoices.push_back(ReadInvoice(row));
    numbers.Add(invoices.back().number);
  }
  if (invoices.empty()) return invoices;
  const auto of = [&](const pqxx::row& row) -> Invoice& {
    const auto number = row["invoice_number"].as<int64_t>();
    return *std::find_if(invoices.begin(), invoices.end(),
                         [&](const Invoice& invoice) { return invoice.number == number; });
  };
  const pqxx::binarystring wanted = numbers.Finish();
  for (const pqxx::row& row : tx.Exec(sql::kLoadLines, program_key, wanted))
    of(row).lines.push_back(ReadLine(row));
  for (const pqxx::row& row : tx.Exec(sql::kLoadCharges, program_key, wanted))
    of(row).charges.push_back(ReadCharge(row));
  return invoices;
}

void Insert(Transaction& tx, int32_t program_key, const Invoice& invoice) {
  const InvoiceLine& line = invoice.lines.front();
  tx.Exec(sql::kInsertInvoice, program_key, invoice.number, invoice.membership_id, invoice.member_id,
          static_cast<int>(invoice.state), invoice.currency_code, invoice.total_minor,
          FormatTimestamp(invoice.issue_time), FormatTimestamp(invoice.paid_time), line.period_index,
          static_cast<int>(line.kind), line.description, FormatTimestamp(line.period_start),
          FormatTimestamp(line.period_end));
}

void Update(Transaction& tx, int32_t program_key, const Invoice& invoice) {
  const InvoiceLine& line = invoice.lines.front();
  tx.Exec(sql::kUpdateInvoice, program_key, invoice.number, static_cast<int>(invoice.state),
          FormatTimestamp(invoice.paid_time), FormatTimestamp(line.period_start),
          FormatTimestamp(line.period_end));
}

void Save(Transaction& tx, int32_t program_key, int64_t invoice_number, const Charge& charge) {
  tx.Exec(sql::kSaveCharge, program_key, invoice_number, charge.attempt,
          static_cast<int>(charge.news.outcome), charge.news.sequence, FormatTimestamp(charge.news.time),
          charge.news.provider_charge_id, charge.news.decline_code, charge.given_up,
          static_cast<int>(charge.refund), charge.looks, FormatTimestamp(charge.create_time),
          FormatTimestamp(charge.next_due_time));
}

}  // namespace

absl::Status InvoiceNotFound(int64_t invoice_number) {
  return Refuse(absl::StatusCode::kNotFound, reason::kInvoiceNotFound,
                absl::StrCat("There is no invoice ", invoice_number, "."),
                {{"invoice_number", absl::StrCat(invoice_number)}});
}

absl::StatusOr<Invoice> GetInvoice(Transaction& tx, int32_t program_key, int64_t invoice_number) {
  std::vector<Invoice> found =
      Complete(tx, program_key, tx.Exec(sql::kGetInvoice, program_key, invoice_number));
  if (found.empty()) return InvoiceNotFound(invoice_number);
  return std::move(found.front());
}

std::vector<Invoice> ListInvoices(Transaction& tx, int32_t program_key, const InvoiceFilter& filter,
                                  int64_t before, int limit) {
  postgres::BigintArray states;
  for (const InvoiceState state : filter.states) states.Add(static_cast<int64_t>(state));
  const pqxx::binarystring wanted = states.Finish();
  if (filter.member_id.empty())
    return Complete(tx, program_key, tx.Exec(sql::kListInvoices, program_key, before, wanted, limit));
  return Complete(tx, program_key,
                  tx.Exec(sql::kListInvoicesOfMember, program_key, filter.member_id, before, wanted, limit));
}

std::vector<Invoice> LoadOpenInvoices(Transaction& tx, int32_t program_key, int64_t membership_id,
                                      int64_t invoice_number) {
  return Complete(tx, program_key,
                  tx.Exec(sql::kLoadOpenInvoices, program_key, membership_id, invoice_number));
}

void SaveInvoices(Transaction& tx, int32_t program_key, MembershipRecord& record) {
  const std::vector<Invoice>& invoices = record.invoices();
  const auto fresh = std::count_if(invoices.begin(), invoices.end(),
                                   [](const Invoice& invoice) { return invoice.number == 0; });
  int64_t next = 0;
  if (fresh > 0) {
    const pqxx::result rows = tx.Exec(sql::kTakeInvoiceNumbers, program_key, static_cast<int64_t>(fresh));
    next = rows[0]["last_number"].as<int64_t>() - fresh + 1;
  }
  for (size_t i = 0; i < invoices.size(); ++i) {
    const Invoice& invoice = invoices[i];
    if (invoice.number == 0) {
      record.SetInvoiceNumber(i, next++);
      Insert(tx, program_key, invoice);
    } else if (invoice.changed) {
      Update(tx, program_key, invoice);
    }
    for (const Charge& charge : invoice.charges)
      if (charge.fresh || charge.changed) Save(tx, program_key, invoice.number, charge);
  }
}

}  // namespace loyalty::membership
