#include "services/membership/storage/membership_store.h"

#include <absl/strings/str_cat.h>

#include "common/postgres/values.h"
#include "membership_sql.h"
#include "services/membership/domain/reason.h"
#include "services/membership/storage/invoice_store.h"
#include "services/membership/storage/plan_store.h"

namespace loyalty::membership {
namespace {

using postgres::FormatTimestamp;
using postgres::Transaction;

absl::Time TimeOf(const pqxx::row& row, const char* column) {
  return postgres::ParseTimestamp(row[column].c_str());
}

Membership ReadMembership(const pqxx::row& row) {
  Membership m;
  m.id = row["membership_id"].as<int64_t>();
  m.member_id = row["member_id"].c_str();
  m.plan_id = row["plan_id"].c_str();
  m.state = static_cast<State>(row["state"].as<int>());
  m.currency_code = row["currency_code"].c_str();
  m.price_minor = row["price_minor"].as<int64_t>();
  m.payment_method = row["payment_method"].c_str();
  m.create_time = TimeOf(row, "create_time");
  m.start_time = TimeOf(row, "start_time");
  m.anchor_time = TimeOf(row, "anchor_time");
  m.period_index = row["period_index"].as<int64_t>();
  m.period_start = TimeOf(row, "period_start");
  m.period_end = TimeOf(row, "period_end");
  m.trial_end = TimeOf(row, "trial_end");
  m.cancel_time = TimeOf(row, "cancel_time");
  m.cancel_cause = static_cast<CancelCause>(row["cancel_cause"].as<int>());
  m.cancel_reason = row["cancel_reason"].c_str();
  m.dunning_start = TimeOf(row, "dunning_start");
  m.retries = row["retries"].as<int>();
  m.in_arrears = row["in_arrears"].as<bool>();
  m.end_time = TimeOf(row, "end_time");
  m.history_count = row["history_count"].as<int64_t>();
  m.label_count = row["label_count"].as<int64_t>();
  m.next_due_time = TimeOf(row, "next_due_time");
  return m;
}

std::vector<Membership> ReadMemberships(const pqxx::result& rows) {
  std::vector<Membership> memberships;
  memberships.reserve(rows.size());
  for (const pqxx::row& row : rows) memberships.push_back(ReadMembership(row));
  return memberships;
}

// With its plan, and the invoices that may change.
absl::StatusOr<MembershipRecord> Complete(Transaction& tx, int32_t program_key, absl::TimeZone zone,
                                          Membership membership, int64_t invoice_number) {
  absl::StatusOr<Plan> plan = LoadPlan(tx, program_key, membership.plan_id);
  LOYALTY_RETURN_IF_ERROR(plan.status());
  std::vector<Invoice> invoices = LoadOpenInvoices(tx, program_key, membership.id, invoice_number);
  return MembershipRecord(*std::move(plan), zone, std::move(membership), std::move(invoices));
}

absl::StatusOr<std::vector<MembershipRecord>> CompleteAll(Transaction& tx, int32_t program_key,
                                                          absl::TimeZone zone, const pqxx::result& rows) {
  std::vector<MembershipRecord> records;
  for (const pqxx::row& row : rows) {
    auto record = Complete(tx, program_key, zone, ReadMembership(row), 0);
    LOYALTY_RETURN_IF_ERROR(record.status());
    records.push_back(*std::move(record));
  }
  return records;
}

void InsertHistory(Transaction& tx, int32_t program_key, const MembershipRecord& record) {
  if (record.history().empty()) return;
  postgres::BigintArray sequences, transitions, from, to;
  postgres::TimestamptzArray occurred, recorded;
  postgres::TextArray actors, reasons;
  for (const HistoryEntry& entry : record.history()) {
    sequences.Add(entry.sequence);
    transitions.Add(static_cast<int64_t>(entry.transition));
    from.Add(entry.from ? static_cast<int64_t>(*entry.from) : 0);
    to.Add(static_cast<int64_t>(entry.to));
    occurred.Add(entry.occurred_time);
    recorded.Add(entry.recorded_time);
    actors.Add(entry.actor);
    reasons.Add(entry.reason);
  }
  tx.Exec(sql::kInsertHistory, program_key, record.membership().id, sequences.Finish(), transitions.Finish(),
          from.Finish(), to.Finish(), occurred.Finish(), recorded.Finish(), actors.Finish(),
          reasons.Finish());
}

postgres::BigintArray ToArray(const std::vector<State>& states) {
  postgres::BigintArray array;
  for (const State state : states) array.Add(static_cast<int64_t>(state));
  return array;
}

}  // namespace

absl::Status MembershipNotFound(int64_t membership_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kMembershipNotFound,
                absl::StrCat("There is no membership ", membership_id, "."),
                {{"membership_id", absl::StrCat(membership_id)}});
}

Subscription FindSubscription(Transaction& tx, int32_t program_key, const std::string& member_id,
                              const std::string& plan_id) {
  const pqxx::row row = tx.Exec(sql::kFindSubscription, program_key, member_id, plan_id)[0];
  Subscription found;
  if (!row["living"].is_null()) found.living = row["living"].as<int64_t>();
  found.any = row["any"].as<bool>();
  return found;
}

absl::StatusOr<MembershipRecord> LoadRecord(Transaction& tx, int32_t program_key, absl::TimeZone zone,
                                            int64_t membership_id, int64_t invoice_number) {
  const pqxx::result rows = tx.Exec(sql::kLockMembership, program_key, membership_id);
  if (rows.empty()) return MembershipNotFound(membership_id);
  return Complete(tx, program_key, zone, ReadMembership(rows[0]), invoice_number);
}

bool InsertRecord(Transaction& tx, int32_t program_key, MembershipRecord& record) {
  const Membership& m = record.membership();
  const pqxx::result made =
      tx.Exec(sql::kInsertMembership, program_key, m.member_id, m.plan_id, static_cast<int>(m.state),
              m.currency_code, m.price_minor, m.payment_method, FormatTimestamp(m.create_time),
              FormatTimestamp(m.start_time), FormatTimestamp(m.anchor_time), m.period_index,
              FormatTimestamp(m.period_start), FormatTimestamp(m.period_end), FormatTimestamp(m.trial_end),
              FormatTimestamp(m.cancel_time), static_cast<int>(m.cancel_cause), m.cancel_reason,
              FormatTimestamp(m.dunning_start), m.retries, m.in_arrears, FormatTimestamp(m.end_time),
              m.history_count, m.label_count, FormatTimestamp(m.next_due_time));
  if (made.empty()) return false;
  record.SetId(made[0]["membership_id"].as<int64_t>());
  InsertHistory(tx, program_key, record);
  SaveInvoices(tx, program_key, record);
  return true;
}

void SaveRecord(Transaction& tx, int32_t program_key, MembershipRecord& record) {
  const Membership& m = record.membership();
  tx.Exec(sql::kUpdateMembership, program_key, m.id, static_cast<int>(m.state), m.payment_method,
          FormatTimestamp(m.start_time), FormatTimestamp(m.anchor_time), m.period_index,
          FormatTimestamp(m.period_start), FormatTimestamp(m.period_end), FormatTimestamp(m.cancel_time),
          static_cast<int>(m.cancel_cause), m.cancel_reason, FormatTimestamp(m.dunning_start), m.retries,
          m.in_arrears, FormatTimestamp(m.end_time), m.history_count, m.label_count,
          FormatTimestamp(m.next_due_time));
  InsertHistory(tx, program_key, record);
  SaveInvoices(tx, program_key, record);
}

absl::StatusOr<std::vector<MembershipRecord>> TakeDue(Transaction& tx, int32_t program_key,
                                                      absl::TimeZone zone, absl::Time now, int limit) {
  return CompleteAll(tx, program_key, zone, tx.Exec(sql::kTakeDue, program_key, FormatTimestamp(now), limit));
}

absl::Time NextDue(Transaction& tx, int32_t program_key) {
  return TimeOf(tx.Exec(sql::kNextDue, program_key)[0], "next_due_time");
}

void Postpone(Transaction& tx, int32_t program_key, int64_t membership_id, absl::Time until) {
  tx.Exec(sql::kPostponeMembership, program_key, membership_id, FormatTimestamp(until));
}

std::vector<int32_t> ProgramsWithDueMemberships(Transaction& tx, absl::Time now, int limit) {
  std::vector<int32_t> programs;
  for (const pqxx::row& row : tx.Exec(sql::kProgramsWithDueMemberships, FormatTimestamp(now), limit))
    programs.push_back(row["program_key"].as<int32_t>());
  return programs;
}

absl::StatusOr<std::vector<MembershipRecord>> LockLiving(Transaction& tx, int32_t program_key,
                                                         absl::TimeZone zone, const std::string& member_id) {
  return CompleteAll(tx, program_key, zone, tx.Exec(sql::kLockLiving, program_key, member_id));
}

std::vector<Grant> FindGrants(Transaction& tx, int32_t program_key, const std::string& member_id,
                              const std::string& benefit_id) {
  std::vector<Grant> grants;
  for (const pqxx::row& row : tx.Exec(sql::kFindGrants, program_key, member_id, benefit_id)) {
    Grant& grant = grants.emplace_back();
    grant.membership = ReadMembership(row);
    grant.plan.id = grant.membership.plan_id;
    grant.plan.billing = {static_cast<BillingKind>(row["billing_kind"].as<int>()),
                          row["billing_count"].as<int>()};
    grant.plan.dunning.benefits_in_grace = row["benefits_in_grace"].as<bool>();
    grant.benefit = {benefit_id,
                     static_cast<BenefitKind>(row["kind"].as<int>()),
                     row["quota"].as<int64_t>(),
                     row["numerator"].as<int>(),
                     row["denominator"].as<int>(),
                     row["points"].as<int64_t>()};
    grant.used = row["used"].as<int64_t>();
  }
  return grants;
}

std::optional<int64_t> UseQuota(Transaction& tx, int32_t program_key, const Grant& grant, int64_t count) {
  const pqxx::result rows = tx.Exec(sql::kUseBenefit, program_key, grant.membership.id, grant.benefit.id,
                                    grant.membership.period_index, count, grant.benefit.quota);
  if (rows.empty()) return std::nullopt;
  return grant.benefit.quota - rows[0]["used"].as<int64_t>();
}

absl::StatusOr<Membership> GetMembership(Transaction& tx, int32_t program_key, int64_t membership_id) {
  const pqxx::result rows = tx.Exec(sql::kGetMembership, program_key, membership_id);
  if (rows.empty()) return MembershipNotFound(membership_id);
  return ReadMembership(rows[0]);
}

std::vector<HistoryEntry> ListHistory(Transaction& tx, int32_t program_key, int64_t membership_id,
                                      int limit) {
  std::vector<HistoryEntry> history;
  for (const pqxx::row& row : tx.Exec(sql::kListHistory, program_key, membership_id, limit)) {
    HistoryEntry& entry = history.emplace_back();
    entry.sequence = row["sequence"].as<int64_t>();
    entry.transition = static_cast<Transition>(row["transition"].as<int>());
    if (const int from = row["from_state"].as<int>(); from != 0) entry.from = static_cast<State>(from);
    entry.to = static_cast<State>(row["to_state"].as<int>());
    entry.occurred_time = TimeOf(row, "occurred_time");
    entry.recorded_time = TimeOf(row, "recorded_time");
    entry.actor = row["actor"].c_str();
    entry.reason = row["reason"].c_str();
  }
  return history;
}

std::vector<Membership> ListMemberships(Transaction& tx, int32_t program_key, const MembershipFilter& filter,
                                        int64_t before, int limit) {
  const pqxx::binarystring states = ToArray(filter.states).Finish();
  if (!filter.member_id.empty()) {
    return ReadMemberships(tx.Exec(sql::kListMembershipsOfMember, program_key, filter.member_id, before,
                                   filter.plan_id, states, limit));
  }
  if (!filter.plan_id.empty()) {
    return ReadMemberships(
        tx.Exec(sql::kListMembershipsOfPlan, program_key, filter.plan_id, before, states, limit));
  }
  return ReadMemberships(tx.Exec(sql::kListMemberships, program_key, before, states, limit));
}

}  // namespace loyalty::membership
