// What the tests of the points ledger share: commands in one line, refusals to compare with, a store in
// memory, and a deliberately simple ledger that the real one has to agree with.
#pragma once

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
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
        std::pair("returned", e.returned_minor)}) {
    if (value != 0) absl::StrAppend(&text, " ", name, " ", value);
  }
  if (e.label) {
    absl::StrAppend(&text, " label \"", e.label->label, "\" from ",
                    absl::FormatTime(e.label->from, absl::UTCTimeZone()), " until ",
                    absl::FormatTime(e.label->until, absl::UTCTimeZone()));
  }
  for (const Award& award : e.awards) absl::StrAppend(&text, " (", award.points, " by ", award.rule_id, ")");
  for (const LotUse& use : e.lot_uses) {
    absl::StrAppend(&text, " [", use.points, " of lot ", use.lot_sequence, " earned ",
                    absl::FormatTime(use.earned_time, absl::UTCTimeZone()), "]");
  }
  return text;
}

inline std::string Describe(const absl::StatusOr<Receipt>& answer) {
  if (!answer.ok()) return absl::StrCat("refused: ", ReasonOf(answer));
  return absl::StrCat(answer->replayed ? "replayed " : "posted ", Describe(answer->entry));
}

inline void PrintTo(const absl::StatusOr<Receipt>& answer, std::ostream* out) { *out << Describe(answer); }

// Keeps accounts in memory, and gives each batch what a database would: the members, ids and oldest lots it
// needs.
class MemoryStore {
 public:
  explicit MemoryStore(Program program = DollarProgram()) : program_(std::move(program)) {}

  std::vector<absl::StatusOr<Receipt>> Apply(const std::vector<Command>& commands, absl::Time now = kNoon) {
    Ledger ledger(program_, now);
    std::map<int64_t, std::string> fresh;
    Load(commands, ledger, fresh);
    std::vector<absl::StatusOr<Receipt>> answers;
    answers.reserve(commands.size());
    for (const Command& command : commands) answers.push_back(ledger.Decide(command));
    Write(ledger, fresh);
    return answers;
  }
  absl::StatusOr<Receipt> Apply(const Command& command, absl::Time now = kNoon) {
    return Apply(std::vector<Command>{command}, now).front();
  }

  bool HasMember(const std::string& id) const { return members_.count(id) == 1; }
  int64_t Balance(const std::string& member) const { return accounts_.at(members_.at(member)).balance; }
  size_t EntryCount() const { return entries_; }

 private:
  void Load(const std::vector<Command>& commands, Ledger& ledger, std::map<int64_t, std::string>& fresh) {
    const auto find = [](const std::map<std::string, Posting>& postings, const std::string& id) {
      const auto found = postings.find(id);
      return found == postings.end() ? nullptr : &found->second;
    };
    for (const Command& command : commands) {
      if (const Posting* known = find(requests_, command.request_id)) ledger.AddRequest(*known);
      if (const auto* record = std::get_if<RecordPurchase>(&command.action)) {
        if (const Posting* known = find(orders_, record->purchase.order_id)) ledger.AddOrder(*known);
      }
      if (const auto* record = std::get_if<RecordReturn>(&command.action)) {
        if (const Posting* known = find(returns_, record->return_id)) ledger.AddReturn(*known);
      }
      LoadMember(command.member_id.empty() ? OwnerOf(command) : command.member_id, Enrolls(command), ledger,
                 fresh);
    }
    std::set<std::string> originals;
    for (const Command& command : commands) LoadOriginal(command, originals, ledger);
    std::map<int64_t, uint64_t> taken;
    for (const Command& command : commands) {
      const Account* account = ledger.AccountOf(command);
      if (account != nullptr) taken[account->id] += static_cast<uint64_t>(ledger.PointsTaken(command));
    }
    for (const auto& [id, points] : taken) LoadLots(id, points, ledger);
  }

  void LoadMember(const std::string& member_id, bool enrolls, Ledger& ledger,
                  std::map<int64_t, std::string>& fresh) {
    if (ledger.AccountOf(member_id) != nullptr) return;
    const auto member = members_.find(member_id);
    const bool is_new = member == members_.end();
    if (is_new && !(enrolls && program_.enrollment_mode == EnrollmentMode::kOpen)) return;
    const int64_t id = is_new ? ++last_account_ : member->second;
    if (is_new) fresh[id] = member_id;
    AddAccount(id, ledger);
    ledger.AddMember(member_id, id, is_new);
  }

  const Posting* OriginalOf(const Command& command) const {
    const auto* record = std::get_if<RecordReturn>(&command.action);
    const auto* reverse = std::get_if<ReverseEntry>(&command.action);
    if (record == nullptr && reverse == nullptr) return nullptr;
    const auto& postings = record != nullptr ? orders_ : requests_;
    const auto found = postings.find(record != nullptr ? record->order_id : reverse->reversed_request_id);
    return found == postings.end() ? nullptr : &found->second;
  }
  std::string OwnerOf(const Command& command) const {
    const Posting* posting = OriginalOf(command);
    return posting == nullptr ? "" : posting->member_id;
  }

  void LoadOriginal(const Command& command, std::set<std::string>& seen, Ledger& ledger) {
    const Posting* posting = OriginalOf(command);
    if (posting == nullptr) return;
    const Entry& entry = posting->entry;
    if (!seen.insert(absl::StrCat(posting->account_id, "/", entry.sequence)).second) return;
    const auto [taken_back, returned] = taken_back_[{posting->account_id, entry.sequence}];
    ledger.AddOriginal({posting->account_id, posting->member_id, entry.sequence, entry.kind, entry.points,
                        entry.request_id, entry.order_id, entry.cause, totals_[entry.order_id], returned,
                        taken_back});
    const auto& lots = lots_[posting->account_id];
    const auto own = lots.find({entry.occurred_time, entry.sequence});
    // Another account's lot is nobody's business here.
    if (own != lots.end() && ledger.AccountOf(posting->member_id) != nullptr) {
      ledger.AddLot(posting->account_id, entry.sequence, entry.occurred_time, own->second);
    }
  }

  void AddAccount(int64_t id, Ledger& ledger) {
    Account account;
    if (const auto found = accounts_.find(id); found != accounts_.end()) account = found->second;
    account.id = id;
    account.lots = {};
    account.changed = false;
    ledger.AddAccount(account);
  }

  // The oldest lots, as many as can pay `points`.
  void LoadLots(int64_t id, uint64_t points, Ledger& ledger) {
    uint64_t loaded = 0;
    for (const auto& [key, remaining] : lots_[id]) {
      if (loaded >= points) return;
      ledger.AddLot(id, key.second, key.first, remaining);
      loaded += static_cast<uint64_t>(remaining);
    }
  }

  void Write(const Ledger& ledger, const std::map<int64_t, std::string>& fresh) {
    for (Posting posting : ledger.postings()) {
      const Command& command = *posting.command;
      posting.command = nullptr;
      const Entry& entry = posting.entry;
      posting.member_id =
          command.member_id.empty() ? orders_.at(entry.order_id).member_id : command.member_id;
      ++entries_;
      if (!entry.request_id.empty()) requests_[entry.request_id] = posting;
      if (entry.kind == EntryKind::kReturn) returns_[entry.return_id] = posting;
      if (const auto* record = std::get_if<RecordPurchase>(&command.action)) {
        orders_[entry.order_id] = posting;
        totals_[entry.order_id] = record->purchase.total_minor;
      }
      auto& [taken_back, returned] = taken_back_[{posting.account_id, entry.corrected_sequence}];
      taken_back -= entry.points;
      returned += entry.returned_minor;
    }
    std::map<int64_t, std::string> enrolled = fresh;
    for (const int64_t id : ledger.UnusedAccounts()) enrolled.erase(id);
    for (const auto& [id, member] : enrolled) members_[member] = id;
    for (const Account& account : ledger.accounts()) {
      if (!account.changed) continue;
      accounts_[account.id] = account;
      for (const Lot& lot : account.lots.all()) {
        auto& open = lots_[account.id];
        open.erase({lot.earned_time, lot.sequence});
        if (lot.remaining > 0) open[{lot.earned_time, lot.sequence}] = lot.remaining;
      }
    }
  }

  Program program_;
  int64_t last_account_ = 0;
  size_t entries_ = 0;
  std::map<std::string, int64_t> members_;
  std::map<int64_t, Account> accounts_;
  std::map<int64_t, std::map<std::pair<absl::Time, int64_t>, int64_t>> lots_;
  std::map<std::string, Posting> requests_, orders_, returns_;
  std::map<std::string, int64_t> totals_;  // by order
  std::map<std::pair<int64_t, int64_t>, std::pair<int64_t, int64_t>>
      taken_back_;  // points and amount, by entry
};

}  // namespace loyalty::points
