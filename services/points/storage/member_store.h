// Members and what they have.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/postgres/pool.h"
#include "services/points/domain/command.h"
#include "services/points/domain/profile.h"
#include "services/points/domain/tier.h"

namespace loyalty::points {

struct Member {
  std::string id;
  absl::Time enroll_time;
  int64_t balance = 0;
  int64_t last_sequence = 0;
  MemberLabels labels;
  int64_t pending = 0;
  int64_t held = 0;
  int64_t debt = 0;
  absl::Time close_time = absl::InfiniteFuture();  // when the member left; the infinite future: still here
  std::string merged_into;  // the member that the id stands for, which has all of this; empty: itself
};

// A member with what follows from the program's tiers.
struct MemberView {
  Member member;
  Standing standing;
  TierOutlook outlook;
  Profile profile;
};

struct Balance {
  int64_t points = 0;
  int64_t sequence = 0;  // of the newest entry that counts in; 0 if there is none
};

// Which entries of a member to list. Times are half-open: from start to before end.
struct EntryFilter {
  std::vector<EntryKind> kinds;  // empty: all
  absl::Time occurred_start = absl::InfinitePast();
  absl::Time occurred_end = absl::InfiniteFuture();
  absl::Time recorded_start = absl::InfinitePast();
  absl::Time recorded_end = absl::InfiniteFuture();
};

// NOT_FOUND, reason MEMBER_NOT_FOUND.
absl::Status MemberNotFound(const std::string& program_id, const std::string& member_id);

struct Enrollment {
  Member member;
  bool replayed = false;  // enrolled before
};
// Makes somebody a member, in the caller's transaction.
absl::StatusOr<Enrollment> Enroll(postgres::Transaction& tx, const std::string& program_id,
                                  int32_t program_key, const std::string& member_id, absl::Time now);

// What is due on an account counts as done, though nothing is written: answers do not depend on when a job
// ran.
//
// Errors of all: NOT_FOUND with reason PROGRAM_NOT_FOUND or MEMBER_NOT_FOUND, and those of
// common/postgres/errors.h.
class MemberStore {
 public:
  // `clock`: for programs without a test clock.
  MemberStore(postgres::Pool& pool, Clock& clock) : pool_(pool), clock_(clock) {}

  absl::StatusOr<Member> Get(const std::string& program_id, const std::string& member_id);
  absl::StatusOr<MemberView> View(const std::string& program_id, const std::string& member_id);
  // Those that exist, in the order of `member_ids`. In one snapshot.
  absl::StatusOr<std::vector<MemberView>> ViewAll(const std::string& program_id,
                                                  const std::vector<std::string>& member_ids);
  // What the member agreed to; who has left agrees to nothing.
  absl::StatusOr<std::vector<Consent>> ConsentsOf(const std::string& program_id,
                                                  const std::string& member_id);
  // Those that exist, in no order. One statement, unless something is due.
  absl::StatusOr<std::vector<Member>> GetAll(const std::string& program_id,
                                             const std::vector<std::string>& member_ids);
  // The balance after the last entry that was recorded at `time` or before.
  absl::StatusOr<Balance> BalanceAt(const std::string& program_id, const std::string& member_id,
                                    absl::Time time);
  // Up to `limit` entries, newest first, with sequences below `before`.
  absl::StatusOr<std::vector<Entry>> ListEntries(const std::string& program_id, const std::string& member_id,
                                                 const EntryFilter& filter, int64_t before, int limit);

 private:
  postgres::Pool& pool_;
  Clock& clock_;
};

}  // namespace loyalty::points
