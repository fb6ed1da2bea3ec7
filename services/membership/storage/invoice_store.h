// Invoices with their lines and charges, in the caller's transaction or read.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/membership/domain/membership_record.h"

namespace loyalty::membership {

// NOT_FOUND, reason INVOICE_NOT_FOUND.
absl::Status InvoiceNotFound(int64_t invoice_number);

// Three statements.
absl::StatusOr<Invoice> GetInvoice(postgres::Transaction& tx, int32_t program_key, int64_t invoice_number);

struct InvoiceFilter {
  std::string member_id;             // empty: all
  std::vector<InvoiceState> states;  // empty: all
};
// Up to `limit`, the newest first, with numbers below `before`. Three statements.
std::vector<Invoice> ListInvoices(postgres::Transaction& tx, int32_t program_key, const InvoiceFilter& filter,
                                  int64_t before, int limit);

// Of a membership those that are OPEN or UNCOLLECTIBLE or have a charge that is due, and `invoice_number` if
// it is one of its own; in the order of their numbers.
std::vector<Invoice> LoadOpenInvoices(postgres::Transaction& tx, int32_t program_key, int64_t membership_id,
                                      int64_t invoice_number);

// Stores what is new or changed, and numbers what is new.
void SaveInvoices(postgres::Transaction& tx, int32_t program_key, MembershipRecord& record);

}  // namespace loyalty::membership
