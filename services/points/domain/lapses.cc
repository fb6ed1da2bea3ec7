#include "services/points/domain/lapses.h"

#include <algorithm>

namespace loyalty::points {

std::map<absl::Time, int64_t> LapsesOf(const Account& account, absl::Time inactive) {
  std::map<absl::Time, int64_t> lapses;  // their sum fits an int64, as all that an account has does
  const auto add = [&](int64_t points, absl::Time expire, absl::Time usable) {
    const absl::Time lapse = std::max(std::min(expire, inactive), usable);
    if (points > 0 && lapse != absl::InfiniteFuture()) lapses[lapse] += points;
  };
  for (const Lot& lot : account.lots.all()) add(lot.remaining, lot.expire_time, absl::InfinitePast());
  for (const PendingLot& lot : account.pending_lots) add(lot.points, lot.expire_time, lot.mature_time);
  for (const Hold& hold : account.holds) {
    if (hold.points == 0) continue;
    for (const LotUse& use : hold.uses) add(use.points, use.expire_time, hold.until);
  }
  return lapses;
}

}  // namespace loyalty::points
