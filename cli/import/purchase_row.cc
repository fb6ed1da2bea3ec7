#include "cli/import/purchase_row.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/text/amount.h"
#include "cli/text/time_text.h"

namespace loyalty::cli {
namespace {

enum Column {
  kOrderId,
  kMemberId,
  kTime,
  kAmount,
  kQuantity,
  kCurrency,
  kSku,
  kCategory,
  kChannel,
  kLocation,
  kLabel
};
constexpr std::array<absl::string_view, 11> kColumns = {"order_id", "member_id", "time", "amount",
                                                        "quantity", "currency",  "sku",  "category",
                                                        "channel",  "location",  "label"};
constexpr int kRequiredColumns = kQuantity + 1;

// Far above every limit of the server, which says more exactly what is too long; but so many bytes in each
// row would make a message that it cannot take.
constexpr size_t kMaxFieldBytes = 1'000;

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(absl::string_view text) {
  size_t i = 0;
  const auto byte = [&](size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0; };
  while (i < text.size()) {
    const unsigned lead = byte(i);
    const size_t length = lead < 0x80                   ? 1
                          : lead >= 0xc2 && lead < 0xe0 ? 2
                          : (lead & 0xf0) == 0xe0       ? 3
                          : lead >= 0xf0 && lead < 0xf5 ? 4
                                                        : 0;
    if (length == 0) return false;
    for (size_t next = 1; next < length; ++next) {
      if ((byte(i + next) & 0xc0) != 0x80) return false;
    }
    const unsigned second = byte(i + 1);
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0)) return false;
    if ((lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90)) return false;
    i += length;
  }
  return true;
}

absl::Status CheckFields(const std::vector<absl::string_view>& fields) {
  for (const absl::string_view field : fields) {
    if (field.size() > kMaxFieldBytes) {
      return absl::OutOfRangeError(
          absl::StrCat("a field has ", field.size(), " bytes, at most ", kMaxFieldBytes, " are read"));
    }
    if (!IsUtf8(field)) return absl::InvalidArgumentError("the row is not UTF-8");
  }
  return absl::OkStatus();
}

void Assign(absl::string_view value, std::string& field) { field.assign(value.data(), value.size()); }

}  // namespace

bool IsOutcomeColumn(absl::string_view column) { return column == "reason" || column == "message"; }

absl::StatusOr<PurchaseRowParser> PurchaseRowParser::FromHeader(const std::vector<absl::string_view>& header,
                                                                int exponent) {
  PurchaseRowParser parser;
  parser.position_.fill(-1);
  parser.header_size_ = header.size();
  parser.exponent_ = exponent;
  for (size_t i = 0; i < header.size(); ++i) {
    if (IsOutcomeColumn(header[i])) continue;
    const auto known = std::find(kColumns.begin(), kColumns.end(), header[i]);
    if (known == kColumns.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "unknown column '", header[i], "' in the header line; known are ", absl::StrJoin(kColumns, ",")));
    }
    int& position = parser.position_[known - kColumns.begin()];
    if (position >= 0)
      return absl::InvalidArgumentError(absl::StrCat("column '", header[i], "' is there twice"));
    position = static_cast<int>(i);
  }
  std::vector<absl::string_view> missing;
  for (int column = 0; column < kRequiredColumns; ++column) {
    if (parser.position_[column] < 0) missing.push_back(kColumns[column]);
  }
  if (!missing.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the header line has no column '", absl::StrJoin(missing, "', '"), "'"));
  }
  return parser;
}

absl::string_view PurchaseRowParser::Field(const std::vector<absl::string_view>& fields, int column) const {
  return position_[column] < 0 ? absl::string_view() : fields[position_[column]];
}

absl::Status PurchaseRowParser::Parse(const std::vector<absl::string_view>& fields, ImportRow& row) const {
  if (fields.size() != header_size_) {
    return absl::InvalidArgumentError(
        absl::StrCat("the row has ", fields.size(), " columns, the header line ", header_size_));
  }
  if (const absl::Status bad = CheckFields(fields); !bad.ok()) return bad;
  const auto time = ParseTime(Field(fields, kTime));
  if (!time.ok()) return time.status();
  const auto amount = ParseAmount(Field(fields, kAmount), exponent_);
  if (!amount.ok()) return amount.status();
  int64_t quantity = 0;
  if (!absl::SimpleAtoi(Field(fields, kQuantity), &quantity)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", Field(fields, kQuantity), "' is not a quantity: write 3"));
  }

  Assign(Field(fields, kMemberId), *row.mutable_member_id());
  auto& purchase = *row.mutable_purchase();
  Assign(Field(fields, kOrderId), *purchase.mutable_order_id());
  SetTimestamp(*time, *purchase.mutable_purchase_time());
  Assign(Field(fields, kCurrency), *purchase.mutable_currency_code());
  purchase.set_total_minor(*amount);
  Assign(Field(fields, kChannel), *purchase.mutable_channel());
  Assign(Field(fields, kLocation), *purchase.mutable_location());
  purchase.mutable_labels()->Clear();
  if (const auto label = Field(fields, kLabel); !label.empty()) Assign(label, *purchase.add_labels());

  auto& line = purchase.lines().empty() ? *purchase.add_lines() : *purchase.mutable_lines(0);
  Assign(Field(fields, kSku), *line.mutable_sku());
  Assign(Field(fields, kCategory), *line.mutable_category());
  line.set_quantity(quantity);
  line.set_amount_minor(*amount);
  return absl::OkStatus();
}

}  // namespace loyalty::cli
