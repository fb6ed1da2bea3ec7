#include "services/points/storage/batch_writer.h"

#include <utility>

#include "common/postgres/values.h"
#include "points_sql.h"
#include "services/points/storage/entry_row.h"

namespace loyalty::points {
namespace {

using postgres::BigintArray;
using postgres::TextArray;
using postgres::TimestamptzArray;
using postgres::Transaction;

struct LotColumns {
  BigintArray accounts, sequences, remaining;
  TimestamptzArray times;

  void Add(const Account& account, const Lot& lot) {
    accounts.Add(account.id);
    times.Add(lot.earned_time);
    sequences.Add(lot.sequence);
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
    tx.Exec(sql::kUpdateLots, program.key, changed.accounts.Finish(), changed.times.Finish(),
            changed.sequences.Finish(), changed.remaining.Finish());
  }
  if (!used_up.accounts.empty()) {
    tx.Exec(sql::kDeleteLots, program.key, used_up.accounts.Finish(), used_up.times.Finish(),
            used_up.sequences.Finish());
  }
  return added;
}

void WriteLotUses(Transaction& tx, const Program& program, const Ledger& ledger) {
  BigintArray accounts, sequences, lots, points;
  TimestamptzArray times;
  for (const Posting& posting : ledger.postings()) {
    for (const LotUse& use : posting.entry.lot_uses) {
      accounts.Add(posting.account_id);
      sequences.Add(posting.entry.sequence);
      lots.Add(use.lot_sequence);
      points.Add(use.points);
      times.Add(use.earned_time);
    }
  }
  if (accounts.empty()) return;
  tx.Exec(sql::kInsertLotUses, program.key, accounts.Finish(), sequences.Finish(), lots.Finish(),
          points.Finish(), times.Finish());
}

struct AccountColumns {
  BigintArray ids, balances, sequences, stored_sequences;
  TimestamptzArray times;
  TextArray labels;  // NULL: they stay as they are

  explicit AccountColumns(const Ledger& ledger) {
    for (const Account& account : ledger.accounts()) {
      if (!account.changed) continue;
      ids.Add(account.id);
      balances.Add(account.balance);
      sequences.Add(account.last_sequence);
      stored_sequences.Add(account.stored_sequence);
      times.Add(account.last_recorded_time);
      account.labels_changed ? labels.Add(MemberLabelsToJson(*account.labels)) : labels.AddNull();
    }
  }
};

struct EntryColumns {
  BigintArray accounts, sequences, kinds, points, balances, totals, corrected, shortfalls;
  TimestamptzArray occurred, recorded;
  postgres::UuidArray contents;
  TextArray requests, orders, rules, reasons, actors, channels, locations, lines, labels, causes, awards,
      returns, member_labels;

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
    if (const auto* record = std::get_if<RecordPurchase>(&posting.command->action)) {
      totals.Add(record->purchase.total_minor);
      lines.Add(LinesToJson(record->purchase.lines));
      labels.AddOrNull(LabelsToJson(record->purchase.labels));
    } else {
      AddOrNull(totals, entry.returned_minor);
      lines.AddNull();
      labels.AddNull();
    }
    causes.AddOrNull(entry.cause);
    awards.AddOrNull(AwardsToJson(entry.awards));
    AddOrNull(corrected, entry.corrected_sequence);
    returns.AddOrNull(entry.return_id);
    AddOrNull(shortfalls, entry.shortfall);
    entry.label ? member_labels.Add(LabelToJson(*entry.label)) : member_labels.AddNull();
  }

  // NULL in place of 0.
  static void AddOrNull(BigintArray& column, int64_t value) {
    value == 0 ? column.AddNull() : column.Add(value);
  }
};

void PostEntries(Transaction& tx, const Program& program, const Ledger& ledger, LotColumns lots) {
  AccountColumns a(ledger);
  EntryColumns e(ledger);
  tx.ExecLast(sql::kPostEntries, program.key, e.accounts.Finish(), e.sequences.Finish(), e.kinds.Finish(),
              e.points.Finish(), e.balances.Finish(), e.occurred.Finish(), e.recorded.Finish(),
              e.contents.Finish(), e.requests.Finish(), e.orders.Finish(), e.rules.Finish(),
              e.reasons.Finish(), e.actors.Finish(), e.channels.Finish(), e.locations.Finish(),
              e.totals.Finish(), e.lines.Finish(), e.labels.Finish(), lots.accounts.Finish(),
              lots.times.Finish(), lots.sequences.Finish(), lots.remaining.Finish(), a.ids.Finish(),
              a.balances.Finish(), a.sequences.Finish(), a.times.Finish(), a.stored_sequences.Finish(),
              postgres::FormatTimestamp(program.update_time), e.causes.Finish(), e.awards.Finish(),
              e.corrected.Finish(), e.returns.Finish(), e.shortfalls.Finish(), e.member_labels.Finish(),
              a.labels.Finish());
}

}  // namespace

void DeleteUnusedMembers(Transaction& tx, const Program& program, const Ledger& ledger) {
  const std::vector<int64_t> unused = ledger.UnusedAccounts();
  if (unused.empty()) return;
  BigintArray ids;
  for (const int64_t id : unused) ids.Add(id);
  tx.Exec(sql::kDeleteUnusedMembers, program.key, ids.Finish());
}

void WriteBatch(Transaction& tx, const Program& program, const Ledger& ledger) {
  if (ledger.postings().empty()) return;
  LotColumns new_lots = WriteUsedLots(tx, program, ledger);
  WriteLotUses(tx, program, ledger);
  PostEntries(tx, program, ledger, std::move(new_lots));
}

}  // namespace loyalty::points
