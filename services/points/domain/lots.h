// The open lots of one account: points by when they lapse, used in that order.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <vector>

#include "services/points/domain/entry.h"

namespace loyalty::points {

struct Lot {
  int64_t sequence = 0;  // of the entry that brought the points in
  int32_t part = 0;      // which of that entry's lots
  absl::Time earned_time;
  absl::Time expire_time = absl::InfiniteFuture();
  int64_t remaining = 0;  // points that are not used
  int64_t stored = 0;     // what storage holds as remaining; 0: the lot is not there
};

// Which lots of an account came with an entry.
struct Origin {
  // All lots of an entry of the account.
  Origin(int64_t entry_sequence = 0) : sequence(entry_sequence) {}  // NOLINT: an entry names its lots
  bool Has(int64_t lot_sequence, int32_t part) const;
  bool empty() const { return sequence == 0 && moved.empty(); }

  int64_t sequence = 0;  // 0: none
  // Those that the entry's lots became when its account was merged into this one, or their expiry changed.
  // Points are not used.
  std::vector<LotUse> moved;
};

// True if `a` is used before `b`: what lapses first goes first, older first among equals.
bool UsedBefore(const Lot& a, const Lot& b);
// As they stand in an entry: in the order of use, what is of the same lot and lapses at the same time as one.
void PutInOrder(std::vector<LotUse>& uses);

class Lots {
 public:
  // A lot from storage; nothing, if it is there already. Those that are loaded are the account's first, as
  // many as the batch may use or let lapse, and lots that points are taken back from or given back to.
  void Load(const Lot& lot) { Insert(lot); }
  // Points that came in: a new lot.
  void Add(int64_t sequence, int32_t part, const NewLot& lot) {
    Insert({sequence, part, lot.earned_time, lot.expire_time, lot.points, 0});
  }

  // Which lots would pay `points`, in the order of use. The account has that many. As much as possible is
  // paid by lots of `preferred`.
  std::vector<LotUse> Plan(int64_t points, const Origin& preferred = {}) const;
  // What is left of the lots of an entry, of those that are loaded.
  int64_t LeftOf(const Origin& origin) const;
  // All of the lots that lapse first.
  std::vector<LotUse> PlanFirstToLapse() const;
  // When those lapse; the infinite future, if none do.
  absl::Time NextExpiry() const;
  // Takes what was planned; or gives points back, where they are below zero.
  void Use(const std::vector<LotUse>& uses);

  // In the order of use, used-up ones included.
  const std::vector<Lot>& all() const { return lots_; }

 private:
  size_t Insert(const Lot& lot);  // its place; an equal lot that is there stays as it is

  std::vector<Lot> lots_;
  size_t first_open_ = 0;  // all before it are used up
};

}  // namespace loyalty::points
