// What the tests of the points ledger share: commands in one line, and refusals to compare with.
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/testing/refused.h"
#include "services/points/domain/ledger.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {

inline const absl::Time kNoon = absl::FromCivil(absl::CivilSecond(2026, 5, 1, 12, 0, 0), absl::UTCTimeZone());

// One point for each dollar, floored, open to everybody.
inline Program DollarProgram() {
  Program program;
  program.key = 1;
  program.id = "shop";
  program.display_name = "The shop";
  program.currency_code = "USD";
  program.time_zone = "America/New_York";
  program.create_time = program.update_time = kNoon;
  absl::LoadTimeZone(program.time_zone, &program.zone);
  return program;
}

inline Command EarnCommand(std::string request, std::string member, int64_t points) {
  Command command;
  command.member_id = std::move(member);
  command.request_id = std::move(request);
  command.action = Earn{points};
  return command;
}

inline Command EarnedAt(absl::Time time, std::string request, std::string member, int64_t points) {
  Command command = EarnCommand(std::move(request), std::move(member), points);
  command.occurred_time = time;
  return command;
}

inline Command SpendCommand(std::string request, std::string member, int64_t points) {
  Command command = EarnCommand(std::move(request), std::move(member), 0);
  command.action = Spend{points, ""};
  return command;
}

inline Command AdjustCommand(std::string request, std::string member, int64_t points) {
  Command command = EarnCommand(std::move(request), std::move(member), 0);
  command.reason = "corrected";
  command.actor = "clerk";
  command.action = Adjust{points};
  return command;
}

inline Command PurchaseCommand(std::string request, std::string member, std::string order,
                               int64_t total_minor) {
  Command command = EarnCommand(std::move(request), std::move(member), 0);
  RecordPurchase record;
  record.purchase.order_id = std::move(order);
  record.purchase.purchase_time = kNoon - absl::Hours(1);
  record.purchase.total_minor = total_minor;
  command.action = std::move(record);
  return command;
}

inline Command ReverseCommand(std::string request, std::string member, std::string reversed,
                              int64_t points = 0) {
  Command command = EarnCommand(std::move(request), std::move(member), 0);
  command.action = ReverseEntry{std::move(reversed), points};
  return command;
}

inline Command ReturnCommand(std::string request, std::string member, std::string order,
                             std::string return_id, int64_t amount_minor = 0) {
  Command command = EarnCommand(std::move(request), std::move(member), 0);
  command.action = RecordReturn{std::move(order), std::move(return_id), amount_minor};
  return command;
}

inline Command ReturnLinesCommand(std::string request, std::string order, std::string return_id,
                                  std::vector<ReturnedLine> lines) {
  Command command = ReturnCommand(std::move(request), "", std::move(order), std::move(return_id));
  std::get<RecordReturn>(command.action).lines = std::move(lines);
  return command;
}

// The limits under which a deed was awarded: those of the rules that it considered, in their versions then.
inline RuleLimits LimitsThen(const std::vector<EarnRule>& versions, const Entry& deed) {
  RuleLimits limits;
  for (const EarnRule& rule : versions) {
    for (const Considered& one : deed.considered) {
      const bool then = one.rule_id == rule.id && one.version == rule.version;
      if (then && rule.limits != EarnLimits()) limits[rule.id] = rule.limits;
    }
  }
  return limits;
}

// Any other action.
template <class Action>
Command CommandFor(std::string request, std::string member, Action action) {
  Command command = EarnCommand(std::move(request), std::move(member), 0);
  command.action = std::move(action);
  return command;
}

inline Command LabelCommand(std::string request, std::string member, std::string label, absl::Time from,
                            absl::Time until = absl::InfiniteFuture()) {
  Command command = EarnCommand(std::move(request), std::move(member), 0);
  command.action = SetMemberLabel{{std::move(label), from, until}};
  return command;
}

// For purchases of members with a label (any member, if it is empty).
inline EarnRule MultiplierRule(std::string id, std::string label, Multiplier multiplier) {
  EarnRule rule;
  rule.display_name = rule.id = std::move(id);
  rule.conditions.member_label = std::move(label);
  rule.effect = multiplier;
  rule.create_time = kNoon;
  return rule;
}

inline Command ValidateOnly(Command command) {
  command.validate_only = true;
  return command;
}

inline Purchase& PurchaseOf(Command& command) { return std::get<RecordPurchase>(command.action).purchase; }

using testing::IsRefused;
using testing::MetadataOf;
using testing::ReasonOf;

// Everything that an entry says, but for the purchase that lists add.
inline std::string Describe(const Entry& e) {
  std::string text =
      absl::StrCat("#", e.sequence, " kind ", static_cast<int>(e.kind), " points ", e.points, " balance ",
                   e.balance_after, " occurred ", absl::FormatTime(e.occurred_time, absl::UTCTimeZone()),
                   " recorded ", absl::FormatTime(e.recorded_time, absl::UTCTimeZone()));
  for (const auto& [name, value] :
       {std::pair("request", e.request_id), std::pair("order", e.order_id), std::pair("rule", e.rule_id),
        std::pair("reason", e.reason), std::pair("actor", e.actor), std::pair("channel", e.channel),
        std::pair("location", e.location), std::pair("cause", e.cause), std::pair("return", e.return_id)}) {
    if (!value.empty()) absl::StrAppend(&text, " ", name, " \"", value, "\"");
  }
  for (const auto& [name, value] :
       {std::pair("corrects", e.corrected_sequence), std::pair("shortfall", e.shortfall),
        std::pair("returned", e.returned_minor), std::pair("paid", e.paid_minor),
        std::pair("pending", e.pending), std::pair("held", e.held), std::pair("debt", e.debt),
        std::pair("of account", e.corrected_account)}) {
    if (value != 0) absl::StrAppend(&text, " ", name, " ", value);
  }
  if (e.label) {
    absl::StrAppend(&text, " label \"", e.label->label, "\" from ",
                    absl::FormatTime(e.label->from, absl::UTCTimeZone()), " until ",
                    absl::FormatTime(e.label->until, absl::UTCTimeZone()));
  }
  for (const Award& award : e.awards) {
    absl::StrAppend(&text, " (", award.points, " by ", award.rule_id, " on ", absl::StrJoin(award.lines, "+"),
                    ")");
  }
  const auto show = [](absl::Time time) { return absl::FormatTime(time, absl::UTCTimeZone()); };
  for (const NewLot& lot : e.lots) {
    absl::StrAppend(&text, " <", lot.points, " earned ", show(lot.earned_time), " until ",
                    show(lot.expire_time));
    if (lot.mature_time != absl::InfinitePast()) absl::StrAppend(&text, " from ", show(lot.mature_time));
    if (lot.from_sequence != 0) absl::StrAppend(&text, " was ", lot.from_sequence, ".", lot.from_part);
    text += ">";
  }
  for (const LotUse& use : e.lot_uses) {
    absl::StrAppend(&text, " [", use.points, " of lot ", use.lot_sequence, ".", use.part, " earned ",
                    show(use.earned_time), " until ", show(use.expire_time), "]");
  }
  for (const ReturnedLine& line : e.returned_lines)
    absl::StrAppend(&text, " back ", line.quantity, " of line ", line.line);
  for (const Considered& rule : e.considered) {
    absl::StrAppend(&text, " {", rule.rule_id, " v", rule.version, " ", static_cast<int>(rule.outcome), "}");
  }
  if (e.tier) {
    absl::StrAppend(&text, " tier \"", e.tier->from_tier_id, "\" to \"", e.tier->to_tier_id,
                    "\" by hand until ", show(e.tier->override_until));
  }
  if (e.counterpart)
    absl::StrAppend(&text, " with ", e.counterpart->account_id, "/", e.counterpart->sequence);
  if (e.hold_until != absl::InfinitePast()) absl::StrAppend(&text, " held until ", show(e.hold_until));
  if (!e.activity_id.empty()) absl::StrAppend(&text, " activity ", e.activity_type, "/", e.activity_id);
  return text;
}
inline std::vector<std::string> InWords(const std::vector<Entry>& entries) {
  std::vector<std::string> texts;
  for (const Entry& entry : entries) texts.push_back(Describe(entry));
  return texts;
}

inline std::string Describe(const absl::StatusOr<Receipt>& answer) {
  if (!answer.ok()) return absl::StrCat("refused: ", ReasonOf(answer));
  return absl::StrCat(answer->replayed ? "replayed " : "posted ", Describe(answer->entry));
}

inline void PrintTo(const absl::StatusOr<Receipt>& answer, std::ostream* out) { *out << Describe(answer); }

}  // namespace loyalty::points
