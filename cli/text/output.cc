#include "cli/text/output.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {
namespace {

// Characters, not bytes, of UTF-8.
size_t Width(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

}  // namespace

std::string Thousands(int64_t number) {
  std::string text = absl::StrCat(number);
  const int first_digit = number < 0 ? 1 : 0;
  for (int at = static_cast<int>(text.size()) - 3; at > first_digit; at -= 3) text.insert(at, 1, ',');
  return text;
}

std::string Signed(int64_t number) { return absl::StrCat(number > 0 ? "+" : "", Thousands(number)); }

std::string Counted(int64_t number, const std::string& singular, const std::string& plural) {
  return absl::StrCat(Thousands(number), " ", number == 1 ? singular : plural);
}

std::string Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string text;
  if (const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
      !status.ok()) {
    return "{\"error\": \"not representable as JSON\"}\n";
  }
  return text;
}

std::string Json(const google::protobuf::Message& message, bool replayed) {
  auto json = nlohmann::ordered_json::parse(Json(message));
  json["replayed"] = replayed;
  return json.dump(1) + "\n";
}

void Table::Print(std::ostream& out) const {
  std::vector<size_t> widths(columns_.size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - Width(row[i]), ' ');
      absl::StrAppend(&line, i > 0 ? "  " : "", columns_[i] == Align::kRight ? padding : "", row[i],
                      columns_[i] == Align::kLeft ? padding : "");
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

}  // namespace loyalty::cli
