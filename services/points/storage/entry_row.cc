#include "services/points/storage/entry_row.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <nlohmann/json.hpp>

#include "common/postgres/values.h"

namespace loyalty::points {
namespace {

// "sequence|points|earned time,…"
std::vector<LotUse> ReadLotUses(absl::string_view list) {
  std::vector<LotUse> uses;
  for (const absl::string_view item : absl::StrSplit(list, ',', absl::SkipEmpty())) {
    const std::vector<absl::string_view> parts = absl::StrSplit(item, '|');
    LotUse use;
    (void)absl::SimpleAtoi(parts[0], &use.lot_sequence);
    (void)absl::SimpleAtoi(parts[1], &use.points);
    use.earned_time = postgres::ParseTimestamp(parts[2]);
    uses.push_back(use);
  }
  return uses;
}

// A JSON string. Written by hand, since every purchase of an import passes here. Validation has refused
// control characters, so that quotes and backslashes are all that needs an escape.
void AppendQuoted(std::string& json, const std::string& text) {
  json.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') json.push_back('\\');
    json.push_back(c);
  }
  json.push_back('"');
}

}  // namespace

Entry ReadEntry(const pqxx::row& row) {
  Entry entry;
  entry.sequence = row["sequence"].as<int64_t>();
  entry.kind = static_cast<EntryKind>(row["kind"].as<int>());
  entry.points = row["points"].as<int64_t>();
  entry.balance_after = row["balance_after"].as<int64_t>();
  entry.occurred_time = postgres::ParseTimestamp(row["occurred_time"].c_str());
  entry.recorded_time = postgres::ParseTimestamp(row["recorded_time"].c_str());
  entry.request_id = row["request_id"].c_str();
  entry.order_id = row["order_id"].c_str();
  entry.rule_id = row["rule_id"].c_str();
  entry.reason = row["reason"].c_str();
  entry.actor = row["actor"].c_str();
  entry.channel = row["channel"].c_str();
  entry.location = row["location"].c_str();
  entry.lot_uses = ReadLotUses(row["lot_uses"].c_str());
  return entry;
}

std::string LinesToJson(const std::vector<PurchaseLine>& lines) {
  std::string json = "[";
  for (const PurchaseLine& line : lines) {
    json.append(json.size() > 1 ? ",{" : "{");
    if (!line.sku.empty()) {
      json.append("\"sku\":");
      AppendQuoted(json, line.sku);
      json.push_back(',');
    }
    if (!line.category.empty()) {
      json.append("\"category\":");
      AppendQuoted(json, line.category);
      json.push_back(',');
    }
    absl::StrAppend(&json, "\"quantity\":", line.quantity, ",\"amount_minor\":", line.amount_minor, "}");
  }
  json.push_back(']');
  return json;
}

std::string LabelsToJson(const std::vector<std::string>& labels) {
  if (labels.empty()) return "";
  std::string json = "[";
  for (const std::string& label : labels) {
    if (json.size() > 1) json.push_back(',');
    AppendQuoted(json, label);
  }
  json.push_back(']');
  return json;
}

std::vector<PurchaseLine> LinesFromJson(absl::string_view json) {
  std::vector<PurchaseLine> lines;
  for (const auto& in : nlohmann::json::parse(json)) {
    lines.push_back({in.value("sku", ""), in.value("category", ""), in.at("quantity").get<int64_t>(),
                     in.at("amount_minor").get<int64_t>()});
  }
  return lines;
}

std::vector<std::string> LabelsFromJson(absl::string_view json) {
  return nlohmann::json::parse(json).get<std::vector<std::string>>();
}

}  // namespace loyalty::points
