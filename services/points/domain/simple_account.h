// A member's account as one would keep it on paper: lists of points, and all that happened. What can be added
// up from the lists is added up; nothing is remembered. Serves simple_ledger.h, the measure of the real
// ledger, and shares no code with that: it is written from the specification.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/calendar/calendar.h"
#include "services/points/domain/command.h"
#include "services/points/domain/program.h"
#include "services/points/domain/rule_use.h"

namespace loyalty::points {

struct SimpleAccount {
  // An entry: the number of its account, and its sequence there. Account 0: none.
  using Place = std::pair<int64_t, int64_t>;
  struct Pile {  // points of one lot that can be spent
    int64_t sequence;
    int32_t part;
    absl::Time earned, expire;
    int64_t points;
    auto Order() const { return std::tuple(expire, earned, sequence, part); }
  };
  struct Waiting {  // points that cannot be spent yet
    Pile pile;
    absl::Time mature;
  };
  struct Aside {  // points that are held
    int64_t sequence;
    absl::Time until;
    std::vector<LotUse> uses;
    std::set<Place> was;  // the entries that held them, here and before
  };

  std::string id;
  int64_t number = 0;
  absl::Time enrolled;
  std::vector<Pile> piles;
  std::vector<Waiting> waiting;
  std::vector<Aside> asides;
  int64_t debt = 0;
  std::vector<Entry> entries;
  MemberLabels labels;
  Standing standing;
  RuleUses uses;
  std::vector<std::string> given_back;                   // orders, as a whole
  std::vector<std::pair<absl::CivilDay, int64_t>> sent;  // to others, by day
  Profile profile;
  // Years whose birthday, or anniversary, was celebrated or had begun when it was told.
  std::set<int64_t> birthday_years, anniversary_years;
  bool closed = false;
  std::string merged_into;  // who has everything; empty: nobody
  // Of lots that another account had before: the entries which had brought them in there.
  std::map<std::pair<int64_t, int32_t>, std::set<Place>> origins;
  size_t expiry_changes = 0;                          // of the program, through which it has been
  absl::Time tiers_changed = absl::InfiniteFuture();  // that its standing has not been through
  std::set<int64_t> counted;                          // entries that counted for the tier
  absl::Time active_before = absl::InfinitePast();    // of those who were merged in
  int64_t purchases_before = 0;

  static int64_t Sum(const std::vector<LotUse>& uses) {
    int64_t sum = 0;
    for (const LotUse& use : uses) sum += use.points;
    return sum;
  }
  int64_t Balance() const {
    int64_t sum = 0;
    for (const Pile& pile : piles) sum += pile.points;
    return sum;
  }
  int64_t Pending() const {
    int64_t sum = 0;
    for (const Waiting& one : waiting) sum += one.pile.points;
    return sum;
  }
  int64_t Held() const {
    int64_t sum = 0;
    for (const Aside& aside : asides) sum += Sum(aside.uses);
    return sum;
  }
  int64_t Purchases() const {
    if (!merged_into.empty()) return 0;
    return purchases_before +
           std::count_if(entries.begin(), entries.end(),
                         [](const Entry& e) { return e.kind == EntryKind::kPurchase; }) -
           static_cast<int64_t>(given_back.size());
  }
  // Of the last earning or spending.
  absl::Time LastActive() const {
    absl::Time last = active_before;
    for (const Entry& e : entries) {
      switch (e.kind) {
        case EntryKind::kPurchase:
        case EntryKind::kEarn:
        case EntryKind::kActivity:
        case EntryKind::kDonation:
        case EntryKind::kTransferIn:
        case EntryKind::kSpend:
        case EntryKind::kHold:
        case EntryKind::kCapture:
        case EntryKind::kTransferOut:
        case EntryKind::kAdjust:
        case EntryKind::kRedemption:
          last = std::max(last, e.occurred_time);
          break;
        default:
          break;
      }
    }
    return last;
  }
  Place Corrects(const Entry& e) const {
    return {e.corrected_account == 0 ? number : e.corrected_account, e.corrected_sequence};
  }
  // Where the points of a lot come from: all entries that brought them in, here and before.
  std::set<Place> OriginsOf(int64_t sequence, int32_t part) const {
    const auto found = origins.find({sequence, part});
    std::set<Place> places = found == origins.end() ? std::set<Place>() : found->second;
    places.emplace(number, sequence);
    return places;
  }
  bool IsOf(const Place& place, int64_t sequence, int32_t part) const {
    return OriginsOf(sequence, part).count(place) == 1;
  }

  void Put(const LotUse& lot, int64_t points, absl::Time expire) {
    piles.push_back({lot.lot_sequence, lot.part, lot.earned_time, expire, points});
  }

  // In the order of use, with one pile for what is of one lot.
  void Tidy() {
    std::map<std::tuple<absl::Time, absl::Time, int64_t, int32_t>, int64_t> sums;
    for (const Pile& pile : piles) sums[pile.Order()] += pile.points;
    piles.clear();
    for (const auto& [order, points] : sums) {
      const auto& [expire, earned, sequence, part] = order;
      if (points > 0) piles.push_back({sequence, part, earned, expire, points});
    }
  }

  // New points: of what the member owes, as much is repaid with them as they are.
  void Arrive(const Pile& pile, Entry& entry) {
    piles.push_back(pile);
    entry.points += pile.points;
    const int64_t repaid = std::min(pile.points, debt);
    if (repaid == 0) return;
    piles.back().points -= repaid;
    debt -= repaid;
    entry.points -= repaid;
    entry.debt -= repaid;
    entry.lot_uses.push_back({pile.sequence, repaid, pile.earned, pile.expire, pile.part});
  }
  // New points of the entry that comes next: pending, if they mature later.
  void Bring(const NewLot& lot, absl::Time now, Entry& entry) {
    const Pile pile{static_cast<int64_t>(entries.size()) + 1, static_cast<int32_t>(entry.lots.size()),
                    lot.earned_time, lot.expire_time, lot.points};
    entry.lots.push_back(lot);
    if (lot.mature_time <= now) return Arrive(pile, entry);
    waiting.push_back({pile, lot.mature_time});
    entry.pending += lot.points;
  }
  // Pile by pile: of the entry `own` first, then what lapses first, older first among equals.
  void Take(int64_t points, const Place& own, Entry& entry) {
    std::map<std::tuple<absl::Time, absl::Time, int64_t, int32_t>, int64_t> taken;
    entry.points -= points;
    while (points > 0) {
      const auto order = [&](const Pile& pile) {
        return std::tuple(!IsOf(own, pile.sequence, pile.part), pile.Order());
      };
      const auto next = std::min_element(piles.begin(), piles.end(),
                                         [&](const Pile& a, const Pile& b) { return order(a) < order(b); });
      const int64_t part = std::min(points, next->points);
      if (part > 0) taken[next->Order()] += part;
      points -= part;
      next->points -= part;
      if (next->points == 0) piles.erase(next);
    }
    for (const auto& [order, part] : taken) {
      const auto& [expire, earned, sequence, number] = order;
      entry.lot_uses.push_back({sequence, part, earned, expire, number});
    }
  }
  // Just what an entry brought back goes again.
  void GiveUp(const Entry& restored, Entry& entry) {
    for (LotUse use : restored.lot_uses) {
      use.points = -use.points;
      entry.lot_uses.push_back(use);
    }
    for (size_t i = 0; i < restored.lots.size(); ++i) {
      const NewLot& lot = restored.lots[i];
      entry.lot_uses.push_back(
          {restored.sequence, lot.points, lot.earned_time, lot.expire_time, static_cast<int32_t>(i)});
    }
    for (const LotUse& use : entry.lot_uses) {
      const Pile same{use.lot_sequence, use.part, use.earned_time, use.expire_time, use.points};
      const auto pile = std::find_if(piles.begin(), piles.end(), [&](const Pile& one) {
        return one.Order() == same.Order() && one.points >= same.points;
      });
      pile->points -= use.points;
      entry.points -= use.points;
    }
    std::erase_if(piles, [](const Pile& pile) { return pile.points == 0; });
  }
  void MatureOne(size_t index, Entry& entry) {
    const Waiting one = waiting[index];
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(index));
    entry.pending -= one.pile.points;
    Arrive(one.pile, entry);
  }
  // `grace`: when what has lapsed meanwhile lapses instead.
  void ComeBack(const std::vector<LotUse>& uses, absl::Time now, absl::Time grace, Entry& entry) {
    for (const LotUse& use : uses) {
      const absl::Time expire = use.expire_time <= now && now < grace ? grace : use.expire_time;
      Put(use, use.points, expire);
      entry.points += use.points;
      entry.lot_uses.push_back({use.lot_sequence, -use.points, use.earned_time, expire, use.part});
    }
  }

  Entry& Post(Entry entry, absl::Time now) {
    // An entry lists lots in the order of use, whatever it does with them.
    std::stable_sort(entry.lot_uses.begin(), entry.lot_uses.end(), [](const LotUse& a, const LotUse& b) {
      return std::tie(a.expire_time, a.earned_time, a.lot_sequence, a.part) <
             std::tie(b.expire_time, b.earned_time, b.lot_sequence, b.part);
    });
    entry.sequence = static_cast<int64_t>(entries.size()) + 1;
    entry.recorded_time = entries.empty() ? now : std::max(now, entries.back().recorded_time);
    entry.balance_after = Balance();
    entries.push_back(std::move(entry));
    return entries.back();
  }
};

// The uses from the end that make up `points`; `before`: those before them.
inline std::pair<std::vector<LotUse>, std::vector<LotUse>> SplitAtEnd(const std::vector<LotUse>& uses,
                                                                      int64_t points) {
  int64_t stay = SimpleAccount::Sum(uses) - points;
  std::pair<std::vector<LotUse>, std::vector<LotUse>> parts;
  for (LotUse use : uses) {
    const int64_t first = std::min(stay, use.points);
    stay -= first;
    const int64_t rest = use.points - first;
    use.points = first;
    if (first > 0) parts.first.push_back(use);
    use.points = rest;
    if (rest > 0) parts.second.push_back(use);
  }
  return parts;
}

// Posts all that is due until now, one after the other.
class SimpleClerk {
 public:
  SimpleClerk(const Program& program, absl::Time now) : program_(program), now_(now) {}

  void Walk(SimpleAccount& account) const {
    if (account.tiers_changed <= now_) {
      const absl::Time changed = std::exchange(account.tiers_changed, absl::InfiniteFuture());
      Entry entry;
      entry.occurred_time = changed;
      ChangeTier(account, changed, std::move(entry));
    }
    while (Step(account)) {
    }
  }
  TierScene SceneOf(const SimpleAccount& account) const {
    return {program_.policies.tiers, program_.zone, account.enrolled};
  }
  // The member has told a birthday: if it has begun this year, it is celebrated from the next one on.
  void Tell(SimpleAccount& account) const {
    const Birthday& birthday = account.profile.birthday;
    if (birthday.month == 0 || Feasts().birthday_points == 0) return;
    const absl::CivilDay today = LocalDay(now_, program_.zone);
    const bool begun = FeastOf(today.year(), birthday.month, birthday.day) <= today;
    account.birthday_years.insert(today.year() - (begun ? 0 : 1));
  }
  // That the enrolment itself is no anniversary.
  void Enroll(SimpleAccount& account) const {
    account.enrolled = now_;
    account.anniversary_years.insert(LocalDay(now_, program_.zone).year());
  }

  // The policy becomes another, at which something else is due: what the old one says is posted.
  void Leave(const Policies& next, SimpleAccount& account) const {
    Walk(account);
    if (next.tiers != program_.policies.tiers) account.tiers_changed = now_;
    const auto skip = [&](std::set<int64_t>& years, int month, int day) {
      const absl::CivilDay today = LocalDay(now_, program_.zone);
      years.insert(today.year() - (FeastOf(today.year(), month, day) <= today ? 0 : 1));
    };
    const CelebrationPolicy feasts = next.celebrations;
    const Birthday& birthday = account.profile.birthday;
    if (Feasts().birthday_points == 0 && feasts.birthday_points > 0 && birthday.month != 0) {
      skip(account.birthday_years, birthday.month, birthday.day);
    }
    const absl::CivilDay day = LocalDay(account.enrolled, program_.zone);
    if (Feasts().anniversary_points == 0 && feasts.anniversary_points > 0) {
      skip(account.anniversary_years, day.month(), day.day());
    }
  }

  // What is there lapses when the new policy says so, but not before the change. It becomes other lots then.
  void ChangeExpiry(SimpleAccount& account) const {
    const ExpiryChange& change = program_.policies.expiry_changes[account.expiry_changes++];
    Entry entry;
    entry.kind = EntryKind::kExpiryChange;
    entry.occurred_time = change.time;
    const auto sequence = static_cast<int64_t>(account.entries.size()) + 1;
    const auto move = [&](SimpleAccount::Pile& pile, absl::Time mature) {
      const absl::Time expire = std::max(ExpireTime(change.policy, pile.earned, program_.zone), change.time);
      if (expire == pile.expire) return;
      const auto part = static_cast<int32_t>(entry.lots.size());
      entry.lot_uses.push_back({pile.sequence, pile.points, pile.earned, pile.expire, pile.part});
      entry.lots.push_back({pile.points, pile.earned, expire, mature, pile.sequence, pile.part});
      account.origins[{sequence, part}] = account.OriginsOf(pile.sequence, pile.part);
      pile = {sequence, part, pile.earned, expire, pile.points};
    };
    account.Tidy();
    for (SimpleAccount::Pile& pile : account.piles) move(pile, absl::InfinitePast());
    for (auto& [pile, mature] : account.waiting) move(pile, mature);
    std::sort(account.waiting.begin(), account.waiting.end(), [](const auto& a, const auto& b) {
      return std::tie(a.pile.sequence, a.pile.part) < std::tie(b.pile.sequence, b.pile.part);
    });
    if (!entry.lots.empty()) account.Post(std::move(entry), now_);
  }

 private:
  static absl::CivilDay FeastOf(int64_t year, int month, int day) {
    const absl::CivilDay feast(year, month, day);
    return feast.month() == month ? feast : feast - 1;  // 29 February
  }
  // Midnight of the feast in the first year that has not been seen to.
  absl::Time NextFeast(const std::set<int64_t>& years, int month, int day) const {
    return StartOfDay(FeastOf(*years.rbegin() + 1, month, day), program_.zone);
  }
  absl::Time NextBirthday(const SimpleAccount& account) const {
    const Birthday& birthday = account.profile.birthday;
    const bool none = account.closed || birthday.month == 0 || Feasts().birthday_points == 0;
    return none ? absl::InfiniteFuture() : NextFeast(account.birthday_years, birthday.month, birthday.day);
  }
  absl::Time NextAnniversary(const SimpleAccount& account) const {
    const absl::CivilDay day = LocalDay(account.enrolled, program_.zone);
    const bool none = account.closed || account.entries.empty() || Feasts().anniversary_points == 0;
    return none ? absl::InfiniteFuture() : NextFeast(account.anniversary_years, day.month(), day.day());
  }
  const CelebrationPolicy& Feasts() const { return program_.policies.celebrations; }

  // What comes first; of things of the same moment: holds, what matures, what lapses, feasts, the tier.
  bool Step(SimpleAccount& account) const {
    using Due = std::tuple<absl::Time, int, size_t>;
    std::vector<Due> due;
    for (size_t i = 0; i < account.asides.size(); ++i) due.push_back({account.asides[i].until, 0, i});
    for (size_t i = 0; i < account.waiting.size(); ++i) due.push_back({account.waiting[i].mature, 1, i});
    for (const SimpleAccount::Pile& pile : account.piles) {
      if (pile.points > 0) due.push_back({pile.expire, 2, 0});
    }
    const auto& changes = program_.policies.expiry_changes;
    const absl::Time active = account.LastActive();
    if (account.Balance() > 0 && active != absl::InfinitePast()) {
      const absl::Time first = changes.empty() ? absl::InfinitePast() : changes.back().time;
      due.push_back({std::max(first, InactiveTime(program_.policies.expiry, active, program_.zone)), 3, 0});
    }
    if (account.expiry_changes < changes.size()) due.push_back({changes[account.expiry_changes].time, 4, 0});
    due.push_back({NextBirthday(account), 5, 0});
    due.push_back({NextAnniversary(account), 6, 0});
    if (account.tiers_changed == absl::InfiniteFuture()) {
      due.push_back({NextTierTime(SceneOf(account), account.standing), 7, 0});
    }
    const auto [time, kind, index] = *std::min_element(due.begin(), due.end());
    if (time > now_) return false;
    Entry entry;
    entry.occurred_time = time;
    switch (kind) {
      case 0:
        EndHold(account, index, std::move(entry));
        break;
      case 1:
        entry.kind = EntryKind::kMaturity;
        entry.corrected_sequence = account.waiting[index].pile.sequence;
        account.MatureOne(index, entry);
        account.Post(std::move(entry), now_);
        break;
      case 2:
        Lapse(account, time, std::move(entry));
        break;
      case 3:
        entry.kind = EntryKind::kExpiry;
        account.Take(account.Balance(), {}, entry);
        account.Post(std::move(entry), now_);
        break;
      case 4:
        ChangeExpiry(account);
        break;
      case 5:
        account.birthday_years.insert(*account.birthday_years.rbegin() + 1);
        entry.reason = "birthday";
        Celebrate(account, Feasts().birthday_points, std::move(entry));
        break;
      case 6:
        account.anniversary_years.insert(*account.anniversary_years.rbegin() + 1);
        entry.reason = "anniversary";
        Celebrate(account, Feasts().anniversary_points, std::move(entry));
        break;
      default:
        ChangeTier(account, time, std::move(entry));
    }
    return true;
  }

  // The award is one of that moment, for the tier too.
  void Celebrate(SimpleAccount& account, int64_t points, Entry entry) const {
    const absl::Time time = entry.occurred_time;
    entry.kind = EntryKind::kEarn;
    account.Bring({points, time, ExpireTime(program_.policies.expiry, time, program_.zone)}, now_, entry);
    account.Post(std::move(entry), now_);
    if (program_.policies.tiers.tiers.empty()) return;
    account.counted.insert(account.entries.back().sequence);
    const std::string before = account.standing.tier_id;
    AddProgress(SceneOf(account), {.points = points}, time, time, account.standing);
    if (account.standing.tier_id == before) return;
    Entry change;
    change.kind = EntryKind::kTier;
    change.occurred_time = time;
    change.tier = TierChange{before, account.standing.tier_id};
    account.Post(std::move(change), now_);
  }

  void EndHold(SimpleAccount& account, size_t index, Entry entry) const {
    const SimpleAccount::Aside aside = account.asides[index];
    account.asides.erase(account.asides.begin() + static_cast<std::ptrdiff_t>(index));
    entry.kind = EntryKind::kRelease;
    entry.corrected_sequence = aside.sequence;
    entry.held = -SimpleAccount::Sum(aside.uses);
    account.ComeBack(aside.uses, now_, absl::InfinitePast(), entry);
    account.Post(std::move(entry), now_);
  }

  void Lapse(SimpleAccount& account, absl::Time time, Entry entry) const {
    entry.kind = EntryKind::kExpiry;
    int64_t points = 0;
    for (const SimpleAccount::Pile& pile : account.piles) {
      if (pile.expire == time) points += pile.points;
    }
    account.Take(points, {}, entry);
    account.Post(std::move(entry), now_);
  }

  void ChangeTier(SimpleAccount& account, absl::Time time, Entry entry) const {
    const std::string before = account.standing.tier_id;
    AdvanceTier(SceneOf(account), time, account.standing);
    if (account.standing.tier_id == before) return;
    entry.kind = EntryKind::kTier;
    entry.tier = TierChange{before, account.standing.tier_id};
    account.Post(std::move(entry), now_);
  }

  const Program& program_;
  const absl::Time now_;
};

}  // namespace loyalty::points
