#include "services/points/domain/ledger.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "services/points/domain/earning.h"
#include "services/points/domain/reason.h"
#include "services/points/domain/validate.h"

namespace loyalty::points {
namespace {

absl::Status OrderNotFound(const std::string& order_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kOrderNotFound,
                absl::StrCat("The member has no order ", order_id, "."), {{"order_id", order_id}});
}

absl::Status EntryNotFound(const std::string& request_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kEntryNotFound,
                "No entry of the member stands under the request id that is to be reversed.",
                {{"request_id", request_id}});
}

// A known id, with another content than that of the command.
absl::Status Reused(const Command& command, const Posting& known) {
  const Entry& entry = known.entry;
  if (!command.request_id.empty() && command.request_id == entry.request_id) {
    return Refuse(absl::StatusCode::kAlreadyExists, reason::kRequestIdReused,
                  "The request id was used for another request. Use a new one for each thing you ask for.",
                  {{"request_id", entry.request_id}});
  }
  if (entry.kind == EntryKind::kReturn) {
    return Refuse(absl::StatusCode::kAlreadyExists, reason::kReturnIdReused,
                  "The return is recorded already, of another order or with another content.",
                  {{"return_id", entry.return_id}});
  }
  return Refuse(absl::StatusCode::kAlreadyExists, reason::kOrderIdReused,
                "The order is recorded already, for another member or with another content.",
                {{"order_id", entry.order_id}});
}

// What the entry that a command asks for says beside its place in the ledger.
struct Describe {
  const Program& program;
  const Account& account;
  const Original* original;  // of a command that takes back
  Entry& entry;

  absl::Status operator()(const Earn& earn) const {
    entry.kind = EntryKind::kEarn;
    entry.points = earn.points;
    entry.cause = earn.cause;
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
    LOYALTY_RETURN_IF_ERROR(CheckCurrency(purchase));
    static const MemberLabels none;
    absl::StatusOr<Earned> earned = EarnedBy(program, purchase, account.labels ? *account.labels : none);
    if (!earned.ok()) return earned.status();
    entry.kind = EntryKind::kPurchase;
    entry.points = earned->points;
    entry.awards = std::move(earned->awards);
    entry.order_id = purchase.order_id;
    entry.rule_id = kBaseRule;
    entry.occurred_time = purchase.purchase_time;
    entry.channel = purchase.channel;
    entry.location = purchase.location;
    return absl::OkStatus();
  }
  absl::Status operator()(const ReverseEntry& reverse) const {
    entry.kind = EntryKind::kReversal;
    entry.cause = original->cause;
    return TakeBack(DueByReversal(*original, reverse.points));
  }
  absl::Status operator()(const RecordReturn& record) const {
    entry.kind = EntryKind::kReturn;
    entry.order_id = record.order_id;
    entry.return_id = record.return_id;
    return TakeBack(DueByReturn(*original, record.amount_minor));
  }
  absl::Status operator()(const SetMemberLabel& set) const {
    entry.kind = EntryKind::kLabel;
    entry.label = set.label;
    MemberLabels labels = account.labels ? *account.labels : MemberLabels();
    return SetLabel(labels, set.label);
  }

  absl::Status TakeBack(const absl::StatusOr<Due>& due) const {
    if (!due.ok()) return due.status();
    const int64_t taken = std::min(due->points, account.balance);
    entry.points = -taken;
    entry.shortfall = due->points - taken;
    entry.returned_minor = due->returned_minor;
    entry.corrected_sequence = original->sequence;
    return absl::OkStatus();
  }

  absl::Status CheckCurrency(const Purchase& purchase) const {
    if (purchase.currency_code.empty() || purchase.currency_code == program.currency_code)
      return absl::OkStatus();
    Violations violations;
    violations.Add("purchase.currency_code", reason::kCurrencyMismatch,
                   absl::StrCat("is ", purchase.currency_code, ", the program's currency is ",
                                program.currency_code, "."),
                   {{"currency_code", purchase.currency_code}, {"expected", program.currency_code}});
    return violations.ToStatus();
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
         std::holds_alternative<RecordPurchase>(command.action) ||
         std::holds_alternative<SetMemberLabel>(command.action);
}

bool TakesBack(const Command& command) {
  return std::holds_alternative<ReverseEntry>(command.action) ||
         std::holds_alternative<RecordReturn>(command.action);
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

const Account* Ledger::AccountOf(const Command& command) const {
  if (!command.member_id.empty()) return AccountOf(command.member_id);
  const Original* original = FindOriginal(command);
  return original == nullptr ? nullptr : &accounts_[account_index_.at(original->account_id)];
}

int64_t Ledger::PointsTaken(const Command& command) const {
  if (const auto* spend = std::get_if<Spend>(&command.action)) return spend->points;
  if (const auto* adjust = std::get_if<Adjust>(&command.action)) return std::max<int64_t>(0, -adjust->points);
  const Original* original = FindOriginal(command);
  return original == nullptr ? 0 : std::max<int64_t>(0, original->points - original->taken_back);
}

void Ledger::AddRequest(Posting posting) {
  found_.push_back(std::move(posting));
  requests_.emplace(found_.back().entry.request_id, &found_.back());
}

void Ledger::AddOrder(Posting posting) {
  found_.push_back(std::move(posting));
  orders_.emplace(found_.back().entry.order_id, &found_.back());
}

void Ledger::AddReturn(Posting posting) {
  found_.push_back(std::move(posting));
  returns_.emplace(found_.back().entry.return_id, &found_.back());
}

void Ledger::AddOriginal(Original original) {
  originals_.push_back(std::move(original));
  Original* added = &originals_.back();
  if (added->kind == EntryKind::kPurchase) originals_by_order_.emplace(added->order_id, added);
  if (!added->request_id.empty()) originals_by_request_.emplace(added->request_id, added);
}

void Ledger::AddLot(int64_t account_id, int64_t sequence, absl::Time earned_time, int64_t remaining) {
  accounts_[account_index_.at(account_id)].lots.Load(sequence, earned_time, remaining);
}

absl::StatusOr<Receipt> Ledger::Decide(const Command& command) {
  const Digest content = ContentOf(command);
  if (const Posting* known = FindKnown(command)) {
    if (known->content != content) return Reused(command, *known);
    return Receipt{known->entry, true, command.member_id.empty() ? known->member_id : ""};
  }
  Original* original = TakesBack(command) ? FindOrMakeOriginal(command) : nullptr;
  const absl::StatusOr<size_t> index = FindAccount(command, original);
  if (!index.ok()) return index.status();
  Account& account = accounts_[*index];
  absl::StatusOr<Entry> entry = Draft(command, account, original);
  if (!entry.ok()) return entry.status();
  if (!command.validate_only) Post(command, content, account, original, *entry);
  return Receipt{*std::move(entry), false, command.member_id.empty() ? original->member_id : ""};
}

// What stands under the command's request id, or else under the id of its order or return.
const Posting* Ledger::FindKnown(const Command& command) const {
  const auto find = [](const Postings& postings, const std::string& id) {
    const auto known = postings.find(id);
    return known == postings.end() ? nullptr : known->second;
  };
  const Posting* known = command.request_id.empty() ? nullptr : find(requests_, command.request_id);
  if (known != nullptr) return known;
  if (const auto* record = std::get_if<RecordPurchase>(&command.action)) {
    return find(orders_, record->purchase.order_id);
  }
  if (const auto* record = std::get_if<RecordReturn>(&command.action))
    return find(returns_, record->return_id);
  return nullptr;
}

// The entry that a command takes back from, as it was loaded or made; null if there is none.
Original* Ledger::FindOriginal(const Command& command) const {
  const auto find = [](const Originals& originals, const std::string& id) {
    const auto found = originals.find(id);
    return found == originals.end() ? nullptr : found->second;
  };
  if (const auto* record = std::get_if<RecordReturn>(&command.action)) {
    return find(originals_by_order_, record->order_id);
  }
  if (const auto* reverse = std::get_if<ReverseEntry>(&command.action)) {
    return find(originals_by_request_, reverse->reversed_request_id);
  }
  return nullptr;
}

// The same, also if that entry was posted a moment ago, by the same batch.
Original* Ledger::FindOrMakeOriginal(const Command& command) {
  if (Original* found = FindOriginal(command)) return found;
  const auto* record = std::get_if<RecordReturn>(&command.action);
  const auto* reverse = std::get_if<ReverseEntry>(&command.action);
  const Postings& postings = record != nullptr ? orders_ : requests_;
  const auto known = postings.find(record != nullptr ? record->order_id : reverse->reversed_request_id);
  if (known == postings.end() || known->second->command == nullptr) return nullptr;
  const Posting& posting = *known->second;
  const auto* bought = std::get_if<RecordPurchase>(&posting.command->action);
  AddOriginal({.account_id = posting.account_id,
               .member_id = posting.command->member_id,
               .sequence = posting.entry.sequence,
               .kind = posting.entry.kind,
               .points = posting.entry.points,
               .request_id = posting.entry.request_id,
               .order_id = posting.entry.order_id,
               .cause = posting.entry.cause,
               .total_minor = bought == nullptr ? 0 : bought->purchase.total_minor});
  return FindOriginal(command);
}

absl::StatusOr<size_t> Ledger::FindAccount(const Command& command, const Original* original) const {
  const auto* record = std::get_if<RecordReturn>(&command.action);
  if (command.member_id.empty()) {
    if (original == nullptr) return OrderNotFound(record->order_id);
    return account_index_.at(original->account_id);
  }
  const auto member = members_.find(command.member_id);
  if (member == members_.end() || (member->second.fresh && !Enrolls(command))) {
    return Refuse(absl::StatusCode::kNotFound, reason::kMemberNotFound,
                  absl::StrCat("The program ", program_.id, " has no member ", command.member_id, "."),
                  {{"program_id", program_.id}, {"member_id", command.member_id}});
  }
  const size_t index = member->second.account;
  if (TakesBack(command) && (original == nullptr || original->account_id != accounts_[index].id)) {
    if (record != nullptr) return OrderNotFound(record->order_id);
    return EntryNotFound(std::get<ReverseEntry>(command.action).reversed_request_id);
  }
  return index;
}

absl::StatusOr<Entry> Ledger::Draft(const Command& command, const Account& account,
                                    const Original* original) const {
  Violations violations;
  CheckNotAhead(command, now_, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  Entry entry;
  // Clocks of two replicas differ, and one clock may be set back; a member's entries still stand in order.
  entry.recorded_time = std::max(now_, account.last_recorded_time);
  entry.occurred_time = command.occurred_time.value_or(entry.recorded_time);
  entry.request_id = command.request_id;
  entry.reason = command.reason;
  entry.actor = command.actor;
  entry.channel = command.channel;
  entry.location = command.location;
  LOYALTY_RETURN_IF_ERROR(std::visit(Describe{program_, account, original, entry}, command.action));
  LOYALTY_RETURN_IF_ERROR(CheckBalance(account, entry.points));
  entry.sequence = account.last_sequence + 1;
  entry.balance_after = account.balance + entry.points;
  if (entry.points < 0) entry.lot_uses = account.lots.Plan(-entry.points, entry.corrected_sequence);
  return entry;
}

void Ledger::Post(const Command& command, const Digest& content, Account& account, Original* original,
                  const Entry& entry) {
  account.balance = entry.balance_after;
  account.last_sequence = entry.sequence;
  account.last_recorded_time = entry.recorded_time;
  account.changed = true;
  if (entry.points > 0) account.lots.Add(entry.sequence, entry.occurred_time, entry.points);
  if (entry.points < 0) account.lots.Use(entry.lot_uses);
  if (original != nullptr) {
    original->taken_back -= entry.points;
    original->returned_minor += entry.returned_minor;
  }
  if (entry.label) {
    MemberLabels labels = account.labels ? *account.labels : MemberLabels();
    (void)SetLabel(labels, *entry.label);  // Draft has tried it
    account.labels = std::make_shared<const MemberLabels>(std::move(labels));
    account.labels_changed = true;
  }
  if (!command.member_id.empty()) {
    bool& fresh = members_.at(command.member_id).fresh;
    if (std::exchange(fresh, false)) enrolled_.push_back(command.member_id);
  }
  const Posting& posting = posted_.emplace_back(Posting{account.id, content, entry, &command, ""});
  if (!entry.request_id.empty()) requests_.emplace(posting.entry.request_id, &posting);
  if (entry.kind == EntryKind::kPurchase) orders_.emplace(posting.entry.order_id, &posting);
  if (entry.kind == EntryKind::kReturn) returns_.emplace(posting.entry.return_id, &posting);
}

std::vector<int64_t> Ledger::UnusedAccounts() const {
  std::vector<int64_t> unused;
  for (const auto& [id, member] : members_) {
    if (member.fresh) unused.push_back(accounts_[member.account].id);
  }
  return unused;
}

}  // namespace loyalty::points
