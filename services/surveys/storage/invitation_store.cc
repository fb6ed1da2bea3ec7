#include "services/surveys/storage/invitation_store.h"

#include "common/postgres/values.h"
#include "common/status/status.h"
#include "services/surveys/domain/reason.h"
#include "services/surveys/storage/date.h"
#include "surveys_sql.h"

namespace loyalty::surveys {
namespace {

using postgres::Transaction;

Invitation ReadInvitation(const pqxx::row& row) {
  Invitation invitation;
  invitation.id = row["invitation_id"].as<int64_t>();
  invitation.survey_key = row["survey_key"].as<int64_t>();
  invitation.survey_id = row["survey_id"].c_str();
  invitation.member_id = row["member_id"].c_str();
  invitation.token = row["token"].c_str();
  invitation.channel = row["channel"].c_str();
  invitation.segment = row["segment"].c_str();
  invitation.create_time = postgres::ParseTimestamp(row["create_time"].c_str());
  invitation.create_date = ParseDate(row["create_date"].c_str());
  invitation.expire_time = postgres::ParseTimestamp(row["expire_time"].c_str());
  invitation.state = static_cast<InvitationState>(row["state"].as<int>());
  invitation.answer_time = postgres::ParseTimestamp(row["answer_time"].c_str());
  invitation.order_id = row["order_id"].c_str();
  return invitation;
}

std::vector<Invitation> ReadInvitations(const pqxx::result& rows) {
  std::vector<Invitation> invitations;
  for (const pqxx::row& row : rows) invitations.push_back(ReadInvitation(row));
  return invitations;
}

absl::StatusOr<Invitation> TheInvitation(const pqxx::result& rows) {
  if (!rows.empty()) return ReadInvitation(rows[0]);
  return Refuse(absl::StatusCode::kNotFound, reason::kInvitationNotFound,
                "The program has no invitation with this token.");
}

}  // namespace

void InsertInvitation(Transaction& tx, int32_t program_key, Invitation& invitation) {
  const pqxx::result rows =
      tx.Exec(sql::kInsertInvitation, program_key, invitation.survey_key, invitation.member_id,
              invitation.token, invitation.channel, invitation.segment,
              postgres::FormatTimestamp(invitation.create_time), FormatDate(invitation.create_date),
              postgres::FormatTimestamp(invitation.expire_time), static_cast<int>(invitation.state),
              postgres::FormatTimestamp(invitation.answer_time), invitation.order_id);
  invitation.id = rows[0]["invitation_id"].as<int64_t>();
}

absl::StatusOr<Invitation> LoadInvitation(Transaction& tx, int32_t program_key, const std::string& token) {
  return TheInvitation(tx.Exec(sql::kLoadInvitation, program_key, token));
}

absl::StatusOr<Invitation> LockInvitation(Transaction& tx, int32_t program_key, const std::string& token) {
  return TheInvitation(tx.Exec(sql::kLockInvitation, program_key, token));
}

std::vector<Invitation> ListInvitations(Transaction& tx, int32_t program_key, const InvitationFilter& filter,
                                        int64_t before, int limit) {
  const std::string now = postgres::FormatTimestamp(filter.now);
  if (!filter.member_id.empty()) {
    return ReadInvitations(tx.Exec(sql::kListInvitationsOfMember, program_key, filter.survey_key, before,
                                   filter.state, now, limit, filter.member_id));
  }
  return ReadInvitations(
      tx.Exec(sql::kListInvitations, program_key, filter.survey_key, before, filter.state, now, limit));
}

std::vector<Invitation> TakeDueInvitations(Transaction& tx, int32_t program_key, absl::Time now, int limit) {
  return ReadInvitations(
      tx.Exec(sql::kTakeDueInvitations, program_key, postgres::FormatTimestamp(now), limit));
}

void ExpireInvitations(Transaction& tx, int32_t program_key, std::vector<Invitation>& due) {
  if (due.empty()) return;
  postgres::BigintArray ids;
  for (Invitation& invitation : due) {
    invitation.state = InvitationState::kExpired;
    ids.Add(invitation.id);
  }
  tx.Exec(sql::kExpireInvitations, program_key, ids.Finish());
}

absl::Time NextDueInvitation(Transaction& tx, int32_t program_key) {
  return postgres::ParseTimestamp(tx.Exec(sql::kNextDueInvitation, program_key)[0]["due_time"].c_str());
}

std::vector<int32_t> ProgramsWithDueInvitations(Transaction& tx, absl::Time now, int limit) {
  std::vector<int32_t> programs;
  for (const pqxx::row& row :
       tx.Exec(sql::kProgramsWithDueInvitations, postgres::FormatTimestamp(now), limit)) {
    programs.push_back(row["program_key"].as<int32_t>());
  }
  return programs;
}

}  // namespace loyalty::surveys
