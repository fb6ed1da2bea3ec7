#include "services/points/storage/batch_writer.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/postgres/values.h"
#include "points_sql.h"
#include "services/points/storage/batch_rewards.h"
#include "services/points/storage/entry_row.h"
#include "services/points/storage/state_json.h"

namespace loyalty::points {
namespace {

using postgres::BigintArray;
using postgres::TextArray;
using postgres::TimestamptzArray;
using postgres::Transaction;

struct LotColumns {
  BigintArray accounts, sequences, parts, remaining;
  TimestamptzArray earned, expiries;

  void Add(const Account& account, const Lot& lot) {
    accounts.Add(account.id);
    expiries.Add(lot.expire_time);
    earned.Add(lot.earned_time);
    sequences.Add(lot.sequence);
    parts.Add(lot.part);
    remaining.Add(lot.remaining);
  }
};

// Writes the lots that were used, and returns those that are new.
LotColumns WriteUsedLots(Transaction& tx, const Program& program, const Ledger& ledger) {
  LotColumns added, changed, used_up;
  for (const Account& account : ledger.accounts()) {
    for (const Lot& lot : account.lots.all()) {
      if (lot.remaining == lot.stored) continue;
      (lot.stored == 0 ? added : lot.remaining == 0 ? used_up : changed).Add(account, lot);
    }
  }
  if (!changed.accounts.empty()) {
    tx.Exec(sql::kUpdateLots, program.key, changed.accounts.Finish(), changed.expiries.Finish(),
            changed.earned.Finish(), changed.sequences.Finish(), changed.parts.Finish(),
            changed.remaining.Finish());
  }
  if (!used_up.accounts.empty()) {
    tx.Exec(sql::kDeleteLots, program.key, used_up.accounts.Finish(), used_up.expiries.Finish(),
            used_up.earned.Finish(), used_up.sequences.Finish(), used_up.parts.Finish());
  }
  return added;
}

void WriteLotUses(Transaction& tx, const Program& program, const Ledger& ledger) {
  BigintArray accounts, sequences, lots, points, parts;
  TimestamptzArray earned, expiries;
  for (const Posting& posting : ledger.postings()) {
    for (const LotUse& use : posting.entry.lot_uses) {
      accounts.Add(posting.account_id);
      sequences.Add(posting.entry.sequence);
      lots.Add(use.lot_sequence);
      points.Add(use.points);
      earned.Add(use.earned_time);
      expiries.Add(use.expire_time);
      parts.Add(use.part);
    }
  }
  if (accounts.empty()) return;
  tx.Exec(sql::kInsertLotUses, program.key, accounts.Finish(), sequences.Finish(), lots.Finish(),
          points.Finish(), earned.Finish(), expiries.Finish(), parts.Finish());
}

struct PendingColumns {
  BigintArray accounts, sequences, parts, points;
  TimestamptzArray earned, expiries, maturities;

  void Add(const Account& account, const PendingLot& lot) {
    accounts.Add(account.id);
    sequences.Add(lot.sequence);
    parts.Add(lot.part);
    points.Add(lot.points);
    earned.Add(lot.earned_time);
    expiries.Add(lot.expire_time);
    maturities.Add(lot.mature_time);
  }
};

// Writes pending points that matured or were taken back, and returns those that are new.
PendingColumns WriteChangedPending(Transaction& tx, const Program& program, const Ledger& ledger) {
  PendingColumns added, changed;
  for (const Account& account : ledger.accounts()) {
    for (const PendingLot& lot : account.pending_lots) {
      if (lot.points != lot.stored) (lot.stored == 0 ? added : changed).Add(account, lot);
    }
  }
  if (!changed.accounts.empty()) {
    tx.Exec(sql::kWritePendingLots, program.key, changed.accounts.Finish(), changed.sequences.Finish(),
            changed.parts.Finish(), changed.points.Finish());
  }
  return added;
}

// What is known of members, and whose account is whose.
void WriteMembers(Transaction& tx, const Program& program, const Ledger& ledger) {
  BigintArray accounts, sequences, merged;
  TextArray profiles;
  TimestamptzArray close_times;
  for (const Account& account : ledger.accounts()) {
    if (!account.member_changed) continue;
    accounts.Add(account.id);
    profiles.AddOrNull(account.profile ? ProfileToJson(*account.profile) : "");
    account.IsClosed() ? close_times.Add(account.close_time) : close_times.AddNull();
    sequences.Add(account.last_sequence);
    account.merged_into == 0 ? merged.AddNull() : merged.Add(account.merged_into);
  }
  if (accounts.empty()) return;
  tx.Exec(sql::kWriteMembers, program.key, accounts.Finish(), profiles.Finish(), close_times.Finish(),
          sequences.Finish(), merged.Finish());
}

void WriteHolds(Transaction& tx, const Program& program, const Ledger& ledger) {
  BigintArray accounts, sequences, points;
  TimestamptzArray until;
  for (const Account& account : ledger.accounts()) {
    for (const Hold& hold : account.holds) {
      if (hold.stored == (hold.points > 0)) continue;
      accounts.Add(account.id);
      sequences.Add(hold.sequence);
      until.Add(hold.until);
      points.Add(hold.points);
    }
  }
  if (accounts.empty()) return;
  tx.Exec(sql::kWriteHolds, program.key, accounts.Finish(), sequences.Finish(), until.Finish(),
          points.Finish());
}

struct CounterColumns {
  TextArray names, read_names;
  BigintArray used, stored, read;

  explicit CounterColumns(const Ledger& ledger) {
    for (const auto& [name, counter] : ledger.counters().all()) {
      if (counter.used == counter.stored) {
        // What is used up decides, too.
        read_names.Add(name);
        read.Add(counter.used);
        continue;
      }
      names.Add(name);
      used.Add(counter.used);
      stored.Add(counter.stored);
    }
  }
};

struct AccountColumns {
  BigintArray ids, balances, sequences, stored_sequences, pending, held, debts, purchases;
  TimestamptzArray times, active_times, due_times, stored_due_times;
  TextArray labels, states;  // NULL: they stay as they are

  explicit AccountColumns(const Ledger& ledger) {
    for (const Account& account : ledger.accounts()) {
      if (!account.changed) continue;
      ids.Add(account.id);
      balances.Add(account.balance);
      sequences.Add(account.last_sequence);
      stored_sequences.Add(account.stored_sequence);
      times.Add(account.last_recorded_time);
      pending.Add(account.pending);
      held.Add(account.held);
      debts.Add(account.debt);
      purchases.Add(account.purchases);
      active_times.Add(account.active_time);
      due_times.Add(account.next_due_time);
      stored_due_times.Add(account.stored_due_time);
      account.labels_changed ? labels.Add(MemberLabelsToJson(*account.labels)) : labels.AddNull();
      account.state_changed ? states.Add(StateToJson(*account.state)) : states.AddNull();
    }
  }
};

struct EntryColumns {
  BigintArray accounts, sequences, kinds, points, balances, totals, corrected, shortfalls, pending, held,
      debts;
  TimestamptzArray occurred, recorded, expiries;
  postgres::UuidArray contents;
  TextArray requests, orders, rules, reasons, actors, channels, locations, lines, labels, causes, awards,
      returns, member_labels, activities, details;

  explicit EntryColumns(const Ledger& ledger) {
    for (const Posting& posting : ledger.postings()) Add(posting);
  }

  void Add(const Posting& posting) {
    const Entry& entry = posting.entry;
    accounts.Add(posting.account_id);
    sequences.Add(entry.sequence);
    kinds.Add(static_cast<int64_t>(entry.kind));
    points.Add(entry.points);
    balances.Add(entry.balance_after);
    occurred.Add(entry.occurred_time);
    recorded.Add(entry.recorded_time);
    contents.Add(posting.content);
    requests.AddOrNull(entry.request_id);
    orders.AddOrNull(entry.order_id);
    rules.AddOrNull(entry.rule_id);
    reasons.AddOrNull(entry.reason);
    actors.AddOrNull(entry.actor);
    channels.AddOrNull(entry.channel);
    locations.AddOrNull(entry.location);
    const Command* command = posting.command;
    const auto* record = command == nullptr ? nullptr : std::get_if<RecordPurchase>(&command->action);
    if (record != nullptr) {
      totals.Add(record->purchase.total_minor);
      lines.Add(LinesToJson(record->purchase.lines));
      labels.AddOrNull(LabelsToJson(record->purchase.labels));
    } else {
      AddOrNull(totals, entry.returned_minor + entry.paid_minor);  // only one of them is there
      lines.AddNull();
      labels.AddNull();
    }
    causes.AddOrNull(entry.cause);
    awards.AddOrNull(AwardsToJson(entry.awards));
    AddOrNull(corrected, entry.corrected_account == 0 ? entry.corrected_sequence : 0);  // else in the detail
    returns.AddOrNull(entry.return_id);
    AddOrNull(shortfalls, entry.shortfall);
    entry.label ? member_labels.Add(LabelToJson(*entry.label)) : member_labels.AddNull();
    AddOrNull(pending, entry.pending);
    AddOrNull(held, entry.held);
    AddOrNull(debts, entry.debt);
    activities.AddOrNull(entry.activity_id);
    details.AddOrNull(DetailToJson(entry));
    const bool lapses = HasPlainLot(entry) && entry.lots[0].expire_time != absl::InfiniteFuture();
    lapses ? expiries.Add(entry.lots[0].expire_time) : expiries.AddNull();
  }

  // NULL in place of 0.
  static void AddOrNull(BigintArray& column, int64_t value) {
    value == 0 ? column.AddNull() : column.Add(value);
  }
};

void PostEntries(Transaction& tx, const Program& program, const Ledger& ledger, LotColumns lots,
                 PendingColumns set_aside) {
  AccountColumns a(ledger);
  EntryColumns e(ledger);
  CounterColumns c(ledger);
  tx.ExecLast(sql::kPostEntries, program.key, e.accounts.Finish(), e.sequences.Finish(), e.kinds.Finish(),
              e.points.Finish(), e.balances.Finish(), e.occurred.Finish(), e.recorded.Finish(),
              e.contents.Finish(), e.requests.Finish(), e.orders.Finish(), e.rules.Finish(),
              e.reasons.Finish(), e.actors.Finish(), e.channels.Finish(), e.locations.Finish(),
              e.totals.Finish(), e.lines.Finish(), e.labels.Finish(), lots.accounts.Finish(),
              lots.earned.Finish(), lots.sequences.Finish(), lots.remaining.Finish(), a.ids.Finish(),
              a.balances.Finish(), a.sequences.Finish(), a.times.Finish(), a.stored_sequences.Finish(),
              postgres::FormatTimestamp(program.update_time), e.causes.Finish(), e.awards.Finish(),
              e.corrected.Finish(), e.returns.Finish(), e.shortfalls.Finish(), e.member_labels.Finish(),
              a.labels.Finish(), lots.expiries.Finish(), lots.parts.Finish(), a.pending.Finish(),
              a.held.Finish(), a.debts.Finish(), a.purchases.Finish(), a.active_times.Finish(),
              a.due_times.Finish(), a.states.Finish(), e.pending.Finish(), e.held.Finish(), e.debts.Finish(),
              e.expiries.Finish(), e.activities.Finish(), e.details.Finish(), set_aside.accounts.Finish(),
              set_aside.sequences.Finish(), set_aside.parts.Finish(), set_aside.points.Finish(),
              set_aside.earned.Finish(), set_aside.expiries.Finish(), set_aside.maturities.Finish(),
              c.names.Finish(), c.used.Finish(), c.stored.Finish(), a.stored_due_times.Finish(),
              c.read_names.Finish(), c.read.Finish());
}

}  // namespace

void DeleteUnusedMembers(Transaction& tx, const Program& program, const Ledger& ledger) {
  const std::vector<int64_t> unused = ledger.UnusedAccounts();
  if (unused.empty()) return;
  BigintArray ids;
  for (const int64_t id : unused) ids.Add(id);
  tx.Exec(sql::kDeleteUnusedMembers, program.key, ids.Finish());
}

void LockRemembered(Transaction& tx, const Program& program, const Ledger& ledger) {
  const auto& postings = ledger.postings();
  if (std::all_of(postings.begin(), postings.end(),
                  [](const Posting& posting) { return posting.entry.lot_uses.empty(); })) {
    return;
  }
  BigintArray ids;
  for (const Account& account : ledger.accounts()) {
    if (account.changed) ids.Add(account.id);
  }
  tx.Exec(sql::kLockRemembered, program.key, ids.Finish());
}

void WriteBatch(Transaction& tx, const Program& program, const Ledger& ledger) {
  const auto& accounts = ledger.accounts();
  if (std::none_of(accounts.begin(), accounts.end(),
                   [](const Account& account) { return account.changed; })) {
    return;
  }
  LotColumns new_lots = WriteUsedLots(tx, program, ledger);
  PendingColumns new_pending = WriteChangedPending(tx, program, ledger);
  WriteHolds(tx, program, ledger);
  WriteRedemptions(tx, program, ledger);
  WriteMembers(tx, program, ledger);
  WriteLotUses(tx, program, ledger);
  PostEntries(tx, program, ledger, std::move(new_lots), std::move(new_pending));
}

}  // namespace loyalty::points
