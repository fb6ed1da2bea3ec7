#include "services/points/domain/lots.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <tuple>
#include <utility>

namespace loyalty::points {
namespace {

LotUse UseOf(const Lot& lot, int64_t points) {
  return {lot.sequence, points, lot.earned_time, lot.expire_time, lot.part};
}

}  // namespace

bool Origin::Has(int64_t lot_sequence, int32_t part) const {
  if (sequence != 0 && lot_sequence == sequence) return true;
  return std::any_of(moved.begin(), moved.end(),
                     [&](const LotUse& lot) { return lot.lot_sequence == lot_sequence && lot.part == part; });
}

bool UsedBefore(const Lot& a, const Lot& b) {
  return std::tie(a.expire_time, a.earned_time, a.sequence, a.part) <
         std::tie(b.expire_time, b.earned_time, b.sequence, b.part);
}

void PutInOrder(std::vector<LotUse>& uses) {
  const auto key = [](const LotUse& use) {
    return std::tie(use.expire_time, use.earned_time, use.lot_sequence, use.part);
  };
  std::sort(uses.begin(), uses.end(), [&](const LotUse& a, const LotUse& b) { return key(a) < key(b); });
  size_t kept = 0;
  for (const LotUse& use : uses) {
    if (kept > 0 && key(uses[kept - 1]) == key(use)) {
      uses[kept - 1].points += use.points;
    } else {
      uses[kept++] = use;
    }
  }
  uses.resize(kept);
}

size_t Lots::Insert(const Lot& lot) {
  const auto place = std::upper_bound(lots_.begin(), lots_.end(), lot,
                                      [](const Lot& a, const Lot& b) { return UsedBefore(a, b); });
  const auto at = static_cast<size_t>(place - lots_.begin());
  if (at > 0 && !UsedBefore(lots_[at - 1], lot)) return at - 1;  // it is there
  first_open_ = std::min(first_open_, at);
  lots_.insert(place, lot);
  return at;
}

std::vector<LotUse> Lots::Plan(int64_t points, const Origin& preferred) const {
  int64_t reserved = preferred.empty() ? 0 : std::min(points, LeftOf(preferred));
  points -= reserved;
  std::vector<LotUse> uses;
  for (size_t i = first_open_; points > 0 || reserved > 0; ++i) {
    assert(i < lots_.size() && "the lots of an account hold its balance");
    const Lot& lot = lots_[i];
    int64_t used = 0;
    if (preferred.Has(lot.sequence, lot.part)) {
      used = std::min(reserved, lot.remaining);
      reserved -= used;
    } else {
      used = std::min(points, lot.remaining);
      points -= used;
    }
    if (used > 0) uses.push_back(UseOf(lot, used));
  }
  return uses;
}

int64_t Lots::LeftOf(const Origin& origin) const {
  int64_t left = 0;
  for (const Lot& lot : lots_) {
    if (origin.Has(lot.sequence, lot.part)) left += lot.remaining;
  }
  return left;
}

std::vector<LotUse> Lots::PlanFirstToLapse() const {
  const absl::Time first = NextExpiry();
  std::vector<LotUse> uses;
  for (size_t i = first_open_; i < lots_.size() && lots_[i].expire_time == first; ++i) {
    if (lots_[i].remaining > 0) uses.push_back(UseOf(lots_[i], lots_[i].remaining));
  }
  return uses;
}

absl::Time Lots::NextExpiry() const {
  for (size_t i = first_open_; i < lots_.size(); ++i) {
    if (lots_[i].remaining > 0) return lots_[i].expire_time;
  }
  return absl::InfiniteFuture();
}

void Lots::Use(const std::vector<LotUse>& uses) {
  for (const LotUse& use : uses) {
    const Lot key{use.lot_sequence, use.part, use.earned_time, use.expire_time, 0, 0};
    const size_t at = Insert(key);
    lots_[at].remaining -= use.points;
    assert(lots_[at].remaining >= 0);
    if (lots_[at].remaining > 0) first_open_ = std::min(first_open_, at);
  }
  while (first_open_ < lots_.size() && lots_[first_open_].remaining == 0) ++first_open_;
}

}  // namespace loyalty::points
