// Invitations in PostgreSQL, inside the caller's transaction.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/surveys/domain/invitation.h"

namespace loyalty::surveys {

// Gives the invitation its id.
void InsertInvitation(postgres::Transaction& tx, int32_t program_key, Invitation& invitation);

// NOT_FOUND, reason INVITATION_NOT_FOUND.
absl::StatusOr<Invitation> LoadInvitation(postgres::Transaction& tx, int32_t program_key,
                                          const std::string& token);
// The same, locked until the transaction ends: of many who submit at once, the second sees what the first
// did.
absl::StatusOr<Invitation> LockInvitation(postgres::Transaction& tx, int32_t program_key,
                                          const std::string& token);

struct InvitationFilter {
  int64_t survey_key = 0;
  std::string member_id;  // empty: all
  int state = 0;          // an InvitationState as it is at `now`; 0: all
  absl::Time now;
};
// Up to `limit`, newest first, with ids below `before`.
std::vector<Invitation> ListInvitations(postgres::Transaction& tx, int32_t program_key,
                                        const InvitationFilter& filter, int64_t before, int limit);

// Up to `limit` open invitations whose time is over at `now`, the oldest first, locked; what others have
// locked is left out.
std::vector<Invitation> TakeDueInvitations(postgres::Transaction& tx, int32_t program_key, absl::Time now,
                                           int limit);
// Stores that they are expired, in the table and in the list.
void ExpireInvitations(postgres::Transaction& tx, int32_t program_key, std::vector<Invitation>& due);

// When the next one of the program is due; the infinite future if none will be.
absl::Time NextDueInvitation(postgres::Transaction& tx, int32_t program_key);
// Up to `limit` programs that have due ones: by their test clocks, the others at `now`.
std::vector<int32_t> ProgramsWithDueInvitations(postgres::Transaction& tx, absl::Time now, int limit);

}  // namespace loyalty::surveys
