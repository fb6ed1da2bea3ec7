// Dated awards to audiences, and whom they are for.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/points/domain/audience.h"
#include "services/points/storage/member_store.h"

namespace loyalty::points {

// Locks the program until the transaction ends: nobody schedules an award meanwhile.
void LockAudienceAwards(postgres::Transaction& tx, const std::string& program_id);

// In the caller's transaction.
void InsertAudienceAward(postgres::Transaction& tx, int32_t program_key, const AudienceAward& award);
std::optional<AudienceAward> FindAudienceAward(postgres::Transaction& tx, int32_t program_key,
                                               const std::string& award_id);
// Up to `limit` awards with ids after `after`, in their order.
std::vector<AudienceAward> ListAudienceAwards(postgres::Transaction& tx, int32_t program_key,
                                              const std::string& after, int limit);
// How many are scheduled or running.
size_t CountOpenAudienceAwards(postgres::Transaction& tx, int32_t program_key);
// Ends one that is scheduled or running, as kDone or kCancelled. False if there is none.
bool EndAudienceAward(postgres::Transaction& tx, int32_t program_key, const std::string& award_id,
                      AudienceAwardState state, absl::Time time);
// Notes that the award, which was at `award.position`, has reached the account `to`, and what became of the
// members in between. False, and nothing is noted, if another process has moved or ended it.
bool AdvanceAudienceAward(postgres::Transaction& tx, int32_t program_key, const AudienceAward& award,
                          int64_t to, int64_t awarded, int64_t skipped);

// Up to `limit` programs in which one is due, by the program's test clock or at `now`.
std::vector<int32_t> ProgramsWithDueAudienceAwards(postgres::Transaction& tx, absl::Time now, int limit);
// The time of the next one of a program; the infinite future, if there is none.
absl::Time NextAudienceAwardTime(postgres::Transaction& tx, int32_t program_key);
struct DueAudienceAward {
  std::string program_id;
  AudienceAward award;
};
// The one that has been due longest.
std::optional<DueAudienceAward> FindDueAudienceAward(postgres::Transaction& tx, int32_t program_key,
                                                     absl::Time now);

// A member whom an award comes by.
struct Reached {
  int64_t account_id = 0;  // how far the award is with the member
  int64_t holder_id = 0;   // the member's account: another one, if somebody was merged into the member
  std::string member_id;
  bool meant = false;  // the award is for the member
};
// Members who are being enrolled have an account now: an award begins with it, and comes by whoever was
// enrolled before it.
void AwaitMembers(postgres::Transaction& tx, int32_t program_key);
// Up to `limit` members after an account, in the order of their accounts, as they are now: what is due on
// them counts as done; but for those into whom somebody was merged who was given it. Where somebody was
// merged into a member who was reached before, the member is reached again, unless given it. `award_id`,
// `time`: the award's; without an id it is only tried, and nobody is reached again.
absl::StatusOr<std::vector<Reached>> ReadAudience(postgres::Pool& pool, MemberStore& members,
                                                  const std::string& program_id, int32_t program_key,
                                                  const std::string& award_id, const Audience& audience,
                                                  absl::Time time, int64_t after, int limit);
// True if somebody who was merged into one of these accounts was given the award before.
bool WasGivenBeforeMerging(postgres::Transaction& tx, int32_t program_key, const std::string& award_id,
                           std::span<const int64_t> accounts);

}  // namespace loyalty::points
