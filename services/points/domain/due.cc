// What happens to an account by itself, when its time has come.
#include <absl/functional/function_ref.h>

#include <algorithm>
#include <utility>

#include "services/points/domain/book.h"
#include "services/points/domain/celebrations.h"
#include "services/points/domain/expiry_changes.h"

namespace loyalty::points {
namespace {

// The kinds of things that become due, in the order in which those of the same moment are done.
enum class DueKind { kHold, kPending, kExpiry, kInactivity, kExpiryChange, kCelebration, kTier };

struct DueThing {
  absl::Time time = absl::InfiniteFuture();
  DueKind kind = DueKind::kTier;
  size_t index = 0;  // of the hold or the pending lot
};

DueThing NextDue(const Book& book, const Account& account) {
  DueThing next;
  const auto offer = [&next](absl::Time time, DueKind kind, size_t index) {
    if (time < next.time || (time == next.time && kind < next.kind)) next = {time, kind, index};
  };
  for (size_t i = 0; i < account.holds.size(); ++i) {
    if (account.holds[i].points > 0) offer(account.holds[i].until, DueKind::kHold, i);
  }
  for (size_t i = 0; i < account.pending_lots.size(); ++i) {
    if (account.pending_lots[i].points > 0) {
      offer(account.pending_lots[i].mature_time, DueKind::kPending, i);
    }
  }
  offer(account.lots.NextExpiry(), DueKind::kExpiry, 0);
  if (account.balance > 0) offer(book.LapseOfInactive(account), DueKind::kInactivity, 0);
  offer(NextExpiryChange(book.program(), account), DueKind::kExpiryChange, 0);
  offer(NextCelebration(book, account), DueKind::kCelebration, 0);
  if (book.program().tiers_changed > book.now()) {  // by a clock that is behind: it comes first
    offer(book.program().tiers_changed, DueKind::kTier, 0);
  } else if (account.state) {
    offer(NextTierTime(book.SceneOf(account), account.state->standing), DueKind::kTier, 0);
  }
  return next;
}

Entry DraftAt(absl::Time time, EntryKind kind) {
  Entry draft;
  draft.kind = kind;
  draft.occurred_time = time;
  return draft;
}

void EndHold(Book& book, Account& account, Hold& hold) {
  Entry draft = DraftAt(hold.until, EntryKind::kRelease);
  draft.corrected_sequence = hold.sequence;
  draft.held = -hold.points;
  book.GiveBack(account, hold.uses, absl::InfinitePast(), draft);
  hold.points = 0;
  book.Post(account, std::move(draft));
}

void MatureAt(Book& book, Account& account, PendingLot& lot) {
  Entry draft = DraftAt(lot.mature_time, EntryKind::kMaturity);
  draft.corrected_sequence = lot.sequence;
  book.Mature(account, lot, draft);
  book.Post(account, std::move(draft));
}

void Lapse(Book& book, Account& account, absl::Time time, const std::vector<LotUse>& uses) {
  Entry draft = DraftAt(time, EntryKind::kExpiry);
  account.lots.Use(uses);
  for (const LotUse& use : uses) draft.points -= use.points;
  draft.lot_uses = uses;
  book.Post(account, std::move(draft));
}

void ChangeTier(Book& book, Account& account, absl::Time time) {
  const std::string before = StateOf(std::as_const(account)).standing.tier_id;
  AdvanceTier(book.SceneOf(account), time, StateOf(account).standing);
  account.changed = true;
  PostTierChange(book, account, before, DraftAt(time, EntryKind::kTier));
}

void Do(Book& book, Account& account, const DueThing& due) {
  switch (due.kind) {
    case DueKind::kHold:
      return EndHold(book, account, account.holds[due.index]);
    case DueKind::kPending:
      return MatureAt(book, account, account.pending_lots[due.index]);
    case DueKind::kExpiry:
      return Lapse(book, account, due.time, account.lots.PlanFirstToLapse());
    case DueKind::kInactivity:
      return Lapse(book, account, due.time, account.lots.Plan(account.balance));
    case DueKind::kExpiryChange:
      return ChangeExpiry(book, account);
    case DueKind::kCelebration:
      return Celebrate(book, due.time, account);
    case DueKind::kTier:
      return ChangeTier(book, account, due.time);
  }
}

// Applies a change of a member's standing, which an entry brought with it.
void ChangeStanding(Book& book, Account& account, const Entry& main,
                    absl::FunctionRef<void(const TierScene& scene, Standing& standing)> change) {
  if (book.policies().tiers.tiers.empty()) return;
  const TierScene scene = book.SceneOf(account);
  Standing& standing = StateOf(account).standing;
  const std::string before = standing.tier_id;
  change(scene, standing);
  account.DueBy(NextTierTime(scene, standing));
  Entry draft = FurtherDraftOf(main);
  draft.kind = EntryKind::kTier;
  PostTierChange(book, account, before, std::move(draft));
}

}  // namespace

void BringUpToDate(Book& book, Account& account) {
  if (account.next_due_time > book.now()) return;
  StartCelebrations(book, account);
  // The standing becomes one of the policy that holds since then, if it is not; nothing else was due by the
  // one before.
  const absl::Time changed = book.program().tiers_changed;
  const bool stands = StateOf(std::as_const(account)).standing != Standing();
  if (stands && changed <= book.now()) ChangeTier(book, account, changed);
  DueThing due = NextDue(book, account);
  for (; due.time <= book.now(); due = NextDue(book, account)) Do(book, account, due);
  account.next_due_time = std::min(due.time, account.unloaded_due_time);
  account.changed = true;
}

void CountForTier(Book& book, Account& account, const Progress& progress, absl::Time occurred,
                  const Entry& main) {
  ChangeStanding(book, account, main, [&](const TierScene& scene, Standing& standing) {
    AddProgress(scene, progress, occurred, book.now(), standing);
  });
}

void UncountForTier(Book& book, Account& account, const Progress& progress, const Original& of,
                    const Entry& main) {
  if (!of.counts_for_tier) return;
  ChangeStanding(book, account, main, [&](const TierScene& scene, Standing& standing) {
    TakeProgress(scene, progress, of.occurred_time, of.recorded_time, book.now(), standing);
  });
}

void PostTierChange(Book& book, Account& account, const std::string& from_tier_id, Entry draft) {
  const Standing& standing = StateOf(std::as_const(account)).standing;
  if (standing.tier_id == from_tier_id) return;
  draft.tier = TierChange{.from_tier_id = from_tier_id, .to_tier_id = standing.tier_id};
  book.Post(account, std::move(draft));
}

}  // namespace loyalty::points
