#include "services/referral/storage/referral_store.h"

#include "common/postgres/values.h"
#include "referral_sql.h"
#include "services/referral/storage/rows.h"

namespace loyalty::referral {

using postgres::FormatTimestamp;

bool ReferralStore::LockBuyer(const std::string& member_id) {
  const pqxx::result rows = tx_.Exec(sql::kLockMember, program_key_, member_id);
  return postgres::ParseTimestamp(rows[0]["first_purchase_time"].c_str()) < absl::InfiniteFuture();
}

void ReferralStore::NotePurchase(const std::string& member_id, absl::Time purchase_time) {
  tx_.Exec(sql::kRecordFirstPurchase, program_key_, member_id, FormatTimestamp(purchase_time));
}

bool ReferralStore::Insert(Referral& claim, const Context& context) {
  const pqxx::result rows = tx_.Exec(sql::kInsertReferral, program_key_, claim.campaign_id,
                                     claim.campaign_version, claim.code, claim.referrer_id, claim.friend_id,
                                     FormatTimestamp(claim.claim_time), FormatTimestamp(claim.expire_time));
  if (rows.empty()) return false;
  claim.id = rows[0]["referral_id"].as<int64_t>();
  tx_.Exec(sql::kCountClaim, program_key_, claim.campaign_id, claim.referrer_id);
  InsertTransitions(claim.id, {{1, claim.state, StateReason::kCodeUsed, context.now, context.actor}});
  return true;
}

std::optional<Case> ReferralStore::Lock(int64_t referral_id) {
  const pqxx::result rows = tx_.Exec(sql::kLockReferral, program_key_, referral_id);
  if (rows.empty()) return std::nullopt;
  Case found{ReadTerms(rows[0]), ReadReferral(rows[0]), {}};
  const std::string &campaign = found.referral.campaign_id, &referrer = found.referral.referrer_id;
  found.referrer = ReadReferrer(tx_.Exec(sql::kLockReferrer, program_key_, campaign, referrer)[0]);
  for (const pqxx::row& row : tx_.Exec(sql::kListStandingMilestones, program_key_, campaign, referrer)) {
    found.referrer.milestones.push_back({row["referrals"].as<int64_t>(), row["points"].as<int64_t>(),
                                         row["referral_id"].as<int64_t>(),
                                         postgres::ParseTimestamp(row["reach_time"].c_str())});
  }
  return found;
}

std::optional<Case> ReferralStore::LockByFriend(const std::string& friend_id) {
  const pqxx::result rows = tx_.Exec(sql::kFindReferralOfFriend, program_key_, friend_id);
  if (rows.empty()) return std::nullopt;
  return Lock(rows[0]["referral_id"].as<int64_t>());
}

std::optional<Case> ReferralStore::LockByOrder(const std::string& order_id) {
  const std::optional<int64_t> id = FindByOrder(order_id);
  if (!id) return std::nullopt;
  return Lock(*id);
}

std::optional<int64_t> ReferralStore::FindByOrder(const std::string& order_id) {
  const pqxx::result rows = tx_.Exec(sql::kFindReferralOfOrder, program_key_, order_id);
  if (rows.empty()) return std::nullopt;
  return rows[0]["referral_id"].as<int64_t>();
}

void ReferralStore::Save(const Case& of, const Decision& decision, const Context& context) {
  if (!decision.changed) return;
  const Referral& r = of.referral;
  tx_.Exec(sql::kUpdateReferral, program_key_, r.id, static_cast<int>(r.state), FormatOptional(DueTime(r)),
           FormatOptional(r.sign_up_time), FormatOptional(r.qualify_time), FormatOptional(r.hold_until_time),
           FormatOptional(r.reward_time), r.ordinal, r.order_id, r.order_amount_minor, r.friend_points,
           r.referrer_points, static_cast<int>(r.cap), r.returned_share.returned, r.returned_share.total,
           r.friend_awarded, r.referrer_awarded, StandingReferrerAward(r), r.transition_count);
  const Referrer& referrer = of.referrer;
  tx_.Exec(sql::kUpdateReferrer, program_key_, referrer.campaign_id, referrer.member_id, referrer.qualified,
           referrer.rewarded, referrer.paying, referrer.promised_points, referrer.awarded_points,
           MonthsToJson(referrer.paying_by_month));
  InsertTransitions(r.id, decision.transitions);
  for (const ReachedMilestone& reached : decision.reached) {
    tx_.Exec(sql::kInsertMilestone, program_key_, reached.referral_id, reached.referrals,
             referrer.campaign_id, referrer.member_id, reached.points, FormatTimestamp(reached.reach_time));
  }
  for (const ReachedMilestone& fallen : decision.fallen) {
    tx_.Exec(sql::kFellMilestone, program_key_, fallen.referral_id, fallen.referrals,
             FormatTimestamp(context.now));
  }
}

void ReferralStore::InsertTransitions(int64_t referral_id, const std::vector<Transition>& transitions) {
  if (transitions.empty()) return;
  postgres::BigintArray sequences, states, reasons;
  for (const Transition& transition : transitions) {
    sequences.Add(transition.sequence);
    states.Add(static_cast<int64_t>(transition.state));
    reasons.Add(static_cast<int64_t>(transition.reason));
  }
  tx_.Exec(sql::kInsertTransitions, program_key_, referral_id, sequences.Finish(), states.Finish(),
           reasons.Finish(), FormatTimestamp(transitions.front().time), transitions.front().actor);
}

std::vector<int64_t> ReferralStore::ListDue(absl::Time now, int limit) {
  std::vector<int64_t> ids;
  for (const pqxx::row& row : tx_.Exec(sql::kListDueReferrals, program_key_, FormatTimestamp(now), limit)) {
    ids.push_back(row["referral_id"].as<int64_t>());
  }
  return ids;
}

std::optional<absl::Time> ReferralStore::NextDue() {
  const pqxx::result rows = tx_.Exec(sql::kGetNextDueTime, program_key_);
  if (rows[0]["due_time"].is_null()) return std::nullopt;
  return postgres::ParseTimestamp(rows[0]["due_time"].c_str());
}

std::vector<int32_t> ProgramsWithDueReferrals(postgres::Transaction& tx, absl::Time now, int limit) {
  std::vector<int32_t> keys;
  for (const pqxx::row& row : tx.Exec(sql::kListProgramsWithDueReferrals, FormatTimestamp(now), limit)) {
    keys.push_back(row["program_key"].as<int32_t>());
  }
  return keys;
}

}  // namespace loyalty::referral
