#include "services/points/domain/ledger.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/status/status.h"
#include "services/points/domain/earning.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

const RecordPurchase* AsPurchase(const Command& command) {
  return std::get_if<RecordPurchase>(&command.action);
}

// The kind, the points with their sign, the order and the rule of the entry that a command asks for.
struct Describe {
  const Program& program;
  Entry& entry;

  absl::Status operator()(const Earn& earn) const {
    entry.kind = EntryKind::kEarn;
    entry.points = earn.points;
    return absl::OkStatus();
  }
  absl::Status operator()(const Spend& spend) const {
    entry.kind = EntryKind::kSpend;
    entry.points = -spend.points;
    entry.order_id = spend.order_id;
    return absl::OkStatus();
  }
  absl::Status operator()(const Adjust& adjust) const {
    entry.kind = EntryKind::kAdjust;
    entry.points = adjust.points;
    return absl::OkStatus();
  }
  absl::Status operator()(const RecordPurchase& record) const {
    const Purchase& purchase = record.purchase;
    if (!purchase.currency_code.empty() && purchase.currency_code != program.currency_code) {
      Violations violations;
      violations.Add("purchase.currency_code", reason::kCurrencyMismatch,
                     absl::StrCat("is ", purchase.currency_code, ", the program's currency is ",
                                  program.currency_code, "."),
                     {{"currency_code", purchase.currency_code}, {"expected", program.currency_code}});
      return violations.ToStatus();
    }
    const absl::StatusOr<int64_t> award = BaseAward(program, purchase.total_minor);
    if (!award.ok()) return award.status();
    entry.kind = EntryKind::kPurchase;
    entry.points = *award;
    entry.order_id = purchase.order_id;
    entry.rule_id = "base";
    entry.occurred_time = purchase.purchase_time;
    entry.channel = purchase.channel;
    entry.location = purchase.location;
    return absl::OkStatus();
  }
};

absl::Status CheckBalance(const Account& account, int64_t points) {
  if (points < 0 && account.balance < -points) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kInsufficientPoints,
                  absl::StrCat("The member has ", account.balance, " points, ", -points, " were asked."),
                  {{"balance", absl::StrCat(account.balance)}, {"asked", absl::StrCat(-points)}});
  }
  int64_t after = 0;
  if (__builtin_add_overflow(account.balance, points, &after)) {
    return Refuse(absl::StatusCode::kOutOfRange, reason::kPointsOverflow,
                  absl::StrCat("The member has ", account.balance, " points; with ", points,
                               " more, an int64 overflows."),
                  {{"balance", absl::StrCat(account.balance)}, {"points", absl::StrCat(points)}});
  }
  return absl::OkStatus();
}

}  // namespace

bool Enrolls(const Command& command) {
  return std::holds_alternative<Earn>(command.action) ||
         std::holds_alternative<RecordPurchase>(command.action);
}

int64_t PointsTaken(const Command& command) {
  if (const auto* spend = std::get_if<Spend>(&command.action)) return spend->points;
  if (const auto* adjust = std::get_if<Adjust>(&command.action)) return std::max<int64_t>(0, -adjust->points);
  return 0;
}

void Ledger::AddAccount(Account account) {
  account_index_.emplace(account.id, accounts_.size());
  accounts_.push_back(std::move(account));
}

void Ledger::AddMember(absl::string_view member_id, int64_t account_id, bool fresh) {
  members_.emplace(member_id, Member{account_index_.at(account_id), fresh});
}

const Account* Ledger::AccountOf(absl::string_view member_id) const {
  const auto member = members_.find(member_id);
  return member == members_.end() ? nullptr : &accounts_[member->second.account];
}

void Ledger::AddRequest(Posting posting) {
  found_.push_back(std::move(posting));
  requests_.emplace(found_.back().entry.request_id, &found_.back());
}

void Ledger::AddOrder(Posting posting) {
  found_.push_back(std::move(posting));
  orders_.emplace(found_.back().entry.order_id, &found_.back());
}

void Ledger::AddLot(int64_t account_id, int64_t sequence, absl::Time earned_time, int64_t remaining) {
  accounts_[account_index_.at(account_id)].lots.Load(sequence, earned_time, remaining);
}

absl::StatusOr<Receipt> Ledger::Decide(const Command& command) {
  const Digest content = ContentOf(command);
  if (!command.request_id.empty()) {
    const auto known = requests_.find(command.request_id);
    if (known != requests_.end()) return Replay(*known->second, content, /*by_request=*/true);
  }
  if (const RecordPurchase* record = AsPurchase(command)) {
    const auto known = orders_.find(record->purchase.order_id);
    if (known != orders_.end()) return Replay(*known->second, content, /*by_request=*/false);
  }
  const absl::StatusOr<size_t> index = FindAccount(command);
  if (!index.ok()) return index.status();
  Account& account = accounts_[*index];
  absl::StatusOr<Entry> entry = Draft(command, account);
  if (!entry.ok()) return entry.status();
  if (!command.validate_only) Post(command, content, account, *entry);
  return Receipt{*std::move(entry), false};
}

absl::StatusOr<Receipt> Ledger::Replay(const Posting& posting, const Digest& content, bool by_request) const {
  if (posting.content == content) return Receipt{posting.entry, true};
  if (by_request) {
    return Refuse(absl::StatusCode::kAlreadyExists, reason::kRequestIdReused,
                  "The request id was used for another request. Use a new one for each thing you ask for.",
                  {{"request_id", posting.entry.request_id}});
  }
  return Refuse(absl::StatusCode::kAlreadyExists, reason::kOrderIdReused,
                "The order is recorded already, for another member or with another content.",
                {{"order_id", posting.entry.order_id}});
}

absl::StatusOr<size_t> Ledger::FindAccount(const Command& command) const {
  const auto member = members_.find(command.member_id);
  if (member == members_.end() || (member->second.fresh && !Enrolls(command))) {
    return Refuse(absl::StatusCode::kNotFound, reason::kMemberNotFound,
                  absl::StrCat("The program ", program_.id, " has no member ", command.member_id, "."),
                  {{"program_id", program_.id}, {"member_id", command.member_id}});
  }
  return member->second.account;
}

absl::StatusOr<Entry> Ledger::Draft(const Command& command, const Account& account) const {
  Entry entry;
  // Clocks of two replicas differ, and one clock may be set back; a member's entries still stand in order.
  entry.recorded_time = std::max(now_, account.last_recorded_time);
  entry.occurred_time = command.occurred_time.value_or(entry.recorded_time);
  entry.request_id = command.request_id;
  entry.reason = command.reason;
  entry.actor = command.actor;
  entry.channel = command.channel;
  entry.location = command.location;
  LOYALTY_RETURN_IF_ERROR(std::visit(Describe{program_, entry}, command.action));
  LOYALTY_RETURN_IF_ERROR(CheckBalance(account, entry.points));
  entry.sequence = account.last_sequence + 1;
  entry.balance_after = account.balance + entry.points;
  if (entry.points < 0) entry.lot_uses = account.lots.Plan(-entry.points);
  return entry;
}

void Ledger::Post(const Command& command, const Digest& content, Account& account, const Entry& entry) {
  account.balance = entry.balance_after;
  account.last_sequence = entry.sequence;
  account.last_recorded_time = entry.recorded_time;
  account.changed = true;
  if (entry.points > 0) account.lots.Add(entry.sequence, entry.occurred_time, entry.points);
  if (entry.points < 0) account.lots.Use(entry.lot_uses);
  members_.at(command.member_id).fresh = false;

  const Posting& posting = posted_.emplace_back(Posting{account.id, content, entry, &command});
  if (!entry.request_id.empty()) requests_.emplace(posting.entry.request_id, &posting);
  if (entry.kind == EntryKind::kPurchase) orders_.emplace(posting.entry.order_id, &posting);
}

std::vector<int64_t> Ledger::UnusedAccounts() const {
  std::vector<int64_t> unused;
  for (const auto& [id, member] : members_) {
    if (member.fresh) unused.push_back(accounts_[member.account].id);
  }
  return unused;
}

}  // namespace loyalty::points
