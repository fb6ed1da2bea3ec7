// What becomes of points that are there when the expiry policy changes, and the change is to hold for them
// too.
//
// It is a thing that becomes due, at the time of the change: each account is brought through the program's
// changes one by one, when it is next looked at or by the job, whichever is first (docs/adr/0014).
#pragma once

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>

#include "services/points/domain/book.h"

namespace loyalty::points {

// The next change that an account has not been through; the infinite future, if there is none. Those from
// before its first entry do not concern it: it begins behind them.
absl::Time NextExpiryChange(const Program& program, const Account& account);

// True if what is due at `now` may concern all lots of the account: a change, or that all lapse by
// inactivity.
bool ConcernsAllLots(const Program& program, const Account& account, absl::Time now);

// Each open or pending lot lapses when the new policy says so of the day on which it was earned, but not
// before the change. What changes becomes a new lot, which says which one it was; what is held stays as it
// is.
void ChangeExpiry(Book& book, Account& account);

// The program's expiry policy holds for all points that are there at `now`. FAILED_PRECONDITION, reason
// TOO_MANY_EXPIRY_CHANGES.
absl::Status ApplyExpiryToExisting(absl::Time now, Program& program);

// What a change makes of the points that are there, by the month of their last day.
class ExpiryPreview {
 public:
  struct Month {
    int64_t points_before = 0;
    int64_t points_after = 0;
    bool operator==(const Month&) const = default;
  };

  ExpiryPreview(const ExpiryPolicy& policy, const absl::TimeZone& zone, absl::Time now)
      : policy_(policy), zone_(zone), now_(now) {}

  // Points that were earned on a day, whose lot lapses at a time as it is.
  struct Points {
    absl::CivilDay earned;
    absl::Time expire_time;
    int64_t points = 0;
    absl::Time mature_time = absl::InfinitePast();  // later than now: they are pending, and lapse not before
    bool inactive = false;  // under the new policy they lapse at once: their member was inactive for too long
  };
  // A sum that no int64 holds is the largest one.
  void Add(const Points& points);

  int64_t changed_points() const { return changed_; }
  // That lapse at once.
  int64_t lapsing_points() const { return lapsing_; }
  // Of all points that lapse later, or did.
  const std::map<absl::CivilMonth, Month>& months() const { return months_; }

 private:
  const ExpiryPolicy policy_;
  const absl::TimeZone zone_;
  const absl::Time now_;
  int64_t changed_ = 0, lapsing_ = 0;
  std::map<absl::CivilMonth, Month> months_;
};

}  // namespace loyalty::points
