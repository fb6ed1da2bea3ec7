#include "services/points/domain/lots.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <tuple>
#include <utility>

namespace loyalty::points {

void Lots::Insert(const Lot& lot) {
  const auto older = [](const Lot& a, const Lot& b) {
    return std::tie(a.earned_time, a.sequence) < std::tie(b.earned_time, b.sequence);
  };
  const auto place = std::upper_bound(lots_.begin(), lots_.end(), lot, older);
  if (place != lots_.begin() && !older(*std::prev(place), lot)) return;  // it is there
  first_open_ = std::min(first_open_, static_cast<size_t>(place - lots_.begin()));
  lots_.insert(place, lot);
}

std::vector<LotUse> Lots::Plan(int64_t points, int64_t preferred) const {
  int64_t reserved = 0;  // of the preferred lot
  for (const Lot& lot : lots_) {
    if (preferred != 0 && lot.sequence == preferred) reserved = std::min(points, lot.remaining);
  }
  points -= reserved;
  std::vector<LotUse> uses;
  for (size_t i = first_open_; points > 0 || reserved > 0; ++i) {
    assert(i < lots_.size() && "the lots of an account hold its balance");
    const int64_t own = lots_[i].sequence == preferred ? std::exchange(reserved, 0) : 0;
    const int64_t other = std::min(points, lots_[i].remaining - own);
    if (own + other == 0) continue;
    uses.push_back({lots_[i].sequence, own + other, lots_[i].earned_time});
    points -= other;
  }
  return uses;
}

void Lots::Use(const std::vector<LotUse>& uses) {
  size_t i = first_open_;
  for (const LotUse& use : uses) {
    while (lots_[i].sequence != use.lot_sequence) ++i;
    lots_[i].remaining -= use.points;
    assert(lots_[i].remaining >= 0);
  }
  while (first_open_ < lots_.size() && lots_[first_open_].remaining == 0) ++first_open_;
}

}  // namespace loyalty::points
