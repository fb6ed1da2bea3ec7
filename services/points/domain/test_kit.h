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

#include "common/status/status.h"
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

inline Command ValidateOnly(Command command) {
  command.validate_only = true;
  return command;
}

inline Purchase& PurchaseOf(Command& command) { return std::get<RecordPurchase>(command.action).purchase; }

// Errors, to compare in one line.
inline const absl::Status& AsStatus(const absl::Status& status) { return status; }
template <class T>
const absl::Status& AsStatus(const absl::StatusOr<T>& result) {
  return result.status();
}
template <class T>
std::string ReasonOf(const T& result) {
  const auto refusal = RefusalOf(AsStatus(result));
  return refusal ? refusal->reason : "";
}
template <class T>
std::map<std::string, std::string> MetadataOf(const T& result) {
  const auto refusal = RefusalOf(AsStatus(result));
  return refusal ? refusal->metadata : std::map<std::string, std::string>();
}
MATCHER_P2(IsRefused, code, reason, "") {
  *result_listener << AsStatus(arg) << " with reason " << ReasonOf(arg);
  return AsStatus(arg).code() == code && ReasonOf(arg) == reason;
}

// Everything that an entry says, but for the purchase that lists add.
inline std::string Describe(const Entry& e) {
  std::string text =
      absl::StrCat("#", e.sequence, " kind ", static_cast<int>(e.kind), " points ", e.points, " balance ",
                   e.balance_after, " occurred ", absl::FormatTime(e.occurred_time, absl::UTCTimeZone()),
                   " recorded ", absl::FormatTime(e.recorded_time, absl::UTCTimeZone()));
  for (const auto& [name, value] :
       {std::pair("request", e.request_id), std::pair("order", e.order_id), std::pair("rule", e.rule_id),
        std::pair("reason", e.reason), std::pair("actor", e.actor), std::pair("channel", e.channel),
        std::pair("location", e.location)}) {
    if (!value.empty()) absl::StrAppend(&text, " ", name, " \"", value, "\"");
  }
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
    std::set<std::string> seen;
    std::map<int64_t, uint64_t> taken;
    for (const Command& command : commands) {
      const auto request = requests_.find(command.request_id);
      if (request != requests_.end() && seen.insert("r" + command.request_id).second)
        ledger.AddRequest(request->second);
      if (const auto* record = std::get_if<RecordPurchase>(&command.action)) {
        const auto order = orders_.find(record->purchase.order_id);
        if (order != orders_.end() && seen.insert("o" + order->first).second) ledger.AddOrder(order->second);
      }
      const auto member = members_.find(command.member_id);
      if (member != members_.end()) taken[member->second] += static_cast<uint64_t>(PointsTaken(command));
      const bool open = Enrolls(command) && program_.enrollment_mode == EnrollmentMode::kOpen;
      if (member == members_.end() && !open) continue;
      if (!seen.insert("m" + command.member_id).second) continue;
      const int64_t id = member == members_.end() ? ++last_account_ : member->second;
      if (member == members_.end()) fresh[id] = command.member_id;
      AddAccount(id, ledger);
      ledger.AddMember(command.member_id, id, member == members_.end());
    }
    for (const auto& [id, points] : taken) LoadLots(id, points, ledger);
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
      posting.command = nullptr;
      ++entries_;
      if (!posting.entry.request_id.empty()) requests_[posting.entry.request_id] = posting;
      if (posting.entry.kind == EntryKind::kPurchase) orders_[posting.entry.order_id] = posting;
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
  std::map<std::string, Posting> requests_, orders_;
};

}  // namespace loyalty::points
