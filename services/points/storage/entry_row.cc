#include "services/points/storage/entry_row.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <nlohmann/json.hpp>

#include "common/postgres/values.h"
#include "services/points/storage/state_json.h"

namespace loyalty::points {
namespace {

// True for kinds whose points come in as a new lot.
bool BringsLot(EntryKind kind) {
  return kind == EntryKind::kPurchase || kind == EntryKind::kEarn || kind == EntryKind::kAdjust ||
         kind == EntryKind::kActivity || kind == EntryKind::kTransferIn || kind == EntryKind::kDonation;
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

MemberLabel LabelFrom(const nlohmann::json& json) {
  MemberLabel label;
  label.label = json.at("label").get<std::string>();
  label.from = postgres::ParseTimestamp(json.at("from").get<std::string>());
  if (json.contains("until")) label.until = postgres::ParseTimestamp(json.at("until").get<std::string>());
  return label;
}

// [id, points], then where they are needed the time of maturity (days, or −1 for a confirmation) and the
// lines' shares.
nlohmann::json AwardToJson(const Award& award) {
  nlohmann::json json = {award.rule_id, award.points};
  if (award.maturity == Maturity() && award.lines.empty()) return json;
  json.push_back(award.maturity.kind == MaturityKind::kConfirmation ? -1 : award.maturity.days);
  if (!award.lines.empty()) json.push_back(award.lines);
  return json;
}

Award AwardFrom(const nlohmann::json& json) {
  Award award{json.at(0).get<std::string>(), json.at(1).get<int64_t>()};
  if (json.size() > 2) {
    const auto days = json.at(2).get<int32_t>();
    if (days < 0) award.maturity = {MaturityKind::kConfirmation};
    if (days > 0) award.maturity = {MaturityKind::kDays, days};
  }
  if (json.size() > 3) award.lines = json.at(3).get<std::vector<int64_t>>();
  return award;
}

}  // namespace

std::vector<LotUse> ReadLotUses(absl::string_view list) {
  std::vector<LotUse> uses;
  for (const absl::string_view item : absl::StrSplit(list, ',', absl::SkipEmpty())) {
    const std::vector<absl::string_view> parts = absl::StrSplit(item, '|');
    LotUse use;
    (void)absl::SimpleAtoi(parts[0], &use.lot_sequence);
    (void)absl::SimpleAtoi(parts[1], &use.points);
    use.earned_time = postgres::ParseTimestamp(parts[2]);
    use.expire_time = postgres::ParseTimestamp(parts[3]);
    (void)absl::SimpleAtoi(parts[4], &use.part);
    uses.push_back(use);
  }
  return uses;
}

std::vector<NewLot> ReadNewLots(const pqxx::row& row) {
  if (!row["detail"].is_null()) {
    if (std::vector<NewLot> lots = LotsOfDetail(row["detail"].c_str()); !lots.empty()) return lots;
  }
  const auto points = row["points"].as<int64_t>();
  if (points <= 0 || !BringsLot(static_cast<EntryKind>(row["kind"].as<int>()))) return {};
  NewLot lot{points, postgres::ParseTimestamp(row["occurred_time"].c_str())};
  if (!row["expire_time"].is_null()) lot.expire_time = postgres::ParseTimestamp(row["expire_time"].c_str());
  return {lot};
}

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
  entry.cause = row["cause"].c_str();
  if (!row["awards"].is_null()) entry.awards = AwardsFromJson(row["awards"].c_str());
  entry.corrected_sequence = row["corrected_sequence"].as<int64_t>(0);
  entry.shortfall = row["shortfall"].as<int64_t>(0);
  entry.return_id = row["return_id"].c_str();
  if (entry.kind == EntryKind::kReturn) entry.returned_minor = row["total_minor"].as<int64_t>(0);
  if (entry.kind == EntryKind::kSpend) entry.paid_minor = row["total_minor"].as<int64_t>(0);
  entry.pending = row["pending"].as<int64_t>(0);
  entry.held = row["held"].as<int64_t>(0);
  entry.debt = row["debt"].as<int64_t>(0);
  entry.activity_id = row["activity_id"].c_str();
  if (!row["detail"].is_null()) ReadDetail(row["detail"].c_str(), entry);
  entry.lots = ReadNewLots(row);
  if (!row["label"].is_null()) entry.label = LabelFrom(nlohmann::json::parse(row["label"].c_str()));
  return entry;
}

Purchase ReadPurchase(const pqxx::row& row, const Entry& entry) {
  Purchase purchase;
  purchase.order_id = entry.order_id;
  purchase.purchase_time = entry.occurred_time;
  purchase.currency_code = row["currency_code"].c_str();
  purchase.total_minor = row["total_minor"].as<int64_t>();
  purchase.lines = LinesFromJson(row["lines"].c_str());
  if (!row["labels"].is_null()) purchase.labels = LabelsFromJson(row["labels"].c_str());
  purchase.channel = entry.channel;
  purchase.location = entry.location;
  return purchase;
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

std::string AwardsToJson(const std::vector<Award>& awards) {
  if (awards.empty()) return "";
  nlohmann::json json = nlohmann::json::array();
  for (const Award& award : awards) json.push_back(AwardToJson(award));
  return json.dump();
}

std::vector<Award> AwardsFromJson(absl::string_view json) {
  std::vector<Award> awards;
  for (const auto& in : nlohmann::json::parse(json)) awards.push_back(AwardFrom(in));
  return awards;
}

std::string LabelToJson(const MemberLabel& label) {
  std::string json = "{\"label\":";
  AppendQuoted(json, label.label);
  absl::StrAppend(&json, ",\"from\":\"", postgres::FormatTimestamp(label.from), "\"");
  if (label.until != absl::InfiniteFuture()) {
    absl::StrAppend(&json, ",\"until\":\"", postgres::FormatTimestamp(label.until), "\"");
  }
  return json + "}";
}

std::string MemberLabelsToJson(const MemberLabels& labels) {
  std::string json = "[";
  for (const MemberLabel& label : labels) {
    if (json.size() > 1) json.push_back(',');
    json.append(LabelToJson(label));
  }
  return json + "]";
}

std::shared_ptr<const MemberLabels> ReadMemberLabels(absl::string_view json) {
  auto labels = std::make_shared<MemberLabels>();
  for (const auto& in : nlohmann::json::parse(json)) labels->push_back(LabelFrom(in));
  return labels;
}

}  // namespace loyalty::points
