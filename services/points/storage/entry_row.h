// Ledger entries as rows.
#pragma once

#include <pqxx/pqxx>

#include "services/points/domain/command.h"

namespace loyalty::points {

// Reads the columns that find_requests, find_orders and list_entries have in common, by their names.
Entry ReadEntry(const pqxx::row& row);

// A purchase's lines and labels as JSON and back. No labels are an empty text.
std::string LinesToJson(const std::vector<PurchaseLine>& lines);
std::string LabelsToJson(const std::vector<std::string>& labels);
std::vector<PurchaseLine> LinesFromJson(absl::string_view json);
std::vector<std::string> LabelsFromJson(absl::string_view json);

}  // namespace loyalty::points
