// Ledger entries as rows.
#pragma once

#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "services/points/domain/command.h"

namespace loyalty::points {

// "sequence|points|earned time|expire time|part,…", as statements print lots that were used.
std::vector<LotUse> ReadLotUses(absl::string_view list);

// The lots that an entry brought in.
std::vector<NewLot> ReadNewLots(const pqxx::row& row);

// Reads an entry's columns, as the statements over points.entry_in_full name them.
Entry ReadEntry(const pqxx::row& row);
// What was bought, of an entry of kind kPurchase.
Purchase ReadPurchase(const pqxx::row& row, const Entry& entry);

// A purchase's lines and labels as JSON and back. No labels are an empty text.
std::string LinesToJson(const std::vector<PurchaseLine>& lines);
std::string LabelsToJson(const std::vector<std::string>& labels);
std::vector<PurchaseLine> LinesFromJson(absl::string_view json);
std::vector<std::string> LabelsFromJson(absl::string_view json);

// What each rule gave; none are an empty text.
std::string AwardsToJson(const std::vector<Award>& awards);
std::vector<Award> AwardsFromJson(absl::string_view json);

// Labels of members.
std::string LabelToJson(const MemberLabel& label);
std::string MemberLabelsToJson(const MemberLabels& labels);
std::shared_ptr<const MemberLabels> ReadMemberLabels(absl::string_view json);

}  // namespace loyalty::points
