#include "services/surveys/storage/case_store.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/postgres/values.h"
#include "common/status/status.h"
#include "services/surveys/domain/reason.h"
#include "surveys_sql.h"

namespace loyalty::surveys {
namespace {

using postgres::FormatTimestamp;
using postgres::ParseTimestamp;
using postgres::Transaction;

Case ReadCase(const pqxx::row& row) {
  Case c;
  c.id = row["case_id"].as<int64_t>();
  c.survey_key = row["survey_key"].as<int64_t>();
  c.survey_id = row["survey_id"].c_str();
  c.response_id = row["response_id"].as<int64_t>();
  c.member_id = row["member_id"].c_str();
  c.state = static_cast<CaseState>(row["state"].as<int>());
  c.severity = static_cast<CaseSeverity>(row["severity"].as<int>());
  c.owner = row["owner"].c_str();
  c.open_time = ParseTimestamp(row["open_time"].c_str());
  c.state_time = ParseTimestamp(row["state_time"].c_str());
  c.first_reply_due_time = ParseTimestamp(row["first_reply_due_time"].c_str());
  c.first_reply_time = ParseTimestamp(row["first_reply_time"].c_str());
  c.escalate_time = ParseTimestamp(row["escalate_time"].c_str());
  c.resolve_time = ParseTimestamp(row["resolve_time"].c_str());
  c.close_time = ParseTimestamp(row["close_time"].c_str());
  c.resolution = row["resolution"].c_str();
  c.make_good_points = row["make_good_points"].as<int64_t>();
  c.note_count = row["note_count"].as<int64_t>();
  return c;
}

std::vector<Case> ReadCases(const pqxx::result& rows) {
  std::vector<Case> cases;
  for (const pqxx::row& row : rows) cases.push_back(ReadCase(row));
  return cases;
}

absl::StatusOr<Case> TheCase(const pqxx::result& rows, int64_t case_id) {
  if (!rows.empty()) return ReadCase(rows[0]);
  return Refuse(absl::StatusCode::kNotFound, reason::kCaseNotFound,
                absl::StrCat("The program has no case ", case_id, "."), {{"case_id", absl::StrCat(case_id)}});
}

}  // namespace

void InsertCase(Transaction& tx, int32_t program_key, Case& opened) {
  const pqxx::result rows = tx.Exec(
      sql::kInsertCase, program_key, opened.survey_key, opened.response_id, opened.member_id,
      static_cast<int>(opened.state), static_cast<int>(opened.severity), opened.owner,
      FormatTimestamp(opened.open_time), FormatTimestamp(opened.state_time),
      FormatTimestamp(opened.first_reply_due_time), FormatTimestamp(opened.first_reply_time),
      FormatTimestamp(opened.escalate_time), FormatTimestamp(opened.resolve_time),
      FormatTimestamp(opened.close_time), opened.resolution, opened.make_good_points, opened.note_count);
  opened.id = rows[0]["case_id"].as<int64_t>();
}

void UpdateCase(Transaction& tx, int32_t program_key, const Case& changed) {
  tx.Exec(sql::kUpdateCase, program_key, changed.id, static_cast<int>(changed.state), changed.owner,
          FormatTimestamp(changed.state_time), FormatTimestamp(changed.first_reply_time),
          FormatTimestamp(changed.escalate_time), FormatTimestamp(changed.resolve_time),
          FormatTimestamp(changed.close_time), changed.resolution, changed.make_good_points,
          changed.note_count);
}

absl::StatusOr<Case> LoadCase(Transaction& tx, int32_t program_key, int64_t case_id) {
  return TheCase(tx.Exec(sql::kLoadCase, program_key, case_id), case_id);
}

absl::StatusOr<Case> LockCase(Transaction& tx, int32_t program_key, int64_t case_id) {
  return TheCase(tx.Exec(sql::kLockCase, program_key, case_id), case_id);
}

std::optional<Case> FindCaseOfResponse(Transaction& tx, int32_t program_key, int64_t response_id) {
  const pqxx::result rows = tx.Exec(sql::kLoadCaseOfResponse, program_key, response_id);
  if (rows.empty()) return std::nullopt;
  return ReadCase(rows[0]);
}

std::vector<Case> ListCases(Transaction& tx, int32_t program_key, const CaseFilter& filter, int64_t before,
                            int limit) {
  postgres::BigintArray states;
  for (const CaseState state : filter.states) states.Add(static_cast<int64_t>(state));
  const pqxx::binarystring in_states = states.Finish();
  const std::string now = FormatTimestamp(filter.now);
  if (!filter.member_id.empty()) {
    return ReadCases(tx.Exec(sql::kListCasesOfMember, program_key, before, in_states, filter.owner,
                             filter.overdue_only, now, limit, filter.member_id));
  }
  const bool all_active = std::all_of(filter.states.begin(), filter.states.end(), IsActive);
  const bool active = filter.overdue_only || (all_active && !filter.states.empty());
  return ReadCases(tx.Exec(active ? sql::kListActiveCases : sql::kListCases, program_key, before, in_states,
                           filter.owner, filter.overdue_only, now, limit));
}

void InsertCaseNote(Transaction& tx, int32_t program_key, const CaseNote& note) {
  tx.Exec(sql::kInsertCaseNote, program_key, note.case_id, note.number, static_cast<int>(note.kind),
          note.text, note.actor, FormatTimestamp(note.create_time));
}

std::vector<CaseNote> ListCaseNotes(Transaction& tx, int32_t program_key, int64_t case_id) {
  std::vector<CaseNote> notes;
  for (const pqxx::row& row : tx.Exec(sql::kListCaseNotes, program_key, case_id)) {
    notes.push_back({row["case_id"].as<int64_t>(), row["number"].as<int64_t>(),
                     static_cast<NoteKind>(row["kind"].as<int>()), row["text"].c_str(), row["actor"].c_str(),
                     ParseTimestamp(row["create_time"].c_str())});
  }
  return notes;
}

std::vector<Case> TakeDueCases(Transaction& tx, int32_t program_key, absl::Time now, int limit) {
  return ReadCases(tx.Exec(sql::kTakeDueCases, program_key, FormatTimestamp(now), limit));
}

absl::Time NextDueCase(Transaction& tx, int32_t program_key) {
  return ParseTimestamp(tx.Exec(sql::kNextDueCase, program_key)[0]["due_time"].c_str());
}

std::vector<int32_t> ProgramsWithDueCases(Transaction& tx, absl::Time now, int limit) {
  std::vector<int32_t> programs;
  for (const pqxx::row& row : tx.Exec(sql::kProgramsWithDueCases, FormatTimestamp(now), limit)) {
    programs.push_back(row["program_key"].as<int32_t>());
  }
  return programs;
}

}  // namespace loyalty::surveys
