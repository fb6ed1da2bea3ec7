// Ledger entries as a member reads them.
#pragma once

#include <ostream>
#include <string>

#include "google/protobuf/repeated_ptr_field.h"
#include "loyalty/points/v1/entry.pb.h"
#include "loyalty/points/v1/program.pb.h"

namespace loyalty::cli {

// "8.40 USD"
std::string Money(int64_t minor, const points::v1::Program& program);

// "purchase demo-1: 2 cappuccino, croissant, 11.30 USD", "spend: a free coffee",
// "return demo-1: 8.40 USD returned, 6 points short": those that it should have taken, and the member did not
// have.
std::string EntryText(const points::v1::Entry& entry, const points::v1::Program& program);

// Which lots paid: "10 from entry 1, 5 from entry 2"; empty when none did.
std::string LotsText(const points::v1::Entry& entry);

// One line an entry, under headings, times in the program's zone.
void PrintStatement(const google::protobuf::RepeatedPtrField<points::v1::Entry>& entries,
                    const points::v1::Program& program, std::ostream& out);

}  // namespace loyalty::cli
