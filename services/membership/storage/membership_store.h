// Memberships, and what belongs to them, in the caller's transaction or read.
//
// A change: LoadRecord (locks), decide, SaveRecord. A membership's row is locked first, invoice numbers are
// taken after it; whoever changes several locks all of them before (LockLiving, TakeDue).
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/membership/domain/benefit.h"
#include "services/membership/domain/membership_record.h"

namespace loyalty::membership {

// NOT_FOUND, reason MEMBERSHIP_NOT_FOUND.
absl::Status MembershipNotFound(int64_t membership_id);

// What is there of a member and a plan.
struct Subscription {
  std::optional<int64_t> living;  // the membership that is not over
  bool any = false;               // there is one, or there was
};
Subscription FindSubscription(postgres::Transaction& tx, int32_t program_key, const std::string& member_id,
                              const std::string& plan_id);

// A membership, locked until the transaction ends, with its plan, the invoices that may change, and the
// invoice `invoice_number` if it is one of its own. NOT_FOUND: MEMBERSHIP_NOT_FOUND.
absl::StatusOr<MembershipRecord> LoadRecord(postgres::Transaction& tx, int32_t program_key,
                                            absl::TimeZone zone, int64_t membership_id,
                                            int64_t invoice_number = 0);

// Stores a new one, and gives it and its invoices their numbers. False, and nothing written, if the member
// has a living membership of the plan; waits for another transaction that is making one.
bool InsertRecord(postgres::Transaction& tx, int32_t program_key, MembershipRecord& record);
// Stores what a decision changed of a loaded one, and gives new invoices their numbers.
void SaveRecord(postgres::Transaction& tx, int32_t program_key, MembershipRecord& record);

// Up to `limit` memberships that are due at `now`, the longest first, locked; those that others have locked
// are left out.
absl::StatusOr<std::vector<MembershipRecord>> TakeDue(postgres::Transaction& tx, int32_t program_key,
                                                      absl::TimeZone zone, absl::Time now, int limit);
// When the next one is due; the infinite future if none is.
absl::Time NextDue(postgres::Transaction& tx, int32_t program_key);
// Puts off what is due on one until `until`. Its next decision finds the true time again.
void Postpone(postgres::Transaction& tx, int32_t program_key, int64_t membership_id, absl::Time until);
// Up to `limit` programs in which one is due, by the program's test clock or at `now`.
std::vector<int32_t> ProgramsWithDueMemberships(postgres::Transaction& tx, absl::Time now, int limit);

// A member's memberships that are not over, locked, so that benefits can be used.
absl::StatusOr<std::vector<MembershipRecord>> LockLiving(postgres::Transaction& tx, int32_t program_key,
                                                         absl::TimeZone zone, const std::string& member_id);
// What gives a member a benefit. One statement.
std::vector<Grant> FindGrants(postgres::Transaction& tx, int32_t program_key, const std::string& member_id,
                              const std::string& benefit_id);
// Takes `count` uses from the grant's quota in its membership's period: how many are left then. Nothing, and
// nothing written, if fewer were left; exact however many ask at once.
std::optional<int64_t> UseQuota(postgres::Transaction& tx, int32_t program_key, const Grant& grant,
                                int64_t count);

absl::StatusOr<Membership> GetMembership(postgres::Transaction& tx, int32_t program_key,
                                         int64_t membership_id);
// The newest first.
std::vector<HistoryEntry> ListHistory(postgres::Transaction& tx, int32_t program_key, int64_t membership_id,
                                      int limit);

struct MembershipFilter {
  std::string member_id;      // empty: all
  std::string plan_id;        // empty: all
  std::vector<State> states;  // empty: all
};
inline constexpr int64_t kNewest = std::numeric_limits<int64_t>::max();
// Up to `limit`, the newest first, with ids below `before`.
std::vector<Membership> ListMemberships(postgres::Transaction& tx, int32_t program_key,
                                        const MembershipFilter& filter, int64_t before, int limit);

}  // namespace loyalty::membership
