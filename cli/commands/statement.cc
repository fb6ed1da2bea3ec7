#include "cli/commands/statement.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "cli/text/amount.h"
#include "cli/text/output.h"
#include "cli/text/time_text.h"
#include "common/money/currency.h"

namespace loyalty::cli {
namespace {

using points::v1::Entry;
using points::v1::Program;
using points::v1::Purchase;

constexpr int kLinesShown = 2;

std::string KindText(points::v1::EntryKind kind) {
  switch (kind) {
    case points::v1::ENTRY_KIND_PURCHASE:
      return "purchase";
    case points::v1::ENTRY_KIND_EARN:
      return "earn";
    case points::v1::ENTRY_KIND_SPEND:
      return "spend";
    case points::v1::ENTRY_KIND_ADJUST:
      return "adjust";
    case points::v1::ENTRY_KIND_REVERSAL:
      return "reversal";
    case points::v1::ENTRY_KIND_RETURN:
      return "return";
    case points::v1::ENTRY_KIND_LABEL:
      return "label";
    default:
      return absl::StrCat("kind ", static_cast<int>(kind));  // of a newer server
  }
}

std::string LineText(const points::v1::PurchaseLine& line) {
  const std::string& article = line.sku().empty() ? line.category() : line.sku();
  if (article.empty()) return Counted(line.quantity(), "item", "items");
  return line.quantity() == 1 ? article : absl::StrCat(line.quantity(), " ", article);
}

std::string PurchaseText(const Purchase& purchase, const Program& program) {
  std::vector<std::string> parts;
  for (int i = 0; i < std::min(purchase.lines_size(), kLinesShown); ++i)
    parts.push_back(LineText(purchase.lines(i)));
  if (const int more = purchase.lines_size() - kLinesShown; more > 0)
    parts.push_back(absl::StrCat(more, " more"));
  parts.push_back(Money(purchase.total_minor(), program));
  return absl::StrJoin(parts, ", ");
}

absl::TimeZone ZoneOf(const Program& program) {
  absl::TimeZone zone = absl::UTCTimeZone();
  absl::LoadTimeZone(program.time_zone(), &zone);
  return zone;
}

std::string LabelEnd(const points::v1::MemberLabel& label, const Program& program) {
  if (!label.has_until_time()) return "";
  return absl::StrCat(" until ", FormatTime(label.until_time(), ZoneOf(program)));
}

// What it is about, behind the kind and the order: "8.40 USD returned, 6 points short".
std::vector<std::string> Details(const Entry& entry, const Program& program) {
  std::vector<std::string> details;
  if (entry.has_purchase()) {
    details.push_back(PurchaseText(entry.purchase(), program));
  } else if (entry.has_label()) {
    details.push_back(absl::StrCat(entry.label().label(), LabelEnd(entry.label(), program)));
  } else if (!entry.reason().empty()) {
    details.push_back(entry.reason());
  }
  if (entry.kind() == points::v1::ENTRY_KIND_RETURN) {
    details.push_back(absl::StrCat(Money(entry.returned_minor(), program), " returned"));
  }
  if (entry.shortfall_points() > 0) {
    details.push_back(absl::StrCat(Counted(entry.shortfall_points(), "point", "points"), " short"));
  }
  return details;
}

std::string Where(const Entry& entry) {
  if (entry.location().empty() || entry.channel().empty()) return entry.location() + entry.channel();
  return absl::StrCat(entry.location(), " (", entry.channel(), ")");
}

// "base 80, double 80"
std::string AwardsText(const Entry& entry) {
  return absl::StrJoin(entry.awards(), ", ", [](std::string* out, const points::v1::Award& award) {
    absl::StrAppend(out, award.rule_id(), " ", Thousands(award.points()));
  });
}

std::string Cause(const Entry& entry) {
  if (!entry.awards().empty()) return AwardsText(entry);
  if (!entry.cause().empty()) return entry.cause();
  if (!entry.rule_id().empty()) return absl::StrCat("rule ", entry.rule_id());
  if (!entry.actor().empty()) return absl::StrCat("by ", entry.actor());
  return "";
}

}  // namespace

std::string Money(int64_t minor, const Program& program) {
  const int exponent = CurrencyExponent(program.currency_code()).value_or(0);
  return absl::StrCat(FormatAmount(minor, exponent), " ", program.currency_code());
}

std::string EntryText(const Entry& entry, const Program& program) {
  std::string text = KindText(entry.kind());
  const std::string& order = entry.order_id().empty() ? entry.purchase().order_id() : entry.order_id();
  if (!order.empty()) absl::StrAppend(&text, " ", order);
  const std::vector<std::string> details = Details(entry, program);
  if (!details.empty()) absl::StrAppend(&text, ": ", absl::StrJoin(details, ", "));
  return text;
}

std::string LotsText(const Entry& entry) {
  return absl::StrJoin(entry.lot_uses(), ", ", [](std::string* out, const points::v1::LotUse& use) {
    absl::StrAppend(out, Thousands(use.points()), " from entry ", use.lot_sequence());
  });
}

void PrintStatement(const google::protobuf::RepeatedPtrField<Entry>& entries, const Program& program,
                    std::ostream& out) {
  absl::TimeZone zone = absl::UTCTimeZone();
  const bool known = absl::LoadTimeZone(program.time_zone(), &zone);
  const auto left = Table::Align::kLeft;
  const auto right = Table::Align::kRight;
  Table table({left, left, left, right, right, left});
  table.Add({absl::StrCat("WHEN (", known ? program.time_zone() : "UTC", ")"), "WHAT", "WHERE", "POINTS",
             "BALANCE", "CAUSE"});
  for (const auto& entry : entries) {
    table.Add({FormatTime(entry.occurred_time(), zone), EntryText(entry, program), Where(entry),
               Signed(entry.points()), Thousands(entry.balance_after()), Cause(entry)});
  }
  table.Print(out);
}

}  // namespace loyalty::cli
