#include "services/points/storage/audience_store.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <nlohmann/json.hpp>

#include "common/postgres/values.h"
#include "common/status/status.h"
#include "points_sql.h"

namespace loyalty::points {
namespace {

using nlohmann::json;
using postgres::Transaction;

// What was asked for, as JSON; what is not given is left out. What is stored has these names, so they never
// change.
std::string ContentToJson(const AudienceAward& award) {
  json out = {{"points", award.points}, {"reason", award.reason}};
  if (award.at_once) out["at_once"] = true;
  if (!award.audience.member_label.empty()) out["label"] = award.audience.member_label;
  if (!award.audience.segment.empty()) out["segment"] = award.audience.segment;
  if (!award.audience.tier_ids.empty()) out["tiers"] = award.audience.tier_ids;
  return out.dump();
}

AudienceAward ReadAward(const pqxx::row& row) {
  const json content = json::parse(row["content"].c_str());
  AudienceAward award;
  award.id = row["award_id"].c_str();
  award.points = content.at("points").get<int64_t>();
  award.time = postgres::ParseTimestamp(row["award_time"].c_str());
  award.at_once = content.value("at_once", false);
  award.audience.member_label = content.value("label", "");
  award.audience.segment = content.value("segment", "");
  if (content.contains("tiers"))
    award.audience.tier_ids = content.at("tiers").get<std::vector<std::string>>();
  award.reason = content.at("reason").get<std::string>();
  award.actor = row["actor"].c_str();
  award.state = static_cast<AudienceAwardState>(row["state"].as<int>());
  award.position = row["position"].as<int64_t>();
  award.awarded_members = row["awarded_members"].as<int64_t>();
  award.skipped_members = row["skipped_members"].as<int64_t>();
  award.create_time = postgres::ParseTimestamp(row["create_time"].c_str());
  if (!row["done_time"].is_null()) award.done_time = postgres::ParseTimestamp(row["done_time"].c_str());
  return award;
}

// Whether the award is for the member, who may have left or been merged since the page was read.
bool IsMeant(const MemberView& view, const Audience& audience, absl::Time time) {
  const Member& member = view.member;
  const bool here = member.close_time == absl::InfiniteFuture() && member.merged_into.empty();
  return here && IsIn(audience,
                      {member.labels, view.profile.segment, view.standing.tier_id, member.enroll_time}, time);
}

}  // namespace

void LockAudienceAwards(Transaction& tx, const std::string& program_id) {
  tx.Exec(sql::kLockProgram, program_id);
}

void InsertAudienceAward(Transaction& tx, int32_t program_key, const AudienceAward& award) {
  tx.Exec(sql::kInsertAudienceAward, program_key, award.id, ContentToJson(award),
          postgres::FormatTimestamp(award.time), award.actor, postgres::FormatTimestamp(award.create_time));
}

std::optional<AudienceAward> FindAudienceAward(Transaction& tx, int32_t program_key,
                                               const std::string& award_id) {
  const pqxx::result rows = tx.Exec(sql::kGetAudienceAward, program_key, award_id);
  if (rows.empty()) return std::nullopt;
  return ReadAward(rows[0]);
}

std::vector<AudienceAward> ListAudienceAwards(Transaction& tx, int32_t program_key, const std::string& after,
                                              int limit) {
  std::vector<AudienceAward> awards;
  for (const pqxx::row& row : tx.Exec(sql::kListAudienceAwards, program_key, after, limit)) {
    awards.push_back(ReadAward(row));
  }
  return awards;
}

size_t CountOpenAudienceAwards(Transaction& tx, int32_t program_key) {
  return tx.Exec(sql::kCountOpenAudienceAwards, program_key)[0][0].as<size_t>();
}

bool EndAudienceAward(Transaction& tx, int32_t program_key, const std::string& award_id,
                      AudienceAwardState state, absl::Time time) {
  return !tx.Exec(sql::kEndAudienceAward, program_key, award_id, static_cast<int>(state),
                  postgres::FormatTimestamp(time))
              .empty();
}

bool AdvanceAudienceAward(Transaction& tx, int32_t program_key, const AudienceAward& award, int64_t to,
                          int64_t awarded, int64_t skipped) {
  return !tx.Exec(sql::kAdvanceAudienceAward, program_key, award.id, award.position, to, awarded, skipped)
              .empty();
}

std::vector<int32_t> ProgramsWithDueAudienceAwards(Transaction& tx, absl::Time now, int limit) {
  std::vector<int32_t> keys;
  for (const pqxx::row& row :
       tx.Exec(sql::kListProgramsWithDueAudienceAwards, postgres::FormatTimestamp(now), limit)) {
    keys.push_back(row[0].as<int32_t>());
  }
  return keys;
}

absl::Time NextAudienceAwardTime(Transaction& tx, int32_t program_key) {
  return postgres::ParseTimestamp(tx.Exec(sql::kGetNextAudienceAwardTime, program_key)[0][0].c_str());
}

std::optional<DueAudienceAward> FindDueAudienceAward(Transaction& tx, int32_t program_key, absl::Time now) {
  const pqxx::result rows = tx.Exec(sql::kGetDueAudienceAward, program_key, postgres::FormatTimestamp(now));
  if (rows.empty()) return std::nullopt;
  return DueAudienceAward{rows[0]["program_id"].c_str(), ReadAward(rows[0])};
}

void AwaitMembers(Transaction& tx, int32_t program_key) { tx.Exec(sql::kAwaitMembers, program_key); }

absl::StatusOr<std::vector<Reached>> ReadAudience(postgres::Pool& pool, MemberStore& members,
                                                  const std::string& program_id, int32_t program_key,
                                                  const std::string& award_id, const Audience& audience,
                                                  absl::Time time, int64_t after, int limit) {
  std::vector<Reached> page;
  std::vector<std::string> ids;
  LOYALTY_RETURN_IF_ERROR(pool.Read([&](Transaction& tx) {
    page.clear();
    ids.clear();
    for (const pqxx::row& row : tx.Exec(sql::kListListeners, program_key, after, limit,
                                        RequestPrefix(award_id), !award_id.empty())) {
      page.push_back(
          {row["account_id"].as<int64_t>(), row["holder_id"].as<int64_t>(), row["member_id"].c_str()});
      ids.push_back(page.back().member_id);
    }
    return absl::OkStatus();
  }));
  if (page.empty()) return page;
  const absl::StatusOr<std::vector<MemberView>> views = members.ViewAll(program_id, ids);
  LOYALTY_RETURN_IF_ERROR(views.status());
  absl::flat_hash_map<absl::string_view, const MemberView*> by_id;
  for (const MemberView& view : *views) by_id[view.member.id] = &view;
  absl::flat_hash_set<absl::string_view> seen;
  for (Reached& reached : page) {
    const auto found = by_id.find(reached.member_id);
    reached.meant = found != by_id.end() && seen.insert(reached.member_id).second &&
                    IsMeant(*found->second, audience, time);
  }
  return page;
}

bool WasGivenBeforeMerging(Transaction& tx, int32_t program_key, const std::string& award_id,
                           std::span<const int64_t> accounts) {
  postgres::BigintArray holders;
  for (const int64_t account : accounts) holders.Add(account);
  return !tx.Exec(sql::kFindGivenBeforeMerging, program_key, holders.Finish(), RequestPrefix(award_id))
              .empty();
}

}  // namespace loyalty::points
