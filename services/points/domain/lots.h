// The open lots of one account: points by the time they were earned, used oldest first.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <vector>

#include "services/points/domain/command.h"

namespace loyalty::points {

struct Lot {
  int64_t sequence = 0;    // of the entry that brought the points in
  absl::Time earned_time;  // that entry's occurred_time
  int64_t remaining = 0;   // points that are not used
  int64_t stored = 0;      // what storage holds as remaining; 0: the lot is not there
};

class Lots {
 public:
  // A lot from storage; nothing, if it is there already. Those that are loaded are the account's oldest, as
  // many as the batch may use, and the lots of entries that are taken back.
  void Load(int64_t sequence, absl::Time earned_time, int64_t remaining) {
    Insert({sequence, earned_time, remaining, remaining});
  }
  // A lot that was just earned.
  void Add(int64_t sequence, absl::Time earned_time, int64_t points) {
    Insert({sequence, earned_time, points, 0});
  }

  // Which lots would pay `points`, oldest first. The account has that many. As much as possible is paid by
  // the lot of the entry `preferred`, if it is not 0.
  std::vector<LotUse> Plan(int64_t points, int64_t preferred = 0) const;
  // Takes what was planned last.
  void Use(const std::vector<LotUse>& uses);

  // Oldest first, used-up ones included.
  const std::vector<Lot>& all() const { return lots_; }

 private:
  void Insert(const Lot& lot);

  std::vector<Lot> lots_;
  size_t first_open_ = 0;  // all before it are used up
};

}  // namespace loyalty::points
